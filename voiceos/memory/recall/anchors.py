"""Dates events that a time in a question refers to: "before the move", "since the operation"."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from voiceos.language.data import table
from voiceos.language.terms import Analyzer
from voiceos.memory.facts import lookup
from voiceos.memory.facts.vocabulary import terms as fact_terms
from voiceos.memory.index.postings import Ids
from voiceos.memory.recall.periods import Period
from voiceos.memory.recall.question import Question, ask
from voiceos.store.database import Connection
from voiceos.store.records import Kind
from voiceos.store.rows import seconds

LONG_AGO = 0.0
"""Where "before" begins, in seconds since the epoch."""
ROUGHLY = 0.6
"""How surely a time is meant that is only that of words about the event."""
LOOKED_AT = 30
"""Passages, or facts, that may tell of the event."""

Search = Callable[[Sequence[str], int], Ids]
"""The best passages for some terms."""


def dated(db: Connection, question: Question, analyze: Analyzer, search: Search, now: datetime) -> Question:
    """The question with the period that its anchor stands for, if the memory knows when that was.

    A fact that began then tells it best, then the calendar, then the days on which it was spoken of.
    """
    event = ask(question.anchor, analyze, now).topic if question.anchor else ()
    if not event:
        return question
    at = _of_fact(db, event, now)
    weight = 1.0
    if at is None:
        at, weight = _of_words(db, event, analyze, search, seconds(now))
    if at is None:
        return question
    span = (LONG_AGO, at) if question.relation == "before" else (at, seconds(now))
    timely = {*event, *analyze(" ".join(table("en", "questions")["anchor_relations"]))}
    rest = tuple(term for term in question.topic if term not in timely)
    return replace(question, periods=(Period(*span, weight),), topic=rest or question.topic)


def _of_fact(db: Connection, event: Sequence[str], now: datetime) -> float | None:
    """When the latest fact with all these words began."""
    wanted = set(event)
    began = [
        seconds(since)
        for fact in lookup.facts_about(db, event, historic=True, limit=LOOKED_AT)
        if fact.positive
        and fact.retracted_at is None
        and wanted.issubset(fact_terms(fact.subject, fact.predicate, fact.object))
        and (since := fact.valid_from or fact.said_at) is not None
        and since <= now
    ]
    return max(began, default=None)


def _of_words(
    db: Connection, event: Sequence[str], analyze: Analyzer, search: Search, now: float
) -> tuple[float | None, float]:
    """The latest appointment with all these words in it; else the middle one of the days of other words with them."""
    rows = db.execute(
        'SELECT r.kind, r.at, r.title, substr(r.text, p.start + 1, p."end" - p.start) AS words FROM passage p'
        " JOIN record r ON r.id = p.record_id WHERE p.id IN (SELECT value FROM json_each(?)) AND r.at <= ?"
        " ORDER BY r.at",
        (json.dumps(search(event, LOOKED_AT).tolist()), now),
    ).fetchall()
    telling = [row for row in rows if set(event).issubset(analyze(f"{row['title']} {row['words']}"))]
    events = [row["at"] for row in telling if row["kind"] == Kind.EVENT]
    if events:
        return events[-1], 1.0
    return (telling[len(telling) // 2]["at"], ROUGHLY) if telling else (None, ROUGHLY)
