"""The ledger: the same thing twice is once, a changed one is replaced, and all is found again by time and thread."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceos.store.database import Connection, open_database
from voiceos.store.ledger import BATCH, Ledger
from voiceos.store.passages import MOST, cut
from voiceos.store.records import Kind, Record, Source
from voiceos.store.verify import verify

CHAT = Source("/chat.txt", "chat", "Chat")
NOON = datetime(2024, 5, 2, 12, 0, tzinfo=timezone(timedelta(hours=2)))


@pytest.fixture
def db() -> Iterator[Connection]:
    db = open_database(Path(":memory:"))
    yield db
    db.close()


def message(number: int, text: str = "") -> Record:
    text = text or f"This is message {number}."
    return Record(Kind.MESSAGE, f"m{number}", text, author="Ann", at=NOON + timedelta(minutes=number), thread="t")


def test_the_same_thing_twice_is_once(db: Connection) -> None:
    ledger = Ledger(db)
    records = [message(number) for number in range(BATCH + 5)]
    first, second = ledger.add(CHAT, records), ledger.add(CHAT, iter(records))
    assert (first.new, first.unchanged, first.passages) == (BATCH + 5, 0, BATCH + 5)
    assert (second.new, second.changed, second.unchanged) == (0, 0, BATCH + 5)
    assert first.ids == second.ids
    assert not second.fresh
    assert verify(db) == []


class Index:
    """Remembers what it holds."""

    name = "index"
    tables = ()

    def __init__(self) -> None:
        self.held: dict[int, str] = {}

    def remove(self, db: Connection, passages: Sequence[int], records: Sequence[int]) -> None:
        for id in passages:
            del self.held[id]

    def verify(self, db: Connection) -> list[str]:
        return []


def test_a_changed_record_is_replaced_where_it_stands(db: Connection) -> None:
    db.derived = [index := Index()]
    ledger = Ledger(db)
    (record_id, other) = ledger.add(CHAT, [message(1), message(2)]).ids
    index.held = dict(ledger.to_index())
    added = ledger.add(CHAT, [message(1, "Something else."), message(2)])
    assert (added.changed, added.unchanged, list(added.fresh)) == (1, 1, [record_id])
    kept = ledger.get(record_id)
    assert kept
    assert kept.record.text == "Something else."
    assert list(index.held) == [other]  # the first passage of the second record
    assert ledger.to_index(2) == [(3, "[2 May 2024] Ann: Something else.")]


def test_what_came_before_an_exception_stays(db: Connection) -> None:
    def broken() -> Iterator[Record]:
        yield from (message(number) for number in range(BATCH + 10))
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        Ledger(db).add(CHAT, broken())
    assert Ledger(db).add(CHAT, (message(number) for number in range(BATCH + 10))).unchanged == BATCH


def test_replies_are_kept_but_not_cut(db: Connection) -> None:
    added = Ledger(db).add(CHAT, [replace(message(1), kind=Kind.REPLY)])
    assert added.passages == 0
    assert Ledger(db).to_index() == []


def test_by_time(db: Connection) -> None:
    ledger = Ledger(db)
    trip = Record(Kind.EVENT, "e", "", title="Trip", at=NOON - timedelta(days=2), until=NOON + timedelta(days=2))
    ledger.add(CHAT, [message(0), message(1), replace(message(2), thread="u", author="Bob"), trip])
    ledger.add(CHAT, [Record(Kind.NOTE, "n", "Undated.")])
    assert [kept.record.key for kept in ledger.between(NOON, NOON + timedelta(minutes=2))] == ["e", "m0", "m1"]
    assert [kept.record.key for kept in ledger.between(NOON + timedelta(days=1))] == ["e"]
    assert [kept.record.key for kept in ledger.between(end=NOON)] == ["e"]
    assert [kept.record.key for kept in ledger.between(count=2)] == ["e", "m0"]


times = st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)) | st.none()
records = st.builds(
    Record,
    st.sampled_from(Kind),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=2000),
    title=st.text(st.characters(exclude_categories=["Cs"])),
    author=st.text(st.characters(exclude_categories=["Cs"])),
    addressees=st.lists(st.text(st.characters(exclude_categories=["Cs"]))).map(tuple),
    at=times,
    until=times,
    extra=st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers(-9, 9) | st.booleans()),
)


@settings(deadline=None, max_examples=30)
@given(st.lists(records, max_size=5, unique_by=lambda record: record.key))
def test_a_record_comes_back_as_it_was(some: list[Record]) -> None:
    db = open_database(Path(":memory:"))
    ledger = Ledger(db)
    added = ledger.add(CHAT, some)
    assert [kept.record for kept in ledger.records(added.ids).values()] == some
    assert ledger.add(CHAT, some).unchanged == len(some)
    assert verify(db) == []
    db.close()


@settings(max_examples=50)
@given(st.text(st.sampled_from("ab .!?\n\t\u3002é"), max_size=3000) | st.text(max_size=3000))
def test_passages_hold_every_word_once(text: str) -> None:
    spans = cut(text)
    assert spans
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())
    assert all(len(text[start:end].split()) <= MOST for start, end in spans) or len(spans) == 1


def test_passages_are_whole_sentences_about_as_long_as_a_quotation() -> None:
    text = "\n\n".join(" ".join(f"Sentence {a} {b} has eight words in it." for b in range(5)) for a in range(20))
    spans = cut(text)
    assert {text[start:end].count("\n\n") for start, end in spans} == {1}
    assert all(60 <= len(text[start:end].split()) <= 120 for start, end in spans)
