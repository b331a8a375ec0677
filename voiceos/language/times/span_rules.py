"""What a language's rules mean for durations, times from now, and ranges."""

from dataclasses import replace
from datetime import datetime, timedelta

from voiceos.language.times import cycles
from voiceos.language.times.clock_rules import Clock, on
from voiceos.language.times.cycles import DAY, OPEN, Cycle, Seen, Span, before, need, once, shifted, spans
from voiceos.language.times.meanings import Duration


def length(seen: Seen, unit: str = "", count: float = 1, more: float = 0, constant: str = "", a: int = 1) -> Duration:
    unit, count = unit or constant, count + more
    if unit in cycles.MONTHS:
        return Duration(months=count * cycles.MONTHS[unit])
    size = count * cycles.LENGTHS[unit]
    days = size.days if cycles.LENGTHS[unit] >= DAY else 0
    return Duration(days=days, seconds=(size - days * DAY).total_seconds())


def lengths(seen: Seen, first: Duration, last: Duration) -> Duration:
    need(last.length < first.length)
    return Duration(first.months + last.months, first.days + last.days, first.seconds + last.seconds)


def hours_and(seen: Seen, first: Duration, rest: int) -> Duration:
    """ "An hour and twenty", "two minutes thirty"."""
    need(first.seconds, first.seconds % 60 == 0, 0 < rest < 60)
    return replace(first, seconds=first.seconds + rest * (1 if first.seconds % 3600 else 60))


def few(seen: Seen, unit: str) -> Duration:
    return length(seen, unit, 3)


def one_length(seen: Seen, unit: str, more: float = 0) -> Duration:
    need(unit not in ("quarter", "century"))  # "in the last quarter" is the one of the calendar
    return length(seen, unit, 1, more)


def length_form(seen: Seen, h: str, m: str) -> Duration:
    return Duration(seconds=int(h) * 3600 + int(m) * 60)


def moved(seen: Seen, at: datetime, by: Duration, sign: int) -> datetime:
    if by.months or by.days:
        at = shifted(shifted(at, "month", sign * by.months), "day", sign * by.days)
    return cycles.elapsed(at, sign * by.seconds, seen.zone) if by.seconds else at


def now(seen: Seen) -> Cycle:
    return once(seen.now, seen.now, "moment")


def from_now(seen: Seen, length: Duration, constant: int) -> Cycle:
    """Ten minutes ago to the second; two weeks ago, a day; two years ago, a month."""
    at = moved(seen, seen.now, length, constant)
    if length.seconds and length.length < 7 * DAY:
        return once(at, at, "moment")
    unit = "month" if length.months and not length.days and not length.months % 12 else "day"
    slack = timedelta(0) if length.length < 7 * DAY else 3.5 * DAY if length.days else 15 * DAY
    start = cycles.floor(at, unit)
    return once(start, shifted(start, unit), unit, slack if unit == "day" else 183 * DAY)


def in_ago(seen: Seen, date: Cycle, length: Duration, constant: str, sign: int = -1) -> Cycle:
    """Christmas two years ago, Friday in three weeks."""
    units = length.months / 12 if constant == "year" else length.days / 7
    need(date.every == constant, units >= 1, units == int(units))
    return date.only(cycles.floor(moved(seen, seen.now, length, sign), constant))


def up_to(seen: Seen, length: Duration, date: Cycle) -> Cycle:
    """The year to April, the twelve months to March 2025."""
    need(not length.seconds)
    whole = date.map(lambda span: Span(moved(seen, span.end, length, -1), span.end), "days")
    return replace(whole, done=True)


def in_minutes(seen: Seen, length: Duration) -> Cycle:
    """ "In five", "after ten minutes", said of what is to come."""
    need(seen.lean == "future")
    return from_now(seen, length, 1)


def rolling(seen: Seen, length: Duration, constant: int) -> Cycle:
    """The last three weeks, the next ten days: from this very moment."""
    at = moved(seen, seen.now, length, constant)
    return once(min(at, seen.now), max(at, seen.now), "days")


def shift(seen: Seen, length: Duration, date: Cycle, constant: int) -> Cycle:
    """Two days before Christmas, an hour after midnight, ten minutes after lunch."""
    exact = date.grain in ("moment", "part")
    need(exact or (date.grain in ("day", "days") and not length.seconds))
    need(date.grain != "part" or (length.seconds and date.every))

    def move(span: Span) -> Span:
        start = moved(seen, span.end if constant > 0 and exact else span.start, length, constant)
        return Span(start, start if exact else start + DAY)

    return date.map(move, "moment" if exact else "day")


