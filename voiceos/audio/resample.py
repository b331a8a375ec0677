"""Resamples sound while it is still coming in."""

import numpy as np

from voiceos.core import Frame


class Resampler:
    """Converts a stream of s16le mono, piece by piece, without seams between the pieces.

    soxr works in blocks, so output lags behind input by up to 40 ms; `lag` tells the current lag.
    """

    def __init__(self, from_rate: int, to_rate: int) -> None:
        self.from_rate, self.to_rate = from_rate, to_rate
        self._stream = None
        if from_rate != to_rate:
            import soxr

            self._stream = soxr.ResampleStream(from_rate, to_rate, 1, dtype="int16")
        self._taken = self._given = 0

    @property
    def lag(self) -> float:
        """Seconds of sound that went in and have not come out yet."""
        return self._taken / self.from_rate - self._given / self.to_rate

    def __call__(self, pcm: bytes) -> bytes:
        """The output for `pcm`: sometimes nothing, sometimes more than went in."""
        if self._stream is None:
            return pcm
        out = self._stream.resample_chunk(np.frombuffer(pcm, "<i2"))
        self._taken += len(pcm) // 2
        self._given += len(out)
        return out.tobytes()

    def flush(self) -> bytes:
        """The rest, to the exact length of the input. The next piece starts a new sound."""
        if self._stream is None or not self._taken:
            return b""
        out = self._stream.resample_chunk(np.empty(0, np.int16), last=True)
        self.clear()
        return out.tobytes()

    def clear(self) -> None:
        """Forgets what has not come out yet."""
        if self._stream is not None:
            self._stream.clear()
        self._taken = self._given = 0


def resampled(pcm: bytes, from_rate: int, to_rate: int) -> bytes:
    """A whole sound at another rate, s16le mono."""
    resampler = Resampler(from_rate, to_rate)
    return resampler(pcm) + resampler.flush()


class ToRate:
    """Brings frames of any rate, one after the other, to one rate."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._resampler = Resampler(rate, rate)

    def __call__(self, frame: Frame) -> bytes:
        """The output for a frame, s16le. Up to 40 ms of it may come with the next one or with `flush`."""
        rest = b""
        if frame.rate != self._resampler.from_rate:
            rest = self._resampler.flush()
            self._resampler = Resampler(frame.rate, self.rate)
        return rest + self._resampler(frame.pcm)

    def flush(self) -> bytes:
        """The end of the sound."""
        return self._resampler.flush()

    def clear(self) -> None:
        """Forgets what has not come out yet."""
        self._resampler.clear()
