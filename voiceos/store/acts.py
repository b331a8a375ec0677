"""Receipts: what was done, with which arguments and result, when, for whom and in which turn."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from voiceos.store.database import Connection, Row, file_of, told, transaction


@dataclass(frozen=True, slots=True)
class Receipt:
    """One act."""

    act: str
    """What: the name of an intent, such as `timers.set`."""
    turn: str
    """The id of the turn in which it was asked for."""
    who: str
    device: str
    at: datetime
    done: bool
    """Whether it was done; if not, `result` says why."""
    result: str
    """What was said of it."""
    arguments: Mapping[str, object] = field(default_factory=dict[str, object])
    id: int = 0


def save_receipt(db: Connection, receipt: Receipt) -> None:
    """Raises StoreError."""
    with told(file_of(db)), transaction(db):
        db.execute(
            "INSERT INTO act (act, turn_id, who, device, at, done, result, arguments) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(receipt.act, receipt.turn, receipt.who, receipt.device, receipt.at.astimezone(UTC).timestamp()),
                *(receipt.done, receipt.result, json.dumps(receipt.arguments, default=str)),
            ),
        )


def receipts(db: Connection, *, since: datetime | None = None, turn: str = "", count: int = 100) -> list[Receipt]:
    """The last acts, newest first: those of a turn, or since a moment. Raises StoreError."""
    query = "SELECT * FROM act WHERE at >= ? AND (? = '' OR turn_id = ?) ORDER BY id DESC LIMIT ?"
    with told(file_of(db)):
        rows = db.execute(query, (since.timestamp() if since else 0, turn, turn, count)).fetchall()
    return [_receipt(row) for row in rows]


def _receipt(row: Row) -> Receipt:
    return Receipt(
        row["act"],
        row["turn_id"],
        row["who"],
        row["device"],
        datetime.fromtimestamp(row["at"], UTC),
        bool(row["done"]),
        row["result"],
        json.loads(row["arguments"]),
        row["id"],
    )
