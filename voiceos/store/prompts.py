"""Saved prompts: what a person has asked for, kept under a name in that person's own words."""

from dataclasses import dataclass
from datetime import UTC, datetime

from voiceos.store.database import Connection, Row, file_of, told, transaction
from voiceos.store.rows import clean


@dataclass(frozen=True, slots=True)
class Saved:
    """A prompt. Each person has their own."""

    name: str
    """In plain words, as it is said."""
    text: str
    """The words of whoever saved it."""
    who: str
    turn: str = ""
    """The id of the turn in which it was saved; empty: it was typed at a command."""
    made_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    id: int = 0


def prompts(db: Connection, who: str = "") -> list[Saved]:
    """Those of one person, or all of them, the oldest first. Raises StoreError, as all of these do."""
    with told(file_of(db)):
        rows = db.execute("SELECT * FROM prompt WHERE ? IN ('', who) ORDER BY made_at, name", (who,)).fetchall()
    return [_saved(row) for row in rows]


def save_prompt(db: Connection, prompt: Saved) -> Saved | None:
    """Keeps it in place of this person's other of its name, which is returned."""
    with told(file_of(db)), transaction(db):
        where = (clean(prompt.name), prompt.who)
        before = db.execute("SELECT * FROM prompt WHERE name = ? AND who = ?", where).fetchone()
        db.execute(
            "INSERT OR REPLACE INTO prompt (name, who, text, turn, made_at) VALUES (?, ?, ?, ?, ?)",
            (*where, clean(prompt.text), prompt.turn, prompt.made_at.timestamp()),
        )
    return _saved(before) if before else None


def remove_prompt(db: Connection, name: str, who: str) -> bool:
    """Returns whether there was one."""
    with told(file_of(db)), transaction(db):
        return bool(db.execute("DELETE FROM prompt WHERE name = ? AND who = ?", (name, who)).rowcount)


def _saved(row: Row) -> Saved:
    made_at = datetime.fromtimestamp(row["made_at"], UTC)
    return Saved(row["name"], row["text"], row["who"], row["turn"], made_at, row["id"])
