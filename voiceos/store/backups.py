"""Backups: the whole store and its files in one encrypted file, verified after writing; old ones forget, too.

A backup is a store itself, under a key made of a passphrase with scrypt. So it is read, checked and made to forget like
any store. Its salt, the first bytes of the file, begins with `MAGIC`: that tells a backup from noise, and its form.
"""

import contextlib
import hashlib
import json
import os
import re
import secrets
import socket
import tempfile
from collections.abc import Collection, Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from voiceos.clock import local_time
from voiceos.errors import BackupError
from voiceos.store import lineage
from voiceos.store.database import open_database, refuse_wrong_key
from voiceos.store.driver import PAGE_BYTES, Connection, DatabaseError, Error, connection, quoted, transaction
from voiceos.store.forgetting import Unwanted, forget
from voiceos.store.migration import columns
from voiceos.store.schema import TABLES, VERSION
from voiceos.store.whole import told

MAGIC = b"voiceos"
FORM = 1
"""The byte after it."""
SALT_BYTES = 16
SUFFIX = ".voiceos-backup"
SCRYPT_ROUNDS, SCRYPT_BLOCK = 2**15, 8
"""32 MB of memory, and a quarter of a second on a board: what each guess of a passphrase costs."""
ROWS = ("act", "schedule", "list", "list_item", "permission")
ADDED = (
    "CREATE TABLE backup (at TEXT NOT NULL, board TEXT NOT NULL, records INTEGER NOT NULL, turns INTEGER NOT NULL)",
    "CREATE TABLE kept_file (name TEXT PRIMARY KEY, mode INTEGER NOT NULL, content BLOB NOT NULL)",
)
"""What a backup has beside the tables of a store. What is derived is left out, and made again."""
LEFT_OUT = ("derived", "erasing")


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


@dataclass(frozen=True, slots=True)
class Made:
    """What a run of backups did."""

    file: Path
    backup: Backup
    forgot: int = 0
    """Older backups that forgot what was forgotten since."""
    unopened: int = 0
    """Older ones that could not be read with this passphrase, or by this version."""
    removed: int = 0
    """Older ones that were one too many, or of which nothing may be left."""


def back_up(store: Path, key: str | None, files: Iterable[KeptFile], folder: Path, passphrase: str, keep: int) -> Made:
    """Writes a backup into `folder` and verifies it; then the older ones there forget what was forgotten since.

    The store may be in use. `keep`: how many of its backups stay. Raises BackupError, StoreError.
    """
    with told(store), contextlib.closing(connection(store, key)) as db:
        name = _name_of(db, store, key)
        now = local_time()
        file = folder / f"voiceos-{name[:6]}-{now:%Y%m%d-%H%M%S}{SUFFIX}"
        with _writing_to(folder):
            for left in folder.glob(f".voiceos-*{SUFFIX}.part*"):  # of a run that was cut off
                left.unlink(missing_ok=True)
        made = Made(file, _write(db, files, file, passphrase, now.isoformat(timespec="seconds"), socket.gethostname()))
    for older in sorted(set(folder.glob(f"voiceos-*{SUFFIX}")) - {file}):
        made = _forget_in(older, passphrase, made, store.parent)
    with _writing_to(folder):
        for older in sorted(folder.glob(f"voiceos-{name[:6]}-*{SUFFIX}"))[:-keep]:
            older.unlink()
            made = replace(made, removed=made.removed + 1)
    return made


def _name_of(db: Connection, store: Path, key: str | None) -> str:
    try:
        return lineage.name_of(db)
    except DatabaseError:
        refuse_wrong_key(store, key)
        raise


def newest(place: Path) -> Path:
    """The newest backup in a folder; a file is itself. Raises BackupError."""
    if place.is_file():
        return place
    found = place.glob(f"voiceos-*{SUFFIX}")
    if file := max(found, key=lambda one: one.name.split("-", 2)[-1], default=None):
        return file
    raise BackupError(f"There is no backup at {place}. Name its folder or its file (voiceos-…{SUFFIX}).")


def made_at(file: Path) -> datetime:
    """When a backup was made, in local time, by its name. Raises ValueError for another name."""
    return datetime.strptime(file.name.removesuffix(SUFFIX)[-15:], "%Y%m%d-%H%M%S").astimezone()


def inspect(file: Path, passphrase: str) -> Backup:
    """Reads every byte of a backup. Raises BackupError: foreign, newer, cut off, damaged, or a wrong passphrase."""
    with _opened(file, passphrase) as db:
        return _described(db)


def unpack(file: Path, passphrase: str, fresh: Path, key: str | None) -> Backup:
    """Writes the store of a backup to `fresh`, under that key. Raises BackupError, StoreError."""
    with _opened(file, passphrase) as db, told(fresh):
        _copy(db, fresh, quoted(key) if key else "''")
        return _described(db)


