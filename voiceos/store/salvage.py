"""Sets a damaged database aside, and copies every readable row into a new one."""

import contextlib
import json
import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from voiceos.store.driver import (
    PAGE_BYTES,
    PLAIN,
    SMALL_PAGE_BYTES,
    Connection,
    Error,
    Row,
    connection,
    transaction,
)
from voiceos.store.ledger import cut_all
from voiceos.store.rows import digest_of, sequence
from voiceos.store.schema import JSON, TABLES, TRUTH
from voiceos.store.whole import IN_MEMORY, beside, open_whole

log = logging.getLogger(__name__)

PLACEHOLDER = "placeholder"
"""The one table that a made-up first page knows, until it is told which."""
LEAF = b"\x0d"
TREES = (b"\x02", b"\x05", b"\x0a", LEAF)
"""What the page of a table or an index begins with."""


def begin_anew(path: Path, key: str | None) -> None:
    """Replaces the damaged database at `path`; it stays beside it as `memory.damaged-<time>.db`.

    The new one is finished before the old one is touched.
    """
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
    kept = f"{count} record{'' if count == 1 else 's'} could be salvaged" if count else "nothing could be salvaged"
    log.warning("The memory was damaged. It was moved to %s and a new one started; %s.", aside, kept)


def salvage(damaged: Path, new: Connection, key: str | None) -> int:
    """Carries over what can be read of the tables that nothing can rebuild. Returns the number of turns and records."""
    new.execute("PRAGMA foreign_keys = OFF")
    new.hurried = False  # nothing in it counts before it is complete
    old = _Damaged(damaged, key)
    count = 0
    for table in TRUTH:
        carried = _carry(old, new, table)
        count += carried if table in ("record", "turn") else 0
    _keep_ids_apart(old, new)
    old.close()
    _head_of(damaged).unlink(missing_ok=True)
    _mend(new)
    new.execute("PRAGMA synchronous = FULL")
    return count


class _Damaged:
    """The damaged database, to be read; nothing that is done to it is ever committed."""

    def __init__(self, path: Path, key: str | None) -> None:
        self._page_bytes = PAGE_BYTES if key else page_bytes(path)
        self.pages = _leaves(path, key, self._page_bytes)
        """Those that may hold rows of a table."""
        self._path = path
        self._key = key
        self._db: Connection | None = None
        self.beheaded = False
        try:
            list(self.execute(f"SELECT 1 FROM {', '.join(TRUTH)} LIMIT 0"))  # noqa: S608
        except Error:
            self.beheaded = True
            self.close()
            self._path = _with_a_head(path, key, self._page_bytes)

    def execute(self, query: str, values: tuple[int | str, ...] = ()) -> Iterator[Row]:
        """The rows, until one cannot be read, which raises the driver's errors."""
        try:
            if self._db is None:
                self._db = connection(self._path, self._key)
                self._db.text_factory = _decoded
                self._db.execute("PRAGMA writable_schema = ON")  # so that one table can be read even if others cannot
            yield from self._db.execute(query, values)
        except (Error, OverflowError):
            if self._key:  # with a key, one failure is permanent
                self.close()
            raise

    def of_page(self, query: str, table: str, page: int) -> Iterator[Row]:
        """What a query of a table gives when that page is all of the table."""
        rooted = "UPDATE sqlite_master SET rootpage = ? WHERE type = 'table' AND name = ?"
        list(self.execute("BEGIN"))
        try:
            if self.beheaded:
                named = "UPDATE sqlite_master SET name = ?, tbl_name = ?, sql = ? WHERE name = ?"
                list(self.execute(named, (table, table, _bare(table), PLACEHOLDER)))
            list(self.execute(rooted, (page, table)))
            list(self.execute("PRAGMA writable_schema = RESET"))
            list(self.execute("PRAGMA writable_schema = ON"))
            yield from self.execute(query)
        finally:
            if self._db and self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
        self._db = None


def _head_of(path: Path) -> Path:
    return path.with_name(f"{beside(path, 'salvaged').name}-head")


def page_bytes(path: Path) -> int:
    """The size of a plain file's pages: as its first page has it or, without that, what most pages begin alike with."""
    with path.open("rb") as file:
        head = file.read(18)
        size = int.from_bytes(head[16:18], "big")
        if head.startswith(PLAIN) and size in (SMALL_PAGE_BYTES, PAGE_BYTES):
            return size
        file.seek(0)
        starts = list[bytes]()
        while start := file.read(SMALL_PAGE_BYTES)[:1]:
            starts.append(start)
    trees = sum(start in TREES for start in starts)
    return SMALL_PAGE_BYTES if trees > len(starts) / 2 else PAGE_BYTES


