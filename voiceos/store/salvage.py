"""A damaged database is set aside, and every row that can still be read is carried over into a new one."""

import contextlib
import fcntl
import json
import logging
import os
import struct
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from voiceos.errors import StoreError
from voiceos.store.driver import Connection, Error, Row, connection
from voiceos.store.ledger import cut_all
from voiceos.store.rows import digest_of, sequence
from voiceos.store.schema import TRUTH
from voiceos.store.whole import beside, open_whole

log = logging.getLogger(__name__)

PROBES = 200_000
"""Reads spent on the unreadable parts of one table; a life's worth of damage takes minutes, not days."""
UNKNOWN_END = 2**31
COPIED = 1000
LOCK_BYTE, LOCK_BYTES = 0x40000002, 510
"""Where SQLite keeps the locks of those that have a database open."""


def begin_anew(path: Path, key: str | None) -> None:
    """Replaces the damaged database at `path`; it stays beside it as `memory.damaged-<time>.db`.

    The new one is finished before the old one is touched. Raises StoreError while another process has it open.
    """
    _refuse_if_in_use(path)
    fresh = beside(path, "salvaged.part")
    fresh.unlink(missing_ok=True)
    new = open_whole(fresh, key)
    try:
        count = salvage(path, new, key)
        new.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        new.close()
    salvaged = beside(path, "salvaged")
    fresh.replace(salvaged)
    aside = beside(path, f"damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}")
    for ending in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{ending}").replace(f"{aside}{ending}")
    salvaged.replace(path)
    path.with_name(f"{path.name}-suspect").unlink(missing_ok=True)
    kept = (
        f"{count} record{'' if count == 1 else 's'} of it could be salvaged" if count else "nothing of it was readable"
    )
    log.warning("The memory was damaged: it was set aside as %s, and a new one begins; %s.", aside, kept)


def salvage(damaged: Path, new: Connection, key: str | None) -> int:
    """Carries over what can be read of the tables that nothing can rebuild. Returns the number of turns and records."""
    new.execute("PRAGMA foreign_keys = OFF")
    old = _Damaged(damaged, key)
    count = 0
    for table in TRUTH:
        carried = _carry(old, new, table)
        count += carried if table in ("record", "turn") else 0
    _keep_ids_apart(old, new)
    old.close()
    _mend(new)
    new.execute("PRAGMA foreign_keys = ON")
    return count


class _Damaged:
    """The damaged database, to be read; opened anew after each failure, since under a key one failure is for ever."""

    def __init__(self, path: Path, key: str | None) -> None:
        self._path = path
        self._key = key
        self._db: Connection | None = None

    def execute(self, query: str, values: tuple[int, ...] = ()) -> Iterator[Row]:
        """The rows, until one cannot be read, which raises the driver's errors."""
        try:
            if self._db is None:
                self._db = connection(self._path, self._key)
                self._db.text_factory = _decoded
                self._db.execute("PRAGMA query_only = ON")
            yield from self._db.execute(query, values)
        except (Error, OverflowError):
            self.close()
            raise

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
        self._db = None


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _carry(old: _Damaged, new: Connection, table: str) -> int:
    try:
        columns = _columns(old, table) & _columns(new, table)
    except Error:
        return 0
    if not columns:
        return 0
    names = ", ".join(f'"{name}"' for name in sorted(columns))
    insert = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
    before = new.total_changes
    new.execute("BEGIN")
    for number, row in enumerate(_rows(old, table, names)):
        with contextlib.suppress(Error):  # a value that no column takes is no row
            new.execute(insert, tuple(row))
        if number % COPIED == COPIED - 1:
            new.execute("COMMIT")
            new.execute("BEGIN")
    new.execute("COMMIT")
    return new.total_changes - before


def _columns(db: Connection | _Damaged, table: str) -> set[str]:
    return {row["name"] for row in db.execute(f"PRAGMA table_info({table})")}


def _rows(db: _Damaged, table: str, names: str) -> Iterator[list[Any]]:
    """All rows whose pages can be read: a stretch that cannot is halved until only the unreadable is left out."""
    query = f"SELECT rowid AS at_row, {names} FROM {table} NOT INDEXED WHERE rowid BETWEEN ? AND ? ORDER BY rowid"  # noqa: S608
    stretches = [(-(2**62), -1), (0, _last(db, table))][::-1]
    for _ in range(PROBES):
        if not stretches:
            return
        low, high = stretches.pop()
        try:
            for at_row, *row in db.execute(query, (low, high)):
                low = at_row + 1
                yield row
        except (Error, OverflowError):
            if low < high and low >= 0:
                middle = (low + high) // 2
                stretches += [(middle + 1, high), (low, middle)]


def _last(db: _Damaged, table: str) -> int:
    for query in (f"SELECT max(rowid) FROM {table}", f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'"):  # noqa: S608
        with contextlib.suppress(Error):
            row = next(iter(db.execute(query)), None)
            if row and row[0]:
                return int(row[0])
    return UNKNOWN_END


def _keep_ids_apart(old: _Damaged, new: Connection) -> None:
    """An id that was given once is never given again, though its row is lost."""
    with contextlib.suppress(Error):
        for name, seq in list(old.execute("SELECT name, seq FROM sqlite_sequence")):
            if isinstance(seq, int) and seq > sequence(new, name):
                new.execute("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
                new.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, seq))


def _mend(db: Connection) -> None:
    """What was carried over fits together again: sources stand in for lost ones, passages are cut anew."""
    db.execute("BEGIN")
    db.execute(
        "INSERT INTO source (id, uri, kind) SELECT DISTINCT source_id, 'voiceos:salvaged/' || source_id, 'salvaged'"
        " FROM record WHERE source_id NOT IN (SELECT id FROM source)"
    )
    damaged = [(row["id"],) for row in db.execute("SELECT * FROM record") if _damaged(row)]
    db.executemany("UPDATE record SET digest = x'' WHERE id = ?", damaged)  # its source, read again, mends it
    for table, row_id, _, number in db.execute("PRAGMA foreign_key_check").fetchall():
        _unhook(db, table, row_id, number)
    db.execute("DELETE FROM passage")
    db.execute("COMMIT")
    cut_all(db)


def _damaged(row: Row) -> bool:
    try:
        return digest_of(row) != row["digest"]
    except (TypeError, ValueError, AttributeError, json.JSONDecodeError):
        return True


def _unhook(db: Connection, table: str, row_id: int, number: int) -> None:
    keys: Sequence[Any] = [key for key in db.execute(f"PRAGMA foreign_key_list({table})") if key["id"] == number]
    for key in keys:
        if key["on_delete"] == "SET NULL":
            db.execute(f'UPDATE {table} SET "{key["from"]}" = NULL WHERE rowid = ?', (row_id,))  # noqa: S608
        else:
            db.execute(f"DELETE FROM {table} WHERE rowid = ?", (row_id,))  # noqa: S608


def _refuse_if_in_use(path: Path) -> None:
    """Others that have the file open would go on writing to what was set aside."""
    asked = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, LOCK_BYTE, LOCK_BYTES, 0)
    with path.open("rb+") as file:
        kind, *_ = struct.unpack("hhqqi", fcntl.fcntl(file, fcntl.F_GETLK, asked))
    if kind != fcntl.F_UNLCK:
        raise StoreError(f"{path} is damaged, and open in another process: stop voiceos, and start it again.")
