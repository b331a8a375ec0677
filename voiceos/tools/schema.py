"""Reduces a foreign JSON Schema to what can be asked for, constrained and checked: a form with a few kinds of fields.

Whatever cannot be reduced is set aside with its reason: an optional field alone, a required one with its tool. A
keyword that narrows values and is not known here counts as one that cannot be: to ignore it would let through what its
tool does not take.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from voiceos.errors import ToolError
from voiceos.tools.form import Field, Form, Kind, is_number, is_of
from voiceos.tools.plain_pattern import LONGEST_TEXT, is_plain

DEEPEST = 3
"""Fields within fields."""
MOST_FIELDS = 40
MOST_IN_ALL = 200
MOST_CHOICES = 100
LONGEST_NAME = 64


class UnusableSchema(ToolError):
    """A schema, or a part of it, that cannot be reduced."""


_BOUNDS = {
    Kind.INTEGER: ("minimum", "maximum"),
    Kind.NUMBER: ("minimum", "maximum"),
    Kind.TEXT: ("minLength", "maxLength"),
    Kind.LIST: ("minItems", "maxItems"),
}
_NARROWS = frozenset(
    "allOf anyOf oneOf not if then else dependentRequired dependentSchemas dependencies patternProperties contains "
    "propertyNames minProperties maxProperties prefixItems unevaluatedProperties unevaluatedItems multipleOf "
    "exclusiveMinimum exclusiveMaximum uniqueItems $dynamicRef $recursiveRef".split()
)
"""Keywords that narrow what is allowed, and are not known here, but where they say nothing."""

Schema = Mapping[str, Any]


def reduced(schema: object) -> Form:
    """The form of a tool's arguments. Raises UnusableSchema where it has no usable form at all."""
    whole = _a_schema(schema, "It")
    root = _resolved(whole, whole, ())[0]
    _check_keywords(root, "It")
    if root.get("type", "object") != "object" or not isinstance(root.get("properties", {}), Mapping):
        raise UnusableSchema("Its arguments are not an object.")
    aside = dict[str, str]()
    fields = list(_fields(root, whole, (), 0, aside))
    if sum(map(_size, fields)) > MOST_IN_ALL:
        raise UnusableSchema("It has too many fields in all.")
    return Form(fields, aside)


def _size(one: Field) -> int:
    return 1 + sum(map(_size, one.fields))


def _fields(
    schema: Schema, whole: Schema, within: tuple[str, ...], depth: int, aside: dict[str, str]
) -> Iterator[Field]:
    """The fields of an object. Raises UnusableSchema for one that is required and cannot be reduced."""
    properties = cast("Mapping[str, object]", schema.get("properties") or {})
    needed = schema.get("required")
    required = {str(name) for name in cast("Sequence[object]", needed)} if isinstance(needed, list) else set[str]()
    if missing := required - properties.keys():
        raise UnusableSchema(f"It requires {sorted(missing)[0]!r} without saying what that is.")
    order = sorted(properties, key=lambda name: name not in required)  # what is required stays when there are too many
    for number, name in enumerate(order):
        try:
            if number >= MOST_FIELDS:
                raise UnusableSchema("There are too many fields.")
            if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
                raise UnusableSchema("Its name is none.")
            yield replace(_field(name, properties[name], whole, within, depth), required=name in required)
        except UnusableSchema as error:
            if name in required:
                raise UnusableSchema(f"Its field {name!r} cannot be filled: {error}") from error
            aside[name] = str(error)


def _field(name: str, schema: object, whole: Schema, within: tuple[str, ...], depth: int) -> Field:
    if depth >= DEEPEST:
        raise UnusableSchema("It nests too deeply.")
    here, within = _resolved(_a_schema(schema, "This"), whole, within)
    _check_keywords(here, "This")
    about = " ".join(str(here.get("description") or "").split())
    choices = _choices(here)
    kind = _kind(here, choices)
    if choices:
        return Field(name, kind, about, choices=choices)
    pattern = str(here.get("pattern") or "") if kind is Kind.TEXT else ""
    if pattern and not is_plain(pattern):
        raise UnusableSchema(f"The pattern {pattern[:40]!r} is not supported.")
    least, most = _bounds(here, kind)
    one = Field(name, kind, about, least=least, most=most, pattern=pattern)
    if kind is Kind.LIST:
        if "items" not in here:
            raise UnusableSchema("It does not say what its items are.")
        return replace(one, fields=[_field("", here["items"], whole, within, depth + 1)])
    if kind is Kind.OBJECT:
        fields = list(_fields(here, whole, within, depth + 1, {}))
        if not fields:
            raise UnusableSchema("It does not say what its fields are.")
        return replace(one, fields=fields)
    return one


