"""HTML to sections of text: what HTML pages, EPUB chapters and mails have in common."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voiceos.memory.ingest.words import clean, parts, tidy

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_RUN = re.compile(r"\s+")
_SILENT: Sequence[str] = "script style noscript template svg math nav iframe object canvas select button".split()
_BLOCKS = frozenset(
    "address article aside blockquote body br caption dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6"
    " header hr li main ol p pre section summary table tbody td th thead tr ul".split()
)
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
    """A page's text, with its headings in it."""
    found: list[str] = []
    last: tuple[str, ...] = ()
    for section in sections(parse(html)):
        if section.headings and section.headings != last:
            found.append(section.headings[-1])
        last = section.headings
        found.append(section.text)
    return "\n\n".join(found)
