"""Looks up facts about somebody or something, now or at another time."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from voiceos.memory.facts.fact import Fact, Origin
from voiceos.memory.facts.history import aliases
from voiceos.memory.facts.vocabulary import content, is_single, key, same
from voiceos.memory.facts.vocabulary import words as listed
from voiceos.store.database import Connection, Row
from voiceos.store.records import OWNER, Kind
from voiceos.store.rows import moment, seconds

MOST_WITH_A_TERM = 150
"""Facts with one of a question's words that are looked at, the newest: what so many have in common tells little."""
AT_ONCE = 24
_SELECT = (
    'SELECT f.*, substr(r.text, f.start + 1, f."end" - f.start) AS quote, r.kind AS kind'
    " FROM fact f JOIN record r ON r.id = f.record_id"
)


def get(db: Connection, fact_id: int) -> Fact | None:
    row = db.execute(f"{_SELECT} WHERE f.id = ?", (fact_id,)).fetchone()
    return fact_of(row) if row else None


def of_records(db: Connection, record_ids: Sequence[int]) -> list[Fact]:
    """The facts that come from these records."""
    where = "WHERE f.record_id IN (SELECT value FROM json_each(?)) ORDER BY f.record_id, f.start"
    return [fact_of(row) for row in db.execute(f"{_SELECT} {where}", (json.dumps(list(record_ids)),))]


def facts_about(
    db: Connection,
    words: Iterable[str] = (),
    *,
    people: Iterable[str] = (),
    predicate: str = "",
    at: datetime | None = None,
    historic: bool = False,
    limit: int = 20,
) -> list[Fact]:
    """What is known, best first: facts with most of the words of a question, newest first among equals.

    `people`: only about these (`OWNER`, names or relations). `at`: only what held then. `historic`: also what no
    longer holds, or turned out wrong. Each fact once, however often it was said. Without words: the newest.
    """
    terms = sorted({term for word in words for term in content(word)})
    subjects = sorted({name for person in people for name in aliases(db, key(person))})
    where, values = ["f.same_as IS NULL"], list[object]()
    if subjects:
        where.append("f.subject_key IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(subjects))
    if predicate:
        where.append("f.predicate = ?")
        values.append(predicate)
    if not historic:
        where.append("f.retracted_at IS NULL AND f.withdraws = 0")
    if at is not None:
        where.append("(f.valid_from IS NULL OR f.valid_from <= ?) AND (f.valid_to IS NULL OR f.valid_to > ?)")
        values += [seconds(at)] * 2
    elif not historic:
        where.append("f.superseded_by IS NULL")
    query = f"{_SELECT} WHERE {' AND '.join(where)}"
    if not terms:
        rows = db.execute(f"{query} ORDER BY f.said_at DESC, f.id DESC LIMIT ?", (*values, limit))
        return [fact_of(row) for row in rows]
    chosen = f"{query} AND f.id IN (SELECT value FROM json_each(?))"  # noqa: S608
    return _best(db, chosen, values, terms, subjects, limit)


def known_as(db: Connection, subject: str, thing: str) -> str:
    """The predicate of which a thing is somebody's one value, "car" of a Fabia; empty: it is of none."""
    found = facts_about(db, [thing], people=[subject])
    fits = (one.predicate for one in found if one.positive and is_single(one.predicate) and same(one.object, thing))
    return next(fits, "")


def _best(
    db: Connection, query: str, values: Sequence[object], terms: Sequence[str], subjects: Sequence[str], limit: int
) -> list[Fact]:
    """The facts of the query with most of these terms, rare ones counting more."""
    whose = [json.dumps(subjects)] if subjects else []
    only = " AND fact_id IN (SELECT id FROM fact WHERE subject_key IN (SELECT value FROM json_each(?)))" * len(whose)
    scores: dict[int, float] = {}
    for term in terms:
        posted = f"SELECT fact_id FROM fact_term WHERE term = ?{only} ORDER BY fact_id DESC LIMIT ?"  # noqa: S608
        rows = db.execute(posted, (term, *whose, MOST_WITH_A_TERM)).fetchall()
        for row in rows:
            scores[row[0]] = scores.get(row[0], 0.0) + 1 / (4 + len(rows)) ** 0.5
    best = sorted(scores, key=lambda id: (-scores[id], -id))
    found: list[Fact] = []
    for at in range(0, len(best), AT_ONCE):
        rows = db.execute(query, (*values, json.dumps(best[at : at + AT_ONCE])))
        found += sorted((fact_of(row) for row in rows), key=lambda fact: (-scores[fact.id], -fact.id))
        if len(found) >= limit:
            break
    return found[:limit]


def history(db: Connection, fact: Fact) -> list[Fact]:
    """Everything said about the same subject and predicate, oldest first; for a many-valued one, the same object."""
    found = facts_about(db, people=[fact.subject], predicate=fact.predicate, historic=True, limit=200)
    if not is_single(fact.predicate):
        found = [other for other in found if same(other.object, fact.object)]
    return sorted(found, key=lambda other: (seconds(other.valid_from or other.said_at or other.learnt_at), other.id))


def disagreements(db: Connection, fact: Fact) -> list[Fact]:
    """What others now say differently about the same. They are kept apart, and neither ends the other."""
    if not is_single(fact.predicate):
        return []
    found = facts_about(db, people=[fact.subject], predicate=fact.predicate)
    return [other for other in found if other.said_by != fact.said_by and not same(other.object, fact.object)]


def people(db: Connection) -> list[Fact]:
    """Who is who to the owner, now: facts such as (owner, sister, Lena), pets included, the newest first."""
    where = "WHERE f.subject_key = ? AND f.predicate IN (SELECT value FROM json_each(?)) AND f.same_as IS NULL"
    now = "AND f.positive AND f.retracted_at IS NULL AND f.superseded_by IS NULL ORDER BY f.said_at DESC"
    rows = db.execute(f"{_SELECT} {where} {now}", (OWNER, json.dumps(sorted(listed("relations")))))
    return [fact_of(row) for row in rows]


_TIMES = ("valid_from", "valid_to", "learnt_at", "retracted_at", "said_at")


def fact_of(row: Row) -> Fact:
    """A row of the table, joined with the words that it points to."""
    values: dict[str, Any] = {field.name: row[field.name] for field in fields(Fact)}
    values |= {name: moment(row[name]).astimezone() for name in _TIMES if row[name] is not None}
    values |= {"positive": bool(row["positive"]), "kind": Kind(row["kind"]), "origin": Origin(row["origin"])}
    return Fact(**values)
