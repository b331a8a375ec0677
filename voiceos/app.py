"""The composition root: builds the host and its voice from the settings, and owns every lifetime."""

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import ExitStack, aclosing, asynccontextmanager
from typing import TYPE_CHECKING

import anyio
from anyio import to_thread

from voiceos.assembly import Engines, language_mind
from voiceos.audio.card import SoundCard
from voiceos.audio.controls import Controls
from voiceos.audio.earcons import Earcon, earcon
from voiceos.audio.echo import EchoFree, TwoPathEcho
from voiceos.audio.levels import Level
from voiceos.clock import local_time
from voiceos.config.paths import data_folder, models_folder
from voiceos.config.settings import Config
from voiceos.core import Audio, Exchange, Frame, Mind, Notice, NoticeKind, Observer
from voiceos.dialogue.answer import Equipment
from voiceos.dialogue.converse import Dialogue
from voiceos.dialogue.manners import Manners
from voiceos.engines.fake import FakeMind
from voiceos.errors import StoreError, VoiceosError
from voiceos.host import Host, OpenMind, Thinking
from voiceos.listen.ears import Ears
from voiceos.memory.memory import PROMPT_TOKENS, Memory
from voiceos.mind.remembering import RememberingMind
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.store.encryption import read_key
from voiceos.store.ownership import InUse, own
from voiceos.store.turns import TurnStore

if TYPE_CHECKING:  # its engines are heavy
    from voiceos.memory.semantic import SemanticIndex

log = logging.getLogger(__name__)

REMOTE_PROMPT_TOKENS = 850
"""Room for memories in the prompt of a larger model elsewhere."""


@asynccontextmanager
async def open_host(
    config: Config, by: str, *, upkeep: bool = True, observers: Sequence[Observer] = ()
) -> AsyncGenerator[Host]:
    """The assistant without ears. Raises InUse when another process has it, ConfigError for its key.

    `by`: the command, as others are told of it. The language model is loaded when it is first needed. A broken store
    leaves a host without memory, which says so.
    """
    with ExitStack() as owned:
        try:
            owned.enter_context(own(data_folder(config.store), by))
        except InUse:
            raise
        except StoreError as error:
            log.warning("%s", error)  # the conversation goes on without memory, and says why
        async with _host(config, upkeep, observers) as host:
            yield host


@asynccontextmanager
async def _host(config: Config, upkeep: bool, observers: Sequence[Observer]) -> AsyncGenerator[Host]:
    shelf, key = Shelf(models_folder(config.store)), read_key(config.memory.key_file)
    memory, without = await to_thread.run_sync(_memory, config, shelf)
    derived = memory.derived if memory else ()
    host = Host(
        config,
        _thinking(config, shelf, memory),
        memory,
        lambda: TurnStore(data_folder(config.store), key, derived),
        without_memory=without,
        observers=observers,
    )
    try:
        async with host.running(upkeep=upkeep):
            yield host
    finally:
        if memory:
            memory.close()


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
        prompt_tokens=config.memory.prompt_tokens or (REMOTE_PROMPT_TOKENS if config.mind.base_url else PROMPT_TOKENS),
    )


def _memory(config: Config, shelf: Shelf) -> tuple[Memory | None, str]:
    """The memory, or the reason why there is none now."""
    try:
        return open_memory(config, shelf), ""
    except StoreError as error:
        return None, str(error)


def _meaning(shelf: Shelf) -> "SemanticIndex | None":
    if not shelf.status(MEMORY).ready:
        log.info("The model %s is not there: the memory is searched by words alone.", MEMORY)
        return None
    from voiceos.memory.semantic import SemanticIndex

    try:
        return SemanticIndex(shelf.path(MEMORY))
    except VoiceosError as error:
        log.warning("The memory is searched by words alone: %s", error)
        return None


def _thinking(config: Config, shelf: Shelf, memory: Memory | None) -> OpenMind:
    """The language model of the settings, with the memory."""

    @asynccontextmanager
    async def opened(forgotten: Callable[[], None]) -> AsyncGenerator[Thinking]:
        here = not config.mind.base_url
        async with language_mind(config, shelf) as (chat, extract):
            await chat.warm_prefix()
            if memory is None:
                yield Thinking(chat, chat.warm_prefix, extract)
                return
            await to_thread.run_sync(memory.recall, "Where do I live?", local_time())  # warm, too
            stays_local = config.memory.stays_local and not here
            # the small one on this device guesses; one elsewhere is thought not to
            mind = RememberingMind(chat, memory, stays_local=stays_local, guesses=here, forgotten=forgotten)
            yield Thinking(mind, chat.warm_prefix, extract)

    return opened


