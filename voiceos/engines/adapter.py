"""Small changes to the weights of a foreign model, learnt on talk, that are added when the model is loaded."""

import hashlib
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from voiceos.engines.weights import Weights
from voiceos.errors import ModelError


def adapted(weights: Weights, adapter: Path) -> Weights:
    """The weights with the adapter's added, as floats: what quantises them comes after. Raises ModelError.

    A weight that the model lacks, or that has another shape, raises a ModelError, too.
    """
    found = dict(weights)
    for name, change in read_adapter(adapter).items():
        if name not in weights or weights[name].shape != change.shape:
            raise misfit(adapter)
        found[name] = weights[name] + change
    return found


def read_adapter(adapter: Path) -> Weights:
    """What is to be added to each weight. Raises ModelError.

    An adapter is an .npz file of float16: changes by the names of the weights. That of a matrix (outputs × inputs) is
    the product of `NAME.left` and `NAME.right`, which are small.
    """
    found: Weights = {}
    try:
        with adapter.open("rb") as file, np.load(file, allow_pickle=False) as parts:
            for part in parts.files:
                name = part.removesuffix(".left")
                if part.endswith(".right"):
                    continue
                found[name] = parts[part].astype(np.float32)
                if name != part:
                    found[name] = found[name] @ parts[f"{name}.right"].astype(np.float32)
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise misfit(adapter) from error
    return found


def misfit(adapter: Path) -> ModelError:
    return ModelError(f"'{adapter}' is not an adapter of this model: install voiceos again.")


def digest(adapter: Path) -> str:
    """Tells adapters apart: what was encoded with another one has to be encoded anew."""
    return hashlib.sha256(adapter.read_bytes()).hexdigest()[:12]
