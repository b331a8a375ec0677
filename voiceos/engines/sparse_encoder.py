"""Weighted words of a text, including words it could have used: SPLADE, in eight-bit integers."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voiceos.engines.onnx import open_session
from voiceos.engines.pieces import INPUTS, Pieces

TOKENS = 128
BATCH = 1
"""Each piece of a text gets a score for all 30,522 words, which should stay in the cache: two at once are slower. So
there is no padding either, whose scores would have to be left out."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """Words by their number in the model's vocabulary, ascending, and their weights, above 0."""

    words: NDArray[np.uint16]
    weights: NDArray[np.float32]


class SparseEncoder:
    """SPLADE-tiny, adapted to talk. May be called from any thread, one call at a time works. Raises ModelError.

    `model` and `tokens` (its tokenizer.json) are files that `voiceos.models.encoders` has made.
    """

    def __init__(self, model: Path, tokens: Path, *, threads: int = 1) -> None:
        self._pieces = Pieces(tokens, TOKENS)
        self._session = open_session(model, INPUTS, threads=threads)
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str], most: int | None = None) -> list[Weighed]:
        """The words of each text; the heaviest `most` of them. Blocks: a few milliseconds for a question."""
        found: list[Weighed] = [_NOTHING] * len(texts)
        with self._lock:
            for rows, feed in self._pieces.batches(texts, BATCH):
                for row, scores in zip(rows, self._session.run(None, feed)[0], strict=True):
                    found[row] = _weighed(scores.max(axis=0), most)
        return found


_NOTHING = Weighed(np.zeros(0, np.uint16), np.zeros(0, np.float32))


def _weighed(scores: NDArray[np.float32], most: int | None) -> Weighed:
    words = np.flatnonzero(scores > 0)
    if most is not None and len(words) > most:
        words = np.sort(words[np.argpartition(-scores[words], most)[:most]])
    return Weighed(words.astype(np.uint16), np.log1p(scores[words]))
