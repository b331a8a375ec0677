"""What people say of times that are to come, and how such times are said back."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

from voiceos.clock import Clocks
from voiceos.language.data import pattern, table, words_in
from voiceos.language.joined import asks_twice
from voiceos.language.numerals import digits
from voiceos.language.questions import content
from voiceos.language.said_times import said_clock, said_date, weekday_name
from voiceos.language.sentences import skill_says as says
from voiceos.language.terms import Analyzer
from voiceos.language.times import Duration, Found, Moment, Period, find
from voiceos.store.schedule import Entry

FILE = "skills/schedule"
SOON = 6
"""Days; a nearer one is told by its name."""
LONGEST_NAME = 8
"""Words."""
DAYS = "MO TU WE TH FR SA SU".split()


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
    for wrong, right in _spelling():
        text = wrong.sub(right, text)
    first, *corrections = pattern("en", "corrections", "correction").split(text)
    for later in corrections:
        first = _corrected(first, later, now)
    return first.rstrip(" .,!?")


def _corrected(before: str, later: str, now: datetime) -> str:
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
    parts = (part for size in range(len(words) - 1, 0, -1) for part in (words[:size], words[-size:]))
    for part in map(" ".join, parts):
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


# How it is said


def joined(parts: Sequence[str]) -> str:
    """One, two and three."""
    *most, last = parts
    return says("schedule.and").join([says("schedule.list").join(most), last] if most else [last])


def said_length(seconds: float) -> str:
    """As in "1 hour and 30 minutes"; of what is longer than an hour, no seconds."""
    whole = round(seconds)
    if whole >= 3600 and whole % 60:
        whole = round(whole / 60) * 60
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    units = (("days", days), ("hours", hour), ("minutes", minute), ("seconds", second))
    parts = [says(f"schedule.{unit}", count=count) for unit, count in units if count]
    return joined(parts or [says("schedule.seconds", count=0)])


def said_day(when: datetime, now: datetime) -> str:
    """As in "tomorrow at 7:00 AM"."""
    days, time = (when.date() - now.date()).days, said_clock(when)
    if -1 <= days <= 1:
        return says(f"schedule.{('today', 'tomorrow', 'yesterday')[days]}", time=time)
    if 0 < days <= SOON:
        return says("schedule.weekday", day=weekday_name(when), time=time)
    return says("schedule.date", day=weekday_name(when), date=said_date(when, now), time=time)


def said_when(entry: Entry, clocks: Clocks, words: str = "") -> str:
    """When it is due, and when again. `words`: those that told of a recurrence without a shorter name."""
    at = entry.at(clocks)
    when = moment(at, clocks) if at is not None else clocks.now
    if not entry.rule:
        return said_day(when, clocks.now)
    parts = dict(part.split("=", 1) for part in entry.rule.split(";"))
    days, time = parts.get("BYDAY", "").split(","), said_clock(when)
    plain = parts.keys() <= {"FREQ", "BYDAY"}
    if plain and parts["FREQ"] == "DAILY":
        told = says("schedule.daily", time=time)
    elif plain and parts["FREQ"] == "WEEKLY" and days == DAYS[:5]:
        told = says("schedule.weekdays", time=time)
    elif plain and parts["FREQ"] == "WEEKLY" and days == DAYS[5:]:
        told = says("schedule.weekends", time=time)
    elif plain and parts["FREQ"] == "WEEKLY":
        names = [weekday_name(datetime(2024, 1, 1 + DAYS.index(day))) for day in days if day in DAYS]
        told = says("schedule.weekly", days=joined(names or [weekday_name(when)]), time=time)
    elif words:
        told = says("schedule.again", words=words, when=said_day(when, clocks.now))
    elif parts.keys() == {"FREQ", "INTERVAL", "BYDAY"} and (parts["FREQ"], parts["INTERVAL"]) == ("WEEKLY", "2"):
        names = [weekday_name(datetime(2024, 1, 1 + DAYS.index(day))) for day in days if day in DAYS]
        told = says("schedule.every_other", days=joined(names), when=said_day(when, clocks.now))
    else:
        told = said_day(when, clocks.now)
    told = says("schedule.but_holidays", when=told) if entry.country else told
    skips = entry.skips(clocks.now.replace(tzinfo=None))
    return says("schedule.but_skipped", when=told, then=said_day(when, clocks.now)) if skips else told


def moment(stamp: float, clocks: Clocks) -> datetime:
    return datetime.fromtimestamp(stamp, UTC).astimezone(clocks.now.tzinfo)


def title(entry: Entry, clocks: Clocks, form: str = "title", stamp: float | None = None) -> str:
    """What it is called; or another form of it: what is said when it rings (`rings`) or was `missed`."""
    stamp = entry.at(clocks) if stamp is None else stamp
    when = moment(stamp, clocks) if stamp is not None else clocks.now
    values = {"name": entry.name, "length": said_length(entry.length), "time": said_clock(when)}
    key = f"schedule.{form}.{entry.kind}" + ("_named" if entry.name else "")
    return says(key, **values, when=said_day(when, clocks.now))


def rings(entry: Entry, clocks: Clocks) -> str:
    return title(entry, clocks, "rings", entry.ringing)


def told(entry: Entry, clocks: Clocks, late: float) -> str:
    """What is said of something that did not ring; a reminder is late after so many seconds."""
    stamp = entry.missed or 0.0
    if entry.kind == "reminder" and clocks.now.timestamp() - stamp <= late:
        sentence = title(entry, clocks, "rings", stamp)
    else:
        sentence = title(entry, clocks, "missed", stamp)
    if entry.afterwards:
        sentence += says("schedule.not_done", steps=joined([*map(turned, entry.afterwards)]))
    return f"{sentence} {says('schedule.before', count=entry.times - 1)}" if entry.times > 1 else sentence


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
