"""Search by words: BM25 over every passage, exact, in milliseconds, inside the one database file.

The terms of each passage, as codes in order, are the ground: a new passage is found as soon as its row is there. When
there are many new ones they are inverted into postings.
"""

import contextlib
import threading
from array import array
from collections.abc import Collection, Generator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from voiceos.language.terms import Analyzer
from voiceos.memory.index import postings, scoring, snapshot, verification
from voiceos.memory.index.occurrences import Occurrences
from voiceos.memory.index.postings import Ids
from voiceos.store.database import Connection, transaction

TAIL, LONGEST_TAIL, TAIL_SHARE = 1024, 8192, 32
"""So many new passages are inverted at once: more of a larger index, since many of its pages are written then."""
MOST_TERMS = 64
"""Different terms of a question that are searched for."""


TABLES = (
    # each passage's terms as codes, and their postings
    "CREATE TABLE lexical_passage (id INTEGER PRIMARY KEY, terms BLOB NOT NULL)",
    postings.TABLE,
    # `generation` is another one after each change
    "CREATE TABLE lexical_state (id INTEGER PRIMARY KEY CHECK (id = 1), generation INTEGER NOT NULL DEFAULT 0,"
    " watermark INTEGER NOT NULL DEFAULT 0, passages INTEGER NOT NULL DEFAULT"
    " 0, tail INTEGER NOT NULL DEFAULT 0, built INTEGER NOT NULL DEFAULT 0, analysis TEXT NOT NULL DEFAULT '')",
    "INSERT INTO lexical_state (id) VALUES (1)",
)


class Hits(NamedTuple):
    """The best passages, best first; among equals the newest."""

    ids: Ids
    scores: NDArray[np.float32]
    rarity: Mapping[int, float]
    """By the code of each term that was searched for: its idf."""


