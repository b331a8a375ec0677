"""One process owns the store at a time. A second one is told which."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from voiceos.errors import StoreError
from voiceos.store.whole import told

LOCK = "memory.lock"


class InUse(StoreError):
    """Another process owns the store."""


@contextmanager
def own(folder: Path, by: str) -> Generator[None]:
    """Owns the store in a folder until left. `by`: the command, such as "voiceos run".

    Raises InUse when another process owns it, StoreError when the folder cannot be used. The system releases it when
    its owner dies, however it dies.
    """
    with told(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid, _, other = os.pread(handle, 1000, 0).decode(errors="replace").strip().partition(" ")
            who = f"`{other}` (process {pid})" if other else "another process"
            raise InUse(f"The memory is in use by {who}. Wait for its end, or end it first.") from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()} {by}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
