"""How often something happened, by what the owner told of it."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from voiceos.core import Transcript, Turn
from voiceos.memory.memory import Memory
from voiceos.skills.person.changed import changed
from voiceos.skills.person.counted import last_told, said_of_times, times_told

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


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("When did I last go running?", "I went running in the rain."),
        ("When was the last time I went running with Tom?", "I went running with Tom."),
        ("How long ago did I last go running?", "I went running in the rain."),
        ("When did I last go swimming?", ""),
        ("When do I go running?", ""),
        ("How many kilos have I lost since October?", "3 kilos less."),
        ("How much weight have I lost?", "7.5 kilos less."),
        ("How many pounds have I lost?", ""),
        ("How much weight have I lost since last week?", ""),
    ],
)
def test_the_last_time_and_what_has_changed(tmp_path: Path, question: str, told: str) -> None:
    weighed = [
        (datetime(2026, 9, 1, 9), "I weigh 91.5 kilos."),
        (datetime(2026, 10, 4, 9), "I weighed 87 kilos this morning."),
        (datetime(2026, 10, 5, 9), "Tom weighs 70 kilos."),
        (datetime(2026, 11, 1, 9), "I'm down, I weigh 84 kg now."),
    ]
    with Memory(tmp_path) as memory:
        for number, (at, words) in enumerate([*TOLD, *weighed]):
            turn = Turn(f"t{number}", "c", transcript=Transcript(words))
            memory.remember(turn, at.replace(tzinfo=NOW.tzinfo))
        with memory.reading() as db:
            last, change = last_told(db, question, {}, NOW), changed(db, question, {}, NOW)
    assert " ".join([*(one.text for one in last), *([change[0]] if change else [])]) == told
