"""The calendar of its own as a file (ICS) that other programs read."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from voiceos.store.appointments import Appointment, open_series, own, times
from voiceos.store.database import Connection

if TYPE_CHECKING:  # it takes a while
    from icalendar import Calendar, Event


def write(db: Connection, now: datetime, program: str) -> str:
    """Every appointment: an open series as its rule, with what was taken out of it or moved; any other by itself."""
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//{program}//EN")
    calendar.add("version", "2.0")
    series = open_series(db, now.tzinfo)
    for one in own(db, now.tzinfo):
        if one.series not in series:
            calendar.add_component(_event(one, one.key, now))
    for key, every in series.items():
        _add_series(calendar, key, sorted(every, key=lambda one: one.due), now)
    return calendar.to_ical().decode()


def _add_series(calendar: "Calendar", key: str, every: Sequence[Appointment], now: datetime) -> None:
    import icalendar

    first, zone = every[0], now.tzinfo
    begin = _at(first, first.due.replace(tzinfo=zone))
    master = _event(begin, key, now)
    master.add("rrule", icalendar.vRecur.from_ical(first.rule))
    there = {one.due for one in every}
    last = datetime.fromisoformat(max(one.through for one in every))
    for one in times(begin, first.rule, last.replace(hour=23, minute=59)):
        if one.at.replace(tzinfo=None) not in there:
            master.add("exdate", one.at.date() if one.days else one.at)
    calendar.add_component(master)
    for one in every:
        if one.at.replace(tzinfo=None) != one.due:
            moved = _event(one, key, now)
            due = one.due.replace(tzinfo=zone)
            moved.add("recurrence-id", due.date() if one.days else due)
            calendar.add_component(moved)


def _at(one: Appointment, at: datetime) -> Appointment:
    from dataclasses import replace

    return replace(one, at=at, until=one.until and at + (one.until - one.at))


def _event(one: Appointment, uid: str, now: datetime) -> "Event":
    import icalendar

    event = icalendar.Event()
    event.add("uid", f"{uid}@voiceos")
    event.add("dtstamp", now)
    event.add("summary", one.title)
    event.add("dtstart", one.at.date() if one.days else one.at)
    if one.until:
        event.add("dtend", one.until.date() if one.days else one.until)
    if one.place:
        event.add("location", one.place)
    return event
