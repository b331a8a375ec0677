"""Moves an appointment to another time, as words tell."""

from dataclasses import replace
from datetime import datetime, timedelta

from voiceos.language.data import pattern, table
from voiceos.language.times import Duration, Found, Moment, Period, find
from voiceos.language.times.hours import in_its_hour
from voiceos.skills.calendar.hours import NOON, at_time, evening, is_day
from voiceos.skills.calendar.said import bare_times, matches
from voiceos.store.appointments import Appointment


def moved(one: Appointment, words: str, now: datetime, text: str) -> Appointment | None:
    """The appointment at another time, as the words of a text tell; None if they tell no time that is enough."""
    words = pattern("en", "skills/calendar", "unchanged").sub(" ", words)
    words = pattern("en", "skills/calendar", "from_to").sub(str(table("en", "skills/calendar")["at"]), words)
    words = next((one for one in bare_times(words) if find(one, now, lean="future")), words)
    found = find(words, now, lean="future")
    told = [(words[new.start : new.end], new) for new in found]
    others = [(said, new) for said, new in told if not _has(one, new)] or told
    periods = [new.meaning for new in find(text, now, lean="future") if _has(one, new)]
    begins = [period.start for period in periods if isinstance(period, Period) and period.start and period.start > now]
    if begins:  # "next week's to Wednesday"
        others = [(said, next(iter(find(said, begins[0], lean="future")), new)) for said, new in others]
    day = next((new for _, new in others if isinstance(new.meaning, Period) and is_day(new.meaning)), None)
    if day and isinstance(day.meaning, Period) and day.meaning.start:
        on = _nearest(day, day.meaning.start, one, now)
        at = datetime.combine(on.date(), one.at.time(), one.at.tzinfo)
        on_day = at_time(one, at)
        hours = (_moved(on_day, new, said, words, now) for said, new in others if new is not day)
        return next(filter(None, hours), on_day)
    return next(filter(None, (_moved(one, new, said, words, now) for said, new in others)), None)


def _nearest(found: Found, at: datetime, one: Appointment, now: datetime) -> datetime:
    """The day of the week that is meant: the next, or the nearest to what is more than a week ahead. `at`: the next."""
    if found.every != "week" or one.at.date() - now.date() < timedelta(weeks=1):
        return at
    return at + timedelta(weeks=max(0, round((one.at.date() - at.date()).days / 7)))


def _has(one: Appointment, found: Found) -> bool:
    """Whether a time is that of the appointment as it is: "move tomorrow's meeting to Friday"."""
    match found.meaning:
        case Moment(at) if found.every in ("day", "half"):
            return (at.hour % 12, at.minute) == (one.at.hour % 12, one.at.minute)
        case Moment(at):
            return at == one.at
        case Period(start, end) if start and end:
            return start <= one.at < end
        case _:
            return False


def _moved(one: Appointment, new: Found, said: str, words: str, now: datetime) -> Appointment | None:
    """The appointment at one other time, or None if that is none."""
    match new.meaning:
        case Duration():
            length = -new.meaning.length if matches("earlier", words) else new.meaning.length
            return at_time(one, one.at + length)
        case Moment(at) if new.every == "hour":
            return at_time(one, in_its_hour(one.at, at.minute))
        case Moment(at) if new.every in ("day", "half"):
            at = datetime.combine(one.at.date(), at.time(), one.at.tzinfo)
            other = at + timedelta(hours=NOON if at.hour < NOON else -NOON)
            same = (at.hour < NOON) == (one.at.hour < NOON) or new.every == "day"
            return at_time(one, at if same else other)
        case Moment(at):
            return at_time(one, evening(_nearest(new, at, one, now), f"{one.title} {words}"))
        case Period(start, end) if start and end and matches("span", said):
            return replace(one, at=start, until=end)
        case _:
            return None
