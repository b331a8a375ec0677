"""Who wrote what is quoted: "On Friday Ana wrote:", in many languages."""

import re
from collections.abc import Callable
from functools import cache

from voiceos.memory.ingest.tables import wordlist

ENDS = (":", "：", "-")
"""Of such a line."""
_CLOCK = re.compile(r"\d{1,2}\s?[:.h時时点]\s?\d{2}")
_DAY = re.compile(r"\b\d{4}\b|\d{1,2}[./-]\d{1,2}[./-]\d{2}|\d{4}年")
_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def is_attribution(text: str) -> bool:
    """Whether a text ends with who wrote what follows: "On Friday Ana wrote:"."""
    return bool(attribution(text.strip().split("\n")))


def attribution(lines: list[str]) -> int:
    """How many of the last lines say who wrote what follows."""
    least = 0
    for count in range(1, min(4, len(lines)) + 1):
        tail = [_DIRECTIONS.sub("", line).strip() for line in lines[-count:]]
        text = " ".join(tail)
        if not all(tail) or len(text) > 400:
            break
        begins = text[:1].isdigit() or bool(matcher("openers", r"(?:{})\b.*")(text))
        ends = text.rstrip(" -").endswith(ENDS[:2])
        if matcher("wrote", r".*(?<!\w)(?:{})(?!\w).{{0,120}}")(text):
            tells_who = ends or begins or text.endswith("--") or "@" in text
        elif said := matcher("said", r"(.{{2,60}}?)\s(?:{})\s?[:：]")(text):
            tells_who = all(word[0].isupper() for word in said[1].split())
        elif text.endswith(">"):
            tells_who = begins and _names_writer_or_time(text)
        else:
            tells_who = ends and _names_writer_or_time(text)
        if text.count(">") > text.count("<") or not tells_who:
            continue
        if begins and (count == 1 or _DAY.search(text) or _CLOCK.search(text) or "@" in text[:80]):
            return count
        least = least or count
    return least


def _names_writer_or_time(text: str) -> bool:
    return "@" in text or bool(_CLOCK.search(text) and _DAY.search(text))


def is_complete(kept: list[str]) -> bool:
    """Whether the last lines name writer and time as only a program does."""
    count = attribution(kept)
    text = " ".join(kept[len(kept) - count :])
    written = matcher("wrote", r".*(?<!\w)(?:{})(?!\w)\s*[-:：\s]*")(text)
    return bool(count and written) and _names_writer_or_time(text)


@cache
def matcher(what: str, form: str = "") -> Callable[[str], re.Match[str] | None]:
    """Whether a text is one of these words, in the form in which they stand."""
    form = form or (r"(?:{})\s?[:：].*" if what == "subject" else r"\s*\*?(?:{})\s*")
    return re.compile(form.format("|".join(wordlist("replies")[what])), re.IGNORECASE).fullmatch
