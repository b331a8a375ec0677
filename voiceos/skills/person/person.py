"""Answers questions about oneself and one's people from single facts: names, ages, birthdays, homes, work."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import reduce
from typing import TypeVar

from voiceos.errors import StoreError
from voiceos.language.data import pattern, table
from voiceos.language.said_times import said_date, weekday_name
from voiceos.language.sentences import skill_says as says
from voiceos.language.terms import Analyzer
from voiceos.memory.facts import lookup
from voiceos.memory.facts.fact import Fact
from voiceos.memory.facts.vocabulary import relation, same
from voiceos.memory.quoting import spoken
from voiceos.memory.recall.memories import told_by
from voiceos.memory.recall.outdated import looks_back
from voiceos.skills.person.before import Before
from voiceos.skills.person.over import over_since
from voiceos.skills.person.told import Told
from voiceos.skills.person.wanted import wanted_in
from voiceos.skills.person.worded import worded
from voiceos.skills.person.words import (
    NO_YEAR,
    about_next,
    bare,
    capital,
    day_of,
    filled_in,
    named,
    next_one,
    predicates_of,
    subject_of,
    told_when,
    whose,
    years,
)
from voiceos.skills.schedule.words import joined
from voiceos.skills.skill import Asked, Check, Intent, Pass, Said, Skill, Workshop
from voiceos.store.database import Connection, file_of, told
from voiceos.store.records import OWNER

log = logging.getLogger(__name__)
T = TypeVar("T")

MOST = 50
LONGEST_FOOD = 5
"""Words."""
_terms = Analyzer("en")
STALE = timedelta(days=300)
"""An age that was told longer ago is no longer one's age."""


def make(workshop: Workshop) -> Skill:
    person = Person(workshop)

    def known(*predicates: str) -> dict[str, Check]:
        return {"who": lambda words, now: any(person.one(subject_of(words), (name,), now) for name in predicates)}

    return Skill(
        "person",
        [
            Intent("person.name", person.name, slots={"who": person.has_name}),
            Intent("person.who", person.who, slots={"name": person.is_one_of_ours}),
            Intent("person.age", person.age, slots=known("birthday", "age")),
            Intent("person.next_age", person.next_age, slots=known("birthday")),
            Intent("person.birthday", person.birthday, slots=known("birthday")),
            Intent("person.until", person.until, slots=known("birthday")),
            Intent("person.born", person.born, slots=known("birthday")),
            Intent("person.lives", person.tells("lives in", "lives"), slots=known("lives in")),
            Intent("person.works", person.tells("works at", "works"), slots=known("works at")),
            Intent("person.job", person.tells("works as", "job"), slots=known("works as")),
            Intent("person.allergic", person.tells("allergic to", "allergic"), slots=known("allergic to")),
            Intent("person.drives", person.tells("car", "drives"), slots=known("car")),
            Intent("person.may_eat", person.may_eat, slots={"who": person.is_allergic, "food": _is_food}, mine=_never),
            Intent("person.thing", person.thing, slots={"what": person.has_it}),
            Intent("person.where", person.where, slots={"what": person.is_put}),
            *Before(person.looked_up).intents,
            *Told(workshop).intents,
        ],
        otherwise="person.told",
    )


def _is_food(words: str, now: datetime) -> bool:
    return 0 < len(words.split()) <= LONGEST_FOOD


