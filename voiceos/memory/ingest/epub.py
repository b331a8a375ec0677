"""EPUB books: the chapters in reading order, a record a section."""

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote

from voiceos.memory.ingest import xml
from voiceos.memory.ingest.charsets import decode_markup
from voiceos.memory.ingest.marked import parse, sections
from voiceos.memory.ingest.reading import Format, Reading, Unreadable
from voiceos.memory.ingest.zips import Zip, names_within, opened
from voiceos.store.records import Kind, Record

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"


def read(reading: Reading) -> Iterator[Record]:
    """The book's sections. Raises Unreadable."""
    with opened(reading) as book:
        container = xml.tree(book.read(_CONTAINER), _CONTAINER)
        path = next((e.get("full-path") for e in container.iter() if xml.local(e) == "rootfile"), None)
        if not path:
            raise Unreadable("it is no book: nothing in it says where it begins")
        package = xml.tree(book.read(path), path)
        title = next(iter(xml.texts(package, "title")), "") or reading.path.stem
        author = reading.author(*xml.texts(package, "creator")[:1])
        date = next(iter(xml.texts(package, "date")), "")
        extra = {"book": title, **({"published": date} if date else {})}
        hidden = _encrypted(book)
        for number, item in enumerate(_spine(package, posixpath.dirname(path)), 1):
            if item in hidden:
                raise Unreadable("it is copy-protected")
            try:
                page = parse(decode_markup(book.read(item)))
            except Unreadable as problem:
                reading.refused(problem, item)
                continue
            for place, section in enumerate(sections(page), 1):
                name = " > ".join(dict.fromkeys((title, *section.headings)))
                yield Record(Kind.DOCUMENT, f"{number}.{place}", section.text, title=name, author=author, extra=extra)


def _spine(package: xml.Element, folder: str) -> list[str]:
    items = {e.get("id"): e.get("href") or "" for e in package.iter() if xml.local(e) == "item"}
    order = [items.get(e.get("idref"), "") for e in package.iter() if xml.local(e) == "itemref"]
    return [posixpath.normpath(posixpath.join(folder, unquote(href.partition("#")[0]))) for href in order if href]


def _encrypted(book: Zip) -> set[str]:
    if _ENCRYPTION not in book.names:
        return set()
    tree = xml.tree(book.read(_ENCRYPTION), _ENCRYPTION)
    return {unquote(e.get("URI") or "") for e in tree.iter() if xml.local(e) == "CipherReference"}


def _recognises(reading: Reading, head: bytes) -> bool:
    return _CONTAINER in names_within(reading, head)


EPUB = Format("epub", read, (".epub",), ("application/epub+zip",), _recognises)
