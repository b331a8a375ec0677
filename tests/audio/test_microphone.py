"""The times of frames, from a stream that is fed by hand."""

import asyncio
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceos.audio import microphone, portaudio
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


@pytest.mark.parametrize(("channel", "heard"), [(None, 300), (0, 100), (4, 0)])
def test_of_several_channels_the_clean_one_is_heard(
    monkeypatch: pytest.MonkeyPatch, channel: int | None, heard: int
) -> None:
    """The six of an array: one is clean, four are bare microphones, and one is what is played."""
    asked: list[dict[str, Any]] = []

    class Stream:
        channels, samplerate = 6, RATE

        def __init__(self, **given: Any) -> None:
            asked.append(given)
            if given["channels"] != 6:
                raise ValueError("the card has six")

        def start(self) -> None: ...

    monkeypatch.setattr(portaudio, "load", lambda: SimpleNamespace(RawInputStream=Stream, PortAudioError=OSError))
    levels = (100, 800, 300, 200, 0, 400)

    async def frame() -> Frame:
        mic = Microphone(replace(CARD, microphones=6, channel=channel))
        mic.open()
        times = SimpleNamespace(currentTime=0.0, inputBufferAdcTime=0.0)
        asked[-1]["callback"](np.tile(np.array(levels, "<i2"), CHUNK).tobytes(), CHUNK, times, None)
        return mic.take()[0]

    assert set(np.frombuffer(asyncio.run(frame()).pcm, "<i2").tolist()) == {heard}
    assert len(asked) == (3 if channel is None else 1)


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
