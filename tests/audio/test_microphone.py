"""The times of frames, from a stream that is fed by hand."""

import asyncio
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceos.audio import microphone
from voiceos.audio.microphone import Microphone
from voiceos.audio.portaudio import BLOCK_SECONDS, Device
from voiceos.core import RATE, Frame

CARD = Device(0, "card", "ALSA", microphones=1, speakers=0, rate=RATE)
CHUNK = round(BLOCK_SECONDS * RATE)


async def fed(delays: list[float], ages: list[float], unheard: int = 0) -> list[tuple[float, Frame]]:
    """Frames with the times at which they could first be taken; chunk `i` ended at (`i` + 1) blocks, plus 100 s.

    `unheard`: so many come before anybody listens.
    """
    now, callback = 0.0, None

    def opened(kind: str, device: Device, rates: Any, latency: float, called: Any) -> Any:
        nonlocal callback
        callback = called
        return SimpleNamespace(channels=1, samplerate=RATE)

    frames: list[tuple[float, Frame]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(microphone, "open_stream", opened)
        patch.setattr(microphone, "time", SimpleNamespace(monotonic=lambda: now))
        mic = Microphone(CARD)
        mic.open()
        assert callback
        for i, (delay, age) in enumerate(zip(delays, ages, strict=True), 1):
            now = max(now, 100 + i * BLOCK_SECONDS + delay)
            times = SimpleNamespace(currentTime=age, inputBufferAdcTime=-BLOCK_SECONDS)
            callback(RATE, bytes(2 * CHUNK), CHUNK, times, None)
            if i == unheard:
                mic.drop()
            if i > unheard:
                frames += ((now, frame) for frame in mic.take())
    return frames


@given(st.lists(st.tuples(st.floats(0, 0.3), st.floats(0, 0.05)), min_size=1, max_size=300))
def test_a_frame_never_ends_after_it_arrived_nor_before_the_one_before_it(chunks: list[tuple[float, float]]) -> None:
    frames = asyncio.run(fed([delay for delay, _ in chunks], [age for _, age in chunks]))
    assert len(frames) == len(chunks)
    assert all(frame.at <= arrived for arrived, frame in frames)
    assert all(a.at <= b.at for (_, a), (_, b) in pairwise(frames))


def test_jitter_is_smoothed() -> None:
    delays = [0.001 if i % 3 else 0.041 for i in range(300)]
    frames = asyncio.run(fed(delays, [0.0] * 300))
    assert all(b.at - a.at == pytest.approx(BLOCK_SECONDS, abs=0.002) for (_, a), (_, b) in pairwise(frames[10:]))


def test_what_came_before_anybody_listened_is_dropped_silently(caplog: pytest.LogCaptureFixture) -> None:
    frames = asyncio.run(fed([0.0] * 2_000, [0.0] * 2_000, unheard=1_990))
    assert len(frames) == 10
    assert frames[0][1].at > 100 + 1_990 * BLOCK_SECONDS
    assert not caplog.records
