"""A volume for what is played, and a level meter for what is heard."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from voiceos.audio.levels import Level, LevelMeter
from voiceos.audio.loudness import Loudness
from voiceos.audio.volume import with_volume
from voiceos.core import Frame
from voiceos.protocols import Audio


class Controls:
    """Fulfils `Audio` around another one."""

    def __init__(
        self,
        audio: Audio,
        *,
        loudness: Loudness,
        least: float = 0.0,
        on_level: Callable[[Level], None] | None = None,
    ) -> None:
        """`on_level` is told the microphone's level about ten times a second.

        `least`: a factor below which nothing is turned down, not even when muted.
        """
        self._audio = audio
        self._loudness = loudness
        self._least = least
        self._on_level = on_level

    async def frames(self) -> AsyncGenerator[Frame, None]:
        meter = LevelMeter()
        async with aclosing(self._audio.frames()) as frames:
            async for frame in frames:
                if self._on_level and (level := meter(frame)):
                    self._on_level(level)
                yield frame

    async def play(self, frame: Frame) -> None:
        await self._audio.play(with_volume(frame, max(self._least, self._loudness.factor)))

    async def drain(self) -> None:
        await self._audio.drain()

    def stop(self) -> None:
        self._audio.stop()

    @property
    def played(self) -> float:
        return self._audio.played
