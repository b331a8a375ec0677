"""The calendar of its own as a file (ICS) that other programs read."""

from datetime import datetime

from voiceos.store.appointments import own
from voiceos.store.database import Connection


def write(db: Connection, now: datetime, program: str) -> str:
    """Every appointment, each time of a series by itself."""
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//{program}//EN")
    calendar.add("version", "2.0")
    for one in own(db, now.tzinfo):
        event = icalendar.Event()
        event.add("uid", f"{one.key}@voiceos")
        event.add("dtstamp", now)
        event.add("summary", one.title)
        event.add("dtstart", one.at.date() if one.days else one.at)
        if one.until:
            event.add("dtend", one.until.date() if one.days else one.until)
        if one.place:
            event.add("location", one.place)
        calendar.add_component(event)
    return calendar.to_ical().decode()
