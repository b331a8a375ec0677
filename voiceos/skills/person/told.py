"""Answers from what was told and written where no single fact does: the line that surely answers, with its date."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from anyio import to_thread

from voiceos.core import Recalled
from voiceos.language.data import pattern, words_in
from voiceos.language.questions import asks, opens
from voiceos.language.sentences import say
from voiceos.language.terms import Analyzer, words
from voiceos.memory.facts import lookup
from voiceos.memory.facts.apart import Apart
from voiceos.memory.facts.contrast import stands_in
from voiceos.memory.facts.turned import statements, verdict
from voiceos.memory.facts.vocabulary import may_replace
from voiceos.memory.memory import Memory
from voiceos.memory.quoting import spoken, used
from voiceos.memory.recall.applicable import Applicable
from voiceos.memory.recall.compared import Asked as Wants
from voiceos.memory.recall.memories import told_by
from voiceos.memory.recall.mentions import corrected
from voiceos.memory.recall.outdated import looks_back
from voiceos.memory.recall.personal import defines
from voiceos.memory.recall.provenance import of_record
from voiceos.memory.recall.question import ask
from voiceos.memory.telling import likeliest, told
from voiceos.skills.person.changed import changed, said_of_change
from voiceos.skills.person.counted import last_told, said_of_times, times_told
from voiceos.skills.person.over import standing
from voiceos.skills.person.placed import last_placed, placed
from voiceos.skills.person.wanted import DATA, NOTHING, WORD, Names, Wanted, is_name, shows, wanted_in
from voiceos.skills.person.worded import answers, worded
from voiceos.skills.person.words import about_next
from voiceos.skills.skill import Asked, Intent, Pass, Said, Workshop
from voiceos.store.database import Connection
from voiceos.store.ledger import Ledger

LONGEST = 25
"""Words of a question; a longer one is a story."""
SPOKEN = 2
"""Sentences that are quoted, where several have all words of a question."""
NUMBERS = ("money", "clock", "number")
"""Kinds of answers that have a number."""
_terms = Analyzer("en")
OPENING = 3
"""Words within which a question says that it is one: "on which day …"."""


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
        """Of what nobody else takes: what is a question of the owner's life, and sure to be answered."""
        if not asks(asked.text) and not any(map(opens, words(asked.text)[:OPENING])):
            raise Pass
        return await self._quoted(asked, of_life=False)

    async def _asked(self, asked: Asked) -> Said:
        """Of what is meant to be asked of the memory."""
        return await self._quoted(asked, of_life=True)

    async def _quoted(self, asked: Asked, *, of_life: bool) -> Said:
        said = words(asked.text)
        if self._workshop.memory is None or len(said) > LONGEST or pattern("en", DATA, "advice").search(asked.text):
            raise Pass
        if defines(asked.text):
            raise Pass  # the world knows better what a beagle is
        for surely in (_whether, _put, _times, _last, _change):
            if there := await to_thread.run_sync(self._workshop.work, partial(surely, asked)):
                return there
        work = partial(answers_to, self._workshop, self._workshop.memory, of_life=of_life)
        wanted, found = await to_thread.run_sync(work, asked.text, asked.now)
        named = wanted.who or any(map(is_name, WORD.findall(asked.text)[1:]))
        if not found or not (named or words_in("en", DATA, "unnamed").isdisjoint(said)):
            raise Pass  # nobody knows who "she" is
        if there := await to_thread.run_sync(self._workshop.work, partial(_still, asked, likeliest(found))):
            return replace(there, about=wanted.about)
        asked.turn.recalled = found
        return Said(told(asked.text, found, asked.now), about=wanted.about)

    async def _again(self, asked: Asked) -> Said:
        """What the words of the last answer tell besides: "since when?"."""
        before = self._workshop.before.get(asked.turn.device)
        kind = wanted_in(asked.turn.words, {}).kind
        for memory in used(before) if before else ():
            if not kind or shows(kind, memory.text, WORD.findall(memory.text), NOTHING, memory.at or asked.now):
                asked.turn.recalled = [memory]
                return Said(spoken(memory, asked.now))
        raise Pass


def _whether(asked: Asked, db: Connection) -> Said | None:
    """What a fact says to a yes-or-no question, in the owner's words."""
    if not (found := verdict(db, asked.text, asked.now)):
        return None
    asked.turn.recalled = told_by(db, [found.fact], 1.0)
    if found.holds and (there := _still(asked, asked.turn.recalled, db)):
        return replace(there, about=about_next(found.fact.subject))
    answer = "" if found.holds is None else say(f"memory.{'yes' if found.holds else 'no'}")
    quoted = (spoken(one, asked.now) for one in asked.turn.recalled)
    return Said(" ".join(filter(None, [answer, *quoted])), about=about_next(found.fact.subject))


