"""Back channels and noises: what does not ask for silence lets the reply go on where it stopped."""

from typing import Any

import pytest

from voiceos.core import Outcome
from voiceos.dialogue.manners import Manners
from voiceos.engines.fake import FakeMind, FakeSpeechToText

pytestmark = pytest.mark.anyio

LONG = "This is a long answer that goes on. " * 6
NOISE = "\x01" * 8
"""Taken for speech by the fake voice detector; the fake recogniser finds no words in it."""
COUGH = NOISE + "."
"""It sounds complete to the turn-end model."""
OPEN = Manners(always_open=True)
TALE = "Once upon a time there was a fox who lived in a deep wood beyond seven hills and it knew every tree by name."
DOUBLED_CHARACTERS = 6
"""A reply goes on from 0.3 s before where it stopped, and a character lasts 0.06 s."""


def _story() -> FakeMind:
    return FakeMind({"tell me a story.": LONG.strip()})


@pytest.mark.parametrize("sound", [COUGH, "mm-hm", "there was a fox."])
@pytest.mark.parametrize("times", [1, 2])
async def test_the_reply_goes_on_where_it_stopped(hold: Any, sound: str, times: int) -> None:
    """A cough, an "mm-hm" and its own echo, even twice: no word is lost, and none is doubled but for the 0.3 s."""
    sounds = {5.2 + 2.5 * i: sound for i in range(times)}
    scene = await hold(
        {1.0: "tell me a story."} | sounds, seconds=40, manners=OPEN, mind=FakeMind({"tell me a story.": TALE})
    )
    (turn,) = scene.turns
    assert turn.outcome is Outcome.ANSWERED
    assert turn.said == TALE
    assert sum(n.kind == "interrupt" for n in scene.notices) == times, "it fell silent each time"
    sounded = scene.sounded.replace(" ", "")
    told = TALE.replace(" ", "")
    assert len(told) <= len(sounded) <= len(told) + times * DOUBLED_CHARACTERS
    stop = next(i for i, (a, b) in enumerate(zip(sounded, told, strict=False)) if a != b)
    assert told[: stop - DOUBLED_CHARACTERS] in sounded
    assert sounded.endswith(told[-20:])


@pytest.mark.parametrize(("before_its_end", "answered"), [(0.5, True), (2.0, False)])
async def test_yes_to_a_question(hold: Any, before_its_end: float, answered: bool) -> None:
    """Over its last syllable it is the answer; in the middle it only says "go on"."""
    mind = FakeMind({"hello.": "Shall I turn off the light in the kitchen?"})
    ends = (await hold({1.0: "hello."}, manners=OPEN, mind=mind)).last_sound()
    scene = await hold({1.0: "hello.", round(ends - before_its_end, 2): "yes."}, manners=OPEN, mind=mind)
    assert [turn.transcript.text for turn in scene.turns] == (["hello.", "yes."] if answered else ["hello."])


@pytest.mark.parametrize("word", ["mm-hm", "yeah", "uh-huh."])
async def test_a_back_channel_does_not_stop_it(hold: Any, word: str) -> None:
    scene = await hold({1.0: "tell me a story.", 6.0: word}, seconds=40, manners=OPEN, mind=_story())
    (turn,) = scene.turns
    assert turn.outcome is Outcome.ANSWERED
    assert turn.said == LONG.strip()


async def test_a_cough_does_not_stop_it(hold: Any) -> None:
    scene = await hold({1.0: "tell me a story.", 6.0: NOISE}, seconds=40, manners=OPEN, mind=_story())
    assert scene.turns[0].outcome is Outcome.ANSWERED


async def test_the_reply_goes_on_and_can_still_be_interrupted(hold: Any) -> None:
    scene = await hold(
        {1.0: "tell me a story.", 6.0: COUGH, 7.2: COUGH, 13.0: "what time is it?"},
        seconds=40,
        manners=OPEN,
        mind=_story(),
        recognition=FakeSpeechToText(1.5),
    )
    assert [turn.outcome for turn in scene.turns] == [Outcome.INTERRUPTED, Outcome.ANSWERED]
    assert scene.turns[-1].transcript.text == "what time is it?"
    assert scene.last_sound(before=15.0) <= 13.3


async def test_it_stays_silent_while_somebody_speaks(hold: Any) -> None:
    question = "what time is it in the whole wide world today?"
    scene = await hold(
        {1.0: "tell me a story.", 6.0: COUGH, 7.2: question},
        seconds=40,
        manners=OPEN,
        mind=_story(),
        recognition=FakeSpeechToText(1.5),
    )
    assert [turn.outcome for turn in scene.turns] == [Outcome.INTERRUPTED, Outcome.ANSWERED]
    assert scene.last_sound(before=7.2 + len(question) * 0.06) <= 6.3
