"""What is remembered about something, what was said about it, and when: all of it, for who asks the memory itself."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from voiceos.core import Recalled
from voiceos.language.data import words_in
from voiceos.language.terms import Analyzer, words
from voiceos.memory.facts import lookup
from voiceos.memory.recall import mentions, outdated
from voiceos.memory.recall.choice import is_question
from voiceos.memory.recall.memories import MOST_FACTS, of_passages, told_by
from voiceos.memory.recall.periods import periods
from voiceos.memory.recall.privacy import without_private
from voiceos.memory.recall.provenance import of_record
from voiceos.memory.recall.question import Question
from voiceos.memory.recall.recall import Recall
from voiceos.store.database import Connection
from voiceos.store.ledger import Ledger
from voiceos.store.passages import sentences
from voiceos.store.records import OWNER
from voiceos.store.rows import seconds

CANDIDATES = 12
"""Passages that are looked at."""
MOST_TOLD = 100
"""What was told last, of all that was."""


def about(
    db: Connection, topic: str, recall: Recall, analyze: Analyzer, now: datetime, *, owner: Collection[str]
) -> list[Recalled]:
    """Facts first, then passages that mention it. Of the owner: what they said of themselves; of nothing: all.

    What was corrected, or holds no longer, is left out: of such a record only the words of facts that hold are told,
    and what was said instead.
    """
    mine = topic.lower() in ("me", "myself", "us")
    if mine or not topic:
        known = lookup.facts_about(db, people=[OWNER], at=now, limit=MOST_FACTS) if mine else []
        rows = db.execute(
            "SELECT id FROM record WHERE kind = 'said' AND author = who ORDER BY at DESC LIMIT ?", (MOST_TOLD,)
        ).fetchall()
        passages = [of_record(one, 1.0) for one in Ledger(db).records(row[0] for row in rows).values()]
        passages.sort(key=lambda memory: -(seconds(memory.at) if memory.at else 0.0))
        first = words_in("en", "questions", "owner")
        passages = [one for one in passages if not mine or not first.isdisjoint(words(one.text))]
    else:
        ids = set(mentions.records(db, topic, analyze, now))
        known = lookup.facts_about(db, (topic,), at=now, limit=MOST_FACTS)
        found = recall(db, topic, now, owner=owner, limit=CANDIDATES).found
        passages = [one for one in of_passages(db, found) if one.record_id in ids]
    holding = told_by(db, known, 1.0)
    wrong, question = mentions.corrected(db), recall.read(db, topic, now)
    outdated_ids = {
        one.record_id
        for one in outdated.marked(db, [*holding, *passages], question)
        if one.left_out or (one.record_id in wrong and len(one.text) <= outdated.LONGEST)
    }
    quotes = {f"fact:{fact.id}": fact.quote for fact in known if fact.record_id in outdated_ids}
    told_of = [replace(one, text=quotes.get(one.id, one.text)) for one in holding]
    right = Ledger(db).records(sorted({wrong[id] for id in outdated_ids if id in wrong} - outdated_ids))
    told_of += [of_record(kept, 1.0) for kept in right.values()]
    quoted = {memory.record_id for memory in told_of} | outdated_ids
    rest = [one for one in passages if one.record_id not in quoted and not is_question(one)]
    return [*({(memory.record_id, memory.text): memory for memory in told_of}.values()), *rest]


def said(db: Connection, question: Question, found: Sequence[Recalled], analyze: Analyzer) -> list[Recalled]:
    """Of what was found, what the owner said that has all of a topic, at the time that is asked for."""
    spoken = question.periods
    if spoken and question.topic == question.terms:  # only a time
        query = "SELECT id FROM record WHERE kind = 'said' AND author = who AND at >= ? AND at < ?"
        rows = [row[0] for period in spoken for row in db.execute(query, (period.start, period.end))]
        found = [of_record(one, 1.0) for one in Ledger(db).records(rows).values()]
        ids = set(rows)
    else:
        ids = set(mentions.records_with(db, question.topic, analyze))
    inside = [
        memory
        for memory in found
        if memory.record_id in ids
        and not is_question(memory)
        and (not spoken or (memory.at and any(p.start <= seconds(memory.at) < p.end for p in spoken)))
    ]
    return sorted(inside, key=lambda memory: seconds(memory.at) if memory.at else 0.0)


def talked(db: Connection, when: str, now: datetime) -> list[Recalled]:
    """What was said at a time, or last, oldest first."""
    spoken, _ = periods(when.lower(), now)
    if spoken:
        start, end = min(p.start for p in spoken), max(p.end for p in spoken)
    else:
        row = db.execute("SELECT max(at) FROM record WHERE kind = 'said' AND at < ?", (seconds(now),)).fetchone()
        end = (row[0] or 0.0) + 1
        start = end - timedelta(hours=12).total_seconds()
    rows = db.execute(
        "SELECT id FROM record WHERE kind = 'said' AND at >= ? AND at < ? ORDER BY at LIMIT 200", (start, end)
    ).fetchall()
    kept = Ledger(db).records(row[0] for row in rows)
    memories = [of_record(kept[row[0]], 1.0) for row in rows]
    told_of = [memory for memory in memories if not is_question(memory)] or memories
    telling = sorted(told_of, key=lambda memory: -len(memory.text))[:8]
    return [memory for memory in told_of if memory in telling]


def part_about(topic: str, memory: Recalled, analyze: Analyzer) -> str:
    """The sentences of a note that mention a topic, or else all but what is private and not asked for."""
    wanted, text = set(analyze(topic)), memory.text
    spans = [text[begin:end] for begin, end in sentences(text)]
    told_of = [one.strip() for one in spans if wanted and wanted <= set(analyze(one))]
    if told_of:
        return " ".join(told_of) if memory.source else text
    rest, private = without_private(topic, text, source=memory.source)
    return "" if private else rest