def later(seen: Seen, length: Duration, date: Cycle, constant: int) -> Cycle:
    """Tuesday week, a week on Friday; with -1 a week last Friday, ten years ago this month."""
    need(date.grain in ("day", "week", "month"), not length.seconds)
    ahead = constant > 0 or not date.every
    span = seen.pick(date, "future") if ahead else cycles.first(before(date, seen.now, over=True))
    start = cycles.floor(moved(seen, span.start, length, constant), date.grain)
    return once(start, shifted(start, date.grain), date.grain)


def beside(seen: Seen, date: Cycle, constant: int, length: Duration | None = None, day: Cycle | None = None) -> Cycle:
    """The week before Christmas, the ten days after it, the Monday after Easter, the night before the 5th."""
    need(date.grain not in ("moment", "part"), not (length and length.seconds))

    def next_to(span: Span) -> Span | None:
        edge = span.start if constant < 0 else span.end
        if length:
            other = moved(seen, edge, length, constant)
            return Span(min(edge, other), max(edge, other))
        if day and day.every == "day":
            return day.make(cycles.floor(edge if constant > 0 else edge - DAY, "day"))
        found = spans(day, edge, constant) if day else ()
        return next((one for one in found if (one.start >= edge) == (constant > 0)), None)

    return date.map(next_to, day.grain if day else "day" if length == Duration(days=1) else "days")


def from_now_on(seen: Seen, date: Cycle | None = None) -> Cycle:
    end = seen.pick(date, "future").end if date else OPEN[1]
    return replace(once(seen.now, end, "days"), bound="between" if date else "from")


def between(seen: Seen, first: Cycle, last: Cycle) -> Cycle:
    """From June to September 2025: both are in, and what the one does not say of its year the other one does."""
    # "from the 20th to the end of May": of this month
    ends = first.every == "month" and last.grain == "days" and seen.lean == "future"
    finer = first.every == "year" and last.every == "month"  # "from December 22nd to the 25th"
    if first.every and not ends and not finer:

        def make(unit: datetime) -> Span | None:
            end = last.make(unit)
            begin = end and next(before(first, end.start), None)
            return Span(begin.start, end.end) if begin and end else None

        grain = "days" if last.grain == "day" else last.grain
        return replace(last, make=make, grain=grain, done=True, bound="between")
    begin = seen.pick(first)
    end = cycles.first(span for span in spans(last, begin.start, 1) if span.start >= begin.start)
    return replace(once(begin.start, end.end, "days"), bound="between")


def several_days(seen: Seen, date: Cycle) -> Cycle:
    """ "From the 3rd to the 10th of May"."""
    need(date.grain == "days")
    return replace(date, bound="between")


def both(seen: Seen, first: Cycle, last: Cycle) -> Cycle:
    """March and April 2024: one stretch, if they follow each other."""
    need(first.grain == last.grain, first.every != "day")
    joined = between(seen, first, last)
    start, end = seen.pick(joined)
    middle = cycles.first(span for span in spans(first, start, 1) if span.start == start).end
    need(any(span == (middle, end) for span in spans(last, middle, 1)))
    return joined


def bound(seen: Seen, constant: str, date: Cycle) -> Cycle:
    """Since Tuesday, until Friday, by Friday, before Christmas, after lunch, from Monday on."""
    need(constant != "from" or date.grain != "days")
    span = seen.pick(date, "past" if constant == "since" else None)
    if constant == "from" and seen.lean == "past" and date.grain != "moment" and span.start < seen.now:
        return once(*span, date.grain, date.slack)  # "the photos from 2019"
    of_day = date.grain == "moment" and date.every not in ("hour", "half", "day")  # "after 4 on Thursday"
    day_end = cycles.floor(span.end, "day") + DAY if of_day else OPEN[1]
    start, end = {
        "onwards": (span.start, OPEN[1]),
        "since": (span.start, OPEN[1]),
        "from": (span.start, OPEN[1]),
        "after": (span.end, day_end),
        "until": (OPEN[0], span.start),
        "before": (OPEN[0], span.start),
        "by": (OPEN[0], span.end),
    }[constant]
    return Cycle("", lambda unit: Span(start, end), date.grain, loose=date.every, bound=constant)


def bound_on(seen: Seen, date: Cycle, constant: str, clock: Clock | None = None, part: Cycle | None = None) -> Cycle:
    """Tomorrow after six, Friday before noon, yesterday after lunch."""
    need(date.grain in ("day", "part"))

    def half(span: Span) -> Span | None:
        at = on(seen, span, clock, part=date.grain == "part") if clock else span.start
        begin, end = (at, at) if clock else (part and part.make(cycles.floor(at, "day"))) or span
        return Span(end, max(end, span.end)) if constant == "after" else Span(min(begin, span.start), begin)

    return date.map(half, "part")
