"""What orders for a calendar name: a new appointment with its title, time, place and people, or another time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from voiceos.language.data import pattern, table
from voiceos.language.times import Duration, Found, Moment, Period, Recurrence, find
from voiceos.skills.calendar_said import DAY, capital
from voiceos.store.appointments import AHEAD, Appointment, times

_NOON = 12


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be put into a calendar."""

    title: str
    """Empty: it was not said."""
    times: Sequence[Appointment] = ()
    """All times of it, without an id; none: its time was not said, or only in part."""
    day: bool = False
    """Whether its day was said, and only its hour is missing."""


def wish_in(text: str, now: datetime) -> Wish:
    """What a text wants to have put into a calendar."""
    found = find(text, now, lean="future")
    title, place, people = _named(text, found)
    base = Appointment(title, now, place=place, people=people)
    length = next((one.meaning.length for one in found if isinstance(one.meaning, Duration)), None)
    all_day = _says("all_day", text)
    for one in found:
        words = text[one.start : one.end]
        match one.meaning:
            case Moment(at):
                at = _evening(at, text)
                return Wish(title, [replace(base, at=at, until=at + length if length else None)])
            case Period(start, end) if start and end and (all_day or end - start > DAY):
                days = max(round((_midnight(end) - _midnight(start)) / DAY), 1)
                until = _midnight(start + days * DAY)
                return Wish(title, [replace(base, at=_midnight(start), until=until)])
            case Period(start, end) if start and end and _says("span", words):
                return Wish(title, [replace(base, at=start, until=end)])
            case Period():
                return Wish(title, day=True)
            case Recurrence(rule, first):
                return _series(Wish(title), base, rule, first, length, text, all_day=all_day)
            case _:
                pass
    return Wish(title)


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
        begin = _evening(first.at, text)
    elif first and first.start and all_day:
        begin, length = _midnight(first.start), DAY
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
    if pattern("en", "skills/calendar", "no_title").fullmatch(text):
        text = ""
    return capital(text), place, tuple(people)


def _evening(at: datetime, text: str) -> datetime:
    """Dinner at seven is in the evening."""
    late = at.hour < _NOON and at.hour >= 5 and _says("evenings", text) and not _says("half", text)
    return at + timedelta(hours=_NOON) if late else at


def moved(one: Appointment, words: str, now: datetime) -> Appointment | None:
    """The appointment at another time, as the words tell; None if they tell no time that is enough."""
    found = find(words, now, lean="future") or find(f"{_at()} {words}", now, lean="future")
    for new in found:
        match new.meaning:
            case Duration():
                length = -new.meaning.length if _says("earlier", words) else new.meaning.length
                return _at_time(one, one.at + length)
            case Moment(at) if new.every in ("day", "half"):
                at = datetime.combine(one.at.date(), at.time(), one.at.tzinfo)
                other = at + timedelta(hours=_NOON if at.hour < _NOON else -_NOON)
                same = (at.hour < _NOON) == (one.at.hour < _NOON) or new.every == "day"
                return _at_time(one, at if same else other)
            case Moment(at):
                return _at_time(one, _evening(at, f"{one.title} {words}"))
            case Period(start, end) if start and end and end - start <= DAY and start.time() == time.min:
                return _at_time(one, datetime.combine(start.date(), one.at.time(), one.at.tzinfo))
            case Period(start, end) if start and end and _says("span", words):
                return replace(one, at=start, until=end)
            case _:
                pass
    return None


def _at_time(one: Appointment, at: datetime) -> Appointment:
    return replace(one, at=at, until=at + (one.until - one.at) if one.until else None)


def _midnight(at: datetime) -> datetime:
    return datetime.combine(at.date(), time.min, at.tzinfo)


def _says(key: str, text: str) -> bool:
    return pattern("en", "skills/calendar", key).search(text) is not None


def _at() -> str:
    return str(table("en", "skills/calendar")["at"])
