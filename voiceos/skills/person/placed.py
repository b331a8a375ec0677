"""Whether a thing is where a question asks if it is: by the last sentence that says where it is, or who has it."""

import re
from dataclasses import dataclass
from datetime import datetime

from voiceos.core import Recalled
from voiceos.language.data import pattern
from voiceos.language.terms import Analyzer, words
from voiceos.memory.facts.turned import statements
from voiceos.memory.facts.vocabulary import content, is_relation
from voiceos.skills.person.wanted import wanted_in
from voiceos.skills.person.worded import worded
from voiceos.store.database import Connection

DATA = "told"
LAST = 2
"""Sentences that are told."""
_terms = Analyzer("en")


@dataclass(frozen=True, slots=True)
class Placed:
    """The last sentence that says where a thing is."""

    line: Recalled
    holds: bool | None
    """Whether it is there; None: it is said to be elsewhere now, and was never said to be there."""


def placed(db: Connection, question: str, now: datetime) -> Placed | None:
    """None: it asks about no place of a thing, or nobody said where that is."""
    found = next(filter(None, (pattern("en", DATA, "put").match(one) for one, _ in statements(question))), None)
    if not found or any(map(is_relation, words(found["thing"]))):
        return None
    place, told = set(content(found["place"])), _told_of(db, found["thing"], now)
    if not told or not place:
        return None
    if place.issubset(_terms(_so(told[0].text))):
        return Placed(told[0], holds=True)
    before = any(place.issubset(_terms(one.text)) for one in told)
    return Placed(told[0], holds=False if before else None)


def last_placed(db: Connection, question: str, now: datetime) -> list[Recalled]:
    """Where a thing is said to be last, and before, where that changed; empty: it did not, or none of it is asked."""
    found = pattern("en", DATA, "where_put").match(question.replace("’", "'"))
    if not found or any(map(is_relation, words(found["thing"]))):
        return []
    told = _told_of(db, found["thing"], now)
    changed = len(told) > 1 and pattern("en", DATA, "held").search(told[0].text)
    return told[:LAST] if changed else []


def _told_of(db: Connection, thing: str, now: datetime) -> list[Recalled]:
    """The sentences that say where it is, or who has it, the newest first; none that tells of any such thing."""
    return [one for one in worded(db, wanted_in(thing, {}), {}, now) if _tells_place(one.text, thing)]


def _tells_place(sentence: str, thing: str) -> bool:
    of_any = re.search(rf"\b(?:an?|new) {re.escape(thing)}\b", sentence, re.IGNORECASE)
    return not of_any and pattern("en", DATA, "puts").search(sentence) is not None


def _so(sentence: str) -> str:
    """A sentence without what it says is not so."""
    return pattern("en", DATA, "not_so").sub(" ", sentence)
