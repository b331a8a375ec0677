"""The memory's one database: opened, brought up to date, and every failure of it told in a sentence."""

import contextlib
import logging
import shutil
from collections.abc import Generator
from pathlib import Path

from voiceos.errors import StoreError
from voiceos.store import migrations
from voiceos.store.driver import (
    Connection,
    DatabaseError,
    Error,
    OperationalError,
    Row,
    connection,
    file_of,
    is_damage,
    is_plain,
    may_be_encrypted,
)

__all__ = [
    "NAME",
    "Connection",
    "DatabaseError",
    "Error",
    "OperationalError",
    "Row",
    "file_of",
    "open_database",
    "told",
    "transaction",
]

log = logging.getLogger(__name__)

NAME = "memory.db"
OLD_NAME = "turns.db"
IN_MEMORY = ":memory:"
"""A path that is no file: for tests and experiments."""
CACHE_KIB = 16_384
CHECKED_BYTES = 16_000_000
"""A file up to this size is checked whole each time it is opened; a larger one when something was found amiss."""
FULL_BYTES = 1_000_000
"""With less than this free, a failure to write is a full disk."""


def open_database(path: Path, key: str | None = None) -> Connection:
    """A connection to the database at `path`, begun if there is none, brought to the present shape.

    A damaged one is set aside, and what can be read of it is carried over. It commits by itself; statements that
    belong together go into `transaction(db)`. Any thread may use it, one at a time. Raises StoreError.
    """
    with told(path):
        if str(path) == IN_MEMORY:
            return open_whole(path, key)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _tidy(path)
        try:
            db = open_whole(path, key)
        except DatabaseError as error:
            if not is_damage(error):
                raise
            _refuse_wrong_key(path, key)
            from voiceos.store.salvage import begin_anew

            begin_anew(path, key)
            db = open_whole(path, key)
        finish_erasing(db)
        return db


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


def open_whole(path: Path, key: str | None) -> Connection:
    """A connection to a database without damage; raises the driver's errors, or StoreError for a newer version."""
    if str(path) != IN_MEMORY:
        path.touch(mode=0o600)
        path.chmod(0o600)  # SQLite gives the same mode to the files beside it
    db = connection(path, key)
    try:
        db.execute("PRAGMA secure_delete = ON")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")  # a turn that was acknowledged outlives a power cut, too
        db.execute("PRAGMA foreign_keys = ON")
        db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        if str(path) != IN_MEMORY:
            _check(db, path)
        _migrate(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _check(db: Connection, path: Path) -> None:
    suspect = _suspicion(path)
    if path.stat().st_size <= CHECKED_BYTES or suspect.exists():
        if [row[0] for row in db.execute("PRAGMA quick_check(1)")] != ["ok"]:
            error = DatabaseError("database disk image is malformed")
            error.sqlite_errorname = "SQLITE_CORRUPT"
            raise error
        suspect.unlink(missing_ok=True)


def finish_erasing(db: Connection) -> None:
    """Ends an erasure that could not be ended: another process was reading, or the power went."""
    if db.execute("SELECT 1 FROM erasing").fetchone():
        from voiceos.store.scrub import scrub

        scrub(db, patience_seconds=0.0)


def _tidy(path: Path) -> None:
    """Ends what was begun: an earlier version's store takes its new name, half-written copies go."""
    old, salvaged = path.with_name(OLD_NAME), beside(path, "salvaged")
    if not path.exists() and salvaged.exists():
        salvaged.replace(path)
    if not path.exists() and path.name == NAME and old.exists():
        for ending in ("-wal", "-shm", ""):  # the database last: whatever stops this, the next start goes on with it
            with contextlib.suppress(FileNotFoundError):
                Path(f"{old}{ending}").replace(f"{path}{ending}")
    for name in ("salvaged", "recoded"):
        for left in path.parent.glob(f"{beside(path, name).name}*"):
            left.unlink(missing_ok=True)


def beside(path: Path, what: str) -> Path:
    """A file of ours beside the database: `memory.db` → `memory.<what>.db`."""
    return path.with_name(f"{path.stem}.{what}{path.suffix}")


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


def _refuse_wrong_key(path: Path, key: str | None) -> None:
    """A key that is wrong or missing is no damage, and nothing is touched."""
    with contextlib.closing(connection(path, key)) as db, contextlib.suppress(DatabaseError):
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return  # its first page can be read, so the key is right
    if key and is_plain(path):
        raise StoreError(f"{path} is not encrypted, but there is a key for it: run `voiceos memory encrypt`.")
    if may_be_encrypted(path):
        if key:
            raise StoreError(f"The key does not open {path}: set `memory.key_file` to the one it was encrypted with.")
        raise StoreError(f"{path} is encrypted: set `memory.key_file` to the file with its key.")


def _suspicion(path: Path) -> Path:
    """A mark that something was amiss, so that the whole file is checked when it is next opened."""
    return path.with_name(f"{path.name}-suspect")


@contextlib.contextmanager
def told(path: Path) -> Generator[None]:
    """Every failure of disk or database as one sentence."""
    try:
        yield
    except Error as error:
        text, name = str(error), getattr(error, "sqlite_errorname", "") or ""
        if name.startswith("SQLITE_FULL") or (name.startswith("SQLITE_IOERR") and _no_room(path)):
            raise StoreError(f"The disk is full: {path} could not be written; free some space.") from error
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise StoreError(f"{path} is in use by another process; try again when it has finished.") from error
        if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
            raise StoreError(f"{path} may not be written by this user; change its owner or its mode.") from error
        if is_damage(error):
            with contextlib.suppress(OSError):
                _suspicion(path).touch(mode=0o600)
            raise StoreError(f"{path} is damaged; restart voiceos to set it aside and begin a new one.") from error
        raise StoreError(f"{path} could not be read or written ({text}); see `voiceos doctor`.") from error
    except OSError as error:
        what = error.strerror or str(error)
        raise StoreError(
            f"{error.filename or path} could not be read or written ({what}); see `voiceos doctor`."
        ) from error


def _no_room(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return shutil.disk_usage(path.parent).free < FULL_BYTES
    return False
