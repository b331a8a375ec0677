"""Markdown notes: a record a section, with front matter, wiki links and tags."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from voiceos.memory.ingest.dates import in_name, of_value
from voiceos.memory.ingest.reading import Format, Reading
from voiceos.memory.ingest.words import lines, paragraphs, parts, wordlist
from voiceos.store.records import OWNER, Kind, Record

FRONT_MATTER_LINES = 500
FRONT_MATTER_CHARACTERS = 20_000
MOST_LINKS = 100
"""Of a section."""

_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_FENCE = re.compile(r"\s{0,3}(```+|~~~+)")
_LINK = re.compile(r"!?\[\[([^\[\]|#\n]{1,200})(?:#[^\[\]|\n]{0,200})?(?:\|([^\[\]\n]{1,200}))?\]\]")
_TAG = re.compile(r"(?<![\w#/&])#([^\W\d_][\w/-]{0,60})")


@dataclass(slots=True)
class _Note:
    title: str
    at: datetime | None
    extra: Mapping[str, Any]


@dataclass(slots=True)
class _Section:
    headings: tuple[str, ...] = ()
    lines: list[str] = field(default_factory=list[str])


def read(reading: Reading) -> Iterator[Record]:
    """A record a section; its key and title are the path of headings. Links stay in the text as they were written."""
    content = lines(reading)
    front, first = _front_matter(content, reading)
    note = _note(reading, front)
    seen: dict[str, int] = {}
    for section in _sections(first, content):
        for part in parts(paragraphs(iter(section.lines))):
            name = " > ".join(section.headings)
            seen[name] = seen.get(name, 0) + 1
            key = f"{name} #{seen[name]}" if seen[name] > 1 else name or "text"
            title = " > ".join(dict.fromkeys((note.title, *section.headings)))
            yield Record(
                Kind.NOTE, key, part, title=title, author=OWNER, at=note.at, extra={**note.extra, **_marks(part)}
            )
    if not seen and note.extra:
        yield Record(Kind.NOTE, "text", "", title=note.title, author=OWNER, at=note.at, extra=note.extra)


def _note(reading: Reading, front: Mapping[str, Any]) -> _Note:
    named = {str(name).casefold(): value for name, value in front.items()}
    title = named.get("title")
    written = next((at for name in wordlist("labels")["note_dates"] if (at := of_value(named.get(name)))), None)
    extra: dict[str, Any] = {}
    for name in ("aliases", "tags"):
        if values := _strings(named.get(name) or named.get(name.rstrip("s"))):
            extra[name] = values
    return _Note(str(title) if title else reading.path.stem, written or in_name(reading.path.name), extra)


def _front_matter(content: Iterator[str], reading: Reading) -> tuple[Mapping[str, Any], list[str]]:
    """What stands between the first two lines of dashes, and the lines that were read but are none of it."""
    first = next(content, "")
    if first.strip() != "---":
        return {}, [first]
    block: list[str] = []
    size = 0
    for line in content:
        if line.strip() in ("---", "..."):
            values = _yaml("\n".join(block), reading)
            return values, [] if values is not _WRONG else block
        block.append(line)
        size += len(line)
        if len(block) >= FRONT_MATTER_LINES or size > FRONT_MATTER_CHARACTERS:
            break
    return {}, [first, *block]


_WRONG: Mapping[str, Any] = {}


def _yaml(text: str, reading: Reading) -> Mapping[str, Any]:
    import yaml

    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text)):  # a few could unfold to gigabytes
            raise yaml.YAMLError("aliases")
        values = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        reading.note("its front matter is no YAML; it was read as text", "front matter")
        return _WRONG
    return cast(Mapping[str, Any], values) if isinstance(values, dict) else {}


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [one.strip().lstrip("#") for one in value.split(",") if one.strip()]
    values = cast(list[Any], value) if isinstance(value, list) else []
    return [str(one) for one in values[:MOST_LINKS] if isinstance(one, str | int | float)]


def _sections(first: list[str], content: Iterator[str]) -> Iterator[_Section]:
    section, fence = _Section(), ""
    path: list[tuple[int, str]] = []
    for line in _chain(first, content):
        if found := _FENCE.match(line):
            fence = "" if fence and found[1].startswith(fence) else fence or found[1]
        heading = _HEADING.match(line) if not fence else None
        if not heading:
            section.lines.append(line)
            continue
        yield section
        level = len(heading[1])
        path = [(above, name) for above, name in path if above < level] + [
            (level, heading[2].rstrip().rstrip("#").rstrip())
        ]
        section = _Section(tuple(name for _, name in path))
    yield section


def _chain(first: list[str], content: Iterator[str]) -> Iterator[str]:
    """Lines, in which a heading that is underlined stands as one with #."""
    before: str | None = None
    for source in (first, content):
        for line in source:
            if before and before.strip() and not _HEADING.match(before) and re.fullmatch(r"=+\s*|-{3,}\s*", line):
                yield f"{'#' if line[0] == '=' else '##'} {before.strip()}"
                before = None
                continue
            if before is not None:
                yield before
            before = line
    if before is not None:
        yield before


def _marks(text: str) -> dict[str, Any]:
    """Links with the words they are shown with, and tags."""
    links = {found[1].strip(): (found[2] or "").strip() for found in _LINK.finditer(text)}
    tags = list(dict.fromkeys(_TAG.findall(text)))[:MOST_LINKS]
    marks: dict[str, Any] = {}
    if links:
        marks["links"] = list(links)[:MOST_LINKS]
        if shown := {name: words for name, words in list(links.items())[:MOST_LINKS] if words}:
            marks["link_words"] = shown
    if tags:
        marks["tags"] = tags
    return marks


MARKDOWN = Format("markdown", read, (".md", ".markdown", ".mdown"), ("text/markdown",))
