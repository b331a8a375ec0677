"""Checks a call's arguments against the tool's own schema, wherever that schema comes from."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any, cast

from voiceos.errors import ToolError
from voiceos.tools.plain_pattern import LONGEST_TEXT, is_plain
from voiceos.tools.tool import Arguments

Schema = Mapping[str, object]
MOST_REFERENCES = 10_000
"""Followed in one check."""


def fault_of(schema: Schema) -> str:
    """Why nothing can be checked against this schema; "" if something can. No reference leaves it."""
    try:
        _validator(schema)
        _followed(schema)
    except Exception as error:  # it is a stranger's, and the library raises what it likes on it
        return _short(error)
    return ""


def check_arguments(name: str, schema: Schema, arguments: Arguments) -> None:
    """Raises ToolError with what is wrong with them."""
    try:
        errors = sorted(_validator(schema).iter_errors(dict(arguments)), key=lambda error: [*map(str, error.path)])
    except Exception as error:  # a stranger's schema: cycles end in RecursionError, patterns in re.error
        raise ToolError(f"The arguments for {name} cannot be checked: {_short(error)}.") from error
    if errors:
        wrong = "; ".join(_wrong(error) for error in errors[:3])
        raise ToolError(f"{name} cannot be called like that: {wrong}.")


def _validator(schema: Schema) -> Any:
    from jsonschema.validators import Draft202012Validator, extend, validator_for
    from referencing import Registry

    kind: Any = validator_for(dict(schema), default=Draft202012Validator)
    kind.check_schema(dict(schema))
    refers, places = kind.VALIDATORS["$ref"], count(1)

    def bounded(*about: Any) -> Iterator[Any]:
        if next(places) > MOST_REFERENCES:  # each of which may lead to two more
            raise ValueError("it refers to itself too often")
        yield from refers(*about)

    quick = extend(kind, {"pattern": _fits, "$ref": bounded})
    return quick(_quick(dict(schema)), registry=Registry())  # an empty one: it never fetches what a schema refers to


def _fits(validator: object, pattern: str, value: object, schema: object) -> Iterator[Any]:
    """Checks a text against a pattern, where that surely takes but a moment; the tool's server does otherwise."""
    from jsonschema.exceptions import ValidationError

    quick = isinstance(value, str) and len(value) <= LONGEST_TEXT and is_plain(pattern)
    if quick and not re.search(pattern, cast(str, value)):
        yield ValidationError(f"{value!r} does not have the form {pattern}")


def _quick(part: Any) -> Any:
    """A schema without names by pattern, any of which may take for ever, and without what depends on them."""
    if isinstance(part, list):
        return [_quick(one) for one in cast("list[object]", part)]
    if not isinstance(part, Mapping):
        return part
    by_pattern = isinstance(cast(Schema, part).get("patternProperties"), Mapping)
    left_out = {"patternProperties", "additionalProperties", "unevaluatedProperties"} if by_pattern else set[str]()
    return {key: _quick(one) for key, one in cast(Schema, part).items() if key not in left_out}


def _followed(schema: Schema) -> None:
    """Raises where a reference leads out of the schema, or only to itself."""
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT202012

    base = str(schema.get("$id", ""))
    whole = Resource[Any].from_contents(dict(schema), default_specification=DRAFT202012)
    resolver = Registry[Any]().with_resource(base, whole).resolver(base)
    rest: list[object] = [schema]
    while rest:
        part = rest.pop()
        if isinstance(part, Mapping):
            rest += cast(Mapping[str, object], part).values()
            seen: set[str] = set()
            while isinstance(part, Mapping) and isinstance(where := cast(Schema, part).get("$ref"), str):
                if where in seen:
                    raise ValueError(f"{where} refers to itself")
                seen.add(where)
                part = resolver.lookup(where).contents
        elif isinstance(part, list):
            rest += cast(list[object], part)


def _wrong(error: Any) -> str:
    where = ".".join(map(str, error.path))
    what = str(error.message)
    return f"{where}: {what[:120]}" if where else what[:120]


def _short(error: Exception) -> str:
    text = str(getattr(error, "message", "") or error).split("\n")[0]
    return f"{type(error).__name__}: {text[:160]}" if text else type(error).__name__


def as_json(value: object) -> str:
    """The same text for the same value, however it was written."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