def _put(asked: Asked, db: Connection) -> Said | None:
    """Where something is, or whether it is where it is asked to be, by where the owner last said that it was."""
    if looks_back(asked.text):
        return None
    if last := last_placed(db, asked.text, asked.now):
        asked.turn.recalled = last
        return Said(" ".join(spoken(one, asked.now) for one in last))
    if not (found := placed(db, asked.text, asked.now)):
        return None
    asked.turn.recalled = [found.line]
    answer = "" if found.holds is None else say(f"memory.{'yes' if found.holds else 'no'}")
    return Said(" ".join(filter(None, [answer, spoken(found.line, asked.now)])))


def _still(asked: Asked, memories: Sequence[Recalled], db: Connection) -> Said | None:
    """The same memories, if the owner has said since that something of them is over, with what they said."""
    if looks_back(asked.text) or not (there := standing(db, asked.text, memories)):
        return None
    asked.turn.recalled = [*there.memories]
    quoted = [spoken(one, asked.now) for one in there.memories[:SPOKEN]]
    if there.left is not None:
        return Said(" ".join([say("memory.left", count=there.left), *quoted]))
    no = there.is_over and next(statements(asked.text), None) is not None
    return Said(" ".join([*([say("memory.no")] if no else ()), *quoted]))


def _times(asked: Asked, db: Connection) -> Said | None:
    """How often the owner told that something happened."""
    if not (found := times_told(db, asked.text, _names(db), asked.now)):
        return None
    asked.turn.recalled = found
    return Said(said_of_times(found, asked.now))


def _last(asked: Asked, db: Connection) -> Said | None:
    """When the owner told that something last happened."""
    if not (found := last_told(db, asked.text, _names(db), asked.now)):
        return None
    asked.turn.recalled = found
    return Said(told(asked.text, found, asked.now))


def _change(asked: Asked, db: Connection) -> Said | None:
    """How much what the owner told has changed."""
    if not (there := changed(db, asked.text, _names(db), asked.now)):
        return None
    text, asked.turn.recalled = there
    return Said(said_of_change(text, asked.turn.recalled, asked.now))


def _names(db: Connection) -> Names:
    """Who is near to the owner."""
    return {fact.object.casefold(): fact.predicate for fact in lookup.people(db)}


def answers_to(
    workshop: Workshop, memory: Memory, text: str, now: datetime, *, of_life: bool = True
) -> tuple[Wanted, list[Recalled]]:
    """A question as it is read, and what surely answers it. Blocks; raises StoreError.

    By words alone a line must have all of them; so it may be told where nothing else is sure, too.
    """
    found = memory.recall(text, now, of_life=of_life)

    def by_words(db: Connection) -> tuple[Wanted, list[Recalled]]:
        names = _names(db)
        wanted = wanted_in(text, names)
        if found.sure and memory.meaning:
            return wanted, _as_corrected(db, text, [one for one in found.memories if not one.left_out], parts=True)
        some = worded(db, wanted, names, now) if wanted.kind or wanted.what else []
        can_tell = Applicable.of(text, now)
        wanting = Wants(ask(text, _terms, now), {})
        number = not wanted.kind and wanting.shape in NUMBERS  # a kind is looked for in each sentence
        apart = Apart(db, text)
        some = [one for one in some if can_tell(one) and not apart(one.text) and (not number or wanting.fits(one.text))]
        some = [one for one in some if _is_said_of_them(one, apart.rest(one.text), wanted, names, now)]
        if memory.meaning and not _is_likely(some, found.memories):
            some = []
        return wanted, _as_corrected(db, text, some[:SPOKEN])

    return workshop.work(by_words)


def _is_said_of_them(one: Recalled, rest: str, wanted: Wanted, names: Names, now: datetime) -> bool:
    """Whether what is left of a line, without what it says of another, answers, too."""
    return rest == one.text or answers(rest, wanted, names, one.at or now, noted=bool(one.source))


def _is_likely(some: Sequence[Recalled], memories: Sequence[Recalled]) -> bool:
    """Whether nothing else is likelier by what was read line by line."""
    best = max(memories, key=lambda memory: memory.score, default=None)
    return best is None or any(one.record_id == best.record_id for one in some)


def _as_corrected(
    db: Connection, question: str, memories: Sequence[Recalled], *, parts: bool = False
) -> list[Recalled]:
    """The same, with what the owner has said instead of what was wrong, where that is about the question.

    What puts only a part of a line right comes before that line; `parts`: nothing else is changed.
    """
    wrong, ledger = corrected(db), Ledger(db)
    found = list[Recalled]()
    for one in memories:
        kept = ledger.get(wrong[one.record_id]) if one.record_id in wrong else None
        right = of_record(kept, 1.0) if kept else one
        if kept and _is_of_part(right.text, one.text):
            found += [right, one]
        elif parts or not kept:
            found.append(one)
        elif may_replace(right.text, question):
            found.append(right)
    return list({(one.record_id, one.text): one for one in found}.values())


def _is_of_part(correction: str, line: str) -> bool:
    """Whether it puts a part of a line right, and says nothing without it: "no, level 4"."""
    bare = pattern("en", "skills/notes", "said.instead").fullmatch(correction.strip())
    return bare is not None and stands_in(bare["words"], line)
