"""Sums: exact arithmetic, spoken as people speak it."""

from datetime import datetime

from voiceos.language.arithmetic import NoSum, money_in, said, value
from voiceos.language.data import pattern
from voiceos.language.numerals import digits
from voiceos.language.sentences import skill_says as says
from voiceos.skills.grammar import plain
from voiceos.skills.number_facts import number_facts
from voiceos.skills.skill import Asked, Intent, Pass, Said, Skill, Workshop

MOST_WORDS = 12
"""Of a request, in which a sum is looked for."""


def make(workshop: Workshop) -> Skill:
    calculate = Intent("sums.calculate", _calculate, slots={"sum": _is_sum}, mine=_has_sum)
    return Skill("sums", [calculate, *number_facts()])


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


def _sum_in(text: str) -> str:
    """The longest part of a text that is a sum, if the rest has no number."""
    words = plain(text).split()[:MOST_WORDS]
    parts = ((start, end) for start in range(len(words)) for end in range(start + 2, len(words) + 1))
    for start, end in sorted(parts, key=lambda part: part[0] - part[1]):
        if _is_sum(found := " ".join(words[start:end]), datetime.min):
            rest = digits(" ".join([*words[:start], *words[end:]]))
            return "" if any(map(str.isdigit, rest)) else found
    return ""


def _has_sum(asked: Asked) -> bool:
    return bool(_sum_in(asked.text))


async def _calculate(asked: Asked) -> Said:
    words, unit = _split(asked.slots.get("sum") or _sum_in(asked.text))
    try:
        number = value(words)
    except NoSum:
        return Said(says("sums.none"))
    if number is None:
        raise Pass
    sign = money_in(words)
    text, rounded = said(number, places=2 if sign else 4)
    if sign and "." in text:
        text = f"{text}0" if text[-2] == "." else text  # £7.20
    text = f"{sign}{text} {unit}".strip()
    answer = says("sums.about" if rounded else "sums.exact", number=text)
    if plain(asked.text) != plain(asked.turn.words) and plain(asked.text) in plain(asked.turn.words):
        answer = says("sums.among", sum=words, answer=f"{answer[0].lower()}{answer[1:]}")
    return Said(answer, about=text)
