"""English dates, times of day, years and decades as they are said: "22/11/2026", "9:05", "the '80s"."""

import re

from voiceos.language.data import table
from voiceos.language.en.counting import cardinal, many, minutes, more, year
from voiceos.language.en.measures import UNITS

_CALENDAR = table("en", "calendar")
_MONTHS: list[str] = _CALENDAR["months"].split()
_DAYS: list[str] = _CALENDAR["days"].split()
SHORT_MONTHS: dict[str, str] = {short: _MONTHS[number - 1] for short, number in _CALENDAR["short_months"].items()}
SHORT_DAYS: dict[str, str] = {short: _DAYS[number - 1] for short, number in _CALENDAR["short_days"].items()}
MONTH_NAMES = {month: month for month in _MONTHS} | SHORT_MONTHS
DAY_NAMES = {day: day for day in _DAYS} | SHORT_DAYS


def iso_date(found: re.Match[str]) -> str:
    return _date(found[0], found[1], found[3], found[4])


def slash_date(found: re.Match[str], *, day_first: bool = False) -> str:
    first, second, year = found[1], found[3], found[4]
    if int(first) > 12 or (day_first and int(second) <= 12):
        first, second = second, first
    if len(year) == 2:
        year = f"{19 if int(year) > 69 else 20}{year}"
    return _date(found[0], year, first, second)


def day_first_date(found: re.Match[str]) -> str:
    return slash_date(found, day_first=True)


def _date(written: str, year: str, month: str, day: str) -> str:
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return re.sub(r"[-/.]", " ", written)
    number = int(day)
    ending = "th" if 10 < number < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{_MONTHS[int(month) - 1]} {number}{ending}, {year}"


def iso_month(found: re.Match[str]) -> str:
    year, month = (found[1], found[2]) if found[1] else (found[4], found[3])
    if found[1] and int(month) > int(year[2:]):  # 2009-12 may be three years
        return found[0]
    return f"{_MONTHS[int(month) - 1]} {year}"


def time(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2] or found[4] or 0)
    half = f" {found[5].upper()}M" if found[5] else ""
    if found[3] and int(found[3]):
        return f"{hour} {minutes(minute)} and {int(found[3])} seconds{half}"
    if minute:
        return f"{cardinal(hour)} {minutes(minute)}{half}"
    if half:
        return f"{hour}{half}"
    if hour in (0, 24):
        return "midnight"
    return f"{hour} o'clock" if hour < 13 else f"{cardinal(hour)} hundred"


def ratio(found: re.Match[str]) -> str:
    first, second = int(found[1]), int(found[2])
    if len(found[2]) == 2 and 24 < first < 100 and second < 60 and first + second != 100:  # minutes and seconds
        return f"{cardinal(first)} {minutes(second)}"
    return f"{found[1]} to {found[2]}"


def military(found: re.Match[str]) -> str:
    return f"{minutes(int(found[1]))} {'hundred' if found[2] == '00' else cardinal(found[2])} hours"


def sole_year(found: re.Match[str]) -> str:
    before = found[1].split()[-1].lower()
    early = found[2] < "1100" and before in table("en", "speech")["tables"]["not_before_early_years"].split()
    return found[0] if early or _is_counted(found) else found[1] + year(found[2])


def _is_counted(found: re.Match[str]) -> bool:
    """Whether a noun or a unit after it tells that a number is none of a year."""
    word = found["following"] or ""
    return word in UNITS or (len(word) > 4 and word.islower() and word.endswith("s"))


def years(found: re.Match[str]) -> str:
    first, joint, last = found[1], found[2], found[3]
    if _is_counted(found) or (len(last) == 2 and not (joint.strip() in "-–—" and int(last) > int(first[2:]))):
        return found[0]
    joint = joint if joint.strip().isalpha() else " to "
    return f"{year(first)}{joint}{last if last[0] == '2' and len(last) == 4 else year(last)}"


def decade(found: re.Match[str]) -> str:
    number, of = found[1].replace(",", ""), found[2] or ""
    if of and number in ("10", "100", "1000"):
        return f"{more(cardinal(number).removeprefix('one '))}{of}"
    return many(number) + of
