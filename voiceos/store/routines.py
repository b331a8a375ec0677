"""Routines: what is asked for under a name of the owner's."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from voiceos.store.database import Connection, Row, file_of, told, transaction
from voiceos.store.rows import clean


@dataclass(frozen=True, slots=True)
class Routine:
    """Several requests under one name."""

    name: str
    """In plain words, as it is said."""
    sentences: Sequence[str]
    who: str = ""
    turn: str = ""
    """The id of the turn in which it was made."""
    made_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    id: int = 0


def routines(db: Connection) -> list[Routine]:
    """All of them, the oldest first. Raises StoreError, as all of these do."""
    with told(file_of(db)):
        return [_routine(row) for row in db.execute("SELECT * FROM routine ORDER BY made_at, name").fetchall()]


def save_routine(db: Connection, routine: Routine) -> Routine | None:
    """Keeps it in place of another of its name, which is returned."""
    with told(file_of(db)), transaction(db):
        before = db.execute("SELECT * FROM routine WHERE name = ?", (routine.name,)).fetchone()
        values = (clean(routine.name), json.dumps([*map(clean, routine.sentences)]), routine.who, routine.turn)
        db.execute(
            "INSERT OR REPLACE INTO routine (name, sentences, who, turn, made_at) VALUES (?, ?, ?, ?, ?)",
            (*values, routine.made_at.timestamp()),
        )
    return _routine(before) if before else None


def remove_routine(db: Connection, name: str) -> None:
    with told(file_of(db)), transaction(db):
        db.execute("DELETE FROM routine WHERE name = ?", (name,))


def _routine(row: Row) -> Routine:
    made_at = datetime.fromtimestamp(row["made_at"], UTC)
    return Routine(row["name"], json.loads(row["sentences"]), row["who"], row["turn"], made_at, row["id"])
