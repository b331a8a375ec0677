"""Files that are complete or absent: hashing, atomic writing, locks, and the errors of a full disk."""

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Generator
from pathlib import Path

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
SPARE_BYTES = 32_000_000
"""Room that a download leaves on the disk."""


def sha256_of(path: Path) -> str:
    """Hash of a file, in hex. Takes about a second per gigabyte on a fast machine."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def size_of(path: Path) -> int:
    """Bytes of a file; 0 if it is not there."""
    return path.stat().st_size if path.exists() else 0


def sync_folder(folder: Path) -> None:
    """Makes renames in the folder survive a loss of power."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def put_in_place(finished: Path, target: Path) -> None:
    """Moves a finished file to its place, atomically and durably. Both must be on one file system."""
    with finished.open("rb") as file:
        os.fsync(file.fileno())
    finished.replace(target)
    sync_folder(target.parent)


def write_atomically(path: Path, text: str) -> None:
    """Writes a small file atomically: whatever happens, either the old or the new text is there."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    sync_folder(path.parent)


@contextlib.contextmanager
def locked(path: Path, waiting: Callable[[], None]) -> Generator[None]:
    """Holds a lock between processes; `waiting` is called once if another holds it.

    The wait needs no limit: the kernel frees the lock when its holder ends, and every wait of the holder is limited.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_full(error: OSError) -> bool:
    """Whether this error means that no room is left."""
    return error.errno in _FULL


class NoRoomError(OSError):
    """The disk would be full before `wanted` bytes are on it."""

    def __init__(self, folder: Path, wanted: int) -> None:
        super().__init__(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
        self.wanted = wanted


def require_room(folder: Path, wanted: int) -> None:
    """Raises NoRoomError before a long download instead of at its end. `wanted`: bytes."""
    wanted += SPARE_BYTES
    if shutil.disk_usage(folder).free < wanted:
        raise NoRoomError(folder, wanted)


def megabytes(size: int) -> str:
    """A size for people."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(size / 1e6, 0.1):.1f} MB"
