"""Arithmetic as people say it: "17 percent of 240", "a third of ninety", "two to the power of ten", exactly."""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from math import isqrt

from voiceos.language.data import table
from voiceos.language.numerals import digits

LARGEST = 10**30
MOST_POWER = 300
LONGEST = 200
"""Characters of a sum."""


class NoSum(Exception):
    """Something that has no value: a division by zero, or more than anybody would say."""


def value(text: str, language: str = "en") -> Fraction | None:
    """What a sum comes to; None if the text is not a sum, or only a number. Raises NoSum.

    Roots that are no fraction are rounded to twelve places.
    """
    data = table(language, "arithmetic")
    if not re.search(data["counts"], digits(text[:LONGEST].lower(), language)) or re.fullmatch(
        data["no_sum"], text.strip()
    ):
        return None
    written = formula(text, language)
    try:
        tree = ast.parse(written, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    if isinstance(tree, ast.Constant):
        return None
    try:
        return _of(tree)
    except (TypeError, KeyError):
        return None


def money_in(text: str, language: str = "en") -> str:
    """The sign of the one currency that a sum is in; empty if it is in none, or in several."""
    found = [sign for sign, words in table(language, "arithmetic")["money"] if re.search(words, text.lower())]
    return found[0] if len(found) == 1 else ""


def formula(text: str, language: str = "en") -> str:
    """The sum in signs, or what of it is not known in its words."""
    text = text[:LONGEST].lower()
    for _, words in table(language, "arithmetic")["money"]:
        text = re.sub(words, "", text)
    written = digits(text, language)
    for words, sign in _signs(language):
        written = words.sub(sign, written)
    return re.sub(r"(\d),(?=\d{3}\b)", r"\1", written).strip(" ?=.")


@cache
def _signs(language: str) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(words), sign) for words, sign in table(language, "arithmetic")["signs"]]


def _of(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            return Fraction(str(node.value))
        case ast.UnaryOp(op=ast.USub()):
            return -_of(node.operand)
        case ast.Call(func=ast.Name(id=name), args=[one], keywords=[]):
            return _FUNCTIONS[name](_of(one))
        case ast.BinOp():
            return _bounded(_OPERATORS[type(node.op)](_of(node.left), _of(node.right)))
        case _:
            raise TypeError


def _bounded(number: Fraction) -> Fraction:
    if abs(number) > LARGEST:
        raise NoSum
    return number


def _divided(number: Fraction, by: Fraction) -> Fraction:
    if not by:
        raise NoSum
    return number / by


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if abs(exponent) > MOST_POWER or (not base and exponent < 0):
        raise NoSum
    if exponent.denominator != 1:
        raise TypeError
    return base ** int(exponent)


def _root(number: Fraction) -> Fraction:
    if number < 0:
        raise NoSum
    return Fraction(isqrt(number.numerator * 10**24 // number.denominator), 10**12)


def _cube_root(number: Fraction) -> Fraction:
    scaled = abs(number.numerator) * 10**36 // number.denominator
    root = round(scaled ** (1 / 3))
    while root**3 > scaled:
        root -= max(1, (root**3 - scaled) // (3 * root**2))
    while (root + 1) ** 3 <= scaled:
        root += max(1, (scaled - root**3) // (3 * (root + 1) ** 2))
    return Fraction(root if number >= 0 else -root, 10**12)


def _factorial(number: Fraction) -> Fraction:
    if number.denominator != 1 or not 0 <= number <= 25:
        raise NoSum
    product = Fraction(1)
    for factor in range(2, int(number) + 1):
        product *= factor
    return product


_OPERATORS: Mapping[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _divided,
    ast.Pow: _power,
    ast.Mod: lambda number, by: number - by * (_divided(number, by).__floor__()),
}
_FUNCTIONS: Mapping[str, Callable[[Fraction], Fraction]] = {
    "root": _root,
    "cuberoot": _cube_root,
    "factorial": _factorial,
}


def said(number: Fraction, language: str = "en", *, places: int = 4) -> tuple[str, bool]:
    """A number in digits, and whether it was rounded."""
    if number.denominator == 1:
        return f"{number.numerator}", False
    rounded = round(number, places)
    if not rounded:
        rounded = Fraction(f"{float(number):.2g}")
    text = f"{float(rounded):.10f}".rstrip("0").rstrip(".")
    return text, rounded != number
