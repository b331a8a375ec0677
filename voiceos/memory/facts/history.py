"""How a newer fact affects an older one: supersedes, ends, withdraws or repeats it.

All of it is worked out from what was said and when, for one subject and predicate at a time, and never blends what
different people say. Nothing is deleted: what was superseded stays as history.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from voiceos.memory.facts.vocabulary import is_relation, is_single, relations_by_key
from voiceos.store.database import Connection
from voiceos.store.records import OWNER


@dataclass(slots=True)
class Statement:
    """A fact's own words, and what follows from the others for it. Times in seconds since the epoch."""

    id: int
    said_by: str
    words: frozenset[str]
    """Words of its object that matter."""
    positive: bool
    said: float
    learnt: float
    starts: float | None
    ends: float | None
    withdraws: bool
    denied: float | None
    corrects: int | None
    valid_from: float | None = None
    valid_to: float | None = None
    retracted_at: float | None = None
    superseded_by: int | None = None
    same_as: int | None = None

    def same(self, other: "Statement") -> bool:
        """Whether both are about one thing: "Lyon" and "Lyon, France"."""
        return self.words <= other.words or other.words <= self.words

    @property
    def since(self) -> float:
        """From when it holds, as far as one can order it."""
        return self.said if self.starts is None else self.starts

    @property
    def past(self) -> bool:
        """It was over when it was said: "we used to live in …"."""
        return self.ends is not None and self.ends <= self.said


def aliases(db: Connection, subject: str) -> list[str]:
    """The keys under which one person's facts stand: "sister" and "lena", where there is one sister called so."""
    if subject == OWNER:
        return [subject]
    who = relations_by_key().get(subject)
    column, value = ("predicate", who) if who else ("object_key", subject)
    rows = db.execute(
        f"SELECT DISTINCT predicate, object_key FROM fact WHERE subject_key = ? AND {column} = ?"  # noqa: S608
        " AND positive AND retracted_at IS NULL AND superseded_by IS NULL",
        (OWNER, value),
    ).fetchall()
    relations = {row["predicate"] for row in rows if is_relation(row["predicate"])}
    if not relations:
        return [subject]
    alone = relations if who else {name for name in relations if _only(db, name)}
    named = {row["object_key"] for row in rows if row["predicate"] in relations}
    return sorted({subject, *alone, *named}) if len(named) == 1 else [subject]


def _only(db: Connection, who: str) -> bool:
    row = db.execute(
        "SELECT count(DISTINCT object_key) FROM fact WHERE subject_key = ? AND predicate = ? AND positive"
        " AND retracted_at IS NULL AND superseded_by IS NULL",
        (OWNER, who),
    ).fetchone()
    return row[0] == 1


def settle(db: Connection, subject: str, predicate: str = "") -> int:
    """Works out again what follows from what for one subject (its key), and one of its predicates or all.

    Returns how many facts that changed. Within the caller's transaction.
    """
    rows = db.execute(
        "SELECT * FROM fact WHERE subject_key IN (SELECT value FROM json_each(?)) AND (? = '' OR predicate = ?)"
        " ORDER BY coalesce(said_at, learnt_at), record_id, start, id",
        (json.dumps(aliases(db, subject)), predicate, predicate),
    ).fetchall()
    groups: dict[tuple[str, str], list[Statement]] = {}
    before: dict[int, tuple[object, ...]] = {}
    for row in rows:
        statement = Statement(
            *(row["id"], row["said_by"], frozenset(row["object_key"].split(" ")), bool(row["positive"])),
            *(row["learnt_at"] if row["said_at"] is None else row["said_at"], row["learnt_at"]),
            *(row["starts"], row["ends"], bool(row["withdraws"]), row["denied_at"], row["corrects"]),
        )
        groups.setdefault((row["predicate"], row["said_by"]), []).append(statement)
        before[row["id"]] = tuple(row[name] for name in _DERIVED)
    changed: list[tuple[object, ...]] = []
    for (name, _), statements in groups.items():
        for together in [statements] if is_single(name) else by_object(statements):
            follow(together, single=is_single(name))
        for statement in statements:
            after = tuple(getattr(statement, name) for name in _DERIVED)
            if after != before[statement.id]:
                changed.append((*after, statement.id))
    db.executemany(f"UPDATE fact SET {', '.join(f'{name} = ?' for name in _DERIVED)} WHERE id = ?", changed)  # noqa: S608
    return len(changed)


