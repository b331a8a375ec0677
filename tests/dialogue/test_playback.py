"""Playback: held, it is silent; what was heard of it is known."""

import anyio
import pytest
from trio.testing import MockClock

from voiceos.audio.scripted import ScriptedAudio
from voiceos.core import Frame
from voiceos.dialogue.playback import Playback
from voiceos.engines.fake import speak

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return ("trio", {"clock": MockClock(autojump_threshold=0)})


def _nobody(text: str, at: float) -> None:
    """Nobody is told when it begins to sound."""


def _reply(audio: ScriptedAudio, text: str) -> Playback:
    playback = Playback(audio, _nobody)
    playback.begin(text)
    for pcm in speak(text):
        playback.add(Frame(pcm))
    playback.end_unit()
    playback.finish()
    return playback


async def test_held_in_the_moment_in_which_it_was_to_begin_it_stays_silent() -> None:
    audio = ScriptedAudio([])
    playback = _reply(audio, "one two three")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(playback.run)
        await anyio.sleep(1)
        playback.go()
        playback.hold()
        await anyio.sleep(1)
        assert playback.heard == ""
        playback.go()
    assert playback.heard == "one two three"


async def test_held_again_and_again_it_is_heard_whole_in_the_end() -> None:
    audio = ScriptedAudio([])
    playback = _reply(audio, "one two three four five six")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(playback.run)
        for _ in range(3):
            playback.go()
            await anyio.sleep(0.5)
            playback.hold()
            before = playback.heard
            await anyio.sleep(1)
            assert playback.heard == before
        assert 0 < playback.heard_seconds < len("one two three four five six") * 0.06
        playback.go()
    assert playback.heard == "one two three four five six"
