"""Conversations as records: what a person said, to be searched, and what of a reply was heard."""

from dataclasses import replace
from datetime import datetime

from voiceos import clock
from voiceos.core import Turn
from voiceos.store.driver import Connection
from voiceos.store.ledger import Ledger
from voiceos.store.records import ASSISTANT, Kind, Record, Source
from voiceos.store.rows import clean

CONVERSATIONS = Source("voiceos:conversations", "conversations", "Conversations")


def heard_in(turn_id: str) -> str:
    """The key of the person's side."""
    return f"{turn_id}/heard"


def said_in(turn_id: str) -> str:
    """The key of the assistant's side."""
    return f"{turn_id}/said"


def words_heard(turn_id: str, conversation: str, text: str, who: str, device: str) -> Record:
    """The person's side of a turn."""
    return Record(Kind.SAID, heard_in(turn_id), text, who=who, device=device, author=who, thread=conversation)


def words_said(turn_id: str, conversation: str, text: str, who: str, device: str) -> Record:
    """The assistant's side of a turn, as far as it was heard."""
    return Record(Kind.REPLY, said_in(turn_id), text, who=who, device=device, author=ASSISTANT, thread=conversation)


def record_of_words(turn: Turn, at: datetime) -> tuple[Source, Record]:
    """What is said in a turn that is not finished, as the record that it will be kept as."""
    text = turn.noted or turn.heard
    return CONVERSATIONS, dated(words_heard(turn.id, turn.conversation, text, turn.who, turn.device), at)


def dated(words: Record, at: datetime) -> Record:
    """Said at that time, if the clock can be right."""
    return replace(words, at=at if clock.is_set() else None)


def keep_words(db: Connection, words: Record, at: datetime) -> int:
    """Enters words into the ledger, said at that time; those that are there already stay. Returns the record's id."""
    ledger = Ledger(db)
    there = db.execute(
        "SELECT id, text FROM record WHERE source_id = ? AND key = ?", (ledger.source_id(CONVERSATIONS), words.key)
    ).fetchone()
    if there and there["text"] == clean(words.text):
        return there["id"]
    return ledger.add(CONVERSATIONS, [dated(words, at)]).ids[0]
