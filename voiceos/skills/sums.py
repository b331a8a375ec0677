"""Sums: exact arithmetic, spoken as people speak it."""

from datetime import datetime

from voiceos.language.arithmetic import NoSum, money_in, said, value
from voiceos.language.data import pattern
from voiceos.language.sentences import skill_says as says
from voiceos.skills.skill import Asked, Intent, Pass, Said, Skill, Workshop


def make(workshop: Workshop) -> Skill:
    return Skill("sums", [Intent("sums.calculate", _calculate, slots={"sum": _is_sum})])


def _split(words: str) -> tuple[str, str]:
    """A sum, and what it is of: "two thirds of 750", "grams"."""
    found = pattern("en", "skills/sums", "of_what").fullmatch(words)
    return (found["sum"], found["unit"]) if found else (words, "")


def _is_sum(words: str, now: datetime) -> bool:
    words, _ = _split(words)
    try:
        return value(words) is not None
    except NoSum:
        return True


async def _calculate(asked: Asked) -> Said:
    words, unit = _split(asked.slots.get("sum", ""))
    try:
        number = value(words)
    except NoSum:
        return Said(says("sums.none"))
    if number is None:
        raise Pass
    sign = money_in(words)
    text, rounded = said(number, places=2 if sign else 4)
    text = f"{sign}{text} {unit}".strip()
    return Said(says("sums.about" if rounded else "sums.exact", number=text))
