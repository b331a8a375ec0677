"""The microphone half of a sound card."""

import asyncio
import contextlib
import logging
import time
from collections import deque
from typing import Any

import anyio
import numpy as np

from voiceos.audio.portaudio import BLOCK_SECONDS, Device, close_stream, open_stream
from voiceos.audio.resample import ToRate
from voiceos.core import FRAME_BYTES, RATE, Frame

log = logging.getLogger(__name__)

BUFFER_SECONDS = 10.0
"""How far a slow listener may fall behind before the oldest sound is lost."""
_FIRST_SECONDS = 4.0
"""A card may take about 1.8 s to deliver its first samples."""
_LATE_SECONDS = 0.1
_JUMP_SECONDS = 0.1
"""Chunks arrive with jitter. When one is this far off its time, sound was lost in between."""
_SLEW = 0.02
_LATENCY_SECONDS = 0.06
_CHUNKS = round(BUFFER_SECONDS / BLOCK_SECONDS)


class Microphone:
    """An open input stream. Everything but the callback runs in the loop's thread."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self._lost_seconds = 0.0
        self._last = time.monotonic() + _FIRST_SECONDS
        self._chunks: deque[tuple[float, float, bytes]] = deque(maxlen=_CHUNKS)  # arrived at, age then, samples
        self._loop = asyncio.get_running_loop()
        self._arrived = anyio.Event()
        self._told = False
        self._first = True
        self._rest = b""
        self._at = 0.0
        self._stream: Any = None

    def open(self) -> None:
        """Blocks for some 10 ms; call it in a thread. Raises DeviceError."""
        self._stream = open_stream(
            "microphone", self.device, (RATE, self.device.rate, 48_000, 44_100), _LATENCY_SECONDS, self._callback
        )
        self._channels = int(self._stream.channels)
        self._rate = int(self._stream.samplerate)
        self._resample = ToRate(RATE)

    def close(self) -> None:
        """Blocks; with a stuck sound server for up to 30 s. Call it in a thread."""
        if self._stream is not None:
            close_stream(self._stream)

    @property
    def quiet_seconds(self) -> float:
        """Seconds since the device last gave sound; negative until it has had time to start."""
        return time.monotonic() - self._last

    async def ready(self, lost_after: float) -> bool:
        """Waits for sound; False if none came for `lost_after` seconds (the very first may take longer)."""
        patience = max(lost_after, _FIRST_SECONDS if self._first else 0)
        while not self._chunks:
            self._arrived = anyio.Event()
            with anyio.move_on_after(patience) as wait:
                await self._arrived.wait()
            late = anyio.current_time() - wait.deadline  # if so, this program was held up, not the card
            if wait.cancelled_caught and not self._chunks and late < _LATE_SECONDS:
                return False
        return True

    def drop(self) -> None:
        """Drops what came before anybody listened: the card may be open for a minute while models load."""
        self._chunks.clear()
        self._lost_seconds = 0.0

    def take(self) -> list[Frame]:
        """The 20 ms frames that have arrived."""
        if self._lost_seconds:
            log.warning("%.2f s of sound were lost because they were not read in time", self._lost_seconds)
            self._lost_seconds = 0.0
        frames: list[Frame] = []
        while self._chunks:
            self._first = False
            arrived, age, pcm = self._chunks.popleft()
            mono = self._mono(pcm)
            self._rest += self._resample(Frame(mono, rate=self._rate))
            at = self._ended(arrived, age, len(mono) / 2 / self._rate) - self._resample.lag
            while len(self._rest) >= FRAME_BYTES:
                pcm, self._rest = self._rest[:FRAME_BYTES], self._rest[FRAME_BYTES:]
                frames.append(Frame(pcm, at - len(self._rest) / 2 / RATE))
        return frames

    def _ended(self, arrived: float, age: float, seconds: float) -> float:
        """When a chunk of this length ended, without the jitter of its arrival, and never after it."""
        expected, measured = self._at + seconds, arrived - age
        if abs(measured - expected) < _JUMP_SECONDS:
            self._at = min(expected + _SLEW * (measured - expected), arrived)
        else:
            self._at = max(self._at, measured)
        return self._at

    def _mono(self, pcm: bytes) -> bytes:
        if self._channels == 1:
            return pcm
        samples = np.frombuffer(pcm, "<i2").reshape(-1, self._channels)
        if self.device.channel is not None and self.device.channel < self._channels:
            return samples[:, self.device.channel].tobytes()
        return samples.mean(axis=1, dtype=np.float32).astype("<i2").tobytes()

    def _callback(self, rate: int, data: Any, samples: int, times: Any, status: Any) -> None:
        """In PortAudio's thread: copies and returns."""
        self._last = time.monotonic()  # which is asyncio's clock, too; that one must not be asked in this thread
        age = times.currentTime - times.inputBufferAdcTime - samples / rate
        if len(self._chunks) == _CHUNKS:
            self._lost_seconds += BLOCK_SECONDS
        self._chunks.append((self._last, age if 0 < age < 0.5 else 0.0, bytes(data)))
        if not self._told:  # one call at most waits in the loop, however busy the loop is
            self._told = True
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        self._told = False
        self._arrived.set()
