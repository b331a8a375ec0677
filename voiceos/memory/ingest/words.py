"""The text of files: its lines, paragraphs and parts."""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from voiceos.language.data import table
from voiceos.memory.ingest.charsets import HEAD_BYTES, clean, encoding_of, errors_for, is_binary, mended
from voiceos.memory.ingest.reading import Reading, Unreadable
from voiceos.store.records import Record

LINE_CHARACTERS = 100_000
"""A line that is longer is cut."""
PART_CHARACTERS = 8_000
"""A longer text becomes several records, cut between paragraphs."""

_SPACE = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n\s*\n\s*")


def told(key: str, **values: object) -> str:
    """A sentence of the owner's language that says what a calendar or a card holds: `event.place`."""
    section, _, name = key.partition(".")
    return str(table("en", "records")[section][name]).format(**values)


def lines(reading: Reading) -> Iterator[str]:
    """The lines of a text file without their ends, never more than one in memory. Raises Unreadable."""
    head = reading.head(HEAD_BYTES)
    if is_binary(head):
        raise Unreadable("it is binary, not text")
    encoding = encoding_of(head, len(head) < HEAD_BYTES)
    if encoding not in ("utf-8", "utf-8-sig", "ascii"):
        reading.note(f"it is not UTF-8, so it was read as {encoding}")
    told = False
    file = reading.open()
    with io.TextIOWrapper(file, encoding=encoding, errors=errors_for(encoding), newline=None) as text:
        for line in iter(lambda: text.readline(LINE_CHARACTERS), ""):
            reading.position = file.tell()
            whole = mended(line)
            if whole != line and not told:
                reading.note("some of its bytes are not text, so they were guessed")
                told = True
            yield clean(whole.rstrip("\n"))


def tidy(text: str) -> str:
    """Each run of spaces as one, and each run of empty lines as one."""
    text = "\n".join(_SPACE.sub(" ", line).strip() for line in text.split("\n"))
    return _LINES.sub("\n\n", text).strip()


def parts(paragraphs: Iterable[str]) -> Iterator[str]:
    """Paragraphs joined to parts of at most `PART_CHARACTERS`."""
    part: list[str] = []
    size = 0
    for paragraph in paragraphs:
        for start in range(0, len(paragraph), PART_CHARACTERS):
            piece = paragraph[start : start + PART_CHARACTERS]
            if size + len(piece) > PART_CHARACTERS and part:
                yield "\n\n".join(part)
                part, size = [], 0
            part.append(piece)
            size += len(piece) + 2
    if part:
        yield "\n\n".join(part)


def paragraphs(source: Iterable[str]) -> Iterator[str]:
    """Lines joined to paragraphs: what stands between empty lines."""
    block: list[str] = []
    size = 0
    for line in source:
        if line.strip() and size < PART_CHARACTERS:
            block.append(line.rstrip())
            size += len(line)
            continue
        if block:
            yield "\n".join(block)
        block, size = ([line.rstrip()], len(line)) if line.strip() else ([], 0)
    if block:
        yield "\n".join(block)


Headings = tuple[str, ...]


def outlined(pieces: Iterable[tuple[int, str]]) -> Iterator[tuple[Headings, list[str]]]:
    """What stands below the same headings; a piece is a heading's level and name, or 0 and some text."""
    path: list[tuple[int, str]] = []
    block: list[str] = []
    for level, text in pieces:
        if not level:
            block.append(text)
            continue
        yield tuple(name for _, name in path), block
        path = [(above, name) for above, name in path if above < level] + ([(level, text)] if text else [])
        block = []
    yield tuple(name for _, name in path), block


def headed(about: Record, sections: Iterable[tuple[Headings, str]]) -> Iterator[Record]:
    """A record a section, with its headings behind the title of what it is part of."""
    for headings, text in sections:
        title = " > ".join(dict.fromkeys((about.title, *headings)))
        yield replace(about, key=" > ".join(headings) or "text", text=text, title=title)
