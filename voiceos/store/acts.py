"""Receipts: what was done or refused, with which arguments and result, when, for whom, and by which rule.

Every step of an act is a link of a chain: it has the hash of the link before and a salted digest of the act's words. So
nothing can be changed or taken out unnoticed, and the words can still be erased: with them goes the salt.
"""

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from voiceos.store.database import Connection, Row, file_of, told, transaction
from voiceos.store.rows import clean, sequence


class Progress(StrEnum):
    """How far an act has come."""

    BEGUN = "begun"
    """It was about to be done; nobody knows yet whether it was."""
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    """It was not to be done."""
    DOUBTED = "doubted"
    """It was cut off, and that has been told."""


FORGOTTEN, IMPORTED = "forgotten", "imported"
"""Other steps: its words were erased; it came with an import."""
READING = "reading"
"""The rule that allows what changes nothing."""
EVERY = 0
"""The act of a chain's first link, where an earlier chain was forgotten."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One act."""

    act: str
    """What: the name of an intent or of a tool, such as `timers.set`."""
    turn: str
    """The id of the turn in which it was asked for."""
    who: str
    device: str
    at: datetime
    progress: Progress
    result: str
    """What was said of it, or came back. Of what was not done: why not."""
    arguments: Mapping[str, object] = field(default_factory=dict[str, object])
    origins: Mapping[str, str] = field(default_factory=dict[str, str])
    """Where each argument comes from."""
    rule: str = ""
    """Who allowed or refused it, and by which rule."""
    id: int = 0

    @property
    def done(self) -> bool:
        return self.progress is Progress.DONE


def save_receipt(db: Connection, receipt: Receipt) -> int:
    """Adds it to the chain, and returns its id. Raises StoreError."""
    with told(file_of(db)), transaction(db):
        added = db.execute(
            "INSERT INTO act (act, turn_id, who, device, at, progress, result, arguments, origins, rule, salt)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(receipt.act, receipt.turn, receipt.who, receipt.device, receipt.at.astimezone(UTC).timestamp()),
                *(receipt.progress, clean(receipt.result), json.dumps(receipt.arguments, default=str)),
                *(json.dumps(receipt.origins), receipt.rule, secrets.token_hex(16)),
            ),
        )
        id = int(added.lastrowid or 0)
        link(db, id, receipt.progress, receipt.at)
    return id


def end(db: Connection, id: int, progress: Progress, result: str, at: datetime) -> None:
    """Ends an act that was begun; one that has ended, or was forgotten meanwhile, stays as it is. Raises StoreError."""
    with told(file_of(db)), transaction(db):
        query = "UPDATE act SET progress = ?, result = ? WHERE id = ? AND progress = ?"
        if db.execute(query, (progress, clean(result), id, Progress.BEGUN)).rowcount:
            link(db, id, progress, at)


def receipts(
    db: Connection, *, since: datetime | None = None, turn: str = "", count: int = 100, reads: bool = False
) -> list[Receipt]:
    """The last acts, newest first: those of a turn, or since a moment. Raises StoreError.

    `reads`: with what was only read.
    """
    query = "SELECT * FROM act WHERE at >= ? AND ? IN ('', turn_id) AND (rule <> ? OR ?) ORDER BY id DESC LIMIT ?"
    with told(file_of(db)):
        values = (since.timestamp() if since else 0, turn, READING, reads, count)
        rows = db.execute(query, values).fetchall()
    return [_receipt(row) for row in rows]


def unended(db: Connection) -> list[Receipt]:
    """What was begun and has not ended, the oldest first. Raises StoreError."""
    with told(file_of(db)):
        rows = db.execute("SELECT * FROM act WHERE progress = ? ORDER BY id", (Progress.BEGUN,)).fetchall()
    return [_receipt(row) for row in rows]


# The chain


def link(db: Connection, id: int, step: str, at: datetime) -> None:
    """Adds a step of an act, within the caller's transaction."""
    row = db.execute("SELECT * FROM act WHERE id = ?", (id,)).fetchone()
    words = _digest(row, with_result=step != Progress.BEGUN) if row and step != FORGOTTEN else ""
    last = db.execute("SELECT hash FROM act_link ORDER BY id DESC LIMIT 1").fetchone()
    moment = at.astimezone(UTC).timestamp()
    hash = _hash(last["hash"] if last else "", id, step, moment, words)
    query = "INSERT INTO act_link (act_id, step, at, words, hash) VALUES (?, ?, ?, ?, ?)"
    db.execute(query, (id, step, moment, words, hash))


