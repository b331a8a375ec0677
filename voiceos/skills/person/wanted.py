"""What a question about oneself and one's people wants: whom it is about, what of them, and which kind of answer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from voiceos.language.data import pattern, table, words_in
from voiceos.language.terms import Analyzer, words
from voiceos.language.times import Moment, Period, Recurrence, find
from voiceos.memory.facts.vocabulary import is_relation, relation
from voiceos.memory.facts.vocabulary import words as listed
from voiceos.skills.grammar import plain

DATA = "told"
NEAR = 4
"""Letters at the beginning that two words of one kind share: to teach, a teacher."""
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
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
    known = kind
    too = (kind for kind in table("en", DATA)["kinds_too"] if pattern("en", DATA, f"kinds_too.{kind}").search(low))
    kind = kind or next(too, "")
    left = pattern("en", DATA, "category").sub(" ", low)
    idle = words_in("en", "questions", "empty") | words_in("en", DATA, "idle")
    if idle.issuperset(words(left)):
        left = low
    left = pattern("en", DATA, f"kinds.{known}").sub(" ", left) if known else left
    who, what, about, thing = list[frozenset[str]](), list[frozenset[str]](), "", ""
    for word in (word.removesuffix("'s") for word in words(left)):
        if word in idle:
            continue
        if is_relation(word) or word in names:
            who.append(_same_person(word, names))
            about = about or (word if word in names else f"my {word}")
        else:
            what.append(alike(word))
            is_name = kind == "relation" or word.capitalize() in WORD.findall(text)
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
            map(stem, [*(one for one in listed("relations") if relation(one) == role), *_named(role, names)])
        )
    role = names[word]
    return frozenset(map(stem, [word, role] if len(_named(role, names)) == 1 else [word]))


def _named(role: str, names: Names) -> list[str]:
    return [name for name, other in names.items() if other == role]


def alike(word: str) -> frozenset[str]:
    """The stems of a word and of those that answer for it."""
    return _alike().get(stem(word), frozenset()) | {stem(word)}


@cache
def _alike() -> dict[str, frozenset[str]]:
    found = dict[str, frozenset[str]]()
    for line in table("en", DATA)["alike"]:
        group = frozenset(map(stem, line.split()))
        found |= {stem: group | found.get(stem, frozenset()) for stem in group}
    return found


@cache
def _jobs() -> frozenset[str]:
    return frozenset(map(stem, listed("jobs")))


def stem(word: str) -> str:
    return next(iter(_terms(word)), word)


def is_one(stem: str, group: frozenset[str]) -> bool:
    return stem in group or any(_begin_alike(stem, other) for other in group)


def _begin_alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= NEAR and long.startswith(short)


def is_name(word: str) -> bool:
    return word[0].isupper() and not word.startswith("I'") and word != "I"


def shows(kind: str, sentence: str, said: Sequence[str], wanted: Wanted, said_at: datetime) -> bool:
    """Whether a sentence has an answer of a kind."""
    if kind == "name":
        known = wanted.asked.union(*wanted.who) if wanted.what else wanted.asked
        plain = words_in("en", "questions", "empty") | words_in("en", DATA, "no_names")
        others = [
            word
            for word in said
            if is_name(word) and stem(word.lower()) not in known and word.lower().partition("'")[0] not in plain
        ]
        return bool(others) or (sentence.islower() and _has("name", sentence))
    if kind == "when":
        times = (one.meaning for one in find(sentence, said_at, lean="past"))
        return any(isinstance(one, Moment | Period | Recurrence) for one in times) or _has("when", sentence)
    if kind == "relation":
        return any(is_relation(word.lower()) for word in said) or shows("job", sentence, said, wanted, said_at)
    if kind == "job":
        return not listed("jobs").isdisjoint(words(sentence)) or _has("job", sentence)
    return _has(kind, sentence)


def _has(kind: str, sentence: str) -> bool:
    return pattern("en", DATA, f"shown.{kind}").search(sentence) is not None
