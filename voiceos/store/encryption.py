"""The memory's key; encrypts, decrypts or re-keys the database without leaving a plain copy behind."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from voiceos.config.secret import read_secret
from voiceos.errors import ConfigError, StoreError
from voiceos.store.database import open_database
from voiceos.store.driver import SMALL_PAGE_BYTES, connection, quoted
from voiceos.store.whole import beside, told

CREDENTIAL = "voiceos-memory-key"
"""The systemd credential that holds the key."""
CHUNK = bytes(1 << 20)


def read_key(file: Path | None, environment: Mapping[str, str] = os.environ) -> str | None:
    """The key from a file of mode 0600, else from systemd's credential; None if there is neither.

    64 hexadecimal digits are the key itself, anything else is a passphrase. Raises ConfigError.
    """
    secret = read_secret(file, "memory.key_file", CREDENTIAL, environment)
    return checked(*secret) if secret else None


def new_key(file: Path) -> str:
    """Makes a key and writes it into a new file of mode 0600. Raises StoreError when there is such a file."""
    key = secrets.token_hex(32)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise StoreError(f"{file} already exists. Choose another file for the key.") from None
    except OSError as error:
        raise StoreError(f"Cannot write {file} ({error.strerror}). Choose another place.") from error
    with os.fdopen(handle, "w") as out:
        out.write(f"{key}\n")
        out.flush()
        os.fsync(out.fileno())
    return key


def recode(path: Path, old: str | None, new: str | None) -> None:
    """Encrypts (`old` None), decrypts (`new` None) or re-keys the database at `path`, which nobody has open.

    The new file is finished before it takes the old one's place; the old one is overwritten. Raises StoreError.
    """
    open_database(path, old).close()  # removes leftovers of an unfinished erasure
    fresh = beside(path, "recoded")
    with told(path):
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        db = connection(path, old)
        try:
            db.execute("PRAGMA journal_mode = DELETE")  # only succeeds if nobody else has it open
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            (version,) = db.execute("PRAGMA user_version").fetchone()
            db.execute(f"ATTACH ? AS fresh KEY {quoted(new) if new else repr('')}", (str(fresh),))
            if not new:
                db.execute(f"PRAGMA fresh.page_size = {SMALL_PAGE_BYTES}")
            db.execute("SELECT sqlcipher_export('fresh')").fetchall()
            db.execute(f"PRAGMA fresh.user_version = {version}")
            db.execute("DETACH fresh")
        finally:
            db.close()
        replace_store(path, fresh)
    open_database(path, new).close()


def replace_store(path: Path, fresh: Path) -> None:
    """Puts a finished database in the place of another, whose bytes are overwritten. Nobody has either open."""
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())
    with path.open("rb+") as old:  # keeps hold of what is about to have no name
        fresh.replace(path)
        left = os.fstat(old.fileno()).st_size
        while left > 0:
            left -= old.write(CHUNK[:left])
        old.flush()
        os.fsync(old.fileno())


def checked(file: Path, content: bytes) -> str:
    """The key in a file. Raises ConfigError if the file holds no key, or more than a key."""
    try:
        key = content.decode().strip()
    except UnicodeDecodeError:
        key = ""
    if not key or not key.isprintable():
        raise ConfigError(f"The key file {file} must contain only the key, on one line.")
    return key
