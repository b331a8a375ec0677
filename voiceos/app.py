"""The composition root: builds the assistant from the settings, warms it, and owns every lifetime."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from voiceos.assembly import Engines, language_mind
from voiceos.audio.card import SoundCard
from voiceos.audio.controls import Controls
from voiceos.audio.earcons import Earcon, earcon
from voiceos.audio.echo import EchoFree, TwoPathEcho
from voiceos.audio.levels import Level
from voiceos.clock import local_time
from voiceos.config.paths import data_folder, models_folder
from voiceos.config.settings import Config
from voiceos.core import (
    Audio,
    Exchange,
    Mind,
    Notice,
    NoticeKind,
    Observer,
    Turn,
)
from voiceos.dialogue.answer import Equipment
from voiceos.dialogue.conversation import Conversation
from voiceos.dialogue.converse import Dialogue
from voiceos.dialogue.manners import Manners
from voiceos.listen.ears import Ears
from voiceos.memory.keeper import keep_turns
from voiceos.memory.memory import Memory
from voiceos.mind.aside import AsideMind
from voiceos.mind.remembering import RememberingMind
from voiceos.models.shelf import Shelf
from voiceos.store.encryption import read_key
from voiceos.store.turns import TurnStore
from voiceos.upkeep import Upkeep, kept_up, open_memory

if TYPE_CHECKING:
    pass

log = logging.getLogger(__name__)

NOT_KEPT = "By the way, I cannot remember what we say right now."
"""Said once when turns cannot be kept."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a conversation by keyboard needs."""

    mind: Mind
    keep: Callable[[Turn], Awaitable[object]]
    """Keeps a finished turn."""


@asynccontextmanager
async def typed_mind(config: Config, forgotten: Callable[[], None]) -> AsyncGenerator[Typed]:
    """Only the mind, warm, with its memory: for a conversation by keyboard. Raises StoreError."""
    shelf = Shelf(models_folder(config.store))
    async with language_mind(config, shelf) as (mind, _):
        await mind.warm()
        with await anyio.to_thread.run_sync(open_memory, config, shelf) as memory:
            turns = TurnStore(data_folder(config.store), memory.key, memory.rooms)

            def keep(turn: Turn) -> None:
                if config.store.keep_turns:
                    turns.save(turn, local_time())
                    memory.catch_up()

            with turns:
                yield Typed(
                    remembering(config, mind, memory, forgotten),
                    lambda turn: anyio.to_thread.run_sync(keep, turn),
                )


def remembering(config: Config, mind: Mind, memory: Memory, forgotten: Callable[[], None]) -> RememberingMind:
    """A language model with the memory. The small one on this device guesses; one elsewhere is thought not to."""
    here = not config.mind.base_url
    stays_local = config.memory.stays_local and not here
    return RememberingMind(mind, memory, stays_local=stays_local, guesses=here, forgotten=forgotten)


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
    """A whole assistant on one microphone and one speaker."""

    def __init__(self, config: Config, engines: Engines, audio: Audio, observers: Sequence[Observer]) -> None:
        self._config = config
        self._engines = engines
        self._observers = [*observers]
        self._ready = False
        self._audio = Controls(audio, volume=config.audio.volume, on_level=self._show_level)
        self._conversation = Conversation(lapse_seconds=config.mind.lapse_seconds)
        self._ears = Ears(
            config.listen,
            engines.voice_activity,
            wake_word=engines.wake_word if config.wake.mode == "word" else None,
            turn_end=engines.turn_end,
        )

    def press(self) -> None:
        """Push-to-talk."""
        self._ears.press()

    @property
    def asleep(self) -> bool:
        """Only a wake word or the button counts."""
        return self._ears.asleep

    def forget(self) -> None:
        """Begins a new conversation."""
        self._conversation.forget()

    async def run(self, *, partials: bool = False) -> None:
        """Listens and answers until the microphone ends, or until cancelled. `partials`: show words as they come."""
        async with AsyncExitStack() as stack:
            memory = self._engines.memory
            mind = AsideMind(await self._remember(stack, memory) if memory else self._engines.mind)
            self._observers.append(mind.observe)
            store = self._config.store
            if store.keep_turns:

                def problem(sentence: str) -> None:
                    self._report(sentence)
                    mind.mention(NOT_KEPT)

                rooms = memory.rooms if memory else ()
                keeper = keep_turns(
                    data_folder(store),
                    local_time,
                    problem,
                    keep_audio=store.keep_audio,
                    key=read_key(self._config.memory.key_file),
                    rooms=rooms,
                )
                self._observers.append(await stack.enter_async_context(keeper))
            if self._engines.without_memory:
                self._report(self._engines.without_memory)
            await self._dialogue(mind, partials).run()

    async def _remember(self, stack: AsyncExitStack, memory: Memory) -> Mind:
        """Keeps the memory up while the conversation lasts; the mind with it."""
        upkeep = Upkeep(memory, self._engines.names, self._engines.extract)
        await stack.enter_async_context(kept_up(upkeep, self._config.memory))
        self._observers.append(upkeep)
        return remembering(self._config, self._engines.mind, memory, self._conversation.forget)

    def _dialogue(self, mind: Mind, partials: bool) -> Dialogue:
        config, engines = self._config, self._engines
        equipment = Equipment(
            audio=self._audio,
            recognition=engines.recognition,
            mind=mind,
            voice=engines.voice,
            observer=self._observe,
            hotwords=config.recognition.hotwords,
        )
        manners = Manners(
            follow_up_seconds=config.listen.follow_up_seconds,
            patience_seconds=config.listen.patience_seconds,
            unfinished_seconds=config.listen.unfinished_seconds,
            always_open=config.wake.mode == "open",
            partials=partials,
        )
        return Dialogue(self._ears, equipment, self._conversation, manners, chime=self._chime, warm=self._warm)

    async def _chime(self, name: Earcon) -> None:
        if self._config.audio.earcons:
            for frame in earcon(name):
                await self._audio.play(frame)
            await self._audio.drain()  # or it would count as the beginning of what is said next

    async def _warm(self, history: Sequence[Exchange]) -> None:
        await self._engines.warm_mind(history)

    def _show_level(self, level: Level) -> None:
        if not self._ready:  # only now: a sound card may take more than a second before the first sound comes
            self._ready = True
            self._tell(NoticeKind.READY)
        self._observe(Notice(NoticeKind.LEVEL, level.at, level_dbfs=level.rms_dbfs, clipped=level.clipped))

    def _report(self, sentence: str) -> None:
        self._tell(NoticeKind.PROBLEM, sentence)

    def _tell(self, kind: NoticeKind, text: str = "") -> None:
        self._observe(Notice(kind, anyio.current_time(), text=text))

    def _observe(self, notice: Notice) -> None:
        for observer in self._observers:
            try:
                observer(notice)
            except Exception:
                log.exception("an observer failed; the conversation goes on")
