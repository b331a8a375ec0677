"""What a question asks: its terms, whom and when it is about, and what kind of answer it wants."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voiceos.language.data import pattern, table, words_in
from voiceos.language.terms import words
from voiceos.memory.recall.periods import Period, as_utc, periods

MOST_TERMS = 48
"""Terms of a question that count; of a longer one, the first."""


class Shape(StrEnum):
    """What kind of answer is wanted."""

    WHEN = "when"
    WHO = "who"
    WHERE = "where"
    HOW_MANY = "how many"
    WHY = "why"
    WHAT = "what"


@dataclass(frozen=True, slots=True)
class Question:
    """A question as recall sees it."""

    text: str
    terms: tuple[str, ...]
    """What to search for, in order, each once: the terms without words that every question has."""
    topic: tuple[str, ...]
    """The terms without those that only tell the time: what a passage's own words may hold."""
    names: frozenset[str]
    """Words, folded to lower case, that may name a person: each is compared with authors and with people spoken of."""
    about_owner: bool
    """Whether the owner asks about themself: "I", "my", or their own name."""
    periods: tuple[Period, ...]
    shape: Shape
    anchor: str = ""
    """The event that a time hangs on: "the move" of "before the move"."""
    relation: str = ""
    """`before` or `after` the anchor."""
    asked: float = 0.0
    """When, in seconds since the epoch."""


def ask(
    text: str,
    analyze: Callable[[str], Sequence[str]],
    now: datetime,
    *,
    owner: Collection[str] = (),
) -> Question:
    """Reads a question. Never raises, whatever the text is.

    `analyze` makes terms as the lexical index does; `now` is when it is asked; `owner` are names of the one who asks.
    """
    text = text[:20_000]
    now = as_utc(now)
    low = text.lower().replace("’", "'")
    said = words(low)[:2000]
    bare = [word.removesuffix("'s") for word in said]
    owners = {word for name in owner for word in name.lower().split()}
    spoken, timeless = periods(low, now)
    terms = _terms(bare, owners, analyze)
    topic = _terms([word.removesuffix("'s") for word in words(timeless)[:2000]], owners, analyze)
    if not terms:  # "Who am I?": its empty words are all there is
        terms = tuple(dict.fromkeys(analyze(low)))
    anchored = None if spoken else pattern("en", "questions", "anchor").search(text)
    empty, owning = words_in("en", "questions", "empty"), words_in("en", "questions", "owner")
    return Question(
        text=text,
        terms=terms[:MOST_TERMS],
        topic=(topic or terms)[:MOST_TERMS],
        names=frozenset(word for word in bare[: MOST_TERMS * 4] if len(word) > 1 and word not in empty),
        about_owner=not owning.isdisjoint(said) or bool(owners.intersection(bare)),
        periods=spoken,
        shape=_shape(low),
        anchor=anchored["anchor"].strip() if anchored else "",
        asked=now.timestamp(),
        relation=table("en", "questions")["anchor_relations"][anchored["relation"].lower()] if anchored else "",
    )


def _shape(text: str) -> Shape:
    shapes: dict[str, str] = table("en", "questions")["shapes"]
    return Shape(
        next((shape for shape in shapes if pattern("en", "questions", f"shapes.{shape}").search(text)), "what")
    )


def _terms(said: Sequence[str], owners: Collection[str], analyze: Callable[[str], Sequence[str]]) -> tuple[str, ...]:
    empty = words_in("en", "questions", "empty")
    content = " ".join(word for word in said if word not in empty and word not in owners)
    return tuple(dict.fromkeys(term for term in analyze(content) if term))
