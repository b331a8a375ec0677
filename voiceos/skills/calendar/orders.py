"""What orders for a calendar name: a new appointment with its title, time, place and people."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from voiceos.language.data import pattern, table
from voiceos.language.sentences import capital
from voiceos.language.times import Duration, Found, Meaning, Moment, Period, Recurrence, find
from voiceos.skills.calendar.hours import at_time, evening, is_day
from voiceos.skills.calendar.said import DAY, matches, midnight, words_of
from voiceos.skills.tagger import Tagger
from voiceos.store.appointments import AHEAD, Appointment, times

MOST_OF_PLACE = 4
"""Words."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be put into a calendar."""

    title: str
    """Empty: it was not said."""
    times: Sequence[Appointment] = ()
    """All times of it, without an id; none: its time was not said, or only in part."""
    day: bool = False
    """Whether its day was said, and only its hour is missing."""


def wishes_in(text: str, now: datetime, tagger: Tagger) -> list[Wish]:
    """What a text wants to have put into a calendar: of several things in one breath each, if each has its time."""
    times = [(one.start, one.end) for one in find(text, now, lean="future")]
    spans = [(start, end) for start, end in tagger(text, times) if words_of(text[start:end])]
    if len(spans) > 1:
        ends = [*(_joint(text, start, end) for (_, start), (end, _) in pairwise(spans)), len(text)]
        parts = zip([0, *ends], ends, spans, strict=False)
        each = [_wish(text[begin:end], (start - begin, stop - begin), now) for begin, end, (start, stop) in parts]
        if all(one.times for one in each):
            return _on_one_day(text, each, now)
        spans = _whole(text, spans)
    return [_wish(text, spans[0], now)] if spans else []


