"""Yes-or-no questions: the statement that each asks about, and what the facts say to it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from voiceos.language.data import pattern, table, words_in
from voiceos.language.terms import words
from voiceos.memory.facts import lookup
from voiceos.memory.facts.fact import Claim, Fact
from voiceos.memory.facts.rules import find
from voiceos.memory.facts.statements import sentences
from voiceos.memory.facts.subjects import Context, agrees, subject
from voiceos.memory.facts.vocabulary import is_single, relation, same
from voiceos.memory.facts.vocabulary import words as listed
from voiceos.store.database import Connection
from voiceos.store.records import OWNER

LONGEST_SUBJECT = 4
"""Words: "my brother's new neighbour"."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a fact says to a yes-or-no question."""

    fact: Fact
    holds: bool | None
    """Whether what is asked is so; None: the fact tells the same thing otherwise, which need not be a contradiction."""


def verdict(db: Connection, question: str, now: datetime) -> Verdict | None:
    """The owner's own words that answer; None: none surely does.

    Yes, if it was said and holds; no, if it was denied, or has been followed by something else.
    """
    people = lookup.people(db)
    known_as = Counter(name for name, _ in {(fact.object.casefold(), fact.predicate) for fact in people})
    several = {name for name, roles in known_as.items() if roles > 1}
    for statement, past in statements(question):
        for claim in find(statement, now, Context.of(people)):
            known = claim.positive and not claim.withdraws and claim.subject.casefold() not in several  # which Rob?
            if known and (found := _judged(db, claim, now, past=past)):
                return found
    return None


class Apart:
    """Knows lines that tell of another than whom a question asks about, as far as both name one plainly."""

    def __init__(self, db: Connection, question: str) -> None:
        asked = [statement for statement, _ in statements(question)]
        self._whether = bool(asked)
        if found := pattern("en", "questions", "of_whom").search(question.replace("’", "'")):
            asked = asked or [found["rest"]]
        self._context = Context.of(lookup.people(db) if asked else [])
        self._asked = next(filter(None, map(self._subject, asked)), frozenset[str]())
        self._words = _words(question)

    def __call__(self, line: str, *, own: bool = True) -> bool:
        """Whether a line begins with another, and has neither whom the question means nor that one in it.

        `own`: it is the owner's; of another's only what it says to the owner is looked at: "your pay".
        """
        if not own:
            line = _to_owner(line)
        who = self._subject(line, stated=True) if self._asked and line else frozenset[str]()
        if not who or who & self._asked or not self._words.isdisjoint(_each(who)):
            return False
        first = words_in("en", "told", "oneself") if OWNER in self._asked else frozenset[str]()
        if not self._whether and OWNER in self._asked:  # "Ben has my drill" tells what I lent
            line, first = line.partition(" ")[2], first | words_in("en", "told", "owned")
        return _words(line).isdisjoint(_each(self._asked) | first)

    def _subject(self, text: str, *, stated: bool = False) -> frozenset[str]:
        """Who it is that a text begins with: by name and by who they are to the owner; empty: nobody surely.

        `stated`: a statement, in which what is done follows a name that nobody knows: "Signed up" tells of no Signed.
        """
        sentence = next(iter(sentences(text)), None)
        if not sentence or not sentence.tokens:
            return frozenset()
        who = subject(sentence, 0, self._context)
        if not who and stated and sentence.tokens[0].norm in words_in("en", "told", "owned"):
            return frozenset({OWNER})  # "my pay"
        if not who or not who.sure:
            return frozenset()
        name = who.who.casefold()
        follows = sentence.tokens[who.next].norm if who.next < len(sentence.tokens) else ""
        known = who.relation or name in self._context.names
        if stated and not known and follows != ":" and not agrees(who, follows, OWNER):
            return frozenset()
        return frozenset({name, who.relation, self._context.roles.get(name, "")} - {""})


def _each(names: frozenset[str]) -> frozenset[str]:
    """The words of names, without titles: Mr Petersen is not Mr Adams."""
    parts = [(name, name.split()) for name in names]
    return frozenset(word for name, split in parts for word in split if word == name or word not in listed("titles"))


def _to_owner(line: str) -> str:
    """What somebody says to the owner as the owner would say it; empty: it begins with somebody else."""
    first, _, rest = line.partition(" ")
    said = table("en", "told")["to_owner"].get(first.lower())
    return f"{said} {rest}" if said else ""


def _words(text: str) -> frozenset[str]:
    """The words of a text, relations by their usual names."""
    return frozenset(relation(word.partition("'")[0]) for word in words(text.replace("’", "'")))


def _judged(db: Connection, claim: Claim, now: datetime, *, past: bool) -> Verdict | None:
    known = lookup.facts_about(db, people=[claim.subject], predicate=claim.predicate, historic=True, limit=200)
    own = [fact for fact in known if fact.said_by == OWNER and not fact.retracted_at]
    alike = [fact for fact in own if same(fact.object, claim.object)]
    held = [fact for fact in own if _holds(fact, now)]
    if past:
        said = next((fact for fact in alike if fact.positive), None)
        return Verdict(said, holds=True) if said else None
    if there := next((fact for fact in held if fact in alike), None):
        return Verdict(there, there.positive)
    instead = next((fact for fact in held if fact.positive), None) if is_single(claim.predicate) else None
    if instead:
        return Verdict(instead, False if alike else None)
    ended = next((fact for fact in alike if fact.superseded_by and fact.positive), None)
    followed = lookup.get(db, ended.superseded_by) if ended and ended.superseded_by else None
    return Verdict(followed, holds=False) if followed and not followed.positive else None


def _holds(fact: Fact, now: datetime) -> bool:
    begun = fact.valid_from is None or fact.valid_from <= now
    return begun and fact.superseded_by is None and (fact.valid_to is None or fact.valid_to > now)


def statements(question: str) -> Iterator[tuple[str, bool]]:
    """What a yes-or-no question asks about, as statements of which one may be right; and whether it asks of the past.

    "Is Tom allergic to nuts?" turns into "Tom is allergic to nuts" and "Tom allergic is to nuts".
    """
    text = " ".join(question.replace("’", "'").split())
    asked = pattern("en", "questions", "whether").fullmatch(text)
    if not asked:
        return
    if asked["stated"]:
        yield asked["stated"], False
        return
    data = table("en", "questions")
    verb, rest = asked["verb"].lower(), asked["rest"].split()
    past = verb in data["whether_past"].split() and data["whether_present"] not in rest
    rest = [word for word in rest if word.lower() not in data["whether_idle"].split()]
    does = data["whether_does"]
    for at in range(1, min(LONGEST_SUBJECT, len(rest) - 1) + 1):
        told = [_inflected(rest[at], does[verb]), *rest[at + 1 :]] if verb in does else [verb, *rest[at:]]
        yield " ".join([*rest[:at], *told]), past


def _inflected(verb: str, forms: list[list[str]]) -> str:
    """The verb as a form has it: the first pattern that its end fits says how it goes on."""
    return next((re.sub(end, ending, verb) for end, ending in forms if re.search(end, verb)), verb)
