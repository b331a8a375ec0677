"""Politeness, rudeness and jokes are answered at once, and a request that only sounds like them is not taken."""

from typing import Any

import pytest

from voiceos.language.data import table

pytestmark = pytest.mark.anyio
REPLIES = table("en", "skills/courtesy")["replies"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Good morning!", "morning"),
        ("night night", "night"),
        ("I'm home!", "home"),
        ("thank you so much", "thanks"),
        ("Thank you, you're great.", "praise"),
        ("you're so stupid", "rude"),
        ("Shut up, you're annoying.", "rude"),
        ("how are you today", "well"),
        ("guess what", "guess"),
        ("tell me a joke", "joke"),
        ("give us another riddle", "riddle"),
        ("tell me a fun fact", "fact"),
    ],
)
async def test_what_is_answered(talk: Any, text: str, what: str) -> None:
    assert await talk(text) in REPLIES[what]


@pytest.mark.parametrize(
    "text",
    [
        "thanks for setting the alarm",
        "good night, lights out",
        "how are you going to do that",
        "tell me a joke about cats",
    ],
)
async def test_what_is_not(talk: Any, text: str) -> None:
    assert await talk(text) not in [reply for replies in REPLIES.values() for reply in replies]
