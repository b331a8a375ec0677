"""How much something of the owner's has changed, by what they told of it at two times."""

import re
from collections.abc import Sequence
from datetime import datetime

from voiceos.core import Recalled
from voiceos.language.data import pattern, table
from voiceos.language.numerals import digits
from voiceos.language.sentences import skill_says as says
from voiceos.language.times import find
from voiceos.memory.quoting import spoken
from voiceos.memory.recall.periods import periods
from voiceos.skills.person.wanted import Names, wanted_in
from voiceos.skills.person.worded import worded
from voiceos.store.database import Connection

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_AMOUNT = re.compile(r"(?<![\w.,])(\d+(?:\.\d+)?) ?([a-z]+)")


def changed(db: Connection, question: str, names: Names, now: datetime) -> tuple[str, list[Recalled]] | None:
    """What came of it, and the lines that tell the amount at first and now; None: that is not asked, or not told."""
    asked = pattern("en", "questions", "changed").search(question.lower())
    if not asked:
        return None
    spans, _ = periods(question, now)
    since = min((span.start for span in spans), default=0.0)
    told = [(one, amount) for one in _of(db, names, now) if one.at and (amount := _amount(one, now))]
    told = [(one, amount) for one, amount in told if one.at and one.at.timestamp() >= since]
    told = [(one, amount) for one, amount in told if amount[1] == told[0][1][1]]
    if len(told) < 2 or (asked["unit"] and _unit(asked["unit"]) != told[0][1][1]):
        return None
    (last, (now_has, unit)), (first, (had, _)) = told[0], told[-1]
    less = round(had - now_has, 2)
    key = "same" if not less else "less" if less > 0 else "more"
    return says(f"person.{key}", amount=f"{abs(less):g}", unit=unit), [first, last]


def said_of_change(text: str, lines: Sequence[Recalled], now: datetime) -> str:
    return " ".join([text, *(spoken(one, now) for one in lines)])


def _of(db: Connection, names: Names, now: datetime) -> list[Recalled]:
    """The owner's lines that tell the weight, the newest first."""
    return worded(db, wanted_in(table("en", "questions")["of_weight"], names), names, now)


def _amount(memory: Recalled, now: datetime) -> tuple[float, str] | None:
    """The amount of weight that is the only number of a memory, but for its times, and its unit."""
    text = digits(memory.text.lower())
    for one in reversed(find(text, memory.at or now)):
        text = f"{text[: one.start]} {text[one.end :]}"
    found = _AMOUNT.search(text)
    unit = _unit(found[2]) if found else ""
    return (float(found[1]), unit) if found and unit and len(_NUMBER.findall(text)) == 1 else None


def _unit(word: str) -> str:
    """A unit of weight, by its name for several; empty: it is none."""
    groups = [line.split() for line in table("en", "questions")["weights"]]
    return next((group[0] for group in groups if word in group), "")
