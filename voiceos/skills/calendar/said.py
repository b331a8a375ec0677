"""What the words of a calendar mean, and how appointments are spoken."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache

from voiceos.language.data import pattern, table, words_in
from voiceos.language.said_times import said_clock, said_date, weekday_name
from voiceos.language.sentences import capital, joined
from voiceos.language.sentences import skill_says as says
from voiceos.language.terms import Analyzer, words
from voiceos.language.times import Lean, Moment, Period, find
from voiceos.skills.slots import without_times
from voiceos.store.appointments import Appointment

DAY = timedelta(days=1)
FAR = timedelta(days=400)
"""How far ahead is looked for what comes next."""
MOMENT = timedelta(minutes=30)
"""How long somebody who asks about a moment wants to be free."""
_terms = Analyzer("en")


@dataclass(frozen=True, slots=True)
class Span:
    """A time that is asked about."""

    start: datetime
    end: datetime
    words: str
    """As it was said."""
    whole: bool
    """Whether it is one day, or several."""


def span_in(text: str, now: datetime) -> Span | None:
    """The time that a text asks about."""
    lean: Lean = "past" if is_past(text) else "future"
    for one in find(text, now, lean=lean):
        words = text[one.start : one.end].strip()
        match one.meaning:
            case Moment(at):
                return Span(at, at + MOMENT, words, whole=False)
            case Period(start, end):
                start = start or (midnight(end - MOMENT) if end else now)
                end = end or midnight(start) + DAY
                return Span(start, end, words, whole=start.time() == end.time() == time.min)
            case _:
                pass
    return None


def matches(key: str, text: str) -> bool:
    """Whether a pattern of the calendar's words stands in a text."""
    return pattern("en", "skills/calendar", key).search(text) is not None


def names_calendar(text: str) -> bool:
    return matches("own", text)


def is_on_something(text: str, now: datetime) -> bool:
    """Whether a text asks what is on a thing, such as a menu, and not what is on at some time."""
    found = pattern("en", "skills/calendar", "on_what").search(text)
    return found is not None and not names_calendar(text) and bool(_left(found["what"], now))


def is_sure(text: str) -> bool:
    """Whether an order is one, and not only thought of, or taken back in the same breath."""
    return not matches("hedge", text)


def is_past(text: str) -> bool:
    """Whether a text asks about what is over."""
    return matches("past", text)


def is_over(text: str) -> bool:
    """Whether only what is over can answer a text: "when did I last …"."""
    return matches("over", text.lower())


def is_going_on(text: str) -> bool:
    """Whether a text asks how long something has been so: "how long have I …"."""
    return matches("going_on", text.lower())


def midnight(at: datetime) -> datetime:
    return datetime.combine(at.date(), time.min, at.tzinfo)


def topic(text: str, now: datetime) -> set[str]:
    """The terms of what a text names: not its times, and not the words that any question has.

    A meal is a time as well: what is asked about if there is nothing else.
    """
    return _left(text, now) or set(_terms(table("en", "skills/calendar")["meals"])).intersection(_terms(text))


def loosely(wanted: set[str]) -> set[str]:
    """The same without what it is only loosely called: "the Houston call" may be a meeting."""
    return wanted - set(_terms(table("en", "skills/calendar")["loosely"]))


def bare_times(words: str) -> list[str]:
    """Words for a time, and with what often stands before it: "five", "at five", "on five"."""
    return [words, *(f"{before} {words}" for before in table("en", "skills/calendar")["before_time"])]


def whole_topic(text: str) -> set[str]:
    """The terms of what a text names, its times as well: "the Christmas party" is none at Christmas."""
    return {term for term in _terms(text) if term not in _common()}


def heads(title: str) -> set[str]:
    """The terms that say what the parts of a title are: a dinner, of "Choir's dinner with Jo"."""
    parts = pattern("en", "skills/calendar", "title_parts").split(title.lower())
    bare = [pattern("en", "skills/calendar", "title_tail").sub("", part) for part in parts]
    return {terms[-1] for part in bare if (terms := [term for term in _terms(part) if term in whole_topic(part)])}


def _left(text: str, now: datetime) -> set[str]:
    deeds: dict[str, str] = table("en", "skills/calendar")["deeds"]
    named = " ".join(deeds.get(word, word) for word in without_times(text, now).lower().split())
    return {term for term in _terms(named) if term not in _common()}


