"""WhatsApp chats as text: every locale's way to write the time, messages of many lines."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import islice
from pathlib import PurePath

from voiceos.clock import BUILT
from voiceos.memory.ingest import plain
from voiceos.memory.ingest.charsets import decode, is_binary
from voiceos.memory.ingest.reading import Format, Reading, numbered, sane
from voiceos.memory.ingest.tables import month_of, wordlist
from voiceos.memory.ingest.words import lines
from voiceos.store.records import Kind, Record

SAMPLE_LINES = 100_000
"""Lines examined to find the order of day, month and year."""
MOST_CHARACTERS = 65_536
"""Of a message; WhatsApp allows no more."""
FIRST_DAY = date(2009, 1, 1)
"""There is no older message."""
_HEAD = re.compile(
    r"(\[)?((?(1)[^\[\]]{6,45}|[^\[\]]{6,45}?))"
    r"(?(1)\]|(?:\s([-–—])\s|(:)\s|(?<=:\d\d)(,)\s(?!\d{1,4}[/.-])(?=[^:]{1,60}:\s)))\s?(.*)",
    re.DOTALL,
)  # in brackets, or before a dash, a colon, or a comma
_DATE = re.compile(r"(?<![\d:.])(\d{1,4})\s?([./\-年년])\s?(\d{1,2})\s?[./\-月월]\s?(\d{1,4})(?!\d)\s?[日일]?")
_WRITTEN_DATE = re.compile(r"(?:(\d{1,2})\.?\s(?:de\s)?)?([^\W\d_]{3,})\.?\s(?:de\s)?(?:(\d{1,2}),?\s)?(\d{4})")
_TIME = re.compile(r"(?<!\d)(\d{1,2})\s?[:.h]\s?(\d{2})(?:\s?(?:[:.]|min)\s?(\d{2})\s?s?)?(?!\d)")
_SPEAKER = re.compile(r"([^:\n]{1,80}?)\s?: ?(.*)", re.DOTALL)
_MARKS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_GENERATED = "\u200e"
"""Stands before what the program wrote itself, on telephones of Apple."""
_OWN = re.compile(r"\s*<([^<>@/\n]{5,80})>\.?\s*\Z")
"""Left out or edited, in any language."""
_FILE = re.compile(r"\S.{0,200}\.\w{2,5} \(([^()\n]{4,40})\)\Z|(?:IMG|VID|AUD|PTT|STK|DOC)-\d{8}-WA\d+\.\w+ \(.+\)\Z")
_COPY = re.compile(r"\s*\(\d{1,2}\)\Z")
"""The number of a file that was saved again."""
_ORDERS = ((2, 1, 0), (2, 0, 1), (0, 1, 2))
"""Positions of year, month and day: day first, month first, year first."""


@dataclass(frozen=True, slots=True)
class _Head:
    """What stands before a message."""

    style: str
    """What it ends with; the same in all of a chat."""
    numbers: tuple[int, int, int]
    clock: tuple[int, int, int]
    rest: str
    american: bool
    """Written as Americans do, who put the month first."""


@numbered
def read(reading: Reading) -> Iterator[Record]:
    """Every message that somebody wrote. Raises Unreadable."""
    if not _is_chat(decode(reading.head()), reading.path):
        reading.note("it is named like a WhatsApp chat but contains no messages, so it was read as text")
        yield from plain.read(reading)
        return
    chat = _chat(reading.path.stem) or _chat(reading.path.parent.name)
    now = max(reading.now, BUILT)  # the clock may not be set yet
    style, order = _habits(islice(lines(Reading(reading.path, data=reading.data)), SAMPLE_LINES), now)
    for head, more in _messages(lines(reading), style):
        found = _SPEAKER.match(head.rest)
        speaker = _MARKS.sub("", found[1]).strip().lstrip("~ ") if found else ""
        if not found or not speaker or _known("notice").search(speaker) or speaker.count('"') % 2:
            continue
        if text := _words([found[2], *more]):
            at = _at(head, order, now)
            key = f"{at:%Y%m%dT%H%M%S} {speaker}" if at else f"unknown {speaker}"
            yield Record(Kind.MESSAGE, key, text, chat, reading.author(speaker), at=at, thread=f"whatsapp:{chat}")


def _chat(name: str) -> str:
    """The chat's name in the name of its file."""
    found = _titled(name)
    return (found[found.lastindex or 0] if found else name).strip()


def _titled(name: str) -> re.Match[str] | None:
    return _known("title").fullmatch(_COPY.sub("", name))


def _is_chat(text: str, path: PurePath) -> bool:
    """Whether a file that begins so is a chat."""
    styles = "[-:," if _titled(path.stem) else "[-"
    heads = [head for line in text.split("\n")[:60] if (head := _head(line))]
    return any(_SPEAKER.match(head.rest) for head in heads if head.style in styles)


def _messages(content: Iterator[str], style: str) -> Iterator[tuple[_Head, list[str]]]:
    """The heads of this style, each with the lines that follow it."""
    head: _Head | None = None
    more: list[str] = []
    size = 0
    for line in content:
        found = _head(line)
        if found and found.style == style:
            if head:
                yield head, more
            head, more, size = found, [], 0
        elif size < MOST_CHARACTERS:
            more.append(line)
            size += len(line)
    if head:
        yield head, more


