"""What a question sets beside the thing that it asks about must stand in a line, or around it."""

from datetime import UTC, datetime

import pytest

from voiceos.core import Recalled
from voiceos.language.terms import Analyzer
from voiceos.memory.recall.beside import Beside
from voiceos.memory.recall.lines import Line
from voiceos.memory.recall.question import ask
from voiceos.store.records import Kind

NOW = datetime(2027, 5, 3, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("question", "line", "before", "dated", "there"),
    [
        ("What's the door code at the library?", "The door code is 8812.", "", True, False),
        ("What's the door code at the library?", "The door code is 8812.", "and in the library?", True, True),
        ("What's the door code of our flat?", "The door code is 8812.", "", True, True),
        ("What's the thermostat set to in the house?", "The thermostat is set to 19.", "", True, True),
        ("Who keeps the keys in the blue caravan now?", "Lotte keeps the keys to the caravan.", "", True, True),
        ("Who keeps the keys in the caravan?", "Lotte keeps the keys.", "", True, False),
        ("What did I take in the morning?", "I took two tablets.", "", True, True),
        ("How much did he owe in the end?", "He owed 40.", "", True, True),
        ("Is Tom allergic to penicillin?", "Tom is allergic to shellfish.", "", True, False),
        ("Is Tom allergic to penicillin?", "Tom can't have penicillin.", "", True, True),
        ("Who is allergic to cats?", "Tom is allergic to shellfish.", "", True, False),
        ("What's Gaz's phone number?", "My account number is 2201.", "", True, False),
        ("What's my bank account number?", "Your customer number is 5530.", "", True, False),
        ("When's my trainee's birthday?", "Lotta's birthday is the 4th of May.", "", True, True),
        ("What does Ned's bank account end in?", "Ned: student account at Fern Savings, ends in 9912", "", True, True),
        ("What's Gaz's phone number?", "My number is 2201.", "", True, True),
        ("What's the gate code?", "The code of the gate is 2201.", "", True, True),
        ("Am I married?", "My wife is Ada.", "", True, True),
        ("Who won the cup in 2019?", "The cup: Ines, by a nose", "", False, False),
        ("Who won the cup in 2019?", "The cup: Ines, by a nose", "Winners of 2019", False, True),
        ("Who won the cup in 2019?", "Ines won the cup", "", True, True),  # its date tells
        ("What will the rent be in 2028?", "Rent: 900 from then on", "", False, True),
    ],
)
def test_what_stands_beside(question: str, line: str, before: str, dated: bool, there: bool) -> None:
    memory = Recalled("1", line, at=datetime(2019, 6, 1, tzinfo=UTC) if dated else None)
    said_before = [(2, before)] if before else []
    beside = Beside(ask(question, Analyzer("en"), NOW))
    assert beside(Line(memory, Kind.NOTE, line, said_before)) is there
