"""Takes the markup out of text: what is left is what a person would read aloud from the page."""

import html
import re
import unicodedata

from voiceos.language.citations import without_citations
from voiceos.language.data import table
from voiceos.language.rewriting import Rewriting

_HEADING = re.compile(r"#{1,6}[ \t]+")
_BULLET = re.compile(r"(?:>(?![$€£]?\d)[ \t]?|[-*+•‣◦▪·][ \t]+)+")
_NUMBERED = re.compile(r"(\d{1,2})[.)][ \t]+(?=\S)")
_KEPT_SYMBOLS = frozenset("°©®™№℃℉→←↑↓⇒+<=>|~±×÷≈≤≥≠√∞−⁻^`´¬¨♭♯★☆∛∑")
_JOINER = re.compile(r"(?<![\u0600-\u0dff])[\u200c\u200d]|[\u200c\u200d](?![\u0600-\u0dff])")
_FANCY_LETTERS = re.compile(r"[\U0001d400-\U0001d7ff]+")


def entity(found: re.Match[str]) -> str:
    return html.unescape(f"&{found[1]};")


def pause(found: re.Match[str]) -> str:
    """Of three dots."""
    return ". " if not found.string[found.end() :].strip(" \"')") else ", "


def strongest(found: re.Match[str]) -> str:
    """Of several marks."""
    return next((mark for mark in "?!.:;" if mark in found[0]), ",")


rewritten = Rewriting(
    table(".", "markup"),
    {"entity": entity, "pause": pause, "strongest": strongest},
    lambda: {"commands": table(".", "markup")["commands"]},
)


def plain(text: str) -> str:
    """The text without markdown, HTML, TeX, code blocks, emoji and control characters; one line; quotes straight."""
    text = rewritten(_visible(without_citations(rewritten(text, "source"))), "blocks")
    if "\\" in text or "$" in text:
        text = rewritten(text, "tex")
    text = _join(rewritten(text, "links").strip().split("\n"))
    return rewritten(text, "inline")


def _visible(text: str) -> str:
    """Without emoji, control characters, and whatever else has neither a sound nor a shape."""
    table: dict[int, str | None] = {}
    for character in set(text):
        category = unicodedata.category(character)
        if character in "\n\u200c\u200d" or character in _KEPT_SYMBOLS:
            continue
        if category[0] == "Z" or character in "\t\v\f\x85":
            table[ord(character)] = "\n" if character in "\u2028\u2029\x85" else " "
        elif category in ("Cc", "Cf", "Cs", "Co", "Cn", "Sk", "Me") or "\ufe00" <= character <= "\ufe0f":
            table[ord(character)] = None
        elif category in ("So", "Sm"):
            table[ord(character)] = " "
    text = _JOINER.sub("", text.translate(table))
    text = _FANCY_LETTERS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return unicodedata.normalize("NFC", text)


def _join(lines: list[str]) -> str:
    """Joins all lines. What stood on its own line ends like a sentence."""
    said = ""
    pieces: list[str] = []
    apart = False
    for line in lines:
        bare = line.strip()
        text, block = _line(bare)
        if said and (apart or block or not bare) and said[-1].isalnum():
            pieces.append(".")
            said = "."
        apart = block
        if text:
            pieces.append(f" {text}")
            said = text
        elif not bare:
            said = ""
    return "".join(pieces).strip()


def _line(line: str) -> tuple[str, bool]:
    """The words of a line, and whether it stands by itself: a heading, a list item, a row."""
    if not line.strip("-*_=:|+ "):
        return "", True
    if heading := _HEADING.match(line):
        return line[heading.end() :].rstrip("# "), True
    block = False
    if bullet := _BULLET.match(line):
        line, block = line[bullet.end() :], True
    if numbered := _NUMBERED.match(line):
        line, block = f"{numbered[1]}, {line[numbered.end() :]}", True
    if line.startswith("|") or line.count("|") > 1:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        return ", ".join(cell for cell in cells if cell), True
    return line.replace("|", " "), block
