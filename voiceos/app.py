"""The composition root: builds the assistant from the settings, warms it, and owns every lifetime."""

import gc
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

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
    SpeechToText,
    TextToSpeech,
    Turn,
    TurnEnd,
    VoiceActivity,
    WakeWord,
)
from voiceos.dialogue.answer import Equipment
from voiceos.dialogue.conversation import Conversation
from voiceos.dialogue.converse import Dialogue
from voiceos.dialogue.manners import Manners
from voiceos.engines import fake
from voiceos.engines.llama import LocalModel
from voiceos.engines.names_heard import NamesHeard
from voiceos.engines.phonemes import Phonemes
from voiceos.errors import ModelError, StoreError
from voiceos.listen.ears import Ears
from voiceos.memory.encryption import read_key
from voiceos.memory.fact_extraction import Extractor
from voiceos.memory.keeper import keep_turns
from voiceos.memory.memory import Memory
from voiceos.memory.names import Names
from voiceos.memory.turns import TurnStore
from voiceos.mind.aside import AsideMind
from voiceos.mind.chat import ChatMind
from voiceos.mind.endpoint import remote_endpoint
from voiceos.mind.extraction import Extraction
from voiceos.mind.remembering import RememberingMind
from voiceos.models.needed import language_model, needed
from voiceos.models.shelf import Shelf
from voiceos.upkeep import Upkeep, kept_up, open_memory

if TYPE_CHECKING:
    from voiceos.engines.piper import Piper
    from voiceos.engines.whisper import Whisper

log = logging.getLogger(__name__)

NOT_KEPT = "By the way, I cannot remember what we say right now."
"""Said once when turns cannot be kept."""


@dataclass(frozen=True, slots=True)
class Engines:
    """Everything that hears, thinks and speaks, warm."""

    voice_activity: VoiceActivity
    recognition: SpeechToText
    mind: Mind
    voice: TextToSpeech
    warm_mind: Callable[[Sequence[Exchange]], Awaitable[object]]
    wake_word: WakeWord | None = None
    turn_end: TurnEnd | None = None
    memory: Memory | None = None
    without_memory: str = ""
    """Why there is none, in a sentence, where there should be one."""
    names: Names | None = None
    """The memory's names, which `recognition` knows."""
    extract: Extractor | None = None
    """The local model, for quiet hours."""


@asynccontextmanager
async def real_engines(config: Config) -> AsyncGenerator[Engines]:
    """Loads and warms what the settings name. Raises ModelError, ConfigError, EngineError."""
    from voiceos.engines.smart_turn import SmartTurn

    shelf = Shelf(models_folder(config.store))
    await anyio.to_thread.run_sync(check_models, config, shelf)
    voice_activity = await anyio.to_thread.run_sync(detector_of_speech, shelf)
    recognition, voice = recogniser(config, shelf), synthesiser(config, shelf)
    wake_word = await anyio.to_thread.run_sync(wake_words, config, shelf, recognition)
    turn_end_model = config.listen.turn_end_model
    turn_end = SmartTurn(shelf.resolve(turn_end_model)) if turn_end_model else None
    memory, without = await anyio.to_thread.run_sync(remembered, config, shelf)
    async with _mind(config, shelf) as (mind, extract):
        async with anyio.create_task_group() as warming:
            warming.start_soon(recognition.warm)
            warming.start_soon(voice.warm)
            warming.start_soon(mind.warm)
            if turn_end:
                warming.start_soon(anyio.to_thread.run_sync, turn_end.warm)
        gc.collect()
        gc.freeze()  # what is loaded stays; the collector need not go through it during a turn
        try:
            names = Names(Phonemes(), recognition.knows) if memory else None
            hearing = NamesHeard(recognition, names.suggest) if names else recognition
            yield Engines(
                voice_activity,
                hearing,
                mind,
                voice,
                mind.warm_prefix,
                wake_word,
                turn_end,
                memory,
                without,
                names,
                extract,
            )
        finally:
            gc.unfreeze()


