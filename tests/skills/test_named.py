"""Which appointments a sentence names, in whatever words, and which words of an order name a new one."""

from datetime import datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from voiceos.language.times import find
from voiceos.skills.calendar.named import Named, named_in
from voiceos.skills.tagger import Tagger

NOW = datetime.fromisoformat("2027-03-10T08:30+00:00")
THINGS = [
    ("Chemistry tutorial", "Dr Haddad", "Room B12"),
    ("Haircut", "", "Toni's"),
    ("Boiler repair", "", ""),
    ("Night shift", "", "Ward 4"),
    ("Anna's birthday", "", ""),
    ("Ward meeting", "Ravi Menon", ""),
]
tagger = Tagger()


def named(text: str) -> Named:
    times = [(one.start, one.end) for one in find(text, NOW, lean="future")]
    return named_in(text, times, tagger(text, times), THINGS, None)


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("when's my chem tutorial", ["Chemistry tutorial"]),
        ("do I have my hair cut this week", ["Haircut"]),
        ("has the boiler man been booked", ["Boiler repair"]),
        ("when am I next on nights", ["Night shift"]),
        ("am I seeing Ravi on Thursday", ["Ward meeting"]),
        ("is my uncle's birthday in the calendar", []),
        ("when is the meeting with Bob", []),
        ("what's on tomorrow", []),
    ],
)
def test_an_appointment_is_named_in_other_words(text: str, titles: list[str]) -> None:
    assert list(named(text).titles) == titles


@pytest.mark.parametrize(
    ("text", "title"), [("when is Rita's birthday", ""), ("when is the birthday", "Anna's birthday")]
)
def test_what_means_the_same_of_another_is_not_meant(text: str, title: str) -> None:
    def encode(words: str) -> NDArray[np.float32]:
        return np.array([1.0, 0.0] if "birthday" in words.lower() else [0.0, 1.0], np.float32)

    times = [(one.start, one.end) for one in find(text, NOW, lean="future")]
    assert named_in(text, times, tagger(text, times), THINGS, encode).titles == ([title] if title else ())


def test_what_an_appointment_is_called_is_put_aside() -> None:
    text = "which room is my chem tutorial in"
    assert named(text).with_stand_in(text) == "which room is my rendezvous in"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("put the optician in for the 18th", ["optician"]),
        ("pencil me in for a haircut friday at half ten", ["haircut"]),
        ("got a seminar friday at 2, add it", ["seminar"]),
        ("what's on tomorrow", []),
        ("", []),
    ],
)
def test_the_words_that_name_something_are_found(text: str, names: list[str]) -> None:
    times = [(one.start, one.end) for one in find(text, NOW, lean="future")]
    assert [text[start:end].removeprefix("the ").removeprefix("a ") for start, end in tagger(text, times)] == names
