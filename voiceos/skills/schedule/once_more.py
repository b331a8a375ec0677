"""A reminder that comes twice: "tomorrow morning and again at six"."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from voiceos.language.data import pattern
from voiceos.language.sentences import skill_says as says
from voiceos.language.times import Found
from voiceos.skills.schedule.words import other_part, tells_no_day, times_in, without
from voiceos.store.schedule import Entry

FILE = "skills/reminders"
HALF = timedelta(hours=12)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Once:
    """A request for one of several times."""

    text: str
    half: bool
    """Whether it may be of either half of its day."""
    later: bool
    """Whether it tells how long after the one before it is."""


def apart(text: str, content: Callable[[str], str], now: datetime) -> list[Once]:
    """A request for each time, in order; none: it tells no second time. `content`: what a text is to remind of.

    A later time without a day is on that of the one before.
    """
    parts = [(part, times_in(part, now)) for part in pattern("en", FILE, "said.once_more").split(text)]
    if len(parts) == 1 or not all(found for _, found in parts):
        return []
    if not (what := content(" ".join(without(part, found) for part, found in parts))):
        return []
    each, before, later = list[Once](), "", pattern("en", FILE, "said.later")
    for part, found in parts:
        words = _words(part, found)
        if before and all(map(tells_no_day, found)):
            earlier = times_in(before, now)
            words = f"{words} {other_part(before, earlier[-1], words, found[0], now)}".strip()
        of_before = bool(each) and later.search(part) is not None
        each.append(Once(f"{says('reminders.to', what=what)} {words}", found[0].every == "half", of_before))
        before = words
    return each


def in_order(entry: Entry, before: Entry, told: Once, now: datetime) -> Entry:
    """The later of two times, as it was told."""
    if told.later and entry.due is not None:
        length = entry.due - now.timestamp()
        wall = before.wall and before.wall + timedelta(seconds=length)
        return replace(before, wall=wall, first=wall, due=before.due and before.due + length)
    if not entry.wall or not before.wall:
        return entry
    wall = entry.wall
    if entry.rule:
        wall += HALF * (told.half and wall.hour < 12 and wall.time() <= before.wall.time())
    else:
        wall += HALF * (told.half and wall <= before.wall)
        wall += DAY * (wall <= before.wall)
    return replace(entry, wall=wall, first=wall)


def _words(text: str, found: Sequence[Found]) -> str:
    return " ".join(text[one.start : one.end].strip() for one in found)
