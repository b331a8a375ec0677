"""Calendars (ICS): a record an event, and one for each occurrence of a series in the years around now."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from voiceos.memory.ingest.charsets import clean, decode
from voiceos.memory.ingest.reading import Format, Reading, sane
from voiceos.store.records import Kind, Record

MOST_BYTES = 100_000_000
YEARS_BACK, YEARS_AHEAD = 5, 1
"""The occurrences of a series that become records."""
MOST_OCCURRENCES = 1_000
"""Of a series; the last ones are kept."""
MOST_CPU_SECONDS = 60.0
"""For a calendar; after this its series are kept without their occurrences."""
MOST_EXCEPTIONS = 5_000
"""Components of one event."""

_EVENTS = ("VEVENT", "VTODO", "VJOURNAL")
_UID = re.compile(r"^UID[^:\n]*:(.*(?:\n[ \t].*)*)", re.MULTILINE | re.IGNORECASE)
_TOO_OFTEN = re.compile(r"FREQ=(SECONDLY|MINUTELY|HOURLY)|BY(HOUR|MINUTE|SECOND)=\d+,", re.IGNORECASE)
_SERIES = re.compile(r"^(RRULE|RDATE|RECURRENCE-ID)", re.MULTILINE | re.IGNORECASE)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FREQUENCIES = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}


def read(reading: Reading) -> Iterator[Record]:
    """All events; one that is broken does not keep the others from being read. Raises Unreadable."""
    text = decode(reading.whole(MOST_BYTES)).replace("\r\n", "\n").replace("\r", "\n")
    zones = "".join(block for name, block in _components(text) if name == "VTIMEZONE")
    budget = _Budget()
    for uid, blocks in _events(text).items():
        try:
            yield from _event(reading, uid, blocks, zones if "TZID" in blocks[0] else "", budget)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError) as error:
            reading.problem(f"it is no event ({str(error)[:80]})", f"event '{uid[:60]}'")


class _Budget:
    """The processor's time that one calendar may take."""

    def __init__(self) -> None:
        self._began = time.thread_time()

    @property
    def spent(self) -> bool:
        return time.thread_time() - self._began > MOST_CPU_SECONDS


def _events(text: str) -> dict[str, list[str]]:
    """The components of each UID."""
    events: dict[str, list[str]] = {}
    for number, (name, block) in enumerate(_components(text)):
        if name not in _EVENTS:
            continue
        uid = _UID.search(block)
        blocks = events.setdefault(re.sub(r"\n[ \t]", "", uid[1]).strip() if uid else f"number {number + 1}", [])
        if len(blocks) < MOST_EXCEPTIONS:
            blocks.append(block)
    return events


def _components(text: str) -> Iterator[tuple[str, str]]:
    """The events and zones of a calendar, as they are written; one without an end is none."""
    name = ""
    block: list[str] = []
    for line in text.split("\n"):
        plain = line.strip().upper()
        if plain.startswith("BEGIN:") and plain[6:] in (*_EVENTS, "VTIMEZONE"):
            name, block = plain[6:], []
        if name:
            block.append(line)
        if name and plain == f"END:{name}":
            yield name, "\n".join(block) + "\n"
            name = ""


def _event(reading: Reading, uid: str, blocks: list[str], zones: str, budget: "_Budget") -> Iterator[Record]:
    import icalendar

    body = "BEGIN:VCALENDAR\nVERSION:2.0\n" + zones + "\n".join(blocks) + "\nEND:VCALENDAR\n"
    calendar = icalendar.Calendar.from_ical(body)
    events: list[Any] = [one for one in calendar.walk() if one.name in _EVENTS]
    master = next((event for event in events if "RECURRENCE-ID" not in event), events[0])
    if not _SERIES.search("\n".join(blocks)):
        if record := _record(reading, uid, master):
            yield record
        return
    often = _often(master)
    series = _record(reading, uid, master, often) if "RRULE" in master else None
    if _TOO_OFTEN.search("\n".join(blocks)):
        reading.problem("it recurs more than once a day; only its first time was kept", f"event '{uid[:60]}'")
        if series:
            yield series
        return
    if budget.spent or any(_never(event) for event in events):
        reading.problem("its times were not worked out: they take too long, or never come", f"event '{uid[:60]}'")
        if series:
            yield series
        return
    told = False
    for record in _occurrences(reading, uid, calendar, events):
        told = told or bool(series and series.at == record.at)
        yield record
    if series:  # its first time is told once
        yield replace(series, at=None, until=None) if told else series


def _occurrences(reading: Reading, uid: str, calendar: Any, events: list[Any]) -> Iterator[Record]:
    import recurring_ical_events

    begin, end = reading.now - timedelta(days=365 * YEARS_BACK), reading.now + timedelta(days=365 * YEARS_AHEAD)
    for event in events:
        _bound(event, end)
    components = {event.name for event in events}
    found: list[Any] = recurring_ical_events.of(calendar, components=sorted(components)).between(begin, end)
    found.sort(key=lambda event: str(_when(event)))
    if len(found) > MOST_OCCURRENCES:
        reading.problem(f"of its {len(found)} times the last {MOST_OCCURRENCES} were kept", f"event '{uid[:60]}'")
    for event in found[-MOST_OCCURRENCES:]:
        if record := _record(reading, uid, event):
            key = f"{uid}/{record.at:%Y%m%dT%H%M}" if record.at else uid
            yield replace(record, key=key, extra={**record.extra, "series": uid})


