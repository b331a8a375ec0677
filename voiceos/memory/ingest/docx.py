"""DOCX documents: paragraphs and tables in order, one record per section."""

import re
from collections.abc import Iterator
from contextlib import suppress
from xml.etree.ElementTree import Element

from voiceos.memory.ingest.charsets import clean
from voiceos.memory.ingest.dates import in_name, of_text
from voiceos.memory.ingest.reading import Format, Reading, Unreadable, numbered
from voiceos.memory.ingest.tables import wordlist
from voiceos.memory.ingest.words import headed, outlined, parts
from voiceos.memory.ingest.zips import holds, local, opened, text_in
from voiceos.store.records import Kind, Record

_DOCUMENT = "word/document.xml"


@numbered
def read(reading: Reading) -> Iterator[Record]:
    """The document's sections. Raises Unreadable."""
    title = author = created = ""
    with opened(reading) as archive:
        root = archive.tree(_DOCUMENT)
        with suppress(Unreadable):
            properties = archive.tree("docProps/core.xml")
            title, author, created = (clean(text_in(properties, name)) for name in ("title", "creator", "created"))
    at = of_text(created) or in_name(reading.path.name)
    about = Record(Kind.DOCUMENT, "", "", title or reading.path.stem, reading.author(author), at=at)
    yield from headed(about, ((names, part) for names, texts in outlined(_pieces(root)) for part in parts(texts)))


def _pieces(element: Element) -> Iterator[tuple[int, str]]:
    """Headings, paragraphs, and rows of tables, in order."""
    pending = [iter(element)]
    while pending:
        child = next(pending[-1], None)
        if child is None:
            pending.pop()
        elif local(child) == "tr":
            cells = [_text(cell).replace("\n", " ") for cell in child if local(cell) == "tc"]
            if row := " | ".join(cell for cell in cells if cell):
                yield 0, row
        elif local(child) == "p":
            if text := _text(child):
                yield _level(child), text
        elif local(child) in ("document", "body", "tbl", "sdt", "sdtContent", "ins", "smartTag", "customXml"):
            pending.append(iter(child))


def _text(paragraph: Element) -> str:
    written: list[str] = []
    for element in paragraph.iter():
        name = local(element)
        if name == "t":
            written.append(element.text or "")
        elif name in ("tab", "br", "cr", "p"):
            written.append("\n" if name != "tab" else " ")
    return clean("".join(written)).strip()


def _level(paragraph: Element) -> int:
    for element in paragraph.iter():
        if local(element) == "pStyle":
            style = next((value for name, value in element.attrib.items() if name.endswith("val")), "")
            found = re.match(rf"(?:{'|'.join(wordlist('labels')['headings'])})\s*([1-6])", style, re.IGNORECASE)
            return int(found[1]) if found else int(style.lower() == "title")
    return 0


DOCX = Format(
    "docx",
    read,
    (".docx",),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",),
    holds(_DOCUMENT),
)
