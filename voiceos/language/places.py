"""Which time zone a place has: the cities and countries of the zone database, and more names as data."""

from datetime import tzinfo
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

from voiceos.language.data import table
from voiceos.language.terms import words

LONGEST = 5
"""Words of a place's name."""


def zone_of(place: str, language: str = "en") -> tuple[ZoneInfo, str] | None:
    """The zone of a place, and the city that stands for it where it has several: None if the place is not known."""
    known, name = _zones(language), _key(place)
    for ending in table(language, "places")["endings"]:
        name = name.removesuffix(f" {ending}")
    said = name.split()
    regions = (
        " ".join(said[start:]) for start in range(min(len(said), LONGEST - 2))
    )  # "Punta Gorda, Florida" is in Florida
    name = next((region for region in regions if region in known), "")
    zone = known.get(name)
    if zone is None:
        return None
    several = {_key(country) for country in table(language, "places")["several"]}
    return ZoneInfo(zone), _city(zone) if name in several else ""


def place_in(text: str, language: str = "en") -> str:
    """The longest name of a place in a text; empty if there is none."""
    said = [word.removesuffix("'s") for word in words(text)]
    known = _zones(language)
    for count in range(min(len(said), LONGEST), 0, -1):
        for start in range(len(said) - count + 1):
            name = " ".join(said[start : start + count])
            if name.removeprefix("the ") in known:
                return name
    return ""


@cache
def _zones(language: str) -> dict[str, str]:
    """Zones by place: a name of the language's own goes before one of the database."""
    known = {_key(_city(zone)): zone for zone in sorted(available_timezones()) if "/" in zone and "Etc" not in zone}
    database = files("tzdata") / "zoneinfo"
    zones = dict[str, list[str]]()
    for codes, _, zone, *_ in _rows((database / "zone1970.tab").read_text("utf-8")):
        for code in codes.split(","):
            zones.setdefault(code, []).append(zone)
    for code, country in _rows((database / "iso3166.tab").read_text("utf-8")):
        if len(of := zones.get(code, [])) == 1:
            known[_key(country)] = of[0]
    data = table(language, "places")
    for zone, names in data["zones"].items():
        known |= {_key(name): zone for name in names.split(",")}
    return known | {_key(country): zone for country, zone in data["several"].items()}


def _rows(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


def city_of(zone: tzinfo) -> str:
    """The city that names a zone."""
    return _city(str(zone))


def _city(zone: str) -> str:
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def _key(place: str) -> str:
    return " ".join(words(place)).removeprefix("the ")
