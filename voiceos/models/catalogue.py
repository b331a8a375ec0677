"""The catalogue: every model that voiceos knows, and which of them the settings need."""

import difflib
import tomllib
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files

from voiceos.config.settings import Config, EngineSettings
from voiceos.errors import ModelError
from voiceos.models.model import Model

LADDERS = (
    (12_000_000_000, 8, ("qwen3.5-4b-q4_k_m", "qwen3.5-2b-q4_k_m", "qwen2.5-coder-1.5b-instruct-q4_k_m")),
    (6_000_000_000, 1, ("qwen3.5-2b-q4_k_m", "qwen2.5-coder-1.5b-instruct-q4_k_m")),
    (0, 1, ("qwen2.5-coder-0.5b-instruct-q4_k_m",)),
)
"""Bytes of memory and processors from which on these language models suit a machine, the best first; the last of
each is in the package registry, too. docs/models.md says why.
"""
MEMORY = "memory-en"
"""The encoders of the memory; without them it is searched by words alone."""
READER = "reader-en"
"""The cross-encoder, which reads a question and a line of the memory together; without it fewer lines are sure."""
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


Ready = Callable[[str], bool]
"""Whether a model of the catalogue is on this machine, whole."""


def language_models(config: Config, machine: tuple[int, int] | None = None) -> tuple[str, ...]:
    """Names or paths of the local language models that may serve, the best first.

    `machine`: its bytes of memory and its processors (default: this one's).
    """
    if config.mind.model != "auto":
        return (config.mind.model,)
    if machine is None:
        import psutil

        machine = psutil.virtual_memory().total, psutil.cpu_count() or 1
    memory, processors = machine
    return next(names for bytes_, cpus, names in LADDERS if memory >= bytes_ and processors >= cpus)


def language_model(config: Config, ready: Ready, machine: tuple[int, int] | None = None) -> str:
    """The one of them that serves: the best that is here. Where none is: the last, which is the easiest to get."""
    *better, last = language_models(config, machine)
    return next((name for name in better if ready(name)), last)


def does_itself(config: Config, job: str) -> bool:
    """Whether an engine of ours has this job, so that the settings of its model count."""
    return getattr(config.engines, job) == EngineSettings.model_fields[job].default


def used(config: Config, ready: Ready, machine: tuple[int, int] | None = None) -> list[str]:
    """Names and paths of the models that a conversation needs."""
    wanted = {
        "voice_activity": [SILERO],
        "recognition": [config.recognition.model],
        "speech": [config.speech.voice],
        "turn_end": [config.listen.turn_end_model],
        "wake": config.wake.words if config.wake.mode == "word" else [],
        "mind": [] if config.mind.base_url else [language_model(config, ready, machine)],
    }
    names = [name for job, names in wanted.items() if does_itself(config, job) for name in names]
    return [name for name in dict.fromkeys(names) if name]


def needed(config: Config, ready: Ready, machine: tuple[int, int] | None = None) -> list[str]:
    """Names of the models that a conversation needs, except those given by path."""
    return [name for name in used(config, ready, machine) if not is_path(name)]


def choices(config: Config, ready: Ready, machine: tuple[int, int] | None = None) -> list[tuple[str, ...]]:
    """For each model that a conversation needs the names that may serve, to be fetched in this order until one is here.

    What is here is not replaced by what would be better.
    """
    found: list[tuple[str, ...]] = []
    for name in needed(config, ready, machine):
        ladder = language_models(config, machine)
        found.append(ladder if name in ladder and len(ladder) > 1 and not ready(name) else (name,))
    return found


def helpful(config: Config) -> list[str]:
    """Names of the models that are optional."""
    return [MEMORY, READER] if config.recognition.language in ("en", "auto") else []
