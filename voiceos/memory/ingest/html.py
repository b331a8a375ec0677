"""HTML to sections of text: of pages, of the chapters of books, and of mails."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from voiceos.memory.ingest.attributions import is_attribution
from voiceos.memory.ingest.charsets import clean, decode_markup
from voiceos.memory.ingest.dates import in_name, of_text
from voiceos.memory.ingest.reading import Format, Reading, begins, numbered
from voiceos.memory.ingest.replies import heads_a_mail
from voiceos.memory.ingest.tables import wordlist
from voiceos.memory.ingest.words import Headings, headed, outlined, parts, tidy
from voiceos.store.records import Kind, Record

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

MOST_BYTES = 50_000_000
DEEPEST = 2_000
"""Elements within elements."""
_SILENT = list[str]("script style noscript template svg math nav iframe object canvas select button".split())
_LINES = frozenset("br li tr td th dt dd".split())
_BLOCKS = frozenset(
    "address article aside blockquote body caption details div dl figcaption figure footer header hr main ol p pre"
    " section summary table tbody thead ul".split()
)
_HEADING = re.compile(r"h([1-6])")
LONG_SIGNATURE, LONG_HEAD = 300, 3_000
"""Characters of what is certainly more than a signature, or than the headers of a mail."""
MOST_MAILS = 100
"""Within one, of which the headers and signatures are looked for."""
ORIGINAL = "-----Original Message-----"
"""Before a mail that stands in another one."""
_MAIL = "\ue0ff"
_PLACE = re.compile("\\s*\ue0fe\\s*")
_ANY_TAG = re.compile(r"<[^<>]{0,2000}>")
_NESTING_TAG = re.compile(
    r"<(/?)(?:div|span|b|i|u|font|table|ul|ol|blockquote|em|strong|section|a|article|center|small|big|s|tt|code)\b",
    re.IGNORECASE,
)


@numbered
def read(reading: Reading) -> Iterator[Record]:
    """The page's sections. Raises Unreadable."""
    tree = parse(decode_markup(reading.whole(MOST_BYTES)))
    named = tree.css_first("title")
    title = " ".join((named.text() if named else "").split()) or reading.path.stem
    author = _meta(tree, "[name=author]", "[property='article:author']")
    date = _meta(tree, "[property='article:published_time']", "[name=date]", "[name='dcterms.created']")
    at = of_text(date) or in_name(reading.path.name)
    yield from headed(Record(Kind.DOCUMENT, "", "", title, reading.author(author), at=at), sections(tree))


def _meta(tree: "LexborHTMLParser", *which: str) -> str:
    nodes = (tree.css_first(f"meta{one}") for one in which)
    return next((content for node in nodes if node and (content := node.attributes.get("content"))), "")


def parse(html: str) -> "LexborHTMLParser":
    """A page as a tree, without what nobody reads."""
    from selectolax.lexbor import LexborHTMLParser

    if _is_bottomless(html):  # parsing takes the square of the depth
        html = _ANY_TAG.sub(" ", html)
    tree = LexborHTMLParser(clean(html))
    tree.strip_tags(_SILENT)
    return tree


def sections(tree: "LexborHTMLParser") -> Iterator[tuple[Headings, str]]:
    """The text of a page, cut at its headings."""
    for headings, pieces in outlined(_pieces(tree)):
        for part in parts(tidy("".join(pieces)).split("\n\n")):
            if part.strip():
                yield headings, part


def _pieces(tree: "LexborHTMLParser") -> Iterator[tuple[int, str]]:
    """Headings with their levels, and text."""
    if tree.body is None:
        return
    for node in tree.body.traverse(include_text=True):
        tag = node.tag or ""
        if tag == "-text":
            if not _in_heading(node.parent):
                yield 0, re.sub(r"\s+", " ", node.text_content or "")
        elif found := _HEADING.fullmatch(tag):
            yield int(found[1]), " ".join((node.text() or "").split())
        elif tag in _LINES:
            yield 0, "\n"
        elif tag in _BLOCKS:
            yield 0, "\n\n"


def _is_bottomless(html: str) -> bool:
    depth = 0
    for found in _NESTING_TAG.finditer(html):
        depth = max(0, depth - 1) if found[1] else depth + 1
        if depth > DEEPEST:
            return True
    return False


def _in_heading(node: "LexborNode | None") -> bool:
    for _ in range(8):
        if node is None or _HEADING.fullmatch(node.tag or ""):
            return node is not None
        node = node.parent
    return False


def text_of(html: str) -> str:
    """A mail's text, with its headings in it, and what it quotes marked as plain mails do."""
    tree = parse(html)
    _take_signature(tree)
    for node in tree.css("[style*=border-top], [id$=divRplyFwdMsg]")[:MOST_MAILS]:
        if len(node.text() or "") < LONG_HEAD and heads_a_mail("\n".join(text for _, text in sections(_alone(node)))):
            node.insert_before(f"\n{_MAIL}\n")
    quoted = [_marked_out(node) for node in tree.css("blockquote") if not _within_quote(node) and _is_quote(node)]
    found: list[str] = []
    last: Headings = ()
    for headings, text in sections(tree):
        if headings and headings != last:
            found.append(headings[-1])
        last = headings
        found.append(text)
    text = _PLACE.sub(lambda _: quoted.pop(0) if quoted else "", "\n\n".join(found))
    return re.sub(rf"\s*{_MAIL}\s*", f"\n\n{ORIGINAL}\n", text)


def _alone(node: "LexborNode") -> "LexborHTMLParser":
    from selectolax.lexbor import LexborHTMLParser

    return LexborHTMLParser(node.html or "")


def _take_signature(tree: "LexborHTMLParser") -> None:
    """Takes out what a program says below, unless it holds much more than that."""
    for node in tree.css(", ".join(wordlist("replies")["signed"]))[:MOST_MAILS]:
        if len(node.text() or "") < LONG_SIGNATURE:
            node.remove()


def _marked_out(quote: "LexborNode") -> str:
    """Takes a quotation's words out of the page; they come back, each line with a mark, where its place is."""
    text = "\n\n".join(text for _, text in sections(_alone(quote)))
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


def _recognises(reading: Reading, head: bytes) -> bool:
    return begins(b"<!DOCTYPE")(reading, head) and reading.path.suffix.lower() not in (".md", ".markdown")


HTML = Format("html", read, (".html", ".htm", ".xhtml"), ("text/html", "application/xhtml+xml"), _recognises)
