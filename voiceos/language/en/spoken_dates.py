"""English dates, times of day, years and decades as they are said: "22/11/2026", "9:05", "the '80s"."""

import re

from voiceos.language.data import any_of, table
from voiceos.language.en.counting import cardinal, many, more, year
from voiceos.language.en.measures import START, UNITS

_WORDS = table("en", "numbers")
_CALENDAR = table("en", "calendar")
_MONTHS: list[str] = _CALENDAR["months"].split()
_DAYS: list[str] = _CALENDAR["days"].split()
_MONTH_NAMES: dict[str, str] = {month: month for month in _MONTHS} | {
    short: _MONTHS[number - 1] for short, number in _CALENDAR["short_months"].items()
}
_DAY_NAMES: dict[str, str] = {day: day for day in _DAYS} | {
    short: _DAYS[number - 1] for short, number in _CALENDAR["short_days"].items()
}
_SHORT_MONTH = rf"({any_of(_CALENDAR['short_months'])})\b\.?"

# Dates
_STAMP = re.compile(
    rf"{START}(\d{{4}}-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d(?:\.\d{{1,9}})?)?(?:(Z)\b|[+-]\d\d:?\d\d(?!\d))?(?![\w:])"
)
_ISO_DATE = re.compile(rf"{START}(\d{{4}})([-/])(\d{{2}})\2(\d{{2}})(?![\w/-])")
_ISO_MONTH = re.compile(rf"{START}((?:19|20)\d\d)-(0[1-9]|1[0-2])(?![\w/-])|{START}(0[1-9]|1[0-2])/((?:19|20)\d\d)\b")
_SLASH_DATE = re.compile(rf"{START}(\d{{1,2}})([/.])(\d{{1,2}})\2(\d{{4}}|(?<=/)\d{{2}})(?![\w/])(?!\.\d)")
_NAMED_DATE = re.compile(rf"{START}(\d{{1,2}})-{_SHORT_MONTH}-(\d{{4}})\b")
_MONTH_DAY = re.compile(rf"\b{_SHORT_MONTH}(?= \d{{1,4}}(?:st|nd|rd|th)?\b)")
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}}(?:st|nd|rd|th)?) {_SHORT_MONTH}(?! ?[a-z])")
_WEEKDAY = re.compile(
    rf"\b({any_of(_CALENDAR['short_days'])})\b(?:\.,?|,)?(?= (?:\d{{1,2}}\b|(?:{any_of(_MONTH_NAMES)})\b))"
)
_NAMED_RANGE = [
    (re.compile(rf"\b({any_of(names)})\.? ?[-–—] ?({any_of(names)})\b\.?(?! ?[-–—])"), names)
    for names in (_DAY_NAMES, _MONTH_NAMES)
]
# Times of day
_HALF = r"([AaPp])\.?[Mm]\b"
_TIME = re.compile(
    rf"{START}([01]?\d|2[0-4])(?::([0-5]\d)(?::([0-5]\d))?|\.([0-5]\d)(?= ?[AaPp]\.?[Mm]\b))(?![\d:])"
    rf"(?: ?{_HALF}\.?| ?(?:hrs|h)\b)?"
)
_MINUTES = re.compile(rf"{START}(\d{{1,2}}):([0-5]\d) ?(?:mins?|minutes)\b")
_HALF_DAY = re.compile(rf"(?<=\d) ?{_HALF}(?:\.(?= [a-z0-9]))?")
_MILITARY = re.compile(rf"{START}([01]\d|2[0-3])(00|[1-5]\d) (?:hours|hrs)\b")
_ZONE = re.compile(r"\b(UTC|GMT)([+−-])(?=\d)")
_PACE = re.compile(rf"{START}(\d{{1,2}}:[0-5]\d) ?/ ?(km|mi|mile)\b")
_SCALE = re.compile(r"\b((?:ratio|scale|odds|mix|diluted)(?: of)?) (\d{1,4}):(\d{1,6})(?![\w:])", re.IGNORECASE)
_RATIO = re.compile(rf"{START}(\d{{1,4}}):(\d{{1,6}})(?![\w:])")
# Years and decades
_FOLLOWING = r"(?=(?: ?(?P<following>[A-Za-zµ]{1,20})\b)?)"
_YEAR = re.compile(
    rf"\b((?:{_WORDS['years_after']}|{any_of(_MONTH_NAMES)}|(?:{any_of(_MONTH_NAMES)}) \d{{1,2}}(?:st|nd|rd|th)?,?"
    rf"|\d{{1,2}}(?:st|nd|rd|th),) )(1(?:0[1-9]|[1-9]\d)\d)(?![\w-]|[.,:]\d|[-–/%°]\d){_FOLLOWING}",
    re.IGNORECASE,
)
_NOT_OF_YEARS = tuple(f"{word} " for word in _WORDS["not_before_early_years"].split())
_YEARS = re.compile(
    rf"{START}(1[1-9]\d\d)( (?:to|and|or) | ?[-–—] ?)(1[1-9]\d\d|20\d\d|\d\d)(?![\w-]|[.,:]\d){_FOLLOWING}"
)
_YEAR_ALONE = re.compile(r"(?<=\()(1[1-9]\d\d)(?=\))")
_DECADE = re.compile(
    r"(?<![\w.,:$€£])(?:(?<!\w)')?(\d{1,4}|\d{1,3}(?:,\d{3}){1,2})s\b( of\b)?|(?<![\w.,:])(\d{3}0|[1-9]0)'s\b"
)