def _resolved(schema: Schema, whole: Schema, within: tuple[str, ...]) -> tuple[Schema, tuple[str, ...]]:
    """A schema without its references and without its "or nothing", and the references that it came through."""
    while True:
        if "$ref" in schema:
            reference = str(schema["$ref"])
            if reference in within:
                raise UnusableSchema("It refers to itself.")
            within = (*within, reference)
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**_referred(reference, whole), **rest}
            continue
        unions = [key for key in ("anyOf", "oneOf", "allOf") if key in schema]
        if not unions:
            return schema, within
        options = [one for one in cast("list[Any]", schema[unions[0]]) if not _is_nothing(one)]
        if len(options) != 1 or not isinstance(options[0], Mapping):
            raise UnusableSchema("It allows several shapes.")
        rest = {key: value for key, value in schema.items() if key != unions[0]}
        schema = {**cast("Schema", options[0]), **rest}


def _is_nothing(schema: object) -> bool:
    return isinstance(schema, Mapping) and cast("Schema", schema).get("type") == "null"


def _referred(reference: str, whole: Schema) -> Schema:
    if not reference.startswith("#"):
        raise UnusableSchema(f"It refers to something outside: {reference[:60]}.")
    found = pointed(reference, whole)
    if found is None:
        raise UnusableSchema(f"It refers to what is not there: {reference[:60]}.")
    return _a_schema(found, "This")


def pointed(reference: str, whole: Mapping[str, object]) -> object:
    """What a reference within a schema leads to; None: nowhere, or outside."""
    found: Any = whole if reference.startswith("#") else None
    for step in reference.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        found = cast("Schema", found).get(name) if isinstance(found, Mapping) else None
    return found


def _a_schema(schema: object, what: str) -> Schema:
    if schema is True:
        return {}
    if not isinstance(schema, Mapping):
        raise UnusableSchema(f"{what} has no schema.")
    return cast("Schema", schema)


def _check_keywords(schema: Schema, what: str) -> None:
    for key in _NARROWS & schema.keys():
        if schema[key] not in (None, False, {}, []):
            raise UnusableSchema(f"{what} has the keyword {key!r}, which is not supported.")


def _choices(schema: Schema) -> list[str | int | float | bool]:
    given = [schema["const"]] if "const" in schema else schema.get("enum")
    if not isinstance(given, list):
        return []
    choices = [one for one in cast("list[Any]", given) if isinstance(one, str | int | float)]
    if not choices or len(choices) > MOST_CHOICES or any(len(str(one)) > LONGEST_TEXT for one in choices):
        raise UnusableSchema("Its choices cannot be used.")
    return choices


def _kind(schema: Schema, choices: Sequence[object]) -> Kind:
    types = schema.get("type")
    named = [one for one in cast("list[object]", types if isinstance(types, list) else [types]) if one != "null"]
    if named == [None]:
        guess = Kind.OBJECT if "properties" in schema else Kind.LIST if "items" in schema else Kind.TEXT
        return next(
            (kind for kind in (Kind.TEXT, Kind.NUMBER) if choices and all(is_of(kind, one) for one in choices)), guess
        )
    kinds = [Kind(one) for one in named if one in list(Kind)]
    if len(kinds) != len(named) or not kinds or (len(kinds) > 1 and {*kinds} != {Kind.INTEGER, Kind.NUMBER}):
        raise UnusableSchema(f"It is of the type {types!r}.")
    kind = Kind.NUMBER if Kind.NUMBER in kinds else kinds[0]
    if choices and not all(is_of(kind, one) for one in choices):
        raise UnusableSchema("Its choices are not of its type.")
    return kind


def _bounds(schema: Schema, kind: Kind) -> tuple[float | None, float | None]:
    least, most = (schema.get(key) for key in _BOUNDS.get(kind, ("", "")))
    least, most = (float(one) if is_number(one) else None for one in (least, most))
    if least is not None and most is not None and least > most:
        raise UnusableSchema("Nothing fits its bounds.")
    return least, most
