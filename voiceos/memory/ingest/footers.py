"""Takes away what programs put below a mail: footers of mailing lists, legal notes, and a telephone's line."""

import re
from collections.abc import Callable, Sequence
from functools import cache

from voiceos.memory.ingest.tables import wordlist

MOST_LINES = 30
"""Of a footer."""
FEWEST_CUES, SHORTEST_NOTE = 3, 80
"""Of a legal note, among those that are known; its characters."""
SHORT, SHORTEST = 4, 12
"""Lines of an advertisement between two rulers; characters of the ruler above it."""
MOST_OF_A_LINE, MOST_OF_A_NOTE = 400, 4_000
"""Characters that are looked at."""
_RULER = re.compile(r"\s*(?:[-_=*#~–—+]{5,}.*|(?:[-=]{2}){3,}|[^\w\s]{8,}|\*?--? ?)")
_REFERENCE = re.compile(r"\W*(?:(?:https?|mailto|ftp):\S+|www\.\S+|\S+@\S+\.\w+)\W*", re.IGNORECASE)


def above(lines: Sequence[str]) -> list[str]:
    """The lines above all that programs put below; nothing if there is nothing else."""
    lines, bounded = _bare(lines)
    cut = True  # so far
    while lines and cut:
        ruler = next(
            (n for n in range(len(lines) - 1, max(-1, len(lines) - MOST_LINES), -1) if _is_ruler(lines[n])), -1
        )
        blank = next((n for n in range(len(lines) - 1, -1, -1) if not lines[n].strip()), -1)
        if cut := ruler >= 0 and _is_footer(lines[ruler + 1 :], lines[ruler], bounded):
            lines, bounded = _bare(lines[:ruler])
            bounded = True
        elif cut := _is_note(lines[blank + 1 :]):
            lines, bounded = _bare(lines[: blank + 1])
        elif cut := bool(_matcher("last")(lines[-1])):
            lines, bounded = _bare(lines[:-1])
    return lines


def _bare(lines: Sequence[str]) -> tuple[list[str], bool]:
    """Without blank lines and rulers at the end; whether there was a ruler."""
    end, ruled = len(lines), False
    while end and (not lines[end - 1].strip() or _is_ruler(lines[end - 1])):
        end -= 1
        ruled = ruled or bool(lines[end].strip())
    return list(lines[:end]), ruled


def _is_ruler(line: str) -> bool:
    return bool(_RULER.fullmatch(line))


def _is_footer(below: list[str], ruler: str, bounded: bool) -> bool:
    """Whether these lines below a ruler are a program's; `bounded` by another one, an advertisement has few of them."""
    said = [line[:MOST_OF_A_LINE] for line in below if line.strip()]
    if any(map(_matcher("list", search=True), said)) or _is_legal(said):
        return True
    refers = any("://" in line or "@" in line for line in said)
    return bounded and refers and len(said) <= SHORT and len(ruler.strip()) >= SHORTEST


def _is_note(paragraph: list[str]) -> bool:
    """Whether a paragraph tells how to leave a list, or what the law demands."""
    paragraph = [line[:MOST_OF_A_LINE] for line in paragraph]
    if len(paragraph) <= SHORT and any(map(_matcher("list", search=True), paragraph)):
        leaves = any(map(_matcher("leaving", search=True), paragraph))
        return leaves or all(map(_REFERENCE.fullmatch, paragraph))
    return len(paragraph) <= MOST_LINES and _is_legal(paragraph)


def _is_legal(lines: list[str]) -> bool:
    text = " ".join(" ".join(lines).split())[:MOST_OF_A_NOTE]
    if len(text) < SHORTEST_NOTE:
        return False
    return sum(bool(re.search(cue, text, re.IGNORECASE)) for cue in wordlist("footers")["legal"]) >= FEWEST_CUES


@cache
def _matcher(what: str, *, search: bool = False) -> Callable[[str], re.Match[str] | None]:
    whole = "|".join(f"(?:{one})" for one in wordlist("footers")[what])
    if search:
        return re.compile(whole, re.IGNORECASE).search
    return re.compile(rf"[\s*<(\[]*(?:{whole})[\s*>)\].]*", re.IGNORECASE).fullmatch
