"""Calendars (ICS): one record per event, and one for each occurrence of a series in the years around now."""

import re
import time
from calendar import monthrange
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

from voiceos.language.data import table
from voiceos.memory.ingest.charsets import clean
from voiceos.memory.ingest.components import MISTAKES, Component, by_uid
from voiceos.memory.ingest.contentlines import text_of
from voiceos.memory.ingest.html import text_of as text_of_html
from voiceos.memory.ingest.reading import EARLIEST_YEAR, LATEST_YEAR, Format, Reading, begins, numbered, sane
from voiceos.memory.ingest.words import told
from voiceos.store.records import OWNER, Kind, Record

MOST_BYTES = 100_000_000
YEARS_BACK, YEARS_AHEAD = 5, 1
"""The occurrences of a series that become records."""
MOST_OCCURRENCES = 1_000
"""Occurrences per series; the last ones are kept."""
MOST_CPU_SECONDS = 60.0
"""CPU time per calendar. After that, its series are kept without their occurrences."""

_TOO_OFTEN = re.compile(r"FREQ=(SECONDLY|MINUTELY|HOURLY)|BY(HOUR|MINUTE|SECOND)=\d+,")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[0-9a-f]{1,5});", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:br|p|div|span|ul|b|i|a)\b[^<>]*>", re.IGNORECASE)


@numbered
def read(reading: Reading) -> Iterator[Record]:
    """All events; one that is broken does not keep the others from being read. Raises Unreadable."""
    deadline = time.thread_time() + MOST_CPU_SECONDS
    for uid, components in by_uid(text_of(reading.whole(MOST_BYTES))).items():
        where = f"event '{uid[:60]}'"
        for one in components:
            if one.strange:
                reading.note(f"its time zone is unknown: '{one.strange[:60]}'", where)
        try:
            yield from _event(reading, uid, components, where, deadline)
        except MISTAKES as error:
            reading.problem(f"it is not a valid event ({str(error)[:80]})", where)


def _event(reading: Reading, uid: str, components: list[Component], where: str, deadline: float) -> Iterator[Record]:
    """What all components of one name say: usually one event, or a series and its exceptions."""
    reading.ends += [end for one in components if one.cancelled and (end := _ending(_parsed(one)))]
    masters = [one for one in components if not one.time]
    exceptions = [one for one in components if one.time]
    if not masters or not (exceptions or any(one.value("RRULE") or one.value("RDATE") for one in masters)):
        for one in components:
            if record := _record(reading, uid, _parsed(one)):
                several = len(components) > 1 and record.at
                yield replace(record, key=f"{uid}/{record.at:%Y%m%dT%H%M}") if several else record
        return
    for number, master in enumerate(masters):
        if not master.cancelled:
            events = [_parsed(one, master.version) for one in (master, *([] if number else exceptions))]
            yield from _series(reading, uid, events, where, deadline)


def _parsed(component: Component, least: str = "") -> Any:
    """The component with its times in their zones, which are this calendar's own. `least`: its series' version."""
    import icalendar
    from icalendar.timezone import tzp

    tzp.use_default()  # it keeps the zones of calendars that were read before
    written = component.written
    for name, definition in component.zones.items():
        if f'TZID="{name}"' in written:
            with suppress(*MISTAKES):
                tzp.cache_timezone_component(definition)
    parser = {"VEVENT": icalendar.Event, "VTODO": icalendar.Todo, "VJOURNAL": icalendar.Journal}
    event = parser[component.kind].from_ical(written)
    wrong = {name for name, _ in event.errors}
    if wrong & {"DTSTART", "DUE"}:
        raise ValueError("its time cannot be read")
    for name in wrong:
        event.pop(name, None)
    if component.cancelled:
        event["STATUS"] = "CANCELLED"
    event["X-VERSION"] = max(component.version, least)
    return event


