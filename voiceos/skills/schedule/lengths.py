"""How long a timer is to run, or how much longer, as people say it."""

import re
from collections.abc import Sequence
from datetime import datetime

from voiceos.language.data import pattern
from voiceos.language.numerals import digits
from voiceos.language.times import Duration, Found, Moment
from voiceos.skills.schedule.words import matches, settled, times_in, without
from voiceos.skills.skill import Asked

FILE = "skills/timers"
LONGEST = 7 * 86_400.0
"""Seconds; whoever wants more wants a reminder."""


def tells_length(words: str, now: datetime) -> bool:
    """Whether some words are a length of time, or times, with a correction at most."""
    text = settled(words, now)
    found = times_in(with_units(text), now)
    if not found:
        return re.fullmatch(r"\d{1,3}", digits(text).strip(" .,!?")) is not None and text.strip() == words.strip(
            " .,!?"
        )
    left = pattern("en", FILE, "said.nameless").sub("", without(with_units(text), found))
    left = pattern("en", "skills/schedule", "said.joints").sub("", f" {left} ")
    return all(seconds_of(one, now) is not None for one in found) and not left.strip(" ,-.")


def is_length(words: str, now: datetime) -> bool:
    words = settled(words, now)
    found = times_in(words, now)
    return len(found) == 1 and isinstance(found[0].meaning, Duration) and not without(words, found)


def amount_of(found: Sequence[Found], text: str, asked: Asked) -> Found | None:
    """Which of the lengths is how much more or less: "add two minutes to the ten minute timer"."""
    words = [asked.slots[name] for name in ("length", "more", "extra", "its_more") if name in asked.slots]
    told = [one for one in found if any(text[one.start : one.end] in settled(word, asked.now) for word in words)]
    return next(iter([*told, *found]), None)


def with_units(text: str) -> str:
    """Of several lengths, each with its unit, though it was said only once."""
    plain = digits(text)
    units = list(pattern("en", FILE, "said.unit").finditer(plain))

    def with_unit(number: re.Match[str]) -> str:
        near = min(units, key=lambda one: (one.start() < number.start(), abs(one.start() - number.start())))
        return f"{number[0]} {near['unit']}s"

    return pattern("en", FILE, "said.unitless").sub(with_unit, plain) if units else text


def as_many(text: str, lengths: Sequence[float]) -> Sequence[float]:
    """A length for each of the timers whose number was told: "two timers for ten minutes"; empty: not so many."""
    told = pattern("en", FILE, "said.count").search(digits(text))
    count = int(told["count"]) if told else len(lengths)
    if count == len(lengths):
        return lengths
    by_itself = matches("joints", text) or pattern("en", FILE, "said.singly").search(text)
    return () if by_itself or len(lengths) > 1 else [*lengths] * count


def is_each(words: str, now: datetime) -> bool:
    """ "One for five minutes and one for ten"."""
    return pattern("en", FILE, "said.each").fullmatch(words) is not None and bool(times_in(words, now))


def seconds_of(found: Found, now: datetime) -> float | None:
    """How long a timer is that a time tells."""
    if isinstance(found.meaning, Duration):
        return found.meaning.length.total_seconds()
    if isinstance(found.meaning, Moment) and found.meaning.at > now:
        return round(found.meaning.at.timestamp() - now.timestamp())
    return None


def problem_with(text: str, found: Sequence[Found], lengths: Sequence[float]) -> str:
    """What is wrong with the lengths that were told."""
    if any(matches("negative", text[: one.start]) for one in found) or any(seconds < 0 for seconds in lengths):
        return "negative"
    if any(seconds < 1 for seconds in lengths) or (not lengths and matches("zero", text)):
        return "zero"
    if any(seconds > LONGEST for seconds in lengths) or (not lengths and matches("huge", text)):
        return "too_long"
    if not lengths:
        return "half" if matches("half", text) else "for_how_long"
    return ""
