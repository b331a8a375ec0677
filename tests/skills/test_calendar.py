"""A month's calendar: what is asked about it, and orders for a calendar of one's own."""

import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from voiceos.config.settings import Config
from voiceos.core import Action, Outcome, Part, Transcript, Turn
from voiceos.memory import own_calendar
from voiceos.memory.ingest.intake import Intake
from voiceos.memory.registered import derived
from voiceos.mind.router import Router
from voiceos.skills.calendar.book import Book
from voiceos.skills.calendar.calendar import make
from voiceos.skills.calendar.reading import Reading
from voiceos.skills.grammar import Grammar
from voiceos.skills.registry import skills
from voiceos.skills.skill import Asked, Intent, Pass, Workshop
from voiceos.store.acts import receipts
from voiceos.store.appointments import OWN, Appointment, between, prolong, put, remove
from voiceos.store.appointments import own as own_appointments
from voiceos.store.database import open_database
from voiceos.store.forgetting import Unwanted, forget

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 30, 9, tzinfo=ZoneInfo("Europe/London"))


def rows(name: str) -> list[list[str]]:
    lines = Path(__file__).with_name(name).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def fits(said: str, wanted: str) -> bool:
    """Whether the patterns are in what was said, one after the other; those after "!" nowhere."""
    at = 0
    for pattern in wanted.split(" && "):
        if pattern.startswith("!"):
            if re.search(pattern[1:], said):
                return False
        elif found := re.compile(pattern).search(said, at):
            at = found.end()
        else:
            return False
    return True


class Household:
    """All skills, with a store."""

    def __init__(self, folder: Path) -> None:
        self.db = open_database(folder / "memory.db", derived=derived())
        self.workshop = Workshop(Config(), self.db, now=lambda: NOW)
        made = skills(self.workshop)
        self.grammar, self.router = Grammar(made), Router(made, self.workshop, now=lambda: NOW)
        self.intents: dict[str, Intent] = {intent.name: intent for skill in made for intent in skill.intents}

    async def say(self, sentence: str) -> tuple[str, str]:
        """The intent, and what is said; "-": none."""
        match = self.grammar.match(sentence, NOW)
        if not match:
            return "-", ""
        asked = Asked(match.intent, sentence, NOW, Turn("t", "c", transcript=Transcript(sentence)), match.slots)
        try:
            return match.intent, (await self.intents[match.intent].handle(asked)).text
        except Pass:
            return "-", ""

    async def talk(self, *sentences: str) -> str:
        """What is said in the end, with every turn committed."""
        said = ""
        for number, sentence in enumerate(sentences):
            said, turn = "", Turn(str(number), "c", transcript=Transcript(sentence))
            async with aclosing(self.router.reply(turn, model)) as parts:
                async for part in parts:
                    said += part.text if isinstance(part, Part) else await part.do()
            turn.outcome, self.turn = Outcome.ANSWERED, turn
            self.router.ended(turn)
        return said

    def titles(self) -> list[str]:
        """What is in the calendar, in order."""
        return [one.title for one in between(self.db, NOW - timedelta(days=400), NOW + timedelta(days=800))]


async def model(turn: Turn) -> AsyncGenerator[Part | Action, None]:
    yield Part("The model speaks.")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def family(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Household]:
    """A household with a calendar from another program."""
    household = Household(tmp_path_factory.mktemp("family"))
    Intake(household.db, now=lambda: NOW).add([Path(__file__).with_name("calendar_month.ics")])
    yield household
    household.db.close()


@pytest.mark.parametrize(("question", "answer"), rows("calendar_questions.tsv"))
async def test_a_question_about_the_month(family: Household, question: str, answer: str) -> None:
    intent, said = await family.say(question)
    assert (intent == "-") if answer == "-" else fits(said, answer), (intent, said)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Household]:
    """A household whose calendar is its own."""
    household = Household(tmp_path_factory.mktemp("own"))
    yield household
    household.db.close()


