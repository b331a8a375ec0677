"""Occurrences of terms in passages, beside what plain lists say of the same."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceos.language.terms import Analyzer
from voiceos.memory.index.lexical import LexicalIndex
from voiceos.memory.index.occurrences import Occurrences
from voiceos.store.database import Connection

words = st.lists(st.sampled_from("abcdef"), max_size=8)
some = st.sets(st.sampled_from("abcdefg"))


@given(st.lists(words, min_size=1, max_size=5), some, some)
def test_what_is_looked_for_is_counted(passages: Sequence[Sequence[str]], wanted: set[str], asked: set[str]) -> None:
    found = Occurrences.of(passages, wanted)
    assert found.lengths.tolist() == [len(passage) for passage in passages]
    known = sorted(asked)
    expected = [[passage.count(term) if term in wanted else 0 for term in known] for passage in passages]
    assert found.counts(known).tolist() == expected
    assert found.any(asked).tolist() == [not (asked & wanted).isdisjoint(passage) for passage in passages]


@given(st.lists(words, min_size=1, max_size=5), some)
def test_each_occurrence_has_its_place(passages: Sequence[Sequence[str]], wanted: set[str]) -> None:
    found = Occurrences.of(passages, wanted)
    columns, rows, places = found.at({term: column for column, term in enumerate("abcdef")})
    told = [(passages[row][place], "abcdef"[column]) for column, row, place in zip(columns, rows, places, strict=True)]
    assert all(there == said for there, said in told)
    assert len(told) == sum(term in wanted for passage in passages for term in passage)


@pytest.mark.parametrize("skip", [0, 2, 5])
def test_the_index_tells_the_same(db: Connection, skip: int) -> None:
    analyze = Analyzer("en")
    index = LexicalIndex(analyze)
    texts = ["apples pears plums cherries", "", "pears again pears", "plums"]
    index.add(db, [(key, text) for key, text in zip((3, 5, 8, 9), texts, strict=True)])
    wanted = {*analyze("pears plums quinces"), "nothing"}
    found = index.occurrences(db, np.array([3, 4, 5, 8, 9], np.uint32), wanted, [skip] * 5)
    expected = Occurrences.of([analyze(text)[skip:] for text in (texts[0], "", *texts[1:])], wanted)
    assert found.lengths.tolist() == expected.lengths.tolist()
    assert found.counts(sorted(wanted)).tolist() == expected.counts(sorted(wanted)).tolist()
    assert found.places.tolist() == expected.places.tolist()