def _never(event: Any) -> bool:
    """Whether a series waits for a day like the 30th of February, for which dateutil looks until the year 9999."""
    rules = event.get("RRULE")
    for rule in rules if isinstance(rules, list) else [rules] if rules else []:
        months = [int(month) for month in rule.get("BYMONTH", [])]
        days = [abs(int(day)) for day in rule.get("BYMONTHDAY", [])]
        if months and days and not any(day <= _DAYS[month - 1] for month in months for day in days if 0 < month <= 12):
            return True
    return False


def _bound(event: Any, end: datetime) -> None:
    """An endless series gets an end."""
    rules = event.get("RRULE")
    for rule in rules if isinstance(rules, list) else [rules] if rules else []:
        if not rule.get("UNTIL") and not rule.get("COUNT"):
            start = _when(event)
            rule["UNTIL"] = [end.date() if not isinstance(start, datetime) else _like(end, start)]


def _like(end: datetime, start: datetime) -> datetime:
    return end.astimezone(UTC) if start.tzinfo else end.replace(tzinfo=None)


def _when(event: Any) -> Any:
    for name in ("DTSTART", "DUE", "DTSTAMP"):
        if value := event.get(name):
            return getattr(value, "dt", None)
    return None


def _record(reading: Reading, uid: str, event: Any, often: str = "") -> Record | None:
    """None for what was cancelled, or says nothing."""
    title = _words(event, "SUMMARY")
    if str(event.get("STATUS", "")).upper() == "CANCELLED" or not (title or event.get("DESCRIPTION")):
        return None
    start, until = _when(event), _end(event)
    place, about = _words(event, "LOCATION"), _words(event, "DESCRIPTION", lines=True)
    people = [person for person in (_person(reading, one) for one in _listed(event.get("ATTENDEE"))) if person]
    organiser = _person(reading, event.get("ORGANIZER")) if event.get("ORGANIZER") else ""
    others = [name for name in dict.fromkeys([organiser, *people]) if name and name != "owner"]
    sentences: list[str] = [("To do: " if event.name == "VTODO" else "") + (title or "An event")]
    sentences += [
        text for text in (often, f"At {place}" if place else "", f"With {', '.join(others)}" if others else "") if text
    ]
    text = ". ".join(sentence.rstrip(".") for sentence in sentences) + "." + (f"\n{about}" if about else "")
    extra: dict[str, Any] = {"uid": uid}
    if start is not None and not isinstance(start, datetime):
        extra["all_day"] = True
    if often:
        extra["recurs"] = often
    at = _moment(start)
    kind = Kind.NOTE if event.name == "VJOURNAL" else Kind.EVENT
    return Record(kind, uid, text, title, organiser, tuple(people[:50]), at, _moment(until), place=place, extra=extra)


def _end(event: Any) -> Any:
    if value := event.get("DTEND"):
        return value.dt
    start, lasts = _when(event), event.get("DURATION")
    if start is None or event.name != "VEVENT":
        return None
    if lasts is not None:
        return start + lasts.dt
    return None if isinstance(start, datetime) else start + timedelta(days=1)


def _moment(value: Any) -> datetime | None:
    """A date is its midnight here; a time without a zone is this machine's."""
    if isinstance(value, datetime):
        return sane(value)
    return sane(datetime(value.year, value.month, value.day)) if isinstance(value, date) else None


def _often(event: Any) -> str:
    """How often a series recurs, in words."""
    rules = event.get("RRULE")
    rule = rules[0] if isinstance(rules, list) else rules
    unit = _FREQUENCIES.get(str((rule or {}).get("FREQ", [""])[0]).upper(), "")
    if not unit:
        return ""
    every = int(rule.get("INTERVAL", [1])[0])
    start = _when(event)
    since = f" since {start.day} {start:%B %Y}" if start else ""
    return (f"Every {unit}" if every == 1 else f"Every {every} {unit}s") + since


def _words(event: Any, name: str, lines: bool = False) -> str:
    text = clean(" ".join(str(one) for one in _listed(event.get(name))))[:20_000]
    return text.strip() if lines else " ".join(text.split())


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list) else [value]


def _person(reading: Reading, value: Any) -> str:
    name = clean(str(getattr(value, "params", {}).get("CN", ""))).strip('" ')
    address = re.sub(r"^mailto:", "", clean(str(value)), flags=re.IGNORECASE)
    return "owner" if reading.author(address) == "owner" else reading.author(name, address)


def _recognises(_: Reading, head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \r\n\t")[:15].upper() == b"BEGIN:VCALENDAR"


CALENDAR = Format(
    "calendar",
    read,
    (".ics", ".ical", ".ifb", ".icalendar", ".vcs"),
    ("text/calendar", "application/ics", "text/x-vcalendar"),
    _recognises,
)
