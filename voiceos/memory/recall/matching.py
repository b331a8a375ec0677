"""How the words of a question occur in candidate passages: by themselves, and together with what stands before them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.memory.index.occurrences import Occurrences
from voiceos.memory.recall.candidates import Array, Neighbours, at_rows, standard

K1, B, TYPICAL_LENGTH = 1.2, 0.4, 24.0
"""BM25 on the passage's own words; the length is in terms, the same for every store: the ranker sees one scale."""
REPLIED_TO = 0.6
"""What a word counts that stands in the passage before: what is replied to need not be said again."""
CLOSE = 3
"""Terms that are so near to each other or nearer belong together."""


@dataclass(frozen=True, slots=True)
class Matching:
    """The occurrences of each term of the topic in each passage, and what they weigh."""

    counts: Array
    weights: Array
    lengths: Array
    """Terms of each passage."""
    pairs: Array
    """Terms of the topic that follow each other in both, weighed."""
    span: Array
    """Terms of the topic that are close to each other, weighed by nearness."""

    @classmethod
    def of(cls, topic: Sequence[str], terms: Occurrences, rarity: Mapping[str, float]) -> "Matching":
        weights = np.array([rarity.get(term, 0.0) for term in topic] or [0.0], np.float32)
        columns, rows, places = terms.at({term: column for column, term in enumerate(topic)})
        size = (len(terms.lengths), len(weights))
        counts = np.bincount(rows * size[1] + columns, minlength=size[0] * size[1]).reshape(size)
        this, following, apart = columns[:-1], columns[1:], np.diff(places)
        close = np.flatnonzero((np.diff(rows) == 0) & (this != following) & (apart <= CLOSE))
        this, following, apart = this[close], following[close], apart[close]
        near = np.minimum(weights[this], weights[following]) / apart
        together = near * ((following == this + 1) & (apart == 1))
        span, pairs = (np.bincount(rows[close], some, size[0]).astype(np.float32) for some in (near, together))
        return cls(counts.astype(np.float32), weights, terms.lengths.astype(np.float32), pairs, span)

    def scores(self, weights: Array) -> Array:
        """BM25 of the passages' own words."""
        return _saturated(self.counts, self.lengths) @ weights

    def columns(self, near: Neighbours) -> dict[str, Array | float]:
        """Its features for the ranker."""
        held = self.counts > 0
        total = float(self.weights.sum()) or 1.0
        before = at_rows(self.counts, near.before)
        earlier = at_rows(before, near.before)
        after = at_rows(self.counts, near.after)
        count = self.counts + REPLIED_TO * before
        length = self.lengths + 0.4 * at_rows(self.lengths[:, None], near.before)[:, 0]
        return {
            "covered": held @ self.weights / total,
            "rarest": (held * self.weights).max(axis=1) / (float(self.weights.max()) or 1.0),
            "pairs": self.pairs / total,
            "span": self.span / total,
            "matched": held.sum(axis=1).astype(np.float32),
            "length": np.log1p(self.lengths),
            "reply_z": standard(_saturated(count, length) @ self.weights),
            "reply_covered": ((self.counts + before) > 0) @ self.weights / total,
            "around_covered": ((self.counts + before + earlier + after) > 0) @ self.weights / total,
            "thread_covered": near.most(held) @ self.weights / total,
        }


def _saturated(counts: NDArray[Any], lengths: NDArray[Any]) -> Array:
    found = counts * (K1 + 1) / (counts + K1 * (1 - B + B * lengths[:, None] / TYPICAL_LENGTH))
    return found.astype(np.float32)
