"""What a tool brought as data, in words: short data is told as it is, without what the request had said itself."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, islice
from typing import cast

from voiceos.language.data import words_in
from voiceos.language.said_times import said_clock, said_date, weekday_name
from voiceos.language.sentences import say
from voiceos.mind.supported import APART, Said
from voiceos.tools.schema import Field, Kind

MOST_TOLD = 6
"""Values that a listener can follow."""
LONGEST_TOLD = 160
LONGEST_VALUE = 60
"""Characters."""
MOST_VALUES = 200
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?)?")
_MARKS = re.compile(r"[\w\s.,:;!?'’%°€$£()+/-]+")
_TEXT = Field("", Kind.TEXT)


@dataclass(frozen=True, slots=True)
class _Value:
    """One value of the data, and what it is called."""

    group: tuple[str, ...]
    """What it is part of: names, and numbers of items."""
    name: str
    raw: str | float | bool
    words: str

    @property
    def line(self) -> str:
        return f"{self.name} {self.words}".strip()


def told(text: str, asked: Said, now: datetime) -> str:
    """Short data as a sentence, without the values that were asked with; "" for anything else.

    A flag is for the model to put into words: "is open no" is no answer.
    """
    echoes = Counter[str]()
    values = [one for one in _values(text, now) if not _is_echo(one, asked, echoes)]
    short = len(values) <= MOST_TOLD and not any(map(_is_text, values))
    if not values or not short or any(isinstance(one.raw, bool) for one in values):
        return ""
    said = _joined(values)
    return f"{said[0].upper()}{said[1:]}." if len(said) <= LONGEST_TOLD and is_sayable(said) else ""


def in_words(text: str, now: datetime) -> str:
    """Data as a model can repeat it: no marks of JSON, and times as they are said. Any other text as it is."""
    return _joined(_values(text, now)) or text


def is_sayable(text: str) -> bool:
    """Whether a text has no marks but those of plain sentences."""
    return _MARKS.fullmatch(text) is not None


def _values(text: str, now: datetime) -> list[_Value]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(data, dict | list):
        return []
    found = list(islice(_within(cast(object, data), (), "", now), MOST_VALUES + 1))
    return _with_units(found) if len(found) <= MOST_VALUES else []


def _within(data: object, group: tuple[str, ...], name: str, now: datetime) -> Iterator[_Value]:
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
            yield _Value(group, named, data, words)


def _time(value: object, now: datetime) -> datetime | None:
    """The time that a text is, as machines write it. One of UTC becomes local; another zone stays: it was meant."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
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


def _with_units(values: Sequence[_Value]) -> list[_Value]:
    """A unit is said with its number, and a text that repeats what was said before it in its group not at all."""
    kept = list[_Value]()
    for one in values:
        last = kept[-1] if kept and kept[-1].group == one.group else None
        if last and isinstance(last.raw, int | float) and one.name in words_in("en", "tool_data", "units"):
            kept[-1] = replace(last, words=f"{last.words} {one.words}")
        elif not (last and isinstance(one.raw, str) and one.words in last.words):
            kept.append(one)
    return kept


def _is_echo(one: _Value, asked: Said, echoes: Counter[str]) -> bool:
    """Whether the request said this value, and so needs not hear it; what it said once is news the second time."""
    if isinstance(one.raw, bool):
        return False
    if isinstance(one.raw, str) and _TIME.fullmatch(one.raw):
        clock = one.raw[11:16]
        is_said = bool(clock) and any(start and f"{start:%H:%M}" == clock for start, _ in asked.times)
    else:
        is_said = asked.holds(replace(_TEXT, kind=Kind.TEXT if isinstance(one.raw, str) else Kind.NUMBER), one.raw)
    echoes[one.words] += is_said
    return is_said and echoes[one.words] == 1


def _is_text(one: _Value) -> bool:
    """Whether it is a text for the model to sum up, and no value."""
    return len(one.words) > LONGEST_VALUE or one.words.endswith((".", "!", "?"))


def _joined(values: Sequence[_Value]) -> str:
    """The values of one thing with commas between them, things apart."""
    parts, last = list[str](), ""
    for group, of in groupby(values, key=lambda one: one.group):
        lines = ", ".join(one.line for one in of)
        called = " ".join(part for part in group if not part.isdigit())
        name, last = "" if called == last else called, called
        parts.append(f"{name}: {lines}" if name and "," in lines else f"{name} {lines}".strip())
    return "; ".join(parts)