def kept_files(file: Path, passphrase: str) -> Iterator[KeptFile]:
    """The files in a backup. Raises BackupError."""
    with _opened(file, passphrase) as db:
        for row in db.execute("SELECT name, mode, content FROM kept_file ORDER BY name"):
            yield KeptFile(*row)


def forget_again(db: Connection, gone: Iterable[tuple[str, str]]) -> None:
    """Forgets in this store what was forgotten in a later state of it. Raises StoreError."""
    ids: dict[str, list[str]] = {}
    for kind, what in gone:
        ids.setdefault(kind, []).append(what)
    rows = {table: [int(id) for id in ids.get(table, ())] for table in ROWS}
    records = [int(id) for id in ids.get("record", ())]
    query = "SELECT uri FROM source WHERE id IN (SELECT value FROM json_each(?))"
    sources = [row["uri"] for row in db.execute(query, (json.dumps([int(id) for id in ids.get("source", ())]),))]
    forget(db, Unwanted(records, ids.get("turn", ()), sources, replies=ids.get("reply", ()), rows=rows))
    with transaction(db):
        for kind, those in ids.items():
            lineage.note_forgotten(db, kind, those)


@contextlib.contextmanager
def _writing_to(folder: Path) -> Generator[None]:
    """Every failure to write there as one sentence."""
    if not folder.is_dir():
        raise BackupError(f"There is no folder {folder}. Plug in what it is on, or name another.")
    try:
        yield
    except (OSError, Error) as error:
        why = (error.strerror if isinstance(error, OSError) else "") or str(error)
        raise BackupError(
            f"The backup could not be written to {folder} ({why}). Older backups are as they were."
        ) from error


def _write(db: Connection, files: Iterable[KeptFile], file: Path, passphrase: str, at: str, board: str) -> Backup:
    """A backup, whole or not at all, and read again."""
    part = file.with_name(f".{file.name}.part")
    salt = MAGIC + bytes([FORM]) + secrets.token_bytes(SALT_BYTES - len(MAGIC) - 1)
    with _writing_to(file.parent):
        try:
            _copy(db, part, quoted(_key(passphrase, salt)), (at, board, files))
            _reach_the_disk(part)
            with _opened(part, passphrase) as written:
                backup = _described(written)
            part.replace(file)
            _reach_the_disk(file.parent)
            return backup
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


def _copy(db: Connection, target: Path, key: str, added: tuple[str, str, Iterable[KeptFile]] | None = None) -> None:
    """Copies the store into a new file, as it is at one moment. `key` as SQL; `added`: what makes a backup of it."""
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    db.execute(f"ATTACH ? AS fresh KEY {key}", (str(target),))
    try:
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
            raise BackupError(f"The passphrase does not open {file}.") from error
        raise BackupError(f"{broken} ({error})") from error
    finally:
        db.close()


def _check(db: Connection, file: Path, pages: int, broken: str) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
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


def _forget_in(file: Path, passphrase: str, made: Made, folder: Path) -> Made:
    """Has an older backup forget what the newest has forgotten. `folder`: for a store that needs some room."""
    name, gone = made.backup.name, made.backup.gone
    try:
        older = inspect(file, passphrase)
        if (lineage.GONE, older.name) in gone:
            with _writing_to(file.parent):
                file.unlink()
            return replace(made, removed=made.removed + 1)
        since = set(gone) - set(older.gone)
        if older.name != name or not since:
            return made
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=folder) as place:
            fresh, key = Path(place, "memory.db"), secrets.token_hex(32)  # a key that nobody keeps
            unpack(file, passphrase, fresh, key)
            with contextlib.closing(open_database(fresh, key)) as db:
                forget_again(db, since)
                files = (one for one in kept_files(file, passphrase) if _is_wanted(db, one.name))
                _write(db, files, file, passphrase, older.at.isoformat(), older.board)
    except BackupError:
        return replace(made, unopened=made.unopened + 1)
    return replace(made, forgot=made.forgot + 1)


def _is_wanted(db: Connection, name: str) -> bool:
    """Not the sound of a turn that is gone."""
    sound = re.fullmatch(r"audio/(.+)\.wav", name)
    return not sound or db.execute("SELECT 1 FROM turn WHERE id = ?", (sound[1],)).fetchone() is not None


def _key(passphrase: str, salt: bytes) -> str:
    """The key and the salt, as SQLCipher takes them."""
    made = hashlib.scrypt(passphrase.encode(), salt=salt, n=SCRYPT_ROUNDS, r=SCRYPT_BLOCK, p=1, maxmem=2**26, dklen=32)
    return made.hex() + salt.hex()


def _reach_the_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
