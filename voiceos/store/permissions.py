"""What the owner allows: a call that waits for a yes, and what is allowed until it is taken back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from voiceos.store.database import Connection, Row, file_of, told, transaction

PATIENCE = timedelta(seconds=60)
"""How long a question waits for its yes."""


@dataclass(frozen=True, slots=True)
class Consent:
    """A call that waits for a yes: what was read out, and nothing else."""

    tool: str
    stamp: str
    """What the tool was when it was asked about: one that has changed since is asked about again."""
    arguments: Mapping[str, object]
    origins: Mapping[str, str]
    doubtful: Sequence[str]
    """Each value that the owner did not say, after its name."""
    key: Sequence[str]
    """Those of them that a no is a no to."""
    question: str
    turn: str
    who: str
    device: str
    until: datetime


def wait(db: Connection, one: Consent) -> None:
    """Keeps it in place of what waited on its device. Raises StoreError, as all of these do."""
    row = {
        "device": one.device,
        "who": one.who,
        "turn_id": one.turn,
        "tool": one.tool,
        "stamp": one.stamp,
        "arguments": json.dumps(one.arguments),
        "origins": json.dumps(one.origins),
        "doubtful": json.dumps(one.doubtful),
        "key": json.dumps(one.key),
        "question": one.question,
        "until": one.until.astimezone(UTC).timestamp(),
    }
    with told(file_of(db)), transaction(db):
        names = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        db.execute(f"INSERT OR REPLACE INTO consent ({names}) VALUES ({values})", row)  # noqa: S608


def waiting(db: Connection) -> list[Consent]:
    """All that wait."""
    with told(file_of(db)):
        return [_consent(row) for row in db.execute("SELECT * FROM consent").fetchall()]


def _consent(row: Row) -> Consent:
    return Consent(
        tool=row["tool"],
        stamp=row["stamp"],
        arguments=json.loads(row["arguments"]),
        origins=json.loads(row["origins"]),
        doubtful=json.loads(row["doubtful"]),
        key=json.loads(row["key"]),
        question=row["question"],
        turn=row["turn_id"],
        who=row["who"],
        device=row["device"],
        until=datetime.fromtimestamp(row["until"], UTC),
    )


def take(db: Connection, turn: str) -> bool:
    """Takes what waits since a turn, so that nobody else can. Returns whether it was still there."""
    with told(file_of(db)), transaction(db):
        return bool(db.execute("DELETE FROM consent WHERE turn_id = ?", (turn,)).rowcount)


@dataclass(frozen=True, slots=True)
class Permission:
    """Something that needs no question, until it is taken back."""

    tool: str
    stamp: str
    """What the tool was when it was allowed."""
    doubtful: Sequence[str] = ()
    """The values that were allowed, each after its name. Any other that the owner does not say is asked about."""
    who: str = ""
    at: datetime = field(default_factory=lambda: datetime.fromtimestamp(0, UTC))
    id: int = 0


def allow(db: Connection, one: Permission) -> int:
    """Adds it."""
    with told(file_of(db)), transaction(db):
        values = (one.tool, one.stamp, json.dumps(one.doubtful), one.who, one.at.astimezone(UTC).timestamp())
        query = "INSERT INTO permission (tool, stamp, doubtful, who, at) VALUES (?, ?, ?, ?, ?)"
        return int(db.execute(query, values).lastrowid or 0)


def permissions(db: Connection, tool: str = "") -> list[Permission]:
    """All, or those of a tool, the oldest first."""
    with told(file_of(db)):
        rows = db.execute("SELECT * FROM permission WHERE ? IN ('', tool) ORDER BY id", (tool,)).fetchall()
    return [_permission(row) for row in rows]


def take_back(db: Connection, id: int) -> bool:
    """Returns whether there was one."""
    with told(file_of(db)), transaction(db):
        return bool(db.execute("DELETE FROM permission WHERE id = ?", (id,)).rowcount)


def _permission(row: Row) -> Permission:
    at = datetime.fromtimestamp(row["at"], UTC)
    return Permission(row["tool"], row["stamp"], json.loads(row["doubtful"]), row["who"], at, row["id"])
