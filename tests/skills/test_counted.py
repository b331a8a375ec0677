"""How often something happened, by what the owner told of it."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from voiceos.core import Transcript, Turn
from voiceos.memory.memory import Memory
from voiceos.skills.person.counted import said_of_times, times_told

NOW = datetime(2026, 11, 28, 16, tzinfo=ZoneInfo("Europe/London"))
TOLD = [
    (datetime(2026, 10, 5, 9), "I went running today."),
    (datetime(2026, 10, 5, 18), "I went running with Tom."),
    (datetime(2026, 10, 8, 9), "I went running again, four kilometres."),
    (datetime(2026, 10, 12, 9), "I didn't go running."),
    (datetime(2026, 10, 19, 9), "I want to go running more often."),
    (datetime(2026, 11, 2, 9), "I went running in the rain."),
    (datetime(2026, 11, 3, 9), "We had pizza for dinner."),
]


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("How many times did I go running?", 3),
        ("How often have I been running in October?", 2),
        ("How many times did I go running this month?", 1),
        ("How many times did we have pizza?", 0),
        ("How often do I go running?", 0),
        ("When did I go running?", 0),
    ],
)
def test_days_on_which_it_was_told_to_have_happened(tmp_path: Path, question: str, count: int) -> None:
    with Memory(tmp_path) as memory:
        for number, (at, words) in enumerate(TOLD):
            turn = Turn(f"t{number}", "c", transcript=Transcript(words))
            memory.remember(turn, at.replace(tzinfo=NOW.tzinfo))
        with memory.reading() as db:
            found = times_told(db, question, {}, NOW)
    assert len(found) == count
    if count == 1:
        said = "I found one time that you told me about: On 2 November you said: I went running in the rain."
        assert said_of_times(found, NOW) == said
