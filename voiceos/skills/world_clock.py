"""Tells the time and the date, here and elsewhere, and how far away a day is."""

from datetime import date, datetime, timedelta, tzinfo

from voiceos.language.data import pattern
from voiceos.language.places import city_of, place_in, zone_of
from voiceos.language.said_times import said_clock, said_date, weekday_name
from voiceos.language.sentences import skill_says as says
from voiceos.language.tenses import looks_back
from voiceos.language.times import Lean, Meaning, Moment, Period
from voiceos.skills.date_facts import date_facts, hours_in, length_in
from voiceos.skills.skill import Asked, Intent, Pass, Said, Skill, Workshop, never
from voiceos.skills.slots import is_moment, time_in, whole_time

FAR = timedelta(hours=48)
"""What is nearer than this is told in hours and minutes, if its hour was said."""


def make(workshop: Workshop) -> Skill:
    place, day = _is_place, _is_day
    return Skill(
        "world_clock",
        [
            Intent("world_clock.time", _time, mine=_asks_the_clock),
            Intent("world_clock.there", _there, slots={"place": place}),
            Intent("world_clock.when_there", _when_there, slots={"place": place, "other": place, "moment": is_moment}),
            Intent("world_clock.zone", _zone, slots={"place": place}),
            Intent("world_clock.ahead", _ahead, slots={"place": place, "other": place}),
            Intent("world_clock.date", _date),
            Intent("world_clock.weekday", _weekday, slots={"day": day}, mine=_tells_a_day),
            Intent("world_clock.is_weekday", _is_weekday, slots={"day": day, "weekday": _is_one_weekday}, mine=never),
            Intent("world_clock.date_of", _date_of, slots={"day": day}),
            Intent("world_clock.until", _until, slots={"day": _is_day_or_moment}, mine=_reaches_a_time),
            Intent("world_clock.since", _since, slots={"day": day}, mine=_reaches_a_time),
            Intent("world_clock.year", _year),
            Intent("world_clock.month", _month),
            Intent("world_clock.week", _week),
            *date_facts(),
        ],
    )


# What its slots are


def _is_place(words: str, now: datetime) -> bool:
    return zone_of(words) is not None


def _is_day(words: str, now: datetime) -> bool:
    return _day(words, now, "future") is not None


def _is_day_or_moment(words: str, now: datetime) -> bool:
    return is_moment(words, now) or _is_day(words, now)


def _is_one_weekday(words: str, now: datetime) -> bool:
    return any(words.lower() == weekday_name(now + timedelta(days=more)).lower() for more in range(7))


def _asks_the_clock(asked: Asked) -> bool:
    """Whether it is not the time of something that was spoken of: "when is it?", "what time is it coming?"."""
    return pattern("en", "skills/world_clock", "said.of_something").search(asked.text.lower()) is None


def _reaches_a_time(asked: Asked) -> bool:
    """Whether it is not how far off something is that only falls on such a day: "till we fly home for Easter"."""
    reached = _reached(asked)
    return not reached or whole_time(reached, asked.now) is not None


def _reached(asked: Asked) -> str:
    """What stands after "until", or "since"."""
    found = pattern("en", "skills/world_clock", "said.reached").search(asked.text.lower())
    return found[1] if found else ""


def _tells_a_day(asked: Asked) -> bool:
    """Without one, today would be told of a day that isn't understood."""
    of_today = pattern("en", "skills/world_clock", "said.of_today").search(asked.text)
    return of_today is not None or time_in(asked.text, asked.now) is not None


def _day(words: str, now: datetime, lean: Lean) -> date | None:
    """The day that the words name, all of them."""
    return _day_of(whole_time(words, now, lean))


def _day_asked(asked: Asked, lean: Lean) -> date:
    """The day that is asked about. Raises Pass if none is told."""
    words = asked.slots.get("day") or _reached(asked)
    day = _day(words, asked.now, lean) if words else _day_of(time_in(asked.text, asked.now, lean))
    if day is None:
        raise Pass
    return day


def _lean(text: str) -> Lean:
    """Whether a day without a year has been or will be, as the verb says."""
    return "past" if looks_back(text, len(text), len(text)) else "future"


def _day_of(meaning: Meaning | None) -> date | None:
    if isinstance(meaning, Period) and meaning.start and meaning.end and meaning.end - meaning.start < FAR:
        return meaning.start.date()
    return None


# The time


async def _time(asked: Asked) -> Said:
    return Said(says("world_clock.time", time=said_clock(asked.now)))


async def _there(asked: Asked) -> Said:
    where = _named(asked.slots.get("place") or place_in(asked.text))
    if where is None:
        return Said(says("world_clock.where"))
    zone, place = where
    return Said(_told(asked.now.astimezone(zone), asked.now, place))


