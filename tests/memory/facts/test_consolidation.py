"""Quiet hours: a model's claims are held against the words, work stops at once, and goes on where it stopped."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import anyio
import pytest
from trio.testing import MockClock

from voiceos.errors import MindError
from voiceos.memory.facts import facts, summaries
from voiceos.memory.facts import upkeep as fact_upkeep
from voiceos.memory.facts.consolidation import FACTS, Consolidation, upto
from voiceos.memory.facts.extraction import find_quote, verified, worth_asking
from voiceos.memory.facts.facts import Origin
from voiceos.memory.facts.people import Context
from voiceos.memory.facts.rules import finder
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
            fact_upkeep.learn(db, one, finder(db))
        return kept

    return say


class Scripted:
    """A model that gives these facts for a turn with these words, and no summary."""

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
    report = await Consolidation(db, model, share=1.0, now=lambda: MORNING).run()
    (fact,) = facts.facts_about(db, predicate="works as")
    assert (fact.object, fact.origin, fact.quote) == ("watchmaker", Origin.MODEL, "my work is as a watchmaker")
    assert report.facts == 1
    assert fact_upkeep.verify(db) == []


@pytest.mark.parametrize(
    ("text", "item", "why"),
    [
        (CLOCKS, claim("I am a watchmaker", "works as", "watchmaker"), "quote"),
        (CLOCKS, claim("my work is as a watchmaker", "works as", "plumber"), "object"),
        (CLOCKS, claim("my work is as a watchmaker", "works as", "watchmaker", negated=True), "polarity"),
        (CLOCKS, claim("my work is as a watchmaker", "wears", "watchmaker"), "predicate"),
        (CLOCKS, claim("my work is as a watchmaker", "works as", "watchmaker", "Rosa"), "subject"),
        ("If my work was as a baker I'd be rich.", claim("my work was as a baker", "works as", "baker"), "doubt"),
        ("My sister, of all people, lives in Porto.", claim("lives in Porto", "lives in", "Porto"), "subject"),
        ("Back then my home was in Porto.", claim("my home was in Porto", "lives in", "Porto"), "past"),
        ("My boss said my home is Porto.", claim("my home is Porto", "lives in", "Porto"), "doubt"),
    ],
)  # fmt: skip
async def test_a_claim_that_is_not_borne_out_is_dropped(text: str, item: dict[str, Any], why: str) -> None:
    dropped = Counter[str]()
    assert list(verified(text, MORNING, {"facts": [item]}, Context(), [], dropped)) == []
    assert dropped == {why: 1}


@pytest.mark.parametrize(
    "answer", [{}, {"facts": None}, {"facts": "x"}, {"facts": [1, None, {}]}, {"facts": [{"quote": 3}]}]
)
async def test_a_shapeless_answer_tells_nothing(answer: dict[str, Any]) -> None:
    assert list(verified(CLOCKS, MORNING, answer, Context(), [], Counter())) == []


async def test_the_model_is_not_asked_about_questions(db: Connection, say: SayAll) -> None:
    say("What is my sister's name?", "Play some jazz please.", "I wish I had a boat to sail.")
    model = Scripted({})
    await Consolidation(db, model, share=1.0, now=lambda: MORNING).run()
    assert model.asked == []
    assert not worth_asking("Just kidding, I have seven kids.")


async def test_it_goes_on_where_it_stopped(db: Connection, say: SayAll) -> None:
    kept = say("My work is hard to explain to people.", CLOCKS)
    first = Scripted({})
    assert await Consolidation(db, first, share=1.0, now=lambda: MORNING).slice()
    assert upto(db, FACTS) == kept[0].id
    second = Scripted({})
    await Consolidation(db, second, share=1.0, now=lambda: MORNING).run()
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
        tasks.start_soon(Consolidation(db, slow, now=lambda: MORNING).run)
        await asked.wait()
        began = anyio.current_time()
        tasks.cancel_scope.cancel()
    assert anyio.current_time() - began < 0.05
    assert upto(db, FACTS) < kept[0].id  # it is done again


async def test_it_rests_as_long_as_it_is_told(db: Connection, say: SayAll) -> None:
    say(*["My work is hard to explain to people."] * 3)

    async def slow(text: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        await anyio.sleep(2)
        return {}

    began = anyio.current_time()
    await Consolidation(db, slow, share=0.25, now=lambda: MORNING).run()
    assert anyio.current_time() - began >= 3 * 2 / 0.25 - 0.1


async def test_a_model_that_hangs_or_fails(db: Connection, say: SayAll) -> None:
    kept = say("My work is hard to explain to people.")

    async def hangs(text: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        await anyio.sleep_forever()
        return {}

    async def fails(text: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        raise MindError("It is gone.")

    with pytest.raises(MindError):
        await Consolidation(db, fails, now=lambda: MORNING).run()
    assert upto(db, FACTS) < kept[0].id
    await Consolidation(db, hangs, now=lambda: MORNING).run()
    assert upto(db, FACTS) == kept[0].id


async def test_a_day_is_summed_up_when_it_is_over(db: Connection, say: SayAll) -> None:
    kept = say("We moved to Lyon last week!", "What time is it?", "The boiler broke again this morning.")
    await Consolidation(db, share=1.0, now=lambda: MORNING).run()
    assert summaries.between(db, MORNING.date(), MORNING.date()) == []
    await Consolidation(db, share=1.0, now=lambda: MORNING + timedelta(days=1)).run()
    (summary,) = summaries.between(db, MORNING.date(), MORNING.date())
    assert summary.text == '"We moved to Lyon last week." "The boiler broke again this morning."'
    assert summary.record_ids == (kept[0].id, kept[2].id)
    db.execute("DELETE FROM record WHERE id = ?", (kept[2].id,))  # a summary goes with any of its words
    assert summaries.between(db, MORNING.date(), MORNING.date()) == []


async def test_a_summary_says_no_more_than_its_lines(db: Connection, say: SayAll) -> None:
    assert summaries.borne_out("You moved to Lyon last week.", "We moved to Lyon last week!")
    assert not summaries.borne_out("You moved to Paris last week.", "We moved to Lyon last week!")
    assert not summaries.borne_out("You did not move to Lyon.", "We moved to Lyon last week!")
    assert not summaries.borne_out("You are happy with the big garden there.", "We moved to Lyon last week!")
    assert not summaries.borne_out("You paid 300 for it.", "We paid 200 for it")
    say("We moved to Lyon last week!", "The boiler broke again this morning.")

    async def model(text: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        lines = [{"line": 1, "text": "You moved to Lyon."}, {"line": 2, "text": "You moved to Lyon."}, {"line": 9}]
        return {"sentences": lines}

    work = Consolidation(db, model, share=1.0, now=lambda: MORNING + timedelta(days=1))
    await work.run()
    (summary,) = summaries.between(db, MORNING.date(), MORNING.date())
    assert (summary.text, summary.origin) == ("You moved to Lyon.", "llm")
    assert work.report.dropped["summary"] == 2


def test_a_quote_may_differ_in_case_and_points_only() -> None:
    assert find_quote("Well, we moved — to Lyon.", "We moved to Lyon") == (6, 24)
    assert find_quote("we moved to Lyon", "we moved to Paris") is None
    assert find_quote("we moved to Lyon", "") is None
