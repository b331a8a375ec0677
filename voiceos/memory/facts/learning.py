"""Learns, corrects, withdraws and forgets facts, and finds them again."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from voiceos.memory.facts.context import context_of, person_of
from voiceos.memory.facts.fact import Claim, Fact, Origin
from voiceos.memory.facts.history import settle
from voiceos.memory.facts.rules import find, find_in, instead
from voiceos.memory.facts.vocabulary import content, is_relation, key, terms
from voiceos.store.database import Connection, Row, transaction
from voiceos.store.rows import Kept, in_pages, kept_of, seconds

OWN_WORDS = "author = who AND kind IN ('said', 'note')"
"""The records that facts are looked for in: what a person said or wrote in notes, not what others did."""
TASK = "facts"
LATE = 32
"""Passages that told nothing, after which it is noted that they were looked at."""


def learn(db: Connection, kept: Kept) -> list[int]:
    """Learns the facts in a new or changed record, by rules. Returns the new facts' ids."""
    return add(db, kept, find_in(db, kept))


def catch_up(db: Connection, go_on: Callable[[int], bool], after: int = 0) -> int:
    """Finds facts in new and changed records, which were cut into new passages. Calls `go_on` in between.

    `after`: the last passage that this process has looked at, which is returned, too.
    """
    query = (
        f"SELECT r.*, p.id AS passage FROM passage p JOIN record r ON r.id = p.record_id WHERE p.id > ? AND {OWN_WORDS}"  # noqa: S608
        " AND NOT EXISTS (SELECT 1 FROM passage WHERE record_id = r.id AND id < p.id) ORDER BY p.id LIMIT 50"
    )
    (last,) = db.execute("SELECT coalesce(max(id), 0) FROM passage").fetchone()
    noted = upto(db, TASK)
    done = max(noted, after)
    while done < last:
        with transaction(db):
            rows = db.execute(query, (done,)).fetchall()
            learnt = [fact for row in rows for fact in learn(db, kept_of(row))]
            done = rows[-1]["passage"] if rows else last
            if learnt or done - noted >= LATE:
                reach(db, TASK, done)
                noted = done
        if not go_on(len(rows)):
            break
    return done


def upto(db: Connection, task: str) -> int:
    """How far a task has got: the last id that it has looked at; 0 before it has begun."""
    row = db.execute("SELECT upto FROM consolidated WHERE task = ?", (task,)).fetchone()
    return row[0] if row else 0


def reach(db: Connection, task: str, id: int) -> None:
    """Notes how far a task has got, in the caller's transaction."""
    db.execute("INSERT OR REPLACE INTO consolidated VALUES (?, ?)", (task, id))


