"""Answers how old somebody is, and when their birthday is."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import reduce

from voiceos.language.said_times import said_date, weekday_name
from voiceos.language.sentences import capital
from voiceos.memory.facts.fact import Fact
from voiceos.memory.recall.ages import age
from voiceos.skills.person.known import Known
from voiceos.skills.person.words import NO_YEAR, day_of, filled_in, named, next_one, subject_of, whose
from voiceos.skills.skill import Asked, Intent, Pass, Said
from voiceos.store.records import OWNER

STALE = timedelta(days=300)
"""An age that was told longer ago is no longer one's age."""


@dataclass(frozen=True, slots=True)
class Birthdays:
    """What is known of them."""

    known: Known

    @property
    def intents(self) -> list[Intent]:
        aged, born = self.known.checks("birthday", "age"), self.known.checks("birthday")
        return [
            Intent("person.age", self.age, slots=aged),
            Intent("person.next_age", self.next_age, slots=born),
            Intent("person.birthday", self.birthday, slots=born),
            Intent("person.until", self.until, slots=born),
            Intent("person.born", self.born, slots=born),
        ]

    async def age(self, asked: Asked) -> Said:
        subject = subject_of(asked.slots.get("who", ""))
        born = self.known.one(subject, ("birthday",), asked.now)
        day = self._day(born, asked.now) if born else None
        key = "your_age" if subject == OWNER else "age"
        if born and day and day.year != NO_YEAR:
            return self.known.said(asked, born, key, who=named(subject), count=age(day, asked.now.date()))
        told = self.known.needed(subject, ("age",), asked.now)
        if not told.said_at or asked.now - told.said_at > STALE:
            raise Pass
        return self.known.said(asked, told, "your_age_told" if subject == OWNER else "age_told", who=named(subject))

    async def next_age(self, asked: Asked) -> Said:
        subject, born, day = self._asked_of(asked)
        if day.year == NO_YEAR:
            raise Pass
        coming, _ = _coming(day, asked.now)
        key = "your_next_age" if subject == OWNER else "next_age"
        date_said = said_date(coming, asked.now)
        return self.known.said(asked, born, key, who=named(subject), age=coming.year - day.year, date=date_said)

    async def birthday(self, asked: Asked) -> Said:
        subject, born, day = self._asked_of(asked)
        coming, days = _coming(day, asked.now)
        key = ("today", "tomorrow")[days] if days < 2 else "birthday"
        of_year = datetime(NO_YEAR, day.month, day.day)
        date_said = said_date(of_year, of_year) if key == "birthday" else said_date(coming, asked.now)
        who = capital(whose(subject))
        return self.known.said(asked, born, key, who=who, date=date_said, day=weekday_name(coming))

    async def until(self, asked: Asked) -> Said:
        subject, born, day = self._asked_of(asked)
        coming, days = _coming(day, asked.now)
        key = ("today", "tomorrow")[days] if days < 2 else "until"
        told = {"day": weekday_name(coming), "date": said_date(coming, asked.now)}
        return self.known.said(asked, born, key, who=capital(whose(subject)), days=days, **told)

    async def born(self, asked: Asked) -> Said:
        subject, born, day = self._asked_of(asked)
        if day.year == NO_YEAR:
            raise Pass
        key = "you_born" if subject == OWNER else "born"
        return self.known.said(asked, born, key, who=named(subject), date=said_date(_midnight(day)))

    def _asked_of(self, asked: Asked) -> tuple[str, Fact, date]:
        """Whose birthday is asked for, the fact that tells it, and its day. Raises Pass where none is known."""
        subject = subject_of(asked.slots.get("who", ""))
        fact = self.known.needed(subject, ("birthday",), asked.now)
        if not (day := self._day(fact, asked.now)):
            raise Pass
        return subject, fact, day

    def _day(self, fact: Fact, now: datetime) -> date | None:
        """What a fact tells of a day, with what only those have that it puts right."""
        known = self.known.history(fact.subject, fact.predicate)
        wrong = [one.object for one in known if one.id < fact.id and (one.retracted_at or one.superseded_by)]
        whole = reduce(lambda before, part: filled_in(part, before), [*reversed(wrong), fact.object])
        return day_of(replace(fact, object=whole), now)


def _coming(day: date, now: datetime) -> tuple[datetime, int]:
    """When it comes next, and in how many days."""
    coming = next_one(day, now.date())
    return _midnight(coming), (coming - now.date()).days


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time())
