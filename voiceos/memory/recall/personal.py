"""Whether a question is about the owner's own life, so that only the memory can answer it (English)."""

import json
import re
from collections.abc import Collection, Iterable

from voiceos.language.data import pattern
from voiceos.language.questions import asks
from voiceos.memory.facts.vocabulary import key, words
from voiceos.store.database import Connection

_NAME = re.compile(r"(?<=[^\s.!?] )[^\W\d_][^\W\d_]+")


def is_of_life(db: Connection, text: str, authors: Collection[str], told: Iterable[str] = ()) -> bool:
    """By its words, or because it names somebody who is near to the owner, one of `authors`, or who is in what is told.

    `told`: words of the memory that come near.
    """
    text = text.replace("’", "'")
    if not asks(text) or pattern("en", "questions", "advice").search(text):
        return False
    if pattern("en", "questions", "life").search(text):
        return True
    of = pattern("en", "questions", "of_somebody").search(text)
    if of and re.search(rf"\b{of['whose'] or of['who']}\b", " ".join(told)):
        return True
    names = {word.lower() for word in _NAME.findall(text) if word[0].isupper()}
    return bool(names) and (not names.isdisjoint(_words(authors)) or _are_near(db, names))


def may_be_of_life(text: str) -> bool:
    """Whether it asks about something definite, which a question of general knowledge seldom does."""
    text = text.replace("’", "'")
    advice = pattern("en", "questions", "advice").search(text)
    return asks(text) and not advice and bool(pattern("en", "questions", "definite").search(text))


def _words(names: Collection[str]) -> set[str]:
    return {word for name in names for word in name.lower().split()}


def _are_near(db: Connection, names: Collection[str]) -> bool:
    """Whether a fact tells who one of them is to the owner, or anything about them."""
    given = json.dumps(sorted(map(key, names)))
    row = db.execute(
        "SELECT 1 FROM fact WHERE subject_key IN (SELECT value FROM json_each(?1)) OR (object_key IN"
        " (SELECT value FROM json_each(?1)) AND predicate IN (SELECT value FROM json_each(?2))) LIMIT 1",
        (given, json.dumps(sorted(words("relations")))),
    ).fetchone()
    return row is not None