def _whole(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Names that only "and" joins as one: "a meeting with Ann and Bob"."""
    found = [spans[0]]
    for start, end in spans[1:]:
        if pattern("en", "skills/calendar", "joint").fullmatch(text[found[-1][1] : start]):
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return found


def _joint(text: str, start: int, end: int) -> int:
    """Where between two names the second begins to be spoken of."""
    found = [*pattern("en", "skills/calendar", "joint").finditer(text, start, end)]
    return found[-1].start() if found else end


def _on_one_day(text: str, wishes: Sequence[Wish], now: datetime) -> list[Wish]:
    """The day that is told once is that of all: "at three and … at seven tomorrow"."""
    days = [
        one.meaning.start
        for one in find(text, now, lean="future")
        if isinstance(one.meaning, Period) and one.meaning.start
    ]
    told = [one for one in wishes if one.times[0].at.date() != now.date()]
    if len({one.times[0].at.date() for one in told}) == 1 and len(told) < len(wishes):
        days = [told[0].times[0].at]
    if len({day.date() for day in days}) != 1:
        return [*wishes]
    return [
        replace(
            one,
            times=[
                at_time(time, datetime.combine(days[0].date(), time.at.time(), time.at.tzinfo))
                for time in one.times[:1]
            ],
        )
        for one in wishes
    ]


def _wish(text: str, span: tuple[int, int], now: datetime) -> Wish:
    """What a text wants, whose name for it stands there."""
    start, end = span
    for one in find(text[start:end], now, lean="future"):
        if isinstance(one.meaning, Duration) and not words_of(text[start : start + one.start]):
            start += one.end  # "a one hour meeting"
            break
    title, place, people = _named(text[start:end], ())
    rest = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    found = find(rest, now, lean="future")
    wish = _timed(title, place or _place_after(rest, found, end), people, text, rest, found, now)
    if wish.times:
        return wish
    other = _timed(title, place, people, text, text, find(text, now, lean="future"), now)
    return other if other.times else wish


def _place_after(rest: str, found: Sequence[Found], end: int) -> str:
    """Where it is, as told after its name."""
    timed = {at for one in found for at in range(one.start, one.end)}
    after = "".join(" " if at in timed else letter for at, letter in enumerate(rest))[end:]
    there = pattern("en", "skills/calendar", "place").search(
        " " + " ".join(pattern("en", "skills/calendar", "around_title").sub(" ", f"{after} ").strip(" ,.!?").split())
    )
    return there[1].strip() if there and len(there[1].split()) <= MOST_OF_PLACE else ""


def wish_in(text: str, now: datetime) -> Wish:
    """What a text wants that is only a name and a time, in any order."""
    found = find(text, now, lean="future")
    return _timed(*_named(text, found), text, text, found, now)


def _timed(
    title: str, place: str, people: Sequence[str], text: str, rest: str, found: Sequence[Found], now: datetime
) -> Wish:
    """`rest`: the text without the title."""
    base = Appointment(title, now, place=place, people=people)
    length = next((one.meaning.length for one in found if isinstance(one.meaning, Duration)), None)
    all_day = matches("all_day", text)
    for one in combined(found):
        words = rest[one.start : one.end]
        match one.meaning:
            case Moment(at):
                at = evening(at, text)
                return Wish(title, [replace(base, at=at, until=at + length if length else None)])
            case Period(start, end) if start and end and (all_day or end - start > DAY):
                days = max(round((midnight(end) - midnight(start)) / DAY), 1)
                until = midnight(start + days * DAY)
                return Wish(title, [replace(base, at=midnight(start), until=until)])
            case Period(start, end) if start and end and matches("span", words):
                return Wish(title, [replace(base, at=start, until=end)])
            case Period():
                return Wish(title, day=True)
            case Recurrence(rule, first):
                return _series(Wish(title), base, rule, first, length, text, all_day=all_day)
            case _:
                pass
    return Wish(title)


def combined(found: Sequence[Found]) -> Sequence[Found]:
    """Times, where an hour has the day that stands elsewhere: "on Friday … at 13:30"."""
    days = [one.meaning.start for one in found if isinstance(one.meaning, Period) and is_day(one.meaning)]
    if len(days) != 1 or not days[0]:
        return found
    day = days[0].date()
    hours = [one for one in found if one.every in ("day", "half") and not _is_whole_day(one)]
    return [replace(one, meaning=_on(day, one.meaning), every="") for one in hours] or found


def _on(day: date, meaning: Meaning) -> Meaning:
    """The same hour on a day."""
    match meaning:
        case Moment(at):
            return replace(meaning, at=datetime.combine(day, at.timetz()))
        case Period(start, end) if start and end:
            begin = datetime.combine(day, start.timetz())
            return replace(meaning, start=begin, end=begin + (end - start))
        case _:
            return meaning


def _is_whole_day(found: Found) -> bool:
    return isinstance(found.meaning, Period) and is_day(found.meaning)


def times_in(text: str, now: datetime) -> str:
    """The words of a text that tell times."""
    return " ".join(text[one.start : one.end] for one in find(text, now, lean="future"))


def _series(
    wish: Wish,
    base: Appointment,
    rule: str,
    first: Moment | Period | None,
    length: timedelta | None,
    text: str,
    *,
    all_day: bool,
) -> Wish:
    if isinstance(first, Moment):
        begin = evening(first.at, text)
    elif first and first.start and all_day:
        begin, length = midnight(first.start), DAY
    else:
        return replace(wish, day=True)
    one = replace(base, at=begin, until=begin + length if length else None, often=_often(rule))
    return replace(wish, times=times(one, rule, begin + AHEAD))


def _often(rule: str) -> str:
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    every = int(parts.get("INTERVAL", 1))
    return str(table("en", "records")["often"][parts["FREQ"]][every > 1]).format(count=every)


def _named(text: str, found: Sequence[Found]) -> tuple[str, str, Sequence[str]]:
    """The title, place and people in what is left without the times."""
    for one in reversed(found):
        text = f"{text[: one.start]} {text[one.end :]}"
    text = pattern("en", "skills/calendar", "around_title").sub(" ", f" {text} ")
    text = " ".join(text.split()).strip(" ,.;:!?'\"")
    while (bare := pattern("en", "skills/calendar", "before_title").sub("", text)) != text:
        text = bare.strip(" ,'\"")
    text = pattern("en", "skills/calendar", "after_title").sub("", text).strip(" ,'\"")
    place = ""
    if there := pattern("en", "skills/calendar", "place").search(text):
        text, place = text[: there.start()].strip(), there[1].strip()
    others = pattern("en", "skills/calendar", "with").search(text)
    people = pattern("en", "skills/calendar", "between_people").split(others[1]) if others else []
    people = [name.strip() for name in people if name.strip()]
    if pattern("en", "skills/calendar", "no_title").fullmatch(text) or len(text) == 1:
        text = ""
    return capital(text), place, tuple(people)
