"""Conversations as records: the owner's words, to be searched, and those of a reply that were heard."""

from dataclasses import replace
from datetime import datetime

from voiceos.core import Turn
from voiceos.store.database import Connection
from voiceos.store.ledger import Ledger
from voiceos.store.records import ASSISTANT, OWNER, Kind, Record, Source
from voiceos.store.rows import clean

CONVERSATIONS = Source("voiceos:conversations", "conversations", "Conversations")


def words_heard(turn_id: str, conversation: str, text: str) -> Record | None:
    """The owner's side of a turn; None when nothing was said."""
    return Record(Kind.SAID, f"{turn_id}/heard", text, author=OWNER, thread=conversation) if text.strip() else None


def words_said(turn_id: str, conversation: str, text: str) -> Record | None:
    """The assistant's side of a turn, as far as it was heard; None when nothing was."""
    return Record(Kind.REPLY, f"{turn_id}/said", text, author=ASSISTANT, thread=conversation) if text.strip() else None


def record_of_words(turn: Turn, at: datetime) -> tuple[Source, Record]:
    """What the owner says in a turn that is not finished, as the record that it will be kept as."""
    text = turn.transcript.text if turn.transcript else ""
    return CONVERSATIONS, Record(Kind.SAID, f"{turn.id}/heard", text, author=OWNER, thread=turn.conversation, at=at)


def keep_words(db: Connection, words: Record, at: datetime) -> int:
    """Enters words into the ledger, said at that time; those that are there already stay. Returns the record's id."""
    ledger = Ledger(db)
    there = db.execute(
        "SELECT id, text FROM record WHERE source_id = ? AND key = ?", (ledger.source_id(CONVERSATIONS), words.key)
    ).fetchone()
    if there and there["text"] == clean(words.text):
        return there["id"]
    return ledger.add(CONVERSATIONS, [replace(words, at=at)]).ids[0]
