"""Knows by its meaning whether something was said to the assistant, where nobody called it.

A logistic curve over the sentence encoder's vector. `benchmarks/addressed.py` makes its weights, which are in
`language/LANGUAGE/addressed.npz`.
"""

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from voiceos.language.data import FOLDER

Floats = NDArray[np.float32]


class Weights(NamedTuple):
    """What was learnt."""

    meaning: Floats
    offset: Floats
    sure: Floats
    """From which likelihood on it was said to the assistant."""

    def likely(self, meaning: Floats) -> float:
        """How likely a sentence with this vector was said to the assistant."""
        return float(1 / (1 + np.exp(-(meaning @ self.meaning + self.offset[0]))))


class Addressed:
    """Whether a sentence may have been said to the assistant. From any thread."""

    def __init__(self, encode: Callable[[str], Floats], language: str = "en") -> None:
        self._encode = encode
        self._language = language

    def __call__(self, text: str) -> bool:
        """Blocks some milliseconds."""
        return self._weights.likely(self._encode(bare(text))) >= float(self._weights.sure[0])

    @cached_property
    def _weights(self) -> Weights:
        with np.load(FOLDER / self._language / "addressed.npz") as stored:
            return Weights(*(stored[name].astype(np.float32) for name in Weights._fields))


def bare(text: str) -> str:
    """A sentence as its meaning is judged: without its end, which a recogniser guesses."""
    return text.strip().rstrip(".?! ")
