"""Models in order: who fails rests, who costs too much is passed over, and a change is told once."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, closing
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

import anyio
import pytest
from trio.testing import MockClock

from voiceos.config.settings import EndpointSettings
from voiceos.core import OWNER, Action, Outcome, Part, Recalled, Transcript, Turn
from voiceos.errors import MindError, StoreError
from voiceos.mind.ladder import Ladder, Rung
from voiceos.mind.metering import Metering
from voiceos.mind.open_questions import OpenQuestions
from voiceos.mind.remembering import RememberingMind
from voiceos.mind.sending import SendingMind
from voiceos.store.database import Connection, open_database
from voiceos.store.usage import Usage, days_since

pytestmark = pytest.mark.anyio
NOW = datetime(2027, 3, 31, 23, 50)


@pytest.fixture
def anyio_backend() -> Any:
    return ("trio", {"clock": MockClock(autojump_threshold=0)})


class Model:
    """Answers with its name, after some seconds, while it works."""

    def __init__(self, name: str, *, works: bool = True, seconds: float = 0.0) -> None:
        self.name, self.works, self.seconds = name, works, seconds
        self.asked = list[str]()

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        self.asked.append(turn.words)
        await anyio.sleep(self.seconds)
        if not self.works:
            raise MindError(f"{self.name} does not answer.")
        yield Part(f"{self.name}.")


async def said(
    mind: Any,
    text: str = "Hello.",
    conversation: str = "c",
    *,
    commits: bool = True,
    who: str = OWNER,
    questions: OpenQuestions | None = None,
) -> str:
    turn, reply = Turn("t", conversation, who=who, transcript=Transcript(text), outcome=Outcome.ANSWERED), ""
    async with aclosing(mind.reply(turn)) as parts:
        async for part in parts:
            if isinstance(part, Action) and not commits:
                break
            reply += await part.do() if isinstance(part, Action) else part.text
    if questions and commits:
        questions.ended(turn)
    return reply


async def test_a_rung_that_fails_rests_and_then_gets_one_try() -> None:
    cloud, here = Model("Cloud", works=False, seconds=4.0), Model("Here")
    ladder = Ladder([Rung(cloud, "cloud.example"), Rung(here, "this device")])
    assert await said(ladder, commits=False) == "Here."
    told = "Here. By the way, the language model at cloud.example isn't answering, so the one at this device did."
    assert await said(ladder) == told
    began = anyio.current_time()
    assert [await said(ladder) for _ in range(5)] == ["Here."] * 5
    assert (len(cloud.asked), anyio.current_time()) == (2, began)
    await anyio.sleep(30)
    await said(ladder)
    assert len(cloud.asked) == 3
    await anyio.sleep(30)  # it rests twice as long now
    await said(ladder)
    assert len(cloud.asked) == 3
    cloud.works = True
    await anyio.sleep(60)
    assert await said(ladder) == "Cloud. By the way, the language model at cloud.example is answering again."
    assert await said(ladder) == "Cloud."


async def test_a_reply_that_breaks_off_is_not_begun_again_elsewhere() -> None:
    class Breaks(Model):
        async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
            yield Part("It is ")
            raise MindError("x")

    here = Model("Here")
    with pytest.raises(MindError):
        await said(Ladder([Rung(Breaks("Cloud"), "cloud"), Rung(here, "here")]))
    assert here.asked == []


async def test_where_none_answers_that_is_said() -> None:
    ladder = Ladder([Rung(Model("Cloud", works=False), "cloud"), Rung(Model("Here", works=False), "here")])
    with pytest.raises(MindError, match=r"Cloud does not answer\.") as failure:
        await said(ladder)
    assert "still work" in failure.value.spoken


class Store:
    def __init__(self, db: Connection) -> None:
        self.db, self.broken = db, False

    async def __call__(self, work: Any) -> Any:
        if self.broken:
            raise StoreError("The disk is full.")
        return work(self.db)


LIMITS: Sequence[tuple[dict[str, float], bool, bool]] = [
    ({}, True, True),
    ({"tokens_a_day": 1000}, False, True),
    ({"tokens_a_month": 1000}, False, True),
    ({"tokens_a_month": 2000}, True, True),
    ({"money_a_day": 0.01, "price_read": 10, "price_made": 10}, False, True),
    ({"money_a_month": 0.02, "price_read": 10, "price_made": 10}, True, True),
]


@pytest.mark.parametrize(("limits", "today", "tomorrow"), LIMITS)
async def test_a_budget_of_a_day_or_a_month(
    tmp_path: Path, limits: dict[str, float], today: bool, tomorrow: bool
) -> None:
    now = [NOW]
    with closing(open_database(tmp_path / "m.db")) as db:
        metering = Metering(Store(db), "cloud.example", "m", EndpointSettings.model_validate(limits), lambda: now[0])
        metering.note(Usage(1, 800, 200, memories=2))
        assert await metering.within_budget() is today
        now[0] = datetime(2027, 4, 1, 0, 5)
        assert await metering.within_budget() is tomorrow


async def test_what_left_is_kept_by_day_even_where_it_could_not_be_written_at_once(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "m.db")) as db:
        store = Store(db)
        metering = Metering(store, "cloud.example", "m", EndpointSettings(price_made=2, tokens_a_day=5000), lambda: NOW)
        store.broken = True
        metering.note(Usage(1, 800, 200, memories=2))
        await metering.flush()
        assert not await metering.within_budget()
        store.broken = False
        metering.note(Usage(1, 100, 50, results=1))
        await metering.flush()
        (day,) = days_since(db, NOW.date())
    assert (day.endpoint, day.usage) == ("cloud.example", Usage(2, 900, 250, 2, 1, 0.0005))


class Recalls(Model):
    """A model whose replies need memories where a question is about me."""

    async def recalls(self, turn: Turn) -> bool:
        return "my" in turn.words

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        turn.recalled = [Recalled("passage:1", "secret")]
        async with aclosing(super().reply(turn)) as parts:
            async for part in parts:
                yield part


async def test_memories_leave_only_after_a_yes_in_the_conversation() -> None:
    sending, keeping = Recalls("Sent"), Model("Kept")
    questions = OpenQuestions()
    mind = SendingMind(cast(RememberingMind, sending), keeping, "cloud.example", questions)
    tell = partial(said, mind, questions=questions)
    question = "May I send what I remember about this to cloud.example?"
    assert await tell("How high is it?") == "Kept."
    assert await tell("Where is my key?") == question
    assert await tell("What?") == "Kept."
    assert await tell("Yes.") == "Kept."
    assert await tell("Where is my key?") == question
    assert await tell("Yes.", who="guest") == "Kept."
    assert await tell("Yes.", commits=False) == ""
    assert sending.asked == []
    assert await tell("Yes.") == "Sent."
    assert await tell("And my coat?") == "Sent."
    assert sending.asked == ["Where is my key?", "And my coat?"]
    assert await tell("Where is my hat?", "another") == question
    assert await tell("No.", "another") == "Alright, without it then. Kept."
    assert keeping.asked[-1] == "Where is my hat?"