def _leaves(path: Path, key: str | None, size: int) -> Sequence[int]:
    """The pages after the first one that are the leaves of tables; of an encrypted file, all."""
    count = path.stat().st_size // size
    if key:
        return range(2, count + 1)
    handle = os.open(path, os.O_RDONLY)
    try:
        return [page for page in range(2, count + 1) if os.pread(handle, 1, (page - 1) * size) == LEAF]
    finally:
        os.close(handle)


def _with_a_head(path: Path, key: str | None, size: int) -> Path:
    """A copy with the first page of an empty database, which has one table, without its place and its name."""
    copy = _head_of(path)
    copy.unlink(missing_ok=True)
    copy.touch(mode=0o600)
    db = connection(copy, key)
    if not key:
        db.execute(f"PRAGMA page_size = {size}")
    db.execute(f"CREATE TABLE {PLACEHOLDER} (x)")
    db.execute("CREATE TABLE filler (bytes)")  # so that the first page says that there are enough pages
    db.execute("INSERT INTO filler VALUES (zeroblob(?))", (path.stat().st_size,))
    db.close()
    with copy.open("rb+") as whole, path.open("rb") as damaged:
        for file in (whole, damaged):
            file.seek(size)
        shutil.copyfileobj(damaged, whole)
    return copy


@cache
def _bare(table: str) -> str:
    """A table as far as it must be known to read its rows: a first page has little room."""
    with contextlib.closing(connection(Path(IN_MEMORY))) as db:
        db.execute(next(one for one in TABLES if one.startswith(f"CREATE TABLE {table} ")))
        columns = db.execute(f"PRAGMA table_info({table})").fetchall()
    known = [
        f'"{one["name"]}"' + (" INTEGER PRIMARY KEY" if one["pk"] and one["type"] == "INTEGER" else "")
        for one in columns
    ]
    return f"CREATE TABLE {table} ({','.join(known)})"


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _carry(old: _Damaged, new: Connection, table: str) -> int:
    columns = new.execute(f"PRAGMA table_info({table})").fetchall()
    names = ", ".join(f'"{column["name"]}"' for column in columns)
    insert = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
    before = new.total_changes
    with transaction(new):
        for row in _rows(old, table, f"SELECT {names} FROM {table} NOT INDEXED"):  # noqa: S608
            if all(_fits(value, column) for value, column in zip(row, columns, strict=True)):
                new.execute(insert, tuple(row))
    return new.total_changes - before


def _rows(old: _Damaged, table: str, query: str) -> Iterator[Row]:
    """The rows that the table's tree leads to; where it is broken, what any page holds that can be read as its rows."""
    if not old.beheaded:
        try:
            yield from old.execute(query)
            return
        except (Error, OverflowError):
            pass
    for page in old.pages:
        with contextlib.suppress(Error, OverflowError):
            yield from old.of_page(query, table, page)
    old.close()


def _fits(value: object, column: Row) -> bool:
    """Whether a value can be of this column: a page of another table has other values there."""
    if value is None:
        return not (column["notnull"] or column["pk"])
    return isinstance(value, _TYPES[column["type"]]) and (column["name"] not in JSON or _is_json(value))


def _is_json(value: object) -> bool:
    try:
        return isinstance(json.loads(str(value)), (dict, list))
    except ValueError:
        return False


_TYPES = {"TEXT": str, "INTEGER": int, "REAL": (int, float), "BLOB": bytes}


def _keep_ids_apart(old: _Damaged, new: Connection) -> None:
    """An id that was given once is never given again, though its row is lost."""
    with contextlib.suppress(Error):
        for name, seq in list(old.execute("SELECT name, seq FROM sqlite_sequence")):
            if isinstance(seq, int) and seq > sequence(new, name):
                new.execute("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
                new.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, seq))


def _mend(db: Connection) -> None:
    """Makes the copied rows consistent: adds sources for lost ones, and cuts passages again."""
    db.execute("BEGIN")
    db.execute(
        "INSERT INTO source (id, uri, kind) SELECT DISTINCT source_id, 'voiceos:salvaged/' || source_id, 'salvaged'"
        " FROM record WHERE source_id NOT IN (SELECT id FROM source)"
    )
    damaged = [(row["id"],) for row in db.execute("SELECT * FROM record") if _damaged(row)]
    db.executemany("UPDATE record SET digest = x'' WHERE id = ?", damaged)  # reading its source again repairs it
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
