"""Says one thing of an appointment: when, where, with whom, how long it is."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from voiceos.language.data import pattern
from voiceos.language.said_times import said_clock
from voiceos.language.sentences import joined
from voiceos.language.sentences import skill_says as says
from voiceos.skills.calendar.said import DAY, said_day, said_length, said_when, titled
from voiceos.store.appointments import WEEK, Appointment


def when(one: Appointment, now: datetime) -> str:
    return what(one, now) + _recurs(one)


def ends(one: Appointment, now: datetime) -> str:
    if not one.until:
        return _endless(one, now)
    end = one.until - DAY if one.days else one.until
    day = said_day(end, now)
    at = day if one.days else says("calendar.when.at", day=day, time=said_clock(end))
    return says(f"calendar.{'ended' if one.until < now else 'ends'}", title=one.title, when=at)


def where(one: Appointment, now: datetime) -> str:
    key = "where" if one.place else "no_place"
    return says(f"calendar.{key}", title=one.title, place=one.place, when=said_when(one, now))


def people_of(one: Appointment) -> Sequence[str]:
    """Who comes."""
    named = pattern("en", "skills/calendar", "with").search(one.title)
    return one.people or ([named[1]] if named else [])


def who(one: Appointment, now: datetime) -> str:
    people = people_of(one)
    key = "who" if people else "nobody"
    return says(f"calendar.{key}", title=one.title, people=joined(people), when=said_when(one, now))


def length(one: Appointment, now: datetime) -> str:
    if not one.until:
        return _endless(one, now)
    lasts, end = one.until - one.at, said_clock(one.until)
    days = one.days or (round(lasts / DAY) if lasts > DAY else 0)
    takes = says("calendar.days", count=days) if days else said_length(lasts)
    if one.until.date() != one.at.date():
        day = said_day(one.until, now).removeprefix(says("calendar.day.on"))
        end = says("calendar.when.at", day=day, time=end)
    key = ("took" if one.end < now else "takes") + ("_days" if one.days else "")
    return says(f"calendar.{key}", title=one.title, length=takes, when=said_when(one, now), end=end)


def until(one: Appointment, now: datetime, *, weeks: bool = False) -> str:
    """How far away it is, or was; `weeks`: in weeks and days."""
    left, days = one.at - now, abs((one.at.date() - now.date()).days)
    far = one.days or abs(left) > 2 * DAY
    length = _in_weeks(days) if weeks and days >= WEEK.days else says("calendar.days", count=days)
    length = length if far else said_length(abs(left))
    if left > timedelta(0):
        return says("calendar.until", length=length, sentence=what(one, now))
    return says("calendar.ago", length=length, sentence=what(one, now)) if one.end < now and days else what(one, now)


def _in_weeks(days: int) -> str:
    weeks, rest = divmod(days, WEEK.days)
    parts = [says("calendar.weeks", count=weeks), *([says("calendar.days", count=rest)] if rest else [])]
    return joined(parts)


def how_often(one: Appointment, now: datetime) -> str:
    return f"{_recurs(one).strip() or says('calendar.once')} {what(one, now)}"


def _endless(one: Appointment, now: datetime) -> str:
    return f"{what(one, now)} {says('calendar.no_end')}"


def what(one: Appointment, now: datetime) -> str:
    key = "was" if one.end < now else "is"
    return says(f"calendar.{key}", what=one.title, when=said_when(one, now), place=_place(one))


def _place(one: Appointment) -> str:
    return titled(one).removeprefix(one.title)


def _recurs(one: Appointment) -> str:
    return f" {says('calendar.recurs', often=one.often[:1].lower() + one.often[1:])}" if one.often else ""
