"""Dates and times as spoken, with the names of a language's calendar."""

from datetime import datetime

from voiceos.language.data import table


def weekday_name(at: datetime, language: str = "en") -> str:
    return table(language, "calendar")["days"].split()[at.weekday()]


def said_date(at: datetime, now: datetime | None = None, language: str = "en") -> str:
    """As in "3 May 2024"; without the year if it is that of `now`."""
    month = table(language, "calendar")["months"].split()[at.month - 1]
    year = "" if now and at.year == now.year else at.year
    return _said("date", language, day=at.day, month=month, year=year).strip()


def said_clock(at: datetime, language: str = "en") -> str:
    """As in "9:05 PM"."""
    half = table(language, "times")["said"]["halves"][at.hour // 12]
    return _said("clock", language, hour=at.hour % 12 or 12, minute=at.minute, half=half)


def said_moment(at: datetime, language: str = "en") -> str:
    """As in "Sunday, 22 November 2026, 9:05 PM", whatever the locale."""
    half = table(language, "times")["said"]["halves"][at.hour // 12]
    date, weekday = said_date(at, language=language), weekday_name(at, language)
    return _said("moment", language, weekday=weekday, date=date, hour=at.hour % 12 or 12, minute=at.minute, half=half)


def _said(form: str, language: str, **values: object) -> str:
    return table(language, "times")["said"][form].format(**values)
