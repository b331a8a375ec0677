"""Tells what a tool brought: short data as it is, without what the request had said itself."""

from collections import Counter
from dataclasses import replace
from datetime import datetime

from voiceos.mind.calling_prompt import cut
from voiceos.mind.supported import Said
from voiceos.tools.data_in_words import TIME, Datum, data_of, is_sayable, joined
from voiceos.tools.form import Field, Kind

MOST_TOLD = 6
"""Values that a listener can follow."""
LONGEST_TOLD = 160
LONGEST_PLAINLY = 300
LONGEST_VALUE = 60
"""Characters."""
_TEXT = Field("", Kind.TEXT)


def told(text: str, asked: Said, now: datetime) -> str:
    """Short data as a sentence, without the values that were asked with; "" for anything else.

    A flag is for the model to put into words: "is open no" is no answer.
    """
    values = _news(text, asked, now)
    short = len(values) <= MOST_TOLD and not any(map(_is_text, values))
    if not values or not short or any(isinstance(one.raw, bool) for one in values):
        return ""
    said = joined(values)
    return f"{said[0].upper()}{said[1:]}." if len(said) <= LONGEST_TOLD and is_sayable(said) else ""


def told_plainly(text: str, asked: Said, now: datetime) -> str:
    """The same for data that is longer, without its flags; as much as can be listened to. Any other text as it is."""
    values = [one for one in _news(text, asked, now) if not isinstance(one.raw, bool)]
    return cut(joined(values) or text, LONGEST_PLAINLY)


def _news(text: str, asked: Said, now: datetime) -> list[Datum]:
    echoes = Counter[str]()
    return [one for one in data_of(text, now) if not _is_echo(one, asked, echoes)]


def _is_echo(one: Datum, asked: Said, echoes: Counter[str]) -> bool:
    """Whether the request said this value, and so needs not hear it; what it said once is news the second time."""
    if isinstance(one.raw, bool):
        return False
    if isinstance(one.raw, str) and TIME.fullmatch(one.raw):
        clock = one.raw[11:16]
        is_said = bool(clock) and any(start and f"{start:%H:%M}" == clock for start, _ in asked.times)
    else:
        is_said = asked.holds(replace(_TEXT, kind=Kind.TEXT if isinstance(one.raw, str) else Kind.NUMBER), one.raw)
    echoes[one.words] += is_said
    return is_said and echoes[one.words] == 1


def _is_text(one: Datum) -> bool:
    """Whether it is a text for the model to sum up, and no value."""
    return len(one.words) > LONGEST_VALUE or one.words.endswith((".", "!", "?"))
