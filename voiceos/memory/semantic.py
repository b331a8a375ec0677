"""Search by meaning: two encoders for questions and passages, and the index of their output."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voiceos.engines.encoders import PAIR_TOKENS, CrossEncoder, SentenceEncoder, SparseEncoder, Weighed
from voiceos.memory.index.vectors import KEPT_WORDS, Similarities, Vectors
from voiceos.memory.line_meanings import LineMeanings
from voiceos.store.database import Connection, transaction

Ids = NDArray[np.uint32]
Floats = NDArray[np.float32]

LONGEST = 2_000
"""Characters of a question that are encoded."""


class SemanticIndex:
    """The encoders with their index. From any thread. Loading takes about a second. Raises ModelError."""

    name = Vectors.name
    tables = Vectors.tables
    held = 0
    batch = 32
    """Passages that are encoded together: a fifth of a second."""

    def __init__(self, folder: Path, cross: Path | None = None, *, threads: int = 1) -> None:
        """`folder`: what `voiceos.models.encoder_files` has made; an index of vectors goes with one folder's name.

        `cross`: the folder of the cross-encoder, if lines are to be read with their question.
        """
        tokens = folder / "tokenizer.json"
        self._dense = SentenceEncoder(folder / "dense.onnx", tokens, threads=threads)
        self._sparse = SparseEncoder(folder / "sparse.onnx", tokens, threads=threads)
        self._cross = _cross_encoder(cross, tokens, threads) if cross else None
        self._index = Vectors(folder.name)
        self.lines = LineMeanings(folder.name, self._dense.encode)
        self._encoded = lru_cache(maxsize=8)(self._encode)
        self._meant = lru_cache(maxsize=8)(self._mean)

    def meaning(self, text: str) -> Floats:
        """The vector of a sentence. Blocks some four milliseconds."""
        return self._meant(text[:LONGEST])

    def search(self, db: Connection, question: str, limit: int) -> Ids:
        """The passages nearest to a question, best first."""
        dense, _ = self._encoded(question[:LONGEST])
        return self._index.nearest(db, dense, limit)[0].astype(np.uint32)

    def similarities(self, db: Connection, question: str, ids: Ids) -> Similarities:
        """How similar these passages are to a question."""
        dense, sparse = self._encoded(question[:LONGEST])
        return self._index.similarities(db, ids, dense, sparse)

    def alike(self, db: Connection, question: str, lines: Collection[tuple[int, str]]) -> dict[str, float]:
        """By text the cosine of the meanings of each line (record, text) and of the question.

        Takes a millisecond or two for each line that `lines` does not have yet.
        """
        return self.lines.alike(db, self._meant(question[:LONGEST]), lines)

    def odds(self, pairs: Sequence[tuple[str, str]]) -> Floats | None:
        """The log odds that the line of each pair answers its question; None without a cross-encoder.

        Takes some ten milliseconds for each.
        """
        return self._cross.odds(pairs) if self._cross else None

    def add(self, db: Connection, items: Sequence[tuple[int, str]]) -> None:
        """Encodes passages (id, text) and adds them; their ids ascend. Takes some five milliseconds each."""
        ids, texts = [id for id, _ in items], [text for _, text in items]
        dense, sparse = self._dense.encode(texts), self._sparse.encode(texts, KEPT_WORDS)
        with transaction(db):
            self._index.add(db, ids, dense, sparse)

    def remove(self, db: Connection, passages: Sequence[int], records: Sequence[int] = ()) -> None:
        """Forgets passages."""
        self._encoded.cache_clear()
        self._meant.cache_clear()
        self._index.remove(db, passages)

    def watermark(self, db: Connection) -> int:
        return self._index.watermark(db)

    def clear(self, db: Connection) -> None:
        self._index.clear(db)

    def verify(self, db: Connection) -> list[str]:
        return self._index.verify(db)

    def _encode(self, question: str) -> tuple[Floats, Weighed]:
        return self._meant(question), self._sparse.encode([question])[0]

    def _mean(self, text: str) -> Floats:
        return self._dense.encode([text])[0]


def _cross_encoder(folder: Path, tokens: Path, threads: int) -> CrossEncoder:
    """`tokens`: bge-small has the vocabulary of MiniLM."""
    return CrossEncoder(folder / "cross.onnx", tokens, threads=threads, most=PAIR_TOKENS)
