"""Opens the memory, and keeps it up while nobody speaks: indexes what is new, and learns from it."""

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from anyio import to_thread

from voiceos.clock import local_time
from voiceos.config.paths import data_folder
from voiceos.config.settings import Config, MemorySettings
from voiceos.core import Notice, NoticeKind
from voiceos.errors import StoreError, VoiceosError
from voiceos.memory.facts.consolidation import Consolidation, Extractor
from voiceos.memory.ingest.intake import Intake, Progress
from voiceos.memory.ingest.watch import watch
from voiceos.memory.memory import PROMPT_TOKENS, Memory
from voiceos.memory.names import Names
from voiceos.models.needed import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.store.encryption import read_key

if TYPE_CHECKING:  # its engines are heavy
    from voiceos.memory.meaning import Meaning

log = logging.getLogger(__name__)

QUIET_STATES = ("asleep", "listening")
QUIET_SECONDS = 2.0
"""Nobody has spoken for so long: there is time for the memory."""
CONSOLIDATE_SECONDS = 60.0
"""Nobody has spoken for so long: what was said may be gone through with the model."""
AT_ONCE = 2048
"""Passages that are indexed between two looks at whether somebody speaks."""
REMOTE_PROMPT_TOKENS = 850
"""Room for memories in the prompt of a larger model elsewhere."""


def open_memory(config: Config, shelf: Shelf) -> Memory:
    """The memory that the settings name, with its encoders if they are there. Blocks a second.

    Raises StoreError, and ConfigError when its key cannot be read.
    """
    room = config.memory.prompt_tokens or (REMOTE_PROMPT_TOKENS if config.mind.base_url else PROMPT_TOKENS)
    return Memory(
        data_folder(config.store),
        key=read_key(config.memory.key_file),
        meaning=_meaning(shelf),
        owner=config.memory.me,
        language=config.recognition.language if config.recognition.language != "auto" else "en",
        prompt_tokens=room,
    )


def _meaning(shelf: Shelf) -> "Meaning | None":
    if not shelf.status(MEMORY).ready:
        log.info("The model %s is not there: the memory is searched by words alone.", MEMORY)
        return None
    from voiceos.memory.meaning import Meaning

    try:
        return Meaning(shelf.path(MEMORY))
    except VoiceosError as error:
        log.warning("The memory is searched by words alone: %s", error)
        return None


class Upkeep:
    """Works on a memory while it is quiet. As an observer it is told when somebody speaks, and when a turn was kept."""

    def __init__(self, memory: Memory, names: Names | None = None, extract: Extractor | None = None) -> None:
        """`names`: those that recognition is told; they are kept up to date as well. `extract`: the local model."""
        self._memory = memory
        self._names = names
        self._extract = extract
        self._consolidation = anyio.CancelScope()
        self._quiet = anyio.Event()
        self._busy = False
        self._wanted = anyio.Event()
        self._wanted.set()

    def __call__(self, notice: Notice) -> None:
        if notice.kind is NoticeKind.STATE:
            self._busy = notice.text not in QUIET_STATES
            if self._busy:
                self._consolidation.cancel()
            else:
                self._quiet.set()
                self._quiet = anyio.Event()
        elif notice.kind is NoticeKind.TURN:
            self._wanted.set()

    def want(self) -> None:
        """There is something new."""
        self._wanted.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._wanted.wait()
            await self.quiet()
            self._wanted = anyio.Event()
            try:
                done = await to_thread.run_sync(
                    lambda: self._memory.catch_up(go_on=lambda _: not self._busy, most=AT_ONCE)
                )
            except StoreError as error:
                log.warning("The memory's indexes are not up to date: %s", error)
                continue
            if done or self._busy:
                self._wanted.set()
                continue
            if self._names:
                await self._learn_names(self._names)
            await self._consolidate()

    async def follow(self, folders: Sequence[Path], me: Sequence[str]) -> None:
        """Takes in what is in these folders, and what changes there, while nobody speaks. Until cancelled."""
        async with self._memory.another() as db:

            def make(progress: Callable[[Progress], None]) -> Intake:
                return Intake(db, self._memory.rooms, me=me, progress=progress)

            await watch(folders, make, quiet=self.quiet, taken=lambda _: self.want())

    async def _learn_names(self, names: Names) -> None:
        now = local_time()
        try:
            await to_thread.run_sync(lambda: names.learn(self._memory.names(now), now))
        except VoiceosError as error:
            log.warning("Recognition does not know the memory's names: %s", error)

    async def _consolidate(self) -> None:
        """After a good while without a word; whoever speaks ends it within a moment, and it goes on another time."""
        with anyio.CancelScope() as self._consolidation:
            await anyio.sleep(CONSOLIDATE_SECONDS)
            try:
                async with self._memory.another() as db:
                    await Consolidation(db, self._extract).run()
            except VoiceosError as error:
                log.warning("What was said lately is not gone through yet: %s", error)
        if self._consolidation.cancelled_caught:
            self._wanted.set()

    async def quiet(self) -> None:
        """Waits until nobody has spoken for a moment."""
        while True:
            if self._busy:
                await self._quiet.wait()
            await anyio.sleep(QUIET_SECONDS)
            if not self._busy:
                return


@asynccontextmanager
async def kept_up(upkeep: Upkeep, config: MemorySettings) -> AsyncGenerator[None]:
    """Runs the upkeep beside the conversation, and follows the folders of the settings."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(upkeep.run)
        if config.watch:
            tasks.start_soon(upkeep.follow, config.watch, config.me)
        yield
        tasks.cancel_scope.cancel()
