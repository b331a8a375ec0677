"""Writes the values of a call as its tool wants them: dates in its form, lengths of time in its unit, lists whole.

A small model copies what was said. Each rule changes only a value that the words hold, into the same value.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import cast

from voiceos.language.data import table, words_in
from voiceos.language.numerals import digits
from voiceos.language.times import Duration, Period, find
from voiceos.mind.supported import NUMBER
from voiceos.tools.data_in_words import APART
from voiceos.tools.form import Field, Form, Kind

_FORMAT = re.compile(r"\b(YYYY|MM|DD)([-/.])(MM|DD)\2(YYYY|YY|MM|DD)\b")
_PARTS = {"YYYY": "%Y", "YY": "%y", "MM": "%m", "DD": "%d"}


def fitted(arguments: Mapping[str, object], form: Form, text: str, now: datetime) -> dict[str, object]:
    """The arguments, which `text` asks for, as the fields want them."""
    known = {one.name: one for one in form.fields}
    return {
        name: _fitted(value, known[name], text, now) if name in known else value for name, value in arguments.items()
    }


def _fitted(value: object, one: Field, text: str, now: datetime) -> object:
    if isinstance(value, bool) or one.choices:
        return value
    if one.kind is Kind.TEXT and isinstance(value, str):
        return _in_format(value, one, now)
    if one.kind in (Kind.INTEGER, Kind.NUMBER) and isinstance(value, int | float):
        made = _in_unit(_as_share(value, one, text), one, text, now)
        return int(made) if made == int(made) and isinstance(value, int) else made if one.kind is Kind.NUMBER else value
    if one.kind is Kind.LIST and one.fields[0].kind in (Kind.INTEGER, Kind.NUMBER):
        return _whole(cast("Sequence[float]", value), one, text)
    return value


def _in_format(value: str, one: Field, now: datetime) -> str:
    """A day in the form that the field tells, such as DD/MM/YYYY."""
    wanted = _FORMAT.search(one.about)
    if not wanted:
        return value
    first, between, second, third = wanted.groups()
    code = between.join(_PARTS[part] for part in (first, second, third))
    try:
        datetime.strptime(value, code)
        return value
    except ValueError:
        days = [found.meaning for found in find(value, now, lean="future")]
    match days:
        case [Period(start=datetime() as start, end=datetime() as end)] if end - start == timedelta(days=1):
            return start.strftime(code)
        case _:
            return value


def _as_share(value: float, one: Field, text: str) -> float:
    """A percentage as a share or the other way round, where the field tells which it wants."""
    words = _named(one)
    shares, percents = (bool(words & words_in("en", "calling", key)) for key in ("shares", "percents"))
    said = digits(text)
    data = table("en", "calling")
    for found in NUMBER.finditer(said):
        if not re.match(data["percent"], said[found.end() :]):
            continue
        percent = float(found[0].replace("−", "-"))
        if shares and not percents and value == percent:
            return round(percent / 100, 8)
        if percents and not shares and value == round(percent / 100, 8):
            return percent
    return value


def _in_unit(value: float, one: Field, text: str, now: datetime) -> float:
    """A length of time in the unit that the field names."""
    units = table("en", "calling")["lengths"]
    named = _named(one) & units.keys()
    lengths = [found for found in find(text, now, lean="future") if isinstance(found.meaning, Duration)]
    if len(named) != 1 or len(lengths) != 1:
        return value
    (found,), (unit,) = lengths, named
    said = [float(number[0]) for number in NUMBER.finditer(digits(text[found.start : found.end]))]
    assert isinstance(found.meaning, Duration)
    wanted = found.meaning.length.total_seconds() / units[unit]
    return round(wanted, 4) if said == [value] else value


def _whole(value: Sequence[float], one: Field, text: str) -> Sequence[float]:
    """A list of numbers that were said one after another, with those that were left out."""
    said, runs = digits(text), list[list[str]]()
    found = list(NUMBER.finditer(said))
    joint = re.compile(table("en", "calling")["joint"])
    for last, this in pairwise([None, *found]):
        if this is None:
            continue
        if last and joint.fullmatch(said[last.end() : this.start()]):
            runs[-1].append(this[0])
        else:
            runs.append([this[0]])
    number, given = int if one.fields[0].kind is Kind.INTEGER else float, [float(each) for each in value]
    holding = [run for run in runs if {*map(float, run)} >= {*given} and len(run) >= len(given) > 0]
    try:
        return [number(each) for each in holding[0]] if len(holding) == 1 else value
    except ValueError:
        return value


def _named(one: Field) -> set[str]:
    return {piece.lower() for piece in APART.split(f"{one.name} {one.about}") if piece}
