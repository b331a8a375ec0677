"""Days that are left out, told far from those of which they are: "every day to take my tablets, except on Sundays"."""

import re
from collections.abc import Iterator
from datetime import datetime

from voiceos.language.data import pattern, table
from voiceos.language.times import Found, Recurrence
from voiceos.skills.schedule.words import FILE, times_in

MOST_WORDS = 8
"""Of the days that are left out."""


def beside(text: str, now: datetime) -> str:
    """A text in which they stand right behind those, as the grammar of times reads them."""
    agains = [one for one in times_in(text, now) if isinstance(one.meaning, Recurrence)]
    for said in pattern("en", FILE, "said.left_out").finditer(text):
        for again in agains:
            for end in _ends(text, said.end()):
                if whole := _but(text[again.start : again.end], text[said.end() : end], again, now):
                    if again.end <= said.start():
                        return f"{text[: again.start]}{whole}{text[again.end : said.start()]}{text[end:]}"
                    return f"{text[: said.start()]}{text[end : again.start].lstrip(' ,')}{whole}{text[again.end :]}"
    return text


def _ends(text: str, start: int) -> Iterator[int]:
    """Where the days may end, the last first."""
    yield from reversed([one.end() for one in re.finditer(r"[\w'-]+", text) if one.start() >= start][:MOST_WORDS])


def _but(again: str, days: str, of: Found, now: datetime) -> str:
    """ "Every day at seven except Sundays"; empty: it makes no such time."""
    whole = table("en", FILE)["said"]["but_for"].format(again=again.strip(" ,"), days=days)
    found = times_in(whole, now)
    if len(found) != 1 or (found[0].start, found[0].end) != (0, len(whole)):
        return ""
    one, other = found[0].meaning, of.meaning
    return whole if isinstance(one, Recurrence) and isinstance(other, Recurrence) and one.rule != other.rule else ""
