"""Backups: the whole store and its files in one encrypted file, verified after writing; old ones forget, too."""

import contextlib
import json
import re
import secrets
import socket
import tempfile
from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from voiceos.clock import local_time
from voiceos.errors import BackupError
from voiceos.store import lineage
from voiceos.store.backup_file import Backup, KeptFile, inspect, kept_files, reach_the_disk, unpack, write
from voiceos.store.database import open_database, refuse_wrong_key
from voiceos.store.driver import Connection, DatabaseError, Error, connection, transaction
from voiceos.store.forgetting import Unwanted, forget
from voiceos.store.whole import told

SUFFIX = ".voiceos-backup"
ROWS = ("act", "schedule", "list", "list_item", "permission")
"""Tables of which single rows are forgotten."""


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
    with _writing_to(file.parent):
        try:
            write(db, files, part, passphrase, at, board)
            backup = inspect(part, passphrase)
            part.replace(file)
            reach_the_disk(file.parent)
            return backup
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


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
