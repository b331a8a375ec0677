"""Timers, alarms and reminders, as people speak of them."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest

from voiceos.clock import Clocks
from voiceos.config.settings import Config, LocaleSettings
from voiceos.core import Action, Outcome, Part, Transcript, Turn
from voiceos.errors import StoreError, VoiceosError
from voiceos.mind.router import Router
from voiceos.skills.schedule import alarms, reminders, timers
from voiceos.skills.skill import Workshop
from voiceos.store.acts import receipts
from voiceos.store.database import Connection
from voiceos.store.schedule import Entry, advance, entries

pytestmark = pytest.mark.anyio
T = TypeVar("T")
LONDON = ZoneInfo("Europe/London")
TABLE = [line.split("\t") for line in (Path(__file__).parent / "schedule.tsv").read_text().splitlines()[1:]]


class Kitchen:
    """A device that is spoken to, on a Monday at ten."""

    def __init__(self, db: Connection | None, country: str = "", now: str = "2026-11-30T10:00") -> None:
        self.now, self._uptime = datetime.fromisoformat(now).replace(tzinfo=LONDON), 100.0
        config = Config(locale=LocaleSettings(country=country))
        self.workshop = Workshop(config, db, now=lambda: self.now, clocks=self.clocks)
        self.router = Router(
            [one.make(self.workshop) for one in (timers, alarms, reminders)], self.workshop, now=self.workshop.now
        )
        self.db = db
        self.turns = 0

    def clocks(self) -> Clocks:
        return Clocks(self.now, self._uptime, "a")

    def later(self, **passed: float) -> None:
        self.now = (self.now.astimezone(ZoneInfo("UTC")) + timedelta(**passed)).astimezone(LONDON)
        self._uptime += timedelta(**passed).total_seconds()
        if self.db:
            advance(self.db, self.clocks())

    async def hear(self, text: str, device: str = "") -> str:
        self.turns += 1
        turn = Turn(f"t{self.turns}", "c", device=device, transcript=Transcript(text))
        said = ""
        async with aclosing(self.router.reply(turn, _model)) as parts:
            async for part in parts:
                said += part.text if isinstance(part, Part) else await part.do()
        turn.outcome = Outcome.ANSWERED
        self.router.ended(turn)
        return said

    @property
    def left(self) -> list[Entry]:
        return entries(self.db) if self.db else []


async def _model(turn: Turn) -> AsyncGenerator[Part | Action, None]:
    yield Part("-")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def kitchen(db: Connection) -> Kitchen:
    return Kitchen(db)


@pytest.mark.parametrize(
    ("now", "at"),
    [("21:36", "tomorrow at 4:00 PM"), ("01:30", "today at 4:00 AM"), ("15:00", "today at 4:00 PM")],
)
async def test_nobody_is_reminded_at_night_who_speaks_by_day(db: Connection, now: str, at: str) -> None:
    kitchen = Kitchen(db, now=f"2026-11-30T{now}")
    assert await kitchen.hear("remind me at four to feed the tortoise") == f"Okay, {at}: feed the tortoise."


async def test_what_people_say(db: Connection) -> None:
    """Fixed before the templates were read again."""
    kitchen, wrong = Kitchen(db), list[str]()
    for text, intent, expected in TABLE:
        turn = Turn("x", "c", transcript=Transcript(text))
        intents = " ".join(asked.intent for asked in kitchen.router.asked(turn)) or "-"
        said = await kitchen.hear(text)
        if intents != intent or expected not in said:
            wrong.append(f"{text}: {intents}, {said}")
    assert "\n".join(wrong) == ""


@pytest.mark.parametrize(
    ("talk", "last"),
    [
        (["set a timer", "ten minutes"], "Timer set for 10 minutes."),
        (["set a timer", "ten"], "Timer set for 10 minutes."),
        (["set a timer for the eggs", "six minutes"], "Eggs timer set for 6 minutes."),
        (["set a timer for minus five minutes", "sorry, five minutes"], "Timer set for 5 minutes."),
        (["set an alarm", "quarter to seven"], "Okay. Your alarm will ring today at 6:45 PM."),
        (["set an alarm for tomorrow", "seven"], "Okay. Your alarm will ring tomorrow at 7:00 AM."),
        (["remind me", "to water my plants", "at six"], "Okay, today at 6:00 PM: water your plants."),
        (["remind me to call my mother", "tomorrow at nine"], "Okay, tomorrow at 9:00 AM: call your mother."),
        (["remind me to call my mother", "tomorrow"], "Okay, tomorrow at 9:00 AM: call your mother."),
        (["remind me at six", "remind me to call Bob tomorrow"], "Okay, tomorrow at 6:00 PM: call Bob."),
        (["remind me at six", "remind me to call Bob at five"], "Okay, today at 5:00 PM: call Bob."),
    ],
)
async def test_a_missing_part_is_asked_for(kitchen: Kitchen, talk: list[str], last: str) -> None:
    *asked, answered = [await kitchen.hear(text) for text in talk]
    assert all(question.endswith("?") for question in asked)
    assert answered == last


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("set a timer for half", "Half of what?"),
        ("set a timer for minus five minutes", "less than nothing"),
        ("set a timer for -5 minutes", "less than nothing"),
        ("set a timer for 0 minutes", "at least a second"),
        ("set a timer for zero seconds", "at least a second"),
        ("set a timer for 1000000000 hours", "too long"),
        ("set a timer for a billion hours", "too long"),
        ("set a timer for 900 hours", "too long"),
        ("set an alarm for 25:00", "no such time"),
        ("set an alarm for the 31st of february at 7", "no such time"),
        ("remind me today at 8 am to run", "That time has passed."),
    ],
)
async def test_what_cannot_be_set_is_asked_about(kitchen: Kitchen, text: str, said: str) -> None:
    answer = await kitchen.hear(text)
    assert said in answer
    assert answer.endswith("?")
    assert kitchen.left == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("set an alarm for 7 am on 29 february", "on Tuesday, 29 February 2028 at 7:00 AM"),
        ("wake me at 1:30 am on 28 march 2027", "on Sunday, 28 March 2027 at 2:30 AM"),  # the clocks leave it out
        ("wake me at 1:30 am on 31 october 2027", "on Sunday, 31 October 2027 at 1:30 AM"),  # and have it twice
        ("wake me at quarter to six", "tomorrow at 5:45 AM"),
        ("wake me up at ten", "tomorrow at 10:00 AM"),
        ("wake me up at two", "today at 2:00 PM"),
    ],
)
async def test_odd_times_are_said_back_as_they_are_meant(kitchen: Kitchen, text: str, said: str) -> None:
    assert said in await kitchen.hear(text)
    assert len(kitchen.left) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("remind me on monday to pay taxes", "on Monday, 7 December at 9:00 AM"),  # it is Monday
        ("remind me in the morning to take out the bins", "tomorrow at 9:00 AM"),  # it is ten in the morning
        ("remind me this afternoon to call Bob", "today at 3:00 PM"),
        ("remind me today to call Bob", "today at 11:00 AM"),
        ("remind me this weekend to mow the lawn", "on Saturday at 9:00 AM"),
        ("remind me by six to leave", "today at 6:00 PM"),
        ("tomorrow i need the alarm to go off at 5", "tomorrow at 5:00 AM"),
        ("can you set an alarm for seven tomorrow", "Your alarm will ring tomorrow at 7:00 AM"),
        ("set a timer for what you like for 5 minutes", "Timer set for 5 minutes."),
        ("can you set a 30 second timer", "Timer set for 30 seconds."),
    ],
)
async def test_a_time_that_is_told_loosely_is_settled_as_a_person_would(kitchen: Kitchen, text: str, said: str) -> None:
    assert said in await kitchen.hear(text)


async def test_how_long_add_pause_resume_and_cancel_are_about_what_was_spoken_of(kitchen: Kitchen) -> None:
    await kitchen.hear("set a timer for twenty minutes")
    await kitchen.hear("set a pasta timer for eight minutes")
    kitchen.later(minutes=2)
    assert await kitchen.hear("how long on the pasta?") == "6 minutes left on your pasta timer."
    assert await kitchen.hear("add five minutes") == "Your pasta timer now has 11 minutes left."
    assert await kitchen.hear("pause it") == "Paused, with 11 minutes left."
    kitchen.later(minutes=30)
    assert await kitchen.hear("how long on the pasta?") == "Your pasta timer is paused, with 11 minutes left."
    assert await kitchen.hear("resume it") == "It's running again, with 11 minutes left."
    assert await kitchen.hear("cancel it") == "I've cancelled your pasta timer."


async def test_another_device_speaks_of_its_own(kitchen: Kitchen) -> None:
    await kitchen.hear("set a timer for twenty minutes", "kitchen")
    await kitchen.hear("set a pasta timer for eight minutes", "bedroom")
    assert await kitchen.hear("cancel it", "kitchen") == "I've cancelled your timer for 20 minutes."


async def test_one_of_several_is_asked_for_and_any_more_is_not_all(kitchen: Kitchen) -> None:
    for name in ("pasta", "rice", "egg"):
        await kitchen.hear(f"set a {name} timer for ten minutes")
    kitchen.workshop.spoken_of.clear()
    assert (await kitchen.hear("cancel the timer")).startswith("Which one?")
    assert await kitchen.hear("the rice one") == "I've cancelled your rice timer."
    assert await kitchen.hear("I don't need the pasta timer any more") == "I've cancelled your pasta timer."
    assert [entry.name for entry in kitchen.left] == ["egg"]
    assert "There's no tea timer" in await kitchen.hear("cancel the tea timer")
    assert len(kitchen.left) == 1


async def test_the_second_one_and_them_all(kitchen: Kitchen) -> None:
    for minutes in (5, 10, 15, 20, 25):
        await kitchen.hear(f"set a timer for {minutes} minutes")
    assert await kitchen.hear("cancel the second one") == "I've cancelled your timer for 10 minutes."
    assert await kitchen.hear("cancel the longer one") == "I've cancelled your timer for 25 minutes."
    assert await kitchen.hear("cancel the longest timer") == "I've cancelled your timer for 20 minutes."
    assert "5 minutes and timer for 15 minutes" in await kitchen.hear("cancel them all")
    assert kitchen.left == []


async def test_two_timers_of_one_name_are_both_kept_and_it_says_so(kitchen: Kitchen) -> None:
    await kitchen.hear("set a pasta timer for eight minutes")
    assert "You now have 2 timers called pasta." in await kitchen.hear("set a pasta timer for ten minutes")
    assert len(kitchen.left) == 2


async def test_every_weekday_at_seven_except_holidays(db: Connection) -> None:
    kitchen = Kitchen(db, country="GB", now="2026-12-23T10:00")
    said = await kitchen.hear("wake me every weekday at seven except holidays")
    assert said == "Okay. Your alarm will ring every weekday at 7:00 AM, except on public holidays."
    (alarm,) = kitchen.left
    days = [at.day for at, _ in zip(alarm.later(datetime(2026, 12, 23, 12)), range(3), strict=False)]
    assert days == [24, 29, 30]  # Christmas, and Boxing Day on the Monday


@pytest.mark.parametrize("country", ["", "XX"])
async def test_without_a_country_no_holiday_is_guessed(db: Connection, country: str) -> None:
    kitchen = Kitchen(db, country=country)
    with pytest.raises(VoiceosError) as failed:
        await kitchen.hear("wake me every weekday at seven except holidays")
    assert "locale.country" in failed.value.spoken
    assert kitchen.left == []


async def test_before_the_time_is_known_only_what_passes_can_be_set(db: Connection) -> None:
    kitchen = Kitchen(db, now="1970-01-01T00:05")
    with pytest.raises(VoiceosError) as failed:
        await kitchen.hear("wake me at seven tomorrow")
    assert "don't know the time" in failed.value.spoken
    assert await kitchen.hear("set a timer for five minutes") == "Timer set for 5 minutes."


async def test_what_cannot_be_kept_is_not_confirmed() -> None:
    kitchen = Kitchen(None)
    with pytest.raises(StoreError) as failed:
        await kitchen.hear("set a timer for five minutes")
    assert "storage" in failed.value.spoken


async def test_what_was_done_is_signed_and_can_be_taken_back(kitchen: Kitchen, db: Connection) -> None:
    await kitchen.hear("set a pasta timer for ten minutes")
    (receipt,) = receipts(db)
    assert (receipt.act, receipt.done) == ("timers.set", True)
    assert await kitchen.workshop.undos[""]() == "I've cancelled your pasta timer again."
    assert kitchen.left == []
    await kitchen.hear("set an alarm for 7 am")
    before = kitchen.left
    await kitchen.hear("cancel it")
    await kitchen.workshop.undos[""]()
    assert [(one.kind, one.wall) for one in kitchen.left] == [(one.kind, one.wall) for one in before]


async def test_a_thing_that_rings_is_silenced_or_put_off_and_nothing_else_is(kitchen: Kitchen) -> None:
    await kitchen.hear("set a pasta timer for ten minutes")
    assert await kitchen.hear("snooze") == "Nothing is ringing."
    kitchen.later(minutes=10)
    assert await kitchen.hear("five more minutes") == "Okay, again in 5 minutes."
    kitchen.later(minutes=5)
    assert await kitchen.hear("snooze") == "Okay, again in 9 minutes."
    kitchen.later(minutes=9)
    assert await kitchen.hear("I'm up") == "Okay."
    assert kitchen.left == []
    assert await kitchen.hear("I'm up") == "-"


async def test_an_alarm_is_moved_on_its_day_and_with_its_recurrence(kitchen: Kitchen) -> None:
    await kitchen.hear("set an alarm for six am on friday")
    assert "on Friday at 6:30 AM" in await kitchen.hear("make it half past six")
    await kitchen.hear("cancel it")
    await kitchen.hear("set an alarm for seven am every weekday")
    assert "every weekday at 8:00 AM" in await kitchen.hear("move it to eight")
    assert "every weekday at 8:15 AM" in await kitchen.hear("push my alarm back by fifteen minutes")


async def test_too_many_are_refused(kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voiceos.skills.schedule.planner.MOST", 2)
    for minutes in (5, 10):
        await kitchen.hear(f"set a timer for {minutes} minutes")
    with pytest.raises(VoiceosError):
        await kitchen.hear("set a timer for 15 minutes")
    assert len(kitchen.left) == 2


async def test_two_requests_in_one_breath_are_not_taken_for_one(kitchen: Kitchen) -> None:
    said = await kitchen.hear("set a timer for ten minutes and add eggs to the list")  # there are no lists here
    assert said == "Timer set for 10 minutes. I left this out: add eggs to the list. Ask me for it by itself."
    said = await kitchen.hear("set a timer for ten minutes and wake me at seven")
    assert said == "Timer set for 10 minutes. Okay. Your alarm will ring tomorrow at 7:00 AM."


@pytest.mark.parametrize("changed", ["make it ten", "make that ten minutes", "change it to ten minutes"])
async def test_a_timer_set_anew_is_told_as_it_was_asked_for(kitchen: Kitchen, changed: str) -> None:
    await kitchen.hear("set a timer for five minutes")
    kitchen.later(seconds=4)
    await kitchen.hear(changed)
    kitchen.later(seconds=4)
    assert await kitchen.hear("how long is left") == "9 minutes and 56 seconds left on your timer for 10 minutes."
    kitchen.later(seconds=4)
    assert await kitchen.hear("cancel the timer") == "I've cancelled your timer for 10 minutes."
