"""Knows danger to life by what a sentence means, where no pattern does.

A softmax over the sentence encoder's vector, in `language/LANGUAGE/danger.npz`, which `benchmarks/danger.py` makes.
It has no voice alone: the judge of what is beyond the skills, which also knows danger, must be sure of it too. Either
alone takes too many plain sentences of a life for an emergency.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from voiceos.language.data import FOLDER

Floats = NDArray[np.float32]
KINDS = ("danger", "harm", "crisis")
"""The kinds of `emergency`, after which comes none."""
INTENTS = tuple(f"emergency.{kind}" for kind in KINDS)


class Weights(NamedTuple):
    """What was learnt."""

    meaning: Floats
    """Of each number of the vector, for each of `KINDS` and for none."""
    offset: Floats
    sure: Floats
    """From which likelihood of any danger on it is one: here, and by the other judge."""

    def shares(self, meanings: Floats) -> Floats:
        """How likely each kind is, and none, for each vector."""
        scores = meanings @ self.meaning + self.offset
        odds = np.exp(scores - scores.max(1, keepdims=True))
        return np.asarray(odds / odds.sum(1, keepdims=True), np.float32)


class Danger:
    """Names the intent of a sentence of danger; none unless both judges are sure. From any thread."""

    def __init__(
        self, encode: Callable[[str], Floats], other: Callable[[str], Mapping[str, float]], language: str = "en"
    ) -> None:
        """`other`: how likely each kind is by the other judge; of danger they are named as in `INTENTS`."""
        self._encode = encode
        self._other = other
        self._language = language

    def __call__(self, text: str) -> Sequence[str]:
        """Blocks some milliseconds."""
        if not text.strip():
            return ()
        *kinds, none = self._weights.shares(self._encode(text)[None])[0].tolist()
        alone, other = self._weights.sure.tolist()
        if 1 - none < alone or in_danger(self._other(text)) < other:
            return ()
        return (INTENTS[int(np.argmax(kinds))],)

    @cached_property
    def _weights(self) -> Weights:
        with np.load(FOLDER / self._language / "danger.npz") as stored:
            return Weights(*(stored[name].astype(np.float32) for name in Weights._fields))


def in_danger(shares: Mapping[str, float]) -> float:
    """How likely any danger is."""
    return sum(shares.get(name, 0.0) for name in INTENTS)
