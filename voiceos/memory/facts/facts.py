"""What is known: facts over time, each with the words that it came from.

A fact says what held when (`valid_from`, `valid_to`) and when that was known (`learnt_at`, `retracted_at`). What a
newer fact does to an older one is worked out by `fact_history`, anew whenever one comes or goes, so that forgetting a
correction brings back what it had corrected.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voiceos.memory.facts import history as fact_history
from voiceos.memory.facts.words import PETS, RELATIONS, is_single, key, same, stem, terms
from voiceos.store.database import Connection, Row, transaction
from voiceos.store.records import OWNER, Kind
from voiceos.store.rows import Kept, moment, seconds

MOST_WITH_A_TERM = 150
"""Facts with one of a question's words that are looked at, the newest: what so many have in common tells little."""
AT_ONCE = 24


class Origin(StrEnum):
    """Who found a fact in the words."""

    RULE = "rule"
    MODEL = "llm"
    TOLD = "told"  # the owner asked for it to be remembered, or corrected


@dataclass(frozen=True, slots=True)
class Claim:
    """A fact as it was found in a text, before it is kept."""

    subject: str
    """`OWNER`, a name, or who it is to the owner: "sister"; a thing: "spare key"."""
    predicate: str
    object: str
    start: int
    """Of its words: characters into the text."""
    end: int
    positive: bool = True
    starts: datetime | None = None
    """From when it holds, if the words say so."""
    ends: datetime | None = None
    confidence: float = 0.9
    withdraws: bool = False
    """It was never so: "we didn't move after all"."""
    amends: bool = False
    """It replaces what was said just before: "sorry, it's the fifth"."""
    told: bool = False
    """ "Remember that …" """

    @property
    def sensitive(self) -> bool:
        return fact_history.is_sensitive(self.predicate)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was said to be so."""

    id: int
    subject: str
    predicate: str
    object: str
    positive: bool
    valid_from: datetime | None
    """None: nobody said since when."""
    valid_to: datetime | None
    learnt_at: datetime
    retracted_at: datetime | None
    """When it turned out not to have been so."""
    record_id: int
    start: int
    end: int
    quote: str
    """Its words, verbatim."""
    said_by: str
    said_at: datetime | None
    kind: Kind
    confidence: float
    origin: Origin
    superseded_by: int | None
    sensitive: bool
    times_said: int = 1

    def holds(self, at: datetime) -> bool:
        """Whether it held then, as far as is known now."""
        return (
            self.retracted_at is None
            and (self.valid_from is None or self.valid_from <= at)
            and (self.valid_to is None or at < self.valid_to)
        )


def add(
    db: Connection, kept: Kept, claims: Iterable[Claim], origin: Origin = Origin.RULE, *, corrects: int | None = None
) -> list[int]:
    """Keeps what was found in a record's words; the same again changes nothing. Returns the new facts' ids.

    Raises ValueError when a claim's words are not there: no fact without words.
    """
    new: list[int] = []
    with transaction(db):
        for claim in claims:
            if not kept.record.text[claim.start : claim.end].strip() or claim.start < 0:
                raise ValueError(f"A fact must have words: {claim}")
            amended = corrects or (_said_before(db, kept, claim) if claim.amends else None)
            if fact_id := _insert(db, kept, claim, Origin.TOLD if claim.told else origin, amended):
                new.append(fact_id)
                fact_history.settle(db, key(claim.subject), claim.predicate)
                if claim.predicate in RELATIONS:
                    for subject in (key(claim.object), key(claim.predicate)):
                        fact_history.settle(db, subject)
    return new


_STATED = (
    'record_id, start, "end", subject, subject_key, predicate, object, object_key, positive, said_by, said_at,'
    " learnt_at, starts, ends, withdraws, corrects, confidence, origin, sensitive"
)


def _insert(db: Connection, kept: Kept, claim: Claim, origin: Origin, corrects: int | None) -> int:
    record = kept.record
    values = (
        *(kept.id, claim.start, claim.end, claim.subject, key(claim.subject), claim.predicate, claim.object),
        *(key(claim.object), claim.positive, record.author or record.title),
        *(seconds(record.at) if record.at else None, seconds(kept.learnt_at)),
        *(seconds(claim.starts) if claim.starts else None, seconds(claim.ends) if claim.ends else None),
        *(claim.withdraws, corrects, claim.confidence, str(origin), claim.sensitive),
    )
    marks = ", ".join("?" * len(values))
    found = db.execute(f"INSERT OR IGNORE INTO fact ({_STATED}) VALUES ({marks})", values)  # noqa: S608
    if not found.rowcount:
        return 0
    fact_id = found.lastrowid or 0
    words = terms(claim.subject, claim.predicate, claim.object)
    db.executemany("INSERT OR IGNORE INTO fact_term VALUES (?, ?)", [(word, fact_id) for word in words])
    return fact_id


def _said_before(db: Connection, kept: Kept, claim: Claim) -> int | None:
    """The fact that a repair is about: the last one of the same subject and predicate."""
    row = db.execute(
        "SELECT id FROM fact WHERE subject_key = ? AND predicate = ? AND said_by = ? AND record_id <> ?"
        " ORDER BY said_at DESC, id DESC LIMIT 1",
        (key(claim.subject), claim.predicate, kept.record.author, kept.id),
    ).fetchone()
    return row[0] if row else None


_SELECT = (
    'SELECT f.*, substr(r.text, f.start + 1, f."end" - f.start) AS quote, r.kind AS kind,'
    " 1 + (SELECT count(*) FROM fact s WHERE s.same_as = f.id) AS times_said"
    " FROM fact f JOIN record r ON r.id = f.record_id"
)


def get(db: Connection, fact_id: int) -> Fact | None:
    row = db.execute(f"{_SELECT} WHERE f.id = ?", (fact_id,)).fetchone()
    return fact_of(row) if row else None


def of_records(db: Connection, record_ids: Sequence[int]) -> list[Fact]:
    """The facts that these records' words are the source of."""
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
    said: tuple[datetime, datetime] | None = None,
    limit: int = 20,
) -> list[Fact]:
    """What is known, best first: facts with most of the words of a question, newest first among equals.

    `people`: only about these (`OWNER`, names or relations). `at`: only what held then. `historic`: also what no
    longer holds, or turned out wrong. `said`: only what was said between two moments. Each fact once, however often it
    was said. Without words: the newest.
    """
    stems = sorted({stem(part) for word in words for part in word.split()})
    subjects = sorted({name for person in people for name in fact_history.aliases(db, key(person))})
    where, values = ["f.same_as IS NULL"], list[object]()
    if len(subjects) == 1:
        where.append("f.subject_key = ?")
        values.append(subjects[0])
    elif subjects:
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
    if said is not None:
        where.append("f.said_at >= ? AND f.said_at < ?")
        values += [seconds(said[0]), seconds(said[1])]
    query = f"{_SELECT} WHERE {' AND '.join(where)}"
    if not stems:
        rows = db.execute(f"{query} ORDER BY f.said_at DESC, f.id DESC LIMIT ?", (*values, limit))
        return [fact_of(row) for row in rows]
    chosen = f"{query} AND f.id IN (SELECT value FROM json_each(?))"  # noqa: S608
    return _best(db, chosen, values, stems, subjects, limit)


