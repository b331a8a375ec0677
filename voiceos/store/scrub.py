"""Completes an erasure: removes deleted data from the log, the free pages, and the unused bytes of every page."""

import logging
import subprocess
import sys
from pathlib import Path

from voiceos.errors import StoreError
from voiceos.store import slack
from voiceos.store.driver import BUSY_SECONDS, Connection, file_of

log = logging.getLogger(__name__)

WIPE_SECONDS = 600.0
"""Longer than the largest file that a board holds takes."""
VACUUMED_BYTES = 64_000_000
"""An encrypted file up to this size is rewritten, in memory; in a larger one the unused bytes of its pages stay as
they are, unreadable without the key."""
ATTEMPTS = 3
CHECKPOINT_SECONDS = 2
"""How long to wait for readers: a question takes a few milliseconds."""


def mark(db: Connection) -> None:
    """Notes, with the deletion and in its transaction, that there is something to scrub."""
    db.execute("INSERT OR IGNORE INTO erasing (id, since) VALUES (1, unixepoch())")


def scrub(db: Connection) -> bool:
    """Removes every trace of what was deleted. False: something kept reading, and the next start will finish it.

    Raises the driver's errors.
    """
    path = file_of(db)
    for copy in path.parent.glob(f"{path.stem}.damaged-*"):
        copy.unlink(missing_ok=True)  # nothing can be erased from it, and everything readable has been copied
    with db.writing:
        for _ in range(ATTEMPTS):
            if not _emptied(db):
                break
            if _wiped(db, path):
                if _emptied(db):
                    return True
                break
    log.info("Traces of erased data remain in files that are being read. The next start removes them.")
    return False


def _emptied(db: Connection) -> bool:
    """Whether the log could be carried over into the file, and cut to nothing: not while somebody reads from it."""
    db.execute(f"PRAGMA busy_timeout = {1000 * CHECKPOINT_SECONDS}")
    try:
        (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        db.execute(f"PRAGMA busy_timeout = {int(1000 * BUSY_SECONDS)}")
    return not busy


def _wiped(db: Connection, path: Path) -> bool:
    """False: somebody wrote meanwhile."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat4'").fetchone():
        db.execute("DELETE FROM sqlite_stat4")  # samples of indexed words
        return False
    db.execute("BEGIN IMMEDIATE")
    try:
        if Path(f"{path}-wal").stat().st_size:
            db.execute("ROLLBACK")
            return False
        if plain := _wipe(path):
            db.execute("PRAGMA shrink_memory")  # pages as they were before, which a later change would write back
            db.execute("DELETE FROM erasing")  # a change, so that other connections drop theirs, too
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    if not plain:
        if path.stat().st_size <= VACUUMED_BYTES:
            db.execute("VACUUM")
        db.execute("DELETE FROM erasing")
    return True


def _wipe(path: Path) -> bool:
    """False: the file is encrypted."""
    command = [sys.executable, "-I", "-S", slack.__file__, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WIPE_SECONDS, check=False)
    if done.returncode not in (0, slack.ENCRYPTED):
        raise StoreError(f"Could not wipe erased data from {path} ({done.stderr[-200:].strip()}). Try again.")
    return done.returncode == 0
