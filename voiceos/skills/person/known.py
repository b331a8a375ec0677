"""What the store knows of people as facts, looked up at once, and said."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from voiceos.errors import StoreError
from voiceos.language.data import pattern
from voiceos.language.said_times import said_date
from voiceos.language.sentences import capital
from voiceos.language.sentences import skill_says as says
from voiceos.memory.facts import lookup
from voiceos.memory.facts.fact import Fact
from voiceos.memory.facts.vocabulary import relation, same
from voiceos.memory.quoting import spoken
from voiceos.memory.recall.memories import told_by
from voiceos.memory.recall.outdated import looks_back
from voiceos.skills.person.over import over_since
from voiceos.skills.person.words import about_next, subject_of, told_when
from voiceos.skills.skill import Asked, Check, Pass, Said, Workshop
from voiceos.store.database import Connection, file_of, told
from voiceos.store.records import OWNER

log = logging.getLogger(__name__)
T = TypeVar("T")

MOST = 50


@dataclass(frozen=True, slots=True)
class Known:
    """All of it at once: a few rows."""

    workshop: Workshop

    def looked_up(self, look: Callable[[Connection], list[T]]) -> list[T]:
        """What is found in the store. Nothing if there is none, or if it cannot be read."""
        db = self.workshop.db
        if db is None:
            return []
        try:
            with self.workshop.lock, told(file_of(db)):
                return look(db)
        except StoreError as error:
            log.warning("No facts: %s", error)
            return []

    def checks(self, *predicates: str) -> dict[str, Check]:
        """Whether one of them is known of whom the words name."""
        return {"who": lambda words, now: any(self.one(subject_of(words), (name,), now) for name in predicates)}

    def facts(self, subject: str, now: datetime, *, positive: bool = True) -> Sequence[Fact]:
        """What holds now of somebody, or does not, in the owner's own words."""
        found = (
            self.looked_up(lambda db: lookup.facts_about(db, people=[subject], at=now, limit=MOST)) if subject else []
        )
        return [fact for fact in found if fact.positive == positive and fact.said_by == OWNER]

    def history(self, subject: str, predicate: str) -> list[Fact]:
        """What holds of somebody under a predicate, and what no longer does."""
        return self.looked_up(lambda db: lookup.facts_about(db, people=[subject], predicate=predicate, historic=True))

    def one(self, subject: str, predicates: Sequence[str], now: datetime) -> Fact | None:
        """The fact that answers, if there is only one."""
        found = [fact for fact in self.facts(subject, now) if fact.predicate in predicates]
        if len({fact.predicate for fact in self.roles(subject)}) > 1:
            return None  # nobody knows which Rob
        if not found or any(not same(fact.object, found[0].object) for fact in found):
            return None
        return found[0]

    def needed(self, subject: str, predicates: Sequence[str], now: datetime) -> Fact:
        """The same, for an answer. Raises Pass where there is none."""
        if not (fact := self.one(subject, predicates, now)):
            raise Pass
        return fact

    def name(self, subject: str, now: datetime) -> Fact | None:
        """What somebody is called who is named by what they are to somebody: "sister", "Ben's wife"."""
        if subject == OWNER:
            return self.one(OWNER, ("name",), now) or self.one(OWNER, ("called",), now)
        if other := pattern("en", "skills/person", "whose").fullmatch(subject):
            return self.one(subject, ("name",), now) or self.one(other[1], (relation(other[2]),), now)
        return self.one(OWNER, (subject,), now)

    def role(self, name: str) -> Fact | None:
        """Who somebody is to the owner, if only one thing."""
        found = self.roles(name)
        return found[0] if len({fact.predicate for fact in found}) == 1 else None

    def roles(self, name: str) -> list[Fact]:
        """What people of this name are to the owner."""
        return [fact for fact in self.looked_up(lookup.people) if fact.object.casefold() == name.casefold()]

    def said(self, asked: Asked, fact: Fact, key: str, **values: object) -> Said:
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
