"""Time zones as calendars name them: IANA names, Windows names, and variants of both."""

import re
from collections.abc import Iterable
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from voiceos.memory.ingest.tables import wordlist

_OFFSET = re.compile(r"\(?\s*(?:UTC|GMT|Z)?\s*([+-−])(\d{1,2})(?::?(\d\d))?\b", re.IGNORECASE)


def known(name: str, defined: Iterable[str] = ()) -> str:
    """The IANA name of a zone, or the calendar's own if it defines one; empty if unknown."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    name = name.strip("\"' /")
    parts = name.split("/")
    behind_makers = ("/".join(parts[-count:]) for count in (3, 2) if len(parts) > count)
    for one in (name, *behind_makers):
        if found := exact(one) or WINDOWS_TO_OLSON.get(one, ""):
            return found
    return next((one for one in defined if _plain(one) == _plain(name)), "") or _meant(name)


def exact(name: str) -> str:
    """A name of the world's as it is; empty if it is none."""
    try:
        return ZoneInfo(name).key if name else ""
    except (LookupError, ValueError, OSError):
        return ""


@cache
def _meant(name: str) -> str:
    """What a name means that is written as it should not be."""
    words = re.sub(r"\([^()]*\)", " ", name).strip()
    place = re.sub(r"\s+(?:Standard |Daylight |Summer )?Time$", "", words)
    spellings = (name, name.rpartition("/")[2], re.sub(r"\s+\d+$", "", name), f"{place} Standard Time")
    for one in (*spellings, *re.split(r"[,;&/]", words)):
        if found := _names().get(_plain(one)):
            return found
    return _fixed(name)


@cache
def _names() -> dict[str, str]:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    zones = {zone: zone for zone in sorted(available_timezones())}
    cities = {zone.rpartition("/")[2]: zone for zone in zones if not zone.startswith("Etc/")}
    named = {**cities, **wordlist("zones")["short"], **zones, **WINDOWS_TO_OLSON}
    return {_plain(name): zone for name, zone in named.items()}


def _plain(name: str) -> str:
    return name.strip().replace("_", " ").casefold()


def _fixed(name: str) -> str:
    """A zone given as hours from UTC. IANA names of those count westwards."""
    offset = _OFFSET.match(name)
    if not offset:
        return "UTC" if re.match(r"\(?(?:UTC|GMT)\b", name, re.IGNORECASE) else ""
    sign, hours, minutes = "+" if offset[1] == "+" else "-", int(offset[2]), int(offset[3] or 0)
    if minutes:
        return wordlist("zones")["halves"].get(f"{sign}{hours}:{minutes}", "")
    return exact(f"Etc/GMT{'-' if sign == '+' else '+'}{hours}" if hours else "UTC")
