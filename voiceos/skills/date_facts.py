"""What is so with dates: leap years, when the clocks change, and how long it is from one time to another."""

import re
from datetime import date, datetime, time, timedelta

from voiceos.language.data import pattern
from voiceos.language.said_times import said_clock, said_date, weekday_name
from voiceos.language.sentences import skill_says as says
from voiceos.language.times import Duration, Moment, Period, find
from voiceos.skills.skill import Asked, Intent, Pass, Said, never
from voiceos.skills.slots import is_moment, whole_time

FILE = "skills/world_clock"
LONGEST = 400
"""Days in which clocks change at least once, where they do."""
DAY = timedelta(days=1)


def date_facts() -> list[Intent]:
    return [
        Intent("world_clock.between", _between, slots={"day": _is_day, "other": _is_day}, mine=never),
        Intent("world_clock.apart", _apart, slots={"moment": is_moment, "end": is_moment}, mine=never),
        Intent("world_clock.then", _then, slots={"moment": is_moment, "span": _is_span}, mine=never),
        Intent("world_clock.leap", _leap, slots={"year": _is_year}, mine=never),
        Intent("world_clock.next_leap", _next_leap, mine=never),
        Intent("world_clock.change", _change, mine=never),
    ]


def _is_span(words: str, now: datetime) -> bool:
    return isinstance(whole_time(words, now), Duration)


def _day(words: str, now: datetime) -> date | None:
    meaning = whole_time(words, now)
    short = isinstance(meaning, Period) and meaning.start and meaning.end and meaning.end - meaning.start <= 2 * DAY
    return meaning.start.date() if short and isinstance(meaning, Period) and meaning.start else None


def _is_day(words: str, now: datetime) -> bool:
    return _day(words, now) is not None


async def _between(asked: Asked) -> Said:
    first, last = _day(asked.slots["day"], asked.now), _day(asked.slots["other"], asked.now)
    if not first or not last:
        raise Pass
    if last < first and not re.search(r"\d{4}", asked.text):  # from November to March
        last = last.replace(year=last.year + 1) if last.replace(year=last.year + 1) > first else last
    first, last = sorted((first, last))
    return Said(says("world_clock.apart", length=length_in(asked.text, first, last)))


async def _apart(asked: Asked) -> Said:
    """How long it is from one time of the day to the next other one."""
    first, last = (find(asked.slots[name], asked.now, lean="future")[0] for name in ("moment", "end"))
    if not isinstance(first.meaning, Moment) or not isinstance(last.meaning, Moment):
        raise Pass
    turn = DAY / 2 if "half" in (first.every, last.every) else DAY
    length = (last.meaning.at - first.meaning.at) % turn
    return Said(says("world_clock.left", length=hours_in(length or turn)))


async def _then(asked: Asked) -> Said:
    """What time it is so long after another."""
    at, span = whole_time(asked.slots["moment"], asked.now), whole_time(asked.slots["span"], asked.now)
    if not isinstance(at, Moment) or not isinstance(span, Duration):
        raise Pass
    return Said(says("world_clock.time", time=said_clock(at.at + span.length)))


def hours_in(length: timedelta) -> str:
    """Hours and minutes, as people say them."""
    hours, minutes = divmod(round(length.total_seconds() / 60), 60)
    parts = [
        says(f"world_clock.{unit}", count=count) for unit, count in (("hours", hours), ("minutes", minutes)) if count
    ]
    return says("world_clock.and").join(parts) or says("world_clock.no_time")


def length_in(text: str, first: date, last: date) -> str:
    """How long it is between two days, in the unit that is asked for: days, if none is."""
    days = (last - first).days
    if pattern("en", FILE, "said.weeks").search(text):
        return _counted(days // 7, "weeks", days % 7)
    if pattern("en", FILE, "said.months").search(text):
        months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
        year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
        least = min(first.day, ((date(year, month + 1, 1) + 31 * DAY).replace(day=1) - DAY).day)
        return _counted(months, "months", (last - date(year, month + 1, least)).days)
    return says("world_clock.days", count=days)


def _counted(count: int, unit: str, days: int) -> str:
    parts = [says(f"world_clock.{unit}", count=count)] if count else []
    parts += [says("world_clock.days", count=days)] if days or not count else []
    return says("world_clock.and").join(parts)


def _year(words: str, now: datetime) -> int | None:
    if re.fullmatch(r"\d{4}", words.strip()):
        return int(words)
    meaning = whole_time(words, now)
    whole = isinstance(meaning, Period) and meaning.start and (meaning.start.month, meaning.start.day) == (1, 1)
    long = whole and isinstance(meaning, Period) and meaning.end and meaning.start
    return meaning.start.year if long and meaning.end - meaning.start > 364 * DAY else None  # type: ignore[union-attr]


def _is_year(words: str, now: datetime) -> bool:
    return _year(words, now) is not None


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


async def _leap(asked: Asked) -> Said:
    year = _year(asked.slots.get("year", ""), asked.now) or asked.now.year
    return Said(says("world_clock.leap" if _is_leap(year) else "world_clock.no_leap", year=year))


async def _next_leap(asked: Asked) -> Said:
    return Said(says("world_clock.next_leap", year=next(filter(_is_leap, range(asked.now.year + 1, 10**4)))))


async def _change(asked: Asked) -> Said:
    """The next night in which the clocks change here, or in which they go the way that is asked for."""
    way = next((way for way in ("back", "forward") if pattern("en", FILE, f"said.{way}").search(asked.text)), "")
    noon = datetime.combine(asked.now.date(), time(12), asked.now.tzinfo)
    for number in range(LONGEST):
        before, after = (noon + timedelta(days=number + more) for more in (0, 1))
        step = (after.utcoffset() or timedelta()) - (before.utcoffset() or timedelta())
        if step and way in ("", "forward" if step > timedelta() else "back"):
            key = "forward" if step > timedelta() else "back"
            return Said(says(f"world_clock.clocks_{key}", day=weekday_name(after), date=said_date(after)))
    return Said(says("world_clock.no_change"))
