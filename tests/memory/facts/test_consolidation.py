"""Quiet hours: a model's claims are held against the words, work stops at once, and goes on where it stopped."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import anyio
import pytest
from trio.testing import MockClock

from voiceos.errors import MindError
from voiceos.memory.facts import learning, lookup
from voiceos.memory.facts.by_model import find_quote, verified, worth_asking
from voiceos.memory.facts.consolidation import SHARE, TASK, consolidate
from voiceos.memory.facts.fact import Origin
from voiceos.memory.facts.learning import upto
from voiceos.memory.facts.subjects import Context
from voiceos.store.database import Connection
from voiceos.store.ledger import Ledger
from voiceos.store.records import OWNER, Kind, Record, Source
from voiceos.store.rows import Kept

pytestmark = pytest.mark.anyio
MORNING = datetime(2025, 5, 3, 9).astimezone()
SayAll = Callable[..., list[Kept]]


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return ("trio", {"clock": MockClock(autojump_threshold=0.1)})


@pytest.fixture
def say(db: Connection) -> SayAll:
    def say(*texts: str, at: datetime = MORNING) -> list[Kept]:
        ledger = Ledger(db, now=lambda: at)
        records = [
            Record(Kind.SAID, f"{at}{n}", text, author=OWNER, at=at + timedelta(minutes=n))
            for n, text in enumerate(texts)
        ]
        ids = ledger.add(Source("voiceos:conversations", "conversations"), records).ids
        kept = [one for one in map(ledger.get, ids) if one]
        for one in kept:
            learning.learn(db, one)
        return kept

    return say


class Scripted:
    """A model that gives these facts for a turn with these words,"""

    def __init__(self, answers: Mapping[str, list[dict[str, Any]]]) -> None:
        self._answers = answers
        self.asked: list[str] = []

    async def __call__(self, text: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append(text)
        return {"facts": next((found for words, found in self._answers.items() if words in text), [])}


def claim(quote: str, predicate: str, thing: str, subject: str = "I", *, negated: bool = False) -> dict[str, Any]:
    return {"quote": quote, "subject": subject, "predicate": predicate, "object": thing, "negated": negated}


CLOCKS = "As for my living, my work is as a watchmaker in Ghent."


async def test_a_claim_that_its_words_bear_out_is_kept(db: Connection, say: SayAll) -> None:
    say(CLOCKS)
    model = Scripted({CLOCKS: [claim("my work is as a watchmaker", "works as", "watchmaker")]})
    await consolidate(db, model)
    (fact,) = lookup.facts_about(db, predicate="works as")
    assert (fact.object, fact.origin, fact.quote) == ("watchmaker", Origin.MODEL, "my work is as a watchmaker")
    assert learning.verify(db) == []


@pytest.mark.parametrize(
    ("text", "item"),
    [
        (CLOCKS, claim("I am a watchmaker", "works as", "watchmaker")),
        (CLOCKS, claim("my work is as a watchmaker", "works as", "plumber")),
        (CLOCKS, claim("my work is as a watchmaker", "works as", "watchmaker", negated=True)),
        (CLOCKS, claim("my work is as a watchmaker", "wears", "watchmaker")),
        (CLOCKS, claim("my work is as a watchmaker", "works as", "watchmaker", "Rosa")),
        ("If my work was as a baker I'd be rich.", claim("my work was as a baker", "works as", "baker")),
        ("My sister, of all people, lives in Porto.", claim("lives in Porto", "lives in", "Porto")),
        ("Back then my home was in Porto.", claim("my home was in Porto", "lives in", "Porto")),
        ("My boss said my home is Porto.", claim("my home is Porto", "lives in", "Porto")),
    ],
)  # fmt: skip
async def test_a_claim_that_is_not_borne_out_is_dropped(text: str, item: dict[str, Any]) -> None:
    assert list(verified(text, MORNING, {"facts": [item]}, Context())) == []


@pytest.mark.parametrize(
    "answer", [{}, {"facts": None}, {"facts": "x"}, {"facts": [1, None, {}]}, {"facts": [{"quote": 3}]}]
)
async def test_a_shapeless_answer_tells_nothing(answer: dict[str, Any]) -> None:
    assert list(verified(CLOCKS, MORNING, answer, Context())) == []


async def test_the_model_is_not_asked_about_questions(db: Connection, say: SayAll) -> None:
    say("What is my sister's name?", "Play some jazz please.", "I wish I had a boat to sail.")
    model = Scripted({})
    await consolidate(db, model)
    assert model.asked == []
    assert not worth_asking("Just kidding, I have seven kids.")


async def test_it_resumes_where_it_stopped(db: Connection, say: SayAll) -> None:
    kept = say("My work is hard to explain to people.")
    first, second = Scripted({}), Scripted({})
    await consolidate(db, first)
    assert upto(db, TASK) == kept[0].id
    say(CLOCKS, at=MORNING + timedelta(hours=1))
    await consolidate(db, second)
    assert len(second.asked) == 1
    assert CLOCKS in second.asked[0]


async def test_it_stops_at_once_when_someone_speaks(db: Connection, say: SayAll) -> None:
    kept = say("My work is hard to explain to people.")
    asked = anyio.Event()

    async def slow(text: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        asked.set()
        await anyio.sleep(30)
        return {}

    began = 0.0
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(consolidate, db, slow)
        await asked.wait()
        began = anyio.current_time()
        tasks.cancel_scope.cancel()
    assert anyio.current_time() - began < 0.05
    assert upto(db, TASK) < kept[0].id  # it is done again


async def test_it_rests_most_of_the_time(db: Connection, say: SayAll) -> None:
    say(*["My work is hard to explain to people."] * 3)

    async def slow(text: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        await anyio.sleep(2)
        return {}

    began = anyio.current_time()
    await consolidate(db, slow)
    assert anyio.current_time() - began >= 3 * 2 / SHARE - 0.1


async def test_a_model_that_hangs_or_fails(db: Connection, say: SayAll) -> None:
    kept = say("My work is hard to explain to people.")

    async def hangs(text: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        await anyio.sleep_forever()
        return {}

    async def fails(text: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        raise MindError("It is gone.")

    with pytest.raises(MindError):
        await consolidate(db, fails)
    assert upto(db, TASK) < kept[0].id
    await consolidate(db, hangs)
    assert upto(db, TASK) == kept[0].id


def test_a_quote_may_differ_in_case_and_points_only() -> None:
    assert find_quote("Well, we moved — to Lyon.", "We moved to Lyon") == (6, 24)
    assert find_quote("we moved to Lyon", "we moved to Paris") is None
    assert find_quote("we moved to Lyon", "") is None
