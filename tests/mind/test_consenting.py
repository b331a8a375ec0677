"""A yes is for what was asked last, in this room, of this person, in time; and so is what a server wants to know."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from tests.tools.conftest import Room
from voiceos.config.settings import Config
from voiceos.core import OWNER, Action, Outcome, Part, Recalled, Transcript, Turn
from voiceos.mind.consenting import Consenting
from voiceos.mind.open_questions import YES, OpenQuestions
from voiceos.mind.router import Router
from voiceos.mind.using import Used, Using
from voiceos.skills.registry import skills
from voiceos.skills.skill import Question, Workshop
from voiceos.store.acts import receipts
from voiceos.store.database import Connection
from voiceos.tools.mcp.questions import Questions
from voiceos.tools.tool import Call

pytestmark = pytest.mark.anyio
EVE = "eve@other.example"
MAIL, PAY, MORE = "Mail the minutes to Eve", "Pay Bob what he is owed", "Pay Bob more"
WANTED = {
    MAIL: ("mail.send", {"to": [EVE], "body": "The minutes"}),
    PAY: ("bank.pay", {"recipient": "Bob", "amount": 20}),
    MORE: ("bank.pay", {"recipient": "Bob", "amount": 33}),
}
SEEN = f"Eve is at {EVE}, and Bob is owed 20."
OTHER = "(the model)"
LATER, GUEST, BEDROOM = {"after": 61}, {"who": "guest"}, {"device": "bedroom"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Home:
    """All skills, the owner's gate, and a model that wants a call for `WANTED` words."""

    def __init__(self, db: Connection) -> None:
        self.room = Room(db)
        self.servers = Questions()
        self.told: list[tuple[str, Callable[[], object]]] = []
        self.count = 0
        self.start()

    def start(self) -> None:
        """As after a restart."""
        gate, self.questions = self.room.another_gate(), OpenQuestions(self._now)
        self.consenting = Consenting(gate, Using(self.room, gate), self.questions, self.servers, now=self._now)
        workshop = Workshop(Config(), self.room.db, now=self._now)
        made = [*skills(workshop), self.consenting.skill]
        self.router = Router(made, workshop, now=self._now, questions=self.questions)

    def _now(self) -> datetime:
        return self.room.now

    @asynccontextmanager
    async def running(self, *, has_voice: bool = True) -> AsyncGenerator[None]:
        def tell(said: str, heard: Callable[[], object]) -> None:
            self.told.append((said, heard))

        async with self.consenting.running(tell, lambda: has_voice):
            yield

    async def model(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        if turn.words not in WANTED:
            yield Part(OTHER)
            return
        turn.recalled = [Recalled("record:1", SEEN, 1)]
        tool, arguments = WANTED[turn.words]
        yield Action(lambda: self.consenting.using.call(Call(self.room.every[tool], arguments), Used(turn)))

    async def __call__(self, words: str, *, device: str = "kitchen", who: str = OWNER, after: float = 5) -> str:
        self.count += 1
        self.room.now += timedelta(seconds=after)
        turn = Turn(f"t{self.count}", "c", who=who, device=device, transcript=Transcript(words))
        async with aclosing(self.router.reply(turn, self.model)) as parts:
            async for part in parts:
                turn.reply += await part.do() if isinstance(part, Action) else part.text
        turn.outcome = Outcome.ANSWERED if words else Outcome.NOTHING_HEARD
        self.router.ended(turn)
        for _ in range(5):
            await checkpoint()
        return turn.reply


@pytest.fixture
def home(db: Connection) -> Home:
    return Home(db)


Said = tuple[str, dict[str, Any]] | str


@pytest.mark.parametrize(
    ("said", "made"),
    [
        ((MAIL, "Yes, please."), ["mail.send"]),
        ((MAIL, "yes, always"), ["mail.send"]),
        ((MAIL, "Yes.", "Yes."), ["mail.send"]),  # once
        ((MAIL, "No.", "Yes."), []),
        ((MAIL, ("Yes.", LATER)), []),
        ((MAIL, ("Yes.", GUEST)), []),
        ((MAIL, ("Yes.", BEDROOM)), []),
        ((MAIL, ("What a day!", BEDROOM), ("Hi.", GUEST), "Yes."), ["mail.send"]),  # who else speaks answers nothing
        ((MAIL, "", "Yes."), ["mail.send"]),  # a cough
        ((MAIL, "yes it will rain tomorrow", "Yes."), []),
        ((MAIL, "Set a timer.", "Yes.", "five minutes", "Yes."), []),
        ((MAIL, PAY, "Yes.", "Yes."), ["bank.pay"]),  # the one that was asked last
        ((MAIL, "Clear my shopping list.", "Yes."), []),
        (("Set a timer.", MAIL, "Yes."), ["mail.send"]),
        (("Yes.",), []),
    ],
)
async def test_a_yes_is_for_what_was_asked_last(home: Home, said: Sequence[Said], made: Sequence[str]) -> None:
    async with home.running():
        for one in said:
            await (home(one) if isinstance(one, str) else home(one[0], **one[1]))
    assert [name for name, _ in home.room.made] == made
    assert [one.act for one in receipts(home.room.db) if one.rule == "owner's yes"] == made


async def test_a_no_to_the_model_is_no_courtesy(home: Home) -> None:
    assert await home("No.") == "All right."
    for wanted, reply in ((YES, OTHER), ("answer", "All right.")):
        home.questions.ask(Question("mind.asks", wanted), Turn("t0", "c", device="kitchen"))
        assert await home("No.") == reply


async def test_what_comes_of_it_is_said(home: Home) -> None:
    assert (await home(MAIL)).startswith(f"Shall I use send with to {EVE}")
    assert await home("Yes.") == "mail.send was done."
    assert (await home(MORE)).endswith("You didn't say 33.")
    assert (await home("Yes, always.")).startswith("bank.pay was done. You didn't say all of that yourself")
    await home(MAIL)
    assert await home("No.") == "All right, I didn't."
    assert await home("Yes.") == "Yes to what?"


async def test_nothing_is_done_before_the_turn_is_committed(home: Home) -> None:
    await home(MAIL)
    turn = Turn("t9", "c", device="kitchen", transcript=Transcript("Yes."))
    async with aclosing(home.router.reply(turn, home.model)) as parts:
        assert isinstance(await anext(parts), Action)
    assert home.room.made == []


@pytest.mark.parametrize(("before", "after", "made"), [((), 5, 1), ((), 61, 0), (("What time is it?",), 5, 0)])
async def test_a_question_survives_a_restart(home: Home, before: Sequence[str], after: float, made: int) -> None:
    async with home.running():
        for words in (MAIL, *before):
            await home(words)
    home.start()
    async with home.running():
        await home("Yes.", after=after)
    assert len(home.room.made) == made


async def test_a_doubt_is_told_until_it_is_heard(home: Home) -> None:
    async def crash(arguments: object) -> Any:
        raise KeyboardInterrupt

    delete = home.room.every["files.delete"]
    home.room.says("Delete draft.txt")
    object.__setattr__(delete, "run", crash)
    with pytest.raises(KeyboardInterrupt):
        await home.room.wants("files.delete", file_id="draft.txt")
    for heard in (False, True, None):
        home.start()
        home.told.clear()
        async with home.running():
            assert [said[:30] for said, _ in home.told] == ["I was cut off while I used del"] * (heard is not None)
            if heard:
                home.told[0][1]()
                await anyio.wait_all_tasks_blocked()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ([("my sister", {"device": ""})], {"name": "my sister"}),
        ([("my sister", {})], None),  # in another room
        ([("my sister", {"device": "", "who": "guest"})], None),
        ([("my sister", {"device": "", "after": 121})], None),
        ([("No.", {"device": ""})], None),
        ([("Set a timer for ten minutes.", {"device": ""}), ("my sister", {"device": ""})], {"name": "my sister"}),
    ],
)
async def test_what_a_server_asks_is_answered_where_it_sounded(
    home: Home, said: Sequence[tuple[str, dict[str, Any]]], told: object
) -> None:
    form = {"properties": {"name": {"type": "string"}}, "required": ["name"]}
    answers = list[object]()

    async def ask() -> None:
        answers.append(await home.servers.ask("mail", "Who is it for?", form))

    async with home.running(), anyio.create_task_group() as tasks:
        tasks.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        ((question, heard),) = home.told
        assert question == "By the way, the mail tool asks: Who is it for? What is the name?"
        assert await home("my brother", device="") == OTHER  # it has not sounded yet
        heard()
        replies = [await home(words, **how) for words, how in said]
        await anyio.wait_all_tasks_blocked()
        assert ("passed that on" in replies[-1]) == bool(answers)
        tasks.cancel_scope.cancel()
    assert answers == ([told] if told or said[0][0] == "No." else [])


async def test_without_a_voice_no_server_is_answered(home: Home) -> None:
    async with home.running(has_voice=False):
        assert await home.servers.ask("mail", "Who is it for?", {}) is None
