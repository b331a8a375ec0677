"""Recurring stretches of the calendar, and which of them is meant.

Everything is in wall clock time, without a zone; `find` adds the zone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Literal, NamedTuple

from dateutil.relativedelta import relativedelta

Lean = Literal["past", "future"]
FURTHEST = 30
"""How many days, weeks, months or years are looked at for one that is meant: 29 February, Friday the 13th."""
DAY = timedelta(days=1)
MONTHS = {"month": 1, "quarter": 3, "year": 12, "decade": 120, "century": 1200}
LENGTHS = {"second": timedelta(seconds=1), "minute": timedelta(minutes=1), "hour": timedelta(hours=1)} | {
    **{"half": timedelta(hours=12), "day": DAY, "week": 7 * DAY, "fortnight": 14 * DAY}
}
OPEN = (datetime.min, datetime.max)
"""The beginning of a span without one, and the end of one without an end."""


class NoTime(Exception):
    """The words do not mean any time."""


def need(*conditions: object) -> None:
    if not all(conditions):
        raise NoTime


class Span(NamedTuple):
    """From `start` up to `end`; both are the same for a moment."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Cycle:
    """A span in each unit of the calendar, or only one, without a unit."""

    every: str
    """hour, half (of a day), day, week, month, quarter, year, or nothing."""
    make: Callable[[datetime], Span | None]
    """Of the beginning of a unit; None where it has no such span."""
    grain: str = "day"
    """What the span is: moment, part, day, days, week, weekend, month, …"""
    slack: timedelta = timedelta(0)
    bound: str = ""
    loose: str = ""
    """Of a bound: in what the time at its end comes again."""
    done: bool = False
    """Whether it is the past only when all of it is: "from Monday to Wednesday"."""

    def only(self, unit: datetime) -> "Cycle":
        """That of one unit."""

        def make(begin: datetime) -> Span | None:
            return self.make(unit)

        return replace(self, every="", make=make)

    def map(self, change: Callable[[Span], Span | None], grain: str = "") -> "Cycle":
        """The same with another span in place of each."""

        def make(unit: datetime) -> Span | None:
            span = self.make(unit)
            return change(span) if span else None

        return replace(self, make=make, grain=grain or self.grain)


@dataclass(frozen=True, slots=True)
class Seen:
    """The moment and direction from which times are seen."""

    now: datetime
    """On the clock at the wall."""
    zone: tzinfo
    lean: Lean
    early: bool
    """Whether it is of the morning that is spoken: "wake me at six tomorrow"."""
    data: dict[str, Any]
    """What the language has in its `times.toml`."""

    @property
    def today(self) -> datetime:
        return floor(self.now, "day")

    def pick(self, cycle: Cycle, lean: Lean | None = None) -> Span:
        """The span that is meant: the latest one that has begun, or the next one that is not over."""
        return first(picked(cycle, self.now, lean or self.lean))


def picked(cycle: Cycle, now: datetime, lean: Lean) -> Iterator[Span]:
    """The span that is meant, and then the others that may be."""
    if not cycle.every:
        return spans(cycle, now, 1)
    if lean == "past" and cycle.done:
        unit = {"part": "second", "moment": "second"}.get(cycle.grain, cycle.grain)
        unit = unit if unit in (*MONTHS, *LENGTHS) else "day"
        return before(cycle, shifted(floor(now, unit), unit), over=True)
    return before(cycle, now) if lean == "past" else after(cycle, now)


def first(found: Iterator[Span]) -> Span:
    span = next(found, None)
    if span is None:
        raise NoTime
    return span


def once(start: datetime, end: datetime, grain: str = "day", slack: timedelta = timedelta(0)) -> Cycle:
    return Cycle("", lambda unit: Span(start, end), grain, slack)


def whole(unit: str) -> Cycle:
    """Each whole unit of the calendar."""
    return Cycle(unit, lambda begin: Span(begin, shifted(begin, unit)), unit)


def floor(at: datetime, unit: str) -> datetime:
    """Where the unit begins in which `at` is."""
    if unit in LENGTHS and LENGTHS[unit] < DAY:
        since = at - at.replace(hour=0, minute=0, second=0, microsecond=0)
        return at - since % LENGTHS[unit]
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "week":
        return day - day.weekday() * DAY
    if unit not in MONTHS:
        return day
    count = (day.year * 12 + day.month - 1) // MONTHS[unit] * MONTHS[unit]
    return day.replace(year=count // 12, month=count % 12 + 1, day=1)


def shifted(at: datetime, unit: str, by: float = 1) -> datetime:
    """This many calendar units later."""
    if unit not in MONTHS:
        return at + by * LENGTHS[unit]
    by *= MONTHS[unit]
    return at + relativedelta(months=int(by)) + timedelta(days=(by - int(by)) * 30)


def elapsed(at: datetime, seconds: float, zone: tzinfo) -> datetime:
    """This many seconds later, even if the wall clock is changed in between."""
    later = at.replace(tzinfo=zone).astimezone(UTC) + timedelta(seconds=seconds)
    return later.astimezone(zone).replace(tzinfo=None)


def spans(cycle: Cycle, at: datetime, step: int) -> Iterator[Span]:
    """The spans from the unit of `at` on, and the one before it, forwards or backwards."""
    begin = floor(at, cycle.every)
    for count in range(-1, FURTHEST) if cycle.every else (0,):
        try:
            span = cycle.make(shifted(begin, cycle.every, step * count) if cycle.every else at)
        except (LookupError, ValueError, OverflowError):  # 31 February; before the calendar begins
            continue
        if span:
            yield span


def before(cycle: Cycle, at: datetime, *, over: bool = False) -> Iterator[Span]:
    """The spans that have begun by then, or are over, the latest first."""
    return (span for span in spans(cycle, at, -1) if (span.end if over else span.start) <= at)


def after(cycle: Cycle, at: datetime, *, begun: bool = True) -> Iterator[Span]:
    """The spans that are not over by then, or have not begun, the first one first."""
    return (span for span in spans(cycle, at, 1) if (span.end if begun else span.start) > at)


def which(cycle: Cycle, word: str, now: datetime, lean: Lean) -> Span:
    """Last, this, coming or next Thursday, week, summer, Christmas."""
    if word == "last":
        return first(before(cycle, now, over=True))
    if word == "coming" or (word == "next" and cycle.every != "week"):
        return first(after(cycle, now, begun=False))
    if cycle.every != "week":
        return _nearest(cycle, now, lean)
    this, following = spans(replace(cycle, every="week"), now, 1), shifted(floor(now, "week"), "week")
    span = [one for one in this if one.start >= floor(now, "week")][0 if word == "this" else 1]
    looks_ahead = lean == "future" or now.weekday() == 6  # on a Sunday, this week's days are behind
    if word == "this" and cycle.grain == "day" and span.end <= now and looks_ahead:
        return cycle.make(following) or span
    return span


def _nearest(cycle: Cycle, now: datetime, lean: Lean) -> Span:
    """The one that runs, else the nearer of the last and the next; the one on the side that is leant to counts half."""
    last, coming = next(before(cycle, now), None), first(after(cycle, now, begun=False))
    if last is None or last.end > now:
        return last or coming
    back, ahead = now - last.end, coming.start - now
    return last if (back < ahead * 2 if lean == "past" else back * 2 < ahead) else coming