@asynccontextmanager
async def rehearsal_host(config: Config, observers: Sequence[Observer]) -> AsyncGenerator[Host]:
    """A host that needs no model and remembers nothing."""

    @asynccontextmanager
    async def fake_mind(forgotten: Callable[[], None]) -> AsyncGenerator[Thinking]:
        async def warm(history: Sequence[Exchange]) -> None:
            pass

        yield Thinking(FakeMind(), warm)

    forgetful = config.model_copy(update={"store": config.store.model_copy(update={"keep_turns": False})})
    host = Host(forgetful, fake_mind, None, _no_turns, observers=observers)
    async with host.running(upkeep=False):
        yield host


def _no_turns() -> TurnStore:
    raise StoreError("A rehearsal keeps no turns.")


@asynccontextmanager
async def sound_card(
    config: Config, *, on_problem: Callable[[str], None], on_recovered: Callable[[], None]
) -> AsyncGenerator[Audio]:
    """The microphone and speaker of the settings, without the speaker's echo. Raises DeviceError."""
    async with SoundCard(
        config.audio.microphone,
        config.audio.speaker,
        lost_after=config.audio.lost_after,
        on_problem=on_problem,
        on_recovered=on_recovered,
    ) as card:
        yield EchoFree(card, TwoPathEcho()) if config.audio.echo == "webrtc" else card


class Assistant:
    """A host with ears and a mouth: the spoken conversation on one microphone and one speaker."""

    def __init__(self, host: Host, engines: Engines, audio: Audio, mind: Mind | None = None) -> None:
        """`mind`: what answers, if not the host itself."""
        config = host.config
        self._host = host
        self._mind = mind or host
        self._engines = engines
        self._ready = False
        self._audio = Controls(audio, volume=config.audio.volume, on_level=self._show_level)
        self._ears = Ears(
            config.listen,
            engines.voice_activity,
            wake_word=engines.wake_word if config.wake.mode == "word" else None,
            turn_end=engines.turn_end,
        )
        if engines.names:
            host.know_names(engines.names)

    def press(self) -> None:
        """Push-to-talk."""
        self._ears.press()

    @property
    def asleep(self) -> bool:
        """Only a wake word or the button counts."""
        return self._ears.gate.asleep

    async def say(self, frames: AsyncGenerator[Frame, None]) -> None:
        """Plays sound once nobody is speaking, and until somebody does."""
        await self._host.upkeep.quiet()
        async with aclosing(frames):
            async for frame in frames:
                if self._host.upkeep.busy:
                    self._audio.stop()
                    return
                await self._audio.play(frame)
        await self._audio.drain()

    async def run(self, *, partials: bool = False) -> None:
        """Listens and answers until the microphone ends, or until cancelled. `partials`: show words as they come."""
        await self._dialogue(partials).run()

    def _dialogue(self, partials: bool) -> Dialogue:
        host, config, engines = self._host, self._host.config, self._engines
        equipment = Equipment(
            audio=self._audio,
            recognition=engines.recognition,
            mind=self._mind,
            voice=engines.voice,
            observer=host.notify,
            keep=host.keep,
            hotwords=config.recognition.hotwords,
        )
        manners = Manners(
            follow_up_seconds=config.listen.follow_up_seconds,
            patience_seconds=config.listen.patience_seconds,
            unfinished_seconds=config.listen.unfinished_seconds,
            always_open=config.wake.mode == "open",
            partials=partials,
        )
        return Dialogue(self._ears, equipment, host.conversation(), manners, chime=self._chime, warm=host.warm)

    async def _chime(self, name: Earcon) -> None:
        if self._host.config.audio.earcons:
            for frame in earcon(name):
                await self._audio.play(frame)
            await self._audio.drain()  # or it would count as the beginning of what is said next

    def _show_level(self, level: Level) -> None:
        if not self._ready:  # only now: a sound card may take more than a second before the first sound comes
            self._ready = True
            self._host.notify(Notice(NoticeKind.READY, anyio.current_time()))
        self._host.notify(Notice(NoticeKind.LEVEL, level.at, level_dbfs=level.rms_dbfs, clipped=level.clipped))
