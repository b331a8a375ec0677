"""Search by words: exact BM25 over all passages, in milliseconds, inside the database file.

It keeps the terms of each passage, as codes in order, and of each term the passages that have it.
"""

import json
import math
from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache, reduce
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from voiceos.language.terms import Analyzer
from voiceos.memory.index import postings
from voiceos.memory.index.occurrences import Occurrences
from voiceos.memory.index.postings import Codes, Ids, Postings
from voiceos.store.database import Connection, transaction
from voiceos.store.ledger import Ledger

MOST_TERMS = 64
"""Different terms of a question to search for."""
MOST_TIMES = 5
"""A more frequent term counts this many times."""
UNIT = 1024
"""Whole-number score for one unit of idf: whole numbers add up to the same in any order."""
VERIFIED_AT_ONCE = 20_000
HELD = 32
"""So many new passages are read anew for each search, until they are added together: a few words change many pages."""
GROUP = 64
"""Passages of which only the best is looked at to tell which sums are high."""
TABLES = (
    # each passage's terms as codes, and their postings
    "CREATE TABLE lexical_passage (id INTEGER PRIMARY KEY, terms BLOB NOT NULL)",
    postings.TABLE,
    "CREATE TABLE lexical_state (id INTEGER PRIMARY KEY CHECK (id = 1), watermark INTEGER NOT NULL DEFAULT 0,"
    " passages INTEGER NOT NULL DEFAULT 0, analysis TEXT NOT NULL DEFAULT '')",
    "INSERT INTO lexical_state (id) VALUES (1)",
)


class Hits(NamedTuple):
    """The best passages, best first; among equals the newest."""

    ids: Ids
    scores: NDArray[np.float32]
    rarity: Mapping[int, float]
    """By the code of each term that was searched for: its idf."""

    def first(self, count: int) -> "Hits":
        return Hits(self.ids[:count], self.scores[:count], self.rarity)


class Passages(NamedTuple):
    """The terms of some passages, in order, one after the other."""

    ids: Ids
    lengths: NDArray[np.int64]
    tokens: Codes


class _New(NamedTuple):
    """Passages that were not added yet."""

    path: Path | None
    ids: tuple[int, ...]
    passages: Passages
    postings: Mapping[int, Postings]

    def with_those(self, db: Connection, code: int) -> Postings:
        """All postings of a term: those that were added, and these."""
        there, new = postings.read(db, code), self.postings.get(code)
        return there if new is None else np.concatenate([there, new])


