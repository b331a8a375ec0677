"""The shapes of the host's answers, where the nouns of the rooms below are not enough."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from voiceos.core import voice_to_voice
from voiceos.memory.facts.fact import Fact as Known
from voiceos.memory.facts.fact import as_sentence
from voiceos.store.rows import Kept
from voiceos.store.turns import FIELDS, TurnRecord


@dataclass(frozen=True, slots=True)
class PastTurn(TurnRecord):
    """One past turn, and what is worked out from it."""

    voice_to_voice_seconds: float | None = None
    audio: str = ""
    """The file with the recorded speech, if sound is kept."""


def past_turn(turn: TurnRecord, audio: str = "") -> PastTurn:
    wait = voice_to_voice(turn.marks)
    fields = {name: getattr(turn, name) for name in FIELDS}
    return PastTurn(**fields, voice_to_voice_seconds=None if wait is None else round(wait, 4), audio=audio)


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


def record_shape(kept: Kept) -> Record:
    return Record.model_validate(asdict(kept.record) | {"id": f"record:{kept.id}"})


class Fact(BaseModel):
    """A known fact, with the words it came from."""

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
    record_id: int
    confidence: float
    sentence: str
    """A sentence to speak, with its source."""


def fact_shape(fact: Known) -> Fact:
    told = {
        "id": f"fact:{fact.id}",
        "predicate": fact.predicate if fact.positive else f"not {fact.predicate}",
        "state": "wrong" if fact.retracted_at else "superseded" if fact.superseded_by else "current",
        "sentence": as_sentence(fact),
    }
    return Fact.model_validate(asdict(fact) | told)
