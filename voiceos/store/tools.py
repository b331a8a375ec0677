"""Which tools of others the owner has allowed or denied, each as it was described then."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from voiceos.store.database import Connection, Row, file_of, told, transaction


@dataclass(frozen=True, slots=True)
class Decision:
    """What the owner decided of one tool."""

    server: str
    name: str
    """As its server calls it."""
    origin: str
    """A digest of what the server is started with, or where it is: of another, it is no decision."""
    fingerprint: str
    """A digest of what the tool was said to be."""
    listed: Mapping[str, object]
    """What it was said to be."""
    effect: str
    """What it may do; "" if it is denied."""
    at: datetime


def decisions(db: Connection, server: str = "") -> list[Decision]:
    """All of them, or a server's, the oldest first. Raises StoreError, as all of these do."""
    with told(file_of(db)):
        return [
            _decision(row) for row in db.execute("SELECT * FROM tool WHERE ? IN ('', server) ORDER BY id", (server,))
        ]


def decide(db: Connection, made: Iterable[Decision]) -> None:
    """In place of earlier ones on the same tools."""
    rows = (
        (one.server, one.name, one.origin, one.fingerprint, json.dumps(one.listed), one.effect, one.at.timestamp())
        for one in made
    )
    columns = "server, name, origin, fingerprint, listed, effect, at"
    query = f"INSERT OR REPLACE INTO tool ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - all ours
    with told(file_of(db)), transaction(db):
        db.executemany(query, rows)


def undecide(db: Connection, server: str) -> int:
    """Drops those on a server's tools. Returns how many there were."""
    with told(file_of(db)), transaction(db):
        return db.execute("DELETE FROM tool WHERE server = ?", (server,)).rowcount


def _decision(row: Row) -> Decision:
    return Decision(
        row["server"],
        row["name"],
        row["origin"],
        row["fingerprint"],
        json.loads(row["listed"]),
        row["effect"],
        datetime.fromtimestamp(row["at"], UTC),
    )
