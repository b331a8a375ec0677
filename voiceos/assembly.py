"""Builds the engines and the language model that the settings name, and warms them."""

import gc
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio

from voiceos.clock import local_time
from voiceos.config.paths import models_folder
from voiceos.config.settings import Config
from voiceos.core import (
    SpeechToText,
    TextToSpeech,
    TurnEnd,
    VoiceActivity,
    WakeWord,
)
from voiceos.engines import fake, heap
from voiceos.engines.llama import LocalModel
from voiceos.engines.names_heard import NamesHeard
from voiceos.engines.phonemes import Phonemes
from voiceos.errors import ModelError
from voiceos.language.speakable import speakable
from voiceos.memory.names import Names
from voiceos.mind.chat_mind import ChatMind
from voiceos.mind.endpoint import remote_endpoint
from voiceos.mind.extraction import Extraction
from voiceos.models.catalogue import SILERO, language_model, needed
from voiceos.models.model import Purpose
from voiceos.models.shelf import Shelf
from voiceos.validity import check

if TYPE_CHECKING:
    from voiceos.engines.piper import Piper
    from voiceos.engines.whisper import Whisper


@dataclass(frozen=True, slots=True)
class Engines:
    """Everything that hears and speaks, warm."""

    voice_activity: VoiceActivity
    recognition: SpeechToText
    voice: TextToSpeech
    wake_word: WakeWord | None = None
    turn_end: TurnEnd | None = None
    names: Names | None = None
    """The memory's names, which `recognition` knows."""


@asynccontextmanager
async def real_engines(config: Config, warm_mind: Callable[[], Coroutine[Any, Any, object]]) -> AsyncGenerator[Engines]:
    """Loads and warms what the settings name, the mind beside it. Raises ModelError, ConfigError, EngineError."""
    from voiceos.engines.smart_turn import SmartTurn

    heap.share_arenas()
    shelf = Shelf(models_folder(config.store))
    await anyio.to_thread.run_sync(check, config, "recognition", "speech", "listen", "wake", "mind", "memory")
    await anyio.to_thread.run_sync(check_models, config, shelf)
    voice_activity = await anyio.to_thread.run_sync(detector_of_speech, shelf)
    recognition, voice = recogniser(config, shelf), synthesiser(config, shelf)
    wake_word = await anyio.to_thread.run_sync(wake_words, config, shelf, recognition)
    turn_end_model = config.listen.turn_end_model
    turn_end = SmartTurn(shelf.resolve(turn_end_model)) if turn_end_model else None
    async with anyio.create_task_group() as warming:
        warming.start_soon(recognition.warm)
        warming.start_soon(voice.warm)
        warming.start_soon(warm_mind)
        warming.start_soon(anyio.to_thread.run_sync, speakable, "9:30", voice.language)  # its tables and patterns
        if turn_end:
            warming.start_soon(anyio.to_thread.run_sync, turn_end.warm)
    names = Names(Phonemes(), recognition.knows)
    hearing = NamesHeard(recognition, names.suggest)
    gc.collect()
    heap.give_back()
    gc.freeze()  # what is loaded stays; the collector need not go through it during a turn
    try:
        yield Engines(voice_activity, hearing, voice, wake_word, turn_end, names)
    finally:
        gc.unfreeze()


def fake_engines() -> Engines:
    """Engines that need no models and talk like a modem."""
    return Engines(
        fake.FakeVoiceActivity(),
        fake.FakeSpeechToText(),
        fake.FakeTextToSpeech(),
        fake.FakeWakeWord(),
        fake.FakeTurnEnd(),
    )


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

    check(config, "recognition")
    heard = config.recognition
    folder = shelf.resolve(heard.model)
    return Whisper(folder, language=heard.language, beam=heard.beam, threads=heard.threads, label=heard.model)


def synthesiser(config: Config, shelf: Shelf) -> "Piper":
    """The voice as the settings say. Raises ModelError."""
    from voiceos.engines.piper import Piper

    check(config, "speech")
    spoken = config.speech
    voice = shelf.resolve(spoken.voice, Purpose.VOICE)
    return Piper(voice, speed=spoken.speed, threads=spoken.threads, label=spoken.voice)


def detector_of_speech(shelf: Shelf) -> VoiceActivity:
    """Silero behind webrtcvad. Raises ModelError."""
    from voiceos.engines.silero import Silero
    from voiceos.engines.voice_activity import VoiceActivityDetector
    from voiceos.engines.webrtc_vad import WebRtcVad

    return VoiceActivityDetector(WebRtcVad(), Silero(shelf.path(SILERO)))


def wake_words(config: Config, shelf: Shelf, recognition: "Whisper | None" = None) -> WakeWord | None:
    """The wake words of the settings, with a recogniser's say if there is one; None where none is needed.

    Raises ModelError.
    """
    from voiceos.engines.second_stage import SecondStage
    from voiceos.engines.wakewords import load_wake_words

    wake = config.wake
    if wake.mode != "word":
        return None
    check(config, "wake")
    second = SecondStage(recognition.log_probability) if recognition and wake.second_stage else None
    return load_wake_words(wake.words, wake.threshold, wake.thresholds, shelf.resolve, second)


@asynccontextmanager
async def language_mind(config: Config, shelf: Shelf) -> AsyncGenerator[tuple[ChatMind, Extraction | None]]:
    """The language model: a remote endpoint, or the local server in a process of its own.

    The local one also goes through what was said, in quiet hours; nothing is sent elsewhere for that.
    """
    check(config, "mind")
    if config.mind.base_url:
        async with ChatMind(config.mind, remote_endpoint(config.mind), now=local_time) as mind:
            yield mind, None
        return
    name = language_model(config)
    model = await anyio.to_thread.run_sync(shelf.resolve, name)
    local = LocalModel(model, context=config.mind.context, threads=config.mind.threads, name=name)
    async with local, ChatMind(config.mind, local.endpoint, now=local_time) as mind:
        yield mind, Extraction(mind.client)
