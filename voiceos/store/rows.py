"""A record as a row of its table, and back; and how rows are walked through."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from voiceos.store.driver import Connection, Row
from voiceos.store.records import Kind, Record

BATCH = 1000
"""Rows of one step, and of one transaction."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COLUMNS = (
    *("key", "kind", "who", "device", "author", "addressees", "title", "text", "at", "until", "zone", "thread"),
    *("place", "extra"),
)
ALL = (*COLUMNS, "digest", "learnt_at", "indexed")
INSERT = f"INSERT INTO record (id, source_id, {', '.join(ALL)}) VALUES ({', '.join('?' * (len(ALL) + 2))})"  # noqa: S608
UPDATE = f"UPDATE record SET {', '.join(f'{name} = ?' for name in ALL)} WHERE id = ?"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Kept:
    """A record in the ledger."""

    id: int
    source_id: int
    record: Record
    learnt_at: datetime
    """When it was added."""


def kept_of(row: Row | Mapping[str, Any]) -> Kept:
    """A row of the table `record`."""
    zone = UTC if not row["zone"] else timezone(timedelta(seconds=row["zone"]))
    record = Record(
        kind=Kind(row["kind"]),
        key=row["key"],
        text=row["text"],
        who=row["who"],
        device=row["device"],
        title=row["title"],
        author=row["author"],
        addressees=tuple(json.loads(row["addressees"])) if row["addressees"] != "[]" else (),
        at=None if row["at"] is None else moment(row["at"]).astimezone(zone),
        until=None if row["until"] is None else moment(row["until"]).astimezone(zone),
        thread=row["thread"],
        place=row["place"],
        extra=json.loads(row["extra"]) if row["extra"] != "{}" else {},
    )
    return Kept(row["id"], row["source_id"], record, moment(row["learnt_at"]))


def seconds(at: datetime) -> float:
    """Since the epoch; a time without a zone is this machine's."""
    return (at.astimezone(UTC) - EPOCH).total_seconds()


def moment(at: float) -> datetime:
    """A moment in UTC, from seconds since the epoch."""
    return EPOCH + timedelta(seconds=at)


def sequence(db: Connection, table: str) -> int:
    """The highest id that was ever given in a table."""
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return row[0] if row else 0


def clean(text: str) -> str:
    """Without lone surrogates, which a cut stream or a broken file can leave and SQLite refuses."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def in_pages(db: Connection, query: str, values: Mapping[str, Any], *, page: int = BATCH) -> Iterator[Row]:
    """The rows of a query with `:after` and `:count`, ordered by its first column, without holding a read lock long."""
    after = 0
    while True:
        rows = db.execute(query, {**values, "after": after, "count": page}).fetchall()
        yield from rows
        if len(rows) < page:
            return
        after = rows[-1][0]


def columns_of(record: Record) -> dict[str, Any]:
    offset = record.at.utcoffset() if record.at else None
    return {
        "key": clean(record.key),
        "kind": str(record.kind),
        "who": clean(record.who),
        "device": clean(record.device),
        "author": clean(record.author),
        "addressees": json.dumps(list(record.addressees)),
        "title": clean(record.title),
        "text": clean(record.text),
        "at": None if record.at is None else seconds(record.at),
        "until": None if record.until is None else seconds(record.until),
        "zone": None if offset is None else int(offset.total_seconds()),
        "thread": clean(record.thread),
        "place": clean(record.place),
        "extra": json.dumps(dict(record.extra), sort_keys=True),
    }


def digest_of(columns: Row | Mapping[str, Any]) -> bytes:
    """What the digest of a row of `record` should be. Raises KeyError or IndexError when a column is missing."""
    values = [columns[name] for name in COLUMNS]
    return hashlib.blake2b(json.dumps(values).encode(), digest_size=16).digest()
