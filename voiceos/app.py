"""The composition root: builds the host and its voice from the settings, and owns every lifetime."""

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from anyio import to_thread

from voiceos.audio.loudness import Loudness
from voiceos.audio.switch import Switch
from voiceos.config.paths import data_folder, models_folder
from voiceos.config.settings import Config
from voiceos.core import Observer
from voiceos.engines import fake, heap
from voiceos.errors import StoreError, VoiceosError
from voiceos.host import Host
from voiceos.lookups import abandon_at_end
from voiceos.memory.memory import Memory
from voiceos.memory.recall.choice import SMALL_ROOM
from voiceos.mind.consenting import Consenting
from voiceos.mind.open_questions import OpenQuestions
from voiceos.mind.router import Router
from voiceos.mind.thinking import Thinking
from voiceos.mind.using import Using
from voiceos.minds import Around, Shares, open_minds, stay
from voiceos.models.catalogue import MEMORY, READER
from voiceos.models.shelf import Shelf
from voiceos.skills.judge import Judge
from voiceos.skills.registry import skills
from voiceos.skills.skill import Workshop
from voiceos.store.database import NAME, Connection, open_database
from voiceos.store.encryption import read_key
from voiceos.store.ownership import InUse, own
from voiceos.store.turns import TurnStore
from voiceos.tools.gate import OwnersGate
from voiceos.tools.mcp.toolbox import McpToolbox
from voiceos.tools.support import Meaning
from voiceos.wellbeing import Wellbeing

if TYPE_CHECKING:  # its engines are heavy
    from voiceos.memory.semantic import SemanticIndex

log = logging.getLogger(__name__)

REMOTE_PROMPT_TOKENS = 850
"""Room for memories in the prompt of a larger model elsewhere."""


@asynccontextmanager
async def open_host(
    config: Config,
    by: str,
    *,
    upkeep: bool = True,
    observers: Sequence[Observer] = (),
    switch: Switch | None = None,
) -> AsyncGenerator[Host]:
    """The assistant without ears. Raises InUse if another process has it, ConfigError for its key.

    `by`: the command, as shown to others. `switch`: that of its microphone, if it has one. The language model is
    loaded when it is first needed. A broken store leaves a host without memory, which says so.
    """
    abandon_at_end()
    heap.share_arenas()
    with ExitStack() as owned:
        try:
            owned.enter_context(own(data_folder(config.store), by))
        except InUse:
            raise
        except StoreError as error:
            log.warning("%s", error)  # the conversation goes on without memory, and says why
        async with _host(config, upkeep, observers, switch) as host:
            yield host


@asynccontextmanager
async def _host(
    config: Config, upkeep: bool, observers: Sequence[Observer], switch: Switch | None
) -> AsyncGenerator[Host]:
    shelf = Shelf(models_folder(config.store))
    memory, without = await to_thread.run_sync(_memory, config, shelf)
    workshop, toolbox = await _workshop(config, memory, switch)
    host = await _built(config, shelf, workshop, toolbox, without, observers)
    wellbeing = Wellbeing(config, host.happenings, host.asides.add)
    workshop.wellbeing.append(wellbeing.told)
    try:
        async with host.running(upkeep=upkeep), anyio.create_task_group() as looking:
            if upkeep:
                looking.start_soon(wellbeing.run)
            try:
                yield host
            finally:
                looking.cancel_scope.cancel()
    finally:
        if workshop.db:
            workshop.db.close()
        if memory:
            memory.close()


async def _workshop(config: Config, memory: Memory | None, switch: Switch | None) -> tuple[Workshop, McpToolbox]:
    """What the skills work with, and the tools of others, which need its store."""
    db = await to_thread.run_sync(_store, config, memory)
    workshop = Workshop(config, db, loudness=Loudness(config.audio.volume), memory=memory, switch=switch)
    toolbox = McpToolbox(config.tools.mcp, workshop.stored, data_folder(config.store) / "tools")
    return replace(workshop, toolbox=toolbox if workshop.db else None), toolbox


