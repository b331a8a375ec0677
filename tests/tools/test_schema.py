"""Foreign schemas are reduced to forms; what cannot be is set aside with its reason, and nothing else with it."""

from typing import Any

import pytest

from voiceos.errors import ToolError
from voiceos.tools.form import Form, Kind, wrong
from voiceos.tools.grammar import arguments_grammar, read_arguments
from voiceos.tools.plain_pattern import is_plain
from voiceos.tools.schema import UnusableSchema, reduced
from voiceos.tools.valid import check_arguments, fault_of

TEXT = {"type": "string"}
TREE = {"type": "object", "properties": {"child": {"$ref": "#/$defs/tree"}, "name": TEXT}, "required": ["child"]}


def form(required: list[str] | None = None, **properties: Any) -> Form:
    schema = {"type": "object", "properties": properties, "required": required or []}
    return reduced({**schema, "$defs": {"tree": TREE, "city": TEXT}})


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        (TEXT, Kind.TEXT),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None}, Kind.INTEGER),
        ({"type": ["number", "null"]}, Kind.NUMBER),
        ({"enum": ["a", "b"]}, Kind.TEXT),
        ({"enum": [1, 2.5]}, Kind.NUMBER),
        ({"const": "x", "type": "string"}, Kind.TEXT),
        ({"$ref": "#/$defs/city", "description": "A city"}, Kind.TEXT),
        ({"allOf": [{"$ref": "#/$defs/city"}]}, Kind.TEXT),
        ({"type": "array", "items": {"type": "array", "items": {"type": "number"}}}, Kind.LIST),
        ({"properties": {"x": TEXT}}, Kind.OBJECT),
        ({"type": "string", "pattern": r"^\d{4}-\d{2}$", "x-own": 1, "format": "month"}, Kind.TEXT),
        (True, Kind.TEXT),
    ],
)
def test_a_field_that_can_be_filled(schema: Any, kind: Kind) -> None:
    (field,) = form(it=schema).fields
    assert field.kind is kind


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"$ref": "#/$defs/tree"}, "itself"),
        ({"$ref": "https://example.com/schema.json"}, "outside"),
        ({"$ref": "#/$defs/lost"}, "not there"),
        ({"anyOf": [TEXT, {"type": "integer"}]}, "several shapes"),
        ({"type": "string", "pattern": "(a+)+$"}, "pattern"),
        ({"type": "string", "pattern": "^(?=x)y$"}, "pattern"),
        ({"type": "object", "additionalProperties": TEXT}, "what its fields are"),
        ({"type": "array"}, "what its items are"),
        ({"type": "integer", "multipleOf": 5}, "multipleOf"),
        ({"type": "integer", "minimum": 5, "maximum": 1}, "bounds"),
        ({"type": "integer", "enum": ["a"]}, "choices"),
        ({"type": "file"}, "type"),
        ({"type": ["string", "integer"]}, "type"),
        ("text", "no schema"),
        ({"type": "array", "items": {"type": "array", "items": {"type": "array", "items": TEXT}}}, "deeply"),
    ],
)
def test_a_field_that_cannot_is_set_aside_or_its_tool_with_it(schema: Any, why: str) -> None:
    found = form(it=schema, other=TEXT)
    assert [field.name for field in found.fields] == ["other"]
    assert why in found.aside["it"]
    with pytest.raises(UnusableSchema, match=why):
        form(["it"], it=schema, other=TEXT)


@pytest.mark.parametrize("schema", [None, [], "x", {"type": "string"}, {"oneOf": [{}, {"a": 1}]}, {"required": ["it"]}])
def test_a_schema_without_a_form(schema: Any) -> None:
    with pytest.raises(UnusableSchema):
        reduced(schema)


def test_no_arguments_and_too_many() -> None:
    assert reduced({}).fields == []
    many = form(["n90"], **{f"n{number}": TEXT for number in range(99)})
    assert many.fields[0].name == "n90"
    assert len(many.fields) == 40
    wide = {"type": "object", "properties": {f"n{number}": TEXT for number in range(30)}}
    with pytest.raises(UnusableSchema, match="fields in all"):
        form(None, **{f"w{number}": wide for number in range(30)})


