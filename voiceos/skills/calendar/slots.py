"""What the slots of orders for a calendar take."""

from collections.abc import Callable
from datetime import datetime

from voiceos.language.answers import yes_or_no
from voiceos.language.data import pattern
from voiceos.language.times import Moment, Period
from voiceos.skills.calendar.book import has_time
from voiceos.skills.calendar.said import bare_times, is_time_only
from voiceos.skills.slots import whole_time


def is_what(words: str, now: datetime) -> bool:
    return bool(words.strip()) and yes_or_no(words) is None


def is_whole(words: str, now: datetime) -> bool:
    return pattern("en", "skills/calendar", "whole").fullmatch(words) is not None


def is_when(words: str, now: datetime) -> bool:
    all_day = pattern("en", "skills/calendar", "all_day").fullmatch(words.strip(" .!"))
    return all_day is not None or whole_time(words, now) is not None or is_time_only(words, now)


def tells_time(words: str, now: datetime) -> bool:
    return has_time(words, now) or is_new_time(words, now)


def is_new_time(words: str, now: datetime) -> bool:
    words = pattern("en", "skills/calendar", "toward").sub("", words)
    return any(whole_time(one, now) is not None for one in bare_times(words))


def apart(text: str, known: Callable[[str, datetime], bool], now: datetime) -> tuple[str, str] | None:
    """What is moved, and to when: "the lesson five"."""
    words = text.split()
    for at in range(1, len(words)):
        event, to = " ".join(words[:at]), " ".join(words[at:])
        if is_new_time(to, now) and known(event, now):
            return event, to
    return None


def is_day(words: str, now: datetime) -> bool:
    return isinstance(whole_time(words, now), Moment | Period)
