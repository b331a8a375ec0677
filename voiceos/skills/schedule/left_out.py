"""Days that are left out, told far from those of which they are: "every day to take my tablets, except on Sundays"."""

import re
from collections.abc import Iterator
from datetime import datetime

from voiceos.language.data import pattern, table
from voiceos.language.times import Found, Recurrence
from voiceos.skills.schedule.words import FILE, tells_no_day, times_in, without

MOST_WORDS = 8
"""Of the days that are left out."""


def beside(text: str, now: datetime) -> str:
    """A text in which they stand right behind those, as the grammar of times reads them."""
    if whole := _every_day_but(text, now):
        return whole
    agains = [one for one in times_in(text, now) if isinstance(one.meaning, Recurrence)]
    for said in pattern("en", FILE, "said.left_out").finditer(text):
        for again in agains:
            for end in _ends(text, said.end()):
                if whole := _but(text[again.start : again.end], text[said.end() : end], again, now):
                    if again.end <= said.start():
                        return f"{text[: again.start]}{whole}{text[again.end : said.start()]}{text[end:]}"
                    return f"{text[: said.start()]}{text[end : again.start].lstrip(' ,')}{whole}{text[again.end :]}"
    return _cut(text, now)


def leaves_out(words: str, now: datetime) -> bool:
    """ "Except on Sundays"."""
    said = pattern("en", FILE, "said.left_out").match(words)
    return bool(said and _every_day(words[said.end() :], "", now))


def _every_day_but(text: str, now: datetime) -> str:
    """A text that tells only which days are left out, and perhaps an hour: of every day; empty: it is no such text."""
    for said in pattern("en", FILE, "said.left_out").finditer(text):
        for end in _ends(text, said.end()):
            days, others = text[said.end() : end], [text[: said.start()], text[end:].lstrip(" ,")]
            hours = [(other[one.start : one.end].strip(), one) for other in others for one in times_in(other, now)]
            if (
                len(hours) > 1
                or not all(tells_no_day(one) for _, one in hours)
                or (said["once"] and _is_one(days, now))
            ):
                continue
            if whole := _every_day(days, " ".join(words for words, _ in hours), now):
                rest = " ".join(without(other, times_in(other, now)) for other in others)
                return f"{rest.strip()} {whole}"
    return ""


def _every_day(days: str, hour: str, now: datetime) -> str:
    """ "Every day at seven except Sundays"; empty: these are no days."""
    again = table("en", FILE)["said"]["daily"].format(time=hour).strip()
    return next((whole for of in times_in(again, now) if (whole := _but(again, days, of, now))), "")


def _is_one(days: str, now: datetime) -> bool:
    """Whether no days are told that come again."""
    return not any(isinstance(one.meaning, Recurrence) for one in times_in(days, now))


def _cut(text: str, now: datetime) -> str:
    """A text without the days that are not meant: "not on Monday but on Tuesday"."""
    begin = 0
    while said := pattern("en", FILE, "said.left_out").search(text, begin):
        whole, days = times_in(text, now), times_in(text[said.end() :], now)
        known = any(one.start <= said.start() and said.end() < one.end for one in whole)
        if known or not days or days[0].start or tells_no_day(days[0]):
            begin = said.end()
            continue
        begin = said.start()
        rest = pattern("en", FILE, "said.but").sub("", text[said.end() + days[0].end :])
        text = f"{text[:begin]} {rest.lstrip(' ,')}"
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