def add(
    db: Connection, kept: Kept, claims: Iterable[Claim], origin: Origin = Origin.RULE, *, corrects: int | None = None
) -> list[int]:
    """Saves the facts found in a record. Known ones change nothing. Returns the new facts' ids.

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
                settle(db, key(claim.subject), claim.predicate)
                if is_relation(claim.predicate):
                    for subject in (key(claim.object), key(claim.predicate)):
                        settle(db, subject)
    return new


def _insert(db: Connection, kept: Kept, claim: Claim, origin: Origin, corrects: int | None) -> int:
    record = kept.record
    told = {name: getattr(claim, name) for name in "start end subject predicate object positive confidence".split()}
    times = {"said_at": record.at, "learnt_at": kept.learnt_at, "starts": claim.starts, "ends": claim.ends}
    values: dict[str, object] = {
        **told,
        **{name: seconds(at) if at else None for name, at in times.items()},
        **{"record_id": kept.id, "said_by": record.author or record.title, "origin": str(origin)},
        **{"subject_key": key(claim.subject), "object_key": key(claim.object)},
        **{"withdraws": claim.withdraws, "corrects": corrects},
    }
    columns, marks = (", ".join(map(form.format, values)) for form in ('"{}"', ":{}"))
    found = db.execute(f"INSERT OR IGNORE INTO fact ({columns}) VALUES ({marks})", values)  # noqa: S608
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


def correct(db: Connection, fact: Fact, kept: Kept, words: str = "") -> list[int]:
    """Corrects `fact` with the owner's words in `kept`. Returns the new facts' ids.

    `words`: those of them that say what is right. Words without a whole statement ("it's the fifth of June") are the
    new object of the same fact. Where none can be told from them, the fact is only taken back; the words themselves are
    kept and found as all others are.
    """
    context, _ = context_of(db, kept)
    context.person = person_of(fact)
    text = kept.record.text
    at = max(text.rfind(words), 0) if words else 0
    found = find(text[at:], kept.record.at or kept.learnt_at, context, fact)
    claims = [replace(claim, start=claim.start + at, end=claim.end + at) for claim in found]
    with transaction(db):
        right = [claim for claim in claims if claim.predicate == fact.predicate]
        if not right and (claim := instead(text, words or text, fact)):
            right = [claim]
        ids = add(db, kept, right, Origin.TOLD, corrects=fact.id)
        if not ids:
            deny(db, fact, kept.learnt_at)
    return ids


def deny(db: Connection, fact: Fact, at: datetime) -> None:
    """Marks a fact as wrong, without a correction. It stays as history, and is not learnt again."""
    with transaction(db):
        db.execute("UPDATE fact SET denied_at = ? WHERE id = ? OR same_as = ?", (seconds(at), fact.id, fact.id))
        settle(db, key(fact.subject), fact.predicate)


def remove(db: Connection, record_ids: Sequence[int]) -> int:
    """Forgets what these records' words told; what they had superseded or corrected holds again. Returns how many."""
    chosen = "WHERE record_id IN (SELECT value FROM json_each(?))"
    values = (json.dumps([int(id) for id in record_ids]),)
    with transaction(db):
        rows = db.execute(f"SELECT DISTINCT subject_key, predicate FROM fact {chosen}", values).fetchall()  # noqa: S608
        gone = db.execute(f"DELETE FROM fact {chosen}", values).rowcount  # noqa: S608
        for row in rows:
            settle(db, row["subject_key"], row["predicate"])
    return gone


def verify(db: Connection) -> list[str]:
    """What is wrong with the facts; empty when all is well."""
    return [
        f"fact {row['id']} ({row['predicate']} {row['object']}) is not in the text it cites" for row in _wordless(db)
    ]


def _wordless(db: Connection) -> Iterator[Row]:
    """The facts whose words do not hold their object."""
    query = (
        'SELECT f.*, substr(r.text, f.start + 1, f."end" - f.start) AS quote FROM fact f JOIN record r'
        " ON r.id = f.record_id WHERE f.id > :after ORDER BY f.id LIMIT :count"
    )
    return (row for row in in_pages(db, query, {}) if not holds(row["quote"], row["object"]))


def holds(quote: str, thing: str) -> bool:
    """Whether words hold an object: each of its words that matters."""
    return bool(quote.strip()) and set(content(thing)) <= set(content(quote))


def reindex(db: Connection) -> int:
    """Finds the rules' facts again in everything people said and wrote themselves. What was denied stays denied.

    Facts of the model and of corrections stay if their words are still there. Returns how many facts there are now.
    """
    with transaction(db):
        db.execute("DELETE FROM fact WHERE origin = ? AND corrects IS NULL AND denied_at IS NULL", (str(Origin.RULE),))
        db.executemany("DELETE FROM fact WHERE id = ?", [(row["id"],) for row in _wordless(db)])
        query = f"SELECT * FROM record WHERE {OWN_WORDS} AND id > :after ORDER BY id LIMIT :count"  # noqa: S608
        for row in in_pages(db, query, {}):
            learn(db, kept_of(row))
        settle_all(db)
    return db.execute("SELECT count(*) FROM fact").fetchone()[0]


def settle_all(db: Connection) -> int:
    """Works out anew what follows from what, everywhere. Returns how many facts that changed."""
    pairs = db.execute("SELECT DISTINCT subject_key, predicate FROM fact").fetchall()
    return sum(settle(db, row["subject_key"], row["predicate"]) for row in pairs)
