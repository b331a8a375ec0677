"""The seam for echo cancellation: the right reference at the right time; and WebRTC's canceller behind it."""

import math
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest
from trio.testing import MockClock

from voiceos.audio.echo import EchoCanceller, EchoFree, Reference, WebRtcEcho
from voiceos.audio.recording import write_wav
from voiceos.audio.wav import WavAudio
from voiceos.core import FRAME_BYTES, RATE, Frame

Tone = Callable[..., bytes]
pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "trio", {"clock": MockClock(autojump_threshold=0)}


@pytest.fixture
def quiet(tmp_path: Path) -> Path:
    write_wav(tmp_path / "quiet.wav", [Frame(bytes(FRAME_BYTES))])
    return tmp_path / "quiet.wav"


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


async def conversation(
    source: Path, canceller: EchoCanceller, speak: Callable[[EchoFree], Any], **options: Any
) -> list[Frame]:
    inner = WavAudio(source, tail_seconds=options.pop("tail_seconds", 3.0), echo_gain=1.0, **options)
    heard: list[Frame] = []
    async with inner, anyio.create_task_group() as group:
        audio = EchoFree(inner, canceller, ahead_seconds=0)
        group.start_soon(speak, audio)
        async with aclosing(audio.frames()) as frames:
            heard.extend([frame async for frame in frames])
        group.cancel_scope.cancel()
    return heard


async def test_the_reference_is_what_sounds_at_that_very_moment(quiet: Path) -> None:
    async def speak(audio: EchoFree) -> None:
        await anyio.sleep(0.5)
        await audio.play(Frame(noise(0.4)))
        await anyio.sleep(0.9)  # a pause
        for i in range(0, 32_000, 640):
            await audio.play(Frame(noise(1.0, seed=1)[i : i + 640]))

    heard = await conversation(quiet, Subtract(), speak, echo_seconds=0.0)
    assert np.abs(samples(b"".join(frame.pcm for frame in heard))).max() == 0


async def test_after_a_stop_the_reference_is_right_again(quiet: Path) -> None:
    async def speak(audio: EchoFree) -> None:
        await audio.play(Frame(noise(2.0)))
        await anyio.sleep(0.5)
        audio.stop()
        await anyio.sleep(0.1)
        await audio.play(Frame(noise(0.5, seed=1)))
        await audio.drain()
        assert audio.played == pytest.approx(1.0)

    heard = await conversation(quiet, Subtract(), speak, echo_seconds=0.0)
    assert np.abs(samples(b"".join(frame.pcm for frame in heard))).max() == 0


async def test_frames_pass_untouched_while_nothing_sounds(quiet: Path, tone: Tone) -> None:
    canceller = Subtract()
    start = anyio.current_time()

    async def speak(audio: EchoFree) -> None:
        await anyio.sleep(1.0)
        await audio.play(Frame(tone(0.5)))

    heard = await conversation(quiet, canceller, speak, echo_seconds=0.0)
    assert len(heard) == 151
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
async def test_webrtc_takes_the_echo_away(quiet: Path, delay: float) -> None:
    """At least 12 dB after two seconds, in a simulated room with reverberation; `docs/audio.md` has figures."""

    async def speak(audio: EchoFree) -> None:
        pcm = noise(6.0)
        for i in range(0, len(pcm), 640):
            await audio.play(Frame(pcm[i : i + 640]))

    with_echo = await conversation(quiet, _Nothing(), speak, echo_seconds=delay, tail_seconds=5.5)
    without = await conversation(quiet, WebRtcEcho(), speak, echo_seconds=delay, tail_seconds=5.5)
    before, after = (_power(frames[110:]) for frames in (with_echo, without))
    assert 10 * math.log10(before / after) > 12


async def test_webrtc_lets_a_talker_through(tmp_path: Path) -> None:
    said = noise(2.0, seed=7)
    write_wav(tmp_path / "talk.wav", [Frame(said)])

    async def silent(_: EchoFree) -> None:
        """The assistant says nothing."""

    heard = await conversation(tmp_path / "talk.wav", WebRtcEcho(), silent, tail_seconds=0.0)
    assert b"".join(frame.pcm for frame in heard) == said


class _Nothing:
    def process(self, near: Frame, far: bytes) -> Frame:
        return near


def _power(frames: list[Frame]) -> float:
    return float(np.mean(samples(b"".join(frame.pcm for frame in frames)) ** 2)) + 1e-9
