"""The volume of everything that is played, and what it never turns down."""

import pytest
from trio.testing import MockClock

from voiceos.audio.controls import Controls
from voiceos.audio.loudness import Loudness
from voiceos.audio.scripted import ScriptedAudio
from voiceos.core import Frame

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return ("trio", {"clock": MockClock(autojump_threshold=0)})


@pytest.mark.parametrize(("least", "loud"), [(0.0, 0), (0.5, 500)])
async def test_what_rings_is_heard_though_the_rest_is_muted(least: float, loud: int) -> None:
    loudness, card = Loudness(), ScriptedAudio([])
    loudness.mute()
    controls = Controls(card, loudness=loudness, least=least)
    await controls.play(Frame((1000).to_bytes(2, "little") * 320))
    await controls.drain()
    ((_, pcm),) = card.sounded
    assert int.from_bytes(pcm[:2], "little") == loud
