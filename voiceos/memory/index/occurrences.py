"""Where the terms that matter occur in some passages, in arrays."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Every occurrence of some terms, passage by passage and in order: its term, its passage, its place there."""

    terms: Mapping[str, int]
    """The terms that were looked for, numbered from 0."""
    numbers: Numbers
    """The term's number of each occurrence."""
    rows: Numbers
    """Its passage, counted from 0; they ascend."""
    places: Numbers
    """Terms before it in its passage."""
    lengths: Numbers
    """All terms of each passage, including those not looked for."""

    @classmethod
    def of(cls, passages: Sequence[Sequence[str]], wanted: Collection[str]) -> "Occurrences":
        """Of passages whose terms are known."""
        terms = {term: number for number, term in enumerate(sorted(wanted))}
        found = [
            (terms[term], row, place)
            for row, passage in enumerate(passages)
            for place, term in enumerate(passage)
            if term in terms
        ]
        numbers, rows, places = np.array(found, np.int64).reshape(-1, 3).T
        return cls(terms, numbers, rows, places, np.array([len(passage) for passage in passages], np.int64))

    def at(self, columns: Mapping[str, int]) -> tuple[Numbers, Numbers, Numbers]:
        """The occurrences of some of the terms: the column of each as given, its passage, its place."""
        column = np.full(len(self.terms) + 1, -1, np.int64)
        for term, number in columns.items():
            column[self.terms.get(term, -1)] = number
        column[-1] = -1
        found = column[self.numbers]
        kept = np.flatnonzero(found >= 0)
        return found[kept], self.rows[kept], self.places[kept]

    def counts(self, terms: Collection[str]) -> Numbers:
        """Passages by terms: how often each has each."""
        columns, rows, _ = self.at({term: column for column, term in enumerate(terms)})
        size = (len(self.lengths), len(terms))
        return np.bincount(rows * len(terms) + columns, minlength=size[0] * size[1]).reshape(size)

    def any(self, terms: Collection[str]) -> NDArray[np.bool_]:
        """Which passages have at least one of these."""
        found = np.zeros(len(self.lengths), np.bool_)
        found[self.at(dict.fromkeys(terms, 0))[1]] = True
        return found
