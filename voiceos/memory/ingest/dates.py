"""Dates as people and programs write them in file names, front matter and columns."""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from voiceos.language.times import Moment, Period, find
from voiceos.memory.ingest.reading import sane

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
_SECONDS = re.compile(r"\d{9,}(?:\.\d+)?")
_NUMERIC = re.compile(
    r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})\.?"
    r"(?:[,T]?\s*(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d+)?\s*([ap])?\.?m?\.?)?",
    re.IGNORECASE,
)


def in_name(name: str) -> datetime | None:
    """The date in a file's name, such as `2024-05-03 Walk.md`: midnight of this machine's zone."""
    found = _IN_NAME.search(name)
    return of_text(f"{found[1]}-{found[3]}-{found[4]}") if found else None


def of_value(value: Any) -> datetime | None:
    """A date of any type that files hold: a text, a date, seconds or milliseconds since the epoch."""
    if isinstance(value, datetime):
        return sane(value)
    if isinstance(value, date):
        return sane(datetime(value.year, value.month, value.day))
    if isinstance(value, str):
        return _of_seconds(float(value)) if _SECONDS.fullmatch(value) else of_text(value)
    return _of_seconds(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _of_seconds(number: float) -> datetime | None:
    """A time in seconds, milliseconds or microseconds since the epoch, whichever is plausible."""
    for scale in (1, 1_000, 1_000_000):
        if abs(number) / scale < 6e9:
            with suppress(OverflowError, ValueError):
                return sane((EPOCH + timedelta(seconds=number / scale)).astimezone())
            return None
    return None


def of_text(text: str, day_first: bool = True) -> datetime | None:
    """A written date: ISO 8601, 3.5.2024, 5/3/24 2:05 PM, 3 May 2024."""
    text = text.strip().replace("\u202f", " ")
    if not 6 <= len(text) <= 40 or (text.isdigit() and len(text) != 8):
        return None
    with suppress(ValueError):
        return sane(datetime.fromisoformat(text))
    with suppress(ValueError):
        if numeric := _NUMERIC.fullmatch(text):
            return sane(_numeric(numeric, day_first))
    return sane(_named(text))


def _numeric(found: re.Match[str], day_first: bool) -> datetime:
    """Raises ValueError if there is no such day."""
    first, second, third = int(found[1]), int(found[3]), int(found[4])
    if first > 99:
        year, month, day = first, second, third
    else:
        year = third if third > 99 else third + (2000 if third < 70 else 1900)
        month_first = second > 12 or (not day_first and first <= 12)
        month, day = (first, second) if month_first else (second, first)
    return datetime(year, month, day, hour(int(found[5] or 0), found[8]), int(found[6] or 0), int(found[7] or 0))


def hour(number: int, half: str | None) -> int:
    """The hour of the day; `half` begins with a or p for a clock of twelve hours."""
    return number % 12 + (12 if half.lower().startswith("p") else 0) if half else number


def _named(text: str) -> datetime | None:
    """One day in words, and no less: "Sat, 3 May 2024", "May 3, 2024 2:05 PM"."""
    found = find(text, EPOCH) if re.search(r"\d{4}", text) else []
    if len(found) != 1 or found[0].end - found[0].start < len(text) or found[0].every:
        return None
    meaning = found[0].meaning
    at = meaning.at if isinstance(meaning, Moment) else meaning.start if isinstance(meaning, Period) else None
    one_day = isinstance(meaning, Moment) or (at and meaning == Period(at, at + timedelta(days=1)))
    return at.replace(tzinfo=None) if at and one_day else None
