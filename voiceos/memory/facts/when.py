"""Dates in statements: "last week", "in August", "since 2012", "on the twenty first of June", as seen from a moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from voiceos.language.times import Moment, Period, find

BOUNDS = {"since": "since", "from": "from", "after": "from", "until": "until", "by": "by", "before": "by"}


@dataclass(frozen=True, slots=True)
class When:
    """A date in a text: where it stands, when it begins, and whether it is a bound."""

    start: int
    end: int
    at: datetime
    bound: str = ""
    """since, from, until, by, or nothing."""


def dates(text: str, said: datetime, *, past: bool) -> Iterator[When]:
    """The dates in a text. `past`: whether an ambiguous one ("in January") is behind `said` or ahead.

    A range is two of them, the second one until when. A mere time of day is not a date.
    """
    for one in find(text, said, lean="past" if past else "future"):
        if one.every in ("hour", "half", "day") or not isinstance(one.meaning, Moment | Period):
            continue
        start, end = (one.meaning.at,) * 2 if isinstance(one.meaning, Moment) else (one.meaning.start, one.meaning.end)
        begins = start or end
        if begins:
            day = begins.replace(hour=0, minute=0, second=0, microsecond=0)
            yield When(one.start, one.end, day, BOUNDS.get(one.bound, ""))
        if one.bound == "between" and end:
            yield When(one.start, one.end, end, "until")
