"""What an utterance asks of the memory: `notes.tsv` holds sentences, the intent of each, and what it is about."""

from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from voiceos.config.settings import Config
from voiceos.core import Outcome, Transcript, Turn
from voiceos.language.data import pattern
from voiceos.language.terms import words
from voiceos.mind.router import Router
from voiceos.skills.notes import notes
from voiceos.skills.notes.forgetting import turned
from voiceos.skills.notes.notes import correction_in
from voiceos.skills.schedule import reminders
from voiceos.skills.skill import Workshop

NOW = datetime(2026, 11, 29, 23, 40).astimezone()
ROWS = [
    tuple(f"{line}\t\t".split("\t")[:3])
    for line in Path(__file__).with_name("notes.tsv").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


@cache
def router() -> Router:
    """After a turn in which the owner told something."""
    workshop = Workshop(Config())
    router = Router([notes.make(workshop), reminders.make(workshop)], workshop, now=lambda: NOW)
    before = Turn("before", "c", transcript=Transcript("My dentist is Doctor Meyer."), outcome=Outcome.ANSWERED)
    router.ended(before)
    return router


def request_in(text: str) -> tuple[str, str]:
    """The intent of a text and what it is about; "-" where it asks nothing of the memory."""
    asked = router().asked(Turn("t", "c", transcript=Transcript(text)))
    if not asked:
        return "-", ""
    (one,) = asked
    if one.intent == "notes.wrong":
        found = correction_in(text)
        assert found
        return one.intent, found.words
    slots = {name: value for name, value in one.slots.items() if name != "me"}
    about = next(iter(slots.values()), "")
    return one.intent, about


@pytest.mark.parametrize(("sentence", "intent", "about"), ROWS, ids=[row[0] for row in ROWS])
def test_a_sentence(sentence: str, intent: str, about: str) -> None:
    found, what = request_in(sentence)
    assert found == intent
    if found == "notes.about" and not what:
        what = "me"
    if about:
        assert words(what) == words(about)


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("Remember that the key is under the pot.", ("remember", "the key is under the pot")),
        ("Please remember my locker number is 42", ("remember", "my locker number is 42")),
        ("Don't forget that Ana is allergic to nuts!", ("remember", "Ana is allergic to nuts")),
        ("Remember to water the plants.", ("task", "water the plants")),
        ("What do you know about Ana?", ("about", "Ana")),
        ("Tell me what you remember about the boiler.", ("about", "the boiler")),
        ("What did I say about the boiler last winter?", ("said", "the boiler last winter")),
        ("When did I tell you about the dentist?", ("said", "the dentist")),
        ("What did we talk about on Monday?", ("talked", "on Monday")),
        ("What have we talked about?", ("talked", "")),
        ("Where did you get that?", ("why", "")),
        ("Why did you say that?", ("why", "")),
        ("How do you know that?", ("why", "")),
        ("Who told you that?", ("why", "")),
        ("That's wrong, it's the fourth of May.", ("wrong", "it's the fourth of May")),
        ("No, that's not true. Actually, it's Porto.", ("wrong", "it's Porto")),
        ("That's wrong.", ("wrong", "")),
        ("Forget that.", ("forget_that", "")),
        ("Please forget what I just said.", ("forget_that", "")),
        ("Forget everything about the hospital.", ("forget", "the hospital")),
        ("Delete everything you know about Mark", ("forget", "Mark")),
        ("Forget everything.", ("everything", "")),
    ],
)
def test_requests(text: str, request_: tuple[str, str]) -> None:
    intent, about = request_in(text)
    assert (intent.removeprefix("notes."), about) == request_


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Do you remember the name of the film?",
        "Remember when we went to Rome?",
        "How high is Mount Everest?",
        "What do people know about black holes?",
        "I forgot my keys.",
        "Where do we live?",
        "It's wrong to lie, isn't it?",
        "Tell me about the boiler.",
        "What did Ana say about the boiler?",
    ],
)
def test_everything_else_is_for_the_mind(text: str) -> None:
    assert request_in(text) == ("-", "")


@pytest.mark.parametrize(
    "text", ["Yes.", "Yes, please.", "Yeah, do it.", "Go ahead", "Sure!", "yes erase it", "Erase them all."]
)
def test_consent(text: str) -> None:
    assert pattern("en", "skills/notes", "said.yes").search(text)


@pytest.mark.parametrize(
    "text",
    ["No.", "Not now", "What?", "Yesterday I went to Rome", "Never mind", "Yes, I went shopping", "Sure is cold today"],
)
def test_no_consent(text: str) -> None:
    assert not pattern("en", "skills/notes", "said.yes").search(text)


@pytest.mark.parametrize("text", ["No.", "no thanks", "No, keep it.", "don't", "no, don't erase it", "better not"])
def test_refusal(text: str) -> None:
    assert pattern("en", "skills/notes", "said.no").search(text)


@given(st.text(max_size=1200))
@example("NO LONGER 0")
def test_any_text_is_read(text: str) -> None:
    request_in(text)
    correction_in(text)


def test_a_topic_is_turned_round() -> None:
    assert turned("my wife's name and me") == "your wife's name and you"
