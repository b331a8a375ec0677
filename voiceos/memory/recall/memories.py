"""Passages, facts and appointments for a question, as memories."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from voiceos.core import Recalled
from voiceos.language.data import words_in
from voiceos.language.terms import words
from voiceos.memory.facts import lookup
from voiceos.memory.facts.fact import Fact
from voiceos.memory.facts.vocabulary import content
from voiceos.memory.facts.vocabulary import terms as fact_terms
from voiceos.memory.recall import outdated
from voiceos.memory.recall.provenance import of_excerpt, of_fact, of_record
from voiceos.memory.recall.question import Question
from voiceos.memory.recall.recall import Found
from voiceos.store.database import Connection
from voiceos.store.ledger import Ledger
from voiceos.store.records import OWNER
from voiceos.store.rows import moment, seconds

MOST_EVENTS = 6
MOST_FACTS = 5
"""Events, and facts, for one question."""
WEEK = timedelta(days=7)


def of_passages(db: Connection, found: Sequence[Found]) -> list[Recalled]:
    """What was found, in that order."""
    excerpts = Ledger(db).passages(one.passage_id for one in found)
    return [of_excerpt(excerpts[one.passage_id], one.probability) for one in found if one.passage_id in excerpts]


def of_facts(db: Connection, question: Question, now: datetime) -> list[Recalled]:
    """The facts that hold, or held at the time that is asked for, with the words of a question."""
    historic = outdated.is_asked_for(question)
    at = None if historic else now
    if question.relation == "before" and question.periods:
        at = moment(question.periods[0].end - 1)
    known = lookup.facts_about(db, question.topic, at=at, historic=historic, limit=MOST_FACTS)
    wanted = set(question.topic)
    memories: list[Recalled] = []
    for fact in known:
        shared = wanted.intersection(fact_terms(fact.subject, fact.predicate, fact.object))
        score = (0.2 + 0.75 * len(shared) / len(wanted)) * fact.confidence if wanted else 0.0
        memories += told_by(db, [fact], score)
    return memories


def of_kind(db: Connection, topic: str) -> list[Recalled]:
    """Facts that a topic names by their kind: "my allergy" is what the owner is allergic to."""
    wanted = set(content(topic))
    people = [OWNER] if not words_in("en", "questions", "owner").isdisjoint(words(topic)) else []
    known = lookup.facts_about(db, wanted, people=people, limit=MOST_EVENTS)
    found = [one for one in known if wanted <= {*fact_terms(one.subject, one.predicate, one.object)}]
    return told_by(db, [one for one in found if one.said_by == OWNER], 1.0)


def told_by(db: Connection, known: Sequence[Fact], score: float) -> list[Recalled]:
    """Facts, by the words that they came from."""
    kept = Ledger(db).records(fact.record_id for fact in known)
    return [of_fact(fact, kept[fact.record_id], score) for fact in known if fact.record_id in kept]


def of_calendar(db: Connection, question: Question, now: datetime) -> list[Recalled]:
    """The part of the calendar that a question is about, if it is about the calendar or about what is to come."""
    asked = not words_in("en", "evidence", "calendar").isdisjoint(question.terms)
    spans = [(p.start, p.end) for p in question.periods]
    if not asked:  # of a long time, such as this year, only what is still to come
        long = WEEK.total_seconds()
        spans = [(max(a, seconds(now)) if b - a > long else a, b) for a, b in spans if b > seconds(now)]
    elif not spans:
        spans = [(seconds(now), seconds(now + WEEK))]
    rows = [
        row[0]
        for start, end in spans
        for row in db.execute(
            "SELECT id FROM record WHERE kind = 'event' AND at < ? AND coalesce(until, at) >= ? ORDER BY at LIMIT ?",
            (end, start, MOST_EVENTS),
        )
    ]
    kept = Ledger(db).records(rows)
    return [of_record(kept[id], 0.95 if asked else 0.6) for id in dict.fromkeys(rows) if id in kept]


def meant(db: Connection, memories: Sequence[Recalled], words: str) -> Fact | None:
    """The fact in these memories that is meant."""
    known = lookup.of_records(db, [memory.record_id for memory in memories])
    spoken = set(content(words))

    def shared(fact: Fact) -> int:
        return len(spoken.intersection(fact_terms(fact.subject, fact.predicate, fact.object)))

    best = max(known, key=shared, default=None)
    return best if best and shared(best) else None