class LexicalIndex:
    """One for each database; any thread may use it."""

    name = "words"
    tables = TABLES
    held = HELD

    def __init__(self, analyze: Analyzer) -> None:
        self._analyze = analyze
        self._known = _New(None, (), _passages([]), {})

    def add(self, db: Connection, items: Sequence[tuple[int, str]]) -> None:
        """Adds passages (id, text) with ids above the watermark, within the caller's transaction. Raises ValueError."""
        if not items:
            return
        ids = [key for key, _ in items]
        if ids[0] <= self.watermark(db) or any(a >= b for a, b in pairwise(ids)):
            raise ValueError("passages must be added in the order of their ids, and once")
        rows = [(key, self._coded(text)) for key, text in items]
        with transaction(db):
            db.executemany("INSERT INTO lexical_passage (id, terms) VALUES (?, ?)", rows)
            for code, new in postings.invert(*_passages(rows)):
                postings.append(db, code, new)
            db.execute(
                "UPDATE lexical_state SET watermark = ?, passages = passages + ?, analysis = ?",
                (ids[-1], len(ids), self._analyze.identity),
            )

    def remove(self, db: Connection, passages: Sequence[int], records: Sequence[int] = ()) -> None:
        """Removes passages, within the caller's transaction. Nothing of them is left in any table of the index."""
        gone = _by_id(db, passages)
        with transaction(db):
            for code, found in postings.invert(*gone):
                postings.remove(db, code, found["id"])
            db.executemany("DELETE FROM lexical_passage WHERE id = ?", [(key,) for key in gone.ids.tolist()])
            db.execute("UPDATE lexical_state SET passages = passages - ?", (len(gone.ids),))

    def watermark(self, db: Connection) -> int:
        """The last passage that was added: indexing goes on after it."""
        return db.execute("SELECT watermark FROM lexical_state").fetchone()[0]

    def search(self, db: Connection, terms: Sequence[str], limit: int = 200, within: Ids | None = None) -> Hits:
        """The passages that have the terms, best first; `within` these ids, ascending."""
        new = self._new(db)
        (passages,) = db.execute("SELECT passages FROM lexical_state").fetchone()
        passages += len(new.ids)
        found = [
            (postings.code_of(term), min(times, MOST_TIMES), new.with_those(db, postings.code_of(term)))
            for term, times in islice(Counter(terms).items(), MOST_TERMS)
        ]
        size = 1 + max((int(having["id"][-1]) for _, _, having in found if len(having)), default=0)
        sums = np.zeros(-(-size // GROUP) * GROUP, np.int32)
        rarity: dict[int, float] = {}
        for code, times, having in found:
            rarity[code] = math.log1p((max(passages - len(having), 0) + 0.5) / (len(having) + 0.5))
            worth = np.int32(round(times * rarity[code] * UNIT))
            np.add.at(sums, having["id"].astype(np.intp), np.multiply(having["level"], worth, dtype=np.int32))
        ids = _best(sums, limit, within)
        return Hits(ids, (sums[ids] * ((postings.K1 + 1) / postings.LEVELS / UNIT)).astype(np.float32), rarity)

    def occurrences(self, db: Connection, ids: Ids, wanted: Collection[str], skip: Sequence[int]) -> Occurrences:
        """Where the wanted terms are in passages (ids, ascending), without the first `skip` terms of each.

        An id that the index does not have counts as a passage without terms.
        """
        codes, terms = _coded(frozenset(wanted))
        passages = self._by_id(db, ids)
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

    def holding(self, db: Connection, terms: Collection[str]) -> Ids:
        """The ids of all passages that hold every one of the terms, of which there is one at least; ascending."""
        new = self._new(db)
        return reduce(np.intersect1d, [new.with_those(db, postings.code_of(term))["id"] for term in terms])

    def _new(self, db: Connection) -> "_New":
        """The first of the passages that are still to be added."""
        watermark = self.watermark(db)
        query = "SELECT id FROM passage WHERE id > ? ORDER BY id LIMIT ?"
        ids = tuple(row[0] for row in db.execute(query, (watermark, HELD)))
        if (db.path, ids) != (self._known.path, self._known.ids):  # a passage never changes
            rows = [(key, self._coded(text)) for key, text in Ledger(db).to_index(watermark, HELD)]
            passages = _passages(rows)
            ids = tuple(key for key, _ in rows)
            self._known = _New(db.path, ids, passages, dict(postings.invert(*passages)))
        return self._known

    def _coded(self, text: str) -> bytes:
        return array("I", map(postings.code_of, self._analyze(text))).tobytes()

    def _by_id(self, db: Connection, ids: Ids) -> Passages:
        """Those of the passages that there are, by ascending id."""
        new, there = self._new(db).passages, _by_id(db, ids.tolist())
        some = np.isin(new.ids, ids) & ~np.isin(new.ids, there.ids)
        if not some.any():
            return there
        return Passages(
            np.concatenate([there.ids, new.ids[some]]),
            np.concatenate([there.lengths, new.lengths[some]]),
            np.concatenate([there.tokens, new.tokens[np.repeat(some, new.lengths)]]),
        )

    def verify(self, db: Connection) -> list[str]:
        """Problems of the index, in sentences. Reads everything."""
        problems: list[str] = []
        watermark, said, analysis = db.execute("SELECT watermark, passages, analysis FROM lexical_state").fetchone()
        there, last = db.execute("SELECT count(*), coalesce(max(id), 0) FROM lexical_passage").fetchone()
        if said != there or last > watermark:
            problems.append("The lexical index has the wrong number of passages.")
        if postings.checksum(postings.every(db)) != postings.checksum(_inverted(db)):
            problems.append("The lexical index has wrong postings.")
        if analysis not in ("", self._analyze.identity):
            problems.append("The lexical index was made by another version of the text analysis.")
        return problems

    def clear(self, db: Connection) -> None:
        """Empties the index, within the caller's transaction: everything must be added again."""
        with transaction(db):
            db.execute("DELETE FROM lexical_postings")
            db.execute("DELETE FROM lexical_passage")
            db.execute("UPDATE lexical_state SET watermark = 0, passages = 0, analysis = ''")


def holding(db: Connection, terms: Collection[str]) -> Ids:
    """The same, of the index that is registered with the connection."""
    return next(one for one in db.derived if isinstance(one, LexicalIndex)).holding(db, terms)


def _best(sums: NDArray[np.int32], limit: int, within: Ids | None) -> Ids:
    """The passages with the highest sums, best first."""
    if within is not None:
        some = within[: np.searchsorted(within, len(sums))].astype(np.intp)
        every, sums = sums, np.zeros_like(sums)
        sums[some] = every[some]
    groups = sums.reshape(GROUP, -1)
    most = groups.max(axis=0)
    floor = _floor(most, limit)
    near = np.flatnonzero(most >= floor)
    rows, columns = np.nonzero(groups[:, near] >= floor)
    ids = rows * groups.shape[1] + near[columns]
    order = np.lexsort((ids, sums[ids]))[::-1]
    return ids[order[: max(limit, 0)]].astype(np.uint32)


def _floor(most: NDArray[np.int32], limit: int) -> int:
    """A sum above 0 that the best `limit` reach, if so many are above 0: so many groups have one that does."""
    return max(1, int(np.partition(most, -limit)[-limit])) if 0 < limit <= len(most) else 1


def _passages(rows: Sequence[Any]) -> Passages:
    """Of rows (id, terms)."""
    return Passages(
        np.array([row[0] for row in rows], np.uint32),
        np.array([len(row[1]) // 4 for row in rows], np.int64),
        np.frombuffer(b"".join([row[1] for row in rows]), np.uint32),
    )


def _by_id(db: Connection, ids: Sequence[int]) -> Passages:
    """Those of the passages that the index has, by ascending id."""
    query = "SELECT p.id, terms FROM json_each(?) one CROSS JOIN lexical_passage p ON p.id = one.value"
    return _passages(db.execute(query, (json.dumps(sorted(ids)),)).fetchall())


def _inverted(db: Connection) -> Iterator[tuple[int, Postings]]:
    """The postings that there should be."""
    after = 0
    query = "SELECT id, terms FROM lexical_passage WHERE id > ? ORDER BY id LIMIT ?"
    while rows := db.execute(query, (after, VERIFIED_AT_ONCE)).fetchall():
        yield from postings.invert(*_passages(rows))
        after = rows[-1][0]


@lru_cache(maxsize=64)
def _coded(terms: frozenset[str]) -> tuple[Codes, dict[str, int]]:
    """The codes of terms, ascending, and each term's place there; never empty."""
    pairs = sorted((postings.code_of(term), term) for term in terms | {""})
    return np.array([code for code, _ in pairs], np.uint32), {term: place for place, (_, term) in enumerate(pairs)}
