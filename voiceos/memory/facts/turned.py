"""Yes-or-no questions: the statement that each asks about, and what the facts say to it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from voiceos.language.data import pattern, table
from voiceos.memory.facts import lookup
from voiceos.memory.facts.fact import Claim, Fact
from voiceos.memory.facts.rules import find
from voiceos.memory.facts.subjects import Context
from voiceos.memory.facts.vocabulary import is_apart, is_single, same
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
        other = alike or is_apart(claim.predicate, claim.object, instead.object)
        return Verdict(instead, False if other else None)
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
