"""Audio over two pipes, read and written as the program at the other end would."""

import json
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import aclosing
from typing import Any

import anyio
import pytest

from voiceos.audio.stdio import PipeAudio
from voiceos.core import FRAME_BYTES, Frame
from voiceos.errors import DeviceError

Tone = Callable[..., bytes]
pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Pipes:
    """The far ends."""

    def __init__(self) -> None:
        self.source, self.to_source = os.pipe()
        self.from_sink, self.sink = os.pipe()
        os.set_blocking(self.from_sink, False)
        self._rest = b""

    def frames(self) -> list[tuple[str, bytes]]:
        """All whole frames that are in the pipe."""
        try:
            while more := os.read(self.from_sink, 65_536):
                self._rest += more
        except BlockingIOError:
            pass
        found: list[tuple[str, bytes]] = []
        while len(self._rest) >= 5:
            kind, size = struct.unpack(">cI", self._rest[:5])
            if len(self._rest) < 5 + size:
                break
            found.append((kind.decode(), self._rest[5 : 5 + size]))
            self._rest = self._rest[5 + size :]
        return found

    def close(self) -> None:
        for end in (self.source, self.to_source, self.from_sink, self.sink):
            try:
                os.close(end)
            except OSError:
                continue


@pytest.fixture
def pipes() -> Iterator[Pipes]:
    made = Pipes()
    yield made
    made.close()


async def test_frames_are_cut_from_whatever_comes(pipes: Pipes, tone: Tone) -> None:
    pcm = tone(0.1)
    async with PipeAudio(pipes.source, pipes.sink) as audio, aclosing(audio.frames()) as frames:
        os.write(pipes.to_source, pcm[:1_000])
        first = await anext(frames)
        os.write(pipes.to_source, pcm[1_000:])
        os.close(pipes.to_source)
        rest = [frame async for frame in frames]
        now = anyio.current_time()
    assert first.pcm + b"".join(frame.pcm for frame in rest) == pcm
    assert {len(frame.pcm) for frame in rest} == {FRAME_BYTES}
    assert rest[-1].at <= now
    assert rest[-1].at - rest[0].at == pytest.approx(0.06, abs=0.001)


async def test_sound_is_sent_at_its_rate_and_never_far_ahead(pipes: Pipes, tone: Tone) -> None:
    pcm = tone(0.3, 22_050)
    async with PipeAudio(pipes.source, pipes.sink) as audio:
        start = anyio.current_time()
        sent: list[bytes] = []
        async with anyio.create_task_group() as group:

            async def play() -> None:
                await audio.play(Frame(pcm, rate=22_050))
                await audio.drain()
                group.cancel_scope.cancel()

            group.start_soon(play)
            while True:
                await anyio.sleep(0.005)
                for kind, payload in pipes.frames():
                    assert kind == "A"
                    assert struct.unpack(">I", payload[:4]) == (22_050,)
                    sent.append(payload[4:])
                ahead = len(b"".join(sent)) / 2 / 22_050 - (anyio.current_time() - start)
                assert ahead <= 0.1 + 1e-6
        assert audio.played == pytest.approx(0.3, abs=0.001)
        assert anyio.current_time() - start >= 0.299
        sent += [payload[4:] for _, payload in pipes.frames()]
    assert b"".join(sent) == pcm


async def test_stop_tells_the_other_side_and_counts_only_what_sounded(pipes: Pipes, tone: Tone) -> None:
    async with PipeAudio(pipes.source, pipes.sink) as audio:
        await audio.play(Frame(tone(0.08)))
        audio.stop()
        assert audio.played < 0.08
        assert [kind for kind, _ in pipes.frames()][-1] == "F"
        await audio.drain()


async def test_events_carry_their_time(pipes: Pipes) -> None:
    async with PipeAudio(pipes.source, pipes.sink) as audio:
        before = anyio.current_time()
        audio.event("transcript", text="héllo")
        audio.event("eot", t=12.5)
        one, two = [json.loads(payload) for kind, payload in pipes.frames() if kind == "E"]
    assert (one["kind"], one["text"]) == ("transcript", "héllo")
    assert before <= one["t"] <= anyio.current_time()
    assert two == {"kind": "eot", "t": 12.5}


async def test_a_reader_that_stops_reading_gets_whole_frames_later(pipes: Pipes) -> None:
    async with PipeAudio(pipes.source, pipes.sink) as audio:
        for count in range(3_000):
            audio.event("busy", count=count, padding="x" * 60)
        audio.stop()
        got: list[tuple[str, bytes]] = []
        while len(got) < 3_001:
            got += pipes.frames()
            audio.event("idle")
    counts = [json.loads(payload).get("count") for kind, payload in got if kind == "E"]
    assert counts[:3_000] == list(range(3_000))
    assert [kind for kind, _ in got].count("F") == 1


async def test_a_closed_far_end_is_a_device_error(pipes: Pipes, tone: Tone) -> None:
    async with PipeAudio(pipes.source, pipes.sink) as audio:
        os.close(pipes.from_sink)
        audio.event("ready")
        audio.stop()
        with pytest.raises(DeviceError, match="closed its end"):
            await audio.play(Frame(tone(0.1)))


async def test_a_file_on_stdin_is_refused(pipes: Pipes, tmp_path: Any) -> None:
    with (tmp_path / "x").open("w+b") as file:
        async with PipeAudio(file.fileno(), pipes.sink) as audio, aclosing(audio.frames()) as frames:
            with pytest.raises(DeviceError, match="needs a pipe"):
                await anext(frames)
