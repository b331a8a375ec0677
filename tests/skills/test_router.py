"""Who answers: a waiting question, a skill, or the model; and acts, once, with receipts."""

import gc
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime

import anyio
import pytest

from voiceos.config.settings import Config
from voiceos.core import Action, Part, Transcript, Turn
from voiceos.errors import StoreError
from voiceos.mind import understanding
from voiceos.mind.router import Router
from voiceos.skills.acts import UNDO
from voiceos.skills.by_device import MOST
from voiceos.skills.grammar import Match
from voiceos.skills.skill import Asked, Intent, Pass, Question, Said, Skill, Workshop
from voiceos.store.acts import receipts
from voiceos.store.database import Connection
from voiceos.store.permissions import PATIENCE

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 29, 12).astimezone()


class Kettle:
    """A skill that boils water: it asks how much, and can be empty."""

    def __init__(self) -> None:
        self.boiled: list[str] = []

    @property
    def skill(self) -> Skill:
        return Skill(
            "kettle",
            [
                Intent(
                    "kettle.boil",
                    self._boil,
                    acts=True,
                    slots={"cups": lambda words, _: words.isdigit()},
                    mine=lambda asked: "tea" not in asked.text,
                ),
                Intent("kettle.count", self._count),
            ],
        )

    async def _boil(self, asked: Asked) -> Said:
        if "cups" not in asked.slots:
            return Said("How many cups?", Question("kettle.boil", "cups", asked.slots))
        if asked.slots["cups"] == "0":
            raise StoreError("The kettle is empty.", spoken="The kettle is empty.")
        if asked.slots["cups"] == "8":
            raise Pass
        self.boiled.append(asked.slots["cups"])

        async def undo() -> str:
            return f"I poured {self.boiled.pop()} away."

        undoable = asked.slots["cups"] != "9"
        return Said(f"Boiling {asked.slots['cups']}.", done=dict(asked.slots), undo=undo if undoable else None)

    async def _count(self, asked: Asked) -> Said:
        if "stars" in asked.text:
            raise Pass
        return Said(f"{len(self.boiled)} boiled.")


class Plain:
    """Sentences of the kettle: "boil", "boil 3", "count"."""

    def __init__(self, skills: object) -> None:
        pass

    def warm(self) -> None:
        pass

    def plain(self, text: str) -> str:
        return text.strip(" .")

    def matches(self, text: str, now: datetime, whole: str = "") -> Iterator[Match]:
        what, _, cups = self.plain(text).partition(" ")
        if what in ("boil", "count") and (not cups or cups.isdigit()):
            yield Match(f"kettle.{what}", {"cups": cups} if cups else {})


@pytest.fixture
def kettle(monkeypatch: pytest.MonkeyPatch) -> Kettle:
    monkeypatch.setattr(understanding, "Grammar", Plain)
    return Kettle()


@pytest.fixture
def router(kettle: Kettle, db: Connection) -> Router:
    return Router([kettle.skill], Workshop(Config(), db), now=lambda: NOW)


async def model(turn: Turn) -> AsyncGenerator[Part | Action, None]:
    yield Part("The model speaks.")


def turn(text: str, id: str = "t", device: str = "") -> Turn:
    return Turn(id, "c", device=device, transcript=Transcript(text))


async def hear(router: Router, turn: Turn, *, commit: bool = True) -> str:
    """What is said; `commit` as when the turn has ended."""
    said = ""
    async with aclosing(router.reply(turn, model)) as parts:
        async for part in parts:
            if isinstance(part, Part):
                said += part.text
            elif commit:
                said += await part.do()
    if commit:
        router.ended(turn)
    return said


async def test_a_skill_answers_before_the_model(router: Router) -> None:
    assert await hear(router, turn("count")) == "0 boiled."
    assert await hear(router, turn("hello")) == "The model speaks."


