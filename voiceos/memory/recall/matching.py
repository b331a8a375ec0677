"""How the words of a question occur in candidate passages: by themselves, and together with what stands before them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.memory.recall.candidates import Array, Candidates, Neighbours
from voiceos.memory.recall.question import Question

K1, B, TYPICAL_LENGTH = 1.2, 0.4, 24.0
"""BM25 on the passage's own words; the length is in terms, the same for every store: the ranker sees one scale."""
REPLIED_TO = 0.6
"""What a word counts that stands in the passage before: what is replied to need not be said again."""
LONG_NAME = 3
"""Letters of a term above which it may be the stem of a longer name."""


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
    """Terms of the topic that are at most three words apart, weighed by nearness."""

    @classmethod
    def of(cls, topic: Sequence[str], terms: Sequence[Sequence[str]], rarity: Mapping[str, float]) -> "Matching":
        place = {term: n for n, term in enumerate(topic)}
        weights = np.array([rarity.get(term, 0.0) for term in topic] or [0.0], np.float32)
        counts = np.zeros((len(terms), len(weights)), np.float32)
        pairs = np.zeros(len(terms), np.float32)
        span = np.zeros(len(terms), np.float32)
        for row, passage in enumerate(terms):
            hits = [(at, place[term]) for at, term in enumerate(passage) if term in place]
            for _, column in hits:
                counts[row, column] += 1
            for (at, column), (following, then) in pairwise(hits):
                if column != then and following - at <= 3:
                    near = min(weights[column], weights[then]) / (following - at)
                    span[row] += near
                    if then == column + 1 and following == at + 1:
                        pairs[row] += near
        return cls(counts, weights, np.array([len(passage) for passage in terms], np.float32), pairs, span)

    def scores(self, weights: Array) -> Array:
        """BM25 of the passages' own words."""
        return _saturated(self.counts, self.lengths) @ weights

    def columns(self, question: Question, candidates: Candidates, near: Neighbours) -> dict[str, Array | float]:
        """What the ranker is told of it."""
        held = self.counts > 0
        total = float(self.weights.sum()) or 1.0
        before = _at(self.counts, near.before)
        earlier = _at(before, near.before)
        after = _at(self.counts, near.after)
        count = self.counts + REPLIED_TO * before
        length = self.lengths + 0.4 * _at(self.lengths[:, None], near.before)[:, 0]
        threads = np.zeros((int(near.groups.max()) + 1 if len(held) else 1, held.shape[1]), np.bool_)
        np.logical_or.at(threads, near.groups, held)
        content = self.weights * ~_names(question, candidates, len(self.weights))
        among = np.log(1 + len(held) / (1 + held.sum(axis=0))) * (content > 0)
        return {
            "covered": held @ self.weights / total,
            "rarest": (held * self.weights).max(axis=1) / (float(self.weights.max()) or 1.0),
            "pairs": self.pairs / total,
            "span": self.span / total,
            "matched": held.sum(axis=1).astype(np.float32),
            "length": np.log1p(self.lengths),
            "question_terms": float(len(question.topic)),
            "reply_z": _standard(_saturated(count, length) @ self.weights),
            "reply_covered": ((self.counts + before) > 0) @ self.weights / total,
            "around_covered": ((self.counts + before + earlier + after) > 0) @ self.weights / total,
            "thread_covered": (threads @ self.weights / total)[near.groups],
            "content_z": _standard(self.scores(content)),
            "content_covered": held @ content / (float(content.sum()) or 1.0),
            "content_matched": (held & (content > 0)).sum(axis=1).astype(np.float32),
            "among_z": _standard(held @ among),
        }


def _names(question: Question, candidates: Candidates, count: int) -> NDArray[np.bool_]:
    """Which terms of the topic are names of those who speak: they tell whom to listen to, not what of."""
    names = {name for author in set(candidates.authors) for name in author.lower().split()}
    found = [
        term in names or (len(term) > LONG_NAME and any(name.startswith(term) for name in names))
        for term in question.topic
    ]
    return np.array(found or [False] * count, np.bool_)


def _saturated(counts: NDArray[Any], lengths: NDArray[Any]) -> Array:
    found = counts * (K1 + 1) / (counts + K1 * (1 - B + B * lengths[:, None] / TYPICAL_LENGTH))
    return found.astype(np.float32)


def _at(table: Array, rows: NDArray[np.int64]) -> Array:
    """These rows of a table; zeros for row -1."""
    return np.where((rows >= 0)[:, None], table[rows], np.float32(0))


def _standard(scores: NDArray[Any]) -> Array:
    return ((scores - scores.mean()) / (scores.std() + 1e-6)).astype(np.float32)
