"""The file of a backup: a store under a key made of a passphrase with scrypt, with the files that belong to it.

So it is read and checked like any store. Its salt, the first bytes of the file, begins with `MAGIC`: that tells a
backup from noise, and its form.
"""

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Collection, Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from voiceos.errors import BackupError
from voiceos.store import lineage
from voiceos.store.driver import PAGE_BYTES, SMALL_PAGE_BYTES, Connection, Error, connection, quoted
from voiceos.store.migration import columns, has_more
from voiceos.store.schema import TABLES, VERSION
from voiceos.store.whole import told

MAGIC = b"voiceos"
FORM = 1
"""The byte after it."""
SALT_BYTES = 16
SCRYPT_ROUNDS, SCRYPT_BLOCK = 2**15, 8
"""32 MB of memory, and a quarter of a second on a board: what each guess of a passphrase costs."""
ADDED = (
    "CREATE TABLE backup (at TEXT NOT NULL, board TEXT NOT NULL, records INTEGER NOT NULL, turns INTEGER NOT NULL)",
    "CREATE TABLE kept_file (name TEXT PRIMARY KEY, mode INTEGER NOT NULL, content BLOB NOT NULL)",
)
"""What a backup has beside the tables of a store. What is derived is left out, and made again."""
NO_KEY = "''"
"""As SQL."""
LEFT_OUT = ("derived", "erasing")
"""Tables of a store that are empty in a backup."""


class KeptFile(NamedTuple):
    """A file that belongs to the assistant: its settings, the sound of a turn, what it knows of servers of tools."""

    name: str
    mode: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds."""

    at: datetime
    board: str
    """The name of the machine."""
    records: int
    turns: int
    name: str
    """Of the store: see lineage.py."""
    gone: Collection[tuple[str, str]]
    """What had been forgotten by then."""


def inspect(file: Path, passphrase: str) -> Backup:
    """Reads every byte of a backup. Raises BackupError: foreign, newer, cut off, damaged, or a wrong passphrase."""
    with _opened(file, passphrase) as db:
        return _described(db)


def unpack(file: Path, passphrase: str, fresh: Path, key: str | None) -> Backup:
    """Writes the store of a backup to `fresh`, under that key. Raises BackupError, StoreError."""
    with _opened(file, passphrase) as db, told(fresh):
        _copy(db, fresh, quoted(key) if key else NO_KEY)
        return _described(db)


def kept_files(file: Path, passphrase: str) -> Iterator[KeptFile]:
    """The files in a backup. Raises BackupError."""
    with _opened(file, passphrase) as db:
        for row in db.execute("SELECT name, mode, content FROM kept_file ORDER BY name"):
            yield KeptFile(*row)


def write(db: Connection, files: Iterable[KeptFile], target: Path, passphrase: str, at: str, board: str) -> None:
    """Makes a backup of a store, on the disk and not yet checked. Raises OSError and the driver's errors."""
    salt = MAGIC + bytes([FORM]) + secrets.token_bytes(SALT_BYTES - len(MAGIC) - 1)
    _copy(db, target, quoted(_key(passphrase, salt)), (at, board, files))
    reach_the_disk(target)


def reach_the_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy(db: Connection, target: Path, key: str, added: tuple[str, str, Iterable[KeptFile]] | None = None) -> None:
    """Copies the store into a new file, as it is at one moment. `key` as SQL; `added`: what makes a backup of it."""
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    db.execute(f"ATTACH ? AS fresh KEY {key}", (str(target),))
    try:
        if key == NO_KEY:
            db.execute(f"PRAGMA fresh.page_size = {SMALL_PAGE_BYTES}")
        db.execute("PRAGMA fresh.journal_mode = OFF")  # it counts only once it is whole
        db.execute("PRAGMA fresh.synchronous = OFF")
        db.execute("BEGIN")
        try:
            for statement in TABLES:
                db.execute(re.sub(r"^CREATE (TABLE|INDEX) ", r"CREATE \1 fresh.", statement))
            tables = [name for one in TABLES for name in re.findall(r"^CREATE TABLE (\w+)", one)]
            for table in (*(one for one in tables if one not in LEFT_OUT),):
                if names := ", ".join(columns(db, table)):  # an older backup lacks some
                    db.execute(f"INSERT INTO fresh.{table} ({names}) SELECT {names} FROM main.{table}")  # noqa: S608
            db.execute("DELETE FROM fresh.sqlite_sequence")
            names = ", ".join(f"'{one}'" for one in tables)
            db.execute(
                f"INSERT INTO fresh.sqlite_sequence SELECT * FROM main.sqlite_sequence WHERE name IN ({names})"  # noqa: S608
            )
            if added:
                _add(db, *added)
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        db.execute(f"PRAGMA fresh.user_version = {VERSION}")
    finally:
        with contextlib.suppress(Error):
            db.execute("DETACH fresh")


