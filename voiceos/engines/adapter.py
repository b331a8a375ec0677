"""Small changes to the weights of a foreign model, learnt on talk, that are added when the model is loaded."""

import hashlib
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from voiceos.engines.weights import Weights
from voiceos.errors import ModelError


def adapted(weights: Weights, adapter: Path) -> Weights:
    """The weights with the adapter's added, as floats: what quantises them comes after. Raises ModelError.

    An adapter is an .npz file of float16. What is named as a weight is added to it; `NAME.left` and `NAME.right` are
    multiplied first, so that the change to a large matrix is small. A weight that the model lacks raises a ModelError.
    """
    found = dict(weights)
    try:
        with adapter.open("rb") as file, np.load(file, allow_pickle=False) as changes:
            for part in changes.files:
                name = part.removesuffix(".left")
                if part.endswith(".right"):
                    continue
                change = changes[part].astype(np.float32)
                if name != part:
                    change = change @ changes[f"{name}.right"].astype(np.float32)
                if change.shape != weights[name].shape:
                    raise ValueError(name)
                found[name] = weights[name] + change
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise ModelError(f"'{adapter}' is not an adapter of this model: install voiceos again.") from error
    return found


def digest(adapter: Path) -> str:
    """Tells adapters apart: what was encoded with another one has to be encoded anew."""
    return hashlib.sha256(adapter.read_bytes()).hexdigest()[:12]
