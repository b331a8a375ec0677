"""Completes an erasure: removes deleted data from the log, the free pages, and the unused bytes of every page."""

import logging
import subprocess
import sys
from pathlib import Path

from voiceos.errors import StoreError
from voiceos.store import slack
from voiceos.store.driver import BUSY_SECONDS, Connection, file_of
from voiceos.store.whole import make_room

log = logging.getLogger(__name__)

WIPE_SECONDS = 600.0
"""Longer than the largest file that a board holds takes."""
VACUUMED_BYTES = 64_000_000
"""An encrypted file up to this size is rewritten, in memory; in a larger one the unused bytes of its pages stay as
they are, unreadable without the key."""
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
        if _emptied(db):
            _wipe_all(db, path)
            if _emptied(db):
                make_room(db)
                return True
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


def _wipe_all(db: Connection, path: Path) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
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


def _wipe(path: Path) -> bool:
    """False: the file is encrypted."""
    command = [sys.executable, "-I", "-S", slack.__file__, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WIPE_SECONDS, check=False)
    if done.returncode not in (0, slack.ENCRYPTED):
        raise StoreError(f"Could not wipe erased data from {path} ({done.stderr[-200:].strip()}). Try again.")
    return done.returncode == 0
