"""What would be erased of what a person wants forgotten, passage by passage: what says it, and nothing beside it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from voiceos.core import Recalled
from voiceos.language.terms import Analyzer
from voiceos.memory.recall import mentions, things
from voiceos.memory.recall.choice import is_question
from voiceos.memory.recall.periods import Period
from voiceos.memory.recall.provenance import of_record
from voiceos.memory.recall.question import ask
from voiceos.memory.recall.rest import rest_of
from voiceos.memory.recall.things import Things
from voiceos.store.database import Connection
from voiceos.store.ledger import Ledger
from voiceos.store.passages import cut, sentences
from voiceos.store.records import Kind
from voiceos.store.rows import Kept

TEXTS = (Kind.NOTE, Kind.DOCUMENT, Kind.MAIL, Kind.MESSAGE)
"""Records that make sense without one of their sentences."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is erased once the owner says yes."""

    told: Sequence[Recalled] = ()
    """What is announced, each in its own words."""
    records: Sequence[int] = ()
    """Those that go whole."""
    cuts: Mapping[int, Sequence[str]] = field(default_factory=dict[int, Sequence[str]])
    """Words that go from records that stay."""
    rests: Mapping[int, str] = field(default_factory=dict[int, str])
    """What records that go say besides, in sentences of its own, which are kept."""
    turns: Sequence[str] = ()
    replies: Sequence[str] = ()
    """Turns of which only the reply goes."""
    sources: Sequence[str] = ()
    """Files of which nothing is there but the name."""
    questions: int = 0
    """How many of the records only ask."""
    things: Things = field(default_factory=Things)
    """On lists, due, and the receipts of acts."""
    of_time: bool = False
    """Whether the topic is only a time: then it is what was said then."""


def about(db: Connection, topic: str, analyze: Analyzer, now: datetime) -> Erasure:
    """Every sentence, record and reply that mentions a topic."""
    asked = ask(topic, analyze, now)
    wanted, of_time = set(asked.topic), bool(asked.periods) and asked.topic == asked.terms
    kept = Ledger(db).records(_said_in(db, asked.periods) if of_time else mentions.records(db, topic, analyze, now))
    told, records, cuts, questions = list[Recalled](), list[int](), dict[int, Sequence[str]](), 0
    rests = dict[int, str]()
    replies = _replies(db, [id for id, one in kept.items() if one.record.kind is Kind.REPLY])
    for id, one in sorted(kept.items(), key=lambda item: (item[1].record.at is None, item[1].record.at, item[0])):
        memory, kind = of_record(one, 1.0), one.record.kind
        if kind is Kind.REPLY and id in replies:
            continue
        if kind in TEXTS and (words := _saying(one, wanted, analyze)):
            cuts[id] = words
            told += [replace(memory, text=some) for some in words]
            continue
        records.append(id)
        if kind is Kind.SAID and not of_time and (rest := rest_of(one.record.text, wanted, analyze)):
            rests[id] = rest
        if is_question(memory):
            questions += 1
        elif kind not in (Kind.REPLACED, Kind.REPLY):
            told.append(memory)
    unread = mentions.unread(db, topic, analyze, now)
    held = Things() if of_time else things.about(db, wanted, analyze)
    return Erasure(told, records, cuts, rests, (), list(replies.values()), unread, questions, held, of_time)


def _said_in(db: Connection, periods: Sequence[Period]) -> list[int]:
    """What was said at some times, by both sides."""
    query = "SELECT id FROM record WHERE kind IN ('said', 'reply') AND at >= ? AND at < ?"
    return [row["id"] for one in periods for row in db.execute(query, (one.start, one.end))]


def of_memories(db: Connection, memories: Sequence[Recalled]) -> Erasure:
    """These memories: a passage of a text by itself, anything else whole."""
    kept = Ledger(db).records(memory.record_id for memory in memories)
    told, records, cuts = list[Recalled](), list[int](), dict[int, list[str]]()
    for memory in memories:
        one = kept.get(memory.record_id)
        if one and one.record.kind in TEXTS and memory.text in one.record.text and memory.text != one.record.text:
            cuts.setdefault(one.id, []).append(memory.text)
            told.append(memory)
        elif one and one.id not in records:
            records.append(one.id)
            told.append(of_record(one, 1.0))
    return Erasure(told, records, cuts)


def _saying(one: Kept, wanted: set[str], analyze: Analyzer) -> list[str]:
    """The sentences of a text that hold all of these terms, or all that its title does not hold, or the passages;
    empty: it can only go whole."""
    text = one.record.text
    inside = wanted - set(analyze(one.record.title))
    if not inside:
        return []
    for terms, spans in ((wanted, sentences(text)), (inside, sentences(text)), (wanted, cut(text))):
        found = [text[begin:end] for begin, end in spans if terms <= set(analyze(text[begin:end]))]
        if found:
            return found if len("".join(found)) < len(text.strip()) else []
    return []


def _replies(db: Connection, records: Sequence[int]) -> dict[int, str]:
    """The turns of these replies."""
    rows = db.execute(
        "SELECT id, said_record FROM turn WHERE said_record IN (SELECT value FROM json_each(?))",
        (json.dumps(list(records)),),
    )
    return {row["said_record"]: row["id"] for row in rows}
