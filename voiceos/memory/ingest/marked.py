"""HTML to sections of text: what HTML pages, EPUB chapters and mails have in common."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voiceos.memory.ingest.charsets import clean
from voiceos.memory.ingest.replies import is_attribution
from voiceos.memory.ingest.words import parts, tidy

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_RUN = re.compile(r"\s+")
_SILENT: Sequence[str] = "script style noscript template svg math nav iframe object canvas select button".split()
_BLOCKS = frozenset(
    "address article aside blockquote body br caption dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6"
    " header hr li main ol p pre section summary table tbody td th thead tr ul".split()
)
_PLACE = re.compile("\\s*\ue0fe\\s*")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


_ANY_TAG = re.compile(r"<[^<>]{0,2000}>")
_NESTING_TAG = re.compile(
    r"<(/?)(?:div|span|b|i|u|font|table|ul|ol|blockquote|em|strong|section|a|article|center|small|big|s|tt|code)\b",
    re.IGNORECASE,
)
DEEPEST = 2_000
"""Elements within elements."""


@dataclass(slots=True)
class Section:
    """What stands below a heading."""

    headings: tuple[str, ...]
    text: str


@dataclass(slots=True)
class _Writer:
    path: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    written: list[str] = field(default_factory=list[str])

    def take(self) -> Iterator[Section]:
        """The section so far, in parts."""
        text = tidy("".join(self.written))
        self.written.clear()
        for part in parts(iter(text.split("\n\n"))):
            if part.strip():
                yield Section(tuple(name for _, name in self.path), part)


def parse(html: str) -> "LexborHTMLParser":
    """A page as a tree, without what nobody reads."""
    from selectolax.lexbor import LexborHTMLParser

    if _is_bottomless(html):  # parsing takes the square of the depth
        html = _ANY_TAG.sub(" ", html)
    tree = LexborHTMLParser(clean(html))
    tree.strip_tags(list(_SILENT))
    return tree


def sections(tree: "LexborHTMLParser") -> Iterator[Section]:
    """The text of a page, cut at its headings."""
    if tree.body is None:
        return
    writer = _Writer()
    for node in tree.body.traverse(include_text=True):
        tag = node.tag or ""
        if tag == "-text":
            if not _in_heading(node.parent):
                writer.written.append(_flat(node.text_content or ""))
        elif tag in _HEADINGS:
            yield from writer.take()
            name = " ".join((node.text() or "").split())
            level = _HEADINGS[tag]
            writer.path = [(above, title) for above, title in writer.path if above < level]
            if name:
                writer.path.append((level, name))
        elif tag in _BLOCKS:
            writer.written.append("\n" if tag in ("br", "li", "tr", "td", "th", "dt", "dd") else "\n\n")
    yield from writer.take()


def _is_bottomless(html: str) -> bool:
    depth = 0
    for found in _NESTING_TAG.finditer(html):
        depth = max(0, depth - 1) if found[1] else depth + 1
        if depth > DEEPEST:
            return True
    return False


def _flat(text: str) -> str:
    return _RUN.sub(" ", text)


def _in_heading(node: "LexborNode | None") -> bool:
    for _ in range(8):
        if node is None:
            return False
        if node.tag in _HEADINGS:
            return True
        node = node.parent
    return False


def text_of(html: str) -> str:
    """A mail's text, with its headings in it, and what it quotes marked as plain mails do."""
    tree = parse(html)
    quoted = [_marked_out(node) for node in tree.css("blockquote") if not _within_quote(node) and _is_quote(node)]
    found: list[str] = []
    last: tuple[str, ...] = ()
    for section in sections(tree):
        if section.headings and section.headings != last:
            found.append(section.headings[-1])
        last = section.headings
        found.append(section.text)
    text = "\n\n".join(found)
    return _PLACE.sub(lambda place: quoted.pop(0) if quoted else "", text) if quoted else text


def _marked_out(quote: "LexborNode") -> str:
    """Takes a quotation's words out of the page; they come back, each line with a mark, where its place is."""
    from selectolax.lexbor import LexborHTMLParser

    inner = LexborHTMLParser(quote.html or "")
    text = "\n\n".join(section.text for section in sections(inner))
    quote.replace_with("\ue0fe")
    return "\n\n" + "\n".join(f"> {line}" for line in text.split("\n")) + "\n\n"


def _within_quote(node: "LexborNode") -> bool:
    """Whether a quotation holds this one, of which it was already taken out."""
    above = node.parent
    for _ in range(DEEPEST):
        if above is None or above.tag == "html":
            return above is None
        if above.tag == "blockquote" and _is_quote(above):
            return True
        above = above.parent
    return True


def _is_quote(node: "LexborNode") -> bool:
    """Whether a block holds another mail's words, and is not only set in."""
    values = {name: (value or "").lower() for name, value in node.attributes.items()}
    if values.get("type") == "cite" or "quote" in values.get("class", "") or "border-left" in values.get("style", ""):
        return True
    before = node.prev
    while before is not None and (before.tag == "br" or not (before.text() or "").strip()):
        before = before.prev
    return before is not None and is_attribution((before.text() or "")[-400:])
