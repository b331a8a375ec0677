"""One grammar for times: which moments, periods, durations and recurrences a text mentions, and where.

`find("What did I say last Tuesday?", now)` gives a `Found` with the characters that tell the time and a `Moment`,
`Period`, `Duration` or `Recurrence`. `now` is given and its zone counts. `lean` says which one is meant where the words
leave it open: "on Monday" is the last one in a question to the memory (`past`), the next one for an alarm (`future`).
A language has its words and rules in `times.toml` of its folder; in a language without one no times are found. The
rules name the functions of the `*_rules.py`, which get the items of the rule by their names.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from voiceos.language.data import FOLDER, table
from voiceos.language.times import again_rules, clock_rules, date_rules, span_rules
from voiceos.language.times.again_rules import Again
from voiceos.language.times.chart import Chart, grammar
from voiceos.language.times.cycles import OPEN, Cycle, Lean, NoTime, Seen, Span, picked
from voiceos.language.times.meanings import Duration, Found, Meaning, Moment, Period, Recurrence

__all__ = ["Duration", "Found", "Lean", "Meaning", "Moment", "Period", "Recurrence", "find"]

T = TypeVar("T")

LONGEST = 4000
"""Characters of a text that are read."""
OTHERS = 6
"""How many other times are told that may be meant."""
_JOINED_BEFORE, _JOINED_AFTER = re.compile(r"\d[-/:]\Z"), re.compile(r"[-/:]\d|[,.]\d{3}(?!\d)")
"""What makes a number part of a longer one, such as the year of 2026-02-31, which is no day, the hour of 13:75, or
"about 6" of "about 6,200"."""
_RULES = {**vars(again_rules), **vars(span_rules), **vars(date_rules), **vars(clock_rules)}


def find(text: str, now: datetime, *, lean: Lean = "past", language: str = "en") -> list[Found]:
    """The times in a text, in order. Never raises, whatever the text is."""
    return list(_find(text[:LONGEST], now.replace(tzinfo=None), now.fold, now.tzinfo or UTC, lean, language))


@lru_cache(256)
def _find(text: str, now: datetime, fold: int, zone: tzinfo, lean: Lean, language: str) -> tuple[Found, ...]:
    if not (FOLDER / language / "times.toml").exists():
        return ()
    data = table(language, "times")
    early = re.search(rf"\b(?:{data['early']})\b", text, re.IGNORECASE) is not None
    seen = Seen(now.replace(fold=fold), zone, lean, early, data)

    def apply(name: str, slots: dict[str, Any]) -> Any:
        return _tried(_RULES[name], seen, **slots)

    def make(value: Any, start: int, end: int) -> Found | None:
        is_part = _JOINED_BEFORE.search(text[:start]) or _JOINED_AFTER.match(text[end:])
        return None if is_part else _tried(_found, value, seen, start, end)

    return tuple(Chart(grammar(language), text, apply).wholes(make))


def _tried(make: Callable[..., T], *values: Any, **slots: Any) -> T | None:
    """None for 31 February, before the calendar begins, and the like."""
    try:
        return make(*values, **slots)
    except (NoTime, LookupError, ValueError, OverflowError):
        return None


def _found(value: Cycle | Duration | Again, seen: Seen, start: int, end: int) -> Found:
    if isinstance(value, Duration):
        return Found(start, end, value)
    if isinstance(value, Again):
        first = value.first(seen)
        rule, times = value.rule(seen, first)
        return Found(start, end, Recurrence(rule, _zoned(first[0], seen) if first else None, times))
    meant, *others = islice(picked(value, seen.now, seen.lean), OTHERS)
    return Found(
        *(start, end, _zoned(meant, seen), tuple(_zoned(span, seen) for span in others)),
        *(value.every or value.loose, value.bound, value.slack),
    )


def _zoned(span: Span, seen: Seen) -> Moment | Period:
    zone = seen.zone
    start, end = (None if at in OPEN else at.replace(tzinfo=zone) for at in span)
    if start and span.start == span.end:
        return Moment(start.astimezone(UTC).astimezone(zone))  # what the clock leaves out in spring
    return Period(start, max(end, start, key=datetime.timestamp) if start and end else end)