def _add(db: Connection, at: str, board: str, files: Iterable[KeptFile]) -> None:
    for statement in ADDED:
        db.execute(statement.replace("CREATE TABLE ", "CREATE TABLE fresh."))
    counts = "(SELECT count(*) FROM main.record), (SELECT count(*) FROM main.turn)"
    db.execute(f"INSERT INTO fresh.backup SELECT ?, ?, {counts}", (at, board))
    for one in files:
        db.execute("INSERT INTO fresh.kept_file VALUES (?, ?, ?)", one)


@contextlib.contextmanager
def _opened(file: Path, passphrase: str) -> Generator[Connection]:
    """A backup, to be read. Raises BackupError, with a sentence for whatever is wrong with it."""
    try:
        with file.open("rb") as opened:
            salt = opened.read(SALT_BYTES)
            size = os.fstat(opened.fileno()).st_size
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # what the disk has, not the cache
    except OSError as error:
        raise BackupError(f"{file} could not be read ({error.strerror}).") from error
    if not salt.startswith(MAGIC):
        raise BackupError(f"{file} is no backup of voiceos.")
    if salt[len(MAGIC)] > FORM:
        raise BackupError(f"{file} was made by a newer voiceos. Update voiceos first.")
    broken = f"{file} is cut off or damaged. Take an older backup."
    if size < PAGE_BYTES or size % PAGE_BYTES:
        raise BackupError(broken)
    db = connection(file, _key(passphrase, salt))
    try:
        _check(db, file, size // PAGE_BYTES, broken)
        yield db
    except Error as error:
        if (getattr(error, "sqlite_errorname", "") or "").startswith("SQLITE_NOTADB"):
            raise BackupError(f"The passphrase does not open {file}. Use the one it was made with.") from error
        raise BackupError(f"{broken} ({error})") from error
    finally:
        db.close()


def _check(db: Connection, file: Path, pages: int, broken: str) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > VERSION or has_more(db, (*TABLES, *ADDED)):
        raise BackupError(f"{file} was made by a newer voiceos. Update voiceos first.")
    if version < VERSION:
        raise BackupError(f"{file} was made by an older voiceos, which alone can restore it.")
    (expected,) = db.execute("PRAGMA page_count").fetchone()
    damaged = expected != pages or db.execute("PRAGMA cipher_integrity_check").fetchone()
    if damaged or [row[0] for row in db.execute("PRAGMA integrity_check(1)")] != ["ok"]:
        raise BackupError(broken)
    counted = "SELECT (SELECT count(*) FROM record) = records AND (SELECT count(*) FROM turn) = turns FROM backup"
    if not db.execute(counted).fetchone()[0]:
        raise BackupError(broken)


def _described(db: Connection) -> Backup:
    row = db.execute("SELECT * FROM backup").fetchone()
    at, name = datetime.fromisoformat(row["at"]), lineage.name_of(db)
    return Backup(at, row["board"], row["records"], row["turns"], name, lineage.forgotten(db))


def _key(passphrase: str, salt: bytes) -> str:
    """The key and the salt, as SQLCipher takes them."""
    made = hashlib.scrypt(passphrase.encode(), salt=salt, n=SCRYPT_ROUNDS, r=SCRYPT_BLOCK, p=1, maxmem=2**26, dklen=32)
    return made.hex() + salt.hex()
