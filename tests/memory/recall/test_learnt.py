"""The learnt words of a question in candidates: rare ones count more, and those of neighbours count along."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from voiceos.memory.recall.candidates import Neighbours
from voiceos.memory.recall.learnt import COLUMNS, learnt_columns


def in_a_row(count: int) -> Neighbours:
    """One conversation."""
    before = np.arange(count) - 1
    after = np.append(np.arange(1, count), -1)[:count]
    return Neighbours(before, after, np.zeros(count, np.int64), np.arange(count), np.zeros(1, np.int64))


def test_a_word_that_few_have_counts_more_than_one_that_most_have() -> None:
    words = np.array([[1, 0], [1, 0], [1, 0], [0, 1]], np.float32)
    columns = learnt_columns(words, np.ones(2, np.float32), in_a_row(4))
    assert columns["sparse_rare"].argmax() == 3
    assert columns["sparse_holds"][3] > columns["sparse_holds"][0]


def test_an_answer_may_stand_after_the_words_of_the_question() -> None:
    words = np.array([[0, 0], [1, 1], [0, 0], [0, 0], [0, 0]], np.float32)
    columns = learnt_columns(words, np.ones(2, np.float32), in_a_row(5))
    assert columns["sparse_reply"][2] > columns["sparse_reply"][0] == columns["sparse_reply"][4]
    assert columns["sparse_window"][0] == columns["sparse_window"][2] > columns["sparse_window"][4]
    assert columns["sparse_window_holds"][0] > columns["sparse_holds"][0]
    assert columns["sparse_rare_after"][0] == columns["sparse_rare"][1]


@given(st.integers(1, 6), st.integers(0, 4), st.data())
def test_every_passage_has_every_number(count: int, asked: int, data: st.DataObject) -> None:
    weights = st.floats(0, 4, width=32)
    words = data.draw(arrays(np.float32, (count, asked), elements=weights))
    columns = learnt_columns(words, data.draw(arrays(np.float32, asked, elements=weights)), in_a_row(count))
    assert tuple(columns) == COLUMNS
    assert all(np.isfinite(column).all() and len(column) == count for column in columns.values())
