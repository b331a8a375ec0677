"""A store of which some passages have no vectors yet: those that have none are found as well as by words alone."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from tests.memory.made_up import MadeUp
from voiceos.language.terms import Analyzer
from voiceos.memory.index.lexical import LexicalIndex
from voiceos.memory.indexer import catch_up
from voiceos.memory.recall.recall import Recall
from voiceos.memory.registered import derived
from voiceos.store.database import Connection, open_database
from voiceos.store.ledger import Ledger
from voiceos.store.records import Kind, Record, Source

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
THINGS = ("kettle", "ladder", "tent", "drill", "violin", "sewing machine", "telescope", "toolbox", "bicycle", "globe")
PEOPLE = ("Ana", "Bo", "Chiara", "Dov", "Emre", "Freya", "Gil", "Hana", "Ines", "Jun", "Kofi", "Lena")
TOLD = ("{who} keeps the {what} in the cellar.", "The {what} belongs to {who} since the move.")
ASKED, MANY = 7, 50
"""Every seventh passage is asked for; so many places are looked at."""
BY_WORDS = LexicalIndex(Analyzer("en"))


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    path: Path = tmp_path_factory.mktemp("half") / "memory.db"
    with closing(open_database(path, derived=derived(BY_WORDS))) as db:
        told = [TOLD[n % 2].format(who=who, what=what) for n, (who, what) in enumerate(product(PEOPLE, THINGS))]
        notes = [Record(Kind.NOTE, str(n), text) for n, text in enumerate(told)]
        Ledger(db).add(Source("/notes.md", "markdown"), notes)
        catch_up(db, BY_WORDS)
        yield db


def places(db: Connection, meaning: MadeUp | None) -> list[int]:
    """Of some questions: how many passages stand before the right one."""
    recall = Recall(BY_WORDS, Analyzer("en"), meaning)
    keys = dict(map(tuple, db.execute("SELECT id, key FROM record").fetchall()))
    before: list[int] = []
    for n, (who, what) in [*enumerate(product(PEOPLE, THINGS))][::ASKED]:
        found = recall(db, f"Which {what} is with {who}?", NOW, limit=MANY).found
        order = [keys[one.record_id] for one in found]
        before.append(order.index(str(n)) if str(n) in order else MANY)
    return before


@pytest.fixture(scope="module")
def by_words(db: Connection) -> list[int]:
    return places(db, None)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95, 1.0])
def test_a_half_read_store_answers_no_worse_than_by_words(db: Connection, by_words: list[int], share: float) -> None:
    meaning = MadeUp("made up")
    meaning.clear(db)
    items = Ledger(db).to_index(0, 1_000)
    meaning.add(db, items[: round(share * len(items))])
    assert sum(places(db, meaning)) <= sum(by_words) < MANY


def test_vectors_of_other_encoders_say_nothing(db: Connection) -> None:
    other = MadeUp("another")
    other.clear(db)
    other.add(db, Ledger(db).to_index(0, 1_000))
    assert np.isnan(MadeUp("made up").similarities(db, "kettle", np.array([1, 2], np.uint32)).dense).all()
