"""Answers questions about oneself and one's people from single facts: names, ages, birthdays, homes, work."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from voiceos.language.data import table
from voiceos.language.sentences import capital, joined
from voiceos.language.sentences import skill_says as says
from voiceos.language.terms import Analyzer
from voiceos.memory.facts.fact import Fact
from voiceos.memory.quoting import spoken
from voiceos.memory.recall.memories import told_by
from voiceos.skills.calendar.book import Book
from voiceos.skills.person.before import Before
from voiceos.skills.person.birthdays import Birthdays
from voiceos.skills.person.known import Known
from voiceos.skills.person.told import Told
from voiceos.skills.person.two_times import TwoTimes
from voiceos.skills.person.wanted import wanted_in
from voiceos.skills.person.worded import worded
from voiceos.skills.person.words import about_next, bare, named, predicates_of, subject_of, whose
from voiceos.skills.skill import Asked, Intent, Pass, Said, Skill, Workshop, never
from voiceos.store.records import OWNER

LONGEST_FOOD = 5
"""Words."""
_terms = Analyzer("en")


def make(workshop: Workshop) -> Skill:
    known = Known(workshop)
    person, of = Person(known), known.checks
    return Skill(
        "person",
        [
            Intent("person.name", person.name, slots={"who": person.has_name}),
            Intent("person.who", person.who, slots={"name": person.is_one_of_ours}),
            *Birthdays(known).intents,
            Intent("person.lives", person.tells("lives in", "lives"), slots=of("lives in")),
            Intent("person.works", person.tells("works at", "works"), slots=of("works at")),
            Intent("person.job", person.tells("works as", "job"), slots=of("works as")),
            Intent("person.allergic", person.tells("allergic to", "allergic"), slots=of("allergic to")),
            Intent("person.drives", person.tells("car", "drives"), slots=of("car")),
            Intent("person.may_eat", person.may_eat, slots={"who": person.is_allergic, "food": _is_food}, mine=never),
            Intent("person.thing", person.thing, slots={"what": person.has_it}),
            Intent("person.where", person.where, slots={"what": person.is_put}),
            *Before(known).intents,
            *TwoTimes(Book.of(workshop)).intents,
            *Told(workshop).intents,
        ],
        otherwise="person.told",
    )


def _is_food(words: str, now: datetime) -> bool:
    return 0 < len(words.split()) <= LONGEST_FOOD


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of people, and of things of one's own."""

    known: Known

    # What can be asked about, looked up at once

    def has_name(self, words: str, now: datetime) -> bool:
        """Whether the words say who somebody is, whose name is known."""
        return self.known.name(subject_of(words), now) is not None

    def is_one_of_ours(self, words: str, now: datetime) -> bool:
        """Whether the words name somebody who is somebody's."""
        return bool(self.known.role(words))

    def has_it(self, words: str, now: datetime) -> bool:
        return self.known.one(OWNER, predicates_of(words), now) is not None

    def is_put(self, words: str, now: datetime) -> bool:
        return self.known.one(bare(words), ("where",), now) is not None

    def is_allergic(self, words: str, now: datetime) -> bool:
        return bool(self._allergies(subject_of(words), now))

    # What is asked

    async def name(self, asked: Asked) -> Said:
        who = asked.slots.get("who", "")
        subject = subject_of(who)
        is_ours = who in table("en", "skills/person")["lists"]["us"]  # "what do you call me?"
        called = self.known.one(OWNER, ("called",), asked.now) if is_ours else None
        if not (fact := called or self.known.name(subject, asked.now)):
            raise Pass
        return self.known.said(asked, fact, "your_name" if subject == OWNER else "name", who=whose(subject))

    async def who(self, asked: Asked) -> Said:
        name = asked.slots.get("name", "")
        if not (fact := self.known.role(name)):
            raise Pass
        return self.known.said(asked, fact, "who", who=fact.object, role=fact.predicate)

    async def may_eat(self, asked: Asked) -> Said:
        """Recalls an allergy. It never says that something is safe."""
        who, food = asked.slots.get("who", ""), bare(asked.slots.get("food", ""))
        subject = subject_of(who) if who else OWNER  # "for me" may be said only to be polite
        found, eaten = self._allergies(subject, asked.now), set(_terms(food))
        against = [fact for fact in found if not eaten.isdisjoint(_terms(fact.object))]
        denied = self._allergies(subject, asked.now, positive=False)
        if not against and (there := [fact for fact in denied if not eaten.isdisjoint(_terms(fact.object))]):
            quoted = self._quoted(asked, there[:1])
            return replace(quoted, text=says("person.may", quoted=quoted.text))
        if not (against or (found and who)):
            raise Pass
        if against and self._says_otherwise(against[0]):
            return self._quoted(asked, against[:1])
        key = ("you_" if subject == OWNER else "") + ("may_not" if against else "may_not_know")
        every = joined([fact.object for fact in against or found])
        return self.known.said(asked, (against or found)[0], key, who=named(subject), food=food, all=every)

    def _allergies(self, subject: str, now: datetime, *, positive: bool = True) -> Sequence[Fact]:
        return [fact for fact in self.known.facts(subject, now, positive=positive) if fact.predicate == "allergic to"]

    async def thing(self, asked: Asked) -> Said:
        what = asked.slots.get("what", "")
        fact = self.known.needed(OWNER, predicates_of(what), asked.now)
        return self.known.said(asked, fact, "thing", what=bare(what))

    async def where(self, asked: Asked) -> Said:
        what = bare(asked.slots.get("what", ""))
        fact = self.known.needed(what, ("where",), asked.now)
        newest = self.known.looked_up(lambda db: worded(db, wanted_in(asked.text, {}), {}, asked.now))[:1]
        if any(one.record_id != fact.record_id and one.at and fact.said_at and one.at > fact.said_at for one in newest):
            raise Pass  # it may be elsewhere now
        return self.known.said(asked, fact, "where", what=what)

    def tells(self, name: str, key: str) -> Callable[[Asked], Awaitable[Said]]:
        """Says what is known of somebody under that predicate, in the reply of that key."""

        async def told(asked: Asked) -> Said:
            subject = subject_of(asked.slots.get("who", ""))
            fact = self.known.needed(subject, (name,), asked.now)
            if self._says_otherwise(fact):
                return self._quoted(asked, [fact])
            who = {"who": named(subject), "whose": capital(whose(subject))}
            return self.known.said(asked, fact, f"you_{key}" if subject == OWNER else key, **who)

        return told

    def _says_otherwise(self, fact: Fact) -> bool:
        """Whether the words of an allergy only fit into their own sentence: "a nut allergy"."""
        return fact.predicate == "allergic to" and fact.predicate not in fact.quote.lower()

    def _quoted(self, asked: Asked, facts: Sequence[Fact]) -> Said:
        asked.turn.recalled = self.known.looked_up(lambda db: told_by(db, facts, 1.0))
        quoted = " ".join(spoken(one, asked.now) for one in asked.turn.recalled)
        return Said(quoted, about=about_next(asked.slots.get("who", "")))
