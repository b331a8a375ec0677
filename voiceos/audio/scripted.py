"""A microphone that follows a script and a speaker that records what sounded when: for tests and `talk --fake`."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

import anyio

from voiceos.audio.playout import Playout
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
        self._playout = Playout(anyio.current_time)
        self._queue: list[tuple[float, Frame]] = []  # (when it begins to sound, frame)
        self._began = 0.0

    async def frames(self) -> AsyncGenerator[Frame, None]:
        self._began = anyio.current_time()
        sound = {round(line.at / FRAME_SECONDS) + i: pcm for line in self._script for i, pcm in enumerate(line.frames)}
        for i in range(round(self._seconds / FRAME_SECONDS)):
            at = self._began + (i + 1) * FRAME_SECONDS
            await anyio.sleep_until(at)
            yield Frame(sound.get(i, bytes(FRAME_BYTES)), at)

    async def play(self, frame: Frame) -> None:
        self._queue.append((self._playout.queue(frame.seconds), frame))
        await self._playout.wait(QUEUED_SECONDS)

    async def drain(self) -> None:
        await self._playout.wait()

    def stop(self) -> None:
        self._playout.stop()
        now = anyio.current_time()
        self._queue = [(begins, frame) for begins, frame in self._queue if begins + frame.seconds <= now]

    @property
    def played(self) -> float:
        return self._playout.played

    @property
    def sounded(self) -> list[tuple[float, bytes]]:
        """What has sounded: when each frame began, in seconds since the microphone was opened, and its samples."""
        now = anyio.current_time()
        return [(begins - self._began, frame.pcm) for begins, frame in self._queue if begins < now]
