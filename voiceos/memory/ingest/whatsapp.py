"""WhatsApp chats as text: every locale's way to write the time, messages of many lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from voiceos.memory.ingest.dates import arranged, hour, numbers
from voiceos.memory.ingest.reading import Reading, sane
from voiceos.memory.ingest.words import lines
from voiceos.store.records import Kind, Record

SAMPLE_LINES = 100_000
"""Lines that are looked at to find out whether the day comes before the month."""
MOST_LINES = 500
"""Of a message."""
_START = re.compile(
    r"\u200e?\[?(\d{1,4})([./-])\s?(\d{1,2})\2\s?(\d{1,4})\.?,?\s+(?:(?:um|at|à|kl\.?)\s+)?"
    r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\s*([ap])\.?\s?m\.?)?\]?(?:\s+[-–]\s+|\s+|:\s+)(.*)",
    re.IGNORECASE | re.DOTALL,
)
_BRACKET_OR_DASH = re.compile(r"\u200e?\[.*?\]\s|.{6,40}?\s[-–]\s")
_SPEAKER = re.compile(r"([^:\n]{1,80}?): ?(.*)", re.DOTALL)
_OMITTED = re.compile(
    r"\s*\u200e?<?\s*(?:(?:media|image|video|audio|sticker|gif|document|contact card)s? omitted|attached: .*"
    r"|medien ausgeschlossen|médias omis|multimedia omitido|media omessi|media weggelaten|.{3,40}weggelassen)\s*>?\s*",
    re.IGNORECASE,
)
_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TITLE = re.compile(r"(?:WhatsApp.{1,3}Chat.{0,12}?(?:with|mit|avec|con|met|-)\s+|_?chat\s*)(.*)", re.IGNORECASE)


@dataclass(slots=True)
class _Message:
    at: datetime | None
    speaker: str
    lines: list[str] = field(default_factory=list[str])


def is_whatsapp(text: str) -> bool:
    """Whether a file that begins so is a chat."""
    starts = [line for line in text.split("\n")[:60] if _start(line)]
    return len(starts) >= 1 and sum(1 for line in starts if _SPEAKER.match(_start(line)[9])) >= 1  # type: ignore[index]


def read(reading: Reading) -> Iterator[Record]:
    """Every message that somebody wrote. Raises Unreadable."""
    chat = _chat(reading)
    day_first = _day_first(islice(lines(Reading(reading.path, data=reading.data)), SAMPLE_LINES))
    last, count = "", 0
    for message in _messages(lines(reading), day_first):
        text = "\n".join(message.lines).strip()
        if not message.speaker or not text or _OMITTED.fullmatch(text):
            continue
        moment = f"{message.at:%Y%m%dT%H%M%S}" if message.at else "unknown"
        key = f"{moment} {message.speaker}"
        count = count + 1 if key == last else 1
        last = key
        author = reading.author(message.speaker)
        numbered = f"{key} #{count}" if count > 1 else key
        yield Record(Kind.MESSAGE, numbered, text, title=chat, author=author, at=message.at, thread=f"whatsapp:{chat}")


def _chat(reading: Reading) -> str:
    stem = reading.path.stem
    found = _TITLE.match(stem)
    name = found[1].strip() if found else stem
    return name or reading.path.parent.name


def _messages(content: Iterator[str], day_first: bool) -> Iterator[_Message]:
    message: _Message | None = None
    for line in content:
        found = _start(line)
        if not found:
            if message and len(message.lines) < MOST_LINES:
                message.lines.append(_MARKS.sub("", line))
            continue
        if message:
            yield message
        said = _SPEAKER.match(_MARKS.sub("", found[9]))
        message = _Message(
            _at(found, day_first), said[1].strip().lstrip("~ ") if said else "", [said[2] if said else ""]
        )
    if message:
        yield message


def _start(line: str) -> re.Match[str] | None:
    if not line[:3].lstrip("\u200e[")[:1].isdigit():
        return None
    line = line.replace("\u202f", " ").replace("\xa0", " ")
    return _START.match(line) if _BRACKET_OR_DASH.match(line) else None


def _at(found: re.Match[str], day_first: bool) -> datetime | None:
    year, month, day = arranged(*numbers(found), day_first)
    try:
        return sane(datetime(year, month, day, hour(int(found[5]), found[8]), int(found[6]), int(found[7] or 0)))
    except ValueError:
        return None


def _day_first(content: Iterator[str]) -> bool:
    """From a number that can be no month; else from the order that time has; else as the separator suggests."""
    backwards = {True: 0, False: 0}
    last: dict[bool, tuple[int, int, int]] = {}
    shown = None
    for line in content:
        found = _start(line)
        if not found:
            continue
        shown = found
        first, second, _ = numbers(found)
        if first > 99:
            return True
        if first > 12 or second > 12:
            return first > 12
        for way in (True, False):
            date = arranged(*numbers(found), way)
            backwards[way] += date < last.get(way, date)
            last[way] = date
    if backwards[True] != backwards[False]:
        return backwards[True] < backwards[False]
    return not (shown and shown[2] == "/" and shown[8])
