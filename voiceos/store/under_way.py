"""What was begun with nobody there: kept until it has ended, so that a kill in the middle is told, not passed over."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from voiceos.store.database import Connection, file_of, told, transaction


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Requests that are made by themselves, one after the other."""

    kind: str
    """ "timer" or "routine": what began it ..."""
    name: str
    """... and what that is called."""
    steps: Sequence[str]
    """The requests."""
    who: str
    turn: str = ""
    """The id of the turn in which it was agreed to."""
    id: int = 0


def begin(db: Connection, one: UnderWay, at: datetime) -> UnderWay:
    """Raises StoreError, as all of these do."""
    with told(file_of(db)), transaction(db):
        added = db.execute(
            "INSERT INTO under_way (kind, name, steps, who, at, turn) VALUES (?, ?, ?, ?, ?, ?)",
            (one.kind, one.name, json.dumps([*one.steps]), one.who, at.timestamp(), one.turn),
        )
        return replace(one, id=added.lastrowid or 0)


def end(db: Connection, id: int) -> None:
    with told(file_of(db)), transaction(db):
        db.execute("DELETE FROM under_way WHERE id = ?", (id,))


def under_way(db: Connection) -> list[UnderWay]:
    """The oldest first."""
    with told(file_of(db)):
        rows = db.execute("SELECT * FROM under_way ORDER BY id").fetchall()
        return [
            UnderWay(row["kind"], row["name"], json.loads(row["steps"]), row["who"], row["turn"], row["id"])
            for row in rows
        ]
