"""What the words of a question about a person name, and how people and their days are spoken."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from voiceos.language.data import pattern, table
from voiceos.language.said_times import said_date, weekday_name
from voiceos.language.sentences import capital
from voiceos.language.sentences import skill_says as says
from voiceos.language.times import Period, find
from voiceos.memory.facts.fact import Fact
from voiceos.memory.facts.vocabulary import is_relation, predicate, relation, shape
from voiceos.skills.skill import Pass
from voiceos.store.records import OWNER, Kind

NO_YEAR = 4
"""Of a birthday whose year was not told: a leap year."""


def subject_of(words: str) -> str:
    """Whom the words name, as facts have it: the owner, "sister", "Mia", "Ben's wife"."""
    words = words.strip(" ?.!,").replace("’", "'")
    if pattern("en", "skills/person", "me").fullmatch(words):
        return OWNER
    words = pattern("en", "skills/person", "my").sub("", words)
    words = pattern("en", "skills/person", "possessive").sub("", words) if words else words
    first, _, rest = words.partition(" ")
    if rest and is_relation(first.lower()):
        return rest  # "my brother Paul"
    return relation(words.lower()) if is_relation(words.lower()) else words


def about_next(words: str) -> str:
    """What the next question may call "she", or "her": empty for the owner."""
    subject = subject_of(words)
    return "" if subject == OWNER else f"my {subject}" if is_relation(subject) else subject


def bare(words: str) -> str:
    return pattern("en", "skills/person", "my").sub("", words.strip(" ?.!,").lower())


def predicates_of(words: str) -> Sequence[str]:
    """What a thing of one's own may be called in facts."""
    data = table("en", "skills/person")
    spelt = " ".join(str(data["spelt"].get(word, word)) for word in bare(words).split())
    names = (spelt, relation(spelt), spelt.removesuffix(data["number"]))
    return [name for name in names if not predicate(name) or name in data["things"].split()]


def whose(subject: str) -> str:
    return says("person.your") if subject == OWNER else says("person.whose", who=named(subject))


def named(subject: str) -> str:
    """As it is spoken: "your sister", "Mia"."""
    if is_relation(subject.lower()):
        return says("person.yours", who=subject)
    return capital(subject)


def day_of(fact: Fact, now: datetime) -> date | None:
    """The day of a birthday; its year is `NO_YEAR` if it was not told."""
    days = [
        (meaning, one.every)
        for one in find(fact.object, now, lean="past")
        if isinstance(meaning := one.meaning, Period) and meaning.start
    ]
    for meaning, every in sorted(days, key=lambda day: _length(day[0])):
        if meaning.start:
            return meaning.start.date().replace(year=NO_YEAR) if every == "year" else meaning.start.date()
    return None


def filled_in(part: str, before: str) -> str:
    """A part of a date in the date that it puts right: "the 15th" or "June", of "14 May"."""
    of = next((shape(name) for name in ("day_number", "month_alone") if shape(name).fullmatch(part.lower())), None)
    return re.sub(of.pattern, part, before, count=1, flags=re.IGNORECASE) if of else part


def _length(period: Period) -> timedelta:
    return period.end - period.start if period.start and period.end else timedelta.max


def next_one(day: date, today: date) -> date:
    """The next time that this day comes; 29 February is kept on the 28th in other years."""
    for year in (today.year, today.year + 1):
        try:
            coming = day.replace(year=year)
        except ValueError:
            coming = date(year, 2, 28)
        if coming >= today:
            return coming
    raise Pass


def told_when(fact: Fact, now: datetime) -> str:
    """When it was said, or written."""
    if not fact.said_at:
        return ""
    return says(f"person.{'told' if fact.kind is Kind.SAID else 'wrote'}", when=_when(fact.said_at, now))


def _when(at: datetime, now: datetime) -> str:
    at = at.astimezone(now.tzinfo)
    days = (now.date() - at.date()).days
    if days in (0, 1):
        return says(f"person.when.{('today', 'yesterday')[days]}")
    key = "day" if days < 7 else "date"
    return says(f"person.when.{key}", day=weekday_name(at), date=said_date(at, now))
