"""DOCX documents: paragraphs and tables in order, a record a section."""

import re
from collections.abc import Iterator

from voiceos.memory.ingest import xml
from voiceos.memory.ingest.charsets import clean
from voiceos.memory.ingest.dates import in_name, of_text
from voiceos.memory.ingest.reading import Format, Reading, Unreadable
from voiceos.memory.ingest.words import parts, wordlist
from voiceos.memory.ingest.zips import Zip, names_within, opened
from voiceos.store.records import Kind, Record

_DOCUMENT = "word/document.xml"
_PROPERTIES = "docProps/core.xml"


def read(reading: Reading) -> Iterator[Record]:
    """The document's sections. Raises Unreadable."""
    with opened(reading) as archive:
        root = xml.tree(archive.read(_DOCUMENT), _DOCUMENT)
        title, author, created = _properties(archive)
    title = title or reading.path.stem
    author, at = reading.author(author), of_text(created) or in_name(reading.path.name)
    seen: dict[str, int] = {}
    for headings, paragraphs in _sections(root):
        name = " > ".join(headings)
        for part in parts(iter(paragraphs)):
            seen[name] = seen.get(name, 0) + 1
            key = f"{name} #{seen[name]}" if seen[name] > 1 else name or "text"
            path = " > ".join(dict.fromkeys((title, *headings)))
            yield Record(Kind.DOCUMENT, key, part, title=path, author=author, at=at)


def _properties(archive: Zip) -> tuple[str, str, str]:
    if _PROPERTIES not in archive.names:
        return "", "", ""
    try:
        root = xml.tree(archive.read(_PROPERTIES), _PROPERTIES)
    except Unreadable:
        return "", "", ""
    title, creator, created = (next(iter(xml.texts(root, name)), "") for name in ("title", "creator", "created"))
    return clean(title), clean(creator), created


def _sections(root: xml.Element) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    path: list[tuple[int, str]] = []
    paragraphs: list[str] = []
    for block in _blocks(root):
        level = _level(block) if xml.local(block) == "p" else 0
        text = _row(block) if xml.local(block) == "tr" else _text(block)
        if level and text:
            yield tuple(name for _, name in path), paragraphs
            path = [(above, name) for above, name in path if above < level] + [(level, text)]
            paragraphs = []
        elif text:
            paragraphs.append(text)
    yield tuple(name for _, name in path), paragraphs


def _blocks(element: xml.Element) -> Iterator[xml.Element]:
    """Paragraphs, and rows of tables, in order."""
    pending = [iter(element)]
    while pending:
        child = next(pending[-1], None)
        if child is None:
            pending.pop()
        elif xml.local(child) in ("p", "tr"):
            yield child
        elif xml.local(child) in ("document", "body", "tbl", "sdt", "sdtContent", "ins", "smartTag", "customXml"):
            pending.append(iter(child))


def _row(row: xml.Element) -> str:
    cells = [_text(cell).replace("\n", " ") for cell in row if xml.local(cell) == "tc"]
    return " | ".join(cell for cell in cells if cell)


def _text(paragraph: xml.Element) -> str:
    written: list[str] = []
    for element in paragraph.iter():
        name = xml.local(element)
        if name == "t":
            written.append(element.text or "")
        elif name in ("tab", "br", "cr", "p"):
            written.append("\n" if name != "tab" else " ")
    return clean("".join(written)).strip()


def _level(paragraph: xml.Element) -> int:
    for element in paragraph.iter():
        if xml.local(element) == "pStyle":
            style = next((value for name, value in element.attrib.items() if name.endswith("val")), "")
            found = re.match(rf"(?:{'|'.join(wordlist('labels')['headings'])})\s*([1-6])", style, re.IGNORECASE)
            return int(found[1]) if found else 1 if style.lower() == "title" else 0
    return 0


def _recognises(reading: Reading, head: bytes) -> bool:
    return _DOCUMENT in names_within(reading, head)


DOCX = Format(
    "docx", read, (".docx",), ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",), _recognises
)
