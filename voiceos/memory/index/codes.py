"""Vectors as one bit for each dimension, flat in memory, scanned whole.

The bits are the signs after a fixed rotation. A question's own numbers are kept, so that after the scan the estimate of
a similarity is the sum of them with the signs of the passage (what this finds: docs/adr/0015-vectors.md).
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH = 384
"""Dimensions, and bits."""
COLUMNS = WIDTH // 64
BYTES = WIDTH // 8
ESTIMATED = 1_000
"""How many of the nearest by their bits are estimated, about."""
_BLOCK = 32_768
"""Passages scanned at once, so that intermediate results stay in the cache."""
_FIRST = 4
"""Columns that are scanned for all; their differing bits fit into a byte but for all 256, which is as good as never."""
_LEFT = 10
"""How many times the wanted number of passages are compared in all columns."""
_FEW = 2_000
"""Up to this many, all are estimated."""
_SAMPLE = 1 << 16
_SEED = 384

Ids = NDArray[np.uint32]
Floats = NDArray[np.float32]
Words = NDArray[np.uint64]


def coded(vectors: Floats) -> Words:
    """The bits of vectors: a row of `COLUMNS` little-endian words for each."""
    signs = np.packbits(vectors @ _rotation() > 0, axis=1, bitorder="little")
    return signs.view("<u8").astype(np.uint64, copy=False)


@cache
def _rotation() -> Floats:
    """Orthogonal, the same on every machine and for good: the old generator's stream never changes."""
    random = np.random.RandomState(_SEED).standard_normal((WIDTH, WIDTH))
    rotation, upper = np.linalg.qr(random)
    return (rotation * np.sign(np.diag(upper))).astype(np.float32)


class Codes:
    """Codes of passages, with their ids, which ascend."""

    def __init__(self) -> None:
        self.count = 0
        self._ids: Ids = np.zeros(0, np.uint32)
        self._columns: Words = np.zeros((COLUMNS, 0), np.uint64)

    @property
    def last(self) -> int:
        """The highest id."""
        return int(self._ids[self.count - 1]) if self.count else 0

    def append(self, ids: Ids, codes: Words) -> None:
        """Adds passages; `codes` as from `coded`."""
        end = self.count + len(ids)
        if end > len(self._ids):
            room = end + max(end // 8, 1024) - self.count
            self._ids = np.append(self._ids[: self.count], np.zeros(room, np.uint32))
            self._columns = np.hstack([self._columns[:, : self.count], np.zeros((COLUMNS, room), np.uint64)])
        self._ids[self.count : end] = ids
        self._columns[:, self.count : end] = codes.T
        self.count = end

    def nearest(self, vector: Floats, count: int) -> tuple[Ids, Floats]:
        """Ids and estimated similarities of the `count` nearest, best first."""
        turned = vector @ _rotation()
        question = np.packbits(turned > 0, bitorder="little").view("<u8").astype(np.uint64, copy=False)
        few = self.count <= _FEW
        places = np.arange(self.count) if few else self._nearby(question, max(2 * count, ESTIMATED))
        columns = np.ascontiguousarray(self._columns[:, places].T).astype("<u8", copy=False).view(np.uint8)
        estimates = _worth(turned).take(columns + _BYTE_STARTS).sum(axis=1)
        estimates *= np.float32(np.sqrt(np.pi / 2 / WIDTH))  # what a sign is worth, for a vector of length 1
        best = _highest(estimates, count)
        return self._ids[places[best]], estimates[best]

    def _nearby(self, question: Words, count: int) -> NDArray[np.intp]:
        """The places of about so many of the nearest by their bits: the first ones narrow down, all decide."""
        some = self._distances(question)
        places = np.flatnonzero(some <= _border(some, max(_LEFT * count, self.count // 100)))
        distances = some[places].astype(np.uint16)
        for at in range(_FIRST, COLUMNS):
            distances += np.bitwise_count(self._columns[at].take(places) ^ question[at])
        return places[distances <= _border(distances, count)]

    def _distances(self, question: Words) -> NDArray[np.uint8]:
        """How many of the first bits are others, for each passage."""
        distances = np.zeros(self.count, np.uint8)
        mixed, counted = np.empty(_BLOCK, np.uint64), np.empty(_BLOCK, np.uint8)
        for start in range(0, self.count, _BLOCK):
            some = distances[start : start + _BLOCK]
            mixed, counted = mixed[: len(some)], counted[: len(some)]
            for at in range(_FIRST):
                np.bitwise_xor(self._columns[at, start : start + len(some)], question[at], out=mixed)
                np.add(some, np.bitwise_count(mixed, out=counted), out=some)
        return distances


_SIGNS = 2 * np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little").astype(np.float32) - 1
"""The signs that a byte stands for: a row for each of its values."""
_BYTE_STARTS = 256 * np.arange(BYTES)


def _worth(turned: Floats) -> Floats:
    """What each value of each byte of a code adds to the product with a vector, byte by byte."""
    return (turned.reshape(BYTES, 8) @ _SIGNS.T).ravel()


def _border(distances: NDArray[Any], count: int) -> int:
    """The distance within which about `count` are; of many, judged by some."""
    step = max(1, len(distances) // _SAMPLE)
    there = np.cumsum(np.bincount(distances[::step]))
    return int(np.searchsorted(there, count / step))


def _highest(scores: Floats, count: int) -> NDArray[np.intp]:
    if len(scores) > count:
        some = np.argpartition(-scores, count)[:count]
        return some[np.argsort(-scores[some], kind="stable")]
    return np.argsort(-scores, kind="stable")
