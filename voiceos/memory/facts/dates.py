"""Dates in statements: "last week", "in August", "since 2012", "on the twenty first of June", as seen from a moment."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

MONTHS = list[str]("january february march april may june july august september october november december".split())
DAYS = list[str]("monday tuesday wednesday thursday friday saturday sunday".split())
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
)
UNITS = (ONES + "eighteen nineteen").split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
ORDINAL_UNITS = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth"
).split()
NUMBERS = {word: n for n, word in enumerate(UNITS)} | {word: 10 * n for n, word in enumerate(TENS, 2)}
ORDINALS = {word: n for n, word in enumerate(ORDINAL_UNITS)} | {"twentieth": 20, "thirtieth": 30}
SEVERAL = {"a": 1, "an": 1, "a couple of": 2, "a few": 3, "several": 4}

SMALL = "|".join([*UNITS, *TENS])
NUMBER = rf"(?:\d{{1,3}}|(?:{'|'.join(TENS)})[ -](?:{'|'.join(UNITS[1:10])})|{SMALL})"
YEAR = rf"(?:(?:19|20)\d\d|(?:nineteen|twenty) (?:oh )?{NUMBER}|two thousand(?: and)?(?: {NUMBER})?)"
DAY = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?|(?:twenty |thirty )?(?:{'|'.join(ORDINAL_UNITS[1:])})|twentieth|thirtieth)"
MONTH = rf"(?:{'|'.join(MONTHS)})"
WEEKDAY = rf"(?:{'|'.join(DAYS)})"
ON = rf"(?:the )?{DAY} (?:of )?{MONTH}(?: {YEAR})?|{MONTH} (?:the )?{DAY}(?! ?{MONTH})(?: ,? ?{YEAR})?"
SPAN = r"(?:day|week|month|year)"
SOME = rf"(?:{NUMBER}|a few|a couple of|an?|several)"
PHRASE = "|".join((
    rf"(?P<day>(?:on )?(?:{ON}))",
    rf"on (?P<nth>the {DAY})(?! \w+ (?:floor|street))",
    r"(?:(?:at the )?(?P<which>last|this|next|the end of|early|late) )?(?:(?:in|on|this coming) )?"
    rf"(?:(?P<weekday>{WEEKDAY})|(?P<month>{MONTH})(?: (?P<year>{YEAR}))?)",
    rf"(?P<which2>last|this|next) (?P<span>{SPAN}|weekend|spring|summer|autumn|fall|winter)",
    r"in (?P<season>spring|summer|autumn|winter)",
    r"(?P<near>today|tonight|yesterday|tomorrow)",
    rf"(?P<ago>{SOME}) (?P<unit>{SPAN})s? ago",
    rf"in (?P<ahead>{SOME}) (?P<unit2>{SPAN})s? ?(?:time)?",
    rf"(?:in )?(?P<only>(?:19|20)\d\d|(?:nineteen|twenty) {NUMBER})",
))  # fmt: skip
AT_TIME = (
    r"(?: at (?:half past |quarter (?:past|to) )?"
    rf"(?:{NUMBER}|\d{{1,2}}[:.]\d\d)(?: o'clock| thirty)?(?: ?[ap]\.?m\.?)?)?"
)
WHEN = re.compile(rf"\b(?:(?P<bound>since|from|until|till|by) )?(?:{PHRASE}){AT_TIME}(?!\w)")


@dataclass(frozen=True, slots=True)
class When:
    """A date in a text: where it stands, when it begins, and whether it is a bound."""

    start: int
    end: int
    at: datetime
    bound: str = ""
    """since, from, until, till, by, or nothing."""


def dates(text: str, said: datetime, *, past: bool) -> Iterator[When]:
    """The dates in lower-case words. `past`: whether an ambiguous one ("in January") is behind `said` or ahead."""
    for match in WHEN.finditer(text):
        bound = match["bound"] or ""
        try:
            begins = _resolve(match, said, past=past or bound == "since")
        except (ValueError, OverflowError):
            continue
        if begins is not None:
            yield When(match.start(), match.end(), begins, bound)


def number(words: str) -> int:
    """A number up to 999 in digits or words; ValueError when it is none."""
    if words.isdigit():
        return int(words)
    return sum(NUMBERS[word] for word in re.split("[ -]", words)) if words not in SEVERAL else SEVERAL[words]


def year(words: str) -> int:
    if words.isdigit():
        return int(words)
    if words.startswith("two thousand"):
        rest = words.removeprefix("two thousand").replace(" and", "").strip()
        return 2000 + (number(rest) if rest else 0)
    century, _, rest = words.partition(" ")
    return {"nineteen": 1900, "twenty": 2000}[century] + number(rest.removeprefix("oh "))


def _resolve(match: re.Match[str], said: datetime, *, past: bool) -> datetime | None:
    today = said.replace(hour=0, minute=0, second=0, microsecond=0)
    found = match.groupdict()
    for name, resolve in _KINDS.items():
        if found[name]:
            return resolve(match, today, past)
    return None


def _day(match: re.Match[str], today: datetime, past: bool) -> datetime | None:
    words = match["day"]
    named = re.search(MONTH, words)
    assert named
    month = MONTHS.index(named[0]) + 1
    said_year = re.search(rf"(?<= ){YEAR}$", words)
    rest = re.sub(rf"\b(?:on|the|of)\b|{MONTH}|,", " ", words[: said_year.start()] if said_year else words)
    day = _ordinal(rest.strip())
    if said_year:
        return today.replace(year=year(said_year[0]), month=month, day=day)
    return _nearest(today, past, lambda y: today.replace(year=y, month=month, day=day))


def _nth(match: re.Match[str], today: datetime, past: bool) -> datetime:
    day = _ordinal(match["nth"].removeprefix("the "))
    this = today.replace(day=day)
    if past and this > today:
        return (today.replace(day=1) - timedelta(days=1)).replace(day=day)
    return (today.replace(day=1) + timedelta(days=32)).replace(day=day) if not past and this < today else this


def _weekday(match: re.Match[str], today: datetime, past: bool) -> datetime:
    wanted = DAYS.index(match["weekday"])
    monday = today - timedelta(days=today.weekday())
    if match["which"] in ("last", "next"):
        week = monday + timedelta(weeks=1 if match["which"] == "next" else -1)
        day = week + timedelta(days=wanted)
        nearer = day + timedelta(weeks=1)
        return nearer if match["which"] == "last" and nearer < today else day
    ahead = (wanted - today.weekday()) % 7
    return today - timedelta(days=(7 - ahead) % 7) if past else today + timedelta(days=ahead)


def _month(match: re.Match[str], today: datetime, past: bool) -> datetime | None:
    if match["month"] == "may" and not re.search(r"\b(?:in|last|this|next|since|from|until|by|of) may", match[0]):
        return None
    month = MONTHS.index(match["month"]) + 1
    if match["year"]:
        return today.replace(year=year(match["year"]), month=month, day=1)
    return _nearest(today.replace(day=1), past, lambda y: today.replace(year=y, month=month, day=1))


def _span(match: re.Match[str], today: datetime, past: bool) -> datetime:
    step = {"last": -1, "this": 0, "next": 1}[match["which2"]]
    span = match["span"]
    if span in SEASONS:
        here = today.replace(month=SEASONS[span], day=1)
        if step == 0:
            return here
        return _nearest(today.replace(day=1), step < 0, lambda y: here.replace(year=y))
    monday = today - timedelta(days=today.weekday())
    if span == "weekend":
        return monday + timedelta(days=5, weeks=step if step >= 0 or today.weekday() < 5 else -1)
    if span == "week":
        return monday + timedelta(weeks=step)
    return _shift(today, span, step)


def _season(match: re.Match[str], today: datetime, past: bool) -> datetime:
    return _nearest(today.replace(day=1), past, lambda y: today.replace(year=y, month=SEASONS[match["season"]], day=1))


def _near(match: re.Match[str], today: datetime, past: bool) -> datetime:
    return today + timedelta(days={"yesterday": -1, "tomorrow": 1}.get(match["near"], 0))


def _ago(match: re.Match[str], today: datetime, past: bool) -> datetime:
    return _shift(today, match["unit"], -number(match["ago"]), whole=False)


def _ahead(match: re.Match[str], today: datetime, past: bool) -> datetime:
    return _shift(today, match["unit2"], number(match["ahead"]), whole=False)


def _only(match: re.Match[str], today: datetime, past: bool) -> datetime:
    return today.replace(year=year(match["only"]), month=1, day=1)


_KINDS: dict[str, Callable[[re.Match[str], datetime, bool], datetime | None]] = {
    "day": _day,
    "nth": _nth,
    "weekday": _weekday,
    "month": _month,
    "span": _span,
    "season": _season,
    "near": _near,
    "ago": _ago,
    "ahead": _ahead,
    "only": _only,
}


def _ordinal(words: str) -> int:
    if digits := re.match(r"\d+", words):
        return int(digits[0])
    return sum(ORDINALS[word] if word in ORDINALS else NUMBERS[word] for word in words.split())


def _nearest(today: datetime, past: bool, on: Callable[[int], datetime]) -> datetime:
    """The same day of the year in this year, or in the one before or after."""
    here = on(today.year)
    if past and here > today:
        return on(today.year - 1)
    return on(today.year + 1) if not past and here < today else here


def _shift(today: datetime, unit: str, by: int, *, whole: bool = True) -> datetime:
    """So many units further; `whole`: the beginning of that month or year."""
    if unit == "day":
        return today + timedelta(days=by)
    if unit == "week":
        return today + timedelta(weeks=by)
    months = by * (12 if unit == "year" else 1)
    count = today.year * 12 + today.month - 1 + months
    first = today.replace(year=count // 12, month=1 if unit == "year" and whole else count % 12 + 1, day=1)
    return first if whole else first.replace(day=min(today.day, 28))