@pytest.fixture
def mine(own: Household) -> Household:
    """It, with four appointments."""
    remove(own.db, own_appointments(own.db, NOW.tzinfo))
    hour = timedelta(hours=1)
    for title, at in (
        ("Dentist", NOW.replace(month=12, day=1, hour=14, minute=30)),
        ("Lunch with Clara", NOW.replace(month=12, day=2, hour=13)),
        ("Yoga", NOW.replace(month=12, day=3, hour=18, minute=30)),
        ("Meeting with Tom", NOW.replace(month=12, day=4, hour=10)),
    ):
        put(own.db, [Appointment(title, at, at + hour)], NOW)
    return own


@pytest.mark.parametrize(("sentence", "intent", "said"), [[*row, ""][:3] for row in rows("calendar_orders.tsv")])
async def test_an_order_for_the_calendar(mine: Household, sentence: str, intent: str, said: str) -> None:
    got, text = await mine.say(sentence)
    if intent == "-":
        assert not got.startswith("calendar.")
        assert len(mine.titles()) == 4
    else:
        assert (got, fits(text, said)) == (intent, True), text


@pytest.mark.parametrize(
    ("sentences", "said"),
    [
        (["Put dinner with Anna in my calendar", "Friday at seven"], "Dinner with Anna, on Friday at 7:00 PM"),
        (["put yoga in my calendar on sunday", "at ten"], "Yoga, on Sunday at 10:00 AM"),
        (["put a retreat in my calendar on sunday", "all day"], "Retreat, on Sunday, all day"),
        (
            ["add something to my calendar", "dinner with Anna", "tomorrow at eight"],
            "Dinner with Anna, tomorrow at 8:00 PM",
        ),
        (["put breakfast in my calendar today at 8 am", "tomorrow at 8 am"], "Breakfast, tomorrow at 8:00 AM"),
        (["move the dentist", "to Thursday at nine"], "Dentist is now on Thursday at 9:00 AM"),
        (["put yoga in my calendar on 15 December at ten", "move it to Friday"], "Yoga is now on Friday, 18 December"),
        (["put yoga in my calendar on 15 December at ten", "no, Monday at noon"], "Yoga is now on Monday, 14 December"),
        (["put yoga in my calendar on 4 December at ten", "move it to Thursday"], "Yoga is now on Thursday at"),
        (["put yoga in my calendar on 15 December at ten", "move it to this Friday"], "Yoga is now on Friday at"),
        (
            ["put pottery in my calendar on 9 December at ten", "when is pottery", "It's been moved to the eleventh."],
            "Pottery is now on Friday, 11 December at 10:00 AM",
        ),
        (["clear my calendar on thursday", "yes"], "no longer in your calendar"),
        (["clear my calendar on thursday", "no"], "left everything"),
    ],
)
async def test_what_is_missing_is_asked_for(mine: Household, sentences: list[str], said: str) -> None:
    assert said in await mine.talk(*sentences)


async def test_an_answer_names_the_appointments_that_it_is_from(mine: Household) -> None:
    await mine.talk("Put a swim with Ben at the lido on Friday at six in my calendar")
    for question in ("am I free on Friday evening?", "what's on Friday?", "where is the swim?", "when is the swim?"):
        await mine.talk(question)
        cited = [(one.record_id > 0, one.source, one.text) for one in mine.turn.recalled]
        assert (True, "your calendar", "Swim with Ben, at lido, on Friday at 6:00 PM") in cited, question


async def test_what_was_put_in_is_there_once_and_can_be_taken_back(mine: Household) -> None:
    await mine.talk("Put a swim with Ben at the lido on Friday at six in my calendar")
    assert mine.titles()[-1] == "Swim with Ben"
    assert await mine.talk("Where is the swim?") == "Swim with Ben, on Friday at 6:00 PM, is at lido."
    (receipt,) = receipts(mine.db, count=1)
    assert (receipt.act, receipt.done, receipt.arguments["title"]) == ("calendar.put", True, "Swim with Ben")
    await mine.workshop.undos[""]()
    assert "Swim with Ben" not in mine.titles()


