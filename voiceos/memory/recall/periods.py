"""The times that a question speaks of: "last Tuesday", "in mid-January", "two weeks ago", "in the spring of 2023"."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta

YEARS_BACK = 6
"""How many years a month without a year may lie back."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|october oct"
        "|november nov|december dec".split("|"),
        1,
    )
    for name in names.split()
}
_DAYS = {day: n for n, day in enumerate("monday tuesday wednesday thursday friday saturday sunday".split())}
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_NUMBERS = {
    word: n for n, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
} | {"a": 1, "an": 1, "couple": 2, "few": 3, "several": 4}
_FEASTS = {"christmas": (12, 25), "halloween": (10, 31), "valentine": (2, 14), "new year's eve": (12, 31)}

_MONTH = "(?P<month>january|february|march|april|may|june|july|august|september|october|november|december" \
    "|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)"  # fmt: skip
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_COUNT = (
    r"(?P<count>\d{1,3}|a couple of|a few|an|a|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|several)"
)


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time, in seconds since the epoch, and how surely it is meant."""

    start: float
    end: float
    weight: float = 1.0


def periods(text: str, now: datetime) -> tuple[tuple[Period, ...], str]:
    """The periods that a text speaks of, seen from `now`, whose zone counts, and the text (lower case) without them.

    A month without a year gives one period a year.
    """
    found: list[Period] = []
    rest = text.lower()[:4000]
    for pattern, read in _GRAMMAR:
        for match in pattern.finditer(rest):
            try:
                found += [_period(*span) for span in read(match, now)]
            except (ValueError, OverflowError, OSError):  # 31 February; a year before the calendar begins
                continue
        rest = pattern.sub(lambda match: " " * len(match[0]), rest)  # what is read is not read again in another way
    return tuple(dict.fromkeys(found))[:32], rest + text.lower()[4000:]


def _period(start: datetime, end: datetime, weight: float = 1.0) -> Period:
    return Period(start.timestamp(), end.timestamp(), weight)


_Span = tuple[datetime, datetime, float]
_Reader = Callable[[re.Match[str], datetime], Iterator[_Span]]


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _on(now: datetime, year: int, month: int, day: int = 1) -> datetime:
    if not MINYEAR < year < MAXYEAR:
        raise ValueError(year)
    return _midnight(now).replace(year=year, month=month, day=day)


def _month_after(at: datetime, count: int = 1) -> datetime:
    months = at.year * 12 + at.month - 1 + count
    return at.replace(year=months // 12, month=months % 12 + 1, day=1)


def _years(match: re.Match[str], now: datetime, month: int) -> Iterator[tuple[int, float]]:
    """The year that is named; else each of the last years, the nearest that has begun first."""
    groups = match.groupdict()
    if groups.get("year"):
        yield int(groups["year"]), 1.0
        return
    if groups.get("which") in ("last", "this", "next"):
        latest = now.year - (month > now.month)
        yield latest + (groups["which"] == "next") - (groups["which"] == "last" and month == now.month), 1.0
        return
    latest = now.year - (month > now.month)
    for back in range(YEARS_BACK):
        yield latest - back, 1.0 if back == 0 else 0.7
    if latest != now.year:
        yield now.year, 0.7


def _month(match: re.Match[str], now: datetime) -> Iterator[_Span]:
    month = _MONTHS[match["month"]]
    part = (match.groupdict().get("part") or "").strip(" -")
    for year, weight in _years(match, now, month):
        start = _on(now, year, month)
        end = _month_after(start)
        if part in ("early", "the beginning of", "the start of"):
            end = start + timedelta(days=11)
        elif part in ("mid", "the middle of"):
            start, end = start + timedelta(days=9), start + timedelta(days=21)
        elif part in ("late", "the end of"):
            start = start + timedelta(days=19)
        yield start, end, weight


def _date(match: re.Match[str], now: datetime) -> Iterator[_Span]:
    month, day = _MONTHS[match["month"]], int(match["day"])
    last = int(match.groupdict().get("last") or day)
    for year, weight in _years(match, now, month):
        yield _on(now, year, month, day), _on(now, year, month, last) + timedelta(days=1), weight


def _iso(match: re.Match[str], now: datetime) -> Iterator[_Span]:
    start = _on(now, int(match["year"]), int(match["month"]), int(match["day"]))
    yield start, start + timedelta(days=1), 1.0


def _year(match: re.Match[str], now: datetime) -> Iterator[_Span]:
    start = _on(now, int(match["year"]), 1)
    yield start, _on(now, start.year + 1, 1), 1.0


def _season(match: re.Match[str], now: datetime) -> Iterator[_Span]:
    month = _SEASONS[match["season"]]
    for year, weight in _years(match, now, month):
        start = _on(now, year, month)
        yield start, _month_after(start, 3), weight


def _feast(match: re.Match[str], now: datetime) -> Iterator[_Span]:
    month, day = _FEASTS[match["feast"]]
    for year, weight in _years(match, now, month):
        start = _on(now, year, month, day)
        yield start - timedelta(days=4), start + timedelta(days=4), weight


def _ago(match: re.Match[str], now: datetime) -> Iterator[_Span]:
    words = match["count"].split()
    count = int(words[0]) if words[0].isdecimal() else max(_NUMBERS.get(word, 0) for word in words)
    days = {"day": 1, "week": 7, "month": 30, "year": 365}[match["unit"]]
    middle = _midnight(now) - timedelta(days=days * count)
    slack = timedelta(days=0 if days == 1 else days * 0.5)
    yield middle - slack, middle + slack + timedelta(days=1), 1.0


def _near(match: re.Match[str], now: datetime) -> Iterator[_Span]:
    today = _midnight(now)
    back = {"today": 0, "tonight": 0, "this morning": 0, "yesterday": 1, "last night": 1, "tomorrow": -1}.get(
        match[0], 2
    )
    yield today - timedelta(days=back), today - timedelta(days=back - 1), 1.0


def _unit(match: re.Match[str], now: datetime) -> Iterator[_Span]:
    """Last, this or next week, weekend, month or year; "the last three weeks"."""
    today = _midnight(now)
    step = {"last": -1, "past": -1, "previous": -1, "this": 0, "next": 1}[match["which"]]
    if match["unit"] == "week":
        start = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
        yield start, start + timedelta(days=7), 1.0
    elif match["unit"] == "weekend":
        start = today - timedelta(days=today.weekday() - 5) + timedelta(weeks=step)
        yield start, start + timedelta(days=2), 1.0
    elif match["unit"] == "month":
        start = _month_after(today, step)
        yield start, _month_after(start), 1.0
    else:
        yield _on(now, now.year + step, 1), _on(now, now.year + step + 1, 1), 1.0


def _weekday(match: re.Match[str], now: datetime) -> Iterator[_Span]:
    today = _midnight(now)
    back = (today.weekday() - _DAYS[match["day"]]) % 7
    if match["which"] == "next":
        back -= 7
    elif back == 0 and match["which"] == "last":
        back = 7
    start = today - timedelta(days=back)
    yield start, start + timedelta(days=1), 1.0 if match["which"] else 0.6
    if match["which"] == "last" and back < 7:  # "last Tuesday", said on a Thursday, may be that of the week before
        yield start - timedelta(days=7), start - timedelta(days=6), 0.6


_GRAMMAR: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (rf"\b{_YEAR}[-/](?P<month>\d{{1,2}})[-/](?P<day>\d{{1,2}})\b", _iso),
        (
            rf"\b{_MONTH}\.? {_DAY}(?: ?(?:-|–|to|and|until|through) ?(?P<last>\d{{1,2}})(?:st|nd|rd|th)?)?\b"
            rf"(?:,? {_YEAR}\b)?",
            _date,
        ),
        (rf"\b{_DAY}(?: of)? {_MONTH}\b(?:,? {_YEAR}\b)?", _date),
        (
            rf"\b(?P<part>early|mid|late|the (?:beginning|start|middle|end) of)[ -]{_MONTH}\b(?:,? (?:of )?{_YEAR}\b)?",
            _month,
        ),
        (rf"\b{_MONTH}\b,? (?:of )?{_YEAR}\b", _month),
        (
            r"\b(?:(?P<which>last|this|next) )(?P<month>january|february|march|april|may|june|july|august|september"
            r"|october|november|december)\b",
            _month,
        ),
        (r"\b(?P<month>january|february|april|june|july|august|september|october|november|december)\b", _month),
        (r"\b(?:in|during|since|until|before|after|of|by|and|throughout) (?P<month>march|may)\b", _month),
        (
            r"\b(?:the )?(?:(?P<which>last|this|next) )?(?P<season>spring|summer|autumn|winter)\b"
            rf"(?: (?:of )?{_YEAR}\b)?",
            _season,
        ),
        (r"\b(?P<which>last|this|next) (?P<season>fall)\b", _season),
        (rf"\b(?P<season>fall) (?:of )?{_YEAR}\b", _season),
        (
            r"\b(?:(?P<which>last|this|next) )?(?P<feast>christmas|halloween|valentine|new year's eve)\b"
            rf"(?:.{{0,12}}{_YEAR}\b)?",
            _feast,
        ),
        (rf"\b{_COUNT} (?P<unit>day|week|month|year)s? (?:ago|before now|back)\b", _ago),
        (r"\b(?:today|tonight|this morning|yesterday|last night|tomorrow|the day before yesterday)\b", _near),
        (r"\b(?P<which>last|past|previous|this|next) (?P<unit>weekend|week|month|year)\b", _unit),
        (
            r"\b(?:(?P<which>last|this|next|on) )?"
            r"(?P<day>monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b",
            _weekday,
        ),
        (rf"\b{_YEAR}\b(?![.,:]\d)", _year),
    )
)  # fmt: skip


def as_utc(at: datetime) -> datetime:
    """A time without a zone is read as UTC."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)
