"""The best passages for weighted terms: exact, though only as many postings are read as may matter (MaxScore).

Rare terms' postings are added up. Once no passage that has only the remaining, common terms can still
be among the best, those terms are looked up for the candidates alone. Scores are whole numbers: sums are exact.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from voiceos.memory.index import postings
from voiceos.memory.index.postings import Ids
from voiceos.memory.index.snapshot import Passages, Snapshot, passages_by_id
from voiceos.store.database import Connection

UNIT = 1024
"""Whole-number score for one unit of idf."""
LOOK_UP = 200
"""Postings that can be added up in the time in which one candidate is looked up."""
WORTH_LOOKING = 2000
"""Postings fewer than these are added up without looking whether that could be saved."""
WORTH_SORTING = 30_000
"""Sums of more passages than these are not searched for the best."""
BATCH = 256
FEW = 500
"""So few allowed passages are scored one by one."""

Scores = NDArray[np.int64]
Allowed = Ids | None


class Query(NamedTuple):
    codes: postings.Codes
    weights: NDArray[np.int64]
    """Score of one level of each term."""
    idf: NDArray[np.float64]
    counts: NDArray[np.int64]
    """How many postings each term has."""
    tail: NDArray[np.int64]
    """How often each of the newest passages has each term."""


class Best:
    """The best `limit` passages so far; among equals the newest."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.ids: Ids = np.empty(0, np.uint32)
        self.scores: Scores = np.empty(0, np.int64)
        self.floor = 1
        """What a passage must have at least to get in."""

    def offer(self, ids: Ids, scores: Scores) -> None:
        good = scores >= self.floor
        self.ids = np.concatenate([self.ids, ids[good]])
        self.scores = np.concatenate([self.scores, scores[good]])
        if len(self.ids) >= self.limit:
            order = np.lexsort((self.ids, self.scores))[: -self.limit - 1 : -1]
            self.ids, self.scores = self.ids[order], self.scores[order]
            self.floor = max(self.floor, int(self.scores[-1]))

    def ranked(self) -> tuple[Ids, Scores]:
        order = np.lexsort((self.ids, self.scores))[: -self.limit - 1 : -1]
        return self.ids[order], self.scores[order]


def plan(db: Connection, now: Snapshot, wanted: Mapping[int, float]) -> Query:
    """How much each term counts: its weight times its rarity among all passages."""
    codes = np.array(sorted(wanted), np.uint32)
    tail = frequencies(now.tail, codes, now.tail_owners, now.tail_low)
    counts = np.array([postings.count(db, code) for code in codes.tolist()], np.int64)
    having = counts + np.count_nonzero(tail, axis=0)
    idf = np.log1p((now.passages - having + 0.5) / (having + 0.5))
    given = np.array([wanted[code] for code in codes.tolist()])
    return Query(codes, np.rint(np.maximum(given * idf, 0) * UNIT).astype(np.int64), idf, counts, tail)


def frequencies(
    passages: Passages, codes: postings.Codes, owners: NDArray[np.int64], low: NDArray[np.uint16] | None = None
) -> NDArray[np.int64]:
    """How often each passage (row) has each term (column)."""
    tokens = passages.tokens
    if low is not None:
        maybe = np.zeros(1 << 16, bool)
        maybe[codes.astype(np.uint16)] = True
        kept = np.flatnonzero(maybe[low])
        tokens, owners = tokens[kept], owners[kept]
    counts = np.zeros((len(passages.ids), len(codes)), np.int64)
    for column, code in enumerate(codes):
        counts[:, column] = np.bincount(owners[tokens == code], minlength=len(counts))
    return counts


