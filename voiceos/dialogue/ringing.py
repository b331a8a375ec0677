"""Rings and tells aloud what is due: a ring may sound over anybody, but what is only told waits until nobody speaks."""

import logging
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing
from typing import Protocol

import anyio

from voiceos.audio.earcons import Earcon, earcon
from voiceos.audio.volume import with_volume
from voiceos.core import Frame, Turn
from voiceos.errors import VoiceosError
from voiceos.language.speakable import speakable
from voiceos.protocols import Audio, TextToSpeech
from voiceos.store.schedule import Entry
from voiceos.timekeeper import Timekeeper

log = logging.getLogger(__name__)

Chime = Callable[[Earcon], Coroutine[object, object, None]]

SOFTEST, LOUDEST = 0.25, 2.0
"""Factors of the sound's own level."""
LOUD_AFTER_SECONDS = 40.0
"""How long it takes to become as loud as it gets."""
GAP_SECONDS = 1.2
"""Silence between two rounds, in which one can be heard."""
SAID_EVERY = 4
"""Rounds; with one of these it is said what rings."""
PATIENCE_SECONDS = 8.0
"""How long it waits for who speaks, or for a reply, before it rings over them: a television never stops."""
QUIET_SECONDS = 2.0
"""How long nobody must have spoken before something is told."""
RETRY_SECONDS = 60.0
"""After the voice has failed to tell it."""


class Floor(Protocol):
    """The conversation in which it rings: who speaks."""

    def is_free(self) -> bool:
        """Whether nobody speaks and nothing is answered."""
        ...

    def before_round(self) -> None:
        """A round of ringing begins."""
        ...

    def after_round(self) -> None: ...

    def rung(self) -> None:
        """Nothing rings any more."""
        ...

    def told(self) -> None:
        """Something was told, and may be answered."""
        ...


class Bell:
    """Plays what rings round by round until nothing rings, and tells what did not ring."""

    def __init__(
        self, keeper: Timekeeper, audio: Audio, voice: TextToSpeech, is_for: Callable[[Turn], bool], chime: Chime
    ) -> None:
        """`is_for`: whether somebody speaks of what rings. `chime` plays what comes before something is told."""
        self.keeper = keeper
        self.is_for = is_for
        self._audio = audio
        self._voice = voice
        self._chime = chime
        self._sound: anyio.CancelScope | None = None

    @property
    def rings(self) -> bool:
        return bool(self.keeper.ringing)

    async def run(self, floor: Floor) -> None:
        """Rings and tells until cancelled."""
        with self.keeper.attended():
            while True:
                if self.keeper.ringing:
                    await self._ring(floor)
                    floor.rung()
                elif due := [*self.keeper.untold, *self.keeper.remarks]:
                    if await self._tell(said := self.keeper.said(due[0]), floor):
                        await self.keeper.heard([one for one in due if self.keeper.said(one) == said])
                        floor.told()
                else:
                    await self.keeper.changed.wait()

    @property
    def sounds(self) -> bool:
        """Whether it is to be heard at this moment."""
        return self._sound is not None

    def hush(self) -> None:
        """Falls silent: somebody speaks. What rings goes on with the next round."""
        if self._sound:
            self._audio.stop()
            self._sound.cancel()

    async def _ring(self, floor: Floor) -> None:
        """The first round comes at once, whoever speaks; the others wait for them, but not for long."""
        began, rounds, known = anyio.current_time(), 0, set[tuple[int, float | None]]()
        last = began
        while ringing := self.keeper.ringing:
            fresh = {(entry.id, entry.ringing) for entry in ringing} - known
            if fresh or floor.is_free() or anyio.current_time() - last > PATIENCE_SECONDS:
                known |= fresh
                says = bool(fresh) or rounds % SAID_EVERY == 0
                floor.before_round()
                rounds += await self._play(self._round(ringing, anyio.current_time() - began, says=says))
                floor.after_round()
                last = anyio.current_time()
            await self._gap()

    async def _gap(self) -> None:
        """A silence, cut short by whoever ends what rings."""
        until = anyio.current_time() + GAP_SECONDS
        while self.rings and (left := until - anyio.current_time()) > 0:
            await self._changes_within(left)

    async def _round(self, ringing: Sequence[Entry], seconds: float, *, says: bool) -> AsyncGenerator[Frame, None]:
        """The sound of one round, louder the longer it has rung."""
        factor = SOFTEST * (LOUDEST / SOFTEST) ** min(1.0, seconds / LOUD_AFTER_SECONDS)
        for frame in earcon("alarm" if any(entry.kind == "alarm" for entry in ringing) else "timer"):
            yield with_volume(frame, factor)
        if says:
            async with aclosing(self._spoken(self.keeper.said_ringing())) as frames:
                async for frame in frames:
                    yield frame

    async def _spoken(self, words: str) -> AsyncGenerator[Frame, None]:
        try:
            for frame in await self._voiced(words):
                yield frame
        except VoiceosError as error:
            log.warning("It rings without words: %s", error)

    async def _voiced(self, words: str) -> list[Frame]:
        """All the sound of a sentence. Raises EngineError."""
        async with aclosing(self._voice.synthesize(speakable(words, self._voice.language))) as frames:
            return [frame async for frame in frames]

    async def _play(self, frames: AsyncGenerator[Frame, None]) -> bool:
        """Plays a sound; False if it was cut short."""
        rings = self.rings
        with anyio.CancelScope() as sound:
            self._sound = sound
            async with aclosing(frames):
                async for frame in frames:
                    if rings and not self.rings:  # somebody ended it
                        self._audio.stop()
                        break
                    await self._audio.play(frame)
            await self._audio.drain()
        self._sound = None
        return not sound.cancelled_caught

    async def _tell(self, words: str, floor: Floor) -> bool:
        """Tells once nobody has spoken for a moment; False: not now, for somebody speaks, or the voice fails."""
        if await self._changes_within(QUIET_SECONDS) or not floor.is_free():
            return False
        try:
            frames = await self._voiced(words)
        except VoiceosError as error:
            log.warning("What is due cannot be told: %s", error)
            await self._changes_within(RETRY_SECONDS)
            return False
        await self._chime("due")
        return floor.is_free() and await self._play(_each(frames))

    async def _changes_within(self, seconds: float) -> bool:
        """Waits so long, or until something else rings or is to be told."""
        with anyio.move_on_after(seconds):
            await self.keeper.changed.wait()
            return True
        return False


async def _each(frames: Sequence[Frame]) -> AsyncGenerator[Frame, None]:
    for frame in frames:
        yield frame
