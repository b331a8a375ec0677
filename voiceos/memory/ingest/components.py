"""The events, tasks and journals of a calendar file: mended, with their zones, and the newest of each."""

import re
from calendar import isleap
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from voiceos.memory.ingest.contentlines import Property, properties
from voiceos.memory.ingest.tables import wordlist
from voiceos.memory.ingest.zones import exact, known

NO_YEAR = "1604"
"""As Apple writes it."""
MOST_OF_ONE = 5_000
"""Components of one UID."""
MISTAKES = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError)
"""What goes wrong in a calendar's library when a file does not keep to the standard."""
_CALENDAR = re.compile(r"^BEGIN:VCALENDAR\s*$", re.IGNORECASE | re.MULTILINE)
_KINDS = ("VEVENT", "VTODO", "VJOURNAL", "VTIMEZONE")
_FREQUENCY = re.compile(r"(?:^|;)FREQ=(?:YEAR|MONTH|WEEK|DAI|HOUR|MINUTE|SECOND)LY")
_OLD_RULE = re.compile(r"(D|W|MP|MD|YM|YD)(\d+)((?: [^#\s]+)*)(?: #(\d+))?\s*")
_WHEN = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d))?(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?")


@dataclass(slots=True)
class Component:
    """An event, a task, a journal's entry, or a zone."""

    kind: str
    properties: list[Property] = field(default_factory=list[Property])
    zones: dict[str, Any] = field(default_factory=dict[str, Any])
    """The definitions of its calendar's zones."""
    cancelled: bool = False
    answers: bool = False
    """Whether it is a guest's reply, which is no version of the event."""
    strange: str = ""
    """An unknown zone that it names."""

    def value(self, name: str) -> str:
        """The value of a property; empty if there is none."""
        return next((one.value for one in self.properties if one.name == name), "")

    @property
    def time(self) -> str:
        """Which occurrence of a series it is about."""
        return self.value("RECURRENCE-ID")

    @property
    def version(self) -> str:
        """What comes later the newer it is."""
        sequence = self.value("SEQUENCE").strip()
        number = 0 if self.answers else 1 + int(sequence) if re.fullmatch(r"\d{1,9}", sequence) else 1
        return f"{number:010} {self.value('LAST-MODIFIED')} {self.cancelled:d}"

    @property
    def written(self) -> str:
        """As a calendar holds it."""
        lines = [f"BEGIN:{self.kind}"]
        for one in self.properties:
            parameters = "".join(f';{key}="{text}"' for key, text in one.parameters.items())
            lines.append(f"{one.name}{parameters}:" + one.value.replace("\n", "\\n"))
        return "\n".join([*lines, f"END:{self.kind}", ""])


def by_uid(text: str) -> dict[str, list[Component]]:
    """What a file holds, by the names of events; of each time of an event only what was said last."""
    found: dict[str, list[Component]] = {}
    for calendar in _CALENDAR.split(text):
        for one in _components(calendar):
            uid = one.value("UID").strip() or f"{one.value('DTSTART')} {one.value('SUMMARY')}"
            if one.properties and len(found.setdefault(uid, [])) < MOST_OF_ONE:
                found[uid].append(one)
    return {uid: _newest(components) for uid, components in found.items()}


def _newest(components: list[Component]) -> list[Component]:
    _complete(components)
    newest: dict[str, str] = {}
    for one in components:
        newest[one.time] = max(newest.get(one.time, one.version), one.version)
    kept = [one for one in components if one.version == newest[one.time]]
    return list({(one.time, one.value("DTSTART"), one.value("SUMMARY")): one for one in kept}.values())


def _complete(components: list[Component]) -> None:
    """An exception that names only the day of its time has the hour of its series."""
    masters = (one.properties for one in components if not one.time)
    start = next((one for several in masters for one in several if one.name == "DTSTART"), None)
    for one in (one for component in components for one in component.properties if one.name == "RECURRENCE-ID"):
        if start and "T" in start.value and one.parameters.get("VALUE") == "DATE":
            one.value += start.value[8:]
            del one.parameters["VALUE"]
            one.parameters |= start.parameters


def _components(calendar: str) -> Iterator[Component]:
    """The events of one calendar; what has no end ends where the next begins."""
    from icalendar import Timezone

    zone, method = "", ""
    found: list[Component] = []
    open: Component | None = None
    inner = 0
    for one in properties(calendar, _is_name):
        kind = one.value.strip().upper()
        if one.name == "BEGIN" and kind in _KINDS:
            open, inner = Component(kind), 0
            found.append(open)
        elif one.name == "END" and (kind == "VCALENDAR" or (open and kind == open.kind)):
            open = None
        elif open:
            inner += (one.name == "BEGIN") - (one.name == "END")
            if open.kind == "VTIMEZONE" or not (inner or one.name == "END"):
                one.value = one.value.strip("\"' /") if one.name == "TZID" else one.value
                open.properties.append(one)
        elif one.name in ("X-WR-TIMEZONE", "TIMEZONE-ID", "TZ"):
            zone = one.value
        elif one.name == "METHOD":
            method = kind
    zones: dict[str, Any] = {}
    places: dict[str, str] = {}
    for one in found:
        if one.kind == "VTIMEZONE" and not exact(name := one.value("TZID")):
            places[name] = exact(one.value("X-LIC-LOCATION"))
            with suppress(*MISTAKES):
                zones[name] = Timezone.from_ical(one.written)
                del places[name]
    zone = known(zone, zones) if zone else ""
    for event in found:
        if event.kind != "VTIMEZONE":
            event.zones = zones
            event.properties = [one for one in event.properties if one.name in _names("read", "times")]
            for one in event.properties:
                if place := places.get(one.parameters.get("TZID", "")):
                    one.parameters["TZID"] = place
                _mend(one, event, zone)
            event.cancelled = method == "CANCEL" or event.value("STATUS").strip().upper() in ("CANCELLED", "CANCELED")
            event.answers = method in ("REPLY", "COUNTER", "REFRESH")
            yield event


def _is_name(name: str) -> bool:
    return name in _names("names", "read", "times") or name.startswith("X-")


@cache
def _names(*which: str) -> frozenset[str]:
    return frozenset(name for one in which for name in wordlist("calendar")[one].split())


def _mend(one: Property, event: Component, zone: str) -> None:
    """Writes a property as the standard wants it; `zone` is the one of times that name none."""
    named, kind = one.parameters.get("TZID", ""), one.parameters.get("VALUE", "")
    one.parameters = {name: text for name, text in one.parameters.items() if name in ("CN", "RANGE")}
    if one.name == "RRULE":
        one.value = _rule(one.value)
    if one.name not in _names("times"):
        return
    one.value = ",".join(_written(text) for text in re.split(r"[,;]", one.value) if text.strip())
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
    begin, slash, end = text.strip().upper().partition("/")
    found = _WHEN.fullmatch(begin)
    if not found:
        return text.strip()
    year, month, day, hour, minute, second, zone = found.groups()
    if month + day == "0229" and not isleap(int(year)):  # a birthday whose year was made up
        year = NO_YEAR
    written = year + month + day
    if hour:
        written += f"T{hour}{minute}{second or '00'}"
        if hour == "24" or second == "60":
            with suppress(ValueError):
                at = datetime.strptime(written[:8], "%Y%m%d")
                at += timedelta(hours=int(hour), minutes=int(minute), seconds=int(second or 0))
                written = f"{at:%Y%m%dT%H%M%S}"
        if zone:
            at = datetime.strptime(written + zone.replace(":", ""), "%Y%m%dT%H%M%S%z")
            written = f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return written + (slash + (end if end.startswith("P") else _written(end)) if slash else "")


def _rule(text: str) -> str:
    """The recurrence rule, without invalid parts. Rules of vCalendar 1.0 are converted."""
    if old := _OLD_RULE.fullmatch(text.strip()):
        return _of_old(old)
    kept: list[str] = []
    for piece in text.upper().split(";"):
        name, _, value = piece.partition("=")
        value = ",".join(one.strip() for one in value.split(",") if one.strip())
        if name.strip() not in _names("rule") or not value or (name == "INTERVAL" and value == "0"):
            continue
        if name == "COUNT" and value == "0":
            return ""
        kept.append(f"{name.strip()}={_written(value) if name == 'UNTIL' else value}")
    rule = ";".join(kept)
    return rule if _FREQUENCY.search(rule) else ""


def _of_old(old: re.Match[str]) -> str:
    kind, every, words, count = old.groups()
    frequency, by = wordlist("calendar")["old"][kind]
    rule = f"FREQ={frequency};INTERVAL={int(every) or 1}"
    days: list[str] = []
    place = until = ""
    for word in words.split():
        turned = word[-1].replace("+", "") + word[:-1] if word[-1] in "+-" else word  # "1-" is the last one
        if re.fullmatch(r"\d{8}T\d{6}Z?", word):
            until = word
        elif kind == "MP" and turned != word:
            place = turned
        elif re.fullmatch(r"[A-Z]{2}|\d+[+-]?", word):
            days.append(place + turned)
    rule += f";{by}={','.join(days)}" if days and by else ""
    if until:
        return f"{rule};UNTIL={until}"
    return f"{rule};COUNT={count}" if count and count != "0" else rule