def say_dates(text: str, day_first: bool) -> str:
    text = _STAMP.sub(lambda found: f"{found[1]} at {found[2]}{' UTC' if found[3] else ''}", text)
    text = _ISO_DATE.sub(lambda found: _date(found[0], found[1], found[3], found[4]), text)
    text = _SLASH_DATE.sub(lambda found: _slash_date(found, day_first), text)
    text = _ISO_MONTH.sub(_iso_month, text)
    text = _NAMED_DATE.sub(lambda found: f"{found[1]} {_MONTH_NAMES[found[2]]} {found[3]}", text)
    for pattern, names in _NAMED_RANGE:
        text = pattern.sub(lambda found, names=names: f"{names[found[1]]} to {names[found[2]]}", text)
    text = _WEEKDAY.sub(lambda found: _DAY_NAMES[found[1]] + ("," if "," in found[0] else ""), text)
    text = _MONTH_DAY.sub(lambda found: _MONTH_NAMES[found[1]], text)
    text = _YEARS.sub(_years, text)
    return _DAY_MONTH.sub(lambda found: f"{found[1]} {_MONTH_NAMES[found[2]]}", text)


def say_times(text: str) -> str:
    text = _ZONE.sub(lambda found: f"{found[1]} {'plus' if found[2] == '+' else 'minus'} ", text)
    text = _MILITARY.sub(_military, text)
    text = _MINUTES.sub(lambda found: f"{found[1]} minutes {int(found[2])} seconds", text)
    text = _SCALE.sub(r"\1 \2 to \3", text)
    text = _PACE.sub(lambda found: f"{found[1]} per {UNITS.get(found[2], found[2])}", text)
    text = _TIME.sub(_time, text)
    text = _HALF_DAY.sub(lambda found: f" {found[1].upper()}M", text)
    return _RATIO.sub(_ratio, text)


def say_years(text: str) -> str:
    """In pairs of digits, where something tells that they are years."""
    text = _YEAR.sub(_sole_year, text)
    return _YEAR_ALONE.sub(lambda found: year(int(found[1])), text)


def say_decades(text: str) -> str:
    """ "1980s" and every other number with a plural's "s", once the durations are said."""
    return _DECADE.sub(_decade, text)


def _date(written: str, year: str, month: str, day: str) -> str:
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return written.replace("-", " ").replace("/", " ").replace(".", " ")
    number = int(day)
    ending = "th" if 10 < number < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{_MONTHS[int(month) - 1]} {number}{ending}, {year}"


def _slash_date(found: re.Match[str], day_first: bool) -> str:
    first, second, year = found[1], found[3], found[4]
    if int(first) > 12 or (day_first and int(second) <= 12):
        first, second = second, first
    if len(year) == 2:
        year = f"{19 if int(year) > 69 else 20}{year}"
    return _date(found[0], year, first, second)


def _iso_month(found: re.Match[str]) -> str:
    year, month = (found[1], found[2]) if found[1] else (found[4], found[3])
    if found[1] and int(month) > int(year[2:]):  # 2009-12 may be three years
        return found[0]
    return f"{_MONTHS[int(month) - 1]} {year}"


def _time(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2] or found[4])
    half = f" {found[5].upper()}M" if found[5] else ""
    if found[3] and int(found[3]):
        return f"{hour} {_minutes(minute)} and {int(found[3])} seconds{half}"
    if minute:
        return f"{cardinal(hour)} {_minutes(minute)}{half}"
    if half:
        return f"{hour}{half}"
    if hour in (0, 24):
        return "midnight"
    return f"{hour} o'clock" if hour < 13 else f"{cardinal(hour)} hundred"


def _ratio(found: re.Match[str]) -> str:
    first, second = int(found[1]), int(found[2])
    if len(found[2]) == 2 and 24 < first < 100 and second < 60 and first + second != 100:  # minutes and seconds
        return f"{cardinal(first)} {_minutes(second)}"
    return f"{found[1]} to {found[2]}"


def _military(found: re.Match[str]) -> str:
    hour = f"oh {cardinal(int(found[1]))}" if found[1][0] == "0" else cardinal(int(found[1]))
    return f"{hour} {'hundred' if found[2] == '00' else cardinal(int(found[2]))} hours"


def _minutes(minute: int) -> str:
    return f"oh {cardinal(minute)}" if minute < 10 else cardinal(minute)


def _sole_year(found: re.Match[str]) -> str:
    if _is_counted(found) or (found[2] < "1100" and found[1].lower().endswith(_NOT_OF_YEARS)):
        return found[0]
    return found[1] + year(int(found[2]))


def _is_counted(found: re.Match[str]) -> bool:
    """Whether a noun or a unit after it tells that a number is none of a year."""
    word = found["following"] or ""
    return word in UNITS or (len(word) > 4 and word.islower() and word.endswith("s"))


def _years(found: re.Match[str]) -> str:
    first, joint, last = found[1], found[2], found[3]
    if _is_counted(found) or (len(last) == 2 and not (joint.strip() in "-–—" and int(last) > int(first[2:]))):
        return found[0]
    joint = joint if joint.strip().isalpha() else " to "
    return f"{year(int(first))}{joint}{last if last[0] == '2' and len(last) == 4 else year(int(last))}"


def _decade(found: re.Match[str]) -> str:
    number, of = (found[1] or found[3]).replace(",", ""), found[2] or ""
    if of and number in ("10", "100", "1000"):
        return f"{more(cardinal(int(number)).removeprefix('one '))}{of}"
    return many(number) + of
