"""Routines: made with their whole effect read out, started by name or by the clock, once."""

from datetime import timedelta
from typing import Any

import anyio
import pytest

from tests.skills.conftest import MODEL
from voiceos.clock import Clocks
from voiceos.store.acts import receipts
from voiceos.store.database import Connection
from voiceos.store.routines import routines
from voiceos.store.schedule import advance, entries, taken
from voiceos.timekeeper import Timekeeper

pytestmark = pytest.mark.anyio
MAKE = "When I say good night, set an alarm for seven and then add bread to my shopping list."
SURE = "Good night: set an alarm for seven, then add bread to your shopping list. Shall I keep that?"


async def made(talk: Any) -> None:
    assert await talk(MAKE) == SURE
    assert await talk("Yes.") == 'Okay. Say "Good night" and I\'ll do it.'


@pytest.mark.parametrize("words", ["Good night!", "run good night", "start my good night routine please"])
async def test_its_name_does_all_of_it(talk: Any, db: Connection, words: str) -> None:
    await made(talk)
    said = await talk(words)
    assert "Your alarm will ring today at 7:00 PM." in said
    assert "bread" in said
    assert [one.act for one in receipts(db)] == ["lists.add", "alarms.set", "routines.make"]


@pytest.mark.parametrize("answer", ["No.", "What time is it?"])
async def test_without_a_yes_nothing_is_kept(talk: Any, db: Connection, answer: str) -> None:
    await talk(MAKE)
    await talk(answer)
    await talk("Yes.")
    assert routines(db) == []
    assert "alarm" not in await talk("Good night!")


async def test_a_store_that_cannot_be_read_spoils_no_other_turn(talk: Any, db: Connection) -> None:
    await made(talk)
    db.execute("DROP TABLE routine")
    assert await talk("What's 3 times 4?") == "12."


async def test_what_it_needs_is_asked(talk: Any, db: Connection) -> None:
    assert await talk("Make a new routine") == "What shall I call it?"
    assert "What shall Morning coffee do?" in await talk("Morning coffee")
    assert "Shall I keep that?" in await talk("set a timer for four minutes; what's the time?")
    await talk("Sure.")
    assert [one.sentences for one in routines(db)] == [["set a timer for four minutes", "what's the time"]]


async def test_what_nobody_understands_is_no_step(talk: Any, db: Connection) -> None:
    said = await talk("When I say party, set a timer for ten minutes and then polish the moon.")
    assert said.startswith('I don\'t know what "polish the moon" is')
    said = await talk("set a timer for ten minutes and then run party")
    assert "can't start itself" in said or "I don't know" in said
    assert routines(db) == []


GATE = "When I say bedtime, set a timer for ten minutes and then polish the moon."


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("No.", "Okay, I won't."),
        ("Yes.", "Okay, I won't."),
        ("never mind", "Okay, I won't."),
        ("bedtime", MODEL),
        ("the moon is bright tonight", MODEL),
        ("What's 3 times 4?", "12."),
    ],
)
async def test_what_is_no_step_ends_the_question(talk: Any, db: Connection, said: str, reply: str) -> None:
    assert "Tell me all of it again" in await talk(GATE)
    assert await talk(said) == reply
    assert await talk("Yes.") == "Yes to what?"
    assert routines(db) == []


@pytest.mark.parametrize("before", [["Make a routine"], ["Make a routine", "Morning coffee"]])
async def test_a_no_is_neither_a_name_nor_a_step(talk: Any, before: list[str]) -> None:
    for one in before:
        await talk(one)
    assert await talk("No, never mind.") == "Okay, I won't."


async def test_what_is_told_in_other_words_is_kept(talk: Any, db: Connection) -> None:
    assert "Tell me all of it again" in await talk(GATE)
    assert "Tell me all of it again" in await talk("flip a coin and then shine the moon")
    assert "Shall I keep that?" in await talk("set a timer for ten minutes; what's the time?")
    await talk("Yes.")
    assert [one.sentences for one in routines(db)] == [["set a timer for ten minutes", "what's the time"]]


async def test_it_is_told_taken_back_and_removed(talk: Any, db: Connection) -> None:
    assert "no routines yet" in await talk("What routines do I have?")
    await made(talk)
    assert await talk("Which routines do I have?") == "You have one routine: Good night."
    assert "set an alarm for seven" in await talk("What's in my good night routine?")
    assert await talk("Delete the good night routine") == "The routine good night is gone.".replace("good", "Good")
    assert routines(db) == []
    assert "is back" in await talk("Undo that")
    assert len(routines(db)) == 1


async def test_a_time_is_confirmed_with_all_that_it_does(talk: Any, db: Connection) -> None:
    await made(talk)
    said = await talk("Run good night every day at eleven in the evening")
    assert (
        said
        == "Good night, every day at 11:00 PM: set an alarm for seven, then add bread to your shopping list. "
        + ("Shall I do that?")
    )
    assert entries(db) == []
    assert await talk("yes") == "Okay, I'll run Good night every day at 11:00 PM."
    assert [(one.kind, one.name) for one in entries(db)] == [("routine", "good night")]
    assert "no longer run" in await talk("Stop running good night")
    assert entries(db) == []


async def test_it_comes_due_once_and_not_when_it_is_late(talk: Any, db: Connection) -> None:
    await made(talk)
    await talk("run good night every day at three in the afternoon")
    await talk("yes")
    at = talk.clock[0] + timedelta(hours=3, seconds=5)

    def due(now: Any) -> list[str]:
        clocks = Clocks(now, now.timestamp(), "a")
        advance(db, clocks)
        return [one.name for one in taken(db, clocks)]

    assert due(at) == ["good night"]
    assert due(at) == []
    assert due(at + timedelta(days=1, hours=2)) == []
    late = next(one for one in entries(db) if one.missed is not None)
    talk.clock[0] = at + timedelta(days=1, hours=2)
    assert "I was off today at 3:00 PM, so I didn't run good night." in Timekeeper(talk.workshop, print).said(late)


async def test_the_timekeeper_starts_it(talk: Any, db: Connection) -> None:
    await made(talk)
    await talk("run good night every day at three in the afternoon")
    await talk("yes")
    talk.clock[0] += timedelta(hours=3, seconds=1)
    keeper, begun = Timekeeper(talk.workshop, print), anyio.Event()
    started: list[str] = []

    def begin(entry: Any) -> None:
        started.append(entry.name)
        begun.set()

    keeper.on_due.append(begin)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(keeper.run)
        with anyio.fail_after(5):
            await begun.wait()
        tasks.cancel_scope.cancel()
    assert started == ["good night"]
    assert keeper.untold == []