async def test_a_skill_that_cannot_get_ready_is_told_once_and_answers_all_the_same(
    kettle: Kettle, db: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    warmed: list[str] = []

    def fail() -> None:
        raise RuntimeError("no water")

    skills = [replace(kettle.skill, warm=fail), Skill("other", [], warm=lambda: warmed.append("other"))]
    router = Router(skills, Workshop(Config(), db), now=lambda: NOW)
    router.warm()
    router.warm()
    assert [one.getMessage() for one in caplog.records] == [
        "The skill kettle could not get ready. Its first use will take longer: no water"
    ]
    assert warmed == ["other", "other"]
    assert await hear(router, turn("count")) == "0 boiled."


async def test_an_act_waits_for_its_turn_and_leaves_a_receipt(router: Router, kettle: Kettle, db: Connection) -> None:
    assert await hear(router, turn("boil 3", "a"), commit=False) == ""
    assert kettle.boiled == []
    boiling = turn("boil 3", "b")
    assert await hear(router, boiling) == "Boiling 3."
    assert kettle.boiled == ["3"]
    (receipt,) = receipts(db)
    assert (receipt.act, receipt.turn, receipt.done, receipt.arguments) == ("kettle.boil", "b", True, {"cups": "3"})
    assert boiling.receipts == ["kettle.boil"]


async def test_who_goes_on_speaking_has_the_whole_done_and_not_the_half_too(
    router: Router, kettle: Kettle, db: Connection
) -> None:
    await hear(router, turn("boil 3", "a"))
    whole = turn("boil 34", "b")
    whole.took_over = ("a",)
    assert await hear(router, whole) == "Boiling 34."
    assert kettle.boiled == ["34"]
    assert [receipt.act for receipt in receipts(db)] == ["kettle.boil", UNDO, "kettle.boil"]
    await hear(router, turn("boil 5", "c"))
    assert kettle.boiled == ["34", "5"]


async def test_rooms_not_heard_from_for_long_hold_nothing(kettle: Kettle, db: Connection) -> None:
    now = NOW
    router = Router([kettle.skill], Workshop(Config(), db), now=lambda: now)
    of_here = turn("boil 3")
    await hear(router, of_here)
    for number in range(3 * MOST):
        now += 2 * PATIENCE
        for text in ("boil 3", "boil"):
            await hear(router, turn(text, f"{number}", device=f"phone {number}"))
    held = {id(one): one.device for one in gc.get_objects() if isinstance(one, Turn)}
    assert len(set(held.values())) <= MOST
    assert id(of_here) in held


async def gone_on(router: Router, whole: str) -> str:
    """What is said to a whole sentence of which half was done already."""
    await hear(router, turn("boil 3", "a"))
    later = turn(whole, "b")
    later.took_over = ("a",)
    return await hear(router, later)


async def test_a_half_stays_done_where_the_skill_passes_the_whole_on(
    router: Router, kettle: Kettle, db: Connection
) -> None:
    assert await gone_on(router, "boil 8") == "The model speaks."
    assert kettle.boiled == ["3"]
    assert [receipt.act for receipt in receipts(db)] == ["kettle.boil", UNDO, "kettle.boil"]


async def test_a_half_that_is_taken_back_though_the_whole_is_not_done_is_told(router: Router, kettle: Kettle) -> None:
    assert await gone_on(router, "boil") == "I poured 3 away. How many cups?"
    with pytest.raises(StoreError) as failed:
        await gone_on(router, "boil 0")
    assert failed.value.spoken == "I poured 3 away. The kettle is empty."
    assert kettle.boiled == []


async def test_an_act_without_a_receipt_says_that_it_may_be_forgotten(kettle: Kettle, db: Connection) -> None:
    router = Router([kettle.skill], Workshop(Config(), db), now=lambda: NOW)
    db.execute("PRAGMA query_only = ON")
    assert await hear(router, turn("boil 3")) == "Boiling 3. My storage isn't working, so I may forget that."


async def test_a_failed_act_leaves_a_receipt_that_says_so(router: Router, db: Connection) -> None:
    with pytest.raises(StoreError):
        await hear(router, turn("boil 0"))
    (receipt,) = receipts(db)
    assert (receipt.done, receipt.result) == (False, "The kettle is empty.")


async def test_an_act_that_has_begun_is_finished_with_its_receipt(
    router: Router, kettle: Kettle, db: Connection
) -> None:
    with anyio.CancelScope() as speech:
        async with aclosing(router.reply(turn("boil 3"), model)) as parts:
            async for part in parts:
                assert isinstance(part, Action)
                speech.cancel()  # as when somebody speaks over it
                await part.do()
    assert kettle.boiled == ["3"]
    assert [receipt.act for receipt in receipts(db)] == ["kettle.boil"]


async def test_what_is_missing_is_asked_for_and_the_answer_completes_it(router: Router, kettle: Kettle) -> None:
    assert await hear(router, turn("boil")) == "How many cups?"
    assert await hear(router, turn("4")) == "Boiling 4."
    assert await hear(router, turn("5")) == "The model speaks."
    assert kettle.boiled == ["4"]


async def test_an_answer_to_something_else_completes_nothing(router: Router, kettle: Kettle) -> None:
    await hear(router, turn("boil"))
    assert await hear(router, turn("hello")) == "The model speaks."
    assert await hear(router, turn("4")) == "The model speaks."
    assert kettle.boiled == []


async def test_an_answer_from_another_device_completes_nothing(router: Router) -> None:
    await hear(router, turn("boil", device="kitchen"))
    assert await hear(router, turn("4", device="bedroom")) == "The model speaks."
    assert await hear(router, turn("4", device="kitchen")) == "Boiling 4."


async def test_an_answer_of_somebody_else_completes_nothing(router: Router, kettle: Kettle) -> None:
    await hear(router, turn("boil"))
    guest = turn("4")
    guest.who = "guest"
    assert await hear(router, guest) == "The model speaks."
    assert kettle.boiled == []


async def test_an_answer_that_comes_too_late_completes_nothing(kettle: Kettle, db: Connection) -> None:
    now = [NOW]
    router = Router([kettle.skill], Workshop(Config(), db), now=lambda: now[0])
    await hear(router, turn("boil"))
    now[0] += PATIENCE * 1.1
    assert await hear(router, turn("4")) == "The model speaks."


async def test_a_reply_that_is_thrown_away_asks_nothing(router: Router) -> None:
    await hear(router, turn("boil"), commit=False)
    assert await hear(router, turn("4")) == "The model speaks."


@pytest.mark.parametrize("acts", [True, False])
async def test_what_no_skill_takes_is_offered_to_one_before_the_model(
    kettle: Kettle, db: Connection, *, acts: bool
) -> None:
    offered: list[str] = []

    async def offer(asked: Asked) -> Said:
        offered.append(asked.text)
        if asked.text != "tea time":
            raise Pass
        return Said("Cups are on the table.", done={} if acts else None)

    butler = Skill("butler", [Intent("butler.offered", offer, acts)], otherwise="butler.offered")
    router = Router([kettle.skill, butler], Workshop(Config(), db), judge=judge, now=lambda: NOW)
    assert await hear(router, turn("tea time")) == "Cups are on the table."
    assert [one.act for one in receipts(db)] == ["butler.offered"] * acts
    assert await hear(router, turn("hello")) == "The model speaks."
    assert await hear(router, turn("many stars")) == "The model speaks."  # a skill passes it, and so does the butler
    assert await hear(router, turn("count")) == "0 boiled."
    assert offered == ["tea time", "hello", "many stars"]
    if acts:
        assert await hear(router, turn("tea time"), commit=False) == ""
        assert offered == ["tea time", "hello", "many stars"]
    assert len(receipts(db)) == acts


async def test_two_requests_in_one_breath(router: Router, kettle: Kettle) -> None:
    assert await hear(router, turn("boil 3 and count")) == "Boiling 3. 1 boiled."
    assert await hear(router, turn("boil 3 and dance")) == "The model speaks."
    assert kettle.boiled == ["3"]


def judge(text: str) -> list[str]:
    """Thinks of the kettle when it hears of heat or numbers; knows of a stove that is not installed."""
    return {"hot": ["stove.heat", "kettle.boil"], "many": ["kettle.count"], "warm": ["stove.heat"]}.get(
        text[:4].strip(), []
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hot water", "How many cups?"),
        ("boil 3 and many boiled?", "Boiling 3. 1 boiled."),
        ("many boiled, and boil 3", "0 boiled. Boiling 3."),
        ("boil 3 and boil many", "The model speaks."),
        ("many boiled?", "0 boiled."),
        ("count the ways", "The model speaks."),
        ("hot tea", "The model speaks."),  # not what the skill is for
        ("many stars", "The model speaks."),  # what it cannot answer
        ("warm the milk", "The model speaks."),  # not installed
        ("hot " * 100, "The model speaks."),
    ],
)
async def test_a_judge_is_asked_about_what_no_template_has(
    kettle: Kettle, db: Connection, text: str, said: str
) -> None:
    router = Router([kettle.skill], Workshop(Config(), db), judge=judge, now=lambda: NOW)
    assert await hear(router, turn(text)) == said
    assert await hear(router, turn("3")) == ("Boiling 3." if said.startswith("How many") else "The model speaks.")


async def test_an_act_can_be_taken_back(router: Router, kettle: Kettle, db: Connection) -> None:
    workshop = Workshop(Config(), db)
    router = Router([kettle.skill], workshop, now=lambda: NOW)
    await hear(router, turn("boil 3"))
    assert await workshop.undos[""]() == "I poured 3 away."


async def test_an_act_that_cannot_be_taken_back_leaves_nothing_earlier_to_be(kettle: Kettle, db: Connection) -> None:
    workshop = Workshop(Config(), db)
    router = Router([kettle.skill], workshop, now=lambda: NOW)
    await hear(router, turn("boil 3"))
    await hear(router, turn("boil 9"))
    assert "" not in workshop.undos


async def test_without_a_store_an_act_that_needs_none_is_still_done(kettle: Kettle) -> None:
    router = Router([kettle.skill], replace(Workshop(Config()), db=None), now=lambda: NOW)
    with anyio.fail_after(5):
        assert await hear(router, turn("boil 2")) == "Boiling 2."
