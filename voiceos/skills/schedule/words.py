"""What people say of times that are to come."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from voiceos.language.data import pattern, table, words_in
from voiceos.language.joined import asks_twice
from voiceos.language.numerals import digits
from voiceos.language.questions import content
from voiceos.language.terms import Analyzer
from voiceos.language.times import Duration, Found, Moment, Period, find

FILE = "skills/schedule"
LONGEST_NAME = 8
"""Words."""


def matches(key: str, text: str) -> re.Match[str] | None:
    """Finds one of the patterns of `schedule.toml`."""
    return pattern("en", FILE, f"said.{key}").search(text)


def times_in(text: str, now: datetime) -> list[Found]:
    return find(text, now, lean="future")


def without(text: str, found: Sequence[Found]) -> str:
    """A text without its times."""
    for one in sorted(found, key=lambda one: one.start, reverse=True):
        text = f"{text[: one.start].rstrip()} {text[one.end :].lstrip()}"
    return text.strip(" ,.!?")


def settled(text: str, now: datetime) -> str:
    """A text in the spelling that the grammar of times reads, and as it was corrected in the same breath."""
    first, *corrections = pattern("en", "corrections", "correction").split(spelt(text))
    for later in corrections:
        first = corrected(first, later, now)
    return first.rstrip(" .,!?")


def spelt(text: str) -> str:
    """A text in the spelling that the grammar of times reads."""
    for wrong, right in _spelling():
        text = wrong.sub(right, text)
    return text


def unread(text: str, now: datetime) -> bool:
    """Whether a text with a time is corrected by words of which nobody knows the time: "at seven. No, blah"."""
    first, *corrections = pattern("en", "corrections", "mends").split(spelt(text))
    return bool(times_in(first, now)) and any(
        later.strip(" .,!?") and corrected(first, later, now) == f"{first}, {later}" for later in corrections
    )


def corrected(before: str, later: str, now: datetime) -> str:
    """A text with the time that was told later in place of its last; with both, where none was told."""
    earlier, found = times_in(before, now), times_in(later, now)
    found = found or [one for one in times_in(at(later), now) if one.every == "hour"]
    if not found and earlier and re.fullmatch(r"\d+", digits(later).strip(" .,!?")):
        words = before[earlier[-1].start : earlier[-1].end].split()
        if any(isinstance(one.meaning, Duration) for one in times_in(" ".join(words[-2:]), now)):  # "in ten minutes"
            later = f"{later.strip(' .,!?')} {words[-1]}"
        else:
            later = at(later)
        found = times_in(later, now)
    if not found:
        return f"{before}, {later}"
    if earlier and found[0].every == "hour" and (whole := in_its_hour(before, earlier[-1], later, now)):
        return f"{without(before, earlier)} {whole}"
    if earlier and (kept := other_part(before, earlier[-1], later, found[0], now)):
        later = f"{kept} {later}"
    rest = without(before, earlier) if earlier else re.sub(r"(?:\b\w+\s+)?\b\d+\s*\Z", "", digits(before))
    return f"{rest} {later}"


def in_its_hour(before: str, earlier: Found, later: str, now: datetime) -> str:
    """The earlier time with the minute of the later one, which has no hour: "at seven tomorrow, no, half past"."""
    words, minute = before[earlier.start : earlier.end].split(), later.strip(" .,!?")
    for place, word in enumerate(words):
        for begin, end in ((place, place + 1), (place - 1, place + 1), (place, place + 2)):  # "at seven", "six thirty"
            told = " ".join([*words[: max(begin, 0)], minute, word.partition(":")[0], *words[end:]])
            whole = times_in(told, now)
            if len(whole) == 1 and whole[0].every != "hour" and not without(told, whole):
                return told
    return ""


def other_part(before: str, earlier: Found, later: str, found: Found, now: datetime) -> str:
    """The day of a time, or its hour, where only the other is corrected: "tomorrow at nine, no, ten"."""
    words = before[earlier.start : earlier.end].split()
    ends = [part for size in range(len(words) - 1, 0, -1) for part in (words[:size], words[-size:])]
    parts = [*ends, *([word] for word in words[1:-1])] or [words]
    for part in (one for told in map(" ".join, parts) for one in (told, at(told))):
        told = times_in(part, now)
        if len(told) == 1 and not without(part, told) and tells_no_day(told[0]) is not tells_no_day(found):
            whole = times_in(f"{part} {later}", now)
            if len(whole) == 1 and not without(f"{part} {later}", whole):
                return part
    return ""


def day_kept(before: str, later: str, now: datetime) -> str:
    """The day of the times of one request that those of a later one in the same breath have, too."""
    first, others = times_in(before, now), times_in(later, now)
    if not first or not all(map(tells_no_day, others)):
        return ""
    words = [before[one.start : one.end] for one in first if isinstance(one.meaning, Period)]
    return words[0] if words else other_part(before, first[-1], later[others[0].start : others[0].end], others[0], now)


def tells_no_day(found: Found) -> bool:
    """Whether it tells no day."""
    return isinstance(found.meaning, Moment) and found.every in ("half", "day")


def at(words: str) -> str:
    """An answer such as "seven", as a time of the clock."""
    return table("en", FILE)["said"]["at"].format(words=words)


def tells_time(words: str, now: datetime) -> bool:
    """Whether some words are a time, as an answer or a part of a request."""
    text = settled(words, now)
    for one in (text, at(text)):
        found = times_in(one, now)
        left = pattern("en", "skills/alarms", "said.nameless").sub("", without(one, found))
        if found and not left.strip(" ,-."):
            return True
    return False


def is_length(words: str, now: datetime) -> bool:
    """Whether some words are one length, and nothing else."""
    found = times_in(words, now)
    return len(found) == 1 and isinstance(found[0].meaning, Duration) and not without(words, found)


def is_moment(words: str, now: datetime) -> bool:
    """The same of one moment: "in ten minutes"."""
    found = times_in(words, now)
    return len(found) == 1 and isinstance(found[0].meaning, Moment) and not without(words, found)


def answered(words: str) -> str:
    """What an answer tells without what leads to it: "make it seven"."""
    return pattern("en", FILE, "said.leads").sub("", words)


def answers_time(words: str, now: datetime) -> bool:
    """Whether some words are a time, as the answer to when."""
    return tells_time(answered(words), now)


def length_of(found: Found, now: datetime) -> float:
    """In seconds; of a moment, until then."""
    if isinstance(found.meaning, Duration):
        return found.meaning.length.total_seconds()
    return max(0.0, found.meaning.at.timestamp() - now.timestamp()) if isinstance(found.meaning, Moment) else 0.0


def timer_length(words: str, before: str = "") -> str:
    """A bare number, of the unit that was told before; else of minutes."""
    plain = digits(words).strip(" .,!?")
    if not plain.isdigit():
        return words
    if told := pattern("en", "skills/timers", "said.unit").search(digits(before)):
        return f"{plain} {told['unit']}s"
    return table("en", "skills/timers")["said"]["bare"].format(words=plain)


@cache
def _spelling() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(wrong, re.IGNORECASE), right) for wrong, right in table("en", FILE)["said"]["spelling"].items()]


def turned(text: str) -> str:
    """What the owner said of themselves, said to them: "call my mother", "call your mother"."""
    words: dict[str, str] = table("en", FILE)["said"]["turned"]
    return re.sub(r"[\w']+", lambda found: words.get(found[0].lower(), found[0]), text)


def without_now(found: Sequence[Found], now: datetime) -> list[Found]:
    """Times, but "now" and "right now", which tell none of those that are kept."""
    return [one for one in found if not (isinstance(one.meaning, Moment) and one.meaning.at <= now)]


def may_name(text: str, now: datetime) -> bool:
    """Whether it may be what something is called, perhaps with its time."""
    return is_name(text)


def calls(text: str, now: datetime) -> bool:
    """Whether something may be called so that is named right after: no "code of the fire"."""
    return is_name(text) and not matches("of_another", text)


def is_explained(file: str, text: str, now: datetime) -> bool:
    """Whether a text has no word but times, and those that are in what a skill is asked with."""
    found = times_in(settled(text, now), now)
    return set(content(without(settled(text, now), found))) <= _words_of(file)


@cache
def _words_of(file: str) -> frozenset[str]:
    data = table("en", file)
    return frozenset(re.findall(r"[\w']+", json.dumps([data["sentences"], data["rules"], data["lists"]]).lower()))


def is_name(text: str) -> bool:
    short = len(text.split()) < LONGEST_NAME and not asks_twice(text)
    return short and not word_set(text) & words_in("en", FILE, "not_names")


def asks_no_more(text: str, now: datetime) -> bool:
    """Whether the rest of a request asks for nothing else as well."""
    return not asks_twice(text)


def word_set(text: str) -> set[str]:
    return set(re.findall(r"[\w']+", text.lower()))


def names(text: str) -> set[str]:
    """The words by which something may be called, in their stems."""
    return {*_analyse()(turned(text))} - words_in("en", FILE, "unnaming")


@cache
def _analyse() -> Analyzer:
    return Analyzer()
