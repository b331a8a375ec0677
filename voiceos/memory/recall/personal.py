"""Whether a question is about the owner's own life, so that nothing but the memory can answer it (English)."""

import json
import re
from collections.abc import Collection

from voiceos.memory.facts.predicates import RELATIONS
from voiceos.store.database import Connection

_ADVICE = re.compile(
    r"\b(?:can|could|should|shall|may|might|must|would) (?:i|we)\b|\bhow (?:do|am|are) (?:i|we)\b"
    r"|\bdo (?:i|we) (?:need|have) to\b|\bwhat (?:if|can|should)\b",
    re.IGNORECASE,
)
"""What others than the owner know."""
_LIFE = re.compile(
    r"\b(?:did|do|have|had|was|were|am|are) (?:i|we)\b"
    r"|\b(?:is|are|was|were|do|does|did|has|have|had|what's|who's|where's|when's|how's) (?:my|our)\b"
    r"|\b(?:name|names|birthday|age|address|number|job|date|time|price|cost) of (?:my|our)\b"
    r"|\b(?:on|in) (?:my|our) (?:calendar|agenda|diary|schedule|notes?|mail|messages|contacts)\b"
    r"|(?<!\ba )(?<!\bthe )\b(?:grandad|granddad|grandpa|grandma|granny|nana|mum|mom|dad)(?:'s)?\b",
    re.IGNORECASE,
)
"""The owner, or what is theirs, is what is asked about."""
_ASKS = re.compile(
    r"^\W*(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have|had|am)\b", re.I
)
_NAME = re.compile(r"(?<=[^\s.!?] )[^\W\d_][^\W\d_]+")


def is_of_life(db: Connection, text: str, authors: Collection[str]) -> bool:
    """By its words, or because it names somebody who is near to the owner, or one of `authors`."""
    text = text.replace("’", "'")
    if not asks(text) or _ADVICE.search(text):
        return False
    if _LIFE.search(text):
        return True
    names = {word.lower() for word in _NAME.findall(text) if word[0].isupper()}
    return bool(names) and (not names.isdisjoint(_words(authors)) or _are_near(db, names))


def asks(text: str) -> bool:
    """Whether somebody asks rather than tells."""
    return text.rstrip().endswith("?") or bool(_ASKS.match(text))


def _words(names: Collection[str]) -> set[str]:
    return {word for name in names for word in name.lower().split()}


def _are_near(db: Connection, names: Collection[str]) -> bool:
    """Whether a fact tells who one of them is to the owner, or anything about them."""
    given = json.dumps(sorted(names))
    row = db.execute(
        "SELECT 1 FROM fact WHERE subject_key IN (SELECT value FROM json_each(?1)) OR (object_key IN"
        " (SELECT value FROM json_each(?1)) AND predicate IN (SELECT value FROM json_each(?2))) LIMIT 1",
        (given, json.dumps(sorted(RELATIONS))),
    ).fetchone()
    return row is not None
