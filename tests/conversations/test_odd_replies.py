"""Replies that were never meant for the ear, through a whole turn: spoken sensibly, or skipped and owned up to."""

from typing import Any

import pytest

from voiceos.core import Outcome
from voiceos.dialogue.manners import Manners
from voiceos.engines.fake import FakeMind

pytestmark = pytest.mark.anyio

OPEN = Manners(always_open=True)
UNSPEAKABLE = "I have an answer but I can't say it aloud."
"""Without its comma, as `sounded` gives it; a heading and "Here:" are units of their own, with a pause after them."""


async def sounded(hold: Any, reply: str, seconds: float = 12.0) -> str:
    """What is heard when this is the reply; the next question is answered as ever."""
    mind = FakeMind({"hello.": reply}, token_seconds=0.01)
    scene = await hold({1.0: "hello.", seconds: "next one."}, seconds=seconds + 6, manners=OPEN, mind=mind)
    assert [turn.outcome for turn in scene.turns] == [Outcome.ANSWERED] * 2
    heard, _, following = scene.sounded.partition("You said: next one.")
    assert not following
    return heard.strip()


@pytest.mark.parametrize(
    ("reply", "heard"),
    [
        ("**Paris** is the _capital_ of `France`.", "Paris is the capital of France."),
        ("# Weather\n\nIt is *warm* today.", "Weather It is warm today."),
        ("Sure! 😀🎉 It is ready. 👍🏽", "Sure! It is ready."),
        ("See [the guide](https://example.com/a?b=c) for more.", "See the guide for more."),
        ("Here:\n```python\nprint('x')\n```\nThat is all.", "Here That is all."),
        ("He\x00llo\x07 there\x1b[31m, you.\u200b\ufeff", "Hello there you."),
    ],
)
async def test_markup_pictures_and_control_characters_are_not_heard(hold: Any, reply: str, heard: str) -> None:
    assert await sounded(hold, reply) == heard


@pytest.mark.parametrize(
    "reply", ["🙂🙂🙂", "```\nrm -rf /\n```", "---", "***", "\x00\x01\x02", "\u200b\u200b", "| | |\n|-|-|"]
)
async def test_nothing_for_the_ear_is_owned_up_to(hold: Any, reply: str) -> None:
    assert await sounded(hold, reply) == UNSPEAKABLE


async def test_an_address_is_not_spelt_out(hold: Any) -> None:
    heard = await sounded(hold, "Look at https://example.com/very/long?query=1&x=%20y#part for that.")
    assert heard.startswith("Look at")
    assert heard.endswith("for that.")
    assert "%20" not in heard
    assert "://" not in heard


async def test_a_table_is_heard_by_its_words(hold: Any) -> None:
    heard = await sounded(hold, "| day | sky |\n|---|---|\n| Monday | sunny |\n| Tuesday | rain |")
    assert "|" not in heard
    assert "--" not in heard
    assert "Monday" in heard
    assert "sunny" in heard


async def test_mixed_scripts_keep_their_words(hold: Any) -> None:
    heard = await sounded(hold, "In Japanese it is こんにちは, in Greek γειά, in Arabic مرحبا, and in English hello.")
    assert heard.startswith("In Japanese it is")
    assert heard.endswith("in English hello.")


async def test_a_list_without_end_can_be_stopped(hold: Any) -> None:
    mind = FakeMind({"count.": "\n".join(f"{i}. item" for i in range(1, 500))}, token_seconds=0.01)
    scene = await hold({1.0: "count.", 9.0: "stop", 15.0: "next one."}, seconds=30, manners=OPEN, mind=mind)
    assert [turn.outcome for turn in scene.turns] == [Outcome.STOPPED, Outcome.STOPPED, Outcome.ANSWERED]
    assert len(scene.turns[0].said) < 200
    assert scene.sounded.endswith("You said: next one.")


async def test_a_word_without_end_neither_hangs_nor_crashes(hold: Any) -> None:
    heard = await sounded(hold, "a" * 800 + " done.", seconds=60)
    assert heard.endswith("done.")
