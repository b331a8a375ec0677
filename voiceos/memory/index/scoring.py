"""The best passages for weighted terms: exact, though only as many postings are read as may matter (MaxScore).

Rare terms' postings are added up for each segment. Once no passage that has only the remaining, common terms can still
be among the best, those terms are looked up for the candidates alone. Scores are whole numbers: sums are exact.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from voiceos.memory.index import postings, segments
from voiceos.memory.index.postings import Ids, Levels
from voiceos.memory.index.segments import Segment
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


class Found(NamedTuple):
    """Where a segment has a term: its short list already read, or the entries of its long one."""

    postings: int
    top: int
    short: tuple[NDArray[np.int64], Levels] | None
    low: int = 0
    high: int = 0


class Query(NamedTuple):
    codes: postings.Codes
    weights: NDArray[np.int64]
    """Score of one level of each term."""
    idf: NDArray[np.float64]
    where: list[list[Found]]
    """By segment, by term."""
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
    """Where the terms are, and how much each counts: its weight times its rarity among all passages."""
    codes = np.array(sorted(wanted), np.uint32)
    where = _locate(db, now.live, codes)
    tail = frequencies(now.tail, codes, now.tail_owners, now.tail_low)
    count = np.count_nonzero(tail, axis=0) + np.sum(
        [[found.postings for found in row] for row in where], axis=0, initial=0
    )
    idf = np.log1p((now.passages - count + 0.5) / (count + 0.5))
    given = np.array([wanted[int(code)] for code in codes])
    return Query(codes, np.rint(np.maximum(given * idf, 0) * UNIT).astype(np.int64), idf, where, tail)


def _locate(db: Connection, live: Sequence[Segment], codes: postings.Codes) -> list[list[Found]]:
    spans = [segments.find(segment.directory, codes) for segment in live]
    keys: list[int] = []
    for segment, (low, high) in zip(live, spans, strict=True):
        shared = low[low < high]
        shared = shared[segment.directory["packed"][shared] == 1]
        keys += [segment.key(block) for block in segment.directory["block"][shared].tolist()]
    marks = ",".join("?" * len(keys))
    rows = db.execute(f"SELECT id, data FROM lexical_block WHERE id IN ({marks})", keys)  # noqa: S608
    blocks: dict[int, bytes] = dict(rows.fetchall())
    return [
        [
            _found(segment, blocks, int(code), a, b)
            for code, a, b in zip(codes, low.tolist(), high.tolist(), strict=True)
        ]
        for segment, (low, high) in zip(live, spans, strict=True)
    ]


def _found(segment: Segment, blocks: dict[int, bytes], code: int, low: int, high: int) -> Found:
    if low == high:
        return Found(0, 0, None)
    directory = segment.directory
    if not directory["packed"][low]:
        return Found(int(directory["postings"][low:high].sum()), int(directory["top"][low:high].max()), None, low, high)
    ids, levels = postings.decode_term(blocks[segment.key(int(directory["block"][low]))], code)
    return Found(len(ids), int(levels.max(initial=0)), (ids, levels))


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


class SegmentSearch:
    """One segment's part of a search. `sums` is room for a sum of each passage of the segment."""

    def __init__(self, db: Connection, segment: Segment, query: Query, found: list[Found], best: Best) -> None:
        self.db, self.segment, self.query, self.found, self.best = db, segment, query, found, best
        bounds = [int(weight) * where.top for weight, where in zip(query.weights, found, strict=True)]
        self.terms = sorted((term for term in range(len(bounds)) if bounds[term]), key=lambda term: -bounds[term])
        self.rest = [sum(bounds[term] for term in self.terms[nth:]) for nth in range(len(self.terms) + 1)]
        """The most that the terms from the nth on can give."""

    def run(self, sums: NDArray[np.int32], allowed: Allowed) -> None:
        if self.rest[0] < self.best.floor:
            return
        segment = self.segment
        places: NDArray[Any] | None = None
        if allowed is not None:
            low, high = np.searchsorted(allowed, [segment.first, segment.last + 1])
            places = allowed[low:high].astype(np.int64) - segment.first
            if not len(places):
                return
        sums = sums[: segment.last - segment.first + 1]
        sums.fill(0)
        floor = self.best.floor
        for nth, term in enumerate(self.terms):
            postings_left = self.found[term].postings
            if self.rest[nth] < floor and postings_left > max(WORTH_LOOKING, len(sums) // 16):
                self.best.floor = max(self.best.floor, floor)
                candidates = self._candidates(sums, places, floor - self.rest[nth])
                if len(candidates) * LOOK_UP <= postings_left:
                    self._look_up(sums, candidates, self.rest[nth])
                    return
            values = self._add(sums, term)
            if places is None:
                floor = max(floor, self._floor(values[values > floor]))
        candidates = self._candidates(sums, places, floor)
        self.best.offer((candidates + segment.first).astype(np.uint32), sums[candidates].astype(np.int64))

    def _floor(self, values: NDArray[np.int32]) -> int:
        """What the best have at least, as far as these sums tell."""
        limit = self.best.limit
        if not limit <= len(values) <= WORTH_SORTING:
            return 0
        return int(np.partition(values, len(values) - limit)[len(values) - limit])

    def _candidates(self, sums: NDArray[np.int32], places: NDArray[Any] | None, floor: int) -> NDArray[np.int64]:
        if places is None:
            return np.flatnonzero(sums >= max(floor, 1))
        return places[sums[places] >= max(floor, 1)]

    def _look_up(self, sums: NDArray[np.int32], candidates: NDArray[np.int64], rest: int) -> None:
        """Scores the candidates, the most promising first, until the others cannot get in any more."""
        have = sums[candidates]
        order = np.argsort(-have, kind="stable")
        for start in range(0, len(order), BATCH):
            some = order[start : start + BATCH]
            some = some[have[some] + rest >= self.best.floor]
            if not len(some):
                return
            score_each(self.db, self.query, (candidates[some] + self.segment.first).tolist(), self.best)

    def _add(self, sums: NDArray[np.int32], term: int) -> NDArray[np.int32]:
        """Adds what the term gives to each passage that has it. Returns their new sums (of the last block)."""
        worth = np.int32(self.query.weights[term])
        values = np.empty(0, np.int32)
        for ids, levels in self._lists(term):
            ids -= self.segment.first
            values = sums[ids]
            values += np.multiply(levels, worth, dtype=np.int32)
            sums[ids] = values
        return values

    def _lists(self, term: int) -> list[tuple[NDArray[np.int64], Levels]]:
        found = self.found[term]
        if found.short:
            return [found.short]
        numbers = self.segment.directory["block"][found.low : found.high]
        keys = (self.segment.key(int(numbers[0])), self.segment.key(int(numbers[-1])))
        code = int(self.query.codes[term])
        rows = self.db.execute("SELECT data FROM lexical_block WHERE id BETWEEN ? AND ? ORDER BY id", keys)
        return [postings.decode_term(data, code) for (data,) in rows]


def as_score(scores: NDArray[Any]) -> NDArray[np.float32]:
    """Whole-number scores in the usual unit of BM25."""
    return (scores * ((postings.K1 + 1) / postings.LEVELS / UNIT)).astype(np.float32)


def heaviest(weights: Mapping[str, float], most: int) -> dict[int, float]:
    """Codes and weights of terms; the first `most` if there are more. Weights count from 1/1000 to 5."""
    terms = list(weights.items())[:most]
    return {postings.code_of(term): min(max(weight, 0.001), 5.0) for term, weight in terms if math.isfinite(weight)}
