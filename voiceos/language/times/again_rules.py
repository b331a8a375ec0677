"""What a language's rules mean for recurrences."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from voiceos.language.times.clock_rules import Clock, Hours, at
from voiceos.language.times.cycles import LENGTHS, MONTHS, Cycle, Seen, elapsed, need, once, whole
from voiceos.language.times.date_rules import nth_of, nth_unit_of, part_on, weekday

FREQUENCIES = {
    **{"second": ("SECONDLY", 1), "minute": ("MINUTELY", 1), "hour": ("HOURLY", 1), "day": ("DAILY", 1)},
    **{"week": ("WEEKLY", 1), "fortnight": ("WEEKLY", 2)},
}
DAYS = "MO TU WE TH FR SA SU".split()


class Again(NamedTuple):
    """An iCalendar rule in the making."""

    frequency: str
    interval: int = 1
    by: str = ""
    cycles: tuple[Cycle, ...] = ()
    """What comes, one after the other: Monday, Wednesday."""
    times: int = 1

    def each(self, change: Callable[[Cycle], Cycle]) -> "Again":
        need(self.cycles or self.frequency == "DAILY")
        return self._replace(cycles=tuple(change(cycle) for cycle in self.cycles or (whole("day"),)))


def every_unit(seen: Seen, unit: str, count: float = 1, more: float = 0, times: int = 1) -> Again:
    count += more
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


def days(seen: Seen, first: int, last: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Monday and Thursday; the second and fourth."""
    return (first, *last)


def group(seen: Seen, group: str) -> tuple[int, ...]:
    return tuple(range(5)) if group == "weekdays" else (5, 6)


def through(seen: Seen, first: int, last: int) -> tuple[int, ...]:
    return tuple((first + n) % 7 for n in range((last - first) % 7 + 1))


def other_days(seen: Seen, less: tuple[int, ...], days: tuple[int, ...] = tuple(range(7))) -> tuple[int, ...]:
    """Every day except Sunday."""
    return tuple(day for day in days if day not in less)


def every_day(seen: Seen, days: tuple[int, ...], count: int = 1) -> Again:
    need(0 < count < 10)
    by = ",".join(DAYS[day] for day in sorted(set(days)))
    return Again("WEEKLY", count, f"BYDAY={by}", tuple(weekday(seen, day) for day in days))


def every_nth(seen: Seen, nths: tuple[int, ...], days: tuple[int, ...]) -> Again:
    """The last Sunday of each month, its second and fourth Saturdays."""
    by = ",".join(DAYS[day] for day in days)
    if len(days) == 1:
        by = "BYDAY=" + ",".join(f"{nth}{by}" for nth in nths)
    else:
        by = f"BYDAY={by};BYSETPOS=" + ",".join(map(str, nths))
    return Again("MONTHLY", by=by, cycles=tuple(nth_of(seen, nth, whole("month"), days=days) for nth in nths))


def every_date(seen: Seen, nths: tuple[int, ...]) -> Again:
    """The 1st and the 15th of every month, its last day."""
    by = ",".join(map(str, nths))
    return Again("MONTHLY", by=f"BYMONTHDAY={by}", cycles=tuple(nth_unit_of(seen, nth, whole("month")) for nth in nths))


def every_year(seen: Seen, date: Cycle) -> Again:
    """Every summer, every year on 4 May."""
    need(date.every == "year")
    one, two = (
        span and (span.start.month, span.start.day) for y in (2001, 2002) for span in [date.make(datetime(y, 1, 1))]
    )
    by = f"BYMONTH={one[0]}" if one and one == two else ""
    by += f";BYMONTHDAY={one[1]}" if one and one == two and date.grain == "day" else ""
    return Again("YEARLY", by=by, cycles=(date,))


def every_part(seen: Seen, part: Cycle) -> Again:
    return Again("DAILY", cycles=(part,))


def again_part(seen: Seen, again: Again, part: Cycle) -> Again:
    """Every Sunday afternoon."""
    return again.each(lambda cycle: part_on(seen, part, cycle))


def again_at(seen: Seen, again: Again, clock: Clock | None = None, hours: Hours | None = None) -> Again:
    """Every day at seven, from nine to five."""
    return again.each(lambda cycle: at(seen, cycle, clock, hours, alone=False))
