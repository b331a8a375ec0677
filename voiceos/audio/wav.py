"""A recording as the microphone, and a WAV file as the speaker."""

from collections.abc import AsyncGenerator, Iterable, Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Self

import anyio
import anyio.lowlevel

from voiceos.audio.playout import Playout
from voiceos.audio.recording import frames_of, read_recording
from voiceos.audio.resample import ToRate
from voiceos.audio.tape import Tape
from voiceos.core import FRAME_BYTES, FRAME_SECONDS, RATE, Frame

QUEUE_SECONDS = 0.2
"""`play` waits while more than this is queued."""
TAIL_SECONDS = 60.0
"""How long the microphone stays open after a recording."""


async def as_heard(sound: Iterable[bytes], tail_seconds: float) -> AsyncGenerator[Frame, None]:
    """The sound of a recording and then silence, as 20 ms frames, as fast as they are taken."""
    began = anyio.current_time()
    for count, pcm in enumerate(chain(frames_of(sound, FRAME_BYTES), _silent_frames(tail_seconds)), start=1):
        await anyio.lowlevel.checkpoint()
        yield Frame(pcm, began + count * FRAME_SECONDS)


class WavAudio:
    """Fulfils `Audio` with files. Use it as an async context manager; the output is readable at any moment.

    After the recording comes silence, for a minute or until `close_input`. The output holds recording and reply as
    heard in the room. Raises RecordingError if the recording cannot be read or the output cannot be written.
    """

    def __init__(self, source: Path, output: Path | None = None, *, tail_seconds: float = TAIL_SECONDS) -> None:
        self._sound = read_recording(source)
        self._output, self._tail_seconds = output, tail_seconds
        self._tape: Tape | None = None
        self._start: float | None = None
        self._closed = False
        self._playout = Playout(anyio.current_time)
        self._to_rate = ToRate(RATE)
        self.recording_over = anyio.Event()

    async def __aenter__(self) -> Self:
        if self._output is not None:
            self._tape = Tape(self._output)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop()
        if self._tape:
            self._tape.close()
            self._tape = None

    async def frames(self) -> AsyncGenerator[Frame, None]:
        """20 ms frames in real time: recording, tail."""
        began = self._began()
        for count, pcm in enumerate(self._microphone()):
            at = began + (count + 1) * FRAME_SECONDS
            await anyio.sleep_until(at)
            if self._closed:
                return
            if self._tape:
                self._tape.lay(count * FRAME_SECONDS, pcm)
            yield Frame(pcm, at)

    def close_input(self) -> None:
        """Ends `frames`: the conversation is over."""
        self._closed = True

    async def play(self, frame: Frame) -> None:
        """Queues sound of any rate; waits while more than 200 ms are queued."""
        await self._playout.wait(QUEUE_SECONDS)
        self._queue(self._to_rate(frame))

    async def drain(self) -> None:
        """Waits until all that was queued has sounded."""
        self._queue(self._to_rate.flush())
        await self._playout.wait()

    def stop(self) -> None:
        """Silence now: what is queued is dropped."""
        self._to_rate.clear()
        self._playout.stop()
        if self._tape:
            self._tape.cut(anyio.current_time() - self._began())

    @property
    def played(self) -> float:
        """Seconds of queued sound that have sounded."""
        return self._playout.played

    def _microphone(self) -> Iterator[bytes]:
        yield from frames_of(self._sound, FRAME_BYTES)
        self.recording_over.set()
        yield from _silent_frames(self._tail_seconds)

    def _began(self) -> float:
        if self._start is None:
            self._start = anyio.current_time()
        return self._start

    def _queue(self, pcm: bytes) -> None:
        began = self._began()
        start = self._playout.queue(len(pcm) / 2 / RATE)
        if self._tape:
            self._tape.lay(start - began, pcm)


def _silent_frames(seconds: float) -> Iterator[bytes]:
    return repeat(bytes(FRAME_BYTES), round(seconds / FRAME_SECONDS))
