"""Writes the grammar of llama.cpp (GBNF) for a call of a tool, and reads a call that was written by it.

A call is written as Python writes it, `weather(city="Oslo", days=2)`: models know that, and it takes few tokens.
Required arguments come first, in the order of the form, and then any optional ones. Bounds, and how a list or text
ends, are not in the grammar; `form.wrong` checks them.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence

from voiceos.tools.form import Field, Form, Kind
from voiceos.tools.plain_pattern import PIECE

_RULES = {
    "text": r'"\"" ([^"\\\x00-\x1F\x7F] | "\\" ["\\nt])+ "\""',
    "integer": '"-"? [0-9] [0-9]? [0-9]? [0-9]? [0-9]? [0-9]? [0-9]? [0-9]? [0-9]? [0-9]? [0-9]? [0-9]?',
    "number": 'integer ("." [0-9] [0-9]? [0-9]? [0-9]? [0-9]? [0-9]?)?',
    "boolean": '"True" | "False"',
}
_PYTHON = {"true": "True", "false": "False"}


def names_grammar(names: Sequence[str]) -> str:
    """A grammar for one of these names."""
    return _written({"root": " | ".join(map(quoted, names))})


def arguments_grammar(form: Form) -> str:
    """A grammar for the arguments of one call, and the bracket that ends them."""
    rules = dict(_RULES)
    rules["arguments"] = arguments_rule(form, rules, "a")
    return _written({"root": f"arguments {quoted(')')}", **rules})


def _written(rules: Mapping[str, str]) -> str:
    return "\n".join(f"{name} ::= {rule}" for name, rule in rules.items())


def arguments_rule(form: Form, rules: dict[str, str], prefix: str) -> str:
    """What stands between the brackets; `rules` gets what it needs."""
    given = list(_given(form.fields, rules, prefix, "{}="))
    return _in_order(given, [one.required for one in form.fields], rules, prefix)


def _given(fields: Sequence[Field], rules: dict[str, str], prefix: str, name: str) -> Iterator[str]:
    for number, one in enumerate(fields):
        rule = f"{prefix}-{number}"
        rules[rule] = _value(one, rules, rule)
        yield f"{quoted(name.format(one.name))} {rule}"


def _in_order(given: Sequence[str], required: Sequence[bool], rules: dict[str, str], prefix: str) -> str:
    """All that are required, and any of the others, in their order, with commas between them."""
    first = [one for one, needed in zip(given, required, strict=True) if needed]
    others = [one for one, needed in zip(given, required, strict=True) if not needed]
    if first:
        return ' ", " '.join(first) + "".join(f' (", " {one})?' for one in others)
    for number, one in enumerate(others):
        rules[f"{prefix}-f{number}"] = one + "".join(f' (", " {later})?' for later in others[number + 1 :])
    return " | ".join([f"{prefix}-f{number}" for number in range(len(others))] + ['""'])


def _value(one: Field, rules: dict[str, str], rule: str) -> str:
    if one.choices:
        return " | ".join(quoted(_python(choice)) for choice in one.choices)
    if one.pattern:
        return r'"\"" ' + "".join(map(_piece, PIECE.finditer(one.pattern[1:-1]))) + r' "\""'
    if one.kind is Kind.LIST:
        rules[f"{rule}-i"] = _value(one.fields[0], rules, f"{rule}-i")
        none = "?" if not one.least else ""
        return f'"[" ({rule}-i (", " {rule}-i)*){none} "]"'
    if one.kind is Kind.OBJECT:
        given = list(_given(one.fields, rules, rule, '"{}": '))
        return f'"{{" ({_in_order(given, [each.required for each in one.fields], rules, rule)}) "}}"'
    return {Kind.TEXT: "text"}.get(one.kind, one.kind.value)


def _piece(piece: re.Match[str]) -> str:
    what, often = piece["what"], piece["often"] or ""
    classes = {r"\d": "0-9", r"\w": "a-zA-Z0-9_", r"\s": " "}
    if what.startswith("["):
        for short, long in classes.items():
            what = what.replace(short, long)
        return f"{what}{often} "
    if what in classes:
        return f"[{classes[what]}]{often} "
    return f"{quoted(what.removeprefix(chr(92)))}{often} "


def _python(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return _PYTHON.get(text, text) if isinstance(value, bool) else text


def quoted(text: str) -> str:
    """A text as a grammar has it."""
    return json.dumps(text, ensure_ascii=False)


def read_arguments(text: str) -> Mapping[str, object] | None:
    """The arguments that are written between "(" and ")"; None: it is no such text."""
    try:
        node = ast.parse(f"f({text})", mode="eval").body
        if not isinstance(node, ast.Call) or node.args or any(keyword.arg is None for keyword in node.keywords):
            return None
        return {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in node.keywords}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
