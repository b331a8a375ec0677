"""Dates as people and programs write them in files: in names, in front matter, in columns."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from voiceos.language.times import Moment, Period, find
from voiceos.memory.ingest.reading import sane

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
_NUMERIC = re.compile(
    r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})\.?"
    r"(?:[,T]?\s*(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d+)?\s*([ap])?\.?m?\.?)?",
    re.IGNORECASE,
)


def in_name(name: str) -> datetime | None:
    """The date in a file's name, such as `2024-05-03 Walk.md`: midnight of this machine's zone."""
    found = _IN_NAME.search(name)
    return _made(int(found[1]), int(found[3]), int(found[4])) if found else None


def of_value(value: Any, day_first: bool = True) -> datetime | None:
    """A date of any type that files hold: a text, a date, seconds or milliseconds since the epoch."""
    if isinstance(value, datetime):
        return sane(value)
    if isinstance(value, date):
        return _made(value.year, value.month, value.day)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        return of_text(value, day_first)
    try:
        return of_seconds(float(value))
    except (TypeError, ValueError):
        return None


def of_seconds(number: float) -> datetime | None:
    """Seconds since the epoch, or milliseconds, or microseconds: whichever a life has."""
    for scale in (1, 1_000, 1_000_000):
        if abs(number) / scale < 6e9:
            try:
                return sane((EPOCH + timedelta(seconds=number / scale)).astimezone())
            except (OverflowError, ValueError):
                return None
    return None


def of_text(text: str, day_first: bool = True) -> datetime | None:
    """A written date: ISO 8601, 3.5.2024, 5/3/24 2:05 PM, 3 May 2024."""
    text = text.strip().replace("\u202f", " ")
    if not 6 <= len(text) <= 40:
        return None
    for read in (datetime.fromisoformat, _numeric_day_first if day_first else _numeric_month_first, _named):
        try:
            found: datetime | None = read(text)
        except ValueError:
            continue
        if found:
            return None if text.isdigit() and len(text) != 8 else sane(found)
    return None


def numbers(found: re.Match[str]) -> tuple[int, int, int]:
    """The three numbers of a match of a written date."""
    return int(found[1]), int(found[3]), int(found[4])


def arranged(first: int, second: int, third: int, day_first: bool) -> tuple[int, int, int]:
    """Year, month and day of three numbers in the order in which they were written."""
    if first > 99:
        return first, second, third
    year = third if third > 99 else third + (2000 if third < 70 else 1900)
    if second > 12 or (not day_first and first <= 12):
        return year, first, second
    return year, second, first


def _numeric_day_first(text: str) -> datetime | None:
    return _numeric(text, True)


def _numeric_month_first(text: str) -> datetime | None:
    return _numeric(text, False)


def _numeric(text: str, day_first: bool) -> datetime | None:
    found = _NUMERIC.fullmatch(text)
    if not found:
        return None
    year, month, day = arranged(*numbers(found), day_first)
    return _made(year, month, day, hour(int(found[5] or 0), found[8]), int(found[6] or 0), int(found[7] or 0))


def hour(number: int, half: str | None) -> int:
    """The hour of the day; `half` begins with a or p for a clock of twelve hours."""
    if not half:
        return number
    return number % 12 + (12 if half.lower().startswith("p") else 0)


def _named(text: str) -> datetime | None:
    """One day in words, and no less: "Sat, 3 May 2024", "May 3, 2024 2:05 PM"."""
    found = find(text, EPOCH) if re.search(r"\d{4}", text) else []
    if len(found) != 1 or found[0].end - found[0].start < len(text) or found[0].every:
        return None
    meaning = found[0].meaning
    at = meaning.at if isinstance(meaning, Moment) else meaning.start if isinstance(meaning, Period) else None
    one_day = isinstance(meaning, Moment) or (at and meaning == Period(at, at + timedelta(days=1)))
    return at.replace(tzinfo=None) if at and one_day else None


def _made(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime | None:
    try:
        return sane(datetime(year, month, day, hour, minute, second))
    except (ValueError, OverflowError):
        return None
