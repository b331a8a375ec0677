"""The catalogue: every model that voiceos knows, and which of them the settings need."""

import difflib
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from voiceos.config.settings import Config, EngineSettings
from voiceos.errors import ModelError
from voiceos.models.model import Model

LARGE = "qwen2.5-coder-1.5b-instruct-q4_k_m"
SMALL = "qwen2.5-coder-0.5b-instruct-q4_k_m"
LARGE_FROM_BYTES = 6_000_000_000
"""Between the sizes that boards have; docs/models.md says why."""
MEMORY = "memory-en"
"""The encoders of the memory; without them it is searched by words alone."""
SILERO = "silero-vad"
_FILE_ENDINGS = (".bin", ".gguf", ".json", ".onnx", ".tflite")


@cache
def catalogue() -> tuple[Model, ...]:
    """Every model."""
    from pydantic import TypeAdapter

    data = tomllib.loads((files("voiceos.models") / "catalogue.toml").read_text("utf-8"))
    return TypeAdapter(tuple[Model, ...]).validate_python(data["models"])


def find(name: str, models: Iterable[Model]) -> Model:
    """The model of that name. Raises ModelError, with the nearest name, when there is none."""
    for model in models:
        if model.name == name:
            return model
    raise ModelError(f"There is no model {name!r}{nearest(name, models)}. See: voiceos models list")


def nearest(name: str, models: Iterable[Model]) -> str:
    """A question to append to an error, " (did you mean 'okay_nabu'?)", or nothing."""
    close = difflib.get_close_matches(name, [model.name for model in models], n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def is_path(name: str) -> bool:
    """Whether this is the path of somebody's own model and not a name from the catalogue."""
    if any(model.name == name for model in catalogue()):
        return False
    return "/" in name or name.startswith((".", "~")) or name.endswith(_FILE_ENDINGS)


def language_model(config: Config, memory_bytes: int | None = None) -> str:
    """The local language model's name or path, with 'auto' resolved by `memory_bytes` (default: this machine's)."""
    if config.mind.model != "auto":
        return config.mind.model
    if memory_bytes is None:
        import psutil

        memory_bytes = psutil.virtual_memory().total
    return LARGE if memory_bytes >= LARGE_FROM_BYTES else SMALL


def does_itself(config: Config, job: str) -> bool:
    """Whether an engine of ours has this job, so that the settings of its model count."""
    return getattr(config.engines, job) == EngineSettings.model_fields[job].default


def used(config: Config, memory_bytes: int | None = None) -> list[str]:
    """Names and paths of the models that a conversation needs."""
    wanted = {
        "voice_activity": [SILERO],
        "recognition": [config.recognition.model],
        "speech": [config.speech.voice],
        "turn_end": [config.listen.turn_end_model],
        "wake": config.wake.words if config.wake.mode == "word" else [],
        "mind": [] if config.mind.base_url else [language_model(config, memory_bytes)],
    }
    names = [name for job, names in wanted.items() if does_itself(config, job) for name in names]
    return [name for name in dict.fromkeys(names) if name]


def needed(config: Config, memory_bytes: int | None = None) -> list[str]:
    """Names of the models that a conversation needs, except those given by path."""
    return [name for name in used(config, memory_bytes) if not is_path(name)]


def helpful(config: Config) -> list[str]:
    """Names of the models that are optional."""
    return [MEMORY] if config.recognition.language in ("en", "auto") else []
