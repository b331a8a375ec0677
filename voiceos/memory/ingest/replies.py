"""The new words of a mail, without quotations and signature, and the mails it forwards."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, takewhile

from voiceos.memory.ingest.attributions import ENDS, attribution, is_complete, matcher
from voiceos.memory.ingest.footers import above
from voiceos.memory.ingest.quotations import QUOTED, is_remainder, marked, unquoted
from voiceos.memory.ingest.tables import wordlist

MOST_PASSED_ON = 20
"""Mails within one."""
MOST_HEADERS = 30
"""Lines of a mail's headers."""
_GROUPWISE = re.compile(r">>> .{5,200} >>>\s*")
_ANSWERS = re.compile(r"\w{1,6}(?:\[\d+\])?\s?[:：]")
"""How a subject begins that is not new."""
_WRITER = re.compile(r"(?:[^\W\d_a-z][\w’'.-]*[a-z][\w’'.-]*\s+){0,4}<\s*[^<>\s]+@[^<>\s]+>")
_HEADER = re.compile(r"\s*[A-Z][\w-]+:\s+\S.*")


@dataclass(frozen=True, slots=True)
class Passed:
    """A mail that another one forwards in its text."""

    headers: dict[str, str]
    """What is known of from, sent, to and subject."""
    text: str


def parted(text: str, subject: str = "", *, answers: bool = True) -> tuple[str, list[Passed]]:
    """The new words of a mail, and the mails that it passes on; with nothing else in it, all of it.

    `answers`: whether it may answer another mail, as its headers tell.
    """
    lines = [part for line in marked(text.split("\n")) for part in _unfolded(line).split("\n")]
    named_so = bool(matcher("subject")(f"{subject.strip()} "))
    start = _start(lines, passes_on=named_so)
    new = _new(lines[:start])
    says_so = named_so or not (answers or _ANSWERS.match(subject.strip()))
    passes_on = start < len(lines) and (_is_forward(lines[start]) or says_so)
    if named_so and not answers and start == len(lines) and (quoted := _passed_as_quotation(lines)):
        return new, [quoted]
    ends = [place for place in range(start, len(lines)) if passes_on and _is_end(lines[place])]
    if ends:
        new = _new([*lines[:start], "", *lines[ends[-1] + 1 :]])
        lines = [line for place, line in enumerate(lines[: ends[-1]]) if place not in ends]
    if passes_on or not new:
        passed = list(islice((one for one in _passed(lines[start:]) if one.text), MOST_PASSED_ON))
        if passed:
            return new, passed
    return new or text.strip(), []


def _unfolded(line: str) -> str:
    """With the headers on lines of their own that a program put on one, behind the mark of a forward."""
    found = matcher("forwarded", r"\s*(--+\s?(?:{})\s?--+)\s+(\S.*)")(line)
    if not found:
        return line
    return f"{found[1]}\n" + re.sub(rf"(?<=[>\w])\s?(?=(?:{_names()})\s?:\s)", "\n", found[2])


def heads_a_mail(text: str) -> bool:
    """Whether a text begins with the headers of another mail: who wrote it, and when or to whom."""
    names = [name for line in text.strip().split("\n")[:6] if (name := _field(_bare(line))[0])]
    return "from" in names and len(set(names)) > 2


def _new(lines: list[str], *, signed: bool = False) -> str:
    """What is not quoted; with the signature, if it is `signed`."""
    lines = above(lines)
    kept: list[str] = []
    signs = ("-- ", "*--*", *["--"] * ([line.rstrip("\r") for line in lines].count("--") == 1))
    for number, line in enumerate(lines):
        if signed and line.rstrip("\r") in signs:
            continue
        if line.rstrip("\r") in signs or _GROUPWISE.fullmatch(line):
            break
        if QUOTED.match(line):
            if kept and not QUOTED.match(lines[number - 1]):
                _drop_attribution(kept)
            continue
        if is_remainder(lines, number):
            continue
        kept.append(line)
        if line.rstrip().endswith(ENDS) and is_complete(kept):
            following = next((lines[place] for place in range(number + 1, len(lines)) if lines[place].strip()), ">")
            if not QUOTED.match(following):  # what it answers has no marks
                break
    _drop_attribution(kept, at_end=True)
    return "\n".join(above(kept)).strip()


def _drop_attribution(kept: list[str], at_end: bool = False) -> None:
    """Takes "On Friday Ana wrote:" away, which may stand on several lines, above the words that are quoted."""
    filled = len(kept)
    while filled and len(kept) - filled < 3 and not kept[filled - 1].strip():
        filled -= 1
    count = attribution(kept[max(0, filled - 4) : filled])
    if not at_end and not count:
        head = list(takewhile(_HEADER.fullmatch, reversed(kept[max(0, filled - MOST_HEADERS) : filled])))
        names = {_field(line)[0] for line in head}
        count = len(head) if {"from", "sent"} <= names or (names == {"from"} and "@" in head[0]) else 0
    if count and (not at_end or kept[filled - 1].rstrip().endswith(ENDS)):
        del kept[filled - count :]


