"""Says what was before that which holds now: where one lived at first, the old phone number."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from voiceos.language.data import pattern
from voiceos.language.sentences import skill_says as says
from voiceos.memory.facts.fact import Fact
from voiceos.memory.facts.vocabulary import is_single, same
from voiceos.memory.quoting import spoken
from voiceos.memory.recall.memories import told_by
from voiceos.skills.person.known import Known
from voiceos.skills.person.words import predicates_of, subject_of
from voiceos.skills.skill import Asked, Intent, Pass, Said
from voiceos.store.records import OWNER

Named = tuple[str, Sequence[str]]
"""Whom facts are about, and their predicates."""


class Before:
    """The intents that ask for an older value."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self.intents = [
            self._intent("person.lived", "who", lambda words: (subject_of(words), ("lives in",))),
            self._intent("person.worked", "who", lambda words: (subject_of(words), ("works at",))),
            self._intent("person.did", "who", lambda words: (subject_of(words), ("works as",))),
            self._intent("person.drove", "who", lambda words: (subject_of(words), ("car",))),
            self._intent("person.played", "who", lambda words: (subject_of(words), ("plays",))),
            self._intent("person.had", "what", lambda words: (OWNER, [*filter(is_single, predicates_of(words))])),
        ]

    def _intent(self, name: str, slot: str, means: Callable[[str], Named]) -> Intent:
        def has_earlier(words: str, now: datetime) -> bool:
            return bool(self._over(*means(words), now))

        return Intent(name, partial(self._said, slot, means), slots={slot: has_earlier, "than": _is_said})

    async def _said(self, slot: str, means: Callable[[str], Named], asked: Asked) -> Said:
        subject, predicates = means(asked.slots.get(slot, ""))
        if than := asked.slots.get("than"):
            earlier = self._just_before(than, subject, predicates)
        else:
            earlier = self._earlier(subject, predicates, asked.now)
        if not earlier:
            raise Pass
        first = pattern("en", "skills/person", "first").search(asked.text) is not None
        fact = earlier[0 if first else -1]
        asked.turn.recalled = self._known.looked_up(lambda db: told_by(db, [fact], 1.0))
        quoted = " ".join(spoken(one, asked.now) for one in asked.turn.recalled)
        return Said(says("person.before", object=fact.object, quoted=quoted))

    def _earlier(self, subject: str, predicates: Sequence[str], now: datetime) -> list[Fact]:
        """What no longer holds, the oldest first; only the last of it, or none, where nobody knows what came first."""
        over = self._over(subject, predicates, now)
        told_as_past = any(not fact.valid_from and fact.valid_to and not fact.superseded_by for fact in over)
        if len(over) < 2 or not told_as_past:
            return over
        ended = {fact.id for fact in over}
        return [fact for fact in over if fact.superseded_by and fact.superseded_by not in ended]

    def _just_before(self, than: str, subject: str, predicates: Sequence[str]) -> list[Fact]:
        """What held until that did, if that is known."""
        known = [fact for name in predicates for fact in self._history(subject, name)]
        ids = {fact.id for fact in known if same(fact.object, than)}
        begun = {fact.valid_from for fact in known if fact.id in ids} - {None}
        others = [fact for fact in known if fact.id not in ids]
        return [fact for fact in others if fact.superseded_by in ids or (fact.valid_to and fact.valid_to in begun)]

    def _over(self, subject: str, predicates: Sequence[str], now: datetime) -> list[Fact]:
        """What no longer holds, the oldest first."""
        found = [fact for name in predicates for fact in self._history(subject, name)]
        return [fact for fact in found if fact.superseded_by or (fact.valid_to and fact.valid_to <= now)]

    def _history(self, subject: str, predicate: str) -> list[Fact]:
        known = self._known.history(subject, predicate)
        own = [fact for fact in known if fact.positive and fact.said_by == OWNER and not fact.retracted_at]
        return sorted(own, key=lambda fact: (_since(fact).timestamp(), fact.id))


def _is_said(words: str, now: datetime) -> bool:
    return bool(words.strip())


def _since(fact: Fact) -> datetime:
    """From when it held, as far as one can order it: at the latest when it ended."""
    said = fact.said_at or fact.learnt_at
    return fact.valid_from or (min(said, fact.valid_to) if fact.valid_to else said)