def forget_acts(db: Connection, ids: Collection[int], at: datetime) -> int:
    """Deletes receipts, within the caller's transaction; the chain keeps that there were some, without a word.

    Returns how many there were.
    """
    there = f"SELECT id FROM act WHERE id IN ({', '.join(str(int(id)) for id in ids)}) ORDER BY id"  # noqa: S608
    found = [row["id"] for row in db.execute(there)]
    for id in found:
        db.execute("DELETE FROM act WHERE id = ?", (id,))
        link(db, id, FORGOTTEN, at)
    return len(found)


def forget_all_acts(db: Connection, at: datetime) -> None:
    """Deletes all receipts and the chain, within the caller's transaction; another begins."""
    db.execute("DELETE FROM act")
    if sequence(db, "act_link"):
        db.execute("DELETE FROM act_link")
        link(db, EVERY, FORGOTTEN, at)


def adopt(db: Connection, at: datetime) -> None:
    """Adds to the chain what came with an import, within the caller's transaction."""
    for row in db.execute("SELECT id FROM act WHERE id NOT IN (SELECT act_id FROM act_link) ORDER BY id").fetchall():
        query = "UPDATE act SET salt = ?, progress = iif(progress = ?, ?, progress) WHERE id = ?"
        db.execute(query, (secrets.token_hex(16), Progress.BEGUN, Progress.DOUBTED, row["id"]))
        link(db, row["id"], IMPORTED, at)


@dataclass(frozen=True, slots=True)
class Chain:
    """What a look at the chain has found."""

    links: int
    acts: int
    """Receipts whose words are there."""
    forgotten: int
    wrong: list[str]
    """What does not fit, a sentence each."""


def verify_acts(db: Connection) -> Chain:
    """Whether every receipt is what it was when it was written, and none is missing. Raises StoreError."""
    with told(file_of(db)), transaction(db):
        links = db.execute("SELECT * FROM act_link ORDER BY id").fetchall()
        acts = {row["id"]: row for row in db.execute("SELECT * FROM act")}
        highest = sequence(db, "act_link")
    wrong, before, last, gone = list[str](), "", dict[int, str](), set[int]()
    if links and links[0]["id"] != 1 and links[0]["act_id"] != EVERY:
        wrong.append("The beginning of the chain is missing.")
    for place, one in enumerate(links):
        if one["id"] != links[0]["id"] + place:
            wrong.append(f"Before link {one['id']} of the chain, a link is missing.")
        if one["hash"] != _hash(before, one["act_id"], one["step"], one["at"], one["words"]):
            wrong.append(f"Link {one['id']} of the chain, of act {one['act_id']}, was changed.")
        before = one["hash"]
        if one["step"] == FORGOTTEN:
            gone.add(one["act_id"])
        last[one["act_id"]] = one["step"]
        act = acts.get(one["act_id"])
        if act and one["words"] != _digest(act, with_result=one["step"] != Progress.BEGUN):
            wrong.append(f"The words of act {act['id']} are not those that were written ({one['step']}).")
    if (links[-1]["id"] if links else 0) != highest:
        wrong.append("The end of the chain is missing.")
    wrong += [f"Act {id} is missing." for id in last if id not in acts and id not in {*gone, EVERY}]
    for id, act in acts.items():
        if last.get(id) not in (act["progress"], IMPORTED):
            wrong.append(f"Act {id} is not in the chain as {act['progress']}.")
    return Chain(len(links), len(acts), len(gone), list(dict.fromkeys(wrong)))


def _hash(before: str, id: int, step: str, at: float, words: str) -> str:
    return _sha(before, id, step, at, words)


def _digest(act: Row, *, with_result: bool) -> str:
    """A digest of an act's words, which tells nothing once its salt is gone."""
    words = ("salt", "act", "turn_id", "who", "device", "at", "arguments", "origins", "rule")
    return _sha(*(act[name] for name in words), act["result"] if with_result else "")


def _sha(*parts: str | float) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _receipt(row: Row) -> Receipt:
    return Receipt(
        row["act"],
        row["turn_id"],
        row["who"],
        row["device"],
        datetime.fromtimestamp(row["at"], UTC),
        Progress(row["progress"]),
        row["result"],
        json.loads(row["arguments"]),
        json.loads(row["origins"]),
        row["rule"],
        row["id"],
    )
