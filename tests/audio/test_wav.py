"""A recording as the microphone and a WAV file as the speaker, on a virtual clock."""

import wave
from collections.abc import Callable
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest
from trio.testing import MockClock

from voiceos.audio.recording import read_recording
from voiceos.audio.wav import WavAudio, as_heard
from voiceos.core import FRAME_BYTES, RATE, Frame
from voiceos.errors import RecordingError

Tone = Callable[..., bytes]
pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "trio", {"clock": MockClock(autojump_threshold=0)}


async def hear(audio: WavAudio) -> list[Frame]:
    async with aclosing(audio.frames()) as frames:
        return [frame async for frame in frames]


def samples(pcm: bytes) -> np.ndarray:
    return np.frombuffer(pcm, "<i2").astype(np.int32)


def tape(path: Path) -> np.ndarray:
    with wave.open(str(path)) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (RATE, 1, 2)
        return samples(wav.readframes(wav.getnframes()))


async def test_frames_come_every_20_ms_without_drift(recording: Path, tone: Tone) -> None:
    start = anyio.current_time()
    audio = WavAudio(recording, tail_seconds=0.5)
    heard: list[Frame] = []
    async with audio, aclosing(audio.frames()) as frames:
        async for frame in frames:
            heard.append(frame)
            assert anyio.current_time() == pytest.approx(frame.at)
            await anyio.sleep(0.007)  # what the listener does with it takes no time from the next
    assert len(heard) == 50 + 25
    assert audio.recording_over.is_set()
    assert {len(frame.pcm) for frame in heard} == {FRAME_BYTES}
    assert [frame.at for frame in heard] == pytest.approx([start + 0.02 * (i + 1) for i in range(75)])
    pcm = b"".join(frame.pcm for frame in heard)
    assert pcm[:-16_000] == tone(1.0)
    assert not any(pcm[-16_000:])


async def test_a_slow_listener_gets_every_frame_late_but_with_its_true_time(recording: Path) -> None:
    audio = WavAudio(recording, tail_seconds=0)
    heard: list[Frame] = []
    async with audio, aclosing(audio.frames()) as frames:
        async for frame in frames:
            heard.append(frame)
            if len(heard) == 10:
                await anyio.sleep(0.5)
    assert len(heard) == 50
    assert [b.at - a.at for a, b in pairwise(heard)] == pytest.approx([0.02] * 49)


async def test_faster_than_real_time_takes_no_time(recording: Path) -> None:
    start = anyio.current_time()
    async with aclosing(as_heard(read_recording(recording), tail_seconds=1)) as frames:
        heard = [frame async for frame in frames]
    assert anyio.current_time() == start
    assert len(heard) == 100
    assert [frame.at for frame in heard] == pytest.approx([start + 0.02 * (i + 1) for i in range(100)])


async def test_faster_than_real_time_lets_others_run(recording: Path) -> None:
    others = 0
    frames = as_heard(read_recording(recording), tail_seconds=0)
    async with anyio.create_task_group() as group, aclosing(frames):

        async def other() -> None:
            nonlocal others
            while True:
                others += 1
                await anyio.lowlevel.checkpoint()

        group.start_soon(other)
        async for _ in frames:
            pass
        group.cancel_scope.cancel()
    assert others >= 25


async def test_silence_goes_on_until_the_input_is_closed(recording: Path) -> None:
    heard: list[Frame] = []
    async with WavAudio(recording, tail_seconds=100) as audio, anyio.create_task_group() as group:

        async def later() -> None:
            await anyio.sleep(90)
            audio.close_input()

        group.start_soon(later)
        heard += await hear(audio)
    assert len(heard) == pytest.approx(90 / 0.02, abs=2)


