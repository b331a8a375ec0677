"""Search by meaning without a model: texts are near to each other that share words."""

import zlib
from collections.abc import Collection, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from voiceos.engines.encoders import Weighed
from voiceos.language.terms import Analyzer
from voiceos.memory.index.codes import WIDTH
from voiceos.memory.index.vectors import Similarities, Vectors
from voiceos.memory.line_meanings import LineMeanings
from voiceos.store.database import Connection

Ids = NDArray[np.uint32]


class MadeUp:
    """What `SemanticIndex` does."""

    name = Vectors.name
    tables = Vectors.tables
    batch = 4
    held = 0

    def __init__(self, encoder: str = "made up") -> None:
        self._index = Vectors(encoder)
        self.lines = LineMeanings(encoder, lambda texts: np.array([_vector(text) for text in texts]))
        self.remove, self.clear, self.verify = self._index.remove, self._index.clear, self._index.verify
        self.watermark = self._index.watermark

    def meaning(self, text: str) -> NDArray[np.float32]:
        return _vector(text)

    def search(self, db: Connection, question: str, limit: int) -> Ids:
        return self._index.nearest(db, _vector(question), limit)[0]

    def similarities(self, db: Connection, question: str, ids: Ids) -> Similarities:
        return self._index.similarities(db, ids, _vector(question), _weighed(question))

    def alike(self, db: Connection, question: str, lines: Collection[tuple[int, str]]) -> dict[str, float]:
        return self.lines.alike(db, _vector(question), lines)

    def odds(self, pairs: Sequence[tuple[str, str]]) -> None:
        """There is no cross-encoder."""

    def add(self, db: Connection, items: Sequence[tuple[int, str]]) -> None:
        if items:
            texts = [text for _, text in items]
            dense = np.array([_vector(text) for text in texts])
            self._index.add(db, [id for id, _ in items], dense, [_weighed(text) for text in texts])


@lru_cache
def _numbers(text: str) -> list[int]:
    return sorted({zlib.crc32(term.encode()) % 30_000 for term in Analyzer("en")(text)})


@lru_cache
def _vector(text: str) -> NDArray[np.float32]:
    whole = sum((np.random.default_rng(one).standard_normal(WIDTH) for one in _numbers(text)), np.full(WIDTH, 1e-6))
    return (whole / np.linalg.norm(whole)).astype(np.float32)


def _weighed(text: str) -> Weighed:
    numbers = _numbers(text)
    return Weighed(np.array(numbers, np.uint16), np.ones(len(numbers), np.float32))