def _best(
    db: Connection, query: str, values: Sequence[object], stems: Sequence[str], subjects: Sequence[str], limit: int
) -> list[Fact]:
    """The facts with most of these stems, a rare one counting more, that the query lets pass."""
    only = " AND fact_id IN (SELECT id FROM fact WHERE subject_key IN (SELECT value FROM json_each(?)))" * bool(
        subjects
    )
    whose = [json.dumps(subjects)] if subjects else []
    scores: dict[int, float] = {}
    for term in stems:
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
    """All that was ever said of the same subject and predicate, oldest first; of a many-valued one, the same object."""
    found = facts_about(db, people=[fact.subject], predicate=fact.predicate, historic=True, limit=200)
    if not is_single(fact.predicate):
        found = [other for other in found if same(other.object, fact.object)]
    return sorted(found, key=lambda other: (seconds(other.valid_from or other.said_at or other.learnt_at), other.id))


def disagreements(db: Connection, fact: Fact) -> list[Fact]:
    """What others say of the same, now, and say differently. They are told apart, and neither ends the other."""
    if not is_single(fact.predicate):
        return []
    found = facts_about(db, people=[fact.subject], predicate=fact.predicate)
    return [other for other in found if other.said_by != fact.said_by and not same(other.object, fact.object)]


def people(db: Connection) -> list[Fact]:
    """Who is who to the owner, now: facts such as (owner, sister, Lena), pets included, the newest first."""
    where = "WHERE f.subject_key = ? AND f.predicate IN (SELECT value FROM json_each(?)) AND f.same_as IS NULL"
    now = "AND f.positive AND f.retracted_at IS NULL AND f.superseded_by IS NULL ORDER BY f.said_at DESC"
    rows = db.execute(f"{_SELECT} {where} {now}", (OWNER, json.dumps([*RELATIONS, *PETS])))
    return [fact_of(row) for row in rows]


def as_sentence(fact: Fact) -> str:
    """Where it comes from, to be said: You told me on 3 May 2025: "we moved to Lyon"."""
    on = f" on {fact.said_at.day} {fact.said_at:%B %Y}" if fact.said_at else ""
    if fact.said_by == OWNER:
        who = "You told me" if fact.kind is Kind.SAID else "You wrote"
    else:
        who = f"{fact.said_by or 'Somebody'} {'said' if fact.kind is Kind.SAID else 'wrote'}"
    return f'{who}{on}: "{fact.quote.strip().rstrip(".,;")}".'


def fact_of(row: Row) -> Fact:
    """A row of the table, joined with the words that it points to."""

    def time(name: str) -> datetime | None:
        return None if row[name] is None else moment(row[name]).astimezone()

    return Fact(
        id=row["id"],
        subject=row["subject"],
        predicate=row["predicate"],
        object=row["object"],
        positive=bool(row["positive"]),
        valid_from=time("valid_from"),
        valid_to=time("valid_to"),
        learnt_at=moment(row["learnt_at"]).astimezone(),
        retracted_at=time("retracted_at"),
        record_id=row["record_id"],
        start=row["start"],
        end=row["end"],
        quote=row["quote"],
        said_by=row["said_by"],
        said_at=time("said_at"),
        kind=Kind(row["kind"]),
        confidence=row["confidence"],
        origin=Origin(row["origin"]),
        superseded_by=row["superseded_by"],
        sensitive=bool(row["sensitive"]),
        times_said=row["times_said"],
    )