def _series(reading: Reading, uid: str, events: list[Any], where: str, deadline: float) -> Iterator[Record]:
    first = events[0]
    series = _record(reading, uid, first, _often(first)) if "RRULE" in first else None
    rules = [rule for event in events for rule in _listed(event.get("RRULE"))]
    times: list[Record] = []
    if any(_TOO_OFTEN.search(rule.to_ical().decode()) for rule in rules):
        reading.problem("it recurs more than once a day; only its first time was kept", where)
    elif time.thread_time() > deadline or any(map(_never, rules)):
        reading.problem("its times were not worked out: that takes too long, or they never come", where)
    else:
        try:
            times = list(_occurrences(reading, uid, events, where))
        except MISTAKES as error:
            reading.problem(f"its times cannot be worked out ({str(error)[:80]})", where)
            series = series or _record(reading, uid, first)
    yield from times
    if series:  # its first time is described once, or taken out of it
        apart = "EXDATE" in first or any(one.at == series.at for one in times)
        yield replace(series, at=None, until=None) if apart else series


def _occurrences(reading: Reading, uid: str, events: list[Any], where: str) -> Iterator[Record]:
    """The times around now of a series; all of them if they are listed."""
    import icalendar
    import recurring_ical_events

    begin, end = reading.now - timedelta(days=365 * YEARS_BACK), reading.now + timedelta(days=365 * YEARS_AHEAD)
    if "RRULE" not in events[0]:
        begin, end = datetime(EARLIEST_YEAR, 1, 1, tzinfo=UTC), datetime(LATEST_YEAR, 1, 1, tzinfo=UTC)
    calendar = icalendar.Calendar()
    for event in events:
        for rule in _listed(event.get("RRULE")):
            _bound(rule, _when(event), end)
        calendar.add_component(event)
    found: list[Any] = recurring_ical_events.of(calendar, components=[events[0].name]).between(begin, end)
    found.sort(key=lambda event: str(_when(event)))
    if len(found) > MOST_OCCURRENCES:
        reading.problem(f"of its {len(found)} times only the last {MOST_OCCURRENCES} were kept", where)
    for event in found[-MOST_OCCURRENCES:]:
        if record := _record(reading, uid, event):
            yield replace(record, key=f"{uid}/{record.at:%Y%m%dT%H%M}") if record.at else record


def _never(rule: Any) -> bool:
    """Whether a rule waits for a day like the 30th of February, for which dateutil looks until the year 9999."""
    months = [int(month) for month in rule.get("BYMONTH", [])]
    days = [abs(int(day)) for day in rule.get("BYMONTHDAY", [1])]
    lasts = [monthrange(2000, month)[1] for month in months if 1 <= month <= 12]
    return bool(months) and not any(day <= last for last in lasts for day in days)


def _bound(rule: Any, start: Any, end: datetime) -> None:
    """An endless series gets an end; one that ends at a time without a zone ends in the zone of its begin."""
    zone = start.tzinfo if isinstance(start, datetime) else None
    until: Any = next(iter(rule.get("UNTIL", [])), None)
    if until is None and not rule.get("COUNT"):
        until = end if zone else end.replace(tzinfo=None) if isinstance(start, datetime) else end.date()
        rule["UNTIL"] = [until]
    if until is not None and zone:
        until = until if isinstance(until, datetime) else datetime.combine(until, datetime.max.time())
        rule["UNTIL"] = [(until if until.tzinfo else until.replace(tzinfo=zone)).astimezone(UTC)]


def _when(event: Any) -> Any:
    for name in ("DTSTART", "DUE", "DTSTAMP"):
        if value := event.get(name):
            return getattr(value, "dt", None)
    return None


