"""Another reading of what was said is looked for while the answer to the first is prepared."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import anyio
import pytest

from voiceos.core import NoticeKind, Outcome, Speech, Stage, Transcript
from voiceos.dialogue.manners import DOUBTFUL_SECONDS, Manners
from voiceos.engines.fake import FakeMind

pytestmark = pytest.mark.anyio

OPEN = Manners(always_open=True)
SAID = "adapples please."
STORY = "tell me a very long story about dragons."


def finds(seconds: float, meant: str) -> Callable[[Speech, Transcript], Awaitable[Transcript]]:
    """Takes that long to say what was meant."""

    async def look_again(speech: Speech, heard: Transcript) -> Transcript:
        assert speech.pcm
        await anyio.sleep(seconds)
        return replace(heard, text=meant) if meant and heard.text == SAID else heard

    return look_again


@pytest.mark.parametrize("seconds", [0.1, 0.6])  # before and after the turn has ended
async def test_the_request_that_was_meant_is_answered_instead(hold: Any, seconds: float) -> None:
    mind = FakeMind(first_token_seconds=0.02, token_seconds=0)
    scene = await hold({1.0: SAID}, manners=OPEN, mind=mind, look_again=finds(seconds, "add apples"))
    (turn,) = scene.turns
    assert (turn.heard, turn.outcome, turn.reply.strip()) == ("add apples", Outcome.ANSWERED, "You said: add apples")
    assert scene.sounded == "You said: add apples"
    assert [n.text for n in scene.notices if n.kind is NoticeKind.TRANSCRIPT] == ["add apples"]
    assert list(turn.marks) == sorted(turn.marks, key=lambda stage: turn.marks[stage])


async def test_meanwhile_the_answer_to_what_was_heard_is_made(hold: Any) -> None:
    """It costs nothing but a wait, and that only where it takes longer than all the rest."""
    mind = FakeMind(first_token_seconds=0.02, token_seconds=0)
    scene = await hold({1.0: SAID}, manners=OPEN, mind=mind, look_again=finds(1.0, ""))
    (turn,) = scene.turns
    assert scene.sounded == f"You said: {SAID}"
    assert turn.marks[Stage.FIRST_CLAUSE] < turn.marks[Stage.TRANSCRIPT] + 0.1
    assert turn.marks[Stage.FIRST_SOUND] == pytest.approx(turn.marks[Stage.TRANSCRIPT] + 1.0, abs=0.05)


async def test_what_turns_out_to_be_doubtful_is_answered_later(hold: Any) -> None:
    async def doubt(speech: Speech, heard: Transcript) -> Transcript:
        await anyio.sleep(0.2)
        return replace(heard, finality=0.0)

    scene = await hold({1.0: SAID}, manners=OPEN, look_again=doubt)
    (turn,) = scene.turns
    assert turn.marks[Stage.FIRST_SOUND] - turn.marks[Stage.SPEECH_END] == pytest.approx(DOUBTFUL_SECONDS, abs=0.1)


async def test_a_request_that_was_meant_ends_the_reply_that_it_is_said_over(hold: Any) -> None:
    """Though what was heard would make sense as the end of what that answers."""
    script = {1.0: STORY, 6.0: SAID}
    scene = await hold(script, manners=OPEN, look_again=finds(0.2, "what time is it"))
    assert [(turn.heard, turn.outcome) for turn in scene.turns] == [
        (STORY, Outcome.INTERRUPTED),
        ("what time is it", Outcome.ANSWERED),
    ]


async def test_a_stop_that_is_known_late_still_stops_what_it_was_said_over(hold: Any) -> None:
    async def stop(speech: Speech, heard: Transcript) -> Transcript:
        await anyio.sleep(0.6)  # the turn has ended long before
        return replace(heard, text="Stop.") if heard.text == "what a star?" else heard

    mind = FakeMind(otherwise=lambda _: "This is a long answer that goes on. " * 6)
    scene = await hold({1.0: STORY, 6.0: "what a star?"}, manners=OPEN, mind=mind, look_again=stop)
    assert [turn.outcome for turn in scene.turns] == [Outcome.STOPPED, Outcome.STOPPED]
