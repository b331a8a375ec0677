"""Builds what hears and speaks from the settings: engines, loaded and warm."""

import gc
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import anyio
from anyio import to_thread

from voiceos.assistant import Engines
from voiceos.audio.card import SoundCard
from voiceos.audio.echo import EchoFree, TwoPathEcho
from voiceos.audio.switch import Switch
from voiceos.config.paths import models_folder
from voiceos.config.settings import Config
from voiceos.engines import fake, heap
from voiceos.engines.engine import Job, Setup, make
from voiceos.engines.names_heard import NamesHeard, Recogniser
from voiceos.engines.phonemes import Phonemes
from voiceos.errors import ModelError
from voiceos.language.speakable import speakable
from voiceos.memory.names import Names
from voiceos.models.catalogue import language_model, needed
from voiceos.models.shelf import Shelf
from voiceos.protocols import Audio, SpeechToText, TextToSpeech, VoiceActivity, WakeWord
from voiceos.validity import check


@asynccontextmanager
async def sound_card(
    config: Config,
    *,
    on_problem: Callable[[str], None],
    on_recovered: Callable[[], None],
    on_try: Callable[[], None] = lambda: None,
    switch: Switch | None = None,
) -> AsyncGenerator[Audio]:
    """The microphone and speaker of the settings, without the speaker's echo. Raises DeviceError."""
    async with SoundCard(
        config.audio.microphone,
        config.audio.speaker,
        lost_after=config.audio.lost_after,
        on_problem=on_problem,
        on_recovered=on_recovered,
        on_try=on_try,
        switch=switch,
    ) as card:
        yield EchoFree(card, TwoPathEcho()) if config.audio.echo == "webrtc" else card


@asynccontextmanager
async def real_engines(config: Config, warm_mind: Callable[[], Coroutine[Any, Any, object]]) -> AsyncGenerator[Engines]:
    """Loads and warms what the settings name, the mind beside it. Raises ModelError, ConfigError, EngineError."""
    heap.share_arenas()
    shelf = Shelf(models_folder(config.store))
    await to_thread.run_sync(check, config, "engines", "recognition", "speech", "listen", "wake", "mind", "memory")
    await to_thread.run_sync(check_models, config, shelf)
    engines = await to_thread.run_sync(_engines, config, shelf)
    async with anyio.create_task_group() as warming:
        warming.start_soon(warm_mind)
        warming.start_soon(to_thread.run_sync, speakable, "9:30", engines.voice.language)  # its tables and patterns
        for engine in (engines.recognition, engines.voice, engines.turn_end):
            if warm := getattr(engine, "warm", None):
                warming.start_soon(warm)
    if isinstance(hearing := engines.recognition, Recogniser):
        names = Names(Phonemes(), hearing.knows)
        engines = replace(engines, recognition=NamesHeard(hearing, names.suggest), names=names)
    gc.collect()
    heap.give_back()
    gc.freeze()  # keeps the garbage collector from scanning it during a turn
    try:
        yield engines
    finally:
        gc.unfreeze()


def _engines(config: Config, shelf: Shelf) -> Engines:
    recognition = recogniser(config, shelf)
    return Engines(
        detector_of_speech(config, shelf),
        recognition,
        synthesiser(config, shelf),
        wake_words(config, shelf, recognition),
        make("turn_end", Setup(config, shelf)) if config.listen.turn_end_model else None,
    )


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
    """Raises a ModelError that names every model that is missing or damaged; not for the language model alone, without
    which much can be done: whoever loads it is told.
    """
    wanting = [name for name in needed(config, shelf.has) if not shelf.has(name)]
    if wanting == [language_model(config, shelf.has)]:
        return
    if len(wanting) > 1:
        raise ModelError(
            f"Models missing or damaged: {', '.join(wanting)}. Get them with: voiceos models pull --default"
        )
    for name in wanting:
        shelf.path(name)


def recogniser(config: Config, shelf: Shelf) -> SpeechToText:
    """Speech recognition as the settings say. Raises ModelError, ConfigError, as all of these do."""
    return _checked("recognition", config, shelf)


def synthesiser(config: Config, shelf: Shelf) -> TextToSpeech:
    """The voice as the settings say."""
    return _checked("speech", config, shelf)


def detector_of_speech(config: Config, shelf: Shelf) -> VoiceActivity:
    """It keeps state: each listener needs one of its own."""
    return make("voice_activity", Setup(config, shelf))


def wake_words(config: Config, shelf: Shelf, recognition: SpeechToText | None = None) -> WakeWord | None:
    """The wake words of the settings, checked by a recogniser if there is one; None if none is needed."""
    return _checked("wake", config, shelf, recognition) if config.wake.mode == "word" else None


def _checked(job: Job, config: Config, shelf: Shelf, recognition: SpeechToText | None = None) -> Any:
    check(config, job)
    return make(job, Setup(config, shelf, recognition))
