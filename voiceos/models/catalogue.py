"""The catalogue: finds a model by its name, and the language model that suits a machine."""

import difflib
from collections.abc import Iterable, Sequence

from voiceos.errors import ModelError
from voiceos.models.entries import CATALOGUE
from voiceos.models.model import HubFile, Model, ModelFile, Packaged, Purpose, WheelPart, WheelParts

__all__ = [
    "CATALOGUE",
    "HubFile",
    "Model",
    "ModelFile",
    "Packaged",
    "Purpose",
    "WheelPart",
    "WheelParts",
    "default_language_model",
    "find",
    "is_path",
    "nearest",
]

LARGE = "qwen2.5-coder-1.5b-instruct-q4_k_m"
SMALL = "qwen2.5-coder-0.5b-instruct-q4_k_m"
LARGE_FROM_BYTES = 6_000_000_000
_FILE_ENDINGS = (".bin", ".gguf", ".json", ".onnx", ".tflite")


def find(name: str, catalogue: Sequence[Model] = CATALOGUE) -> Model:
    """The model of that name. Raises ModelError, with the nearest name, when there is none."""
    for model in catalogue:
        if model.name == name:
            return model
    raise ModelError(f"There is no model {name!r}{nearest(name, catalogue)}; see: voiceos models list")


def nearest(name: str, catalogue: Iterable[Model] = CATALOGUE) -> str:
    """A question to append to an error, " (did you mean 'okay_nabu'?)", or nothing."""
    close = difflib.get_close_matches(name, [model.name for model in catalogue], n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def is_path(name: str, catalogue: Iterable[Model] = CATALOGUE) -> bool:
    """Whether this is the path of somebody's own model and not a name from the catalogue."""
    if any(model.name == name for model in catalogue):
        return False
    return "/" in name or name.startswith((".", "~")) or name.endswith(_FILE_ENDINGS)


def default_language_model(memory_bytes: int) -> str:
    """The language model that suits a machine with this much memory, in bytes; docs/models.md says why.

    The border lies at 6 GB, between the sizes that boards have.
    """
    return LARGE if memory_bytes >= LARGE_FROM_BYTES else SMALL
