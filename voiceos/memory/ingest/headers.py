"""The headers of a mail, whatever bytes they hold: words, people, dates, names of files."""

import email.utils
import re
from contextlib import suppress
from datetime import datetime, timedelta, timezone, tzinfo
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32
from itertools import islice
from pathlib import PurePath

from voiceos.memory.ingest.charsets import clean, decode
from voiceos.memory.ingest.dates import hour, of_text
from voiceos.memory.ingest.reading import sane
from voiceos.memory.ingest.tables import month_of, wordlist

Person = tuple[str, str]
"""A name and an address."""
MOST_CHARACTERS = 10_000
"""Longest header that is read."""
_WORD = r"=\?[^?\s]*\?[qQbB]\?.*?\?="
_ENCODED = re.compile(rf"{_WORD}(?:\s*{_WORD})*")
_FOLDED_WORD = re.compile(r"=\?[^?\s]+\?[qQbB]\?[^?]*\?=")
_SPACED = re.compile(rb"^([\w-]+)[ \t]+:", re.MULTILINE)
_BOUNDARY = re.compile(r"^--(\S+?)\s*$", re.MULTILINE)
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|<[^<>]*>|\((?:[^()]|\([^()]*\))*\)|[,;:]|[^",;:<(]+|.', re.DOTALL)
_OFFSET = re.compile(r"(?<=:\d\d )(?:GMT|UTC)?([+-])(\d{1,2}):?(\d\d)?$")
_ZONE = re.compile(r"\s+([A-Za-z]{3,5})\s*$")
_HOURS = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d\d)?\b")
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s*([AaPp]\.?[Mm])?")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


class _Lenient(Compat32):
    """Headers as text also where they hold bytes that no header may hold, and many do."""

    charset = ""
    """What such bytes are in most likely: what the mail's words are in."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        """The header, with its bytes beyond ASCII decoded."""
        return (
            value
            if value.isascii() and "\x1b" not in value
            else decode(value.encode("ascii", "surrogateescape"), self.charset)
        )


_POLICY = _Lenient()


def parsed(content: bytes) -> Message:
    """A mail of bytes, also one whose parts are not parted as it says."""
    head, blank, rest = re.split(rb"(\r?\n\r?\n|\Z)", content.lstrip(b"\xef\xbb\xbf \t\r\n"), maxsplit=1)
    message = BytesParser(policy=_POLICY).parsebytes(_SPACED.sub(rb"\1:", head) + blank + rest)
    if message.get_content_maintype() == "multipart" and isinstance(text := message.get_payload(), str):
        found = _BOUNDARY.search(text)
        begins = f'multipart/mixed; boundary="{found[1]}"' if found else "text/plain"
        again = f"Content-Type: {begins}\n\n{text}".encode("utf-8", "surrogateescape")
        inner = BytesParser(policy=_POLICY).parsebytes(again)
        message.set_payload(inner.get_payload())
        message.replace_header("Content-Type", begins)
    return guessing(message)


def guessing(message: Message) -> Message:
    """The mail, with bytes of its headers read as its words are."""
    charsets = (parameter(part, "charset") for part in islice(message.walk(), 10))
    charset = next((one for one in charsets if one), "")
    message.policy = _POLICY.clone(charset=charset)  # pyright: ignore[reportCallIssue] - a policy takes its attributes
    return message


def words(message: Message, name: str) -> str:
    """A header's words; empty if there is none."""
    value = message.get(name)
    return "" if value is None else decoded(str(value)[:MOST_CHARACTERS])


def decoded(value: str) -> str:
    """Words in which some may be encoded (RFC 2047), several of them together a letter."""
    value = _FOLDED_WORD.sub(lambda found: re.sub(r"\s*\n\s*", "", found[0]), value)
    return clean(_ENCODED.sub(lambda found: _of_encoded(found[0]), value))


def _of_encoded(value: str) -> str:
    with suppress(HeaderParseError):  # nonsense where base64 should be
        pieces = decode_header(value)
        return "".join(piece if isinstance(piece, str) else decode(piece, charset or "") for piece, charset in pieces)
    return value


def people(message: Message, name: str) -> list[Person]:
    """The names and addresses of a header; groups are opened."""
    found: list[Person] = []
    for value in message.get_all(name, [])[:10]:
        found += persons(str(value)[:MOST_CHARACTERS])
    return found


def persons(text: str) -> list[Person]:
    """The names and addresses that a text lists, also where commas and brackets stand in names without quotes."""
    if "@" not in _ENCODED.sub("", text):
        text = decoded(text)  # the addresses are encoded, too
    found: list[Person] = []
    pending = ""
    for piece in _pieces(text):
        whole = f"{pending}, {piece}" if pending else piece
        if "@" not in whole and "<" not in whole and "(" not in whole:
            pending = whole
            continue
        found.append(_person(whole))
        pending = ""
    found += [("", pending)] if pending else []
    return [(decoded(name), clean(address)) for name, address in found if name or address]


