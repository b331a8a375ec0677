"""The memory's one database: opened, brought up to date, and every failure of it told in a sentence."""

import contextlib
import logging
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from voiceos.errors import StoreError
from voiceos.memory import migrations

if TYPE_CHECKING:  # the driver has the standard library's interface, and no types of its own
    from sqlite3 import Connection, DatabaseError, Error, OperationalError, Row, connect
else:
    from sqlcipher3.dbapi2 import Connection, DatabaseError, Error, OperationalError, Row, connect

__all__ = ["Connection", "DatabaseError", "Error", "OperationalError", "Row", "open_database", "told", "transaction"]

log = logging.getLogger(__name__)

NAME = "memory.db"
BUSY_SECONDS = 5.0
"""How long to wait for another process that is writing."""
CACHE_KIB = 16_384


def open_database(path: Path, key: str | None = None) -> Connection:
    """A connection to the database at `path`, begun if there is none, brought to the present shape.

    It commits by itself; several statements that belong together go into `transaction(db)`. Any thread may use it, one
    at a time. Raises StoreError.
    """
    with told(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _open(path, key)


@contextlib.contextmanager
def transaction(db: Connection) -> Generator[None]:
    """All or nothing; within another transaction: a part of that one."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # a full disk has ended it already
            db.execute("ROLLBACK")
        raise


def _open(path: Path, key: str | None) -> Connection:
    path.touch(mode=0o600)
    path.chmod(0o600)  # SQLite gives the same mode to the files beside it
    db = connect(path, timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None)
    try:
        db.row_factory = Row
        db.execute("PRAGMA secure_delete = ON")
        db.execute("PRAGMA temp_store = MEMORY")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        _migrate(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _migrate(db: Connection, path: Path) -> None:
    steps = migrations.MIGRATIONS
    if db.execute("PRAGMA user_version").fetchone()[0] == len(steps):
        return
    with transaction(db):
        (done,) = db.execute("PRAGMA user_version").fetchone()
        if done > len(steps):
            raise StoreError(f"{path} was written by a newer voiceos; update voiceos, or move that file away.")
        for step in steps[done:]:
            step(db)
        db.execute(f"PRAGMA user_version = {len(steps)}")


def is_damage(error: Error) -> bool:
    return any(word in str(error) for word in ("malformed", "not a database", "no such table", "no such column"))


@contextlib.contextmanager
def told(path: Path) -> Generator[None]:
    """Every failure of disk or database as one sentence."""
    try:
        yield
    except Error as error:
        text = str(error)
        if "full" in text:
            raise StoreError(f"The disk is full: {path} could not be written; free some space.") from error
        if "locked" in text:
            raise StoreError(f"{path} is in use by another process; try again when it has finished.") from error
        if "readonly" in text or "unable to open" in text:
            raise StoreError(f"{path} may not be written by this user; change its owner or its mode.") from error
        if isinstance(error, DatabaseError) and is_damage(error):
            raise StoreError(f"{path} is damaged; restart voiceos to set it aside and begin a new one.") from error
        raise StoreError(f"{path} could not be read or written ({text}); see `voiceos doctor`.") from error
    except OSError as error:
        what = error.strerror or str(error)
        raise StoreError(
            f"{error.filename or path} could not be read or written ({what}); see `voiceos doctor`."
        ) from error
