"""A reminder that comes twice: "tomorrow morning and again at six"."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from voiceos.language.data import pattern
from voiceos.language.sentences import skill_says as says
from voiceos.language.times import Found
from voiceos.skills.schedule.words import other_part, tells_no_day, times_in, without
from voiceos.store.schedule import Entry

FILE = "skills/reminders"
HALF = timedelta(hours=12)
DAY = timedelta(days=1)


def apart(text: str, content: Callable[[str], str], now: datetime) -> list[tuple[str, bool]]:
    """A request for each time, in order, and whether it may be of either half of its day; none: it tells no second
    time. `content`: what a text is to remind of.

    A later time without a day is on that of the one before.
    """
    parts = [(part, times_in(part, now)) for part in pattern("en", FILE, "said.once_more").split(text)]
    if len(parts) == 1 or not all(found for _, found in parts):
        return []
    if not (what := content(" ".join(without(part, found) for part, found in parts))):
        return []
    each, before = list[tuple[str, bool]](), ""
    for part, found in parts:
        words = _words(part, found)
        if before and all(map(tells_no_day, found)):
            earlier = times_in(before, now)
            words = f"{words} {other_part(before, earlier[-1], words, found[0], now)}".strip()
        each.append((f"{says('reminders.to', what=what)} {words}", found[0].every == "half"))
        before = words
    return each


def in_order(entry: Entry, before: Entry, *, half: bool) -> Entry:
    """The later of two times. `half`: it may be of either half of the day."""
    if not entry.wall or not before.wall:
        return entry
    wall = entry.wall
    if entry.rule:
        wall += HALF * (half and wall.hour < 12 and wall.time() <= before.wall.time())
    else:
        wall += HALF * (half and wall <= before.wall)
        wall += DAY * (wall <= before.wall)
    return replace(entry, wall=wall, first=wall)


def _words(text: str, found: Sequence[Found]) -> str:
    return " ".join(text[one.start : one.end].strip() for one in found)
