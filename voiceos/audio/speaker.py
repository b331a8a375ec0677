"""The speaker half of a sound card."""

import time
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np

from voiceos.audio.portaudio import BLOCK_SECONDS, Device, close_stream, open_stream
from voiceos.audio.resample import ToRate
from voiceos.core import Frame

_LATENCY_SECONDS = 0.06
"""More is safer on a busy board. With less, `stop` takes effect sooner."""
_FIRST_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class _Span:
    """Sound passed to PortAudio in one piece."""

    start: float
    """When it begins to sound, on the loop's clock."""
    seconds: float
    before: float
    """Seconds of sound passed on before it."""


class Speaker:
    """An open output stream. Everything but the callback runs in the loop's thread.

    No lock: the loop only appends to the queue and clears it, the callback only takes from it.
    """

    def __init__(self, device: Device) -> None:
        self.device = device
        self._queue: deque[bytes] = deque()  # bounded by SoundCard.play, which waits
        self._rest = b""
        self._cut = False
        self._spans: deque[_Span] = deque(maxlen=128)
        self._handed = 0.0
        self._played = 0.0
        self._asked = time.monotonic() + _FIRST_SECONDS
        self.started = False
        """Whether the device has asked for sound yet."""
        self._closed = False
        self._stream: Any = None

    def open(self) -> None:
        """Blocks for some 10 ms; call it in a thread. Raises DeviceError."""
        rates = (self.device.rate, 48_000, 44_100)
        self._stream = open_stream("speaker", self.device, rates, _LATENCY_SECONDS, self._callback)
        self._to_rate = ToRate(int(self._stream.samplerate))

    def close(self) -> None:
        """Blocks; with a stuck sound server for up to 30 s. Call it in a thread."""
        self._played, self._closed = self.played, True
        self._queue.clear()
        if self._stream is not None:
            close_stream(self._stream)

    @property
    def quiet_seconds(self) -> float:
        """Seconds since the device last asked for sound; negative until it has had time to start."""
        return time.monotonic() - self._asked

    @property
    def queued(self) -> float:
        """Seconds not yet passed to PortAudio."""
        return len(self._queue) * BLOCK_SECONDS

    @property
    def left(self) -> float:
        """Seconds until everything has sounded."""
        last = self._spans[-1] if self._spans else None
        sounding = max(0.0, last.start + last.seconds - time.monotonic()) if last else 0.0
        return self.queued + sounding + (BLOCK_SECONDS if self._rest and not self._cut else 0.0)

    @property
    def played(self) -> float:
        """Seconds that have sounded, allowing for the device's latency. Never decreases."""
        if not self._closed:
            now = time.monotonic()
            span = next((span for span in reversed(list(self._spans)) if span.start <= now), None)
            if span:
                self._played = max(self._played, span.before + min(span.seconds, now - span.start))
        return self._played

    def queue(self, frame: Frame) -> None:
        self._put(self._to_rate(frame))

    def flush(self) -> None:
        """Queues the end of the sound, which the resampler still holds."""
        self._put(self._to_rate.flush())

    def stop(self) -> None:
        """Drops what was not yet passed to PortAudio."""
        self._queue.clear()
        self._cut = True
        self._to_rate.clear()

    def _put(self, pcm: bytes) -> None:
        step = 2 * round(self._to_rate.rate * BLOCK_SECONDS)
        self._queue.extend(pcm[i : i + step] for i in range(0, len(pcm), step))

    def _callback(self, rate: int, data: Any, samples: int, times: Any, status: Any) -> None:
        """In PortAudio's thread: copies and returns."""
        now = self._asked = time.monotonic()
        self.started = True
        if self._cut:
            self._rest, self._cut = b"", False
        pcm, wanted = self._rest, 2 * samples
        while len(pcm) < wanted and self._queue:
            try:
                pcm += self._queue.popleft()
            except IndexError:  # stopped just now
                break
        pcm, self._rest = pcm[:wanted], pcm[wanted:]
        if pcm:
            latency = times.outputBufferDacTime - times.currentTime
            seconds = len(pcm) / 2 / rate
            start = now + (latency if 0 < latency < 1 else _LATENCY_SECONDS)
            self._spans.append(_Span(start, seconds, self._handed))
            self._handed += seconds
        channels = len(data) // wanted
        pcm = pcm.ljust(wanted, b"\0")
        data[:] = pcm if channels == 1 else np.repeat(np.frombuffer(pcm, "<i2"), channels).tobytes()
