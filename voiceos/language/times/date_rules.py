"""What a language's rules mean for days, weeks, months, years, holidays and parts of the day."""

from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta

from voiceos.language.times import cycles
from voiceos.language.times.cycles import DAY, Cycle, Seen, Span, floor, need, once, picked, shifted, whole
from voiceos.language.times.meanings import Duration

YEARS = range(1000, 3000)
LARGE = {"week", *cycles.MONTHS}
SMALLER = {"year": "month", "decade": "year", "century": "decade", "day": "hour", "part": "hour"}
"""In what a part of something is reckoned, other than in days."""


def day(seen: Seen, constant: int) -> Cycle:
    start = seen.today + constant * DAY
    return once(start, start + DAY)


def days_back(seen: Seen, constant: int) -> Cycle:
    """ "The other day"."""
    return once(seen.today - constant * DAY, seen.today, "days")


def weekday(seen: Seen, weekday: int) -> Cycle:
    return Cycle("week", lambda week: Span(week + weekday * DAY, week + (weekday + 1) * DAY))


def weekend(seen: Seen) -> Cycle:
    return Cycle("week", lambda week: Span(week + 5 * DAY, week + 7 * DAY), "weekend")


def unit(seen: Seen, unit: str) -> Cycle:
    need(unit in LARGE)
    return whole(unit)


def months(seen: Seen, first: int, constant: int) -> Cycle:
    """A month, or a season of three."""

    def make(year: datetime) -> Span:
        return Span(year.replace(month=first), shifted(year.replace(month=first), "month", constant))

    return Cycle("year", make, "month" if constant == 1 else "season")


def quarter(seen: Seen, nth: int) -> Cycle:
    need(nth in (-1, 1, 2, 3, 4))
    return months(seen, nth % 5 * 3 - 2, 3)


def month_day(seen: Seen, month: int, day: int, last: int = 0) -> Cycle:
    last = last or day
    need(0 < day <= last <= 31)
    return Cycle(
        "year",
        lambda year: Span(year.replace(month=month, day=day), year.replace(month=month, day=last) + DAY),
        "day" if last == day else "days",
    )


def nth_day(seen: Seen, day: int) -> Cycle:
    need(0 < day <= 31)
    return Cycle("month", lambda month: Span(month.replace(day=day), month.replace(day=day) + DAY))


def numeric(seen: Seen, a: str, b: str, c: str, h: str = "", m: str = "0") -> Cycle:
    """A date in numbers: year first, else the day, unless only the other order is a date; and a time of the clock."""
    year, month, day = (a, b, c) if len(a) == 4 else (c, b, a) if int(b) <= 12 else (c, a, b)
    century = 0 if len(year) == 4 else 2000 if int(year) < 70 else 1900
    start = datetime(century + int(year), int(month), int(day), int(h or 0), int(m))
    return once(start, start if h else start + DAY, "moment" if h else "day")


def year_month(seen: Seen, a: str, b: str) -> Cycle:
    return in_year(seen, months(seen, int(b), 1), int(a))


def day_month(seen: Seen, a: str, b: str) -> Cycle:
    day, month = (int(a), int(b)) if int(b) <= 12 else (int(b), int(a))
    need(0 < month <= 12)
    return month_day(seen, month, day)


def on_weekday(seen: Seen, weekday: Cycle, date: Cycle) -> Cycle:
    """ "Friday the 13th": the date where it falls on that day, or the date itself if it seldom does."""
    need(date.grain == "day", date.every != "week")
    filtered = date.map(lambda span: span if weekday.make(floor(span.start, "week")) == span else None)
    return filtered if date.every and next(picked(filtered, seen.now, seen.lean), None) else date


def week_of(seen: Seen, date: Cycle, constant: str) -> Cycle:
    """The week, or the weekend, of a day."""
    need(date.grain == "day")
    week = whole("week") if constant == "week" else weekend(seen)
    return date.map(lambda span: week.make(floor(span.start, "week")), constant)


