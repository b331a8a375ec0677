"""A speaker that is only a clock: queued sound counts as played once its time has come."""

from collections.abc import Callable

import anyio
import anyio.lowlevel

from voiceos.core import FRAME_SECONDS

_EXACT = 1e-6


class Playout:
    """Keeps the time of a speaker that cannot be asked. `now` is its clock, in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._total = 0.0
        self._end = 0.0

    def queue(self, seconds: float) -> float:
        """Queues this much sound, and returns when it will start."""
        start = max(self._now(), self._end)
        self._end = start + seconds
        self._total += seconds
        return start

    @property
    def queued(self) -> float:
        """Seconds that have yet to sound."""
        return max(0.0, self._end - self._now())

    @property
    def played(self) -> float:
        """Seconds that have sounded since the beginning."""
        return self._total - self.queued

    def stop(self) -> None:
        """Drops what has yet to sound."""
        self._total -= self.queued
        self._end = min(self._end, self._now())

    async def wait(self, seconds: float = 0.0) -> None:
        """Waits until no more than this is queued. A `stop` ends the wait within a frame."""
        await anyio.lowlevel.checkpoint()
        while (left := self.queued - seconds) > _EXACT:  # noqa: ASYNC110 - the clock is the event
            await anyio.sleep(min(left, FRAME_SECONDS))
