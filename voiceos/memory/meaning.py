"""Search by meaning: a question and passages through the same two encoders, and the index of what they gave."""

from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voiceos.engines.adapter import digest
from voiceos.engines.sentence_encoder import QUESTIONS, SentenceEncoder
from voiceos.engines.sparse_encoder import ADAPTER, SparseEncoder, Weighed
from voiceos.memory.index.vectors import KEPT_WORDS, Similarities, Vectors
from voiceos.memory.store.database import Connection, transaction

Ids = NDArray[np.uint32]
Floats = NDArray[np.float32]

LONGEST = 2_000
"""Characters of a question that are encoded."""


class Meaning:
    """The encoders with their index. From any thread. Loading takes about a second. Raises ModelError."""

    batch = 32
    """Passages that are encoded together: a fifth of a second."""

    def __init__(self, folder: Path, *, threads: int = 1, adapted: bool = True) -> None:
        """`folder`: the model `memory-en` of the catalogue.

        Not `adapted`, the encoders are as their makers trained them: to train on what the adapters have seen.
        """
        dense, tokens = folder / "dense.onnx", folder / "tokenizer.json"
        self._asked = SentenceEncoder(dense, tokens, adapter=QUESTIONS if adapted else None, threads=threads)
        self._told = cache(lambda: SentenceEncoder(dense, tokens, threads=threads))  # not needed where nothing is added
        weights, adapter = folder / "sparse.safetensors", ADAPTER if adapted else None
        self._sparse = SparseEncoder(weights, tokens, adapter=adapter, threads=threads)
        self._index = Vectors(encoder_of(folder))
        self._encoded = lru_cache(maxsize=8)(self._encode)

    def search(self, db: Connection, question: str, limit: int) -> Ids:
        """The passages nearest to a question, best first."""
        dense, _ = self._encoded(question[:LONGEST])
        return self._index.nearest(db, dense, limit)[0].astype(np.uint32)

    def similarities(self, db: Connection, question: str, ids: Ids) -> Similarities:
        """How near these passages are to a question."""
        dense, sparse = self._encoded(question[:LONGEST])
        return self._index.similarities(db, ids, dense, sparse)

    def add(self, db: Connection, items: Sequence[tuple[int, str]]) -> None:
        """Encodes passages (id, text) and adds them; their ids ascend. Takes some five milliseconds each."""
        ids, texts = [id for id, _ in items], [text for _, text in items]
        dense, sparse = self._told().encode(texts), self._sparse.encode(texts, KEPT_WORDS)
        with transaction(db):
            self._index.add(db, ids, dense, sparse)

    def remove(self, db: Connection, items: Sequence[tuple[int, str]]) -> None:
        """Forgets passages."""
        self._encoded.cache_clear()
        self._index.remove(db, [id for id, _ in items])

    def watermark(self, db: Connection) -> int:
        return self._index.watermark(db)

    def clear(self, db: Connection) -> None:
        self._index.clear(db)

    def verify(self, db: Connection) -> list[str]:
        return self._index.verify(db)

    def _encode(self, question: str) -> tuple[Floats, Weighed]:
        return self._asked.encode([question])[0], self._sparse.encode([question])[0]


def encoder_of(folder: Path) -> str:
    """What an index of vectors says that it was made with."""
    return f"{folder.name} {digest(ADAPTER)}"