def _record(reading: Reading, uid: str, event: Any, often: str = "") -> Record | None:
    """None for what was cancelled, or says nothing."""
    title = _words(event, "SUMMARY")
    status = str(event.get("STATUS", "")).upper()
    if status == "CANCELLED" or not (title or event.get("DESCRIPTION") or event.get("LOCATION")):
        return None
    start = _when(event)
    at = _moment(start)
    place = _words(event, "LOCATION")
    about = _words(event, "DESCRIPTION", lines=True) or _words(event, "X-ALT-DESC", lines=True)
    organiser, people = (
        [name for value in _listed(event.get(which)) if (name := _person(reading, value))]
        for which in ("ORGANIZER", "ATTENDEE")
    )
    others = [name for name in dict.fromkeys([*organiser, *people]) if name != OWNER]
    what = title or told("event.untitled")
    sentences = [
        told("event.task", title=what) if event.name == "VTODO" and status != "COMPLETED" else what,
        often,
        told("event.place", place=place) if place else "",
        told("event.people", people=", ".join(others)) if others else "",
    ]
    text = ". ".join(one.rstrip(".") for one in sentences if one) + "." + (f"\n{about}" if about else "")
    kind = Kind.NOTE if event.name == "VJOURNAL" else Kind.EVENT
    author, addressees = next(iter(organiser), ""), tuple(people[:50])
    extra = _version(event) | ({"often": _every(event)} if often else {})
    return Record(kind, uid, text, title, author, addressees, at, _end(event, at), place=place, extra=extra)


def _version(event: Any) -> dict[str, Any]:
    """Which version of what it is, also of one time in a series; nothing without a name."""
    uid = str(event.get("UID", "")).strip()
    if not uid:
        return {}
    if uid.isdigit() and len(uid) < 10:  # calendars that only count their events count alike
        uid = f"{uid} {_words(event, 'SUMMARY')}"
    of = _moment(getattr(event.get("RECURRENCE-ID"), "dt", None))
    version = {"uid": uid, "version": str(event["X-VERSION"])}
    return version | {"of": of.timestamp()} if of else version


def _ending(event: Any) -> Record | None:
    """What ends an event that other files may tell."""
    if not (version := _version(event)) or event.name == "VJOURNAL":
        return None
    key = f"end of {' '.join(map(str, version.values()))}"
    return Record(Kind.REPLACED, key, "", at=_moment(_when(event)), extra=version | {"ends": True})


def _end(event: Any, at: datetime | None) -> datetime | None:
    """Its end, if after its start. A whole day ends with the next one."""
    if at is None or "DTSTART" not in event:
        return None
    start = event["DTSTART"].dt
    ends = [event[name].dt for name in ("DTEND", "DUE") if name in event]
    ends += [start + event["DURATION"].dt] if "DURATION" in event else []
    until = _moment(ends[0]) if ends else None
    if until and until > at:
        return until
    is_day = event.name == "VEVENT" and not isinstance(start, datetime)
    return _moment(start + timedelta(days=1)) if is_day else None


def _moment(value: Any) -> datetime | None:
    """A date is its midnight here; a time without a zone is this machine's."""
    return sane(datetime(value.year, value.month, value.day)) if type(value) is date else sane(value)


def _often(event: Any) -> str:
    """How often a series recurs, in words, and since when."""
    often, start = _every(event), _when(event)
    if not often:
        return ""
    if start and start.year < EARLIEST_YEAR:  # programs use this year for a birthday without one
        return told("event.on", often=often, date=f"{start.day} {start:%B}")
    return told("event.since", often=often, date=f"{start.day} {start:%B %Y}") if start else often


def _every(event: Any) -> str:
    rule: Any = next(iter(_listed(event.get("RRULE"))), {})
    forms = table("en", "records")["often"].get(str(rule.get("FREQ", [""])[0]).upper())
    every = int(rule.get("INTERVAL", [1])[0])
    return str(forms[every > 1]).format(count=every) if forms else ""


def _words(event: Any, name: str, lines: bool = False) -> str:
    text = clean(" ".join(str(one) for one in _listed(event.get(name))))[:20_000].replace('\\"', '"')
    text = text_of_html(text) if _MARKUP.search(text) else _ENTITY.sub(lambda found: unescape(found[0]), text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip() if lines else " ".join(text.split())


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _person(reading: Reading, value: Any) -> str:
    address = re.sub(r"^mailto:", "", clean(str(value)), flags=re.IGNORECASE)
    name = clean(str(getattr(value, "params", {}).get("CN", ""))).strip('" ')
    return reading.author(name, address)


CALENDAR = Format(
    "calendar",
    read,
    (".ics", ".ical", ".ifb", ".icalendar", ".vcs"),
    ("text/calendar", "application/ics", "text/x-vcalendar"),
    begins(b"BEGIN:VCALENDAR"),
)
