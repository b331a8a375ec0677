"""Meaning as a vector: MiniLM, in eight-bit integers, on one thread."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voiceos.engines.onnx import open_session
from voiceos.engines.pieces import INPUTS, Pieces

WIDTH = 384
TOKENS = 128
"""How much of a text is read: about a hundred words."""
BATCH = 16


class SentenceEncoder:
    """all-MiniLM-L6-v2, adapted to talk. May be called from any thread, one call at a time works. Raises ModelError.

    `model` and `tokens` (its tokenizer.json) are files that `voiceos.models.encoders` has made.
    """

    def __init__(self, model: Path, tokens: Path, *, threads: int = 1) -> None:
        self._pieces = Pieces(tokens, TOKENS)
        self._session = open_session(model, INPUTS, threads=threads)
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """A vector of length 1 and width 384 for each text. Blocks: a few milliseconds for a question."""
        found = np.empty((len(texts), WIDTH), np.float32)
        with self._lock:
            for rows, feed in self._pieces.batches(texts, BATCH):
                found[rows] = self._session.run(None, feed)[0]
        return found
