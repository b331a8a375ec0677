"""Answers from the calendars: what is when, where, with whom and for how long, and whether somebody is free."""

from datetime import datetime

from voiceos.language.data import pattern
from voiceos.skills.calendar import tells
from voiceos.skills.calendar.book import Book, has_time
from voiceos.skills.calendar.changes import Changes
from voiceos.skills.calendar.days import Days
from voiceos.skills.calendar.keeping import Keeping
from voiceos.skills.calendar.one import One
from voiceos.skills.calendar.reading import Reading
from voiceos.skills.calendar.said import is_on_something, is_time_only, names_calendar, span_in, topic
from voiceos.skills.grammar import plain
from voiceos.skills.skill import Asked, Intent, Skill, Workshop


def make(workshop: Workshop) -> Skill:
    book = Book.of(workshop)
    days = Days(book)
    one = One(book, days)
    when, event, title = {"when": is_time_only}, {"event": book.knows}, {"event": book.knows_title}

    def about(asked: Asked) -> bool:
        return names_calendar(asked.text) or book.knows(asked.text, asked.now)

    def timed(asked: Asked) -> bool:
        return is_time_only(asked.text, asked.now)

    def at_some_time(asked: Asked) -> bool:
        """Or at none, if nothing else is named."""
        text, now = asked.text, asked.now
        some = span_in(text, now) is not None or about(asked) or not topic(text, now)
        return some and not is_on_something(text, now)

    def of_any_name(asked: Asked) -> bool:
        """The next haircut is no appointment of another name."""
        return names_calendar(asked.text) or not topic(asked.text, asked.now)

    return Skill(
        "calendar",
        [
            Intent("calendar.list", days.list, slots=when, mine=at_some_time),
            Intent("calendar.more", days.more, slots={"yes": _is_yes}),
            Intent("calendar.free", days.free, slots={**when, "activity": has_time}, mine=timed),
            Intent("calendar.busy", days.busy, slots=when, mine=timed),
            Intent("calendar.gaps", days.gaps, slots=when, mine=timed),
            Intent("calendar.next", days.next, slots=when, mine=of_any_name),
            Intent("calendar.last", days.last, slots=when, mine=timed),
            Intent("calendar.after", one.after, slots=title),
            Intent("calendar.before", one.before, slots=title),
            Intent("calendar.count", days.count, slots={**when, **title}),
            Intent(
                "calendar.has",
                one.has,
                slots={**event, **when, "thing": _is_dated, "timed": book.knows_at, "called": _is_no_order},
                mine=about,
                suits=_asks,
            ),
            Intent("calendar.when", one.about(tells.when, of_day=True), slots=event, mine=about),
            Intent("calendar.ends", one.about(tells.ends, closely=True), slots=title, mine=about),
            Intent("calendar.where", one.about(tells.where, places=False), slots=title, mine=about),
            Intent("calendar.who", one.about(tells.who, places=False, closely=True), slots=title, mine=about),
            Intent("calendar.length", one.about(tells.length, closely=True), slots=event, mine=about),
            Intent("calendar.until", one.until, slots=event, mine=about),
            *Changes(workshop, Keeping(workshop), book.sought).intents(book.knows_title),
            Intent("calendar.often", one.often, slots=title, mine=about),
        ],
        reads=Reading(book),
    )


def _is_yes(words: str, now: datetime) -> bool:
    return pattern("en", "skills/calendar", "yes").fullmatch(words) is not None


def _is_no_order(words: str, now: datetime) -> bool:
    return pattern("en", "skills/calendar", "told_to").search(words) is None


def _asks(asked: Asked) -> bool:
    return pattern("en", "skills/calendar", "statement").match(plain(asked.text)) is None


def _is_dated(words: str, now: datetime) -> bool:
    """Whether the words name something at a time that may well be in a calendar."""
    other = pattern("en", "skills/calendar", "elsewhere").search(words)
    return span_in(words, now) is not None and not other and 0 < len(topic(words, now)) <= 3
