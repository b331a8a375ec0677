"""What is known when something is said, and what was told just before: whom "she" means, and what "no, June" is of."""

from datetime import timedelta

from voiceos.memory.facts.fact import Claim, Fact
from voiceos.memory.facts.lookup import known_as, of_records, people
from voiceos.memory.facts.subjects import Context
from voiceos.memory.facts.vocabulary import is_relation, words
from voiceos.store.database import Connection
from voiceos.store.records import OWNER
from voiceos.store.rows import Kept

TALK_MINUTES = 30
"""How long "she" may mean whom the last facts were about."""


def context_of(db: Connection, kept: Kept) -> tuple[Context, Fact | None]:
    """The people known when something is said, and the fact told just before it, which a repair may be about."""
    last = _last(db, kept)
    about = person_of(last) if last else ""
    context = Context.of(people(db), person=about, speaker=kept.record.author or OWNER)
    context.known = lambda subject, thing: known_as(db, subject, thing)
    return context, last if last and not _came_between(db, kept, last) else None


def _came_between(db: Connection, kept: Kept, last: Fact) -> bool:
    """Whether the same person said something else after a fact."""
    query = (
        "SELECT 1 FROM record r JOIN record f ON f.id = ? WHERE r.thread = f.thread AND r.author = f.author"
        " AND r.at BETWEEN f.at AND ? AND (r.at, r.id) > (f.at, f.id) AND (r.at, r.id) < (?, ?) LIMIT 1"
    )
    at = kept.record.at.timestamp() if kept.record.at else 0
    return db.execute(query, (last.record_id, at, at, kept.id)).fetchone() is not None


def _last(db: Connection, kept: Kept) -> Fact | None:
    """The last fact of the same conversation."""
    if not kept.record.thread or kept.record.at is None:
        return None
    row = db.execute(
        "SELECT f.record_id FROM fact f JOIN record r ON r.id = f.record_id WHERE +r.thread = ? AND r.author = ?"
        " AND r.id <> ? AND r.at <= ? AND r.at > ? ORDER BY r.at DESC, f.id DESC LIMIT 1",
        (kept.record.thread, kept.record.author, kept.id, kept.record.at.timestamp(),
         (kept.record.at - timedelta(minutes=TALK_MINUTES)).timestamp()),
    ).fetchone()  # fmt: skip
    return of_records(db, [row[0]])[-1] if row else None


def person_of(fact: Fact | Claim) -> str:
    """Whom a fact was about, other than the speaker."""
    if is_relation(fact.predicate) and fact.subject == OWNER:
        return fact.object
    if fact.predicate == "has" and fact.object.split()[-1] in words("pets"):
        return fact.object.split()[-1]
    return "" if fact.subject == OWNER else fact.subject
