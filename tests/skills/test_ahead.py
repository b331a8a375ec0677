"""Reminders that follow from an appointment."""

from datetime import datetime
from typing import Any

import pytest

from voiceos.store.database import Connection
from voiceos.store.schedule import entries

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("text", "when", "what"),
    [
        ("Remind me an hour before the dentist.", "on Monday at 2:00 PM", "Dentist"),
        ("remind me half an hour before the dentist appointment to leave", "on Monday at 2:30 PM", "leave"),
        ("half an hour before the dentist remind me to leave", "on Monday at 2:30 PM", "leave"),
        ("Could you remind me the day before the dentist to find my card?", "on Sunday at 9:00 AM", "find your card"),
        ("remind me the evening before my dentist appointment", "on Sunday at 7:00 PM", "Dentist"),
        ("remind me about the dentist two hours before", "on Monday at 1:00 PM", "Dentist"),
        ("set a reminder 20 minutes before the dentist", "on Monday at 2:40 PM", "Dentist"),
    ],
)
async def test_it_is_due_before_the_appointment(talk: Any, db: Connection, text: str, when: str, what: str) -> None:
    talk.clock[0] = datetime(2026, 11, 26, 12).astimezone()
    await talk("put the dentist in my calendar for Monday at three")
    assert await talk(text) == f"Okay, {when}: {what}."


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        (
            "I need to be at the station by 8:40, remind me an hour before",
            "Okay, tomorrow at 7:40 AM: you need to be at the station.",
        ),
        (
            "I have yoga every Monday at 6 pm. Remind me 20 minutes before.",
            "Okay, every Monday at 5:40 PM: you have yoga.",
        ),
        ("I have a call in ten minutes, remind me an hour before it", "That time has passed. When shall I remind you?"),
        ("I have to feed the cat, remind me an hour before", "When shall I remind you?"),
        ("remind me an hour before", "Before what?"),
    ],
)
async def test_it_is_due_before_what_is_told_in_the_same_breath(talk: Any, text: str, reply: str) -> None:
    talk.clock[0] = datetime(2026, 11, 26, 21).astimezone()
    assert await talk(text) == reply


async def test_what_was_asked_about_is_what_it_is_before(talk: Any) -> None:
    talk.clock[0] = datetime(2026, 11, 26, 12).astimezone()
    await talk("put the dentist in my calendar for Monday at three")
    await talk("when is the dentist?")
    assert await talk("remind me an hour before") == "Okay, on Monday at 2:00 PM: Dentist."


async def test_it_moves_with_the_appointment_and_goes_with_it(talk: Any, db: Connection) -> None:
    def due() -> list[str]:
        return [f"{one.wall:%H:%M}" for one in entries(db) if one.wall]

    await talk("put the dentist in my calendar for Monday at three")
    await talk("remind me an hour before the dentist")
    assert (await talk("move the dentist to four")).endswith(" Its reminder has moved with it.")
    assert due() == ["15:00"]
    await talk("undo that")
    assert due() == ["14:00"]
    assert (await talk("cancel the dentist")).endswith(" Its reminder is gone, too.")
    assert due() == []
    await talk("undo that")
    assert due() == ["14:00"]


async def test_where_there_is_no_such_appointment_the_time_is_asked_for(talk: Any) -> None:
    said = await talk("remind me twenty minutes before the opera to call a taxi")
    assert said == "I can't find opera in your calendar. When shall I remind you?"
    assert await talk("at six") == "Okay, today at 6:00 PM: call a taxi."


async def test_what_has_passed_is_asked_about(talk: Any) -> None:
    await talk("put the dentist in my calendar for today at three")
    assert await talk("remind me five hours before the dentist") == "That time has passed. When shall I remind you?"
