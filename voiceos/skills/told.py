"""Answers from the owner's own words where no single fact does: the sentence that has all that is asked, quoted."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import chain

from voiceos.core import Recalled
from voiceos.language.data import pattern, table, words_in
from voiceos.language.questions import asks
from voiceos.language.sentences import say
from voiceos.language.terms import Analyzer, words
from voiceos.language.times import Moment, Period, Recurrence, find
from voiceos.memory.facts import lookup
from voiceos.memory.facts.vocabulary import is_relation, relation
from voiceos.memory.facts.vocabulary import words as listed
from voiceos.memory.index.lexical import holding
from voiceos.memory.quoting import spoken, used
from voiceos.memory.recall.choice import is_question
from voiceos.memory.recall.mentions import corrected
from voiceos.memory.recall.provenance import LONGEST_WHOLE, of_record
from voiceos.skills.grammar import plain
from voiceos.skills.skill import Asked, Intent, Pass, Said, Workshop
from voiceos.store.database import Connection
from voiceos.store.ledger import Ledger
from voiceos.store.passages import sentences
from voiceos.store.records import Kind

DATA = "told"
LONGEST = 16
"""Words of a question; a longer one asks for more than a sentence."""
MOST = 200
"""Records that are looked at, the newest."""
SPOKEN = 2
"""Sentences that are quoted, where several answer."""
NEAR = 4
"""Letters at the beginning that two words of one kind share: to teach, a teacher."""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_terms = Analyzer("en")
Names = Mapping[str, str]
"""Who is near to the owner: each name, small, and who that is to them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a sentence must have to answer."""

    kind: str
    """Of answer: name, age, number, when, where, job; empty: any."""
    who: Sequence[frozenset[str]]
    """Whom it is about, each by any of some words: "Daniel", "husband"."""
    what: Sequence[frozenset[str]]
    """What is asked about them, likewise."""
    doer: bool
    """Whether the owner is who does it: "do I …"."""
    own: bool
    """Whether it is the owner's: "my …"."""
    about: str
    """Whom a next question may call "she": as they were named."""
    asked: frozenset[str]
    """The terms of the question."""


NOTHING = Wanted("", (), (), doer=False, own=False, about="", asked=frozenset())


def wanted_in(text: str, names: Names) -> Wanted:
    """What a question wants."""
    low = plain(text).lower().replace("’", "'")
    kinds: dict[str, str] = table("en", DATA)["kinds"]
    kind = next((kind for kind in kinds if pattern("en", DATA, f"kinds.{kind}").search(low)), "")
    left = pattern("en", DATA, "category").sub(" ", low)
    idle = words_in("en", "questions", "empty") | words_in("en", DATA, "idle")
    if idle.issuperset(words(left)):
        left = low
    left = pattern("en", DATA, f"kinds.{kind}").sub(" ", left) if kind else left
    who, what, about, thing = list[frozenset[str]](), list[frozenset[str]](), "", ""
    for word in (word.removesuffix("'s") for word in words(left)):
        if word in idle:
            continue
        if is_relation(word) or word in names:
            who.append(_same_person(word, names))
            about = about or (word if word in names else f"my {word}")
        else:
            what.append(_alike().get(_stem(word), frozenset()) | {_stem(word)})
            is_name = kind == "relation" or word.capitalize() in _WORD.findall(text)
            about, thing = about or (word if is_name else ""), word
    if kind == "sort" and what:
        kind = ""  # "what kind of music do I like?": music that one likes
    if len(who) > 1 and not what:
        what.append(who.pop())  # "is my wife a teacher?"
    doer, own = (pattern("en", DATA, key).search(low) is not None for key in ("doer", "own"))
    if kind == "job" and own and not who:
        what, doer = [_jobs()], True
    if own and thing and not about:
        about = f"my {thing}"
    return Wanted(kind, who, what, doer, own, about, frozenset(_terms(low)))


def _same_person(word: str, names: Names) -> frozenset[str]:
    """A relation, and who is so named; a name, and who that is if nobody else is."""
    if is_relation(word):
        role = relation(word)
        return frozenset(
            map(_stem, [*(one for one in listed("relations") if relation(one) == role), *_named(role, names)])
        )
    role = names[word]
    return frozenset(map(_stem, [word, role] if len(_named(role, names)) == 1 else [word]))


def _named(role: str, names: Names) -> list[str]:
    return [name for name, other in names.items() if other == role]


@cache
def _alike() -> dict[str, frozenset[str]]:
    found = dict[str, frozenset[str]]()
    for line in table("en", DATA)["alike"]:
        group = frozenset(map(_stem, line.split()))
        found |= {stem: group | found.get(stem, frozenset()) for stem in group}
    return found


@cache
def _jobs() -> frozenset[str]:
    return frozenset(map(_stem, listed("jobs")))


def _stem(word: str) -> str:
    return next(iter(_terms(word)), word)


def answers(sentence: str, wanted: Wanted, names: Names, said_at: datetime, *, noted: bool = False) -> bool:
    """Whether a sentence has all that is wanted, and says it of the same person. `noted`: it is in a note."""
    said = [found[0].replace("’", "'") for found in _WORD.finditer(sentence)]
    bare = [re.sub(r"'(?!t\b)\w+$", "", word.lower()) for word in said]
    stems = [_stem(word) for word in bare]
    places = [[at for at, stem in enumerate(stems) if _is_one(stem, group)] for group in (*wanted.who, *wanted.what)]
    shown = wanted.kind and _shows(wanted.kind, sentence, said, wanted, said_at)
    if not all(places) or (wanted.kind and not shown) or not (wanted.what or shown):
        return False
    first = words_in("en", DATA, "first_person")
    of_owner = noted or not first.isdisjoint(bare) or any(bare[at] in names for at in chain(*places))
    if (wanted.own or wanted.doer) and not of_owner:
        return False
    somebody = [
        word in names or is_relation(word) or word in words_in("en", DATA, "somebody") or (at and _is_name(said[at]))
        for at, word in enumerate(bare)
    ]
    theirs = frozenset(chain(*wanted.who)) | words_in("en", DATA, "others")
    doers = frozenset(words_in("en", DATA, "doers")) if wanted.doer else theirs
    if not wanted.what or not (wanted.doer or wanted.who):
        return True
    return any(_doer(at, bare, stems, somebody) in doers for at in places[-1])