@cache
def _common() -> frozenset[str]:
    words = table("en", "skills/calendar")["common"]
    return frozenset(_terms(f"{words} {table('en', 'skills/calendar')['kinds']}"))


def words_of(text: str) -> list[str]:
    """The words that say anything."""
    common = words_in("en", "skills/calendar", "common")
    return [word for word in words(text) if word not in common]


def is_time_only(text: str, now: datetime) -> bool:
    """Whether a text tells a time, and names nothing."""
    other = pattern("en", "skills/calendar", "not_here").search(text)
    return span_in(text, now) is not None and not other and not _left(text, now)


def taken_by(wanted: set[str], *, places: bool = True) -> Callable[[str, str], bool]:
    """Whether the title and people, or the place, of an appointment have all that is wanted."""

    def taken(who: str, place: str) -> bool:
        return bool(wanted) and wanted <= set(_terms(f"{who} {place}" if places else who))

    return taken


def is_meeting(one: Appointment) -> bool:
    return bool(one.people) or matches("meeting", one.title)


# How it is spoken


def said_day(at: datetime, now: datetime) -> str:
    """The day: today, on Monday, on Monday, 7 December."""
    days = (at.date() - now.date()).days
    if -1 <= days <= 1:
        return says(f"calendar.day.{('yesterday', 'today', 'tomorrow')[days + 1]}")
    key = "near" if 1 < days < 7 else "last" if -7 < days < 0 else "far"
    return says(f"calendar.day.{key}", day=weekday_name(at), date=said_date(at, now))


def said_span(span: Span, now: datetime) -> str:
    """The time that was asked about."""
    return (
        said_day(span.start, now) if span.whole and span.end - span.start < 2 * DAY else _needless(span.words.lower())
    )


def _needless(words: str) -> str:
    return pattern("en", "skills/calendar", "needless").sub("", words)


def said_when(one: Appointment, now: datetime) -> str:
    """Its day and time: "tomorrow at 2:30 PM", "from Friday to Sunday"."""
    if one.days > 1:
        last = one.end - DAY
        return says("calendar.when.days", first=_bare(said_day(one.at, now)), last=_bare(said_day(last, now)))
    if one.days:
        return said_day(one.at, now)
    return says("calendar.when.at", day=said_day(one.at, now), time=said_clock(one.at))


def exactly(one: Appointment, now: datetime) -> str:
    """Its time, with its end if that was said."""
    when = said_when(one, now)
    if one.until and not one.days:
        return says("calendar.when.until", when=when, end=said_clock(one.until))
    return says("calendar.when.all_day", day=when) if one.days == 1 else when


def _bare(day: str) -> str:
    return day.removeprefix(says("calendar.day.on"))


def said_list(ones: Sequence[Appointment], now: datetime, day: str = "") -> str:
    """One sentence each, in order; `day`: the day that was spoken last."""
    sentences: list[str] = []
    for one in ones:
        today = said_day(one.at, now)
        if one.days > 1:
            begin = said_when(one, now)
        elif one.days:
            begin = says("calendar.when.all_day", day=today)
        elif today == day:
            begin = says("calendar.when.later", time=said_clock(one.at))
        else:
            begin = says("calendar.when.at", day=today, time=said_clock(one.at))
        day = today
        sentences.append(capital(says("calendar.item", when=begin, what=titled(one))))
    return " ".join(sentences)


def titled(one: Appointment) -> str:
    """Its title, and where."""
    there = one.place and one.place.casefold() not in one.title.casefold()
    return says("calendar.placed", title=one.title, place=one.place) if there else one.title


def named_by(one: Appointment, now: datetime) -> str:
    """Words that find it again."""
    return f"{one.title} {said_day(one.at, now)}" if one.often else one.title


def said_length(length: timedelta) -> str:
    """As in "an hour and a half", "3 days"."""
    minutes = round(length.total_seconds() / 60)
    days, rest = divmod(minutes, 24 * 60)
    if days and not rest:
        return says("calendar.days", count=days)
    hours, minutes = divmod(minutes, 60)
    if hours and minutes == 30:
        return says("calendar.half_past", count=hours)
    parts = [says(f"calendar.{unit}", count=count) for unit, count in (("hours", hours), ("minutes", minutes)) if count]
    return joined(parts)
