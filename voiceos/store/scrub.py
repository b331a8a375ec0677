"""Ends an erasure: what was deleted leaves the log, the free pages, and the unused bytes of every page."""

import logging
import subprocess
import sys
import time
from pathlib import Path

from voiceos.errors import StoreError
from voiceos.store import slack
from voiceos.store.driver import Connection, Error, file_of, wait_for_locks

log = logging.getLogger(__name__)

WIPE_SECONDS = 600.0
"""Longer than the largest file that a board holds takes."""
RETRY_SECONDS = 0.1
VACUUMED_BYTES = 64_000_000
"""An encrypted file up to this size is written anew, in memory; in a larger one the unused bytes of its pages stay as
they are, unreadable without the key."""


CHECKPOINT_SECONDS = 0.25


def mark(db: Connection) -> None:
    """Notes, with the deletion and in its transaction, that there is something to scrub."""
    db.execute("INSERT OR IGNORE INTO erasing (id, since) VALUES (1, unixepoch())")


def scrub(db: Connection, *, patience_seconds: float = 5.0) -> bool:
    """Leaves no trace of what was deleted. False: another process is reading, and the next start will finish it.

    Raises the driver's errors.
    """
    path = file_of(db)
    _forget_copies(path)
    until = time.monotonic() + patience_seconds
    while True:
        if _emptied(db) and _wiped(db, path):
            _emptied(db)
            return True
        if time.monotonic() >= until:
            log.info("What was forgotten is still in files that another process reads; the next start finishes this.")
            return False
        time.sleep(RETRY_SECONDS)


def _emptied(db: Connection) -> bool:
    """Whether the log could be carried over into the file, and cut to nothing: not while somebody reads from it."""
    wait_for_locks(db, CHECKPOINT_SECONDS)  # `scrub` has the patience, and asks again
    try:
        (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except Error as error:
        if "locked" in str(error):
            return False
        raise
    finally:
        wait_for_locks(db)
    return not busy


def _wiped(db: Connection, path: Path) -> bool:
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat4'").fetchone():
        db.execute("DELETE FROM sqlite_stat4")  # samples of indexed words
        return False
    db.execute("BEGIN IMMEDIATE")
    try:
        log_file = Path(f"{path}-wal")
        if log_file.exists() and log_file.stat().st_size:  # somebody wrote in between
            db.execute("ROLLBACK")
            return False
        plain = _wipe(path)
        if plain:
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
        raise StoreError(
            f"What was forgotten could not be wiped from {path} ({done.stderr[-200:].strip()}); try again."
        )
    return done.returncode == 0


def _forget_copies(path: Path) -> None:
    """Nothing can be erased from a damaged copy; all that was readable of it has been carried over."""
    for copy in path.parent.glob(f"{path.stem}.damaged-*"):
        copy.unlink(missing_ok=True)
