"""Keeps the memory up to date while nobody speaks: indexes what is new, and learns from it."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import anyio
from anyio import to_thread

from voiceos.clock import local_time
from voiceos.config.settings import MemorySettings
from voiceos.core import Notice, NoticeKind
from voiceos.engines import heap
from voiceos.errors import StoreError, VoiceosError
from voiceos.memory.facts.by_model import Extractor
from voiceos.memory.facts.consolidation import consolidate
from voiceos.memory.ingest.intake import Intake
from voiceos.memory.ingest.report import Progress
from voiceos.memory.ingest.watch import watch
from voiceos.memory.memory import Memory
from voiceos.memory.names import Names

log = logging.getLogger(__name__)

QUIET_STATES = ("asleep", "listening")
QUIET_SECONDS = 2.0
"""Silence after which there is time for the memory."""
CONSOLIDATE_SECONDS = 60.0
"""Silence after which memory that turns left free goes back to the system, and the model may look for facts."""
AT_ONCE = 2048
"""Passages indexed between two checks whether somebody speaks."""


class Upkeep:
    """Works on a memory while it is quiet."""

    def __init__(self, memory: Memory | None) -> None:
        self._memory = memory
        self.names: Names | None = None
        """Names for recognition, which are kept up to date too."""
        self.extract: Extractor | None = None
        """The local model."""
        self._consolidation = anyio.CancelScope()
        self._quiet = anyio.Event()
        self.busy = False
        """Somebody speaks, or is answered."""
        self._wanted = anyio.Event()
        self._wanted.set()

    def heed(self, state: str) -> None:
        """The conversation's state: work stops while somebody speaks or is answered."""
        self.busy = state not in QUIET_STATES
        if self.busy:
            self._consolidation.cancel()
        else:
            self._quiet.set()
            self._quiet = anyio.Event()

    def observe(self, notice: Notice) -> None:
        """What happens in the conversation: a turn that ends brings something new."""
        if notice.kind is NoticeKind.STATE:
            self.heed(notice.text)
        elif notice.kind is NoticeKind.TURN:
            self.want()

    def want(self) -> None:
        """There is something new."""
        self._wanted.set()

    async def run(self, settings: MemorySettings) -> None:
        """Until cancelled; also follows the folders of the settings."""
        if self._memory is None:
            return
        async with anyio.create_task_group() as tasks:
            if settings.watch:
                tasks.start_soon(self._follow, self._memory, settings.watch, settings.me)
            await self._work(self._memory)

    async def _work(self, memory: Memory) -> None:
        while True:
            await self._wanted.wait()
            await self.quiet()
            self._wanted = anyio.Event()
            try:
                await to_thread.run_sync(memory.prolong_calendar, local_time())
                done = await to_thread.run_sync(lambda: memory.catch_up(go_on=lambda _: not self.busy, most=AT_ONCE))
            except StoreError as error:
                log.warning("The memory's indexes are not up to date: %s", error)
                continue
            if done or self.busy:
                self._wanted.set()
                continue
            if self.names:
                await self._learn_names(memory, self.names)
            await self._use_silence(memory)

    async def _follow(self, memory: Memory, folders: Sequence[Path], me: Sequence[str]) -> None:
        """Adds what is in these folders, and what changes there, while nobody speaks. Until cancelled."""
        async with memory.another() as db:

            def make(progress: Callable[[Progress], None]) -> Intake:
                return Intake(db, me=me, progress=progress)

            await watch(folders, make, quiet=self.quiet, taken=lambda _: self.want())

    async def _learn_names(self, memory: Memory, names: Names) -> None:
        now = local_time()
        try:
            await to_thread.run_sync(lambda: names.learn(memory.names(now), now))
        except VoiceosError as error:
            log.warning("Could not update the names for recognition: %s", error)

    async def _use_silence(self, memory: Memory) -> None:
        """After a long silence. Speech stops it at once; it resumes another time."""
        with anyio.CancelScope() as self._consolidation:
            await anyio.sleep(CONSOLIDATE_SECONDS)
            await to_thread.run_sync(heap.give_back)
            try:
                if self.extract:
                    async with memory.another() as db:
                        await consolidate(db, self.extract)
            except VoiceosError as error:
                log.warning("Could not look for facts in recent conversations: %s", error)
        if self._consolidation.cancelled_caught:
            self._wanted.set()

    async def idle(self) -> None:
        """Waits while somebody speaks or is answered."""
        while self.busy:
            await self._quiet.wait()

    async def quiet(self) -> None:
        """Waits until nobody has spoken for a moment."""
        while True:
            if self.busy:
                await self._quiet.wait()
            await anyio.sleep(QUIET_SECONDS)
            if not self.busy:
                return
