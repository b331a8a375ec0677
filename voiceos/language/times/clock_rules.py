"""What a language's rules mean for numbers and times of day."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from voiceos.language.times.cycles import DAY, Cycle, Seen, Span, floor, need, whole


class Clock(NamedTuple):
    hour: int
    minute: int
    either: bool
    """Whether it may be of the morning or of the afternoon."""

    def on(self, day: datetime) -> list[datetime]:
        hours = [self.hour % 12, self.hour % 12 + 12] if self.either else [self.hour]
        return [floor(day, "day") + timedelta(hours=hour, minutes=self.minute) for hour in hours]


class Hours(NamedTuple):
    first: Clock
    last: Clock


def same(seen: Seen, **one: Any) -> Any:
    return list(one.values())[-1]


def added(seen: Seen, first: float = 0, last: float = 0, constant: int = 1) -> float:
    """Twenty one, two hundred, two and a half, two thousand and five."""
    return constant * first + last


def tenths(seen: Seen, first: int, last: int) -> float:
    """One point five."""
    need(last < 10)
    return first + last / 10


def number(seen: Seen, n: str) -> float:
    return float(n) if "." in n else int(n)


def spoken_year(seen: Seen, first: int, last: int = 0, zero: int = 0) -> int:
    need(15 <= first <= 20)
    return 100 * first + last


def fives(seen: Seen, tally: int) -> int:
    """Minutes that need not be called so: "twenty to six" but no "three to two"."""
    need(tally % 5 == 0)
    return tally


def clock(seen: Seen, h: str | int, m: str | int = 0, zero: int = 0) -> Clock:
    hour, minute = int(h), int(m)
    need(hour < 24 or (hour, minute) == (24, 0), minute < 60)
    return Clock(hour, minute, either=1 <= hour <= 12 and not str(h).startswith("0"))


def named_hour(seen: Seen, h: int, m: int = 0) -> Clock:
    """Noon, "oh six thirty"."""
    need(h <= 24)
    return Clock(h, m, either=False)


def half_of_day(seen: Seen, clock: Clock, half: int) -> Clock:
    return Clock(clock.hour % 12 + half, clock.minute, either=False) if clock.either else clock


def in_part(seen: Seen, clock: Clock, part: Cycle) -> Clock:
    """ "Nine in the evening"."""
    return clock._replace(hour=on(seen, seen.pick(part), clock, part=True).hour, either=False)


def minutes_from(seen: Seen, minutes: int, hour: Clock, constant: int) -> Clock:
    """Ten past six; with -1 ten to six."""
    need(0 < minutes < (60 if constant > 0 else 31), not hour.minute)
    at = (hour.hour * 60 + constant * minutes) % (720 if hour.either else 1440)
    return Clock(at // 60 or 12 * hour.either, at % 60, hour.either)


def clock_alone(seen: Seen, clock: Clock) -> Cycle:
    def make(begin: datetime) -> Span:
        at = begin + timedelta(hours=clock.hour % 12 if clock.either else clock.hour, minutes=clock.minute)
        return Span(at, at)

    return Cycle("half" if clock.either else "day", make, "moment")


def minute_alone(seen: Seen, minutes: int, constant: int) -> Cycle:
    """ "Ten past": of whatever hour."""
    need(0 < minutes < 60)
    past = timedelta(minutes=constant * minutes % 60)
    return Cycle("hour", lambda hour: Span(hour + past, hour + past), "moment")


def at(
    seen: Seen, date: Cycle | None = None, clock: Clock | None = None, hours: Hours | None = None, *, alone: bool = True
) -> Cycle:
    """A time of the clock on a day, or in a part of it; from one to another."""
    need(date or (hours and (hours.first.hour, hours.last.hour) not in ((1, 10), (0, 10))))  # a scale
    date = date or whole("day")
    part = date.grain == "part"
    need(part or date.grain == "day")

    def made(span: Span) -> Span | None:
        if hours:
            begin = on(seen, span, hours.first, part=part)
            return Span(begin, min(at for n in (0, 1) for at in hours.last.on(begin + n * DAY) if at > begin))
        found = on(seen, span, clock, part=part, alone=alone) if clock else None
        return Span(found, found) if found else None

    return date.map(made, "hours" if hours else "moment")


def at_part(seen: Seen, date: Cycle, clock: Clock | None = None, hours: Hours | None = None) -> Cycle:
    """ "7 this evening", "two to three this afternoon"; but "ten to three" is rather a time."""
    need(date.grain == "part", not hours or hours.first.minute or hours.first.hour % 5)
    return at(seen, date, clock, hours)


def on(seen: Seen, span: Span, clock: Clock, *, part: bool = False, alone: bool = False) -> datetime:
    """Which of its two times a day; `alone` for one that is to be on the side of now that is leant to."""
    here = clock.on(span.start)
    if part and floor(span.start, "half") == floor(span.end - timedelta(minutes=1), "half"):
        return here[span.start.hour // 12 if len(here) > 1 else 0]
    if part:  # "at one tonight" is tomorrow
        middle = span.start + (span.end - span.start) / 2
        every = [at + n * DAY for n in (0, 1) for at in here]
        return min(every, key=lambda at: (not span.start <= at < span.end, abs(at - middle)))
    waking = here[-1] if clock.hour < (4 if seen.early else 7) or clock.hour == 12 else here[0]
    sides = [time for time in here if (time <= seen.now) == (seen.lean == "past")]
    if alone and floor(seen.now, "day") == floor(span.start, "day") and waking not in sides:
        return sides[0] if sides else waking
    return waking


def hours(seen: Seen, first: Clock, last: Clock) -> Hours:
    if first.either and not last.either and 12 <= last.hour < 24:  # "2 to 4 pm"
        near = (last.hour % 12, last.minute) > (first.hour % 12, first.minute)
        first = Clock(first.hour % 12 + 12 * near, first.minute, either=False)
    return Hours(first, last)


def office_hours(seen: Seen, h: str, m: str) -> Hours:
    """ "9-5": a range of hours only where it is one from the morning to the afternoon."""
    need(7 <= int(h) <= 11, int(m) in (12, *range(1, 8)))
    return Hours(Clock(int(h), 0, either=True), Clock(int(m), 0, either=True))
