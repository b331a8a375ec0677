"""A station through the real mixer, the real echo canceller and PortAudio, on a virtual sound card."""

import os
import subprocess
from collections.abc import Callable
from contextlib import aclosing
from typing import Protocol

import anyio
import numpy as np
import pytest
from anyio import to_thread

from tests.audio.media.station import hertz, mp3, stations
from voiceos.audio.card import SoundCard
from voiceos.audio.echo import EchoFree, TwoPathEcho
from voiceos.audio.loudness import Loudness
from voiceos.audio.media.jukebox import Jukebox, Track
from voiceos.audio.mixer import Mixer
from voiceos.core import Frame

pytestmark = [pytest.mark.card, pytest.mark.anyio]
CARD_RATE = 48_000
Tone = Callable[..., bytes]


class VirtualCard(Protocol):
    def record(self, source: str = ...) -> "subprocess.Popen[bytes]": ...


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def grows(sound: bytearray, seconds: float) -> bytes:
    """The next so many seconds of what is recorded."""
    begin, wanted = len(sound) // 2 * 2, round(seconds * CARD_RATE) * 2
    with anyio.fail_after(20):
        while len(sound) < begin + wanted:  # noqa: ASYNC110 - another process records it
            await anyio.sleep(0.01)
    return bytes(sound[begin : begin + wanted])


def longest_silence(pcm: bytes) -> float:
    """Seconds of the longest run without sound."""
    loud = np.flatnonzero(np.abs(np.frombuffer(pcm, "<i2").astype(int)) > 100)
    return float(np.diff(loud).max()) / CARD_RATE if len(loud) > 1 else len(pcm) / 2 / CARD_RATE


async def test_a_station_sounds_without_a_break_under_a_voice_and_until_it_is_paused(
    virtual_card: VirtualCard, tone: Tone
) -> None:
    sound, box = bytearray(), Jukebox()

    async def record() -> None:
        with virtual_card.record() as recorder:
            assert recorder.stdout
            try:
                while data := await to_thread.run_sync(
                    os.read, recorder.stdout.fileno(), 65_536, abandon_on_cancel=True
                ):
                    sound.extend(data)
            finally:
                recorder.terminate()

    async def listen(mixer: Mixer) -> None:
        async with aclosing(mixer.frames()) as frames:
            async for _ in frames:
                pass

    with stations() as web, box.attended():
        async with SoundCard() as card, anyio.create_task_group() as tasks:
            mixer = Mixer(EchoFree(card, TwoPathEcho()), box, loudness=Loudness(), ducked=lambda: False)
            for work in (mixer.run, record):
                tasks.start_soon(work)
            tasks.start_soon(listen, mixer)
            await box.play([Track("station", "Radio Test", web.live("/live", mp3(5)))])
            await grows(sound, 2)
            alone = await grows(sound, 2)
            assert longest_silence(alone) < 0.005
            assert hertz(alone, CARD_RATE) == pytest.approx(440, abs=2)

            voice, before = tone(1.5, 22_050, hertz=1000, level=0.3), mixer.played
            for place in range(0, len(voice), 882):
                await mixer.play(Frame(voice[place : place + 882], rate=22_050))
            await mixer.drain()
            assert mixer.played - before == pytest.approx(1.5, abs=0.06)
            assert hertz(bytes(sound[-CARD_RATE * 2 :][: CARD_RATE // 2 * 2]), CARD_RATE) == pytest.approx(1000, abs=5)

            await grows(sound, 3)
            box.pause()
            await grows(sound, 1)
            assert longest_silence(await grows(sound, 1)) > 0.9
            tasks.cancel_scope.cancel()