def _pieces(text: str) -> list[str]:
    """What commas and semicolons part that stand in no quotes and brackets; without the names of groups."""
    pieces = [""]
    for piece in _TOKEN.findall(text):
        if piece == ":" and "@" not in pieces[-1]:
            pieces[-1] = ""
        elif piece in ",;":
            pieces.append("")
        else:
            pieces[-1] += piece
    return [" ".join(one.split()) for one in pieces if one.strip()]


def _person(text: str) -> Person:
    before, bracket, inside = text.rpartition("<")
    if bracket:
        name, address = before.strip() or inside.partition(">")[2], inside.partition(">")[0]
    else:
        address, _, comment = text.partition("(")
        name = comment.rpartition(")")[0] or comment
    if "@" not in address and "@" in name and "<" in name:
        return _person(name)
    name = re.sub(r"\\(.)", r"\1", name.strip()).strip("\"' ")
    return name, address.strip("<>\"' ").removeprefix("mailto:")


def date(message: Message, arrived: str = "") -> datetime | None:
    """When the mail was sent, or else when it arrived."""
    received = [str(value)[:MOST_CHARACTERS].rpartition(";")[2] for value in message.get_all("Received", [])]
    told = (words(message, "Date"), words(message, "Delivery-Date"), arrived, *received)
    return next((found for one in told if (found := moment(one))), None)


def moment(text: str) -> datetime | None:
    """A time as mails write it; "-0000" is UTC, and so are unknown zone names."""
    text = _OFFSET.sub(
        lambda found: f"{found[1]}{found[2]:0>2}{found[3] or '00'}", re.sub(r"\([^()]*\)", " ", text).strip()
    )
    read = email.utils.parsedate_tz(text) if text else None
    if read is None:
        return of_text(text) or _in_words(text)
    seconds = read[9] or (minutes_east(text) or 0) * 60
    here = read[9] is None and not text.endswith("-0000") and not _ZONE.search(text)
    with suppress(ValueError, TypeError, OverflowError):
        return sane(datetime(*read[:6], tzinfo=None if here else timezone(timedelta(seconds=seconds))))
    return None


def told(text: str) -> datetime | None:
    """A time as programs write it for people: "Sat, Oct 12, 2024 at 4:00 PM"."""
    return _in_words(text) or moment(text)


def _in_words(text: str) -> datetime | None:
    """A time with a year, in any language."""
    year = _YEAR.search(text)
    if not year or re.match(r"\s*\d{4}-\d\d-\d\d", text):
        return None
    before, after = _CLOCK.sub(" ", text[: year.start()]), _CLOCK.sub(" ", text[year.end() :])
    clock = _CLOCK.search(text)
    months = [*_months(before)[-1:], *_months(after)]  # before it stands the day of the week, which may look like one
    numbers = [int(number) for number in re.findall(r"\d{1,2}", f"{before} {after}")][: 1 if months else 2]
    if not months and len(numbers) == 2:
        american = bool(clock and clock[4]) and "/" in text
        months = [numbers.pop(0 if numbers[1] > 12 or american or not before.strip() else 1)]
    with suppress(ValueError, IndexError, OverflowError):
        hours, minutes = (hour(int(clock[1]), clock[4]), int(clock[2])) if clock else (0, 0)
        at = datetime(int(year[0]), months[0], numbers[0], hours, minutes)
        return sane(at.replace(tzinfo=_zone(text[clock.end(2) :]) if clock else None))
    return None


def _months(text: str) -> list[int]:
    return [number for word in re.findall(r"[^\W\d_]{3,}", text) if (number := month_of(word))]


def _zone(text: str) -> tzinfo | None:
    """The zone that is told behind a time."""
    if found := _HOURS.search(text):
        return datetime.strptime(f"{found[1]}{found[2]:0>2}{found[3] or '00'}", "%z").tzinfo
    minutes = minutes_east(text)
    return None if minutes is None else timezone(timedelta(minutes=minutes))


def minutes_east(text: str) -> int | None:
    """The offset of the zone by whose name a time ends."""
    named = _ZONE.search(text)
    return wordlist("zones")["minutes_east"].get(named[1].upper()) if named else None


def parameter(part: Message, name: str) -> str:
    """A parameter of the content's type, such as its encoding."""
    try:
        value = part.get_param(name)
    except (ValueError, LookupError, TypeError):
        return ""
    return str(value[2] if isinstance(value, tuple) else value or "").strip("'\" ")


def file_name(part: Message) -> str:
    """The name that a part would have as a file; empty if it is none."""
    try:
        name = decoded(part.get_filename() or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""
    return PurePath(name.replace("\0", "").replace("\\", "/")).name