WEATHER = form(
    ["city"],
    city={"type": "string", "minLength": 2},
    days={"type": "integer", "minimum": 1, "maximum": 7},
    units={"enum": ["metric", "imperial"]},
    at={"type": "string", "pattern": r"^\d{2}:\d{2}$"},
    spots={"type": "array", "maxItems": 2, "items": {"type": "object", "properties": {"x": {"type": "number"}}}},
    rain={"type": "boolean"},
)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"city": "Oslo", "days": 3, "units": "metric", "at": "07:30", "spots": [{"x": 1}], "rain": False}, ""),
        ({}, "lacks 'city'"),
        ({"city": "O"}, "out of range"),
        ({"city": 7}, "type string"),
        ({"city": "Oslo", "days": 9}, "out of range"),
        ({"city": "Oslo", "days": 2.5}, "type integer"),
        ({"city": "Oslo", "days": True}, "type integer"),
        ({"city": "Oslo", "units": "kelvin"}, "none of the choices"),
        ({"city": "Oslo", "at": "noon"}, "form"),
        ({"city": "Oslo", "spots": [{}, {}, {}]}, "out of range"),
        ({"city": "Oslo", "spots": [{"y": 1}]}, "no argument"),
        ({"city": "Oslo", "rain": "no"}, "type boolean"),
        ({"city": "Oslo", "extra": 1}, "no argument"),
        ([], "type object"),
    ],
)
def test_arguments_are_checked(arguments: Any, problem: str) -> None:
    assert problem in wrong(arguments, WEATHER)
    assert bool(problem) == bool(wrong(arguments, WEATHER))


def test_a_grammar_has_each_field_and_never_a_text_that_is_not_bounded_by_quotes() -> None:
    rules = dict(line.split(" ::= ", 1) for line in arguments_grammar(WEATHER).splitlines())
    assert rules["root"] == 'arguments ")"'
    assert rules["arguments"].startswith('"city=" a-0 (", " "days=" a-1)?')
    assert rules["a-2"] == '"\\"metric\\"" | "\\"imperial\\""'
    assert rules["a-3"] == r'"\"" [0-9]{2} ":" [0-9]{2}  "\""'
    names = {word for rule in rules.values() for word in rule.replace("(", " ").replace(")", " ").split()}
    assert {name.strip("?*") for name in names if name.startswith("a-")} <= rules.keys()


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ('city="Oslo", days=3, rain=True', {"city": "Oslo", "days": 3, "rain": True}),
        ('spots=[{"x": 1.5}]', {"spots": [{"x": 1.5}]}),
        ("", {}),
        ('"Oslo"', None),
        ("city=open('x')", None),
        ("city=", None),
        ("**{'a': 1}", None),
        ("x=" + "[" * 5000, None),
    ],
)
def test_a_written_call_is_read_and_never_run(text: str, arguments: Any) -> None:
    assert read_arguments(text) == arguments


@pytest.mark.parametrize(
    ("pattern", "plain"),
    [
        (r"^[A-Z]{3}$", True),
        (r"^\d+\.\d{1,2}$", True),
        (r"^[\w.-]+@[\w.-]+$", True),
        (r"\d+", False),
        (r"^(a|b)$", False),
        (r"^a*a*a*b$", False),
        (r"^[a-z$", False),
    ],
)
def test_a_plain_pattern_cannot_take_long(pattern: str, plain: bool) -> None:
    assert is_plain(pattern) is plain


LAUGHS = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)} | {"d40": {}}
DAY = {"type": "string", "pattern": r"^\d{4}-\d\d$"}


@pytest.mark.parametrize(
    ("properties", "it", "why"),
    [
        (DAY, "2026-11", ""),
        (DAY, "November", "does not have the form"),
        ({"pattern": "^(a+)+$"}, "a" * 400 + "b", ""),  # the server may try
        ({"pattern": "^a{0,99}a{0,99}a{0,99}a{0,99}a{0,99}$"}, "a" * 400 + "b", ""),
        ({"patternProperties": {"^(a+)+$": {}}, "additionalProperties": False}, {"a" * 400 + "b": 1}, ""),
        ({"$ref": "#/$defs/d0"}, "x", "too often"),
    ],
)
def test_no_check_of_a_foreign_schema_takes_long(properties: Any, it: object, why: str) -> None:
    schema = {"type": "object", "properties": {"it": properties}, "$defs": LAUGHS}
    assert fault_of(schema) == ""
    if not why:
        check_arguments("a.tool", schema, {"it": it})
        return
    with pytest.raises(ToolError, match=why):
        check_arguments("a.tool", schema, {"it": it})
