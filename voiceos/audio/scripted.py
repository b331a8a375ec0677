"""A microphone that follows a script and a speaker that records what sounded when: for tests and `talk --fake`."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

import anyio

from voiceos.core import FRAME_BYTES, FRAME_SECONDS, Frame

QUEUED_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Line:
    """Sound that begins at `at` seconds after the microphone was opened."""

    at: float
    frames: Sequence[bytes]


class ScriptedAudio:
    """Fulfils `Audio`. Everything happens at exact times of the loop's clock."""

    def __init__(self, script: Sequence[Line], *, seconds: float = 30.0) -> None:
        self._script = script
        self._seconds = seconds
        self._queue: list[tuple[float, Frame]] = []  # (when it begins to sound, frame)
        self._free_at = 0.0
        self._played = 0.0
        self._began = 0.0

    async def frames(self) -> AsyncGenerator[Frame, None]:
        self._began = anyio.current_time()
        sound = {round(line.at / FRAME_SECONDS) + i: pcm for line in self._script for i, pcm in enumerate(line.frames)}
        for i in range(round(self._seconds / FRAME_SECONDS)):
            at = self._began + (i + 1) * FRAME_SECONDS
            await anyio.sleep_until(at)
            yield Frame(sound.get(i, bytes(FRAME_BYTES)), at)

    async def play(self, frame: Frame) -> None:
        now = anyio.current_time()
        begins = max(now, self._free_at)
        self._queue.append((begins, frame))
        self._free_at = begins + frame.seconds
        await anyio.sleep_until(self._free_at - QUEUED_SECONDS)

    async def drain(self) -> None:
        await anyio.sleep_until(self._free_at)

    def stop(self) -> None:
        self._settle()
        now = anyio.current_time()
        self._queue = [(begins, frame) for begins, frame in self._queue if begins + frame.seconds <= now]
        self._free_at = min(self._free_at, now)

    @property
    def played(self) -> float:
        self._settle()
        return self._played

    @property
    def sounded(self) -> list[tuple[float, bytes]]:
        """What has sounded: when each frame began, in seconds since the microphone was opened, and its samples."""
        now = anyio.current_time()
        return [(begins - self._began, frame.pcm) for begins, frame in self._queue if begins < now]

    def _settle(self) -> None:
        now = anyio.current_time()
        self._played = sum(min(frame.seconds, max(0.0, now - begins)) for begins, frame in self._queue)
