"""The source of a memory in spoken words, and memories as the mind gets them."""

from dataclasses import replace
from datetime import time

from voiceos.core import Recalled
from voiceos.language.said_times import said_clock
from voiceos.language.sentences import say
from voiceos.memory.facts.fact import Fact
from voiceos.store.ledger import Excerpt
from voiceos.store.records import OWNER, Kind, Record
from voiceos.store.rows import Kept

LONGEST_WHOLE = 200
"""Characters of a record that is quoted whole, not only the words of a fact: "in August" may stand behind them."""


def source_name(record: Record) -> str:
    """ "your note Boiler"; empty for what somebody said, who is named instead."""
    title, kind = _said_title(record.title), record.kind
    if kind is Kind.MAIL:
        author = record.author or say("sources.somebody")
        who = say("sources.own_mail" if author == OWNER else "sources.mail", author=author)
        return say("sources.titled", source=who, title=title) if title else who
    key = _SAID_OF.get(kind)
    return say(f"sources.{key}", title=title).strip() if key else ""


def _said_title(title: str) -> str:
    """ "Lake > Morning", the headings over a passage, as one says it; a file named like its heading is named once."""
    parts = {part.casefold(): part for part in title.strip().split(" > ")}
    return ", ".join(parts.values())


_SAID_OF = {
    Kind.NOTE: "note",
    Kind.DOCUMENT: "document",
    Kind.EVENT: "calendar",
    Kind.REPLACED: "calendar",
    Kind.CONTACT: "contacts",
    Kind.ROW: "table",
}


def author_name(author: str) -> str:
    return say("sources.you") if author in (OWNER, "") else author


def of_excerpt(excerpt: Excerpt, score: float) -> Recalled:
    """A passage as a memory."""
    return _memory(f"passage:{excerpt.passage.id}", excerpt.text, excerpt.kept, score)


def of_record(kept: Kept, score: float) -> Recalled:
    """A whole record as a memory."""
    record = kept.record
    untold = record.kind is Kind.EVENT and record.title not in record.text
    text = f"{record.title}. {record.text}".strip() if untold else record.text
    return _memory(f"record:{kept.id}", text, kept, score)


def of_fact(fact: Fact, kept: Kept, score: float) -> Recalled:
    """A fact as a memory: the words that it came from."""
    text = kept.record.text if len(kept.record.text) <= LONGEST_WHOLE else fact.quote
    memory = _memory(f"fact:{fact.id}", text, kept, score)
    return replace(memory, author=author_name(fact.said_by), at=fact.said_at)


def _memory(id: str, text: str, kept: Kept, score: float) -> Recalled:
    record = kept.record
    at = record.at.astimezone() if record.at and record.kind is Kind.EVENT else None
    if at and at.time() != time.min:  # else it takes the whole day
        text = say("sources.event", time=said_clock(at), text=text)
    return Recalled(id, text, kept.id, source_name(record), author_name(record.author), record.at, score)