class LexicalIndex:
    """One for each database; any thread may use it."""

    name = "words"
    tables = TABLES

    def __init__(self, analyze: Analyzer) -> None:
        self._analyze = analyze
        self._snapshot: snapshot.Snapshot | None = None
        self._sums = np.empty(0, np.int32)
        self._lock = threading.Lock()

    def add(self, db: Connection, items: Sequence[tuple[int, str]]) -> None:
        """Adds passages (id, text) with ids above the watermark, within the caller's transaction. Raises ValueError."""
        if not items:
            return
        ids = [key for key, _ in items]
        if ids[0] <= self.watermark(db) or any(a >= b for a, b in pairwise(ids)):
            raise ValueError("passages must be added in the order of their ids, and once")
        code_of = postings.code_of
        rows = ((key, array("I", map(code_of, self._analyze(text))).tobytes()) for key, text in items)
        with transaction(db):
            db.executemany("INSERT INTO lexical_passage (id, terms) VALUES (?, ?)", rows)
            db.execute(
                "UPDATE lexical_state SET generation = generation + 1, watermark = ?, passages = passages + ?,"
                " tail = tail + ?, analysis = ?",
                (ids[-1], len(ids), len(ids), self._analyze.identity),
            )
            passages, tail = db.execute("SELECT passages, tail FROM lexical_state").fetchone()
            if tail >= min(max(TAIL, passages // TAIL_SHARE), LONGEST_TAIL):
                self._invert(db)

    def remove(self, db: Connection, passages: Sequence[int], records: Sequence[int] = ()) -> None:
        """Takes passages out, within the caller's transaction: nothing of them is left in any table of the index."""
        gone = snapshot.passages_by_id(db, passages)
        if not len(gone.ids):
            return
        with transaction(db):
            (built,) = db.execute("SELECT built FROM lexical_state").fetchone()
            for code, found in postings.invert(gone.ids, gone.lengths, gone.tokens):
                postings.remove(db, code, found["id"][found["id"] <= built])
            db.executemany("DELETE FROM lexical_passage WHERE id = ?", [(key,) for key in gone.ids.tolist()])
            db.execute(
                "UPDATE lexical_state SET generation = generation + 1, passages = passages - ?, tail = tail - ?",
                (len(gone.ids), int((gone.ids > built).sum())),
            )

    def watermark(self, db: Connection) -> int:
        """The last passage that was added: indexing goes on after it."""
        return db.execute("SELECT watermark FROM lexical_state").fetchone()[0]

    def outdated(self, db: Connection) -> bool:
        """Whether the terms in the index were made in another way than they are made now: clear it and add anew."""
        identity = db.execute("SELECT analysis FROM lexical_state").fetchone()[0]
        return identity not in ("", self._analyze.identity)

    def search(
        self, db: Connection, terms: Sequence[str] | Mapping[str, float], limit: int = 200, within: Ids | None = None
    ) -> Hits:
        """The passages that have the terms (with weights, if given), best first; `within` these ids, ascending."""
        weights = terms if isinstance(terms, Mapping) else {term: float(terms.count(term)) for term in terms}
        wanted = scoring.heaviest(weights, MOST_TERMS)
        best = scoring.Best(limit)
        rarity: dict[int, float] = {}
        with self._lock, self._one_moment(db) as now:
            if wanted and limit > 0:
                query = scoring.plan(db, now, wanted)
                rarity = dict(zip(query.codes.tolist(), query.idf.tolist(), strict=True))
                self._search(db, now, query, within, best)
        ids, scores = best.ranked()
        return Hits(ids, scoring.as_score(scores), rarity)

    def occurrences(self, db: Connection, ids: Ids, wanted: Collection[str], skip: Sequence[int]) -> Occurrences:
        """Where the wanted terms are in passages (ids, ascending), without the first `skip` terms of each.

        An id that the index does not have counts as a passage without terms.
        """
        codes, terms = _coded(frozenset(wanted))
        passages = snapshot.passages_by_id(db, ids.tolist())
        near = np.minimum(np.searchsorted(codes, passages.tokens), len(codes) - 1)
        kept = np.flatnonzero(codes[near] == passages.tokens)
        known = np.searchsorted(ids, passages.ids)
        skipped = np.asarray(skip, np.int64)[known]
        ends = np.cumsum(passages.lengths)
        owners = np.searchsorted(ends, kept, side="right")
        places = kept - (ends - passages.lengths + skipped)[owners]
        lengths = np.zeros(len(ids), np.int64)
        lengths[known] = np.maximum(passages.lengths - skipped, 0)
        own = places >= 0
        return Occurrences(terms, near[kept][own], known[owners][own], places[own], lengths)

    def verify(self, db: Connection) -> list[str]:
        """What is wrong with the index, in sentences."""
        problems = verification.problems(db)
        if self.outdated(db):
            problems.append("The lexical index was made by another version of the text analysis.")
        return problems

    def clear(self, db: Connection) -> None:
        """Empties the index, within the caller's transaction: everything is to be added again."""
        with transaction(db):
            for table in ("lexical_postings", "lexical_passage"):
                db.execute(f"DELETE FROM {table}")  # noqa: S608
            db.execute(
                "UPDATE lexical_state SET generation = generation + 1, watermark = 0, passages = 0, built = 0,"
                " tail = 0, analysis = ''"
            )

    def _search(
        self, db: Connection, now: snapshot.Snapshot, query: scoring.Query, within: Ids | None, best: scoring.Best
    ) -> None:
        if within is not None and len(within) <= scoring.FEW:
            scoring.score_each(db, query, within.tolist(), best)
            return
        scoring.score_tail(now, query, within, best)
        if len(self._sums) <= now.built:
            self._sums = np.empty(now.built + now.built // 8 + 1, np.int32)
        sums = self._sums[: now.built + 1]
        sums.fill(0)
        scoring.score_older(db, query, within, best, sums)

    @contextlib.contextmanager
    def _one_moment(self, db: Connection) -> Generator[snapshot.Snapshot]:
        """Every statement within sees the same state of the database, whatever others write meanwhile."""
        if db.in_transaction:  # what it has written may never be: it is seen, but not kept
            yield snapshot.take(db, self._snapshot)
            return
        db.execute("BEGIN")
        try:
            self._snapshot = snapshot.take(db, self._snapshot)
            yield self._snapshot
        finally:
            db.execute("COMMIT")

    def _invert(self, db: Connection) -> None:
        """Makes postings of the newest passages."""
        (built,) = db.execute("SELECT built FROM lexical_state").fetchone()
        tail = snapshot.passages_between(db, built)
        for code, found in postings.invert(tail.ids, tail.lengths, tail.tokens):
            postings.append(db, code, found)
        db.execute("UPDATE lexical_state SET built = ?, tail = 0", (int(tail.ids[-1]),))


@lru_cache(maxsize=64)
def _coded(terms: frozenset[str]) -> tuple[NDArray[np.uint32], dict[str, int]]:
    """The codes of terms, ascending, and each term's place there; never empty."""
    pairs = sorted((postings.code_of(term), term) for term in terms | {""})
    return np.array([code for code, _ in pairs], np.uint32), {term: place for place, (_, term) in enumerate(pairs)}
