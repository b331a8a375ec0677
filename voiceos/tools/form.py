"""What a tool's arguments are, as a form with a few kinds of fields, and what is wrong with those of a call."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

from voiceos.tools.plain_pattern import LONGEST_TEXT

MOST_ITEMS = 50


class Kind(StrEnum):
    """What a field holds; its value is JSON Schema's type."""

    TEXT = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    LIST = "array"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form, or what a list holds."""

    name: str
    kind: Kind
    about: str = ""
    required: bool = False
    choices: Sequence[str | int | float | bool] = ()
    """The only values that it may have; empty: any of its kind."""
    least: float | None = None
    """Of a number, its value; of a text, its characters; of a list, its items."""
    most: float | None = None
    pattern: str = ""
    """A regular expression that finds something in every text that may stand here; see `plain_pattern.py`."""
    fields: Sequence["Field"] = ()
    """Of an object; of a list the one that its items are."""


@dataclass(frozen=True, slots=True)
class Form:
    """The arguments of a tool."""

    fields: Sequence[Field]
    aside: Mapping[str, str] = field(default_factory=dict[str, str])
    """Fields that were set aside, and why."""

    @property
    def required(self) -> list[Field]:
        return [one for one in self.fields if one.required]


def wrong(arguments: object, form: Form) -> str:
    """What is wrong with the arguments of a call, in a sentence; "" if nothing is."""
    return _wrong(arguments, Field("", Kind.OBJECT, fields=form.fields), "The call")


def _wrong(value: object, one: Field, name: str) -> str:
    if not is_of(one.kind, value):
        return f"{name} must be of the type {one.kind.value}."
    if one.choices:
        return (
            ""
            if any(value == choice and isinstance(value, bool) == isinstance(choice, bool) for choice in one.choices)
            else f"{name} is none of the choices."
        )
    if one.kind is Kind.OBJECT:
        return _wrong_in(cast("Mapping[str, object]", value), one, name)
    size = len(cast("Sequence[object]", value)) if one.kind in (Kind.TEXT, Kind.LIST) else value
    if isinstance(size, int | float) and not isinstance(size, bool):
        least = one.least if one.least is not None else -1e308
        longest = {Kind.TEXT: LONGEST_TEXT, Kind.LIST: MOST_ITEMS}.get(one.kind, 1e308)
        if not least <= size <= (one.most if one.most is not None else longest):
            return f"{name} is out of range."
    if one.pattern and not re.search(one.pattern, cast(str, value)):
        return f"{name} does not have the form that its tool wants."
    if one.kind is Kind.LIST:
        items = cast("Sequence[object]", value)
        return next(filter(None, (_wrong(item, one.fields[0], f"An item of {name}") for item in items)), "")
    return ""


def _wrong_in(value: Mapping[str, object], one: Field, name: str) -> str:
    known = {each.name: each for each in one.fields}
    for key in value:
        if key not in known:
            return f"{name} has {key!r}, which is no argument of it."
    for each in one.fields:
        if each.required and each.name not in value:
            return f"{name} lacks {each.name!r}."
    return next(filter(None, (_wrong(value[key], known[key], repr(key)) for key in value)), "")


def is_number(value: object) -> bool:
    """Whether it is a number of a size that can be reckoned with."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def is_of(kind: Kind, value: object) -> bool:
    """Whether a value is of a kind."""
    if kind is Kind.INTEGER:
        return is_number(value) and float(cast(float, value)).is_integer()
    if kind is Kind.NUMBER:
        return is_number(value)
    types = {Kind.TEXT: str, Kind.BOOLEAN: bool, Kind.LIST: list, Kind.OBJECT: Mapping}
    return isinstance(value, types[kind])
