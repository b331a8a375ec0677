"""EPUB books: the chapters in reading order, one record per section."""

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from voiceos.memory.ingest.charsets import decode_markup
from voiceos.memory.ingest.html import parse, sections
from voiceos.memory.ingest.reading import Format, Reading, Unreadable
from voiceos.memory.ingest.words import headed
from voiceos.memory.ingest.zips import holds, named, opened, text_in
from voiceos.store.records import Kind, Record

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"


def read(reading: Reading) -> Iterator[Record]:
    """The book's sections. Raises Unreadable."""
    with opened(reading) as book:
        path = next((one.get("full-path") for one in named(book.tree(_CONTAINER), "rootfile")), None)
        if not path:
            raise Unreadable("it is not a valid EPUB: nothing in it says where it begins")
        package = book.tree(path)
        title, author = text_in(package, "title") or reading.path.stem, text_in(package, "creator")
        about = Record(Kind.DOCUMENT, "", "", title, reading.author(author))
        hidden: set[str] = set()
        if _ENCRYPTION in book.members:
            hidden = {unquote(one.get("URI") or "") for one in named(book.tree(_ENCRYPTION), "CipherReference")}
        for number, item in enumerate(_spine(package, posixpath.dirname(path)), 1):
            if item in hidden:
                raise Unreadable("it is copy-protected")
            try:
                page = parse(decode_markup(book.read(item)))
            except Unreadable as problem:
                reading.problem(str(problem), item)
                continue
            for place, record in enumerate(headed(about, sections(page)), 1):
                yield replace(record, key=f"{number}.{place}")


def _spine(package: Element, folder: str) -> list[str]:
    """The names of the chapters, in reading order."""
    items = {one.get("id"): one.get("href") or "" for one in named(package, "item")}
    order = [items.get(one.get("idref"), "") for one in named(package, "itemref")]
    return [posixpath.normpath(posixpath.join(folder, unquote(href.partition("#")[0]))) for href in order if href]


EPUB = Format("epub", read, (".epub",), ("application/epub+zip",), holds(_CONTAINER))
