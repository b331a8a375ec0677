"""Sentences that break off."""

import pytest

from voiceos.core import Transcript
from voiceos.dialogue.unfinished import completes, is_doubtful, sounds_unfinished


@pytest.mark.parametrize(
    "text",
    [
        "Set a timer for",
        "Set a timer for.",
        "Set a timer for it.",
        "Set bed light brightness for me.",
        "What?",
        "What's",
        "Set an alarm on Monday.",
        "Remind me to",
        "I would like a coffee with",
        "Call my",
        "Set bed light brightness.",
        "Turn the kitchen light",
        "Well, the thing is...",
        "Bread, milk,",
        "What's the weather in the",
        "May I?",
        "Is the garage?",
        "Can you please get?",
        "Get me.",
    ],
)
def test_unfinished(text: str) -> None:
    assert sounds_unfinished(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "What is it for?",
        "Set a timer for ten minutes.",
        "Set a timer for an hour.",
        "Turn the alarm off.",
        "Is the alarm on?",
        "Set bed light brightness to 50 percent.",
        "Turn the kitchen light off.",
        "Turn it up.",
        "Make me a drip coffee.",
        "Is the garage open?",
        "Is it raining?",
        "Play the Beatles.",
        "Can I have a latte with sugar?",
        "What's the date today",
        "Yes.",
        "No",
        "Tell me a story.",
        "Dim the lights a bit in here",
    ],
)
def test_finished(text: str) -> None:
    assert not sounds_unfinished(text)


@pytest.mark.parametrize(
    ("earlier", "text", "is_request", "expected"),
    [
        ("Turn off all of the lights in there.", "Office.", False, True),
        ("Remind me to call.", "My sister tomorrow.", False, True),
        ("Put milk and eggs on the", "shopping list", True, True),  # which would read the list
        ("Wake me up at seven.", "On Monday.", False, True),
        ("What's the weather in?", "Berlin", False, True),
        ("Set a timer for ten minutes.", "What time is it?", True, False),
        ("What is the weather in", "Set a timer for ten minutes", True, False),
        ("Hello.", "Dinner is ready.", False, False),
        ("Set a timer for ten minutes.", "It's for the pasta.", False, True),
        ("Set a timer for ten minutes.", "It's raining.", False, False),
        ("Tell me a story.", "Shopping list.", True, False),
        ("Should I take a coat?", "Yes, please.", False, False),
        ("How are you?", "A friend of mine from the old days in town", False, False),
    ],
)
def test_completes(earlier: str, text: str, is_request: bool, expected: bool) -> None:
    assert completes(text, earlier, is_request=is_request) is expected


@pytest.mark.parametrize(
    ("text", "finality", "tune", "is_request", "expected"),
    [
        ("Is that a timer?", 0.6, 1.0, False, True),
        ("Is that a timer?", 0.8, 1.0, False, False),
        ("Is that a timer?", 0.8, 0.9, False, True),  # nor does it sound quite like an end
        ("Set a timer for ten minutes.", 0.6, 1.0, True, False),  # half a sentence is seldom a request
        ("Set a timer for ten minutes.", 0.5, 0.9, True, True),
        ("Set a timer for 4", 0.1, 1.0, True, True),
        ("Yes.", 0.2, 0.5, False, False),
    ],
)
def test_an_end_that_the_recogniser_doubts(
    text: str, finality: float, tune: float, is_request: bool, expected: bool
) -> None:
    assert is_doubtful(Transcript(text, "en", finality=finality), tune, lambda: is_request) is expected