def nth_of(seen: Seen, nth: int, date: Cycle, day: Cycle | None = None, days: tuple[int, ...] = ()) -> Cycle:
    """The last Sunday of a month, the first weekend in October, the last working day of the month."""
    need(date.grain not in ("moment", "part", "day", "week"), nth, not day or day.every == "week")
    each = [day] if day else [weekday(seen, day) for day in days]

    def nth_in(span: Span) -> Span | None:
        weeks = (floor(span.start, "week") + n * 7 * DAY for n in range((span.end - span.start).days // 7 + 2))
        made = (one.make(week) for week in weeks for one in each)
        inside = [one for one in made if one and span.start <= one.start < span.end]
        return inside[nth if nth < 0 else nth - 1] if -len(inside) <= nth <= len(inside) else None

    return date.map(nth_in, each[0].grain)


def nth_unit_of(seen: Seen, nth: int, date: Cycle, unit: str = "day") -> Cycle:
    """The first week of May: its first seven days."""
    need(unit in ("day", "fortnight") or unit in LARGE)

    def nth_in(span: Span) -> Span | None:
        start = shifted(span.start if nth > 0 else span.end, unit, nth - 1 if nth > 0 else nth)
        inside = span.start <= start < span.end
        return Span(start, min(shifted(start, unit), span.end)) if inside else None

    return date.map(nth_in, unit)


def nth_units_of(seen: Seen, nth: int, length: Duration, date: Cycle) -> Cycle:
    """The first ten days of May, the last two weeks of August."""
    need(date.grain in LARGE or date.grain == "season", not length.seconds)
    by = timedelta(days=length.days) if length.days else relativedelta(months=int(length.months))

    def some(span: Span) -> Span:
        return Span(span.start, span.start + by) if nth > 0 else Span(span.end - by, span.end)

    return date.map(some, "days")


def years(seen: Seen, first: int, last: int = 0) -> Cycle:
    last = last or first
    need(first <= last, first in YEARS, last in YEARS)
    return once(datetime(first, 1, 1), datetime(last + 1, 1, 1), "year" if first == last else "days")


def short_year(seen: Seen, n: str | int) -> int:
    """ "'76": of this century if it is not much ahead."""
    near = seen.now.year // 100 * 100 + int(n)
    return near - (100 if near > seen.now.year + 10 else 0)


def in_year(seen: Seen, date: Cycle, year: int, last: int = 0) -> Cycle:
    need(date.every == "year", year in YEARS)
    return date.only(datetime(year, 1, 1))


def within(seen: Seen, date: Cycle, outer: Cycle) -> Cycle:
    """Christmas of last year, Wednesday next week, the 3rd of next month."""
    need(date.every, date.every == outer.grain, not outer.every)
    return date.only(seen.pick(outer).start)


def decade(seen: Seen, decade: int) -> Cycle:
    """The nineties: the latest that have begun."""
    start = decade + (seen.now.year // 100 * 100 if decade < 100 else 0)
    start -= 100 if decade < 100 and start > seen.now.year else 0
    count = 100 if 1000 < decade < 2000 and decade % 100 == 0 else 10  # "the 1800s"
    return once(datetime(start, 1, 1), datetime(start + count, 1, 1), "decade" if count == 10 else "century")


def century(seen: Seen, nth: int) -> Cycle:
    return once(datetime(nth * 100 - 100, 1, 1), datetime(nth * 100, 1, 1), "century")


def holiday(seen: Seen, holiday: str, constant: str = "days") -> Cycle:
    """A holiday, or with "over" the days around it that people mean by it."""
    rule: dict[str, Any] = seen.data["holidays"][holiday]
    back, ahead = rule.get(constant) or rule.get("days", (0, 0))

    def make(begin: datetime) -> Span | None:
        if "easter" in rule:
            day = datetime.combine(easter(begin.year), datetime.min.time()) + rule["easter"] * DAY
        elif "from2020" in rule:
            day = datetime.fromisoformat(f"{begin.year}-{dict(enumerate(rule['from2020'].split(), 2020))[begin.year]}")
        else:
            day = begin.replace(month=rule["month"], day=rule["day"])
            if "weekday" in rule:
                day += ((rule["weekday"] - day.weekday()) % 7 + rule.get("then", 0)) * DAY
        if "till" in rule:
            return Span(day, begin.replace(month=rule["till"][0], day=rule["till"][1]) + DAY)
        return Span(day - back * DAY, day + (ahead + 1) * DAY)

    return Cycle("year", make, "days" if back or ahead or "till" in rule else "day", 4 * DAY)


def holiday_weekend(seen: Seen, holiday: str) -> Cycle:
    """From Thanksgiving or Good Friday to Sunday, from Saturday to Labor Day."""

    def weekend(span: Span) -> Span:
        saturday = floor(span.start + 4 * DAY, "week") - 2 * DAY
        return Span(min(span.start, saturday), max(span.end, saturday + 2 * DAY))

    return globals()["holiday"](seen, holiday, "over").map(weekend, "days")


def part(seen: Seen, part: str) -> Cycle:
    begin, end = (timedelta(hours=hour) for hour in seen.data["parts"][part])
    return Cycle("day", lambda day: Span(day + begin, day + end), "part")


def part_on(seen: Seen, part: Cycle, date: Cycle) -> Cycle:
    """Friday evening, the morning of 3 May."""
    need(date.grain == "day", part.every == "day")
    return date.map(lambda span: part.make(span.start), "part")


def this_part(seen: Seen, part: Cycle, constant: int) -> Cycle:
    """This evening, tonight (which may have begun yesterday), last night."""
    running = part.make(seen.today - DAY)
    runs = running and running.end > seen.now and not constant
    span = running if runs else part.make(seen.today + constant * DAY)
    return Cycle("", lambda unit: span, "part")


def edge(seen: Seen, edge: str, date: Cycle) -> Cycle:
    """Early next month, the end of 2018, the second half of June, late last night."""
    low, high = seen.data["edges"][edge]
    need(date.grain != "moment")
    step = SMALLER.get(date.grain, "day")

    def part_of(span: Span) -> Span:
        size = {"month": 12, "year": 10, "decade": 10}.get(step) or (span.end - span.start) / cycles.LENGTHS[step]
        end = span.end if high == 1 else shifted(span.start, step, int(high * size))
        return Span(shifted(span.start, step, int(low * size)), end)

    return date.map(part_of, "part" if step == "hour" else "days")


def rest(seen: Seen, date: Cycle, constant: int) -> Cycle:
    """The rest of the week, later today; with -1 what has passed of it."""
    span = seen.pick(date, "past")
    begin, end = (max(seen.now, span.start), span.end) if constant > 0 else (span.start, min(seen.now, span.end))
    need(begin < end)
    return once(begin, end, "part")


def which_one(seen: Seen, which: str, date: Cycle) -> Cycle:
    need(date.every)
    span = cycles.which(date, which, seen.now, seen.lean)
    return once(*span, date.grain, date.slack)


def next_part(seen: Seen, part: Cycle) -> Cycle:
    """ "Next morning", said of what is to come."""
    need(seen.lean == "future")
    return which_one(seen, "next", part)


def counted(seen: Seen, date: Cycle, count: float, constant: int) -> Cycle:
    """Three Fridays ago, the weekend before last; three Fridays from now, the week after next."""
    if constant > 0 and date.grain == "weekend" and floor(seen.now, "week") + 5 * DAY <= seen.now:
        count -= 1  # as "next weekend", said on one, is of the week that begins
    return once(*_beside_now(seen, date, count, constant)[-1], date.grain)


def several(seen: Seen, date: Cycle, count: float, constant: int) -> Cycle:
    """The last three Fridays: from the first of them to the last."""
    found = _beside_now(seen, date, count, constant)
    return once(min(found).start, max(found).end, "days")


def _beside_now(seen: Seen, date: Cycle, count: float, constant: int) -> list[Span]:
    """So many, the nearest first, that are over or have not begun."""
    need(date.every, count >= 1, count == int(count))
    found = cycles.before(date, seen.now, over=True) if constant < 0 else cycles.after(date, seen.now, begun=False)
    spans = list(islice(found, int(count)))
    need(len(spans) == count)
    return spans


def this_time(seen: Seen, date: Cycle, constant: str) -> Cycle:
    """This time last year, this time tomorrow; this day last week."""
    need(date.grain in ("day", "week", "month", "year"))
    start = seen.pick(date).start
    if date.grain == "year":
        start = seen.today.replace(year=start.year)
    else:
        start += seen.now - floor(seen.now, date.grain)
    if date.grain == "year" or constant == "day":
        return whole("day").only(floor(start, "day"))
    return once(start, start, "moment")
