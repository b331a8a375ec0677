"""Units and money: "five miles in kilometres", "20 euros in dollars", "a cup of flour in grams"."""

import csv
import re
from collections.abc import Mapping
from datetime import date, datetime, time
from fractions import Fraction
from functools import cache
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from anyio import to_thread

from voiceos.language.arithmetic import NoSum, said, value
from voiceos.language.data import any_of, table
from voiceos.language.numerals import digits
from voiceos.language.said_times import said_date
from voiceos.language.sentences import skill_says as says
from voiceos.language.terms import words
from voiceos.skills.skill import Asked, Intent, Pass, Said, Skill, Workshop

if TYPE_CHECKING:  # it takes a moment to import
    from pint import UnitRegistry


def make(workshop: Workshop) -> Skill:
    unit = {"amount": _is_amount, "unit": _is_unit, "stuff": _is_stuff}
    money = {"money": _is_money, "currency": _is_currency}
    return Skill(
        "units",
        [
            Intent("units.convert", _convert, slots=unit, mine=lambda asked: _pair(asked.text, "units") is not None),
            Intent("units.money", _money, slots=money, mine=lambda asked: _pair(asked.text, "currencies") is not None),
        ],
        warm=_registry,
    )


# Measures


def _unit(text: str) -> str:
    """The name that pint has for a unit; empty if it is none."""
    return _names("units").get(_plain(text), "")


def _plain(text: str) -> str:
    return " ".join(words(text)).removeprefix("the ")


@cache
def _names(of: str) -> dict[str, str]:
    """Names of units, or of currencies, to what the library calls them."""
    listed = table("en", "measured")[of]
    return {_plain(name): known for known, names in listed.items() for name in names.split(",")}


def _amount(text: str, of: str) -> tuple[Fraction, str] | None:
    """A number with a unit or currency; "a mile" is one."""
    for sign, name in table("en", "measured")["signs"].items():
        text = text.replace(sign, f" {name} ")
    written = _compounded(digits(text.lower()))
    said, names = written.split(), _names(of)
    for start in range(len(said)):
        name = _plain(" ".join(said[start:]))
        if name in names and (number := _number(" ".join(said[:start]) or "1")) is not None:
            return number, names[name]
    first = _plain(said[0]) if len(said) > 1 else ""
    number = _number(" ".join(said[1:])) if first in names else None  # $50
    return (number, names[first]) if number is not None else None


def _compounded(text: str) -> str:
    """A text with what is told in two units in the smaller one: "6 foot 2" is "74 inches"."""
    for larger, one in table("en", "measured")["smaller"].items():
        text = re.sub(one["sign"], rf"\1 {larger} \2", text) if "sign" in one else text
        first, second = (_any_name(unit) for unit in (larger, one["unit"]))

        def told(found: re.Match[str], times: int = one["count"], unit: str = one["unit"]) -> str:
            return f"{int(found[1]) * times + Fraction(found[2])!s} {_spoken(unit, '')}"

        rest = rf"(\d+(?:\.\d+)?)(?: ?(?:{second})\b|(?! ?\w+|\.?\d)|(?= (?:in|to|into|is)\b))"
        text = re.sub(rf"\b(\d+) ?(?:{first})(?: and)? {rest}", told, text)
    return text


@cache
def _any_name(unit: str) -> str:
    return any_of(name.strip() for name in table("en", "measured")["units"][unit].split(","))


def _pair(text: str, of: str) -> tuple[Fraction, str, str] | None:
    """How much of which of the two units or currencies that a text names, and the other. Without a number it is one."""
    data = table("en", "measured")
    for sign, name in data["signs"].items():
        text = text.replace(sign, f" {name} ")
    said, names = _compounded(digits(text.lower()).replace(", ", " ")).split(), _names(of)
    said = [word for word in said if word not in data["between"].split()]
    found: list[tuple[int, str]] = []
    at = 0
    while at < len(said):
        sizes = (size for size in (3, 2, 1) if _plain(" ".join(said[at : at + size])) in names)
        size = next(sizes, 0)
        if size:
            found.append((at, names[_plain(" ".join(said[at : at + size]))]))
        at += size or 1
    counted = {one: number for place, one in found if (number := _before(said[:place])) is not None}
    first, *others = dict.fromkeys(one for _, one in found) or [""]
    if len(others) != 1 or len(counted) > 1:
        return None
    asked_first = set(data["asked_first"].split()).intersection(said[: found[0][0]])
    source = next(iter(counted), others[0] if asked_first else first)
    return counted.get(source, Fraction(1)), source, others[0] if source == first else first


def _before(said: list[str]) -> Fraction | None:
    """The number that some words end with."""
    ends = (said[-size:] for size in (3, 2, 1) if len(said) >= size and any(map(str.isdigit, "".join(said[-size:]))))
    return next((number for end in ends if (number := _number(" ".join(end))) is not None), None)


