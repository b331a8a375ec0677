"""The database driver, typed: SQLCipher behind the standard library's interface, newer than the system's SQLite."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:  # the driver has the standard library's interface, and no types of its own
    from sqlite3 import Connection, DatabaseError, Error, OperationalError, Row, connect
else:
    from sqlcipher3.dbapi2 import Connection, DatabaseError, Error, OperationalError, Row, connect

__all__ = ["Connection", "DatabaseError", "Error", "OperationalError", "Row", "connection", "file_of", "is_damage"]

BUSY_SECONDS = 20.0
"""How long to wait for another process that is writing."""
POLL_SECONDS = 0.002
"""SQLite itself asks ever less often, up to ten times a second: beside one that writes without a pause it starves."""
PLAIN = b"SQLite format 3\0"
PAGE_BYTES = 4096


def connection(path: Path, key: str | None = None) -> Connection:
    """A connection that commits by itself and leaves nothing of its own outside the file and its `-wal`."""
    db = connect(path, check_same_thread=False, isolation_level=None)
    db.execute("PRAGMA cipher_log_level = NONE")  # it would write on our error output
    if key:
        db.execute(f"PRAGMA key = {quoted(key)}")
    wait_for_locks(db)
    db.row_factory = Row
    db.execute("PRAGMA temp_store = MEMORY")
    return db


def wait_for_locks(db: Connection, seconds: float = BUSY_SECONDS) -> None:
    """How long this connection asks again for a lock that another holds."""

    def wait(times: int) -> bool:
        time.sleep(POLL_SECONDS)
        return times < seconds / POLL_SECONDS

    cast(Any, db).set_busy_handler(wait)


def quoted(key: str) -> str:
    """A key as SQL: 64 hexadecimal digits are the key itself, anything else is a passphrase."""
    if len(key) == 64 and all(digit in "0123456789abcdefABCDEF" for digit in key):
        return f"\"x'{key}'\""
    doubled = key.replace("'", "''")
    return f"'{doubled}'"


def file_of(db: Connection) -> Path:
    """The file that a connection works on."""
    return Path(db.execute("PRAGMA database_list").fetchone()["file"])


def is_damage(error: BaseException) -> bool:
    """Whether the file itself is at fault; a wrong key looks the same: see `may_be_encrypted`."""
    name = getattr(error, "sqlite_errorname", "") or ""
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def may_be_encrypted(path: Path) -> bool:
    """Whether the file looks like one under a key: whole pages, of which the first is noise.

    Only for a file that could not be opened: reading it drops the locks that this process may hold on it.
    """
    with path.open("rb") as file:
        first = file.read(PAGE_BYTES)
    whole = len(first) == PAGE_BYTES and path.stat().st_size % PAGE_BYTES == 0
    return whole and len(set(first)) > 240  # of 256; text, zeros or code have far fewer


def is_plain(path: Path) -> bool:
    """Whether the file is a database without a key. As `may_be_encrypted`, not for a file in use."""
    with path.open("rb") as file:
        return file.read(len(PLAIN)) == PLAIN
