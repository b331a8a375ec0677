"""Whether the settings can work together on this machine. `config check` reports exactly what a start refuses."""

import importlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

from voiceos.config.load import Loaded, Mistake
from voiceos.config.paths import learned_words
from voiceos.config.secret import read_secret
from voiceos.config.settings import Config
from voiceos.engines.engine import Job, wrong_engine
from voiceos.errors import ConfigError
from voiceos.mind.endpoint import at_endpoint, remote_endpoint
from voiceos.models.catalogue import catalogue, does_itself, is_path, nearest
from voiceos.models.model import MANY, Purpose
from voiceos.skills.home.home_assistant import HomeAssistant
from voiceos.store.encryption import read_key

Faults = Iterator[tuple[str, str]]
"""Keys of settings, each with a sentence that says what is wrong."""


MAY_COME_LATER = ("memory.watch",)
"""What is only missing, such as a folder on a disk that will be plugged in, keeps nobody from starting."""


def check(config: Config, *sections: str) -> None:
    """Raises ConfigError with everything that keeps these sections from working."""
    found = [text for key, text in faults(config) if key.partition(".")[0] in sections and key not in MAY_COME_LATER]
    if found:
        raise ConfigError("\n".join(found))


def mistakes(read: Loaded) -> list[Mistake]:
    """Everything wrong with settings, each with the place where it was set."""
    return [*read.mistakes, *(Mistake(key, text, read.sources[key]) for key, text in faults(read.config))]


def faults(config: Config) -> Faults:
    """Everything wrong with settings that are allowed on their own. Nothing is loaded or fetched."""
    for job in get_args(Job):
        if wrong := wrong_engine(job, getattr(config.engines, job)):
            yield f"engines.{job}", wrong
    if does_itself(config, "recognition"):
        unknown = [*_model("recognition.model", config.recognition.model, Purpose.RECOGNITION)]
        yield from unknown or _language(config.recognition.language, config.recognition.model)
    if does_itself(config, "speech"):
        yield from _model("speech.voice", config.speech.voice, Purpose.VOICE)
    if config.listen.turn_end_model and does_itself(config, "turn_end"):
        yield from _model("listen.turn_end_model", config.listen.turn_end_model, Purpose.TURN_END)
    if config.wake.mode == "word" and does_itself(config, "wake"):
        if not config.wake.words and not learned_words(config.store):
            yield (
                "wake.words",
                "wake.words is empty. Name a wake word, teach one (`voiceos wake learn`), or set wake.mode to 'open' or"
                " 'button'",
            )
        for word in config.wake.words:
            yield from _model("wake.words", word, Purpose.WAKE)
    if not does_itself(config, "mind"):
        pass
    elif config.mind.endpoints:
        if config.mind.base_url:
            yield "mind.base_url", "mind.base_url and mind.endpoints cannot both be set; make it one of the endpoints"
        for name, one in config.mind.endpoints.items():
            alone = at_endpoint(config.mind, one)
            yield from _tried(f"mind.endpoints.{name}", lambda alone=alone: remote_endpoint(alone))
    elif config.mind.base_url:
        yield from _tried("mind.base_url", lambda: remote_endpoint(config.mind))
    elif config.mind.model != "auto":
        yield from _model("mind.model", config.mind.model, Purpose.LANGUAGE)
    if config.home.url:
        yield from _tried("home.url", lambda: HomeAssistant(config.home))
    yield from _tried("memory.key_file", lambda: read_key(config.memory.key_file))
    yield from _tried("memory.pin_file", lambda: read_secret(config.memory.pin_file, "memory.pin_file", "voiceos-pin"))
    if config.store.folder and config.store.folder.expanduser().is_file():
        yield "store.folder", f"store.folder names a file, not a folder: {config.store.folder}"
    if config.locale.country and not _is_country(config.locale.country):
        yield "locale.country", f"locale.country must be a two-letter code such as 'GB', not {config.locale.country!r}"
    for folder in config.memory.watch:
        if not folder.expanduser().is_dir():
            yield "memory.watch", f"memory.watch names a folder that does not exist: {folder}"


def _is_country(code: str) -> bool:
    from holidays.registry import COUNTRIES  # it takes a while

    return code.upper() in {names[1] for names in COUNTRIES.values()}


def _model(key: str, name: str, purpose: Purpose) -> Faults:
    """A model must be known and be for this purpose, or be a file or folder of somebody's own."""
    fitting = [model for model in catalogue() if model.purpose is purpose]
    file = Path(name).expanduser() if is_path(name) else None
    if file and not file.is_absolute():
        yield key, f"{key} must be an absolute path, not {name!r}"
        return
    if file.exists() if file else any(model.name == name for model in fitting):
        return
    what = "a file that does not exist" if file else f"no {purpose} model"
    yield key, f"{key} names {what}: {name!r}{nearest(name, fitting)}. See: voiceos models list"


def _language(language: str, model: str) -> Faults:
    known = next((one.languages for one in catalogue() if one.name == model), MANY)
    if language in ("auto", "en", *known):
        return
    if known == MANY:
        known = importlib.import_module("faster_whisper.tokenizer")._LANGUAGE_CODES
    if language not in known:
        yield (
            "recognition.language",
            f"recognition.language must be one that {model} knows, or 'auto', not {language!r}",
        )


def _tried(key: str, attempt: Callable[[], object]) -> Faults:
    try:
        attempt()
    except ConfigError as error:
        named = re.search(r"`(\w+\.\w+)`", str(error))
        yield named[1] if named else key, str(error)
