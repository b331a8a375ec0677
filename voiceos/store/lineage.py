"""What a store is called, and what was forgotten in it: numbers without a word, so that old backups forget it, too."""

import secrets
from collections.abc import Iterable

from voiceos.store.driver import Connection

NAME, GONE = "name", "gone"
"""The store's own name; names of stores of which everything was forgotten. Other kinds are tables, and `reply`."""


def name_of(db: Connection) -> str:
    """A random name, given once. Backups and what they were made of share it."""
    row = db.execute("SELECT what FROM lineage WHERE kind = ?", (NAME,)).fetchone()
    if row is None:
        db.execute("INSERT INTO lineage (kind, what) VALUES (?, ?)", (NAME, secrets.token_hex(8)))
        return name_of(db)
    return str(row["what"])


def note_forgotten(db: Connection, kind: str, ids: Iterable[int | str]) -> None:
    """Notes the ids of rows that are erased, within the caller's transaction."""
    rows = [(kind, str(id)) for id in ids]
    db.executemany("INSERT OR IGNORE INTO lineage (kind, what) VALUES (?, ?)", rows)


def note_all_forgotten(db: Connection) -> None:
    """Everything is erased, within the caller's transaction: another store begins, which has no past."""
    db.execute("DELETE FROM lineage WHERE kind NOT IN (?, ?)", (NAME, GONE))
    db.execute("UPDATE OR IGNORE lineage SET kind = ? WHERE kind = ?", (GONE, NAME))


def forgotten(db: Connection) -> set[tuple[str, str]]:
    """All that was forgotten, as kinds and ids."""
    return {(row["kind"], row["what"]) for row in db.execute("SELECT kind, what FROM lineage WHERE kind <> ?", (NAME,))}
