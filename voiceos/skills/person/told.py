"""Answers from what was told and written where no single fact does: what answers, quoted with its date."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from anyio import to_thread

from voiceos.core import Recalled
from voiceos.language.data import pattern, words_in
from voiceos.language.questions import asks, opens
from voiceos.language.said_times import said_date, weekday_name
from voiceos.language.sentences import skill_says as says
from voiceos.language.terms import words
from voiceos.language.times import Period, find
from voiceos.memory.facts import lookup
from voiceos.memory.quoting import spoken, used
from voiceos.memory.recall.mentions import corrected
from voiceos.memory.recall.provenance import of_record
from voiceos.skills.person.answering import LIKELY, SURE, Asking, answering, fits, names_somebody, of_life
from voiceos.skills.person.wanted import DATA, NOTHING, WORD, shows, wanted_in
from voiceos.skills.person.worded import worded
from voiceos.skills.skill import Asked, Intent, Pass, Said, Workshop
from voiceos.store.database import Connection
from voiceos.store.ledger import Ledger

LONGEST = 20
"""Words of a question; a longer one asks for more than a sentence."""
OPENING = 3
"""Words within which a question says that it is one: "on which day …"."""
CERTAIN = 0.8
"""How likely a memory must be that is about nobody: "when is the concert?"."""
MOST = 10
"""Memories that are looked at."""
SPOKEN = 2
"""Sentences that are quoted, where several have all words of a question."""


class Told:
    """The intents that quote."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self.intents = [
            Intent("person.told", self._told),
            Intent("person.asked", self._asked),
            Intent("person.again", self._again),
        ]

    async def _told(self, asked: Asked) -> Said:
        """Of what nobody else takes: what is a question, and sure to be answered."""
        if not asks(asked.text) and not any(map(opens, words(asked.text)[:OPENING])):
            raise Pass
        if pattern("en", DATA, "advice").search(asked.text):
            raise Pass  # "how do I bake a cake?"
        return await self._quoted(asked, SURE)

    async def _asked(self, asked: Asked) -> Said:
        """Of what is meant to be asked of the memory."""
        return await self._quoted(asked, LIKELY)

    async def _quoted(self, asked: Asked, least: float) -> Said:
        said = words(pattern("en", DATA, "cleft").sub(" ", asked.text))
        if self._workshop.db is None or len(said) > LONGEST:
            raise Pass
        asking, found = await to_thread.run_sync(answers_to, self._workshop, asked.text, asked.now, least)
        if not found or not (names_somebody(asking) or words_in("en", DATA, "unnamed").isdisjoint(said)):
            raise Pass  # nobody knows who "she" is
        asked.turn.recalled = found
        text = " ".join(spoken(memory, asked.now) for memory in found)
        day = said_day(found[0], asked.now) if asking.wanted.kind == "when" else ""
        return Said(f"{text} {day}".strip(), about=asking.wanted.about)

    async def _again(self, asked: Asked) -> Said:
        """What the words of the last answer tell besides: "since when?"."""
        before = self._workshop.before.get(asked.turn.device)
        kind = wanted_in(asked.turn.words, {}).kind
        for memory in used(before) if before else ():
            if not kind or shows(kind, memory.text, WORD.findall(memory.text), NOTHING, memory.at or asked.now):
                asked.turn.recalled = [memory]
                return Said(spoken(memory, asked.now))
        raise Pass


def said_day(memory: Recalled, now: datetime) -> str:
    """The day that "yesterday" means in somebody's words; empty where it is not said so."""
    for one in find(memory.text, memory.at, lean="past") if memory.at else ():
        if pattern("en", DATA, "relative").fullmatch(memory.text[one.start : one.end]) and isinstance(
            one.meaning, Period
        ):
            start = one.meaning.start
            return says("person.that_day", day=weekday_name(start), date=said_date(start, now)) if start else ""
    return ""


def answers_to(workshop: Workshop, text: str, now: datetime, least: float) -> tuple[Asking, list[Recalled]]:
    """A question as it is read, and what answers it. Blocks; raises StoreError."""

    def read(db: Connection) -> tuple[Asking, list[Recalled]]:
        names = {fact.object.casefold(): fact.predicate for fact in lookup.people(db)}
        wanted = wanted_in(text, names)
        return Asking(text, wanted, names, now, least), worded(db, wanted, names, now)

    asking, by_words = workshop.work(read)
    if least >= SURE and not by_words and not of_life(asking):
        if not pattern("en", DATA, "definite").search(text):
            return asking, []
        asking = replace(asking, least=CERTAIN)
    by_meaning = workshop.memory.search(text, now, limit=MOST) if workshop.memory else []
    found = answering(asking, by_meaning, _ids(by_words))
    if not found or found[0].record_id in _ids(by_words):
        found = [*found, *(one for one in by_words if fits(asking, one) and one.record_id not in _ids(found))][:SPOKEN]
    return asking, workshop.work(lambda db: _as_corrected(db, found))


def _ids(memories: Sequence[Recalled]) -> set[int]:
    return {memory.record_id for memory in memories}


def _as_corrected(db: Connection, memories: Sequence[Recalled]) -> list[Recalled]:
    """The same, with what the owner has said instead of what was wrong."""
    wrong, ledger = corrected(db), Ledger(db)
    right = [ledger.get(wrong[one.record_id]) if one.record_id in wrong else None for one in memories]
    return [of_record(kept, 1.0) if kept else one for one, kept in zip(memories, right, strict=True)]