def levels_of(counts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(counts > 0, postings.level_of(counts, np.maximum(lengths, 1)[:, None]), 0).astype(np.int64)


def score_each(db: Connection, query: Query, ids: Sequence[int], best: Best) -> None:
    """Scores passages by looking each up."""
    for start in range(0, len(ids), 2 * FEW):
        passages = passages_by_id(db, ids[start : start + 2 * FEW])
        counts = frequencies(passages, query.codes, passages.owners)
        best.offer(passages.ids, levels_of(counts, passages.lengths) @ query.weights)


def score_tail(now: Snapshot, query: Query, allowed: Allowed, best: Best) -> None:
    """Scores the newest passages, which are in no segment yet."""
    counts = query.tail
    rows = np.flatnonzero(counts.any(axis=1))
    if allowed is not None:
        rows = rows[among(now.tail.ids[rows], allowed)]
    best.offer(now.tail.ids[rows], levels_of(counts[rows], now.tail.lengths[rows]) @ query.weights)


def among(ids: NDArray[Any], allowed: Ids) -> NDArray[np.bool_]:
    """Which ids are in the ascending list."""
    if not len(allowed):
        return np.zeros(len(ids), bool)
    places = np.minimum(np.searchsorted(allowed, ids), len(allowed) - 1)
    return allowed[places] == ids


def score_older(db: Connection, query: Query, allowed: Allowed, best: Best, sums: NDArray[np.int32]) -> None:
    """Scores the passages of the postings. `sums`: room for the sum of each passage, by its id; all 0."""
    bounds = (query.weights * postings.LEVELS).tolist()
    terms = sorted(np.flatnonzero(query.counts).tolist(), key=lambda term: -bounds[term])
    rest = [sum(bounds[term] for term in terms[nth:]) for nth in range(len(terms))]
    """The most that the terms from the nth on can give."""
    left = [int(query.counts[terms[nth:]].sum()) for nth in range(len(terms))]
    places = None if allowed is None else allowed[: np.searchsorted(allowed, len(sums))]
    floor = best.floor
    for nth, term in enumerate(terms):
        if rest[nth] < floor and left[nth] > max(WORTH_LOOKING, len(sums) // 16):
            best.floor = max(best.floor, floor)
            candidates = _with(sums, places, floor - rest[nth])
            if len(candidates) * LOOK_UP <= left[nth]:
                _look_up(db, query, sums, candidates, rest[nth], best)
                return
        having: list[NDArray[np.int32]] = []
        for chunk in postings.read(db, int(query.codes[term])):
            ids = chunk["id"].astype(np.intp)
            values = sums[ids] + np.multiply(chunk["level"], query.weights[term], dtype=np.int32)
            sums[ids] = values
            having.append(values[values > floor])
        if places is None:
            floor = max(floor, _floor(np.concatenate(having), best.limit))
    candidates = _with(sums, places, floor)
    best.offer(candidates, sums[candidates].astype(np.int64))


def _floor(values: NDArray[np.int32], limit: int) -> int:
    """What the best have at least, as far as these sums tell."""
    if not limit <= len(values) <= WORTH_SORTING:
        return 0
    return int(np.partition(values, len(values) - limit)[len(values) - limit])


def _with(sums: NDArray[np.int32], places: Allowed, least: int) -> Ids:
    """The passages that have at least so much."""
    if places is None:
        return np.flatnonzero(sums >= max(least, 1)).astype(np.uint32)
    return places[sums[places] >= max(least, 1)]


def _look_up(db: Connection, query: Query, sums: NDArray[np.int32], candidates: Ids, rest: int, best: Best) -> None:
    """Scores the candidates, the most promising first, until the others cannot get in any more."""
    have = sums[candidates]
    order = np.argsort(-have, kind="stable")
    for start in range(0, len(order), BATCH):
        some = order[start : start + BATCH]
        some = some[have[some] + rest >= best.floor]
        if not len(some):
            return
        score_each(db, query, candidates[some].tolist(), best)


def as_score(scores: NDArray[Any]) -> NDArray[np.float32]:
    """Whole-number scores in the usual unit of BM25."""
    return (scores * ((postings.K1 + 1) / postings.LEVELS / UNIT)).astype(np.float32)


def heaviest(weights: Mapping[str, float], most: int) -> dict[int, float]:
    """Codes and weights of terms; the first `most` if there are more. Weights count from 1/1000 to 5."""
    terms = list(weights.items())[:most]
    return {postings.code_of(term): min(max(weight, 0.001), 5.0) for term, weight in terms if math.isfinite(weight)}
