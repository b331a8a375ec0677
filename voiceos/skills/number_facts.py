"""What numbers are like: divisible, prime, their factors; and the average or the sum of several."""

import re
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from math import isqrt

from voiceos.language.arithmetic import said
from voiceos.language.data import pattern
from voiceos.language.numerals import digits
from voiceos.language.sentences import joined
from voiceos.language.sentences import skill_says as says
from voiceos.skills.skill import Asked, Intent, Said, never

LARGEST = 10**9
"""Of what is looked for factors."""
PAIR = 2
MOST_FACTORS = 20
"""Said in one breath."""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def number_facts() -> list[Intent]:
    one = {"number": _is_whole, "by": _is_whole}
    several = {"numbers": _are_numbers}
    return [
        Intent("sums.divisible", _divisible, slots=one, mine=never),
        Intent("sums.prime", _prime, slots=one, mine=never),
        Intent("sums.factors", _factors, slots=one, mine=never),
        Intent("sums.average", _average, slots=several, mine=never),
        Intent("sums.total", _total, slots={"numbers": _are_many}, mine=never),
    ]


def _whole(text: str) -> int | None:
    written = digits(text.lower()).strip()
    return int(written) if re.fullmatch(r"\d{1,9}", written) else None


def _is_whole(text: str, now: datetime) -> bool:
    return _whole(text) is not None


def _numbers(text: str) -> list[Fraction] | None:
    """Several numbers with nothing between them but what joins them."""
    parts = pattern("en", "skills/sums", "between").split(text.lower().strip())
    written = [digits(part).strip() for part in parts]
    return [Fraction(one) for one in written] if all(map(_NUMBER.fullmatch, written)) and len(written) > 1 else None


def _are_numbers(text: str, now: datetime) -> bool:
    return _numbers(text) is not None


def _are_many(text: str, now: datetime) -> bool:
    """More than the two of a sum."""
    return len(_numbers(text) or ()) > PAIR


async def _divisible(asked: Asked) -> Said:
    number, by = (_whole(asked.slots[name]) or 0 for name in ("number", "by"))
    if not by:
        return Said(says("sums.none"))
    key = "divisible" if number % by == 0 else "not_divisible"
    return Said(says(f"sums.{key}", number=number, by=by, times=number // by, rest=number % by))


async def _prime(asked: Asked) -> Said:
    number = _whole(asked.slots["number"]) or 0
    least = _divisors(number)[1:2]
    if number > 1 and least == [number]:
        return Said(says("sums.prime", number=number))
    if number < 2:
        return Said(says("sums.not_prime", number=number))
    return Said(says("sums.composite", number=number, by=least[0], times=number // least[0]))


async def _factors(asked: Asked) -> Said:
    number = _whole(asked.slots["number"]) or 0
    found = _divisors(number)
    if not found:
        return Said(says("sums.none"))
    if len(found) > MOST_FACTORS:
        return Said(says("sums.many_factors", number=number, count=len(found)))
    return Said(says("sums.factors", number=number, list=joined([*map(str, found)])))


def _divisors(number: int) -> Sequence[int]:
    small = [one for one in range(1, isqrt(number) + 1) if number % one == 0] if number else []
    return sorted({*small, *(number // one for one in small)})


async def _average(asked: Asked) -> Said:
    numbers = _numbers(asked.slots["numbers"]) or []
    return _told(Fraction(sum(numbers)) / len(numbers))


async def _total(asked: Asked) -> Said:
    return _told(Fraction(sum(_numbers(asked.slots["numbers"]) or [])))


def _told(number: Fraction) -> Said:
    text, rounded = said(number)
    return Said(says("sums.about" if rounded else "sums.exact", number=text), about=text)
