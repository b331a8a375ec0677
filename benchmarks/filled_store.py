"""A memory in a temporary folder that holds whole lives, indexed, to be asked."""

import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from lives import Life

from voiceos.language.terms import Analyzer
from voiceos.memory.index.lexical import LexicalIndex
from voiceos.memory.indexer import catch_up
from voiceos.memory.recall.recall import Recall
from voiceos.memory.registered import derived
from voiceos.memory.semantic import SemanticIndex
from voiceos.store.database import Connection, open_database
from voiceos.store.ledger import Ledger
from voiceos.store.records import Source


@dataclass(frozen=True, slots=True)
class Filled:
    """The store, and what its numbers stand for."""

    db: Connection
    recall: Recall
    records: Mapping[int, int]
    """By passage: its record."""
    keys: Mapping[int, tuple[str, str]]
    """By record: the name of its life, and its key there."""


@contextmanager
def filled(lives: Sequence[Life], meaning: SemanticIndex | None) -> Generator[Filled]:
    """All these lives in one store."""
    analyze = Analyzer("en")
    lexical = LexicalIndex(analyze)
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(open_database(Path(folder) / "memory.db", derived=derived())) as db,
    ):
        ledger = Ledger(db)
        for life in lives:
            ledger.add(Source(life.name, "chat"), life.records)
        for index in (lexical, *([meaning] if meaning else [])):
            catch_up(db, index)
        records = dict(map(tuple, db.execute("SELECT id, record_id FROM passage").fetchall()))
        rows = db.execute("SELECT r.id, s.uri, r.key FROM record r JOIN source s ON s.id = r.source_id").fetchall()
        yield Filled(db, Recall(lexical, analyze, meaning), records, {row[0]: (row[1], row[2]) for row in rows})
