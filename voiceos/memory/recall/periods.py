"""The periods that a question to the memory mentions: "last Tuesday", "in mid-January", "since the spring of 2023"."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from voiceos.language.times import Found, Moment, find
from voiceos.language.times import Period as Told

LONG_AGO = 0.0
"""Where "before" begins, in seconds since the epoch."""
PERHAPS = 0.7
"""How surely another year is meant, where none is said."""
SHORTLY_BEFORE = timedelta(days=31).total_seconds()
"""How long before it what was to be done by then was done."""
AROUND = timedelta(hours=1)
"""How far around a time of the clock."""


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time, in seconds since the epoch, and how surely it is meant."""

    start: float
    end: float
    weight: float = 1.0


def periods(text: str, now: datetime) -> tuple[tuple[Period, ...], str]:
    """The periods that a text mentions, seen from `now`, whose zone counts, and the text without them.

    A month without a year gives one period a year. Times of any day are none: "at noon", "for an hour", "every Friday".
    """
    found: list[Period] = []
    rest = text
    for one in find(text, now):
        if isinstance(one.meaning, Moment | Told) and one.every not in ("hour", "half", "day"):
            found += _periods(one, text, now)
            rest = f"{rest[: one.start]}{' ' * (one.end - one.start)}{rest[one.end :]}"
    return tuple(dict.fromkeys(found))[:32], rest


def _periods(one: Found, text: str, now: datetime) -> Iterator[Period]:
    yield _period(one, one.meaning, now)
    if one.every == "year" and not one.bound:
        coming = next(iter(find(text[one.start : one.end], now, lean="future")), one)
        for other in dict.fromkeys((*one.others, coming.meaning)):
            if other != one.meaning:
                yield _period(one, other, now, PERHAPS)


def _period(one: Found, meaning: object, now: datetime, weight: float = 1.0) -> Period:
    try:
        if isinstance(meaning, Moment):
            return Period((meaning.at - AROUND).timestamp(), (meaning.at + AROUND).timestamp(), weight)
        assert isinstance(meaning, Told)
        start = (meaning.start - one.slack).timestamp() if meaning.start else LONG_AGO
        end = (meaning.end + one.slack).timestamp() if meaning.end else max(start, now.timestamp())
        start = max(start, end - SHORTLY_BEFORE) if one.bound == "by" else start
        return Period(min(start, end), end, weight)
    except (OverflowError, OSError, ValueError):  # the beginning or the end of the calendar
        return Period(LONG_AGO, LONG_AGO, weight)


def as_utc(at: datetime) -> datetime:
    """A time without a zone is read as UTC."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)
