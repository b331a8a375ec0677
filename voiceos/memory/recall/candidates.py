"""Passages that may answer a question, side by side, and which of them stand next to each other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    terms: Sequence[Sequence[str]]
    """The terms of title and text."""
    authors: Sequence[str]
    at: NDArray[np.float64]
    """Seconds since the epoch; nan when nobody knows."""
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


def neighbours_of(candidates: Candidates) -> Neighbours:
    places = zip(candidates.threads.tolist(), candidates.positions.tolist(), strict=True)
    rows = {place: row for row, place in enumerate(places) if place[0] >= 0}
    before = np.full(len(candidates), -1, np.int64)
    after = np.full(len(candidates), -1, np.int64)
    for (thread, at), row in rows.items():
        following = rows.get((thread, at + 1), -1)
        after[row] = following
        if following >= 0:
            before[following] = row
    alone = np.where(candidates.threads < 0, -2 - np.arange(len(candidates)), candidates.threads)
    groups = np.unique(alone, return_inverse=True)[1].astype(np.int64)
    return Neighbours(before, after, groups)
