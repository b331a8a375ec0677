"""A recording as the microphone, and a WAV file as the speaker."""

import itertools
import math
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import anyio
import anyio.lowlevel
import numpy as np

from voiceos.audio.playout import Playout
from voiceos.audio.recording import Recording, frames_of
from voiceos.audio.resample import ToRate
from voiceos.audio.tape import Tape
from voiceos.audio.volume import add, to_pcm
from voiceos.core import FRAME_BYTES, FRAME_SECONDS, RATE, Frame

QUEUE_SECONDS = 0.2
"""`play` waits while more than this is queued."""


@dataclass(slots=True)
class _Piece:
    """Sound that is queued: 16 kHz, from `start` on the loop's clock."""

    start: float
    pcm: bytes


class WavAudio:
    """Fulfils `Audio` with files. Use it as an async context manager; the output is readable at any moment.

    In real time a frame comes every 20 ms of the loop's clock, and sound takes its time to play. Otherwise frames come
    as fast as they are taken, everything played has sounded at once, and `Frame.at` counts from the beginning.

    Before the recording come `lead_seconds` of silence, after it `tail_seconds`, or silence until `close_input`. With
    `mix="both"` the output holds recording and reply as heard in the room, with "reply" only the reply, each at its
    true time. `echo_gain` (a factor) lets the microphone hear the speaker `echo_seconds`
    later. Raises RecordingError if the recording cannot be read or the output cannot be written.
    """

    def __init__(
        self,
        source: Path,
        output: Path | None = None,
        *,
        realtime: bool = True,
        lead_seconds: float = 0.0,
        tail_seconds: float = 60.0,
        mix: Literal["reply", "both"] = "both",
        echo_gain: float = 0.0,
        echo_seconds: float = 0.06,
    ) -> None:
        with Recording(source) as recording:
            self.seconds = lead_seconds + recording.seconds
            """When the recording ends, in seconds from the beginning, without the tail."""
        self._source, self._output, self._realtime, self._mix = source, output, realtime, mix
        self._lead_seconds, self._tail_seconds = lead_seconds, tail_seconds
        self._tape: Tape | None = None
        self._start: float | None = None
        self._ticks = 0
        self._closed = False
        self._playout = Playout(self._now)
        self._to_rate = ToRate(RATE)
        self._pieces: deque[_Piece] = deque()
        self._echo = _EchoPath(echo_gain, echo_seconds) if echo_gain else None

    async def __aenter__(self) -> Self:
        if self._output is not None:
            self._tape = Tape(self._output)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._tape:
            self._tape.close()
            self._tape = None

    async def frames(self) -> AsyncGenerator[Frame, None]:
        """20 ms frames: lead, recording, tail."""
        with Recording(self._source) as recording:
            for pcm in itertools.chain(
                _silent_frames(self._lead_seconds),
                frames_of(recording.blocks(), FRAME_BYTES),
                _silent_frames(self._tail_seconds),
            ):
                frame = await self._tick(pcm)
                if self._closed:
                    return
                yield frame

    def close_input(self) -> None:
        """Ends `frames` after the next one: the conversation is over."""
        self._closed = True

    async def play(self, frame: Frame) -> None:
        """Queues sound of any rate; waits while more than 200 ms are queued."""
        await self._playout.wait(QUEUE_SECONDS)
        self._queue(self._to_rate(frame))

    async def drain(self) -> None:
        """Waits until all that was queued has sounded."""
        self._queue(self._to_rate.flush())
        await self._playout.wait()
        self._settle()

    def stop(self) -> None:
        """Silence now: what is queued is dropped."""
        self._settle()
        self._pieces.clear()
        self._to_rate.clear()
        self._playout.stop()

    @property
    def played(self) -> float:
        """Seconds of queued sound that have sounded."""
        return self._playout.played

    async def _tick(self, pcm: bytes) -> Frame:
        position = self._ticks * FRAME_SECONDS
        at = self._began() + position + FRAME_SECONDS
        if self._realtime:
            await anyio.sleep_until(at)
        else:
            await anyio.lowlevel.checkpoint()
        self._ticks += 1
        self._settle()
        if self._tape and self._mix == "both":
            self._tape.lay(position, pcm)
        return Frame(self._echo.hear(position, pcm) if self._echo else pcm, at)

    def _began(self) -> float:
        if self._start is None:
            self._start = anyio.current_time()
        return self._start

    def _now(self) -> float:
        """Now, by the speaker's clock. If not in real time, everything has already sounded."""
        return anyio.current_time() if self._realtime else math.inf

    def _queue(self, pcm: bytes) -> None:
        if pcm:
            began = self._began()
            now = anyio.current_time() if self._realtime else began + self._ticks * FRAME_SECONDS
            self._pieces.append(_Piece(self._playout.queue(len(pcm) / 2 / RATE, now=now), pcm))
        self._settle()

    def _settle(self) -> None:
        """Adds what has sounded by now to the tape and to the room."""
        now = self._now()
        while self._pieces and self._pieces[0].start < now:
            piece = self._pieces.popleft()
            sounded = 2 * round(min(now - piece.start, len(piece.pcm) / 2 / RATE) * RATE)
            if sounded < len(piece.pcm):
                self._pieces.appendleft(_Piece(piece.start + sounded / 2 / RATE, piece.pcm[sounded:]))
            self._lay(piece.start - self._began(), piece.pcm[:sounded])
            if sounded < len(piece.pcm):
                return

    def _lay(self, position: float, pcm: bytes) -> None:
        if self._tape:
            self._tape.lay(position, pcm)
        if self._echo:
            self._echo.sound(position, pcm)


class _EchoPath:
    """The way from speaker to microphone: a delay and a gain. Positions are seconds from the beginning."""

    def __init__(self, gain: float, seconds: float) -> None:
        self._gain, self._seconds = gain, seconds
        self._air = b""
        self._base = 0

    def sound(self, position: float, pcm: bytes) -> None:
        quieter = to_pcm(np.frombuffer(pcm, "<i2").astype(np.float32) * (self._gain / 32_768))
        start = 2 * round((position + self._seconds) * RATE) - self._base
        if start >= 0:
            self._air = self._air[:start].ljust(start, b"\0") + add(self._air[start:], quieter)

    def hear(self, position: float, pcm: bytes) -> bytes:
        start = 2 * round(position * RATE) - self._base
        echo, self._air = self._air[start : start + len(pcm)], self._air[start + len(pcm) :]
        self._base += start + len(pcm)
        return add(pcm, echo)


def _silent_frames(seconds: float) -> Iterator[bytes]:
    count = None if math.isinf(seconds) else round(seconds / FRAME_SECONDS)
    return itertools.repeat(bytes(FRAME_BYTES)) if count is None else itertools.repeat(bytes(FRAME_BYTES), count)
