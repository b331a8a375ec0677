"""Resamples sound while it is still coming in."""

from typing import Any

import numpy as np

from voiceos.core import Frame


class ToRate:
    """Brings frames of any rate, one after the other, to one rate, without seams between them.

    soxr works in blocks, so output lags behind input by up to 40 ms; `lag` tells the current lag.
    """

    def __init__(self, rate: int) -> None:
        self.rate = self._from_rate = rate
        self._stream: Any = None
        self._taken = self._given = 0

    @property
    def lag(self) -> float:
        """Seconds of sound that went in and have not come out yet."""
        return self._taken / self._from_rate - self._given / self.rate

    def __call__(self, frame: Frame) -> bytes:
        """The output for a frame, s16le: sometimes nothing, sometimes more than went in."""
        rest = b""
        if frame.rate != self._from_rate:
            rest = self.flush()
            self._from_rate = frame.rate
            self._stream = _stream(frame.rate, self.rate)
        if self._stream is None:
            return rest + frame.pcm
        out = self._stream.resample_chunk(np.frombuffer(frame.pcm, "<i2"))
        self._taken += len(frame.pcm) // 2
        self._given += len(out)
        return rest + out.tobytes()

    def flush(self) -> bytes:
        """The rest, to the exact length of the input. The next piece starts a new sound."""
        if not self._taken:
            return b""
        out = self._stream.resample_chunk(np.empty(0, np.int16), last=True)
        self.clear()
        return out.tobytes()

    def clear(self) -> None:
        """Forgets what has not come out yet."""
        if self._stream is not None:
            self._stream.clear()
        self._taken = self._given = 0


def _stream(from_rate: int, to_rate: int) -> Any:
    if from_rate == to_rate:
        return None
    import soxr

    return soxr.ResampleStream(from_rate, to_rate, 1, dtype="int16")
