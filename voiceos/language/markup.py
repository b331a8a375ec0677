"""Takes the markup out of text: what is left is what a person would read aloud from the page."""

import html
import re
import unicodedata

from voiceos.language.citations import without_citations

# No pattern here can match the same stretch from many starting points: each is linear in hostile text.
_FENCE = re.compile(r"(?P<mark>```|~~~).*?(?:(?P=mark)[`~]*|\Z)", re.DOTALL)
_HIDDEN = re.compile(r"<!--(?:.*?-->|.*\Z)|<(script|style)\b(?:.*?</\1\s*>|.*\Z)", re.DOTALL | re.IGNORECASE)
_BLOCK_TAG = re.compile(r"</?(?:br|p|div|li|ul|ol|tr|table|h[1-6])\b[^<>\n]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>")
_ENTITY = re.compile(r"&(?:amp;)*(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_IMAGE_OR_LINK = re.compile(
    r"!?\[([^\[\]\n]{0,300})\](?:\((?:[^()\n]|\([^()\n]{0,100}\)){0,800}\)|\[[^\[\]\n]{0,100}\])"
)
_DEFINITION = re.compile(r"^[ \t]{0,3}\[[^\[\]\n]{1,100}\]:.*$", re.MULTILINE)
_NOTE = re.compile(r"\[\^[^\[\]\n]{1,40}\]|\[\d{1,3}(?:(?:, ?|[-–])\d{1,3}){0,9}\]|【[^【】\n]{0,80}】|\[[ xX]\](?=\s)")
_EMPHASIS = re.compile(r"\*{2,}|~~+|(?<![\w*])\*(?=[^\s*])|(?<=[^\s*])\*(?![\w*])|(?<=[^\W\d_])\*|\*(?=[^\W\d_])")
_UNDERSCORE_EDGE = re.compile(r"(?<!\w)_+|_+(?!\w)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{|}~])")
_TERMINAL = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")
_HEADING = re.compile(r"#{1,6}[ \t]+")
_BULLET = re.compile(r"(?:>(?![$€£]?\d)[ \t]?|[-*+•‣◦▪·][ \t]+)+")
_NUMBERED = re.compile(r"(\d{1,2})[.)][ \t]+(?=\S)")
_MATH_NAMES = {
    "times": "×", "cdot": "×", "div": "÷", "pm": "±", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠",
    "neq": "≠", "approx": "≈", "infty": "∞", "to": "→", "rightarrow": "→", "sqrt": "√", "ldots": "…", "dots": "…",
    "quad": " ", "left": "", "right": "", "text": "", "mathrm": "", "mathbf": "", "boxed": "", "begin": "", "end": "",
}  # fmt: skip
_FRACTION = re.compile(r"\\[dt]?frac\{([^{}\n]{0,80})\}\{([^{}\n]{0,80})\}")
_COMMAND = re.compile(r"\\([A-Za-z]{1,20})")
_MATH = re.compile(r"\$\$?([^$\n]{0,200}[\\^_=][^$\n]{0,200})\$\$?")
_KEPT_SYMBOLS = frozenset("°©®™№℃℉→←↑↓⇒+<=>|~±×÷≈≤≥≠√∞−⁻^`´¬¨♭♯★☆∛∑")
_JOINER = re.compile(r"(?<![\u0600-\u0dff])[\u200c\u200d]|[\u200c\u200d](?![\u0600-\u0dff])")
_FANCY_LETTERS = re.compile(r"[\U0001d400-\U0001d7ff]+")
_QUOTES = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "‛": "'", "`": ""}
)


def plain(text: str) -> str:
    """The text without markdown, HTML, TeX, code blocks, emoji and control characters; one line; quotes straight."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _TERMINAL.sub("", text)
    text = _ENTITY.sub(lambda found: html.unescape(f"&{found[1]};"), text)
    text = _visible(without_citations(text))
    text = _FENCE.sub("\n", text)
    text = _HIDDEN.sub(" ", text)
    text = _without_tex(text)
    text = _DEFINITION.sub("", text)
    text = _NOTE.sub("", text)
    text = _IMAGE_OR_LINK.sub(r"\1", text)
    text = _BLOCK_TAG.sub("\n", text)
    text = _TAG.sub("", text)
    text = _join(text.strip().split("\n"))
    text = _ESCAPE.sub(r"\1", text)
    text = _EMPHASIS.sub("", text)
    text = _UNDERSCORE_EDGE.sub("", text).replace("_", " ")
    return re.sub(r"\s+", " ", text.translate(_QUOTES))


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


def _without_tex(text: str) -> str:
    if "\\" not in text and "$" not in text:
        return text
    text = _MATH.sub(r" \1 ", text)
    for mark in (r"\(", r"\)", r"\[", r"\]"):
        text = text.replace(mark, " ")
    text = _FRACTION.sub(r"\1 / \2", text)
    text = _COMMAND.sub(lambda found: f" {_MATH_NAMES.get(found[1], found[1])} ", text)
    return text.replace("\\\\", " ").replace("{", " ").replace("}", " ")


def _join(lines: list[str]) -> str:
    """One line of all; what stood on a line of its own ends like a sentence."""
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
