"""What a question asks: its terms, whom and when it is about, and what kind of answer it wants."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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
    YES_NO = "yes or no"
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


_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_EMPTY = frozenset(
    "a an the of to in on at for from by with about as is are was were be been being am do does did done has have"
    " had having will would can could shall should may might must and or but if than then that this these those"
    " there it its he she they them him her his hers their theirs i me my mine myself we us our ours you your yours"
    " who whom whose what which when where why how many much please tell remember remind know said say ever some any"
    " kind type sort s".split()
)
_OWNER = frozenset("i me my mine myself we us our ours i'm i've i'd i'll".split())
_SHAPES = (
    (Shape.HOW_MANY, r"\bhow (?:many|much|old|long|far|often|tall|big|heavy)\b|\bwhat (?:number|percentage|amount)\b"),
    (
        Shape.WHEN,
        r"\bwhen\b|\b(?:what|which|on which|what specific|which specific) (?:day|date|year|month|time|week|season)\b"
        r"|\bhow long ago\b",
    ),
    (
        Shape.WHERE,
        r"\bwhere\b|\b(?:what|which) (?:place|city|country|state|town|restaurant|location|park|shop|store)\b",
    ),
    (Shape.WHO, r"\bwho(?:m|se)?\b|\b(?:what|which) (?:person|friend|people)\b"),
    (Shape.WHY, r"\bwhy\b|\bwhat (?:was|is|were) the (?:\w+ )?reason|\bhow come\b"),
    (
        Shape.YES_NO,
        r"^\W*(?:do|does|did|is|are|was|were|has|have|had|will|would|can|could|should|am)(?:n't)?\b",
    ),
)
_SHAPE = tuple((shape, re.compile(pattern)) for shape, pattern in _SHAPES)
_ANCHOR = re.compile(
    r"\b(?P<relation>before|after|since|until)"
    r" (?P<anchor>(?:i|we|my|our|the|his|her|their|[A-Z]\w+)\b[^,.?!;]{2,60})",
    re.I,
)


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
    words = _WORD.findall(low)[:2000]
    bare = [word.removesuffix("'s") for word in words]
    owners = {word for name in owner for word in name.lower().split()}
    spoken, timeless = periods(low, now)
    terms = _terms(bare, owners, analyze)
    topic = _terms([word.removesuffix("'s") for word in _WORD.findall(timeless)[:2000]], owners, analyze)
    if not terms:  # "Who am I?": its empty words are all there is
        terms = tuple(dict.fromkeys(analyze(low)))
    anchored = None if spoken else _ANCHOR.search(text)
    return Question(
        text=text,
        terms=terms[:MOST_TERMS],
        topic=(topic or terms)[:MOST_TERMS],
        names=frozenset(word for word in bare[: MOST_TERMS * 4] if len(word) > 1 and word not in _EMPTY),
        about_owner=any(word in _OWNER for word in words) or bool(owners.intersection(bare)),
        periods=spoken,
        shape=next((shape for shape, pattern in _SHAPE if pattern.search(low)), Shape.WHAT),
        anchor=anchored["anchor"].strip() if anchored else "",
        relation={"since": "after", "until": "before"}.get(anchored["relation"].lower(), anchored["relation"].lower())
        if anchored
        else "",
    )


def _terms(words: Sequence[str], owners: Collection[str], analyze: Callable[[str], Sequence[str]]) -> tuple[str, ...]:
    content = " ".join(word for word in words if word not in _EMPTY and word not in owners)
    return tuple(dict.fromkeys(term for term in analyze(content) if term))