def _start(lines: list[str], *, passes_on: bool = False) -> int:
    """Where an embedded mail starts; the number of lines if there is none. If it `passes_on` one, it may be quoted."""
    before = ""
    for number, line in enumerate(lines):
        bare = _bare(line)
        if QUOTED.match(line):
            begins = not QUOTED.match(before) and (
                _is_forward(line) or (passes_on and (_is_mark(bare) or bool(_headers(lines, number)[0])))
            )
            if begins and not (before and attribution([before])):
                return number
        elif bare and (_is_mark(bare) or (":" in bare[:25].replace("：", ":") and _headers(lines, number)[0])):
            return number
        before = line if line.strip() else before
    return len(lines)


_DASHED = r"[-_=—\s]{{2,}}(?:{})[-_=—\s]*:?"


def _is_forward(line: str) -> bool:
    bare = _bare(line)
    if bare[:1] in "-_=—" and bare:
        return bool(matcher("forwarded", _DASHED)(bare))
    return bare.endswith(ENDS[:2]) and len(bare) < 100 and bool(matcher("forwarded", r"(?:{})\s?[:：]")(bare))


def _is_end(line: str) -> bool:
    return bool(matcher("ended", r"[-_=—\s]*(?:{})[-_=—\s]*:?")(_bare(line)))


def _is_mark(bare: str) -> bool:
    """Whether a line says that another mail follows."""
    return _is_forward(bare) or (bare[:1] in "-_=—" and bool(matcher("original", _DASHED)(bare)))


def _passed(lines: list[str]) -> Iterator[Passed]:
    """The mails that follow one another from here on."""
    framed: dict[str, str] = {}  # headers between two marks
    while lines:
        marked = _is_mark(_bare(lines[0]))
        body = lines[1:] if marked else lines
        if any(QUOTED.match(line) for line in [*lines[:1], *[one for one in body if one.strip()][:1]]):
            body = unquoted(body)
        fields, end = _headers(body, 0, needs=1)
        if not marked and not end:
            return
        rest = body[end:]
        stop = _start(rest)
        text = _new(rest[:stop], signed=True) or "\n".join(above(unquoted(rest[:stop]))).strip()
        yield Passed(fields or framed, text)
        framed = {} if text else fields
        lines = rest[stop:]


def _passed_as_quotation(lines: list[str]) -> Passed | None:
    """What a mail quotes that says that it passes another one on."""
    first = next((place for place, line in enumerate(lines) if QUOTED.match(line)), len(lines))
    above_it = [line for line in lines[:first] if line.strip()]
    who = " ".join(above_it[len(above_it) - attribution(above_it[-4:]) :])
    words = _new(unquoted([line for line in lines[first:] if QUOTED.match(line)]), signed=True)
    writer = _WRITER.search(who)
    return Passed({"from": writer[0], "sent": who[: writer.start()]} if writer else {}, words) if words else None


def _headers(lines: list[str], number: int, needs: int = 3) -> tuple[dict[str, str], int]:
    """The headers of a mail that stand here, and the line behind them; none if there are fewer than `needs`."""
    fields: dict[str, str] = {}
    last, end = "", number
    for place in range(number, min(len(lines), number + MOST_HEADERS)):
        line = _bare(lines[place])
        name, value = _field(line)
        if needs > 1 and place == number and name not in ("from", "sent"):
            break
        if name:
            fields.setdefault(name, value)
            last, end = name, place + 1
        elif line and last and (not fields[last] or (last == "to" and ("@" in line or line.endswith(";")))):
            fields[last], end = f"{fields[last]} {line}".strip(), place + 1
        elif line or (fields and place > end):
            break
    of_a_mail = needs == 1 or ("from" in fields and ("subject" in fields or "@" in " ".join(fields.values())))
    return (fields, end) if len(fields) >= needs and of_a_mail else ({}, number)


def _field(line: str) -> tuple[str, str]:
    """The name and value of a header line."""
    name, colon, value = line.replace("：", ":", 1).partition(":")
    if colon and len(name) < 25:
        for which, pattern in _fields():
            if pattern.fullmatch(name.strip("* ")):
                return which, value.strip("* \t")
    return "", ""


def _bare(line: str) -> str:
    """A line without the marks of a quotation."""
    return line.lstrip("> \t").rstrip()


@cache
def _names() -> str:
    return "|".join(name for names in wordlist("replies")["headers"].values() for name in names if len(name) > 1)


@cache
def _fields() -> list[tuple[str, re.Pattern[str]]]:
    headers: dict[str, list[str]] = wordlist("replies")["headers"]
    return [(which, re.compile("|".join(names), re.IGNORECASE)) for which, names in headers.items()]