async def _when_there(asked: Asked) -> Said:
    """What a time here, or elsewhere, is in another place."""
    moment, there = whole_time(asked.slots.get("moment", ""), asked.now), _named(asked.slots.get("place", ""))
    here = _named(asked.slots.get("other", ""))
    if not isinstance(moment, Moment) or not there:
        raise Pass
    at = moment.at.replace(tzinfo=here[0]) if here else moment.at
    return Said(_told(at.astimezone(there[0]), at, there[1]))


async def _zone(asked: Asked) -> Said:
    where = _named(asked.slots.get("place") or place_in(asked.text))
    if where is None:
        return Said(says("world_clock.where"))
    at = asked.now.astimezone(where[0])
    away = _offset(at)
    key = "utc" if not away else "utc_ahead" if away > timedelta(0) else "utc_behind"
    hours = says(f"world_clock.{key}", hours=hours_in(abs(away)))
    name = says("world_clock.zone_name", city=city_of(where[0]))
    return Said(says("world_clock.zone", place=where[1], zone=name, hours=hours, time=said_clock(at)))


async def _ahead(asked: Asked) -> Said:
    there, other = _named(asked.slots.get("place") or place_in(asked.text)), _named(asked.slots.get("other", ""))
    if not there:
        raise Pass
    now = asked.now.astimezone(other[0]) if other else asked.now
    away = _offset(now.astimezone(there[0])) - _offset(now)
    key = "same" if not away else "ahead" if away > timedelta(0) else "behind"
    than = other[1] if other else says("world_clock.here")
    return Said(says(f"world_clock.{key}", place=there[1], hours=hours_in(abs(away)), other=than))


def _named(place: str) -> tuple[tzinfo, str] | None:
    """A zone, and how its place is called."""
    place = place.removesuffix("'s")
    found = zone_of(place) if place else None
    if not found:
        return None
    name = place if place[:1].isupper() else place.title()
    zone, city = found
    return zone, says("world_clock.city", city=city, country=name) if city else name


def _told(at: datetime, now: datetime, place: str) -> str:
    """The time there, with its day where that is another."""
    key = "there" if at.date() == now.date() else "there_dated"
    return says(f"world_clock.{key}", place=place, time=said_clock(at), day=weekday_name(at))


def _offset(at: datetime) -> timedelta:
    return at.utcoffset() or timedelta(0)


# The date


async def _date(asked: Asked) -> Said:
    return Said(says("world_clock.date", day=weekday_name(asked.now), date=said_date(asked.now)))


async def _weekday(asked: Asked) -> Said:
    """Which day of the week a date is, was or will be."""
    if "day" not in asked.slots and time_in(asked.text, asked.now) is None:
        return Said(_dated(asked.now.date(), asked))
    return Said(_dated(_day_asked(asked, _lean(asked.text)), asked))


async def _is_weekday(asked: Asked) -> Said:
    day = _day_asked(asked, _lean(asked.text))
    name = weekday_name(datetime.combine(day, datetime.min.time()))
    yes = name.lower() == asked.slots["weekday"].lower()
    return Said(says("world_clock.yes" if yes else "world_clock.no", told=_dated(day, asked)))


async def _date_of(asked: Asked) -> Said:
    return Said(_dated(_day_asked(asked, "future"), asked))


def _dated(day: date, asked: Asked) -> str:
    at, today = datetime.combine(day, datetime.min.time()), asked.now.date()
    key = "is" if day == today else "was" if day < today else "will_be"
    return says(f"world_clock.{key}", date=said_date(at), day=weekday_name(at))


async def _until(asked: Asked) -> Said:
    words = asked.slots.get("day") or _reached(asked)
    meaning = whole_time(words, asked.now) if words else time_in(asked.text, asked.now)
    if isinstance(meaning, Moment) and meaning.at - asked.now < FAR:
        return Said(says("world_clock.left", length=hours_in(meaning.at - asked.now)))
    day = meaning.at.date() if isinstance(meaning, Moment) else _day_asked(asked, "future")
    days = (day - asked.now.date()).days
    if days <= 0:
        return Said(says("world_clock.today" if days == 0 else "world_clock.gone"))
    at, length = datetime.combine(day, datetime.min.time()), length_in(asked.text, asked.now.date(), day)
    return Said(says("world_clock.until", count=days, length=length, day=weekday_name(at), date=said_date(at)))


async def _since(asked: Asked) -> Said:
    day = _day_asked(asked, "past")
    return Said(says("world_clock.since", count=(asked.now.date() - day).days))


async def _year(asked: Asked) -> Said:
    return Said(says("world_clock.year", year=asked.now.year))


async def _month(asked: Asked) -> Said:
    return Said(says("world_clock.month", month=said_date(asked.now, asked.now).split()[-1]))


async def _week(asked: Asked) -> Said:
    return Said(says("world_clock.week", week=asked.now.isocalendar().week))
