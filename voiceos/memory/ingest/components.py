"""The events, tasks and journals of a calendar file: mended, with their zones, and the newest of each."""

import re
from calendar import isleap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from voiceos.memory.ingest.contentlines import Property, properties
from voiceos.memory.ingest.zones import exact, known

EVENTS = ("VEVENT", "VTODO", "VJOURNAL")
NO_YEAR = "1604"
"""As Apple writes it."""
MOST_OF_ONE = 5_000
"""Components of one UID."""
_TIMES = frozenset("DTSTART DTEND DUE RECURRENCE-ID RDATE EXDATE".split())
_NEEDED = _TIMES | frozenset(
    """SUMMARY DESCRIPTION X-ALT-DESC LOCATION UID DURATION RRULE ATTENDEE ORGANIZER STATUS SEQUENCE LAST-MODIFIED
    DTSTAMP""".split()
)
_NAMES = _NEEDED | frozenset(
    """BEGIN END VERSION PRODID METHOD CALSCALE TZ DAYLIGHT TZID TZOFFSETFROM TZOFFSETTO TZNAME TZURL ACTION ALARM
    AALARM DALARM MALARM PALARM TRIGGER REPEAT ATTACH CATEGORIES CLASS CREATED COMPLETED PERCENT-COMPLETE PRIORITY
    TRANSP URL GEO RESOURCES CONTACT RELATED-TO REQUEST-STATUS EXRULE FREEBUSY COLOR IMAGE CONFERENCE NAME SOURCE
    REFRESH-INTERVAL ACKNOWLEDGED STRUCTURED-DATA PARTICIPANT RNUM COMMENT""".split()
)
_RULES = frozenset(
    """FREQ UNTIL COUNT INTERVAL BYDAY BYMONTH BYMONTHDAY BYYEARDAY BYWEEKNO BYSETPOS BYHOUR BYMINUTE BYSECOND
    WKST""".split()
)
_FREQUENCY = re.compile(r"(?:^|;)FREQ=(?:YEAR|MONTH|WEEK|DAI|HOUR|MINUTE|SECOND)LY")
_OLD_RULE = re.compile(r"(D|W|MP|MD|YM|YD)(\d+)((?: [^#\s]+)*)(?: #(\d+))?\s*")
_OLD_KINDS = {"D": "DAILY", "W": "WEEKLY", "MP": "MONTHLY", "MD": "MONTHLY", "YM": "YEARLY", "YD": "YEARLY"}
_OLD_DAYS = {"MD": "BYMONTHDAY", "YM": "BYMONTH", "YD": "BYYEARDAY", "W": "BYDAY", "MP": "BYDAY"}
_WHEN = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d))?(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?")


@dataclass(slots=True)
class Component:
    """An event, a task or a journal's entry."""

    kind: str
    properties: list[Property] = field(default_factory=list[Property])
    zones: dict[str, str] = field(default_factory=dict[str, str])
    """The definitions of its calendar's zones."""
    cancelled: bool = False
    strange: str = ""
    """A zone that it names, and that nobody knows."""

    def value(self, name: str) -> str:
        """The value of a property; empty if there is none."""
        return next((one.value for one in self.properties if one.name == name), "")

    @property
    def version(self) -> tuple[int, str, bool]:
        """What is larger the newer it is."""
        sequence = self.value("SEQUENCE").strip()
        return int(sequence) if sequence.isdigit() else 0, self.value("LAST-MODIFIED"), self.cancelled

    @property
    def written(self) -> str:
        """As a calendar holds it."""
        lines = [f"BEGIN:{self.kind}"]
        for one in self.properties:
            parameters = "".join(f';{key}="{text}"' for key, text in one.parameters.items())
            lines.append(f"{one.name}{parameters}:" + one.value.replace("\n", "\\n"))
        return "\n".join([*lines, f"END:{self.kind}", ""])


@dataclass(slots=True)
class _Calendar:
    zone: str = ""
    """Of times that name none."""
    cancels: bool = False
    events: list[Component] = field(default_factory=list[Component])
    definitions: list[Component] = field(default_factory=list[Component])


def by_uid(lines: Iterable[str]) -> dict[str, list[Component]]:
    """What a file holds, by the names of events; of each time of an event only what was said last."""
    found: dict[str, list[Component]] = {}
    for component in _components(lines):
        if not component.properties:
            continue
        all_of_it = found.setdefault(
            component.value("UID").strip() or f"{component.value('DTSTART')} {component.value('SUMMARY')}", []
        )
        if len(all_of_it) < MOST_OF_ONE:
            all_of_it.append(component)
    return {uid: _newest(components) for uid, components in found.items()}


def _newest(components: list[Component]) -> list[Component]:
    newest: dict[str, tuple[int, str, bool]] = {}
    for one in components:
        time = one.value("RECURRENCE-ID")
        newest[time] = max(newest.get(time, one.version), one.version)
    kept = {
        (time, one.value("DTSTART"), one.value("SUMMARY")): one
        for one in components
        if one.version == newest[time := one.value("RECURRENCE-ID")]
    }
    return list(kept.values())


def _components(lines: Iterable[str]) -> Iterator[Component]:
    for calendar in _calendars(lines):
        zones = {name: zone.written for zone in calendar.definitions if not exact(name := zone.value("TZID"))}
        for event in calendar.events:
            event.zones = zones
            event.properties = [one for one in event.properties if one.name in _NEEDED]
            for one in event.properties:
                _mend(one, event, calendar.zone)
            event.cancelled = calendar.cancels or event.value("STATUS").strip().upper() == "CANCELLED"
            yield event


def _calendars(lines: Iterable[str]) -> Iterator[_Calendar]:
    """The calendars of a file; what has no end ends where the next begins."""
    calendar = _Calendar()
    open: Component | None = None
    inner = 0
    for one in properties(lines, lambda name: name in _NAMES or name.startswith("X-")):
        kind = one.value.strip().upper()
        if one.name == "BEGIN" and kind == "VCALENDAR":
            yield calendar
            calendar, open = _Calendar(), None
        elif one.name == "BEGIN" and kind in (*EVENTS, "VTIMEZONE"):
            open, inner = Component(kind), 0
            (calendar.definitions if kind == "VTIMEZONE" else calendar.events).append(open)
        elif one.name == "END" and (kind == "VCALENDAR" or (open and kind == open.kind)):
            open = None
        elif open is None:
            _head(calendar, one)
        else:
            inner += (one.name == "BEGIN") - (one.name == "END")
            if open.kind == "VTIMEZONE" or not (inner or one.name == "END"):
                one.value = one.value.strip("\"' /") if one.name == "TZID" else one.value
                open.properties.append(one)
    yield calendar


def _head(calendar: _Calendar, one: Property) -> None:
    if one.name in ("X-WR-TIMEZONE", "TZ"):
        calendar.zone = known(one.value)
    elif one.name == "METHOD":
        calendar.cancels = one.value.strip().upper() == "CANCEL"


def _mend(one: Property, event: Component, zone: str) -> None:
    """Writes a property as the standard wants it."""
    one.parameters = {name: text for name, text in one.parameters.items() if name in ("TZID", "VALUE", "CN", "RANGE")}
    if one.name == "RRULE":
        one.value = _rule(one.value)
    elif one.name in _TIMES:
        _mend_time(one, event, zone)


def _mend_time(one: Property, event: Component, zone: str) -> None:
    one.value = ",".join(_written(text) for text in re.split(r"[,;]", one.value) if text.strip())
    named, kind = one.parameters.pop("TZID", ""), one.parameters.pop("VALUE", "")
    if kind == "DATE" and one.value.endswith("T000000"):
        one.value = one.value[:8]
    if "/" in one.value:
        one.parameters["VALUE"] = "PERIOD"
    elif "T" not in one.value:
        one.parameters["VALUE"] = "DATE"
    if "T" in one.value and not one.value.endswith("Z"):
        found = known(named, event.zones) if named else zone
        event.strange = event.strange or ("" if found or not named else named)
        one.parameters |= {"TZID": found} if found else {}


def _written(text: str) -> str:
    """A time in the one way in which calendars write it, also where it came as ISO 8601."""
    begin, slash, end = text.strip().partition("/")
    found = _WHEN.fullmatch(begin)
    if not found:
        return text.strip()
    year, month, day, hour, minute, second, zone = found.groups()
    if month + day == "0229" and not isleap(int(year)):  # a birthday whose year was made up
        year = NO_YEAR
    written = year + month + day
    if hour:
        written += f"T{hour}{minute}{second or '00'}"
        if zone and zone != "Z":
            written = _in_utc(written, zone)
        elif zone:
            written += "Z"
    return written + (slash + (end if end.startswith("P") else _written(end)) if slash else "")


def _in_utc(written: str, offset: str) -> str:
    at = datetime.strptime(written + offset.replace(":", ""), "%Y%m%dT%H%M%S%z")
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _rule(text: str) -> str:
    """How often it recurs, without what means nothing; rules of vCalendar 1.0 as those of today."""
    if old := _OLD_RULE.fullmatch(text.strip()):
        return _of_old(old)
    kept: list[str] = []
    for piece in text.upper().split(";"):
        name, _, value = piece.partition("=")
        value = ",".join(one.strip() for one in value.split(",") if one.strip())
        if name.strip() not in _RULES or not value or (name == "INTERVAL" and value == "0"):
            continue
        if name == "COUNT" and value == "0":
            return ""
        kept.append(f"{name.strip()}={_written(value) if name == 'UNTIL' else value}")
    return ";".join(kept) if _FREQUENCY.search(";".join(kept)) else ""


def _of_old(old: re.Match[str]) -> str:
    kind, every, words, count = old.groups()
    rule = f"FREQ={_OLD_KINDS[kind]};INTERVAL={int(every) or 1}"
    days: list[str] = []
    place = until = ""
    for word in words.split():
        if re.fullmatch(r"\d{8}T\d{6}Z?", word):
            until = word
        elif kind == "MP" and word[-1:] in "+-" and word[:-1].isdigit():
            place = word[-1].replace("+", "") + word[:-1]
        elif re.fullmatch(r"[A-Z]{2}|\d+[+-]?", word):
            days.append(place + (word[-1].replace("+", "") + word[:-1] if word[-1] in "+-" else word))
    rule += f";{_OLD_DAYS[kind]}={','.join(days)}" if days and kind in _OLD_DAYS else ""
    if until:
        return f"{rule};UNTIL={until}"
    return f"{rule};COUNT={count}" if count and count != "0" else rule
