"""The lexical index as one moment of the database shows it; and the terms of passages, in arrays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.memory.index.postings import Codes, Ids
from voiceos.store.database import Connection

IDS_AT_ONCE = 500
"""Passages asked for by one statement."""


@dataclass(frozen=True, slots=True)
class Passages:
    """The terms of some passages, in order, one after the other."""

    ids: Ids
    lengths: NDArray[np.int64]
    tokens: Codes

    @property
    def owners(self) -> NDArray[np.int64]:
        """For each term the place of its passage."""
        return np.repeat(np.arange(len(self.ids)), self.lengths)


@dataclass(frozen=True, slots=True)
class Snapshot:
    generation: int
    passages: int
    built: int
    """Of the passages up to this one there are postings."""
    tail: Passages
    """The newest passages, of which there are none yet."""
    tail_owners: NDArray[np.int64]
    tail_low: NDArray[np.uint16]
    """The lower halves of the tail's terms, to pass over most of them quickly."""


def passages_of(rows: Iterable[Any]) -> Passages:
    """Of rows (id, terms)."""
    pairs = [(key, data) for key, data in rows]
    return Passages(
        np.array([key for key, _ in pairs], np.uint32),
        np.array([len(data) // 4 for _, data in pairs], np.int64),
        np.frombuffer(b"".join([data for _, data in pairs]), np.uint32),
    )


def passages_by_id(db: Connection, ids: Sequence[int]) -> Passages:
    """Those of the passages that the index has, by ascending id."""
    rows: list[Any] = []
    for start in range(0, len(ids), IDS_AT_ONCE):
        some = ids[start : start + IDS_AT_ONCE]
        marks = ",".join("?" * len(some))
        rows += db.execute(f"SELECT id, terms FROM lexical_passage WHERE id IN ({marks})", some).fetchall()  # noqa: S608
    return passages_of(rows)


def passages_between(db: Connection, after: int, count: int = -1) -> Passages:
    """The next passages after an id; by default all."""
    statement = "SELECT id, terms FROM lexical_passage WHERE id > ? ORDER BY id LIMIT ?"
    return passages_of(db.execute(statement, (after, count)))


def take(db: Connection, before: Snapshot | None) -> Snapshot:
    """The present state, or `before` if nothing has changed."""
    generation, passages, built = db.execute("SELECT generation, passages, built FROM lexical_state").fetchone()
    if before and before.generation == generation:
        return before
    tail = passages_between(db, built)
    return Snapshot(generation, passages, built, tail, tail.owners, tail.tokens.astype(np.uint16))