def _words(said: list[str]) -> str:
    """What somebody wrote of a message; empty if the program wrote all of it."""
    first, *more = said
    if first.startswith(_GENERATED) and not (_known("poll").match(first[1:]) or "://" in first):
        kept = [line for line in more if not line.startswith(_GENERATED)]
    else:
        kept = [_without_generated(line) for line in said]
    text = _MARKS.sub("", "\n".join(kept)).strip()
    if (own := _OWN.search(text)) and (not own.start() or _known("edited").search(own[1])):
        text = text[: own.start()]
    first, _, caption = text.partition("\n")
    file = _FILE.match(first)
    if _OWN.fullmatch(first) or (file and (not file[1] or _known("attached").fullmatch(file[1]))):
        text = caption.strip()
    return "" if any(_known(what).fullmatch(text.rstrip(". ")) for what in ("omitted", "silent")) else text


def _without_generated(line: str) -> str:
    """Without what stands behind a caption for its picture."""
    before, mark, own = line.rpartition(_GENERATED)
    own = _MARKS.sub("", own).strip()
    return before if mark and before.strip() and (_OWN.match(own) or _known("omitted").fullmatch(own)) else line


def _head(line: str) -> _Head | None:
    """The head of a message, if the line begins with one."""
    line = line.lstrip("\u200b\u200e\u200f\u202a\u202b\ufeff")
    if not (line[:1] == "[" or line[:1].isdigit() or line[:3].isalpha()):
        return None
    found = _HEAD.match(line.replace("\u202f", " ").replace("\xa0", " "))
    if not found:
        return None
    head = "".join(str(int(one)) if one.isdecimal() else one for one in _MARKS.sub("", found[2]))
    day = _DATE.search(head) or _WRITTEN_DATE.search(head)
    numbers = _numbers(day) if day else None
    if not day or not numbers:
        return None
    rest = head[: day.start()] + " | " + head[day.end() :]
    at = _TIME.search(rest)
    spare = " ".join(_TIME.sub(" ", rest, count=1).replace("|", " ").split())
    if not at or len(spare.strip(" .,،")) > 20 or any(letter.isdigit() for letter in spare):
        return None
    clock = _hour(int(at[1]), spare), int(at[2]), int(at[3] or 0)
    style = found[1] or found[3] or found[4] or found[5]
    american = day[2] == "/" and ("AM" in spare or "PM" in spare)
    return _Head("-" if style in "–—" else style, numbers, clock, found[6], american)


def _numbers(day: re.Match[str]) -> tuple[int, int, int] | None:
    if day.re is _DATE:
        return int(day[1]), int(day[3]), int(day[4])
    month = month_of(day[2])
    return (int(day[4]), month, int(day[1] or day[3])) if month and (day[1] or day[3]) else None


def _hour(number: int, spare: str) -> int:
    """The hour of the day; words beside it may tell the half."""
    said = spare.replace(".", "").replace(",", " ").casefold().split()
    words = {*said, "".join(said)}
    halves = wordlist("whatsapp")
    if number <= 12 and words & {*halves["am"], *halves["pm"]}:
        return number % 12 + (12 if words & set(halves["pm"]) else 0)
    return number


def _at(head: _Head, order: tuple[int, int, int], now: datetime) -> datetime | None:
    day = _date(head.numbers, order, now)
    try:
        return sane(datetime.combine(day, time(*head.clock))) if day else None
    except ValueError:
        return None


def _date(numbers: tuple[int, int, int], order: tuple[int, int, int], now: datetime) -> date | None:
    year, month, day = (numbers[place] for place in (_ORDERS[2] if numbers[0] > 99 else order))
    if year < 100:
        year += 2000
        if year > now.year + 1 and year - 43 >= FIRST_DAY.year:  # Thai years, of which the last two digits were written
            year -= 43
    if 2_400 < year < 2_700:
        year -= 543
    try:
        return _of_persian(year, month, day) if 1_380 <= year < 1_426 else date(year, month, day)
    except (ValueError, OverflowError):
        return None


def _of_persian(year: int, month: int, day: int) -> date:
    """A date of the Persian calendar, whose years have six months of 31 days."""
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise ValueError("no date")
    year += 1_595
    days = 365 * year + year // 33 * 8 + (year % 33 + 3) // 4
    days += day + ((month - 1) * 31 if month < 7 else (month - 7) * 30 + 186)
    return date.fromordinal(days - 356_033)


def _habits(content: Iterator[str], now: datetime) -> tuple[str, tuple[int, int, int]]:
    """How this chat writes its heads; the order of dates in which they are possible, past, and follow one another."""
    wrong = dict.fromkeys(_ORDERS, 0)
    last, latest = dict.fromkeys(_ORDERS, FIRST_DAY), now.date() + timedelta(days=1)
    styles: Counter[str] = Counter()
    american = False
    for line in content:
        if not (head := _head(line)):
            continue
        styles[head.style] += 1
        american = head.american
        for order in _ORDERS:
            day = _date(head.numbers, order, now)
            follows = day and max(FIRST_DAY, last[order]) <= day <= latest
            wrong[order] += 2 * (not day) + (not follows)  # a clock that is not set yet makes all of them future
            last[order] = day or last[order]
    day_first, month_first, year_first = _ORDERS
    orders = (month_first, day_first, year_first) if american else _ORDERS
    return max(styles, key=lambda style: styles[style], default="-"), min(orders, key=lambda order: wrong[order])


@cache
def _known(what: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in wordlist("whatsapp")[what]), re.IGNORECASE)


def _recognises(reading: Reading, head: bytes) -> bool:
    if reading.path.suffix.lower() != ".txt" or is_binary(head):
        return False
    named = "whatsapp" in reading.path.stem.casefold() and _titled(reading.path.stem)
    return bool(named) or _is_chat(decode(head), reading.path)


WHATSAPP = Format("chat", read, recognises=_recognises)
