"""What happens around a conversation in a living room: coughs, hurry, a television, and everything at random."""

from typing import Any

import pytest

from voiceos.core import Outcome
from voiceos.dialogue.converse import Manners
from voiceos.engines.fake import FakeMind, FakeSpeechToText
from voiceos.errors import EngineError

pytestmark = pytest.mark.anyio

LONG = "This is a long answer that goes on. " * 6
NOISE = "\x01" * 8
COUGH = NOISE + "."
"""It sounds complete to the turn-end model."""
OPEN = Manners(always_open=True)


def _story() -> FakeMind:
    return FakeMind({"tell me a story.": LONG.strip()})


class TestTwoCoughs:
    """The second begins before a slow recogniser has made out that the first was nothing."""

    async def test_the_reply_goes_on_and_can_still_be_interrupted(self, hold: Any) -> None:
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

    async def test_it_stays_silent_while_somebody_speaks(self, hold: Any) -> None:
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


async def test_a_cough_after_a_question_in_one_breath_is_no_call(hold: Any) -> None:
    said = "computer what time is it?"
    mind = FakeMind(first_token_seconds=2.0)
    scene = await hold({1.0: said, 1.0 + len(said) * 0.06 + 0.8: NOISE}, mind=mind)
    assert scene.sounded == "You said: What time is it?"
    assert [turn.outcome for turn in scene.turns] == [Outcome.ANSWERED]


async def test_stop_before_the_words_were_made_out_still_stops(hold: Any) -> None:
    said = "tell me a story."
    again = 1.0 + len(said) * 0.06 + 0.6
    scene = await hold({1.0: said, again: "stop."}, manners=OPEN, recognition=FakeSpeechToText(1.0), mind=_story())
    assert [turn.outcome for turn in scene.turns] == [Outcome.STOPPED, Outcome.STOPPED]
    assert scene.sounded == ""


async def test_what_is_said_right_after_stop_is_heard(hold: Any) -> None:
    manners = Manners(partials=True)
    script = {1.0: "computer", 2.5: "tell me a story.", 8.0: "stop.", 8.8: "what time is it?"}
    scene = await hold(script, manners=manners, mind=_story(), chime_seconds=0.5)
    assert scene.turns[-1].transcript.text.endswith("what time is it?")
    assert scene.turns[-1].outcome is Outcome.ANSWERED


async def test_a_recogniser_that_fails_on_partial_words_is_no_end(hold: Any) -> None:
    broken = FakeSpeechToText(failure=EngineError("recognition crashed", spoken="I could not make that out."))
    scene = await hold(
        {1.0: "tell me a rather long story, if you please."},
        manners=Manners(always_open=True, partials=True),
        recognition=broken,
    )
    assert scene.sounded == "I could not make that out."


async def test_a_television_does_not_make_one_endless_utterance(hold: Any) -> None:
    talk = "and now to something completely different, folks. "
    line = len(talk) * 0.06 + 0.55
    slow = FakeMind(first_token_seconds=5.0, otherwise=lambda _: "Well.")
    scene = await hold({1.0 + line * i: talk.strip() for i in range(120)}, seconds=420, manners=OPEN, mind=slow)
    assert max(turn.speech.seconds for turn in scene.turns) < 200
