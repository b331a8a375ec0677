"""What a tool brought as data, in words."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, islice
from typing import cast

from voiceos.language.data import words_in
from voiceos.language.said_times import said_clock, said_date, weekday_name
from voiceos.language.sentences import say

MOST_VALUES = 200
APART = re.compile(r"[_\W]+|(?<=[a-z])(?=[A-Z])")
"""Where the words of a name join."""
TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?)?")
_MARKS = re.compile(r"[\w\s.,:;!?'’%°€$£()+/-]+")


@dataclass(frozen=True, slots=True)
class Datum:
    """One value of the data, and what it is called."""

    group: tuple[str, ...]
    """What it is part of: names, and numbers of items."""
    name: str
    raw: str | float | bool
    words: str

    @property
    def line(self) -> str:
        return f"{self.name} {self.words}".strip()


def in_words(text: str, now: datetime) -> str:
    """Data as a model can repeat it: no marks of JSON, and times as they are said. Any other text as it is."""
    return joined(data_of(text, now)) or text


def is_sayable(text: str) -> bool:
    """Whether a text has no marks but those of plain sentences."""
    return _MARKS.fullmatch(text) is not None


def data_of(text: str, now: datetime) -> list[Datum]:
    """The values of a text that is data, with what each is called; none: it is no data, or too much."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(data, dict | list):
        return []
    found = list(islice(_within(cast(object, data), (), "", now), MOST_VALUES + 1))
    return _with_units(found) if len(found) <= MOST_VALUES else []


def _within(data: object, group: tuple[str, ...], name: str, now: datetime) -> Iterator[Datum]:
    if isinstance(data, Mapping):
        inside = (*group, name) if name else group
        for key, value in cast("Mapping[str, object]", data).items():
            yield from _within(value, inside, " ".join(filter(None, APART.split(key))).lower(), now)
    elif isinstance(data, list):
        for at, value in enumerate(cast("list[object]", data), 1):
            is_group = isinstance(value, Mapping | list)
            yield from _within(value, (*group, name, str(at)) if is_group else group, "" if is_group else name, now)
    elif isinstance(data, str | int | float):
        at = _time(data, now)
        words = _said_time(at, str(data)) if at else _said_value(data)
        if words:
            named = " ".join(word for word in name.split() if not (at and word in words_in("en", "tool_data", "times")))
            yield Datum(group, named, data, words)


def _time(value: object, now: datetime) -> datetime | None:
    """The time that a text is, as machines write it. One of UTC becomes local; another zone stays: it was meant."""
    if not isinstance(value, str) or not TIME.fullmatch(value):
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(now.tzinfo) if value.endswith("Z") else at
    except (ValueError, OverflowError):
        return None


def _said_time(at: datetime, written: str) -> str:
    day = f"{weekday_name(at)}, {said_date(at)}"
    return day if ":" not in written else say("data.moment", clock=said_clock(at), day=day)


def _said_value(value: str | float) -> str:
    if isinstance(value, bool):
        return say("data.yes" if value else "data.no")
    return f"{value:.10g}" if isinstance(value, float) else " ".join(str(value).split())


def _with_units(values: Sequence[Datum]) -> list[Datum]:
    """A unit is said with its number, and a text that repeats what was said before it in its group not at all."""
    kept = list[Datum]()
    for one in values:
        last = kept[-1] if kept and kept[-1].group == one.group else None
        if last and isinstance(last.raw, int | float) and one.name in words_in("en", "tool_data", "units"):
            kept[-1] = replace(last, words=f"{last.words} {one.words}")
        elif not (last and isinstance(one.raw, str) and one.words in last.words):
            kept.append(one)
    return kept


def joined(values: Sequence[Datum]) -> str:
    """The values of one thing with commas between them, things apart."""
    parts, last = list[str](), ""
    for group, of in groupby(values, key=lambda one: one.group):
        lines = ", ".join(one.line for one in of)
        called = " ".join(part for part in group if not part.isdigit())
        name, last = "" if called == last else called, called
        parts.append(f"{name}: {lines}" if name and "," in lines else f"{name} {lines}".strip())
    return "; ".join(parts)
