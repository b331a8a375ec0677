"""Audio over stdin and stdout, with another program as the sound card.

In: 16 kHz mono s16le. Out: frames of one type byte, a 4-byte big-endian length and a payload: `A` (4-byte big-endian
sample rate, then s16le mono), `F` (empty: drop what is queued) and `E` (a JSON object with "kind" and "t").
"""

import contextlib
import json
import os
import struct
import sys
from collections import deque
from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Any, Self

import anyio
import anyio.lowlevel

from voiceos.audio.playout import Playout
from voiceos.core import FRAME_BYTES, FRAME_SECONDS, Frame
from voiceos.errors import DeviceError

AHEAD_SECONDS = 0.1
"""How early sound is sent. The other side queues 60 ms, and the pipe should stay nearly empty."""
_MOST_WAITING = 4096
"""Frames that may wait for a reader that has stopped reading; beyond that, events are lost."""


class PipeAudio:
    """Fulfils `Audio` over two pipes. Use it as an async context manager. stdout belongs to it: log to stderr.

    `played` is estimated by the loop's clock. Raises DeviceError when the other side has closed its end.
    """

    def __init__(self, source: int | None = None, sink: int | None = None) -> None:
        self._source = sys.stdin.fileno() if source is None else source
        self._sink = sys.stdout.fileno() if sink is None else sink
        self._waiting: deque[bytes] = deque()
        self._begun = False
        """Whether part of the first waiting frame is already in the pipe."""
        self._playout = Playout(anyio.current_time)

    async def __aenter__(self) -> Self:
        self._was_blocking = os.get_blocking(self._sink)
        os.set_blocking(self._sink, False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(DeviceError, OSError), anyio.move_on_after(1, shield=True):
            await self._flush()
        os.set_blocking(self._sink, self._was_blocking)

    async def frames(self) -> AsyncGenerator[Frame, None]:
        """20 ms frames until the other side closes its end."""
        heard = b""
        while True:
            try:
                await anyio.wait_readable(self._source)
            except PermissionError:
                raise DeviceError("`--stdio` needs a pipe on stdin. Have another program write to it.") from None
            more = os.read(self._source, 65_536)
            if not more:
                return
            heard += more
            now, count = anyio.current_time(), len(heard) // FRAME_BYTES
            for i in range(count):
                at = now - (count - 1 - i) * FRAME_SECONDS
                yield Frame(heard[i * FRAME_BYTES : (i + 1) * FRAME_BYTES], at)
            heard = heard[count * FRAME_BYTES :]

    async def play(self, frame: Frame) -> None:
        """Sends sound, never more than 100 ms before its time."""
        step = 2 * round(frame.rate * FRAME_SECONDS)
        for i in range(0, len(frame.pcm), step):
            pcm = frame.pcm[i : i + step]
            await self._playout.wait(AHEAD_SECONDS - FRAME_SECONDS)
            self._playout.queue(len(pcm) / 2 / frame.rate)
            self._waiting.append(_frame(b"A", struct.pack(">I", frame.rate) + pcm))
            await self._flush()

    async def drain(self) -> None:
        """Waits until all that was sent has sounded."""
        await self._playout.wait()

    def stop(self) -> None:
        """Silence now: tells the other side to drop what it has queued."""
        self._playout.stop()
        begun = [self._waiting.popleft()] if self._begun else []  # a frame must not be broken off
        self._waiting = deque(begun + [data for data in self._waiting if data[:1] != b"A"])
        self._send(_frame(b"F", b""))

    @property
    def played(self) -> float:
        """Seconds that have sounded, if the other side plays at once."""
        return self._playout.played

    def event(self, kind: str, **fields: Any) -> None:
        """Tells the other side that something happened; `t` is now on the loop's clock, if not given."""
        self._send(_frame(b"E", json.dumps({"kind": kind, "t": anyio.current_time()} | fields).encode()))

    def _send(self, data: bytes) -> None:
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.append(data)
        with contextlib.suppress(DeviceError):  # frames() or play() will say so
            self._write()

    async def _flush(self) -> None:
        while not self._write():
            await anyio.wait_writable(self._sink)
        await anyio.lowlevel.checkpoint()

    def _write(self) -> bool:
        """Writes what the pipe takes without waiting; returns whether that was all."""
        try:
            while self._waiting:
                written = os.write(self._sink, self._waiting[0])
                self._begun = written < len(self._waiting[0])
                if self._begun:
                    self._waiting[0] = self._waiting[0][written:]
                else:
                    self._waiting.popleft()
        except BlockingIOError:
            return False
        except OSError as error:
            raise DeviceError("The program playing the sound closed the pipe.") from error
        return True


def _frame(kind: bytes, payload: bytes) -> bytes:
    return kind + struct.pack(">I", len(payload)) + payload
