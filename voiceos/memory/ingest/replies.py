"""The new words of a mail, without quotations and signature, and the mails it forwards."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from voiceos.memory.ingest.tables import wordlist

MOST_PASSED_ON = 20
"""Mails within one."""
_QUOTED = re.compile(r"\s{0,3}>")
_CLOCK = re.compile(r"\d{1,2}\s?[:.h時时点]\s?\d{2}")
_DAY = re.compile(r"\b\d{4}\b|\d{1,2}[./-]\d{1,2}[./-]\d{2}|\d{4}年")
_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_GROUPWISE = re.compile(r">>> .{5,200} >>>\s*")
_ENDS = (":", "：", "-")
_RULER = re.compile(r"[_=*–—-]{5,}|\*?-- ?")


@dataclass(frozen=True, slots=True)
class Passed:
    """A mail that another one forwards in its text."""

    headers: dict[str, str]
    """What is known of from, sent, to and subject."""
    text: str


def parted(text: str, subject: str = "") -> tuple[str, list[Passed]]:
    """The new words of a mail, and the mails that it passes on; with nothing else in it, all of it."""
    lines = text.split("\n")
    start = _start(lines)
    new = _new(lines[:start])
    passes_on = start < len(lines) and (_is_forward(lines[start]) or bool(_matcher("subject")(f"{subject.strip()} ")))
    if passes_on or not new:
        passed = list(islice((one for one in _passed(lines[start:]) if one.text), MOST_PASSED_ON))
        if passed:
            return new, passed
    return new or text.strip(), []


def is_attribution(text: str) -> bool:
    """Whether a text ends with who wrote what follows: "On Friday Ana wrote:"."""
    return bool(_attribution(text.strip().split("\n")))


def _new(lines: list[str]) -> str:
    kept: list[str] = []
    signs = ("-- ", "*--*", *["--"] * ([line.rstrip("\r") for line in lines].count("--") == 1))
    for number, line in enumerate(lines):
        if line.rstrip("\r") in signs or _GROUPWISE.fullmatch(line):
            break
        if _QUOTED.match(line):
            if kept and not _QUOTED.match(lines[number - 1]):
                _drop_attribution(kept)
            continue
        kept.append(line)
        if line.rstrip().endswith(_ENDS) and _is_complete(kept):
            following = next((lines[place] for place in range(number + 1, len(lines)) if lines[place].strip()), ">")
            if not _QUOTED.match(following):  # what it answers has no marks
                break
    _drop_attribution(kept, at_end=True)
    while kept and (not kept[-1].strip() or _RULER.fullmatch(kept[-1].strip()) or _matcher("sent_from")(kept[-1])):
        kept.pop()
    return "\n".join(kept).strip()


def _drop_attribution(kept: list[str], at_end: bool = False) -> None:
    """Takes "On Friday Ana wrote:" away, which may stand on several lines, above the words that are quoted."""
    filled = len(kept)
    while filled and len(kept) - filled < 3 and not kept[filled - 1].strip():
        filled -= 1
    count = _attribution(kept[max(0, filled - 4) : filled])
    if count and (not at_end or kept[filled - 1].rstrip().endswith(_ENDS)):
        del kept[filled - count :]


def _attribution(lines: list[str]) -> int:
    """How many of the last lines say who wrote what follows."""
    least = 0
    for count in range(1, min(4, len(lines)) + 1):
        tail = [_DIRECTIONS.sub("", line).strip() for line in lines[-count:]]
        text = " ".join(tail)
        if not all(tail) or len(text) > 400:
            break
        begins = text[:1].isdigit() or bool(_matcher("openers", r"(?:{})\b.*")(text))
        ends = text.rstrip(" -").endswith(_ENDS[:2])
        if _matcher("wrote", r".*(?<!\w)(?:{})(?!\w).{{0,80}}")(text):
            tells_who = ends or begins or text.endswith("--")
        else:
            tells_who = ends and _names_writer_or_time(text)
        if text.count(">") > text.count("<") or not tells_who:
            continue
        if begins and (count == 1 or _DAY.search(text) or _CLOCK.search(text)):
            return count
        least = least or count
    return least


def _names_writer_or_time(text: str) -> bool:
    return "@" in text or bool(_CLOCK.search(text) and _DAY.search(text))


def _is_complete(kept: list[str]) -> bool:
    """Whether the last lines name writer and time as only a program does."""
    count = _attribution(kept)
    text = " ".join(kept[len(kept) - count :])
    written = _matcher("wrote", r".*(?<!\w)(?:{})(?!\w)\s*[-:：\s]*")(text)
    return bool(count and written) and _names_writer_or_time(text)


def _start(lines: list[str]) -> int:
    """Where an embedded mail starts; the number of lines if there is none."""
    before = ""
    for number, line in enumerate(lines):
        bare = _bare(line)
        if _QUOTED.match(line):
            begins = not _QUOTED.match(before) and _is_forward(line)
            if begins and not (before and _attribution([before])):
                return number
        elif bare and (_is_mark(bare) or (":" in bare[:25].replace("：", ":") and _headers(lines, number)[0])):
            return number
        before = line if line.strip() else before
    return len(lines)


_DASHED = r"[-_=—\s]{{2,}}(?:{})[-_=—\s]{{2,}}:?"


def _is_forward(line: str) -> bool:
    bare = _bare(line)
    if bare[:1] in "-_=—" and bare:
        return bool(_matcher("forwarded", _DASHED)(bare))
    return bare.endswith(_ENDS[:2]) and len(bare) < 100 and bool(_matcher("forwarded", r"(?:{})\s?[:：]")(bare))


def _is_mark(bare: str) -> bool:
    """Whether a line says that another mail follows."""
    return _is_forward(bare) or (bare[:1] in "-_=—" and bool(_matcher("original", _DASHED)(bare)))


def _passed(lines: list[str]) -> Iterator[Passed]:
    """The mails that follow one another from here on."""
    while lines:
        marked = _is_mark(_bare(lines[0]))
        body = lines[1:] if marked else lines
        if any(_QUOTED.match(line) for line in [*lines[:1], *[one for one in body if one.strip()][:1]]):
            body = _unquoted(body)
        fields, end = _headers(body, 0, needs=1)
        if not marked and not end:
            return
        rest = body[end:]
        stop = _start(rest)
        yield Passed(fields, _new(rest[:stop]) or "\n".join(_unquoted(rest[:stop])).strip())
        lines = rest[stop:]


def _unquoted(lines: list[str]) -> list[str]:
    return [re.sub(r"^\s{0,3}> ?", "", line) for line in lines]


def _headers(lines: list[str], number: int, needs: int = 3) -> tuple[dict[str, str], int]:
    """The headers of a mail that stand here, and the line behind them; none if there are fewer than `needs`."""
    fields: dict[str, str] = {}
    last, end = "", number
    for place in range(number, min(len(lines), number + 30)):
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
    of_a_mail = needs == 1 or "subject" in fields or any("@" in value for value in fields.values())
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
def _fields() -> list[tuple[str, re.Pattern[str]]]:
    headers: dict[str, list[str]] = wordlist("replies")["headers"]
    return [(which, re.compile("|".join(names), re.IGNORECASE)) for which, names in headers.items()]


@cache
def _matcher(what: str, form: str = "") -> Callable[[str], re.Match[str] | None]:
    """Whether a text is one of these words, in the form in which they stand."""
    form = form or (r"(?:{})\s?[:：].*" if what == "subject" else r"\s*\*?(?:{})\s*")
    return re.compile(form.format("|".join(wordlist("replies")[what])), re.IGNORECASE).fullmatch