async def test_moving_and_removing_can_be_taken_back(mine: Household) -> None:
    before = between(mine.db, NOW, NOW + timedelta(days=7))
    for order in ("Move the dentist to Thursday", "Cancel the dentist", "clear my calendar this week"):
        await mine.talk(order, "yes")
        assert between(mine.db, NOW, NOW + timedelta(days=7)) != before
        assert "back in your calendar" in await mine.workshop.undos[""]()
        after = between(mine.db, NOW, NOW + timedelta(days=7))
        assert [(one.title, one.at, one.until) for one in after] == [(one.title, one.at, one.until) for one in before]


async def test_a_series_is_removed_one_by_one_or_as_a_whole(mine: Household) -> None:
    await mine.talk("Add piano lesson every monday at five to my calendar")
    assert mine.titles().count("Piano lesson") == 53
    assert "every week" in await mine.talk("When is the piano lesson?")
    await mine.talk("Cancel the piano lesson")
    assert mine.titles().count("Piano lesson") == 52
    assert "52 times" in await mine.talk("Remove all piano lessons from my calendar")
    assert "Piano lesson" not in mine.titles()


async def test_a_series_goes_on_until_it_is_ended(mine: Household) -> None:
    await mine.talk("Add piano lesson every other monday at five to my calendar")
    first, second, *_ = [one for one in own_appointments(mine.db, NOW.tzinfo) if one.title == "Piano lesson"]
    later = NOW + timedelta(days=300)
    assert prolong(mine.db, NOW) == 0
    assert prolong(mine.db, later) > 15
    assert prolong(mine.db, later) == 0
    times = [one.at for one in own_appointments(mine.db, NOW.tzinfo) if one.title == "Piano lesson"]
    assert {b.replace(tzinfo=None) - a.replace(tzinfo=None) for a, b in pairwise(times)} == {second.at - first.at}
    await mine.talk("Remove all piano lessons from my calendar")
    assert prolong(mine.db, later + timedelta(days=300)) == 0
    await mine.talk("undo that")
    assert prolong(mine.db, later + timedelta(days=300)) > 15


async def test_what_is_taken_out_of_a_series_stays_out(mine: Household) -> None:
    await mine.talk("Add piano lesson every monday at five to my calendar")
    lessons = [one for one in own_appointments(mine.db, NOW.tzinfo) if one.title == "Piano lesson"]
    remove(mine.db, lessons[-1:])
    prolong(mine.db, NOW + timedelta(days=100))
    assert lessons[-1].at not in [one.at for one in own_appointments(mine.db, NOW.tzinfo)]


async def test_a_series_is_exported_as_its_rule_with_what_was_changed(mine: Household, tmp_path: Path) -> None:
    await mine.talk("Add piano lesson every monday at five to my calendar")
    await mine.talk("Move the piano lesson to six")
    remove(mine.db, [one for one in own_appointments(mine.db, NOW.tzinfo) if one.title == "Piano lesson"][2:3])
    text = own_calendar.write(mine.db, NOW, "test")
    assert text.count("RRULE:FREQ=WEEKLY") == 1
    assert (text.count("EXDATE"), text.count("RECURRENCE-ID")) == (1, 1)
    (tmp_path / "own.ics").write_text(text, "utf-8")
    other = Household(tmp_path)
    Intake(other.db, now=lambda: NOW).add([tmp_path / "own.ics"])
    month = NOW + timedelta(days=60)
    there, here = (
        [one.at for one in between(db, NOW, month) if one.title == "Piano lesson"] for db in (other.db, mine.db)
    )
    other.db.close()
    assert there == here


async def test_a_calendar_of_another_program_is_only_read(family: Household) -> None:
    before = family.titles()
    for order in ("Cancel the dentist", "Move the dentist to Friday", "Clear my calendar tomorrow"):
        assert "another calendar, which I can only read" in await family.talk(order)
    assert family.titles() == before


