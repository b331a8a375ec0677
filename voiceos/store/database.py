"""Opens the store's one file: creates it if missing, salvages it if damaged, refuses a wrong key."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

from voiceos.errors import StoreError
from voiceos.store.driver import (
    Connection,
    DatabaseError,
    Derived,
    Error,
    Row,
    connection,
    derived_key,
    file_of,
    is_damage,
    is_open,
    is_plain,
    may_be_encrypted,
    transaction,
)
from voiceos.store.salvage import begin_anew
from voiceos.store.scrub import scrub
from voiceos.store.whole import IN_MEMORY, beside, open_whole, told

__all__ = ["NAME", "Connection", "DatabaseError", "Derived", "Error", "Row", "file_of", "open_database", "told"]
__all__ += ["transaction"]

NAME = "memory.db"


def open_database(path: Path, key: str | None = None, derived: Sequence[Derived] = ()) -> Connection:
    """A connection to the database at `path`. `derived`: what is made from it; each brings its tables.

    It commits by itself; statements that belong together go into `transaction(db)`. Any thread may use it, one at a
    time. A damaged file is salvaged, unless this process has it open already. Raises StoreError.
    """
    with told(path):
        if str(path) == IN_MEMORY:
            return open_whole(path, key, derived)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _tidy(path)
        try:
            db = open_whole(path, key, derived)
        except DatabaseError as error:
            if not is_damage(error) or is_open(path):
                raise
            key = key and derived_key(path, key)
            refuse_wrong_key(path, key)
            begin_anew(path, key)
            db = open_whole(path, key, derived)
            db.salvaged = True
        if db.execute("SELECT 1 FROM erasing").fetchone():  # an unfinished erasure
            scrub(db)
        return db


def _tidy(path: Path) -> None:
    """Ends a rescue that was all but done; half-written copies go."""
    salvaged = beside(path, "salvaged")
    if not path.exists() and salvaged.exists():
        salvaged.replace(path)
    for name in ("salvaged", "recoded", "restored"):
        for left in path.parent.glob(f"{beside(path, name).name}*"):
            left.unlink(missing_ok=True)


def refuse_wrong_key(path: Path, key: str | None) -> None:
    """A wrong or missing key is not damage, so nothing is touched. Raises StoreError."""
    with contextlib.closing(connection(path, key)) as db, contextlib.suppress(DatabaseError):
        db.execute("PRAGMA user_version").fetchone()
        return  # its first page can be read, so the key is right
    if key and is_plain(path):
        raise StoreError(
            f"{path} is not encrypted, but a key is set. Run `voiceos memory encrypt`, or "
            "`voiceos config unset memory.key_file` to keep it unencrypted."
        )
    if may_be_encrypted(path):
        if key:
            raise StoreError(f"The key does not open {path}. Set `memory.key_file` to the one it was encrypted with.")
        raise StoreError(f"{path} is encrypted. Set `memory.key_file` to the file with its key.")
