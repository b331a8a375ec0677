"""What an utterance asks of the memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceos.mind.requests import Request, is_yes, request_in


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("Remember that the key is under the pot.", Request("remember", "the key is under the pot")),
        ("Please remember my locker number is 42", Request("remember", "my locker number is 42")),
        ("Don't forget that Ana is allergic to nuts!", Request("remember", "Ana is allergic to nuts")),
        ("Remember to water the plants.", Request("remember", "water the plants", is_task=True)),
        ("What do you know about Ana?", Request("about", "Ana")),
        ("Tell me what you remember about the boiler.", Request("about", "the boiler")),
        ("What did I say about the boiler last winter?", Request("said", "the boiler last winter")),
        ("When did I tell you about the dentist?", Request("said", "the dentist")),
        ("What did we talk about on Monday?", Request("talked", "on Monday")),
        ("What have we talked about?", Request("talked", "")),
        ("Where did you get that?", Request("why")),
        ("Why did you say that?", Request("why")),
        ("How do you know that?", Request("why")),
        ("Who told you that?", Request("why")),
        ("That's wrong, it's the fourth of May.", Request("wrong", "it's the fourth of May")),
        ("No, that's not true. Actually, it's Porto.", Request("wrong", "it's Porto")),
        ("That's wrong.", Request("wrong")),
        ("Forget that.", Request("forget_that")),
        ("Please forget what I just said.", Request("forget_that")),
        ("Forget everything about the hospital.", Request("forget_about", "the hospital")),
        ("Delete everything you know about Mark", Request("forget_about", "Mark")),
        ("Forget everything.", Request("forget_about")),
    ],
)
def test_requests(text: str, request_: Request) -> None:
    assert request_in(text) == request_


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
    assert request_in(text) is None


@pytest.mark.parametrize("text", ["Yes.", "Yes, please.", "Yeah, do it.", "Go ahead", "Sure!"])
def test_consent(text: str) -> None:
    assert is_yes(text)


@pytest.mark.parametrize("text", ["No.", "Not now", "What?", "Yesterday I went to Rome", "Never mind"])
def test_no_consent(text: str) -> None:
    assert not is_yes(text)


@given(st.text(max_size=1200))
def test_any_text_is_read(text: str) -> None:
    request_in(text)
