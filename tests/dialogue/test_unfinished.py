"""Sentences that break off."""

import pytest

from voiceos.dialogue.unfinished import completes, sounds_unfinished


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
        ("Tell me a story.", "Shopping list.", True, False),
        ("Should I take a coat?", "Yes, please.", False, False),
        ("How are you?", "A friend of mine from the old days in town", False, False),
    ],
)
def test_completes(earlier: str, text: str, is_request: bool, expected: bool) -> None:
    assert completes(text, earlier, is_request=is_request) is expected
