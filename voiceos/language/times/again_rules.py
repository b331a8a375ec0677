"""What a language's rules mean for recurrences."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product
from typing import Any, NamedTuple

from voiceos.language.times.clock_rules import Clock, Hours, at
from voiceos.language.times.cycles import DAY, LENGTHS, MONTHS, Cycle, Seen, Span, after, elapsed, need, once, whole
from voiceos.language.times.date_rules import nth_of, nth_unit_of, part_on, weekday
from voiceos.language.times.meanings import Duration
from voiceos.language.times.span_rules import moved

FREQUENCIES = {
    **{"second": ("SECONDLY", 1), "minute": ("MINUTELY", 1), "hour": ("HOURLY", 1), "day": ("DAILY", 1)},
    **{"week": ("WEEKLY", 1), "fortnight": ("WEEKLY", 2)},
}
WITHIN_A_DAY = {"SECONDLY": "second", "MINUTELY": "minute", "HOURLY": "hour"}
DAYS = "MO TU WE TH FR SA SU".split()
MOST = 48
"""Times a day that are told one by one."""


class Again(NamedTuple):
    """An iCalendar rule in the making."""

    frequency: str
    interval: int = 1
    by: str = ""
    days: tuple[int, ...] = ()
    """Of the week."""
    cycles: tuple[Cycle, ...] = ()
    """What comes, one after the other: Monday, Wednesday; the morning and the evening."""
    times: int = 1
    start: datetime = datetime.min
    end: datetime | Duration | int | None = None
    """Until when, how long from the first on, or how many days."""

    def each(self, *changes: Callable[[Cycle], Cycle]) -> "Again":
        need(self.cycles or self.frequency == "DAILY")
        return self._replace(cycles=tuple(change(one) for one in self.cycles or (whole("day"),) for change in changes))

    def first(self, seen: Seen) -> list[Span]:
        """The first of each of its cycles from now on."""
        ahead = self.start > seen.now or isinstance(self.end, int)
        at = max(self.start, seen.now) - ahead * timedelta.resolution
        found = (after(one, at, begun=not ahead) for one in self.cycles)
        return sorted(span for spans in found if (span := next(spans, None)))

    def rule(self, seen: Seen, first: list[Span]) -> tuple[str, int]:
        """As iCalendar writes it, and how often it is in each."""
        clock = sorted({(span.start.hour, span.start.minute) for span in first})
        rule = f"FREQ={self.frequency}" + f";INTERVAL={self.interval}" * (self.interval > 1)
        rule += f";BYDAY={_list(DAYS[day] for day in self.days)}" if self.days else f";{self.by}" if self.by else ""
        if len(clock) > 1:
            need(not self.by, len(clock) <= MOST)
            hours, minutes = (sorted(set(values)) for values in zip(*clock, strict=True))
            every = list(product(hours, minutes))
            rule += f";BYHOUR={_list(hours)}" + f";BYMINUTE={_list(minutes)}" * (minutes != [0])
            places = [n for n, time in enumerate(every * max(1, len(self.days)), 1) if time in clock]
            rule += f";BYSETPOS={_list(places)}" if len(every) > len(clock) else ""
        if isinstance(self.end, int):
            rule += f";COUNT={self.end * len(clock)}"
        elif self.end:
            begin = first[0].start if first else seen.now
            end = moved(seen, begin, self.end, 1) if isinstance(self.end, Duration) else self.end
            need(end > begin)
            last = (end - timedelta(seconds=1)).replace(tzinfo=seen.zone).astimezone(UTC)  # it counts as within
            rule += f";UNTIL={last:%Y%m%dT%H%M%SZ}"
        return rule, 1 if len(clock) == self.times else self.times


def _list(values: Iterable[object]) -> str:
    return ",".join(map(str, values))


def every_unit(seen: Seen, unit: str, count: float = 1, more: float = 0, times: int = 1) -> Again:
    count += more
    if (unit, times) == ("week", 7):
        unit, times = "day", 1
    if unit == "hour" and count != int(count):
        unit, count = "minute", count * 60
    need(count >= 1, count == int(count))
    months = MONTHS.get(unit, 0)
    frequency, size = ("YEARLY", months // 12) if months >= 12 else ("MONTHLY", months) if months else FREQUENCIES[unit]
    cycles: tuple[Cycle, ...] = ()
    if unit in ("second", "minute", "hour"):
        then = elapsed(seen.now, (count * LENGTHS[unit]).total_seconds(), seen.zone)
        cycles = (once(then, then, "moment"),)
    elif unit == "day" and times == 1:
        cycles = (whole("day"),)
    return Again(frequency, int(count) * size, cycles=cycles, times=times)


def listed(seen: Seen, first: Any, last: tuple[Any, ...] = ()) -> tuple[Any, ...]:
    """Monday and Thursday; the second and fourth; eight in the morning and nine in the evening."""
    return (first, *last)


def group(seen: Seen, group: str) -> tuple[int, ...]:
    return tuple(range(5)) if group == "weekdays" else (5, 6)


def through(seen: Seen, first: int, last: int) -> tuple[int, ...]:
    return tuple((first + n) % 7 for n in range((last - first) % 7 + 1))


def every_day(seen: Seen, days: tuple[int, ...], count: int = 1) -> Again:
    need(0 < count < 10)
    days = tuple(sorted(set(days)))
    return Again("WEEKLY", count, days=days, cycles=tuple(weekday(seen, day) for day in days))


def every_nth(seen: Seen, nths: tuple[int, ...], days: tuple[int, ...]) -> Again:
    """The last Sunday of each month, its second and fourth Saturdays."""
    names = _list(DAYS[day] for day in days)
    by = _list(f"{nth}{names}" for nth in nths) if len(days) == 1 else f"{names};BYSETPOS={_list(nths)}"
    cycles = tuple(nth_of(seen, nth, whole("month"), days=days) for nth in nths)
    return Again("MONTHLY", by=f"BYDAY={by}", cycles=cycles)


def every_date(seen: Seen, nths: tuple[int, ...]) -> Again:
    """The 1st and the 15th of every month, its last day."""
    cycles = tuple(nth_unit_of(seen, nth, whole("month")) for nth in nths)
    return Again("MONTHLY", by=f"BYMONTHDAY={_list(nths)}", cycles=cycles)


def every_year(seen: Seen, date: Cycle) -> Again:
    """Every summer, every year on 4 May."""
    need(date.every == "year")
    one, two = (
        span and (span.start.month, span.start.day) for y in (2001, 2002) for span in [date.make(datetime(y, 1, 1))]
    )
    by = f"BYMONTH={one[0]}" if one and one == two else ""
    by += f";BYMONTHDAY={one[1]}" if one and one == two and date.grain == "day" else ""
    return Again("YEARLY", by=by, cycles=(date,))


def every_part(seen: Seen, parts: tuple[Cycle, ...]) -> Again:
    return Again("DAILY", cycles=parts)


def again_part(seen: Seen, again: Again, parts: tuple[Cycle, ...]) -> Again:
    """Every Sunday afternoon, every weekday morning and evening."""
    return again.each(*(partial(part_on, seen, part) for part in parts))


def again_at(seen: Seen, again: Again, clocks: tuple[Clock, ...] = (), hours: Hours | None = None) -> Again:
    """Every day at seven, at seven and at nine, from nine to five; every hour from nine to five."""
    if hours and again.frequency in WITHIN_A_DAY:
        step = again.interval * LENGTHS[WITHIN_A_DAY[again.frequency]]
        span = seen.pick(at(seen, hours=hours).only(seen.today))
        count = (span.end - span.start) // step + 1
        need(count <= MOST)
        moments = (span.start - seen.today + n * step for n in range(count))
        return Again("DAILY", cycles=tuple(_daily(after_midnight) for after_midnight in moments))
    if hours:
        return again.each(partial(at, seen, hours=hours))
    return again.each(*(partial(at, seen, clock=clock, alone=False) for clock in clocks))


def _daily(time: timedelta) -> Cycle:
    return whole("day").map(lambda day: Span(day.start + time, day.start + time), "moment")


def but_not(seen: Seen, again: Again, less: tuple[int, ...]) -> Again:
    """Every day except Sunday."""
    days = tuple(day for day in again.days or range(7) if day not in less)
    need(days, again.days or (again.frequency, again.interval) == ("DAILY", 1))
    again = again.each(lambda cycle: cycle.map(lambda span: span if span.start.weekday() in days else None))
    return again._replace(frequency="WEEKLY", days=days)


def limited(seen: Seen, again: Again, limit: Cycle) -> Again:
    """Every day until Christmas, this week, from Monday on."""
    of_clock = limit.grain == "moment" or limit.loose == "day"  # "every day before noon"
    need(seen.lean == "future", again.frequency != "YEARLY", limit.bound != "since")
    need(limit.bound or limit.grain not in ("moment", "part", "day", "hours"))
    need(not of_clock or (limit.bound != "between" and again.frequency in WITHIN_A_DAY))
    start, end = seen.pick(limit)
    if start > seen.now and again.frequency in WITHIN_A_DAY:
        again = again._replace(cycles=(once(start, start, "moment"),))
    elif start > seen.now and not again.cycles and again.times == 1:
        again = again._replace(cycles=(once(start, start + DAY),))
    return again._replace(start=max(start, again.start), end=end if end < datetime.max else again.end)


def lasting(seen: Seen, again: Again, length: Duration) -> Again:
    """Every day for a week."""
    need(seen.lean == "future")
    return again._replace(end=length)


def next_few(seen: Seen, count: float, days: tuple[int, ...] = (), part: Cycle | None = None) -> Again:
    """For the next three Mondays, for five mornings in a row."""
    need(seen.lean == "future", count == int(count))
    again = every_day(seen, days) if days else Again("DAILY", cycles=(part or whole("day"),))
    return again._replace(end=int(count))
