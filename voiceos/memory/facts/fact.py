"""A fact, and a claim: what was said of whom, since when it holds, and in which words it was said."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voiceos.store.records import OWNER, Kind


class Origin(StrEnum):
    """Who found a fact in the words."""

    RULE = "rule"
    MODEL = "llm"
    TOLD = "told"  # the owner asked for it to be remembered, or corrected


@dataclass(frozen=True, slots=True)
class Claim:
    """A fact as it was found in a text, before it is kept."""

    subject: str
    """`OWNER`, a name, or who it is to the owner: "sister"; a thing: "spare key"."""
    predicate: str
    object: str
    start: int
    """Its words, as characters of the text."""
    end: int
    positive: bool = True
    starts: datetime | None = None
    """From when it holds, if the words say so."""
    ends: datetime | None = None
    confidence: float = 0.9
    withdraws: bool = False
    """It was never true: "we didn't move after all"."""
    amends: bool = False
    """It replaces what was said just before: "sorry, it's the fifth"."""
    told: bool = False
    """ "Remember that …" """


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was stated."""

    id: int
    subject: str
    predicate: str
    object: str
    positive: bool
    valid_from: datetime | None
    """None: nobody said since when."""
    valid_to: datetime | None
    learnt_at: datetime
    retracted_at: datetime | None
    """When it turned out to be wrong."""
    record_id: int
    start: int
    end: int
    quote: str
    """Its words, verbatim."""
    said_by: str
    said_at: datetime | None
    kind: Kind
    confidence: float
    origin: Origin
    superseded_by: int | None


def as_sentence(fact: Fact) -> str:
    """Its source, as spoken: You told me on 3 May 2025: "we moved to Lyon"."""
    on = f" on {fact.said_at.day} {fact.said_at:%B %Y}" if fact.said_at else ""
    if fact.said_by == OWNER:
        who = "You told me" if fact.kind is Kind.SAID else "You wrote"
    else:
        who = f"{fact.said_by or 'Somebody'} {'said' if fact.kind is Kind.SAID else 'wrote'}"
    return f'{who}{on}: "{fact.quote.strip().rstrip(".,;")}".'
