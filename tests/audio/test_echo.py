"""The seam for echo cancellation: the right reference at the right time; and WebRTC's canceller behind it."""

import math
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import anyio
import numpy as np
import pytest
from trio.testing import MockClock

from voiceos.audio.echo import EchoCanceller, EchoFree, Reference, WebRtcEcho
from voiceos.audio.playout import Playout
from voiceos.core import FRAME_BYTES, FRAME_SECONDS, RATE, Frame

Tone = Callable[..., bytes]
pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "trio", {"clock": MockClock(autojump_threshold=0)}


def samples(pcm: bytes) -> np.ndarray:
    return np.frombuffer(pcm, "<i2").astype(np.float64)


def noise(seconds: float, seed: int = 0) -> bytes:
    """Sound that comes and goes like speech, and is alike nowhere."""
    time = np.arange(round(seconds * RATE)) / RATE
    loudness = 3_000 * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * time))
    return (
        (np.random.default_rng(seed).normal(0, 1, len(time)) * loudness).clip(-32_000, 32_000).astype("<i2").tobytes()
    )


class Subtract:
    """A canceller for a room without delay: takes away the reference itself, and remembers when it was asked."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    def process(self, near: Frame, far: bytes) -> Frame:
        assert len(far) == len(near.pcm)
        self.asked.append(near.at)
        return Frame((samples(near.pcm) - samples(far)).astype("<i2").tobytes(), near.at)


class Room:
    """An `Audio` in which the microphone hears nothing but the speaker, `delay` seconds later."""

    def __init__(self, seconds: float, delay: float) -> None:
        self._frames, self._delay = round(seconds / FRAME_SECONDS), delay
        self._air = np.zeros(round((seconds + delay + 10) * RATE), "<i2")
        self._began = anyio.current_time()
        self._playout = Playout(anyio.current_time)

    async def frames(self) -> AsyncGenerator[Frame, None]:
        for i in range(self._frames):
            at = self._began + (i + 1) * FRAME_SECONDS
            await anyio.sleep_until(at)
            yield Frame(self._air[i * 320 : (i + 1) * 320].tobytes(), at)

    async def play(self, frame: Frame) -> None:
        await self._playout.wait(0.2)
        start = self._place(self._playout.queue(frame.seconds))
        self._air[start : start + len(frame.pcm) // 2] = np.frombuffer(frame.pcm, "<i2")

    async def drain(self) -> None:
        await self._playout.wait()

    def stop(self) -> None:
        self._playout.stop()
        self._air[self._place(anyio.current_time()) :] = 0

    @property
    def played(self) -> float:
        return self._playout.played

    def _place(self, at: float) -> int:
        return round((at - self._began + self._delay) * RATE)


async def conversation(
    canceller: EchoCanceller, speak: Callable[[EchoFree], Any], delay: float = 0.0, seconds: float = 3.0
) -> list[Frame]:
    heard: list[Frame] = []
    async with anyio.create_task_group() as group:
        audio = EchoFree(Room(seconds, delay), canceller, ahead_seconds=0)
        group.start_soon(speak, audio)
        async with aclosing(audio.frames()) as frames:
            heard.extend([frame async for frame in frames])
        group.cancel_scope.cancel()
    return heard


async def test_the_reference_is_what_sounds_at_that_very_moment() -> None:
    async def speak(audio: EchoFree) -> None:
        await anyio.sleep(0.5)
        await audio.play(Frame(noise(0.4)))
        await anyio.sleep(0.9)  # a pause
        for i in range(0, 32_000, 640):
            await audio.play(Frame(noise(1.0, seed=1)[i : i + 640]))

    heard = await conversation(Subtract(), speak)
    assert np.abs(samples(b"".join(frame.pcm for frame in heard))).max() == 0


async def test_after_a_stop_the_reference_is_right_again() -> None:
    async def speak(audio: EchoFree) -> None:
        await audio.play(Frame(noise(2.0)))
        await anyio.sleep(0.5)
        audio.stop()
        await anyio.sleep(0.1)
        await audio.play(Frame(noise(0.5, seed=1)))
        await audio.drain()
        assert audio.played == pytest.approx(1.0)

    heard = await conversation(Subtract(), speak)
    assert np.abs(samples(b"".join(frame.pcm for frame in heard))).max() == 0


async def test_frames_pass_untouched_while_nothing_sounds(tone: Tone) -> None:
    canceller = Subtract()
    start = anyio.current_time()

    async def speak(audio: EchoFree) -> None:
        await anyio.sleep(1.0)
        await audio.play(Frame(tone(0.5)))

    heard = await conversation(canceller, speak)
    assert len(heard) == 150
    assert 0.98 <= canceller.asked[0] - start <= 1.06
    assert 1.9 <= canceller.asked[-1] - start <= 2.1


def test_the_reference_is_bounded() -> None:
    reference = Reference()
    for _ in range(300):
        reference.add(noise(1.0))
    assert len(reference._pcm) <= 2 * RATE * 121  # pyright: ignore[reportPrivateUsage]
    assert reference.at(400, 400) == bytes(FRAME_BYTES)
    assert len(reference._pcm) <= 2 * RATE * 121  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize("delay", [0.06, 0.1, 0.15])
async def test_webrtc_takes_the_echo_away(delay: float) -> None:
    """At least 12 dB after two seconds, in a simulated room with reverberation; `docs/audio.md` has figures."""

    async def speak(audio: EchoFree) -> None:
        pcm = noise(6.0)
        for i in range(0, len(pcm), 640):
            await audio.play(Frame(pcm[i : i + 640]))

    with_echo = await conversation(_Nothing(), speak, delay, 5.5)
    without = await conversation(WebRtcEcho(), speak, delay, 5.5)
    before, after = (_power(frames[110:]) for frames in (with_echo, without))
    assert 10 * math.log10(before / after) > 12


class _Nothing:
    def process(self, near: Frame, far: bytes) -> Frame:
        return near


def _power(frames: list[Frame]) -> float:
    return float(np.mean(samples(b"".join(frame.pcm for frame in frames)) ** 2)) + 1e-9
