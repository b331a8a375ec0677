"""Makes the assistant of a backup the assistant of this machine; whole, or everything stays as it was."""

import contextlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from voiceos.errors import BackupError
from voiceos.store import lineage
from voiceos.store.backup_file import Backup, KeptFile, kept_files, unpack
from voiceos.store.backups import forget_again
from voiceos.store.database import open_database
from voiceos.store.driver import Connection, Error, connection, transaction
from voiceos.store.encryption import replace_store
from voiceos.store.whole import beside, told

SETTINGS = "config.toml"
FOLDERS = ("audio", "tools", "wake")
"""Of the data folder: the sound of turns, what is known of servers of tools, and the wake words that were learnt."""
APART = 1_000_000
"""Ids are not given again that the other board may have given since."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored."""

    backup: Backup
    aside: Path | None = None
    """Where the settings that were here are now; None: there were none, or the same."""


def files_of(folder: Path, settings: Path) -> Iterator[KeptFile]:
    """The files of a data folder that belong into a backup, and the settings."""
    paths = [(file, str(file.relative_to(folder))) for one in FOLDERS for file in sorted((folder / one).rglob("*"))]
    for path, name in [*paths, (settings, SETTINGS)]:
        with contextlib.suppress(FileNotFoundError):  # forgotten meanwhile
            if path.is_file() and not path.is_symlink():
                yield KeptFile(name, path.stat().st_mode & 0o777, path.read_bytes())


def restore(file: Path, passphrase: str, store: Path, key: str | None, settings: Path) -> Restored:
    """The caller owns the store. What is there is replaced; what was forgotten there is not brought back.

    Raises BackupError, StoreError.
    """
    folder, fresh = store.parent, beside(store, "restored")
    with told(store):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            backup = unpack(file, passphrase, fresh, key)
            name, gone = _here(store, key)
            if (lineage.GONE, backup.name) in gone:
                raise BackupError(f"{file} was made before everything was forgotten here, so it was not restored.")
            with contextlib.closing(open_database(fresh, key)) as db:
                # Ids mean the same only within one assistant's life.
                since = {one for one in gone - set(backup.gone) if name == backup.name or one[0] == lineage.GONE}
                forget_again(db, since)
                _keep_ids_apart(db)
            aside = _place(kept_files(file, passphrase), folder, settings)
            _take_over(store, fresh, key)
        finally:
            for left in folder.glob(f"{fresh.name}*"):
                left.unlink(missing_ok=True)
        _hand_over(folder)
    return Restored(backup, aside)


def _here(store: Path, key: str | None) -> tuple[str, set[tuple[str, str]]]:
    """The name of the store that is here, and what was forgotten in it; nothing, if it cannot be read."""
    if not store.exists():
        return "", set()
    with contextlib.closing(connection(store, key)) as db, contextlib.suppress(Error):
        return lineage.name_of(db), lineage.forgotten(db)
    return "", set()


def _keep_ids_apart(db: Connection) -> None:
    with transaction(db):
        # The chain of acts goes on where it was: nothing else names its links, and a gap in it is a missing link.
        db.execute("UPDATE sqlite_sequence SET seq = seq + ? WHERE name <> 'act_link'", (APART,))


def _place(files: Iterable[KeptFile], folder: Path, settings: Path) -> Path | None:
    """Writes the files of a backup, each whole or not at all. Settings that are here stay beside them."""
    aside = None
    for one in files:
        if one.name == SETTINGS:
            if settings.exists() and settings.read_bytes() != one.content:
                aside = settings.with_name(f"{settings.name}.before-restore")
                shutil.copy2(settings, aside)
            _write(settings, one)
        elif re.fullmatch(rf"({'|'.join(FOLDERS)})(/[^/\0]+)+", one.name) and ".." not in one.name.split("/"):
            _write(folder / one.name, one)
    return aside


def _write(path: Path, file: KeptFile) -> None:
    """As private as it was; where one is replaced, with its owner."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(file.content)
    part.chmod(file.mode)
    if path.exists() and os.geteuid() == 0:
        was = path.stat()
        os.chown(part, was.st_uid, was.st_gid)
    part.replace(path)


def _take_over(store: Path, fresh: Path, key: str | None) -> None:
    """Puts the new store in the place of the old one, whose log must not be taken for its own."""
    if not store.exists():
        fresh.replace(store)
        return
    with contextlib.suppress(Error), contextlib.closing(connection(store, key)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for ending in ("-wal", "-shm", "-suspect"):
        store.with_name(f"{store.name}{ending}").unlink(missing_ok=True)
    replace_store(store, fresh)


def _hand_over(folder: Path) -> None:
    """What root has restored belongs to the service, as its folder does."""
    if os.geteuid() == 0:
        owner, folders = folder.stat(), [folder / name for name in FOLDERS]
        inside = [file for one in folders for file in one.rglob("*")]
        for one in (*folder.glob("memory.*"), *folders, *inside):
            if one.exists():
                os.chown(one, owner.st_uid, owner.st_gid)
