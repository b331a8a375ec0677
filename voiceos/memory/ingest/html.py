"""HTML pages: a record a section, with the page's title, author and date."""

from collections.abc import Iterator

from voiceos.memory.ingest.charsets import decode_markup
from voiceos.memory.ingest.dates import in_name, of_text
from voiceos.memory.ingest.marked import parse, sections
from voiceos.memory.ingest.reading import Format, Reading
from voiceos.store.records import Kind, Record

MOST_BYTES = 50_000_000
_AUTHOR = ("meta[name=author]", "meta[property='article:author']")
_DATE = ("meta[property='article:published_time']", "meta[name=date]", "meta[name='dcterms.created']")


def read(reading: Reading) -> Iterator[Record]:
    """The page's sections. Raises Unreadable."""
    tree = parse(decode_markup(reading.whole(MOST_BYTES)))
    named = tree.css_first("title")
    title = " ".join((named.text() if named else "").split())
    found = {name: next((m for one in css if (m := _meta(tree, one))), "") for name, css in
             (("author", _AUTHOR), ("date", _DATE))}  # fmt: skip
    at = of_text(found["date"]) or in_name(reading.path.name)
    title = title or reading.path.stem
    author = reading.author(found["author"])
    seen: dict[str, int] = {}
    for section in sections(tree):
        name = " > ".join(section.headings)
        seen[name] = seen.get(name, 0) + 1
        key = f"{name} #{seen[name]}" if seen[name] > 1 else name or "text"
        headings = " > ".join(dict.fromkeys((title, *section.headings)))
        yield Record(Kind.DOCUMENT, key, section.text, title=headings, author=author, at=at)


def _meta(tree: object, css: str) -> str:
    from selectolax.lexbor import LexborHTMLParser

    assert isinstance(tree, LexborHTMLParser)
    node = tree.css_first(css)
    return (node.attributes.get("content") or "") if node else ""


def _recognises(reading: Reading, head: bytes) -> bool:
    begins = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    return begins[:9].lower() == b"<!doctype" and reading.path.suffix.lower() not in (".md", ".markdown")


HTML = Format("html", read, (".html", ".htm", ".xhtml"), ("text/html", "application/xhtml+xml"), _recognises)
