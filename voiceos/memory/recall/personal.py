"""Whether a question is about the owner's own life, so that only the memory can answer it (English).

By a logistic curve over the sentence encoder's vector and what the words and the memory show. Its weights are in
`language/en/of_life.npz`, which `benchmarks/train_of_life.py` makes. Without an encoder: by the words alone.
"""

import json
import re
from collections.abc import Collection, Iterable
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from voiceos.language.data import FOLDER, pattern
from voiceos.language.questions import asks
from voiceos.memory.facts.vocabulary import key, words
from voiceos.memory.recall.compared import names_in
from voiceos.memory.recall.question import Question
from voiceos.store.database import Connection

Floats = NDArray[np.float32]

LIKELY, LIKELY_BY_WORDS, LIKELY_NAMED = 0.8, 0.6, 0.4
"""How likely a question must be to be about the owner's life, and if its words say so or tell of something definite, or
it asks about somebody by one name: docs/research/not-known.md."""
_BY_WORDS = ("life", "advice", "definite", "of_owner", "of_somebody")
SIGNS = (*_BY_WORDS, "about_owner", "author", "best", "answerable", "foremost", "terms")
_NAME = re.compile(r"(?<=[^\s.!?] )[^\W\d_][^\W\d_]+")

_WRITES = (
    "SELECT 1 FROM record WHERE author <> '' AND author = ?1 UNION ALL SELECT 1 FROM record WHERE author <> ''"
    " AND author > ?1 || ' ' AND author < ?1 || '!' LIMIT 1"
)


class Found(NamedTuple):
    """What the memory has for a question."""

    best: float
    """How likely the best line is to answer."""
    answerable: float
    foremost: float
    """How likely the best passage is to bear on it."""
    authors: Collection[str]
    """Who wrote what comes near, but for the owner."""

    def at_least(self, other: "Found") -> "Found":
        """The more of both."""
        best, answerable, foremost = map(max, self[:3], other[:3])
        return Found(best, answerable, foremost, other.authors)


LITTLE = Found(0.01, 0.1, 0.01, ())
"""What a memory has for a question that it does not answer; one that is nearly empty says no less of a name."""


def seems_of_life(question: Question, meaning: Floats, found: Found, *, by_words: bool) -> bool:
    """By what it means and what there is for it. `meaning`: the sentence encoder's vector of the question's text.

    `by_words`: what its words alone say (`is_of_life`).
    """
    text = question.text.replace("’", "'")
    if not asks(text) or defines(text):
        return False
    if by_words and pattern("en", "questions", "of_self").search(text):
        return True
    if is_likely(weights()(meaning, signs(question, found)), by_words=by_words or is_definite(text)):
        return True
    advice, named = (pattern("en", "questions", name).search(text) for name in ("advice", "of_known"))
    return bool(named) and not advice and weights()(meaning, signs(question, LITTLE.at_least(found))) >= LIKELY_NAMED


def defines(text: str) -> bool:
    """Whether it asks what something is of which the world has many: "what is a beagle?"."""
    return pattern("en", "questions", "defines").search(text) is not None


def is_definite(text: str) -> bool:
    """Whether it asks about something definite ("the builders", "with me") and names nobody, who might be famous."""
    return may_be_of_life(text) and not names_in(text)


def is_likely(probability: float, *, by_words: bool) -> bool:
    return probability >= (LIKELY_BY_WORDS if by_words else LIKELY)


def signs(question: Question, found: Found) -> Floats:
    """What counts beside the meaning, as in `SIGNS`."""
    text = question.text.replace("’", "'")
    by_words = [bool(pattern("en", "questions", name).search(text)) for name in _BY_WORDS]
    author = not question.names.isdisjoint(_words(found.authors))
    likely = np.clip([found.best, found.answerable, found.foremost], 0.002, 0.998)
    rest = [question.about_owner, author, *np.log(likely / (1 - likely)), np.log1p(len(question.topic))]
    return np.array([*by_words, *rest], np.float32)


class Weights(NamedTuple):
    """Those of a vector, and of signs after these are standardised."""

    meaning: Floats
    signs: Floats
    mean: Floats
    deviation: Floats
    offset: Floats

    def __call__(self, meaning: Floats, signs: Floats) -> float:
        shown = ((signs - self.mean) / self.deviation).clip(-4, 4)
        return float(1 / (1 + np.exp(-(meaning @ self.meaning + shown @ self.signs + self.offset[0]))))


@cache
def weights() -> Weights:
    """Those that come with the package."""
    with np.load(FOLDER / "en" / "of_life.npz") as stored:
        return Weights(*(stored[name].astype(np.float32) for name in Weights._fields))


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


def is_of_known(db: Connection, text: str) -> bool:
    """Whether it asks about somebody who writes to the owner, or of whom a fact tells: "how tall is Jonah?"."""
    text = text.replace("’", "'")
    of = pattern("en", "questions", "of_known").search(text)
    if not of or not asks(text) or pattern("en", "questions", "advice").search(text):
        return False
    name: str = of["whose"] or of["who"]
    return _are_near(db, {name.lower()}) or db.execute(_WRITES, (name,)).fetchone() is not None


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
