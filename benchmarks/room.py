"""A room for a benchmark: a microphone into which one speaks at chosen moments, and a speaker that is listened to."""

import math
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import anyio
import numpy as np

from voiceos.audio.playout import Playout
from voiceos.core import FRAME_BYTES, FRAME_SECONDS, RATE, Frame

FRAME_SAMPLES = FRAME_BYTES // 2
QUEUE_SECONDS = 0.2
AUDIBLE = 32_768 * 10 ** (-45 / 20)
"""A sample counts as audible above -45 dBFS."""
HOP_SECONDS = 0.005
GAP_SECONDS = 0.35
"""Silence this long is no longer a pause between words of the reply."""

Samples = np.ndarray[tuple[int], np.dtype[np.int16]]


@dataclass(slots=True)
class Sound:
    """An audible stretch, on the loop's clock."""

    start: float
    end: float


class Room:
    """Fulfils `Audio`, in real time. Quiet noise comes from the microphone until `close`."""

    def __init__(self, noise_rms: float = 10.0) -> None:
        """`noise_rms` in units of a 16-bit sample."""
        self._noise = np.random.default_rng(7)
        self._noise_rms = noise_rms
        self._pending: Samples = np.empty(0, np.int16)
        self._began = math.nan
        self._sent = 0  # samples
        self._open = True
        self._playout = Playout(anyio.current_time)
        self.sounds: list[Sound] = []
        """What was audible, in order; what is queued included."""

    # The side of the assistant

    async def frames(self) -> AsyncGenerator[Frame, None]:
        self._began = anyio.current_time()
        while self._open:
            at = self._began + (self._sent + FRAME_SAMPLES) / RATE
            await anyio.sleep_until(at)
            said, self._pending = self._pending[:FRAME_SAMPLES], self._pending[FRAME_SAMPLES:]
            self._sent += FRAME_SAMPLES
            sound = self._noise.normal(0, self._noise_rms, FRAME_SAMPLES)
            sound[: len(said)] += said
            yield Frame(np.clip(sound, -32_768, 32_767).astype("<i2").tobytes(), at)

    async def play(self, frame: Frame) -> None:
        await self._playout.wait(QUEUE_SECONDS)
        start = self._playout.queue(frame.seconds)
        loud = np.abs(np.frombuffer(frame.pcm, "<i2").astype(np.int32)) > AUDIBLE
        hop = round(frame.rate * HOP_SECONDS)
        for place in range(0, len(loud), hop):
            if loud[place : place + hop].any():
                self._hear(start + place / frame.rate, start + min(place + hop, len(loud)) / frame.rate)

    async def drain(self) -> None:
        await self._playout.wait()

    def stop(self) -> None:
        now = anyio.current_time()
        self._playout.stop()
        self.sounds = [Sound(sound.start, min(sound.end, now)) for sound in self.sounds if sound.start < now]

    @property
    def played(self) -> float:
        return self._playout.played

    # The side of the benchmark

    def say(self, samples: Samples, at: float = 0.0) -> float:
        """Speaks, at that time if it is still to come, else at once; returns when the first sample is spoken."""
        now = self._began + (self._sent + len(self._pending)) / RATE
        wait: Samples = np.zeros(max(0, round((at - now) * RATE)), np.int16)
        self._pending = np.concatenate([self._pending, wait, samples])
        return now + len(wait) / RATE

    def close(self) -> None:
        """The microphone ends."""
        self._open = False

    def first_sound(self, after: float, before: float = math.inf) -> float | None:
        """When the reply first sounded within that time."""
        found = [max(sound.start, after) for sound in self.sounds if sound.end > after and sound.start < before]
        return min(found, default=None)

    def silent_from(self, at: float) -> float | None:
        """When what sounds at `at` stops for longer than a pause between words; None if nothing sounds then."""
        end = max(
            (sound.end for sound in self.sounds if sound.start <= at and sound.end > at - GAP_SECONDS), default=None
        )
        if end is None:
            return None
        for sound in self.sounds:
            if sound.start > at and sound.start - end < GAP_SECONDS:
                end = max(end, sound.end)
        return end

    @property
    def quiet_since(self) -> float:
        """When the last sound ended: in the future, while some is queued."""
        return max((sound.end for sound in self.sounds), default=-math.inf)

    def _hear(self, start: float, end: float) -> None:
        if self.sounds and start - self.sounds[-1].end < HOP_SECONDS * 2:
            self.sounds[-1].end = end
        else:
            self.sounds.append(Sound(start, end))


async def until(moment: float) -> None:
    """Waits for a moment on the loop's clock."""
    await anyio.sleep_until(max(moment, anyio.current_time() + FRAME_SECONDS))
