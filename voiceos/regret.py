"""Erases everything once the time is over in which the owner could have changed their mind."""

import logging

import anyio
from anyio import to_thread

from voiceos.errors import StoreError
from voiceos.memory.memory import Memory
from voiceos.skills.skill import Workshop
from voiceos.store.doom import doom
from voiceos.store.forgetting import Unwanted

log = logging.getLogger(__name__)

LOOK_SECONDS = 30.0
"""Between two looks at the wall clock, which somebody may set."""


class Regret:
    """Waits; the time is kept in the store, so that a restart changes nothing."""

    def __init__(self, workshop: Workshop, memory: Memory) -> None:
        self._workshop = workshop
        self._memory = memory
        self._changed = anyio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        self._workshop.on_schedule.append(self._heed)
        try:
            while True:
                self._changed = anyio.Event()
                try:
                    waits = await self.look()
                except StoreError as error:
                    log.warning("It is not known whether everything is to be erased: %s", error)
                    waits = True
                with anyio.move_on_after(LOOK_SECONDS if waits else None):
                    await self._changed.wait()
        finally:
            self._workshop.on_schedule.remove(self._heed)

    def _heed(self) -> None:
        self._changed.set()

    async def look(self) -> bool:
        """Erases everything if it is time. Whether it may be later."""
        at, clocks = await self._workshop.stored(doom), self._workshop.clocks()
        if at is None or not clocks.known or at > clocks.now:
            return at is not None
        await to_thread.run_sync(self._erase)
        self._workshop.erased()
        return False

    def _erase(self) -> None:
        chosen, _ = self._memory.everything()
        self._memory.forget(Unwanted(chosen.records, chosen.turns, chosen.sources, everything=True))
        log.info("Everything was erased, as was asked for.")