async def _built(
    config: Config, shelf: Shelf, workshop: Workshop, toolbox: McpToolbox, without: str, observers: Sequence[Observer]
) -> Host:
    """The host; `without`: why there is no memory."""
    memory, questions = workshop.memory, OpenQuestions()
    judges, consenting = _judges(memory), _consenting(workshop, toolbox, questions)
    using, programs = (consenting.using, consenting.programs) if consenting else (None, None)
    all_skills = [*await to_thread.run_sync(skills, workshop), *([consenting.skill] if consenting else [])]
    key, derived = read_key(config.memory.key_file), memory.derived if memory else ()
    return Host(
        config,
        open_minds(config, Around(shelf, workshop, judges.beyond, using, programs, questions)),
        memory,
        lambda: TurnStore(data_folder(config.store), key, derived),
        without_memory=without,
        loudness=workshop.loudness,
        router=Router(all_skills, workshop, judge=judges.skills, likely=judges.likely, questions=questions),
        workshop=workshop if workshop.db else None,
        tools=workshop.toolbox,
        consenting=consenting,
        switch=workshop.switch,
        observers=observers,
    )


def _consenting(workshop: Workshop, toolbox: McpToolbox, questions: OpenQuestions) -> Consenting | None:
    """How tools of others are used, of which the first may be added at any time; None: nowhere to keep receipts."""
    if not workshop.db:
        return None
    meaning = workshop.memory.meaning if workshop.memory else None
    gate = OwnersGate(workshop, toolbox, Meaning(meaning.meaning if meaning else None))
    return Consenting(gate, Using(toolbox, gate), questions, toolbox.questions)


def open_memory(config: Config, shelf: Shelf) -> Memory:
    """The memory that the settings name, with its encoders if they are there. Blocks a second.

    Raises StoreError, and ConfigError when its key cannot be read.
    """
    return Memory(
        data_folder(config.store),
        key=read_key(config.memory.key_file),
        meaning=_meaning(shelf),
        owner=config.memory.me,
        language=config.recognition.language if config.recognition.language != "auto" else "en",
        prompt_tokens=config.memory.prompt_tokens
        or (REMOTE_PROMPT_TOKENS if config.mind.base_url or config.mind.endpoints else SMALL_ROOM),
    )


def _store(config: Config, memory: Memory | None) -> Connection | None:
    """What the skills keep things in: a connection of their own, where there is a memory."""
    if memory is None:
        return None
    return open_database(data_folder(config.store) / NAME, read_key(config.memory.key_file), memory.derived)


def _memory(config: Config, shelf: Shelf) -> tuple[Memory | None, str]:
    """The memory, or the reason why there is none."""
    try:
        return open_memory(config, shelf), ""
    except StoreError as error:
        return None, str(error)


def _meaning(shelf: Shelf) -> "SemanticIndex | None":
    if not shelf.status(MEMORY).ready:
        log.info("The model %s is missing, so the memory is searched by words only.", MEMORY)
        return None
    from voiceos.memory.semantic import SemanticIndex

    try:
        return SemanticIndex(shelf.path(MEMORY), _reader(shelf))
    except VoiceosError as error:
        log.warning("The memory is searched by words only: %s", error)
        return None


def _reader(shelf: Shelf) -> Path | None:
    """The folder of the cross-encoder; None without one, which costs the memory no more than that."""
    try:
        return shelf.path(READER)
    except VoiceosError as error:
        log.info("Fewer answers from the memory are sure: %s", error)
        return None


@dataclass(frozen=True, slots=True)
class Judges:
    """Know a request by its meaning; None without the memory's encoders."""

    skills: Callable[[str], Sequence[str]] | None = None
    likely: Shares | None = None
    beyond: Shares | None = None
    """What no skill can do or know, and danger."""


def _judges(memory: Memory | None) -> Judges:
    if memory is None or memory.meaning is None:
        return Judges()
    encode = lru_cache(8)(memory.meaning.meaning)
    intent, beyond = Judge(encode), Judge(encode, "beyond")

    def requests(text: str) -> Sequence[str]:
        return (*beyond(text), *intent(text))

    return Judges(requests, intent.shares, beyond.shares)


@asynccontextmanager
async def rehearsal_host(config: Config, observers: Sequence[Observer]) -> AsyncGenerator[Host]:
    """A host that needs no model and remembers nothing."""

    @asynccontextmanager
    async def fake_mind() -> AsyncGenerator[Thinking]:
        yield Thinking(fake.FakeMind(), stay)

    forgetful = config.model_copy(update={"store": config.store.model_copy(update={"keep_turns": False})})
    host = Host(forgetful, fake_mind, None, _no_turns, observers=observers)
    async with host.running(upkeep=False):
        yield host


def _no_turns() -> TurnStore:
    raise StoreError("A rehearsal saves no turns.")
