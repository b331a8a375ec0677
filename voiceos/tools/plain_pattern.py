"""Regular expressions of strangers that surely match in a moment, and can stand in a grammar."""

import math
import re

LONGEST_TEXT = 500
"""Characters of a text that is matched."""
MOST_WAYS = (LONGEST_TEXT + 1) ** 2
"""In which a pattern may fit a text: each is tried where it fits in none."""

PIECE = re.compile(
    r"(?P<what>\[\^?\]?(?:\\[\\\]\[\-dws./]|[^\]\\\[])+\]|\\[dws.\-/+*?()\[\]{}^$|\\]|[^\\\[\](){}|*+?.^$])(?P<often>[?*+]|\{\d{1,3}(?:,\d{0,3})?\})?"
)
"""One piece of a plain pattern: a character or a class of characters, and how often."""


def is_plain(pattern: str) -> bool:
    """Whether a pattern is one after another: characters and classes, each so many times, anchored at both ends.

    Only such a one is surely matched in a moment, and is written the same way in a grammar. A longer text than
    `LONGEST_TEXT` may take longer.
    """
    if not (pattern.startswith("^") and pattern.endswith("$") and len(pattern) <= 200):
        return False
    pieces = list(PIECE.finditer(pattern[1:-1]))
    ways = math.prod(_ways(piece["often"] or "{1}") for piece in pieces)
    return "".join(piece[0] for piece in pieces) == pattern[1:-1] and ways <= MOST_WAYS


def _ways(often: str) -> int:
    """In how many ways a piece may fit a text; those of all pieces multiply when a text does not fit."""
    least, comma, most = {"?": "0,1", "*": "0,", "+": "1,"}.get(often, often.strip("{}")).partition(",")
    return int(most or LONGEST_TEXT) - int(least or 0) + 1 if comma else 1
