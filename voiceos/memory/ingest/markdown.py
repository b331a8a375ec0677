"""Markdown notes: one record per section, with front matter, wiki links and tags."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, cast

from voiceos.memory.ingest.dates import in_name, of_value
from voiceos.memory.ingest.reading import Format, Reading, numbered
from voiceos.memory.ingest.tables import wordlist
from voiceos.memory.ingest.words import headed, lines, outlined, paragraphs, parts
from voiceos.store.records import OWNER, Kind, Record

FRONT_MATTER_LINES, FRONT_MATTER_CHARACTERS = 500, 20_000

_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_UNDERLINE = re.compile(r"=+\s*|-{3,}\s*")
_FENCE = re.compile(r"\s{0,3}(```+|~~~+)")


@numbered
def read(reading: Reading) -> Iterator[Record]:
    """A record a section; its key and title are the path of headings. Links stay in the text as they were written."""
    content = lines(reading)
    front, first = _front_matter(content, reading)
    note = _note(reading, front)
    sections = outlined(_pieces(chain(first, content)))
    records = headed(note, ((names, part) for names, block in sections for part in parts(paragraphs(block))))
    first_record = next(records, note if note.extra else None)
    if first_record:
        yield first_record
    yield from records


def _note(reading: Reading, front: Mapping[str, Any]) -> Record:
    """What all of the note's records have in common."""
    named = {str(name).casefold(): value for name, value in front.items()}
    title = str(named.get("title") or reading.path.stem)
    written = next((at for name in wordlist("labels")["note_dates"] if (at := of_value(named.get(name)))), None)
    extra: dict[str, Any] = {}
    for name in ("aliases", "tags"):
        if values := _strings(named.get(name) or named.get(name.rstrip("s"))):
            extra[name] = values
    return Record(Kind.NOTE, "text", "", title, OWNER, at=written or in_name(reading.path.name), extra=extra)


def _front_matter(content: Iterator[str], reading: Reading) -> tuple[Mapping[str, Any], list[str]]:
    """What stands between the first two lines of dashes, and the lines that were read but are none of it."""
    first = next(content, "")
    if first.strip() != "---":
        return {}, [first]
    block: list[str] = []
    for line in content:
        if line.strip() in ("---", "..."):
            values = _yaml("\n".join(block))
            if values is None:
                reading.note("its front matter is not YAML, so it was read as text", "front matter")
            return values or {}, block if values is None else []
        block.append(line)
        if sum(map(len, block)) > FRONT_MATTER_CHARACTERS or len(block) > FRONT_MATTER_LINES:
            break
    return {}, [first, *block]


def _yaml(text: str) -> Mapping[str, Any] | None:
    """The values in a YAML text; None if it is not YAML."""
    import yaml

    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text)):  # a few could expand to gigabytes
            return None
        values = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return cast(Mapping[str, Any], values) if isinstance(values, dict) else {}


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [one.strip().lstrip("#") for one in value.split(",") if one.strip()]
    values = cast(list[Any], value) if isinstance(value, list) else []
    return [str(one) for one in values if isinstance(one, str | int | float)]


def _pieces(content: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Headings with their levels, and lines."""
    fence = ""
    for line in _underlined(content):
        if found := _FENCE.match(line):
            fence = "" if fence and found[1].startswith(fence) else fence or found[1]
        heading = _HEADING.match(line) if not fence else None
        yield (len(heading[1]), heading[2].rstrip().rstrip("#").rstrip()) if heading else (0, line)


def _underlined(content: Iterable[str]) -> Iterator[str]:
    """The lines, in which a heading that is underlined stands as one with #."""
    before: str | None = None
    for line in content:
        if before and before.strip() and not _HEADING.match(before) and _UNDERLINE.fullmatch(line):
            yield f"{'#' if line[0] == '=' else '##'} {before.strip()}"
            before = None
            continue
        if before is not None:
            yield before
        before = line
    if before is not None:
        yield before


MARKDOWN = Format("markdown", read, (".md", ".markdown", ".mdown"), ("text/markdown",))
