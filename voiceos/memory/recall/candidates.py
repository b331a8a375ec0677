"""Candidate passages for a question, and which of them are neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.memory.index.occurrences import Occurrences

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Passages that may answer, in any order; every sequence has one entry for each.

    Put the neighbours of the best ones (the passage before and after in the same thread) among them: answers often
    follow the passage that holds the words.
    """

    ids: NDArray[np.int64]
    texts: Sequence[str]
    """The passage's own words, without date and author."""
    terms: Occurrences
    """Terms of title and text that the question and the features look for."""
    authors: Sequence[str]
    at: NDArray[np.float64]
    """Seconds since the epoch; nan if unknown."""
    threads: NDArray[np.int64]
    """A number for each conversation; -1 for none."""
    positions: NDArray[np.int64]
    """The passage's place in its thread: neighbours differ by one."""
    lexical: Array
    """The lexical index's score; 0 where it did not match."""
    sparse: Array | None = None
    """Dot products of learnt sparse weights; None without the model, nan where unknown."""
    dense: Array | None = None
    """Cosines; None without the model, nan where unknown."""
    words: Array | None = None
    """A column for each learnt word of the question: what it weighs in the passage. None without the model."""
    asked: Array | None = None
    """What each of these words weighs in the question."""

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Rows of a table of candidates."""

    before: NDArray[np.int64]
    """The passage before in the same thread, or -1."""
    after: NDArray[np.int64]
    groups: NDArray[np.int64]
    """Threads, numbered from 0; each passage without a thread is one by itself."""
    order: NDArray[np.int64]
    """The rows, thread by thread."""
    starts: NDArray[np.int64]
    """Where each thread begins in `order`."""

    def most(self, values: NDArray[Any]) -> NDArray[Any]:
        """For each passage the highest value of its thread, in each column."""
        return np.maximum.reduceat(values[self.order], self.starts)[self.groups]


def neighbours_of(candidates: Candidates) -> Neighbours:
    """Of one candidate or more."""
    count = len(candidates)
    threads = np.where(candidates.threads < 0, -1 - np.arange(count), candidates.threads)
    order = np.lexsort((candidates.positions, threads))
    change = np.diff(threads[order]) != 0
    starts = np.concatenate([[0], np.flatnonzero(change) + 1])
    groups = np.empty(count, np.int64)
    groups[order] = np.cumsum(np.concatenate([[False], change]))
    next_to = np.flatnonzero(~change & (np.diff(candidates.positions[order]) == 1))
    before, after = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    after[order[next_to]], before[order[next_to + 1]] = order[next_to + 1], order[next_to]
    return Neighbours(before, after, groups, order, starts)


def at_rows(table: NDArray[Any], rows: NDArray[np.int64], otherwise: float = 0) -> Array:
    """These rows of a table; for row -1 something else."""
    there = rows >= 0
    found = np.where(there[:, None] if table.ndim > 1 else there, table[rows], np.float32(otherwise))
    return np.asarray(found, np.float32)


def standard(scores: NDArray[Any]) -> Array:
    """Standard scores."""
    return ((scores - scores.mean()) / (scores.std() + 1e-6)).astype(np.float32)