async def test_play_waits_while_more_than_200_ms_are_queued(recording: Path, tone: Tone) -> None:
    async with WavAudio(recording) as audio:
        start = anyio.current_time()
        times: list[float] = []
        for _ in range(20):
            await audio.play(Frame(tone(0.1)))
            times.append(round(anyio.current_time() - start, 3))
        assert times[:4] == [0, 0, 0, pytest.approx(0.1)]
        assert times[-1] == pytest.approx(19 * 0.1 - 0.2)
        assert audio.played == pytest.approx(times[-1])
        await audio.drain()
        assert anyio.current_time() - start == pytest.approx(2.0)
        assert audio.played == pytest.approx(2.0)
        await anyio.sleep(1)
        assert audio.played == pytest.approx(2.0)


async def test_stop_is_silence_at_once(recording: Path, tmp_path: Path, tone: Tone) -> None:
    out = tmp_path / "out.wav"
    async with WavAudio(recording, out) as audio:
        await audio.play(Frame(tone(5.0)))
        await anyio.sleep(0.35)
        audio.stop()
        assert audio.played == pytest.approx(0.35)
        start = anyio.current_time()
        await audio.drain()
        assert anyio.current_time() == start
        await anyio.sleep(0.15)
        await audio.play(Frame(tone(0.1, hertz=880)))
        await audio.drain()
        assert audio.played == pytest.approx(0.45)
    kept = tape(out)
    assert len(kept) == round(0.6 * RATE)
    assert kept[: round(0.35 * RATE)].tolist() == samples(tone(0.35)).tolist()
    assert not kept[round(0.35 * RATE) : round(0.5 * RATE)].any()


async def test_a_stop_ends_the_wait_for_room(recording: Path, tone: Tone) -> None:
    async with WavAudio(recording) as audio, anyio.create_task_group() as group:
        start = anyio.current_time()

        async def stop() -> None:
            await anyio.sleep(0.1)
            audio.stop()

        await audio.play(Frame(tone(10.0)))
        group.start_soon(stop)
        await audio.play(Frame(tone(0.1)))
        assert anyio.current_time() - start <= 0.125


async def test_the_reply_is_at_its_true_place(recording: Path, tmp_path: Path, tone: Tone) -> None:
    out = tmp_path / "out.wav"
    async with WavAudio(recording, out, tail_seconds=1.0) as audio, anyio.create_task_group() as group:

        async def answer() -> None:
            await anyio.sleep(0.9)
            await audio.play(Frame(tone(0.5, hertz=880)))

        group.start_soon(answer)
        await hear(audio)
    expected = np.zeros(2 * RATE, np.int32)
    at = round(0.9 * RATE)
    expected[at : at + RATE // 2] += samples(tone(0.5, hertz=880))
    expected[:RATE] += samples(tone(1.0))
    assert tape(out).tolist() == expected.tolist()


@pytest.mark.parametrize("rate", [8_000, 22_050, 24_000, 48_000])
async def test_a_voice_of_any_rate_in_small_pieces_sounds_whole(
    recording: Path, tmp_path: Path, tone: Tone, rate: int
) -> None:
    pcm = tone(1.0, rate)
    async with WavAudio(recording, tmp_path / "out.wav") as audio:
        for i in range(0, len(pcm), 2 * (rate // 50)):
            await audio.play(Frame(pcm[i : i + 2 * (rate // 50)], rate=rate))
        await audio.drain()
        assert audio.played == pytest.approx(1.0, abs=0.001)
    kept = tape(tmp_path / "out.wav")
    assert len(kept) == pytest.approx(RATE, abs=2)
    assert np.abs(kept[800:15_200] - samples(tone(1.0))[800:15_200]).max() < 100


async def test_the_output_can_be_read_at_any_moment(recording: Path, tmp_path: Path, tone: Tone) -> None:
    out = tmp_path / "out.wav"
    async with WavAudio(recording, out) as audio, aclosing(audio.frames()) as frames:
        await audio.play(Frame(tone(3.0)))
        for count in range(1, 60):
            await anext(frames)
            assert len(tape(out)) >= count * FRAME_BYTES // 2 - 1


async def test_a_bad_recording_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="does not exist"):
        WavAudio(tmp_path / "absent.wav")


async def test_an_output_that_cannot_be_written_is_refused(recording: Path, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="Cannot write"):
        async with WavAudio(recording, tmp_path / "no" / "out.wav"):
            pass
