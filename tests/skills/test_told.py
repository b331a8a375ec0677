"""Which of the owner's sentences answer a question, and what follows a question means."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from voiceos.core import Transcript, Turn
from voiceos.skills.following import Answered, question_in, spelt_out, with_another
from voiceos.skills.person.wanted import wanted_in
from voiceos.skills.person.worded import answers
from voiceos.skills.skill import Asked

NOW = datetime(2027, 3, 10, 8, 30, tzinfo=ZoneInfo("Europe/London"))
NAMES = {"daniel": "husband", "sam": "brother", "karen": "wife"}


@pytest.mark.parametrize(
    ("question", "sentence", "right"),
    [
        ("where do I work", "I work three days a week at the library", True),
        ("where do I work", "the other Helen, Helen from work, lives in Leeds", False),
        ("where do I work", "I think Daniel works at the hospital", False),
        ("where are we moving to", "my brother Sam moved to Toronto in 2019", False),
        ("what can't my husband eat", "Daniel can't eat shellfish", True),
        ("what can't Sam eat", "Daniel can't eat shellfish", False),
        ("who is Sam married to", "Sam's wife is called Nicole", True),
        ("what is my wife's middle name", "my wife Karen teaches third grade", False),
        ("what is my wife's sister called", "my wife Karen has a sister", False),
        ("when did my dad die", "my dad died in 2015", True),
        ("when did my dad die", "my dad died in his sleep", False),
        ("why did I leave the bank", "I left the bank in May", False),
        ("why did I leave the bank", "I left the bank because of the hours", True),
        ("what breed is Sam's dog", "Sam's dog is a whippet", True),
    ],
)
def test_a_sentence_that_answers(question: str, sentence: str, right: bool) -> None:
    assert answers(sentence, wanted_in(question, NAMES), NAMES, NOW) is right


def before(text: str, about: str = "", intent: str = "calendar.list", **slots: str) -> Answered:
    return Answered(Asked(intent, text, NOW, Turn("t", "c", transcript=Transcript(text)), slots), about)


def is_day(words: str, now: datetime) -> bool:
    return words.lower() in ("today", "tomorrow", "on friday", "friday")


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("and tomorrow?", "What have I got tomorrow?"),
        ("What about Friday?", "What have I got Friday?"),
        ("and the day after?", "What have I got ? 11 March 2027"),
        ("and my brother?", ""),
        ("tomorrow is another day", ""),
    ],
)
def test_the_same_of_another_day(text: str, means: str) -> None:
    found = with_another(text, before("What have I got today?", when="today").asked, {"when": is_day}, NOW)
    assert (found.text if found else "") == means


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("where is it?", "where is Dentist"),
        ("And who with?", "who is at Dentist"),
        ("how long will it take", "how long is Dentist"),
        ("when are we back", "when does Dentist end"),
        ("what time is it?", ""),
        ("tell me a story about a dragon that could not breathe fire", ""),
    ],
)
def test_it_is_what_was_spoken_of(text: str, means: str) -> None:
    assert next(spelt_out(text, before("When is the dentist?", "Dentist")), "") == means
    assert "Dentist" not in " ".join(spelt_out(text, before("What have I got today?")))


def test_a_question_beside_other_things() -> None:
    text = "my sister visits us the weekend after next is there anything in the calendar then"
    assert list(question_in(text, NOW))[-1].split() == (
        "is there anything in the calendar the weekend after next".split()
    )
    assert not list(question_in("which of the two cabins do we have on the night boat", NOW))  # it is only a part
