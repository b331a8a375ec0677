"""What "one" stands for: "cancel the Sunday alarm and set one for 7:15 on Monday"."""

import re
from datetime import datetime

from voiceos.language.data import pattern, table
from voiceos.language.times import Duration, Moment
from voiceos.skills.schedule.words import FILE, settled, times_in


def named_out(text: str, now: datetime) -> str:
    """A text with the name of what each "one" in it stands for; empty: it has none."""

    def named(one: re.Match[str]) -> str:
        kind = _told_last(text[: one.start()]) or _of_its_time(one["verb"], text[one.end() :], now)
        return f"{one['verb']} {table('en', FILE)['said']['one_of'][kind]}" if kind else one[0]

    said = pattern("en", FILE, "said.one").sub(named, text)
    return said if said != text else ""


def _told_last(before: str) -> str:
    """The kind that was named last; empty: none was."""
    kinds: dict[str, str] = table("en", FILE)["said"]["kinds"]
    ends = {
        kind: max((found.end() for found in re.finditer(told, before, re.IGNORECASE)), default=0)
        for kind, told in kinds.items()
    }
    return max(ends, key=lambda kind: ends[kind]) if any(ends.values()) else ""


def _of_its_time(verb: str, after: str, now: datetime) -> str:
    """What has such a time: a length is a timer's, a time of the clock an alarm's."""
    found = times_in(settled(after, now), now) if pattern("en", FILE, "said.of_none").match(verb) else []
    if not found or not isinstance(found[0].meaning, Duration | Moment):
        return ""
    return "timer" if isinstance(found[0].meaning, Duration) else "alarm"