def _doer(at: int, bare: Sequence[str], stems: Sequence[str], somebody: Sequence[object]) -> str:
    """Who is nearest before a word, and so most likely its subject."""
    return next(
        (
            bare[n] if bare[n] in words_in("en", DATA, "doers") else stems[n]
            for n in range(at - 1, -1, -1)
            if somebody[n]
        ),
        "",
    )


def _is_one(stem: str, group: frozenset[str]) -> bool:
    return stem in group or any(_begin_alike(stem, other) for other in group)


def _begin_alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= NEAR and long.startswith(short)


def _is_name(word: str) -> bool:
    return word[0].isupper() and not word.startswith("I'") and word != "I"


def _shows(kind: str, sentence: str, said: Sequence[str], wanted: Wanted, said_at: datetime) -> bool:
    """Whether a sentence has an answer of a kind."""
    if kind == "name":
        known = wanted.asked.union(*wanted.who) if wanted.what else wanted.asked
        others = [word for word in said[1:] if _is_name(word) and _stem(word.lower()) not in known]
        return bool(others) or (sentence.islower() and _has("name", sentence))
    if kind == "when":
        times = (one.meaning for one in find(sentence, said_at, lean="past"))
        return any(isinstance(one, Moment | Period | Recurrence) for one in times) or _has("when", sentence)
    if kind == "relation":
        return any(is_relation(word.lower()) for word in said) or _shows("job", sentence, said, wanted, said_at)
    if kind == "job":
        return not listed("jobs").isdisjoint(words(sentence)) or _has("job", sentence)
    return _has(kind, sentence)


def _has(kind: str, sentence: str) -> bool:
    return pattern("en", DATA, f"shown.{kind}").search(sentence) is not None


def tells(memory: Recalled) -> bool:
    """Whether a memory tells something: the owner's own questions and requests do not."""
    if memory.source or memory.author != say("sources.you"):
        return True
    unmarked = asks(memory.text) and not memory.text.rstrip().endswith(".")
    return not (is_question(memory) or unmarked or pattern("en", "skills/notes", "said.requests").search(memory.text))


class Told:
    """The intents that quote."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self.intents = [Intent("person.told", self._answer), Intent("person.again", self._again)]

    async def _answer(self, asked: Asked) -> Said:
        said = words(asked.text)
        if self._workshop.db is None or not asks(asked.text) or len(said) > LONGEST:
            raise Pass
        if not words_in("en", DATA, "unnamed").isdisjoint(said):
            raise Pass  # nobody knows who "she" is
        if pattern("en", DATA, "advice").search(asked.text):
            raise Pass  # "how do I bake a cake?"
        wanted, found = await self._workshop.stored(lambda db: answering(db, asked.text, asked.now))
        if not found:
            raise Pass
        asked.turn.recalled = found[:SPOKEN]
        text = " ".join(spoken(memory, asked.now) for memory in found[:SPOKEN])
        return Said(text, about=wanted.about)

    async def _again(self, asked: Asked) -> Said:
        """What the words of the last answer tell besides: "since when?"."""
        before = self._workshop.before.get(asked.turn.device)
        kind = wanted_in(asked.turn.words, {}).kind
        for memory in used(before) if before else ():
            if not kind or _shows(kind, memory.text, _WORD.findall(memory.text), NOTHING, memory.at or asked.now):
                asked.turn.recalled = [memory]
                return Said(spoken(memory, asked.now))
        raise Pass


def answering(db: Connection, text: str, now: datetime) -> tuple[Wanted, list[Recalled]]:
    """The owner's sentences that answer a question, the newest first."""
    names = {fact.object.casefold(): fact.predicate for fact in lookup.people(db)}
    wanted = wanted_in(text, names)
    groups = [*wanted.who, *wanted.what]
    if not groups:
        return wanted, []
    ids = sorted(set().union(*(holding(db, [term]).tolist() for group in groups for term in group)))
    rows = db.execute(
        "SELECT DISTINCT r.id FROM record r JOIN passage p ON p.record_id = r.id WHERE r.author IN ('', r.who)"
        " AND r.kind IN (?, ?) AND p.id IN (SELECT value FROM json_each(?)) ORDER BY r.at DESC LIMIT ?",
        (Kind.SAID, Kind.NOTE, json.dumps(ids), MOST),
    ).fetchall()
    wrong, ledger = corrected(db), Ledger(db)
    found = list[Recalled]()
    for kept in ledger.records(row[0] for row in rows).values():
        memory, text = of_record(kept, 1.0), kept.record.text
        is_said = kept.record.kind is Kind.SAID
        for begin, end in [(0, len(text))] if is_said and len(text) <= LONGEST_WHOLE else sentences(text):
            some = replace(memory, text=text[begin:end].strip())
            if tells(some) and answers(some.text, wanted, names, kept.record.at or now, noted=not is_said):
                right = ledger.get(wrong[kept.id]) if kept.id in wrong else None
                found.append(of_record(right, 1.0) if right else some)
    return wanted, sorted(found, key=lambda one: one.at.timestamp() if one.at else 0.0, reverse=True)
