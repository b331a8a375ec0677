"""The judge of intent: what a sentence asks for that no template has, by its meaning, its words and their parts.

A network with one hidden layer over a sentence encoder's vector and hashed pieces of the text. Its weights are in
`language/LANGUAGE/judge.npz`, which `benchmarks/train_judge.py` makes; `judge.toml` beside it has the intents of each
kind of request that it knows. A second one, `beyond.npz`, knows what no skill can do or know, and danger to life, for
which the meaning counts directly as well (`benchmarks/danger.py`).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from voiceos.language.data import FOLDER, table

Floats = NDArray[np.float32]
Encode = Callable[[str], Floats]
"""The meaning of a sentence, as a vector."""

BUCKETS = 4096
PARTS = (3, 4, 5)
"""Letters of a part of a word."""
NONE = ""
"""The kind of what asks for nothing that a skill does."""
_WORD = re.compile(r"[^\W_]+(?::[0-9]+)?|[+*/%=$£€]")
_DIGIT = re.compile(r"[0-9]")


class Judge:
    """Names the intents that a sentence may have; none unless it is sure. From any thread.

    Reads its weights when it is first asked.
    """

    def __init__(
        self, encode: Encode, name: str = "judge", language: str = "en", weights: "Weights | None" = None
    ) -> None:
        """`name`: of its weights, if they are not given."""
        self._encode = encode
        self._name = name
        self._language = language
        self._given = weights

    def __call__(self, text: str) -> Sequence[str]:
        """Blocks some milliseconds."""
        kind, sure = self.kind(text)
        return self._intents.get(kind, (kind,)) if sure else ()

    def kind(self, text: str) -> tuple[str, bool]:
        """The likeliest kind of request, and whether that is likely enough."""
        shares = self.shares(text)
        kind = max((kind for kind in shares if kind != NONE), key=shares.__getitem__, default=NONE)
        return kind, kind != NONE and shares[kind] >= self._weights.sure[self._weights.kinds.index(kind)]

    def shares(self, text: str) -> Mapping[str, float]:
        """How likely each kind of request is. Blocks some milliseconds."""
        if not text.strip():
            return {NONE: 1.0}
        found = self._weights.shares(self._encode(text)[None], [pieces(text)])[0]
        return dict(zip(self._weights.kinds, map(float, found), strict=True))

    @cached_property
    def _weights(self) -> "Weights":
        return self._given or Weights.read(FOLDER / self._language / f"{self._name}.npz")

    @cached_property
    def _intents(self) -> dict[str, Sequence[str]]:
        return table(self._language, "judge")["intents"]


class Weights:
    """What was learnt. Each class is of one kind; kinds that several classes have share their sum."""

    def __init__(self, **arrays: NDArray[np.generic]) -> None:
        self.kinds = [str(kind) for kind in arrays["kinds"]]
        self.sure = np.broadcast_to(arrays["sure"].astype(np.float32), len(self.kinds))
        """How likely each kind must be to be taken."""
        self._classes = arrays["classes"].astype(np.intp)
        self._pieces = arrays["pieces"]
        self._scale = arrays["scale"].astype(np.float32)
        self._meaning, self._bias, self._out, self._out_bias = (
            arrays[name].astype(np.float32) for name in ("meaning", "bias", "out", "out_bias")
        )
        direct = arrays["direct"] if "direct" in arrays else np.zeros((len(self._meaning) + 1, len(self._classes)))
        self._direct = direct.astype(np.float32)
        """What each number of the meaning adds to each class past the hidden layer; the last row is added always."""

    @classmethod
    def read(cls, file: Path) -> "Weights":
        with np.load(file) as arrays:
            return cls(**arrays)

    def shares(self, meanings: Floats, texts: Sequence[NDArray[np.intp]]) -> Floats:
        """How likely each kind is, for each text by its meaning and pieces."""
        sums = np.stack([self._pieces[text].sum(0, np.float32) / np.sqrt(len(text) or 1) for text in texts])
        hidden = np.maximum(meanings @ self._meaning + sums * self._scale + self._bias, 0)
        scores = hidden @ self._out + self._out_bias + meanings @ self._direct[:-1] + self._direct[-1]
        odds = np.exp(scores - scores.max(1, keepdims=True))
        found = np.zeros((len(texts), len(self.kinds)), np.float32)
        np.add.at(found.T, self._classes, (odds / odds.sum(1, keepdims=True)).T)
        return found


def pieces(text: str) -> NDArray[np.intp]:
    """The hashes of words, neighbours and parts of words; digits are alike."""
    return np.fromiter((crc32(piece.encode()) % BUCKETS for piece in set(_pieces(text))), np.intp)


def _pieces(text: str) -> Iterator[str]:
    text = _DIGIT.sub("0", text.lower().replace("'", "").replace("’", ""))
    words = ["^", *_WORD.findall(text), "$"]
    yield from words
    yield from map(" ".join, pairwise(words))
    yield from map(" ".join, zip(words, words[1:], words[2:], strict=False))
    yield from (f"{one} _ {other}" for one, other in zip(words, words[2:], strict=False))
    for word in words[1:-1]:
        marked = f"<{word}>"
        for size in PARTS:
            yield from (f"#{marked[start : start + size]}" for start in range(len(marked) - size + 1))
