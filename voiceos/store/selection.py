"""Chooses what to erase: by id, by file, by date, or everything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from voiceos.config.paths import path_of, spelt
from voiceos.errors import UsageError
from voiceos.store.database import Connection
from voiceos.store.forgetting import OF_ACTS
from voiceos.store.records import TAKEN
from voiceos.store.rows import seconds

_RECORDS = {
    "passage": "SELECT record_id FROM passage WHERE id = ?",
    "fact": "SELECT record_id FROM fact WHERE id = ?",
    "record": "SELECT id FROM record WHERE id = ?",
}
_UNDATED = (
    "(started_at < '2026' OR EXISTS"  # no voiceos is older
    " (SELECT 1 FROM record WHERE id IN (heard_record, said_record) AND at IS NULL))"
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Records by id, turns by id, sources by uri."""

    records: Sequence[int] = ()
    turns: Sequence[str] = ()
    sources: Sequence[str] = ()
    of_acts: bool = False
    """Whether lists, receipts or something due are there too."""


def named(db: Connection, ids: Sequence[str]) -> Selection:
    """passage:12, record:7 and fact:3 (the words that they are from), or turns. Raises UsageError for an unknown id."""
    records, turns = set[int](), set[str]()
    for id in ids:
        kind, _, number = id.partition(":")
        if kind in _RECORDS and number.isascii() and number.isdecimal() and len(number) < 19:
            found = [row[0] for row in db.execute(_RECORDS[kind], (int(number),))]
            records.update(found)
        else:
            query = "SELECT id FROM turn WHERE substr(id, 1, ?) = ? LIMIT 2"
            found = [row[0] for row in db.execute(query, (len(id), id))] if id else []
            turns.update(found)
        if len(found) != 1:
            raise UsageError(f"No single item matches '{id}'. Nothing was erased. See `voiceos memory search`.")
    return Selection(sorted(records), sorted(turns))


def from_file(db: Connection, source: str) -> Selection:
    """Everything from a file or folder, by its path; or from a server or one of its resources, `mcp:SERVER/URI`."""
    path = path_of(source)
    names = {source} if source.startswith(TAKEN) else {spelt(path), spelt(path.resolve())}
    known = [row[0] for row in db.execute("SELECT uri FROM source")]
    uris = [uri for uri in known if any(uri == name or uri.startswith(f"{name.rstrip('/')}/") for name in names)]
    query = "SELECT r.id FROM record r JOIN source s ON s.id = r.source_id WHERE s.uri = ?"
    return Selection([row[0] for uri in uris for row in db.execute(query, (uri,))], sources=uris)


def from_before(db: Connection, moment: datetime) -> Selection:
    """Everything from before a moment, except from a time when the clock was not set."""
    records = [row[0] for row in db.execute("SELECT id FROM record WHERE at < ?", (seconds(moment),))]
    before = moment.astimezone(UTC).isoformat(timespec="microseconds")
    turns = db.execute(f"SELECT id FROM turn WHERE started_at < ? AND NOT {_UNDATED}", (before,))  # noqa: S608
    return Selection(records, [row["id"] for row in turns])


def undated(db: Connection) -> int:
    """How many turns are of a time when the clock was not set, so that no date chooses them."""
    return db.execute(f"SELECT count(*) FROM turn WHERE {_UNDATED}").fetchone()[0]  # noqa: S608


def everything(db: Connection) -> Selection:
    """All of it."""
    records, turns, sources = (
        [row[0] for row in db.execute(f"SELECT {what}")]
        for what in ("id FROM record", "id FROM turn", "uri FROM source")
    )
    of_acts = any(db.execute(f"SELECT 1 FROM {table}").fetchone() for table in OF_ACTS)  # noqa: S608
    return Selection(records, turns, sources, of_acts)