def _number(text: str) -> Fraction | None:
    ones = table("en", "measured")["one"].split()
    text = " ".join(word for word in text.split() if word not in ones)
    if not text:
        return Fraction(1)
    try:
        plain = Fraction(text.replace(",", ""))
    except (ValueError, ZeroDivisionError):
        try:
            return value(text)
        except NoSum:
            return None
    return plain if abs(plain) < 10**15 else None


def _is_amount(text: str, now: datetime) -> bool:
    return _amount(text, "units") is not None


def _is_unit(text: str, now: datetime) -> bool:
    return bool(_unit(text))


def _is_stuff(text: str, now: datetime) -> bool:
    return _density(text) is not None


def _density(text: str) -> float | None:
    """Grams a millilitre of something in a kitchen."""
    return table("en", "measured")["densities"].get(_plain(text))


@cache
def _registry() -> "UnitRegistry[Any]":
    from pint import UnitRegistry

    return UnitRegistry(autoconvert_offset_to_baseunit=True)


async def _convert(asked: Asked) -> Said:
    amount, unit = _amount(asked.slots.get("amount", ""), "units"), _unit(asked.slots.get("unit", ""))
    pair = (*amount, unit) if amount and unit else _pair(asked.text, "units")
    if not pair:
        raise Pass
    number, of, unit = pair
    density = _density(asked.slots.get("stuff", ""))
    registry = await to_thread.run_sync(_registry)
    from pint import DimensionalityError

    quantity: Any = registry.Quantity(float(number), of)
    try:
        converted = quantity.to(unit)
    except DimensionalityError:
        converted = _by_weight(quantity, unit, density)
        if converted is None:
            wanted = asked.slots.get("unit", _spoken(unit, ""))
            return Said(says("units.cannot", unit=wanted, amount=asked.slots.get("amount", _spoken(of, ""))))
    text, rounded = said(_rounded(converted.magnitude))
    key = "assumed" if density else "about" if rounded else "exact"
    name = _spoken(unit, text)
    amount, exact = f"{text} {name}", f"{converted.magnitude:.12g} {name}"
    return Said(says(f"units.{key}", amount=amount, stuff=asked.slots.get("stuff", "")), about=exact)


def _by_weight(quantity: Any, unit: str, density: float | None) -> Any:
    """A volume as a weight, or the other way round, of something whose density is known."""
    if density is None:
        return None
    from pint import DimensionalityError

    dense = _registry().Quantity(density, "gram / milliliter")
    for one in (quantity * dense, quantity / dense):
        try:
            return one.to(unit)
        except DimensionalityError:
            continue
    return None


def _rounded(number: float) -> Fraction:
    """As exact as anybody wants to hear it: four digits that count."""
    return Fraction(f"{number:.4g}") if abs(number) < 1000 else Fraction(f"{number:.7g}")


def _spoken(unit: str, number: str) -> str:
    """The name of a unit as it is said: the first two in its list are the singular and the plural."""
    one, more, *_ = [name.strip() for name in table("en", "measured")["units"][unit].split(",")]
    return one if number == "1" else more


# Money


def _is_money(text: str, now: datetime) -> bool:
    return _amount(text, "currencies") is not None


def _is_currency(text: str, now: datetime) -> bool:
    return _plain(text) in _names("currencies")


@cache
def _rates() -> tuple[date, Mapping[str, float]]:
    """What a euro was worth on the last day that the European Central Bank's file has."""
    from currency_converter.currency_converter import CURRENCY_FILE

    with ZipFile(CURRENCY_FILE) as packed, packed.open(packed.namelist()[0]) as file:
        newest = next(csv.DictReader(TextIOWrapper(file, "utf-8")))
    dated = date.fromisoformat(newest.pop("Date"))
    worth = {code: float(rate) for code, rate in newest.items() if code and rate.replace(".", "").isdecimal()}
    return dated, {"EUR": 1.0, **worth}


async def _money(asked: Asked) -> Said:
    """At the last rate that came with the library; it says of which day."""
    amount = _amount(asked.slots.get("money", ""), "currencies")
    to = _names("currencies").get(_plain(asked.slots.get("currency", "")))
    pair = (*amount, to) if amount and to else _pair(asked.text, "currencies")
    if not pair:
        raise Pass
    number, of, to = pair
    dated, worth = await to_thread.run_sync(_rates)
    if of not in worth or to not in worth:
        return Said(says("units.no_rate"))
    changed = float(number) / worth[of] * worth[to]
    text = f"{changed:.2f}" if abs(changed) < 1000 else f"{changed:.0f}"
    name = table("en", "measured")["currencies"][to].split(",")[0]
    return Said(says("units.money", amount=f"{text} {name}", date=said_date(datetime.combine(dated, time.min))))