_DERIVED = ("valid_from", "valid_to", "retracted_at", "superseded_by", "same_as")


def by_object(statements: Iterable[Statement]) -> list[list[Statement]]:
    """The statements of a many-valued predicate, by thing."""
    groups: list[list[Statement]] = []
    with_word: dict[str, list[list[Statement]]] = {}
    for statement in statements:
        near = (group for word in statement.words for group in with_word.get(word, ()))
        found = next((group for group in near if group[0].same(statement)), None)
        if found is not None:
            found.append(statement)
            continue
        groups.append([statement])
        for word in statement.words:
            with_word.setdefault(word, []).append(groups[-1])
    return groups


def follow(statements: Sequence[Statement], *, single: bool) -> None:
    """Sets what follows for each, from what was said before and after it. In the order in which they were said."""
    for statement in statements:
        statement.valid_from, statement.valid_to = statement.starts, statement.ends
        statement.retracted_at = statement.denied
    _correct(statements)
    kept: list[Statement] = []  # what holds or held, by the time from which it does
    for statement in statements:
        if statement.retracted_at is not None:
            continue
        if not statement.positive:
            _end(kept, statement)
        elif statement.past:
            _was(kept, statement)
        else:
            _begin(kept, statement, single=single)


def _correct(statements: Sequence[Statement]) -> None:
    """What was corrected was never so; what it had repeated, too."""
    known = {statement.id: statement for statement in statements}
    for statement in statements:
        wrong = known.get(statement.corrects or 0)
        if wrong is None or statement.retracted_at is not None:
            continue
        for other in statements:
            if other.positive == wrong.positive and other.said <= statement.said and other is not statement:
                if other is not wrong and not other.same(wrong):
                    continue
                other.retracted_at, other.superseded_by = statement.learnt, statement.id


def _before(old: Statement, new: Statement) -> bool:
    """Whether the old one held first: undated, it held when it was said, and until what is told later replaces it."""
    return old.since <= new.since or (old.starts is None and old.said <= new.said)


def _begin(kept: list[Statement], new: Statement, *, single: bool) -> None:
    """It holds from now or from when it says. It ends what it replaces, at the time from which it holds."""
    for old in kept:
        if not old.past and old.same(new) and old.positive and old.valid_to is None:
            new.same_as = old.id
            if old.valid_from is None or (new.starts is not None and old.starts is None):
                old.valid_from = new.starts if new.starts is not None else old.valid_from
            new.valid_from = old.valid_from
            return
    for old in kept:
        replaced = single or not old.positive
        if replaced and not old.past and old.superseded_by is None and _before(old, new):
            _close(old, new.since, new)
            new.valid_from = new.since
    later = [old for old in kept if single and old.positive and not old.past and not _before(old, new)]
    if later:  # an older state, told or read later
        following = min(later, key=lambda old: old.since)
        _close(new, following.since, following)
    kept.append(new)


def _end(kept: list[Statement], new: Statement) -> None:
    """It no longer holds, or never did."""
    new.valid_from = new.since
    reopened: list[Statement] = []
    for old in kept:
        if not old.same(new):
            continue
        if not old.positive:
            new.same_as, new.valid_from = old.id, old.valid_from
        elif new.withdraws or (old.valid_from is not None and old.valid_from >= new.since):
            old.retracted_at, old.superseded_by = new.learnt, new.id
            reopened += [other for other in kept if other.superseded_by == old.id]
        elif old.valid_to is None:
            _close(old, new.since, new)
    for other in reopened:  # what it had replaced goes on
        other.valid_to, other.superseded_by = other.ends, None
    kept[:] = [old for old in kept if old.retracted_at is None]
    if new.same_as is None and not new.withdraws:
        kept.append(new)


def _was(kept: list[Statement], new: Statement) -> None:
    """It held, and was over when it was said."""
    for old in kept:
        if old.positive and old.same(new):
            if old.valid_to is None:
                old.valid_to = new.ends
            new.same_as, new.valid_from, new.valid_to = old.id, old.valid_from, old.valid_to
            return
    starts = [old.valid_from for old in kept if old.valid_from is not None and not old.past and old.positive]
    if starts and new.ends == new.said:  # "we used to": until what came next
        new.valid_to = min(starts)
    kept.append(new)


def _close(old: Statement, at: float, by: Statement) -> None:
    old.valid_to = at if old.ends is None else min(old.ends, at)
    old.superseded_by = by.id
