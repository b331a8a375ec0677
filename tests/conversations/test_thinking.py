"""While an answer is thought out for seconds, a sound tells that somebody was heard."""

from typing import Any

import pytest

from voiceos.core import FRAME_BYTES, Exchange, Frame, NoticeKind, Outcome
from voiceos.dialogue.manners import Manners
from voiceos.engines.fake import FakeMind

pytestmark = pytest.mark.anyio

OPEN = Manners(always_open=True)
SOUND = [Frame(bytes([7]) * FRAME_BYTES)] * 8
ASKED = "what is the longest river?"
END = 1.0 + len(ASKED) * 0.06


def _when(scene: Any) -> list[float]:
    return [at for at, pcm in scene.audio.sounded if pcm == SOUND[0].pcm]


@pytest.mark.parametrize(("thinks", "sounds"), [(0.15, False), (0.8, False), (3.0, True), (8.0, True)])
async def test_it_sounds_once_about_a_second_after_the_words_where_nothing_is_ready(
    hold: Any, thinks: float, sounds: bool
) -> None:
    """It is no part of what is said, shown or remembered."""
    scene = await hold({1.0: ASKED}, manners=OPEN, mind=FakeMind(first_token_seconds=thinks), thinking=SOUND)
    assert len(_when(scene)) == (len(SOUND) if sounds else 0)
    assert all(1.0 < at - END < 1.5 for at in _when(scene))
    assert scene.sounded == f"You said: {ASKED}"
    assert next(n.text for n in scene.notices if n.kind is NoticeKind.SAYING).startswith("You said")
    assert scene.conversation.history(0) == (Exchange(ASKED, f"You said: {ASKED}"),)


@pytest.mark.parametrize("after", [0.9, 1.3, 2.5])  # before it, over it, after it
async def test_whoever_goes_on_silences_it_and_is_answered_as_a_whole(hold: Any, after: float) -> None:
    more = "and where is it?"
    mind = FakeMind(first_token_seconds=4.0)
    scene = await hold({1.0: ASKED, END + after: more}, seconds=30, manners=OPEN, mind=mind, thinking=SOUND)
    speaking = END + after + 0.15, END + after + len(more) * 0.06
    assert not [at for at in _when(scene) if speaking[0] < at < speaking[1]]
    assert scene.sounded == f"You said: {ASKED} {more}"
    assert scene.outcome(-1) is Outcome.ANSWERED
    assert len(scene.conversation.history(0)) == 1
