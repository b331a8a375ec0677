"""Time zones as calendars name them: the world's names, Windows', and what programs make of both."""

import re
from collections.abc import Container
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_OFFSET = re.compile(r"\(?\s*(?:UTC|GMT|Z)?\s*([+-−])(\d{1,2})(?::?(\d\d))?\b", re.IGNORECASE)
_SHORT = {
    "EASTERN": "America/New_York",
    "CENTRAL": "America/Chicago",
    "MOUNTAIN": "America/Denver",
    "PACIFIC": "America/Los_Angeles",
    "EDT": "America/New_York",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "BST": "Europe/London",
    "CEST": "Europe/Berlin",
    "MEZ": "Europe/Berlin",
    "MESZ": "Europe/Berlin",
    "EEST": "Europe/Athens",
    "MSK": "Europe/Moscow",
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul",
    "AEST": "Australia/Sydney",
    "Z": "UTC",
}
_HALVES = {
    "+3:30": "Asia/Tehran",
    "+4:30": "Asia/Kabul",
    "+5:30": "Asia/Kolkata",
    "+5:45": "Asia/Kathmandu",
    "+6:30": "Asia/Yangon",
    "+9:30": "Australia/Darwin",
    "-3:30": "America/St_Johns",
}


def known(name: str, defined: Container[str] = ()) -> str:
    """The world's name of a zone; of one that the calendar defines its own; empty if nobody knows it."""
    name = name.strip("\"' /")
    parts = name.split("/")
    places = ("/".join(parts[-count:]) for count in (3, 2) if len(parts) > count)  # behind a maker's name
    if found := exact(name) or _windows(name) or next((place for place in places if exact(place)), ""):
        return found
    return name if name in defined else _meant(name)


@cache
def _meant(name: str) -> str:
    """What a name means that is written as it should not be."""
    for plain in (name, name.rpartition("/")[2], re.sub(r"\s+\d+$", "", name)):
        found = exact(plain) or _windows(plain) or _by_folded().get(plain.replace(" ", "_").casefold(), "")
        if found := found or _SHORT.get(plain.upper(), ""):
            return found
    words = re.sub(r"\([^()]*\)", " ", name).strip()
    if found := _windows(re.sub(r"\s+(?:Standard |Daylight |Summer )?Time$", "", words) + " Standard Time"):
        return found
    for city in re.split(r"[,;&/]", words):
        if found := _by_city().get(city.strip().replace(" ", "_").casefold(), ""):
            return found
    return _fixed(name)


def _fixed(name: str) -> str:
    """A zone that is told as hours from the world's time; the names of those count westwards."""
    offset = _OFFSET.match(name)
    if not offset:
        return "UTC" if re.match(r"\(?(?:UTC|GMT)\b", name, re.IGNORECASE) else ""
    east = offset[1] == "+"
    hours, minutes = int(offset[2]), int(offset[3] or 0)
    if minutes:
        return _HALVES.get(f"{'+' if east else '-'}{hours}:{minutes}", "")
    return exact(f"Etc/GMT{'-' if east else '+'}{hours}" if hours else "UTC")


def exact(name: str) -> str:
    """A name of the world's as it is; empty if it is none."""
    try:
        return ZoneInfo(name).key if name else ""
    except (LookupError, ValueError, OSError):
        return ""


def _windows(name: str) -> str:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    return WINDOWS_TO_OLSON.get(name, "")


@cache
def _by_folded() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


@cache
def _by_city() -> dict[str, str]:
    return {name.rpartition("/")[2].casefold(): name for name in sorted(available_timezones()) if "/" in name}
