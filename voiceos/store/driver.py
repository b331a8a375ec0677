"""The database driver, typed: SQLCipher behind the standard library's interface, newer than the system's SQLite."""

import contextlib
import hashlib
import os
import threading
from collections import deque
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakSet

if TYPE_CHECKING:  # the driver has the standard library's interface, but no types
    import sqlite3 as driver
    from sqlite3 import DatabaseError, Error, OperationalError, Row
else:
    from sqlcipher3 import dbapi2 as driver
    from sqlcipher3.dbapi2 import DatabaseError, Error, OperationalError, Row

__all__ = [
    "Connection",
    "DatabaseError",
    "Derived",
    "Error",
    "OperationalError",
    "Row",
    "connection",
    "file_of",
    "is_damage",
    "transaction",
]

IN_MEMORY = ":memory:"
"""Not a file: for tests and experiments."""
BUSY_SECONDS = 20.0
"""How long a statement waits for another connection."""
PLAIN = b"SQLite format 3\0"
PAGE_BYTES = 4096
"""Of an encrypted file, which is SQLCipher's own; and of a plain one that was begun before they were made smaller."""
SMALL_PAGE_BYTES = 1024
"""Of a plain file: a change writes whole pages, and most change a few hundred bytes (docs/research/card.md)."""
NOISE_PAGES = 16
"""Pages to check, because one may be damaged in a file without a key."""
KEY_ROUNDS = 256_000
"""SQLCipher's own, in version 4."""


class Derived(Protocol):
    """Something made from the records that can be rebuilt. It registers when the store is opened."""

    @property
    def name(self) -> str: ...

    @property
    def tables(self) -> Sequence[str]:
        """The statements that make its tables. When they change, the old tables are dropped."""
        ...

    def remove(self, db: "Connection", passages: Sequence[int], records: Sequence[int]) -> object:
        """Erases everything made from these passages and records, given by ascending ids.

        It is called before they vanish, inside the transaction that removes them. Some may be unknown to it.
        """
        ...

    def verify(self, db: "Connection") -> list[str]:
        """What is wrong with it, a sentence each."""
        ...


class Connection(driver.Connection):
    """A connection to the store."""

    derived: Sequence[Derived] = ()
    """What registered with it."""
    salvaged: bool = False
    """Its file was damaged when it was opened, and what could be read was saved."""
    writing: "FairLock"
    """All connections of this process to the file."""
    path: Path | None = None
    log: int | None = None
    """The handle of its write-ahead log, once that may be waited for."""
    hurried: bool = True
    """A commit waits until the card has it."""

    def close(self) -> None:
        _open.discard(self)
        super().close()
        if self.log is not None:
            os.close(self.log)
            self.log = None


class FairLock:
    """A lock granted in the order of asking, so that nobody starves beside a busy writer."""

    def __init__(self) -> None:
        self._line: deque[threading.Lock] = deque()
        self._moving = threading.Lock()

    def __enter__(self) -> None:
        mine = threading.Lock()
        mine.acquire()
        with self._moving:
            self._line.append(mine)
            if self._line[0] is mine:
                return
        mine.acquire()  # until the one in front leaves

    def __exit__(self, *_: object) -> None:
        with self._moving:
            self._line.popleft()
            if self._line:
                self._line[0].release()


_locks: dict[str, FairLock] = {}
_open = WeakSet[Connection]()


def is_open(path: Path) -> bool:
    """Whether this process has a connection to the file: what is moved aside then takes with it what is written."""
    return any(one.path == path for one in [*_open])


def connection(path: Path, key: str | None = None) -> Connection:
    """A connection that commits by itself and writes nothing outside the file and its `-wal`.

    No other process can read the file meanwhile: so what the connections share stays in memory, and not in a file
    that the card is given again after each commit.
    """
    where = f"{path.absolute().as_uri()}?vfs=unix-excl" if str(path) != IN_MEMORY else IN_MEMORY
    options: dict[str, Any] = {"check_same_thread": False, "isolation_level": None, "timeout": BUSY_SECONDS}
    db = driver.connect(where, uri=True, factory=Connection, **options)
    db.execute("PRAGMA cipher_log_level = NONE")  # it would write to our stderr
    if key:
        db.execute(f"PRAGMA key = {quoted(key)}")
    else:
        db.execute(f"PRAGMA page_size = {SMALL_PAGE_BYTES}")  # of a file that is begun now
    db.writing = _locks.setdefault(str(path), FairLock())
    db.row_factory = Row
    db.execute("PRAGMA temp_store = MEMORY")
    db.path = path
    _open.add(db)
    return db


@contextlib.contextmanager
def transaction(db: Connection) -> Generator[None]:
    """All or nothing; within another transaction: a part of that one."""
    if db.in_transaction:
        yield
        return
    with db.writing, _waited_for(db):
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:  # a full disk has already ended it
                db.execute("ROLLBACK")
            raise


@contextlib.contextmanager
def _waited_for(db: Connection) -> Generator[None]:
    """What is committed within is on the card at the end.

    SQLite would wait by fsync, and that has the file system write its journal, too, because the log's time has changed.
    """
    if db.log is None:
        yield
        return
    db.execute("PRAGMA synchronous = NORMAL")
    try:
        yield
    finally:
        db.execute("PRAGMA synchronous = FULL")
    if db.hurried:
        os.fdatasync(db.log)


@contextlib.contextmanager
def unhurried(db: Connection) -> Generator[None]:
    """What is committed within reaches the card with what is committed after it, or in time: a power cut may take it.

    For what can be made again.
    """
    db.hurried = False
    try:
        yield
    finally:
        db.hurried = True


def quoted(key: str) -> str:
    """A key as SQL: 64 hexadecimal digits are the key itself, anything else is a passphrase."""
    if _is_raw(key):
        return f"\"x'{key}'\""
    doubled = key.replace("'", "''")
    return f"'{doubled}'"


def derived_key(path: Path, key: str) -> str:
    """What SQLCipher makes of a passphrase for this file, with its salt: so it is made once for many connections."""
    with path.open("rb") as file:
        salt = file.read(16)
    if _is_raw(key):
        return key[:64] + salt.hex()
    return hashlib.pbkdf2_hmac("sha512", key.encode(), salt, KEY_ROUNDS, 32).hex() + salt.hex()


def _is_raw(key: str) -> bool:
    return len(key) in (64, 96) and all(digit in "0123456789abcdefABCDEF" for digit in key)


def file_of(db: Connection) -> Path:
    """The file that a connection works on."""
    return Path(db.execute("PRAGMA database_list").fetchone()["file"])


def is_damage(error: BaseException) -> bool:
    """Whether the file itself is damaged. A wrong key looks the same: see `may_be_encrypted`."""
    name = getattr(error, "sqlite_errorname", "") or ""
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def may_be_encrypted(path: Path) -> bool:
    """Whether the file looks like one under a key: whole pages of noise.

    Only for a file that could not be opened: reading it drops the locks that this process may hold on it.
    """
    with path.open("rb") as file:
        pages = [page for _ in range(NOISE_PAGES) if (page := file.read(PAGE_BYTES))]
    whole = bool(pages) and path.stat().st_size % PAGE_BYTES == 0
    return whole and all(len(set(page)) > 240 for page in pages)  # of 256; text, zeros or code have far fewer


def is_plain(path: Path) -> bool:
    """Whether the file is a database without a key. As `may_be_encrypted`, not for a file in use."""
    with path.open("rb") as file:
        return file.read(len(PLAIN)) == PLAIN