@asynccontextmanager
async def fake_engines() -> AsyncGenerator[Engines]:
    """Engines that need no models and talk like a modem."""

    async def warm(history: Sequence[Exchange]) -> None:
        pass

    yield Engines(
        fake.FakeVoiceActivity(),
        fake.FakeSpeechToText(),
        fake.FakeMind(),
        fake.FakeTextToSpeech(),
        warm,
        fake.FakeWakeWord(),
        fake.FakeTurnEnd(),
    )


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
    async with _mind(config, shelf) as (mind, _):
        await mind.warm()
        with await anyio.to_thread.run_sync(open_memory, config, shelf) as memory:
            turns = TurnStore(data_folder(config.store), memory.key, memory.rooms)

            def keep(turn: Turn) -> None:
                if config.store.keep_turns:
                    turns.save(turn, local_time())
                    memory.catch_up()

            with turns:
                yield Typed(
                    RememberingMind(mind, memory, stays_local=stays_local(config), forgotten=forgotten),
                    lambda turn: anyio.to_thread.run_sync(keep, turn),
                )


def stays_local(config: Config) -> bool:
    """Whether the mind is elsewhere, and may not be given what is remembered."""
    return config.memory.stays_local and bool(config.mind.base_url)


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


def remembered(config: Config, shelf: Shelf) -> tuple[Memory | None, str]:
    """The memory, warm, or the reason why there is none now: a conversation goes on without."""
    try:
        memory = open_memory(config, shelf)
        memory.recall("Where do I live?", local_time())
    except StoreError as error:
        return None, str(error)
    return memory, ""


def check_models(config: Config, shelf: Shelf) -> None:
    """Raises a ModelError that names every model that is missing or damaged."""
    wanting = [name for name in needed(config) if not shelf.status(name).ready]
    if len(wanting) > 1:
        raise ModelError(
            f"These models are missing or damaged: {', '.join(wanting)}; get them with: voiceos models pull --default"
        )
    for name in wanting:
        shelf.path(name)


def recogniser(config: Config, shelf: Shelf) -> "Whisper":
    """Speech recognition as the settings say. Raises ModelError."""
    from voiceos.engines.whisper import Whisper

    heard = config.recognition
    folder = shelf.resolve(heard.model)
    return Whisper(folder, language=heard.language, beam=heard.beam, threads=heard.threads, label=heard.model)


def synthesiser(config: Config, shelf: Shelf) -> "Piper":
    """The voice as the settings say. Raises ModelError."""
    from voiceos.engines.piper import Piper

    spoken = config.speech
    file = shelf.resolve(spoken.voice)
    return Piper(file, speed=spoken.speed, threads=spoken.threads, label=spoken.voice)


def detector_of_speech(shelf: Shelf) -> VoiceActivity:
    """Silero behind webrtcvad. Raises ModelError."""
    from voiceos.engines.silero import Silero
    from voiceos.engines.voice_activity import VoiceActivityDetector
    from voiceos.engines.webrtc_vad import WebRtcVad

    return VoiceActivityDetector(WebRtcVad(), Silero(shelf.path("silero-vad")))


def wake_words(config: Config, shelf: Shelf, recognition: "Whisper | None" = None) -> WakeWord | None:
    """The wake words of the settings, with a recogniser's say if there is one; None where none is needed.

    Raises ModelError.
    """
    from voiceos.engines.second_stage import SecondStage
    from voiceos.engines.wakewords import load_wake_words

    wake = config.wake
    if wake.mode != "word":
        return None
    second = SecondStage(recognition.log_probability) if recognition and wake.second_stage else None
    return load_wake_words(wake.words, wake.threshold, wake.thresholds, shelf.resolve, second)


@asynccontextmanager
async def _mind(config: Config, shelf: Shelf) -> AsyncGenerator[tuple[ChatMind, Extraction | None]]:
    """The language model: a remote endpoint, or the local server in a process of its own.

    The local one also goes through what was said, in quiet hours; nothing is sent elsewhere for that.
    """
    if config.mind.base_url:
        async with ChatMind(config.mind, remote_endpoint(config.mind), now=local_time) as mind:
            yield mind, None
        return
    name = language_model(config)
    model = await anyio.to_thread.run_sync(shelf.resolve, name)
    local = LocalModel(model, context=config.mind.context, threads=config.mind.threads, name=name)
    async with (
        local,
        ChatMind(config.mind, local.endpoint, now=local_time) as mind,
        Extraction(local.endpoint) as extract,
    ):
        yield mind, extract


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
        await stack.enter_async_context(kept_up(memory, upkeep))
        self._observers.append(upkeep)
        stays_local = self._config.memory.stays_local and bool(self._config.mind.base_url)
        return RememberingMind(self._engines.mind, memory, stays_local=stays_local, forgotten=self._conversation.forget)

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