def _never(asked: Asked) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Person:
    """What the memory holds as facts."""

    workshop: Workshop

    # What can be asked about, looked up at once

    def has_name(self, words: str, now: datetime) -> bool:
        """Whether the words say who somebody is, whose name is known."""
        return self._name(subject_of(words), now) is not None

    def is_one_of_ours(self, words: str, now: datetime) -> bool:
        """Whether the words name somebody who is somebody's."""
        return bool(self._role(words))

    def has_it(self, words: str, now: datetime) -> bool:
        return self.one(OWNER, predicates_of(words), now) is not None

    def is_put(self, words: str, now: datetime) -> bool:
        return self.one(bare(words), ("where",), now) is not None

    def is_allergic(self, words: str, now: datetime) -> bool:
        return bool(self._allergies(subject_of(words), now))

    # What is asked

    async def name(self, asked: Asked) -> Said:
        who = asked.slots.get("who", "")
        subject = subject_of(who)
        called = who in table("en", "skills/person")["lists"]["us"]  # "what do you call me?"
        if not (fact := (called and self.one(OWNER, ("called",), asked.now)) or self._name(subject, asked.now)):
            raise Pass
        return self._said(asked, fact, "your_name" if subject == OWNER else "name", who=whose(subject))

    async def who(self, asked: Asked) -> Said:
        name = asked.slots.get("name", "")
        if not (fact := self._role(name)):
            raise Pass
        return self._said(asked, fact, "who", who=fact.object, role=fact.predicate)

    async def age(self, asked: Asked) -> Said:
        subject = subject_of(asked.slots.get("who", ""))
        born = self.one(subject, ("birthday",), asked.now)
        day = self._day(born, asked.now) if born else None
        key = "your_age" if subject == OWNER else "age"
        if born and day and day.year != NO_YEAR:
            return self._said(asked, born, key, who=named(subject), count=years(day, asked.now.date()))
        told = self._one(subject, ("age",), asked.now)
        if not told.said_at or asked.now - told.said_at > STALE:
            raise Pass
        return self._said(asked, told, "your_age_told" if subject == OWNER else "age_told", who=named(subject))

    async def next_age(self, asked: Asked) -> Said:
        subject = subject_of(asked.slots.get("who", ""))
        born, day = self._birthday(subject, asked.now)
        if day.year == NO_YEAR:
            raise Pass
        coming = next_one(day, asked.now.date())
        at = datetime.combine(coming, datetime.min.time())
        key = "your_next_age" if subject == OWNER else "next_age"
        return self._said(
            asked, born, key, who=named(subject), age=coming.year - day.year, date=said_date(at, asked.now)
        )

    async def birthday(self, asked: Asked) -> Said:
        subject = subject_of(asked.slots.get("who", ""))
        born, day = self._birthday(subject, asked.now)
        coming = next_one(day, asked.now.date())
        at, days = datetime.combine(coming, datetime.min.time()), (coming - asked.now.date()).days
        key = ("today", "tomorrow")[days] if days < 2 else "birthday"
        of_year = datetime(NO_YEAR, day.month, day.day)
        date_said = said_date(of_year, of_year) if key == "birthday" else said_date(at, asked.now)
        return self._said(asked, born, key, who=capital(whose(subject)), date=date_said, day=weekday_name(at))

    async def until(self, asked: Asked) -> Said:
        subject = subject_of(asked.slots.get("who", ""))
        born, day = self._birthday(subject, asked.now)
        coming = next_one(day, asked.now.date())
        at, days = datetime.combine(coming, datetime.min.time()), (coming - asked.now.date()).days
        key = ("today", "tomorrow")[days] if days < 2 else "until"
        return self._said(
            asked,
            born,
            key,
            who=capital(whose(subject)),
            days=days,
            day=weekday_name(at),
            date=said_date(at, asked.now),
        )

    async def born(self, asked: Asked) -> Said:
        subject = subject_of(asked.slots.get("who", ""))
        born, day = self._birthday(subject, asked.now)
        if day.year == NO_YEAR:
            raise Pass
        at = datetime.combine(day, datetime.min.time())
        return self._said(
            asked, born, "you_born" if subject == OWNER else "born", who=named(subject), date=said_date(at)
        )

    async def may_eat(self, asked: Asked) -> Said:
        """Recalls an allergy. It never says that something is safe."""
        who, food = asked.slots.get("who", ""), bare(asked.slots.get("food", ""))
        subject = subject_of(who) if who else OWNER  # "for me" may be said only to be polite
        found, eaten = self._allergies(subject, asked.now), set(_terms(food))
        against = [fact for fact in found if not eaten.isdisjoint(_terms(fact.object))]
        denied = self._allergies(subject, asked.now, positive=False)
        if not against and (there := [fact for fact in denied if not eaten.isdisjoint(_terms(fact.object))]):
            asked.turn.recalled = self.looked_up(lambda db: told_by(db, there[:1], 1.0))
            quoted = " ".join(spoken(one, asked.now) for one in asked.turn.recalled)
            return Said(says("person.may", quoted=quoted), about=about_next(who))
        if not (against or (found and who)):
            raise Pass
        key = ("you_" if subject == OWNER else "") + ("may_not" if against else "may_not_know")
        every = joined([fact.object for fact in against or found])
        return self._said(asked, (against or found)[0], key, who=named(subject), food=food, all=every)

    def _allergies(self, subject: str, now: datetime, *, positive: bool = True) -> Sequence[Fact]:
        return [fact for fact in self._facts(subject, now, positive=positive) if fact.predicate == "allergic to"]

    async def thing(self, asked: Asked) -> Said:
        what = asked.slots.get("what", "")
        fact = self._one(OWNER, predicates_of(what), asked.now)
        return self._said(asked, fact, "thing", what=bare(what))

    async def where(self, asked: Asked) -> Said:
        what = bare(asked.slots.get("what", ""))
        fact = self._one(what, ("where",), asked.now)
        newest = self.looked_up(lambda db: worded(db, wanted_in(asked.text, {}), {}, asked.now))[:1]
        if any(one.record_id != fact.record_id and one.at and fact.said_at and one.at > fact.said_at for one in newest):
            raise Pass  # it may be elsewhere now
        return self._said(asked, fact, "where", what=what)

    def tells(self, name: str, key: str) -> Callable[[Asked], Awaitable[Said]]:
        """Says what is known of somebody under that predicate, in the reply of that key."""

        async def told(asked: Asked) -> Said:
            subject = subject_of(asked.slots.get("who", ""))
            fact = self._one(subject, (name,), asked.now)
            who = {"who": named(subject), "whose": capital(whose(subject))}
            return self._said(asked, fact, f"you_{key}" if subject == OWNER else key, **who)

        return told

    # How it is looked up and said

    def _birthday(self, subject: str, now: datetime) -> tuple[Fact, date]:
        fact = self._one(subject, ("birthday",), now)
        day = self._day(fact, now)
        if not day:
            raise Pass
        return fact, day

    def _day(self, fact: Fact, now: datetime) -> date | None:
        """What a fact tells of a day, with what only those have that it puts right."""
        known = self.looked_up(
            lambda db: lookup.facts_about(db, people=[fact.subject], predicate=fact.predicate, historic=True)
        )
        wrong = [one.object for one in known if one.id < fact.id and (one.retracted_at or one.superseded_by)]
        whole = reduce(lambda before, part: filled_in(part, before), [*reversed(wrong), fact.object])
        return day_of(replace(fact, object=whole), now)

    def _facts(self, subject: str, now: datetime, *, positive: bool = True) -> Sequence[Fact]:
        """What holds now of somebody, or does not, in the owner's own words."""
        found = (
            self.looked_up(lambda db: lookup.facts_about(db, people=[subject], at=now, limit=MOST)) if subject else []
        )
        return [fact for fact in found if fact.positive == positive and fact.said_by == OWNER]

    def one(self, subject: str, predicates: Sequence[str], now: datetime) -> Fact | None:
        """The fact that answers, if there is only one."""
        found = [fact for fact in self._facts(subject, now) if fact.predicate in predicates]
        if len({fact.predicate for fact in self._roles(subject)}) > 1:
            return None  # nobody knows which Rob
        if not found or any(not same(fact.object, found[0].object) for fact in found):
            return None
        return found[0]

    def _one(self, subject: str, predicates: Sequence[str], now: datetime) -> Fact:
        """The same. Raises Pass where there is none."""
        if not (fact := self.one(subject, predicates, now)):
            raise Pass
        return fact

    def looked_up(self, look: Callable[[Connection], list[T]]) -> list[T]:
        """What is found in the store, at once: a few rows. Nothing if there is none, or if it cannot be read."""
        db = self.workshop.db
        if db is None:
            return []
        try:
            with self.workshop.lock, told(file_of(db)):
                return look(db)
        except StoreError as error:
            log.warning("No facts: %s", error)
            return []

    def _name(self, subject: str, now: datetime) -> Fact | None:
        """What somebody is called who is named by what they are to somebody: "sister", "Ben's wife"."""
        if subject == OWNER:
            return self.one(OWNER, ("name",), now) or self.one(OWNER, ("called",), now)
        if other := pattern("en", "skills/person", "whose").fullmatch(subject):
            return self.one(subject, ("name",), now) or self.one(other[1], (relation(other[2]),), now)
        return self.one(OWNER, (subject,), now)

    def _role(self, name: str) -> Fact | None:
        """Who somebody is to the owner, if only one thing."""
        found = self._roles(name)
        return found[0] if len({fact.predicate for fact in found}) == 1 else None

    def _roles(self, name: str) -> list[Fact]:
        """What people of this name are to the owner."""
        return [fact for fact in self.looked_up(lookup.people) if fact.object.casefold() == name.casefold()]

    def _said(self, asked: Asked, fact: Fact, key: str, **values: object) -> Said:
        """The answer, with when it was told or since when it holds; the turn keeps which fact it is from."""
        asked.turn.recalled = lines = self.looked_up(lambda db: told_by(db, [fact], 1.0))
        if over := [] if looks_back(asked.text) else self.looked_up(lambda db: over_since(db, lines)):
            asked.turn.recalled = [*over, *lines]
            return Said(" ".join(spoken(one, asked.now) for one in asked.turn.recalled))
        text = says(f"person.{key}", "en", object=fact.object, **values)
        about = fact.object if key in ("name", "who") else about_next(asked.slots.get("who", ""))
        at, said = fact.valid_from, fact.said_at
        if at and said and at.date() != said.date():
            since = says("person.since", text=capital(text).rstrip("."), date=said_date(at, asked.now))
            return Said(since, about=about)
        return Said(f"{capital(text)} {told_when(fact, asked.now)}".strip(), about=about)