async def test_a_long_day_is_told_in_parts(family: Household) -> None:
    said = await family.talk("What's on the 9th of december?", "yes")
    assert said.startswith("At 4:30 PM: Haircut")
    assert said.endswith("At 8:00 PM: Book club, at Ruth's house.")


async def test_without_a_calendar_it_says_so(mine: Household) -> None:
    remove(mine.db, between(mine.db, NOW, NOW + timedelta(days=7)))
    assert await mine.talk("What have I got tomorrow?") == "There's nothing in your calendar yet."


@pytest.mark.parametrize(
    ("text", "theirs"),
    [
        ("what's on the menu in the canteen today", False),
        ("What is on at the cinema tomorrow?", False),
        ("what else is on my desk", False),
        ("what's on today", True),
        ("what's on for the weekend", True),
        ("what's on the agenda today", True),
        ("what's happening on thursday", True),
    ],
)
async def test_what_is_on_something_is_not_the_calendars(mine: Household, text: str, *, theirs: bool) -> None:
    workshop = Workshop(Config(), mine.db, now=lambda: NOW)
    listing = next(one for one in make(workshop).intents if one.name == "calendar.list")
    judged = Asked("calendar.list", text, NOW, Turn("t", "c", transcript=Transcript(text)))
    assert listing.mine(judged) == theirs
    assert (Reading(Book(workshop))(judged) == []) or theirs
    remove(mine.db, between(mine.db, NOW, NOW + timedelta(days=7)))
    reworded = replace(judged, text="what is on my calendar today", template="x", reworded=True)
    with nullcontext() if theirs else pytest.raises(Pass):
        await listing.handle(reworded)
    with nullcontext() if theirs else pytest.raises(Pass):
        assert "nothing in your calendar yet" in (await listing.handle(judged)).text


async def test_only_what_is_named_is_counted(mine: Household) -> None:
    workshop = Workshop(Config(), mine.db, now=lambda: NOW)
    await mine.talk("Put a swim at the lido on Friday from six to seven pm in my calendar")
    count = next(one.handle for one in make(workshop).intents if one.name == "calendar.count")

    def judged(text: str) -> Asked:
        return Asked("calendar.count", text, NOW, Turn("t", "c", transcript=Transcript(text)))

    every = len(between(mine.db, NOW, NOW + timedelta(days=6)))
    assert "One in your calendar" in (await count(judged("how many times do I swim this week"))).text
    assert every > 1
    assert f"{every} in" in (await count(judged("how full is this week"))).text
    for text in ("how many times did I go running this week", "how often do I bake this week"):
        with pytest.raises(Pass):
            await count(judged(text))


async def test_its_calendar_is_forgotten_like_everything_else(mine: Household) -> None:
    forget(mine.db, Unwanted(sources=[OWN.uri]))
    assert mine.titles() == []


async def test_its_calendar_is_read_by_other_programs(mine: Household, tmp_path: Path) -> None:
    await mine.talk("Put holiday in my calendar from the 20th to the 27th of december")
    await mine.talk("Put a swim at the lido on Friday from six to seven pm in my calendar")
    before = between(mine.db, NOW, NOW + timedelta(days=60))
    (tmp_path / "own.ics").write_text(own_calendar.write(mine.db, NOW, "test"), "utf-8")
    other = Household(tmp_path)
    Intake(other.db, now=lambda: NOW).add([tmp_path / "own.ics"])
    after = between(other.db, NOW, NOW + timedelta(days=60))
    other.db.close()
    assert len(after) == 6
    assert [(one.title, one.at, one.until, one.place) for one in after] == [
        (one.title, one.at, one.until, one.place) for one in before
    ]


async def test_a_year_in_a_title_is_not_what_it_is(mine: Household) -> None:
    for title, day in (("Carol service", NOW - timedelta(days=350)), ("Carol service 2026", NOW + timedelta(days=14))):
        put(mine.db, [Appointment(title, day, day + timedelta(hours=1))], NOW)
    assert "14 December" in (await mine.say("when is the carol service"))[1]
