"""The nouns of the memory: sources, their records word for word, and passages to search."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from voiceos.core import OWNER

__all__ = ["ASSISTANT", "CORRECTS", "OWNER", "TAKEN", "Kind", "Passage", "Record", "Source", "index_text"]
TAKEN = "mcp:"
"""Begins the uri of a source that was taken from a server: `mcp:SERVER/URI`."""
CORRECTS = "corrects"
"""In `extra` of the owner's words: what they say is wrong, by uri of the source and key of the record."""
ASSISTANT = "assistant"
"""The author of what the assistant said: kept, never searched, so that nothing it made up comes back as a memory."""


class Kind(StrEnum):
    """What a record is."""

    SAID = "said"  # the owner's side of a turn
    REPLY = "reply"  # the assistant's side of a turn, as far as it was heard
    NOTE = "note"
    DOCUMENT = "document"
    MAIL = "mail"
    MESSAGE = "message"
    EVENT = "event"
    REPLACED = "replaced"  # an event that a newer version replaced, or its cancellation: kept, never searched
    CONTACT = "contact"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Record:
    """One item, word for word: a turn, a message, a mail, a section of a note, an occurrence of an event, a contact."""

    kind: Kind
    key: str
    """Names it within its source, and is the same at each reading: a message id, a heading's path, a UID."""
    text: str
    """Verbatim."""
    title: str = ""
    author: str = ""
    """Who said or wrote it: a name, `OWNER` or `ASSISTANT`; empty when unknown."""
    addressees: tuple[str, ...] = ()
    at: datetime | None = None
    """When it was said or written, or starts; with its zone. None if unknown."""
    until: datetime | None = None
    """When it ends: events only."""
    thread: str = ""
    """The conversation, mail thread or chat that it belongs to: its neighbours share it."""
    place: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What else the source told, JSON-able: {"relation": "sister", "phone": "…"}."""
    who: str = OWNER
    """The id of the person who said it, was told it, or added it."""
    device: str = ""
    """Where it was said; see `Turn.device`."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where records come from: the conversations, or a file."""

    uri: str
    """`voiceos:conversations`, a file's absolute path, or `mcp:SERVER/URI`."""
    kind: str
    """conversations, text, markdown, pdf, epub, html, docx, mail, calendar, contacts, chat, table."""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a record that is searched and quoted as one: a whole short record, or a paragraph of a long one."""

    id: int
    record_id: int
    start: int
    """Characters into the record's text."""
    end: int


def index_text(record: Record, text: str) -> str:
    """A passage as the indexes see it: with its date, who speaks, and what it is part of."""
    date = f"[{record.at.day} {record.at:%B %Y}] " if record.at else ""
    title = f"{record.title}: " if record.title and record.title not in text else ""
    author = f"{record.author}: " if record.author and record.author != OWNER else ""
    return f"{date}{author}{title}{text}"
