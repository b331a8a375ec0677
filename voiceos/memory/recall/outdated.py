"""Statements that are no longer true, or never were. They are kept, but do not answer questions about today."""

import json
from collections.abc import Sequence
from dataclasses import replace

from voiceos.core import Recalled
from voiceos.language.data import table
from voiceos.memory.facts.vocabulary import terms
from voiceos.memory.recall.question import Question
from voiceos.store.database import Connection

LONGEST = 200
"""Characters of words that stand or fall with a fact in them; in longer ones there is more than that."""


def is_asked_for(question: Question) -> bool:
    """Whether a question is about what was, so that what no longer holds may answer it."""
    return bool(question.periods) or looks_back(question.text)


def looks_back(question: str) -> bool:
    """Whether the words of a question ask about what was."""
    text = f"{question.lower()} "
    return any(word in text for word in table("en", "questions")["past"])


def marked(db: Connection, memories: Sequence[Recalled], question: Question) -> list[Recalled]:
    """The same memories; those whose words hold a fact that is asked for, and was corrected or replaced, left out."""
    past = is_asked_for(question)
    wanted = set(question.topic)
    rows = db.execute(
        "SELECT record_id, subject, predicate, object, retracted_at, superseded_by FROM fact"
        " WHERE (retracted_at IS NOT NULL OR superseded_by IS NOT NULL)"
        " AND record_id IN (SELECT value FROM json_each(?))",
        (json.dumps([memory.record_id for memory in memories]),),
    )
    reasons: dict[int, str] = {}
    for row in rows:
        if not wanted.isdisjoint(terms(row["subject"], row["predicate"], row["object"])):
            if row["retracted_at"] is not None:
                reasons[row["record_id"]] = "corrected since"
            elif not past:
                reasons.setdefault(row["record_id"], "no longer true")
    return [
        replace(memory, left_out=reasons[memory.record_id])
        if memory.record_id in reasons and len(memory.text) <= LONGEST and not memory.left_out
        else memory
        for memory in memories
    ]
