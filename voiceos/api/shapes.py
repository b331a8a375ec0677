"""The shapes of what the host tells its faces."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from voiceos.core import Recalled
from voiceos.memory.facts.fact import Fact as Known
from voiceos.memory.facts.fact import as_sentence
from voiceos.store.rows import Kept
from voiceos.store.turns import TurnRecord


class Fault(BaseModel):
    """Something that went wrong."""

    at: datetime
    text: str


class TurnShape(BaseModel):
    """One past turn."""

    id: str
    conversation: str
    who: str = ""
    device: str = ""
    started_at: datetime
    transcript: str
    language: str
    confidence: float
    reply: str
    said: str
    outcome: str
    error: str
    wake: str
    speech_seconds: float
    marks: dict[str, float]
    engines: dict[str, str]
    voice_to_voice_seconds: float | None
    audio: str = ""
    """The file with what was said, where sound is kept."""


class Memory(BaseModel):
    """Something remembered, with where it comes from."""

    id: str
    score: float
    text: str
    source: str
    author: str
    at: datetime | None
    record: int
    left_out: str
    """Why it was not used; empty where it was."""


class Status(BaseModel):
    """What the assistant is doing."""

    version: str
    process: int
    command: str
    """The command that holds it, such as `voiceos run`."""
    started_at: datetime
    state: str
    """asleep, listening, hearing, thinking or speaking."""
    since: datetime
    voice: Literal["on", "off", "loading"]
    """Whether it can be spoken to; off: there is no sound card, or nobody asked for one."""
    language_model: str
    memory: bool
    jobs: list[str]
    turns: list[TurnShape]
    """The last ones, newest first."""
    faults: list[Fault]
    """The last ones, newest first."""


def turn_shape(turn: TurnRecord, audio: str = "") -> TurnShape:
    return TurnShape(**turn.as_json(), audio=audio)


def memory_shape(memory: Recalled) -> Memory:
    return Memory(
        id=memory.id,
        score=round(memory.score, 4),
        text=memory.text,
        source=memory.source,
        author=memory.author,
        at=memory.at,
        record=memory.record_id,
        left_out=memory.left_out,
    )


class Record(BaseModel):
    """One thing as it was said or written."""

    id: str
    kind: str
    at: datetime | None
    until: datetime | None
    author: str
    title: str
    place: str
    text: str


class Fact(BaseModel):
    """Something that is known, with the words that it came from."""

    id: str
    subject: str
    predicate: str
    object: str
    state: Literal["current", "superseded", "wrong"]
    valid_from: datetime | None
    valid_to: datetime | None
    learnt_at: datetime
    quote: str
    said_by: str
    said_at: datetime | None
    record: int
    confidence: float
    sentence: str
    """As it can be said, with its source."""


def record_shape(kept: Kept) -> Record:
    record = kept.record
    return Record(
        id=f"record:{kept.id}",
        kind=str(record.kind),
        at=record.at,
        until=record.until,
        author=record.author,
        title=record.title,
        place=record.place,
        text=record.text,
    )


def fact_shape(fact: Known) -> Fact:
    return Fact(
        id=f"fact:{fact.id}",
        subject=fact.subject,
        predicate=fact.predicate if fact.positive else f"not {fact.predicate}",
        object=fact.object,
        state="wrong" if fact.retracted_at else "superseded" if fact.superseded_by else "current",
        valid_from=fact.valid_from,
        valid_to=fact.valid_to,
        learnt_at=fact.learnt_at,
        quote=fact.quote,
        said_by=fact.said_by,
        said_at=fact.said_at,
        record=fact.record_id,
        confidence=round(fact.confidence, 3),
        sentence=as_sentence(fact),
    )
