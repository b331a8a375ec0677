"""Opens an undamaged database. If it finds damage, the caller salvages it."""

import contextlib
import os
import shutil
from collections.abc import Generator, Sequence
from pathlib import Path

from voiceos.errors import StoreError
from voiceos.store.driver import IN_MEMORY, PAGE_BYTES, Connection, DatabaseError, Derived, Error, connection, is_damage
from voiceos.store.schema import make_tables

CACHE_KIB = 16_384
LOG_BYTES = 2_048_000
"""The log is carried into the file when it is about so long: the more turns at once, the fewer pages twice; but it is
made so long at each start."""
FRAME_BYTES = 24
"""What the log has in front of each page."""
CHECKED_BYTES = 16_000_000
"""A file up to this size is checked whole at each opening; a larger one after an error."""
FULL_BYTES = 1_000_000
"""With less than this free, a failure to write is a full disk."""


def open_whole(path: Path, key: str | None, derived: Sequence[Derived] = ()) -> Connection:
    """A connection to a database without damage; raises the driver's errors, or StoreError for another version."""
    if str(path) != IN_MEMORY:
        path.touch(mode=0o600)
        path.chmod(0o600)  # SQLite gives the same mode to the files beside it
    db = connection(path, key)
    db.derived = derived
    try:
        db.execute("PRAGMA secure_delete = ON")
        db.execute("PRAGMA journal_mode = WAL")
        page_bytes = PAGE_BYTES if key else db.execute("PRAGMA page_size").fetchone()[0]
        db.execute(f"PRAGMA wal_autocheckpoint = {LOG_BYTES // (page_bytes + FRAME_BYTES)}")
        db.execute("PRAGMA synchronous = FULL")  # so that an acknowledged turn survives a power cut
        db.execute("PRAGMA foreign_keys = ON")
        db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        if str(path) != IN_MEMORY:
            _check(db, path)
            db.log = os.open(f"{path}-wal", os.O_RDWR | os.O_CREAT, 0o600)
            make_room(db)
        make_tables(db, path)
    except BaseException:
        db.close()
        raise
    return db


def make_room(db: Connection) -> None:
    """Makes the log as long as it may become: where it does not grow, the file system's journal is not written.

    Zeros are no part of a log.
    """
    assert db.log is not None
    if os.fstat(db.log).st_size < LOG_BYTES:
        db.execute("BEGIN IMMEDIATE")  # nobody else writes to the log
        try:
            size = os.fstat(db.log).st_size
            with contextlib.suppress(OSError):  # a full disk
                os.pwrite(db.log, bytes(max(LOG_BYTES - size, 0)), size)
        finally:
            db.execute("ROLLBACK")


def beside(path: Path, what: str) -> Path:
    """A file of ours beside the database: `memory.db` → `memory.<what>.db`."""
    return path.with_name(f"{path.stem}.{what}{path.suffix}")


def suspicion(path: Path) -> Path:
    """A mark that something was wrong, so that the whole file is checked at the next opening."""
    return path.with_name(f"{path.name}-suspect")


def _check(db: Connection, path: Path) -> None:
    if path.stat().st_size <= CHECKED_BYTES or suspicion(path).exists():
        if [row[0] for row in db.execute("PRAGMA quick_check(1)")] != ["ok"]:
            error = DatabaseError("database disk image is malformed")
            error.sqlite_errorname = "SQLITE_CORRUPT"
            raise error
        suspicion(path).unlink(missing_ok=True)


@contextlib.contextmanager
def told(path: Path) -> Generator[None]:
    """Every failure of disk or database as one sentence."""
    try:
        yield
    except Error as error:
        text, name = str(error), getattr(error, "sqlite_errorname", "") or ""
        if name.startswith("SQLITE_FULL") or (name.startswith("SQLITE_IOERR") and _no_room(path)):
            raise StoreError(f"The disk is full, so {path} could not be written. Free some space.") from error
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise StoreError(f"{path} is in use by another process. Try again when it has finished.") from error
        if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
            raise StoreError(f"No permission to write {path}. Change its owner or mode.") from error
        if is_damage(error):
            with contextlib.suppress(OSError):
                suspicion(path).touch(mode=0o600)
            raise StoreError(f"{path} is damaged. Restart voiceos to salvage it; a service does so itself.") from error
        raise StoreError(f"{path} could not be read or written ({text}). See `voiceos doctor`.") from error
    except OSError as error:
        what = error.strerror or str(error)
        raise StoreError(
            f"{error.filename or path} could not be read or written ({what}). See `voiceos doctor`."
        ) from error


def _no_room(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return shutil.disk_usage(path.parent).free < FULL_BYTES
    return False
