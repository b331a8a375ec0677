"""Really forgets: erases records, everything derived from them, and every byte they left behind."""

import json
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from voiceos.clock import local_time
from voiceos.config.paths import LEARNED
from voiceos.store import lineage, scrub
from voiceos.store.acts import forget_acts, forget_all_acts
from voiceos.store.driver import Connection, file_of, transaction
from voiceos.store.ledger import Ledger
from voiceos.store.versions import events, replaced_by, settle
from voiceos.store.whole import told

_EMPTY = "NOT EXISTS (SELECT 1 FROM record WHERE source_id = source.id)"
UNREAD = f"read_at IS NOT NULL AND {_EMPTY}"
"""Of a source: it is a file of which nothing is remembered but the name."""


OF_ACTS = ("act", "schedule", "list", "routine", "prompt", "permission")
"""Tables of what was done, is to be done, and may be."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What is gone."""

    records: int = 0
    """Gone, or cut."""
    passages: int = 0
    turns: int = 0
    replies: Sequence[str] = ()
    """Ids of other turns, whose replies were based on what was forgotten, and are gone for that."""
    names: int = 0
    """Files of which nothing but the name was there, since they could not be read."""
    rows: int = 0
    """Of lists, of what is due, is allowed or done under a name, and receipts."""
    finished: bool = True
    """False: something was reading, so that copies are left in the files until the next start."""


@dataclass(frozen=True, slots=True)
class Unwanted:
    """What is to be forgotten."""

    records: Collection[int] = ()
    turns: Collection[str] = ()
    sources: Collection[str] = ()
    """Whole ones, by their uris."""
    cuts: Mapping[int, Sequence[str]] = field(default_factory=dict[int, Sequence[str]])
    """Words that go from records that stay."""
    replies: Collection[str] = ()
    """Turns of which only the reply goes."""
    rows: Mapping[str, Sequence[int]] = field(default_factory=dict[str, Sequence[int]])
    """What of lists, receipts and the like goes, by table."""
    vanished: bool = False
    """Nobody wants it forgotten, but its words are gone from their file."""
    everything: bool = False
    """All of lists, receipts and the like goes, too."""


def forget(db: Connection, unwanted: Unwanted) -> Forgotten:
    """Forgets. None of our files holds the words afterwards.

    With a record of a conversation goes its turn, with its sound; with a record, whatever was derived from it, the
    older versions of an event, and every reply that was based on it; with the last record of a file, the file's name.
    Such a file is not taken in again with its folder, unless it has `vanished`.

    Raises StoreError.
    """
    with told(file_of(db)):
        with transaction(db):
            gone = _erase(db, unwanted)
            scrub.mark(db)
        sweep_audio(db)
        if unwanted.everything:
            shutil.rmtree(file_of(db).parent / LEARNED, ignore_errors=True)  # what was learnt of somebody's voice
        return replace(gone, finished=scrub.scrub(db))


def _erase(db: Connection, unwanted: Unwanted) -> Forgotten:
    """Deletes what is unwanted from the tables, and what hangs on it."""
    records, turns, based, unread = extent(db, unwanted)
    replies = (based | _replies(db, {*unwanted.cuts}) | {*unwanted.replies}) - turns
    doomed = sorted(records | _reply_records(db, replies))
    cut = Ledger(db).cut_out({id: words for id, words in unwanted.cuts.items() if id not in records})
    passages = Ledger(db).uncut(doomed)
    uris = json.dumps([*unwanted.sources])
    touched, versions = _sources(db, doomed, uris), events(db, doomed)
    db.executemany("UPDATE turn SET reply = '', said = '' WHERE id = ?", [(id,) for id in replies])
    db.executemany("DELETE FROM turn WHERE id = ?", [(id,) for id in turns])
    _erase_acts(db, {*turns, *unwanted.turns})
    db.executemany("DELETE FROM record WHERE id = ?", [(id,) for id in doomed])
    if not unwanted.vanished:
        _forget_names(db, touched)
    db.execute("DELETE FROM source WHERE uri IN (SELECT value FROM json_each(?))", (uris,))
    if versions:
        settle(db)
    rows = _erase_rows(db, unwanted)
    if not unwanted.vanished:
        ids = {"record": {*doomed, *unwanted.cuts}, "turn": {*turns, *unwanted.turns}, "reply": replies}
        _note(db, {**ids, "source": _gone(db, touched)}, unwanted)
    return Forgotten(len(records) + cut, passages, len(turns), sorted(replies), unread, rows)


def _note(db: Connection, ids: Mapping[str, Collection[int | str]], unwanted: Unwanted) -> None:
    """So that backups forget it, too."""
    for kind, those in (*ids.items(), *unwanted.rows.items()):
        lineage.note_forgotten(db, kind, those)
    if unwanted.everything:
        lineage.note_all_forgotten(db)


def _gone(db: Connection, sources: str) -> list[int]:
    """Those of these sources that are not there any more."""
    query = "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT id FROM source)"
    return [row["value"] for row in db.execute(query, (sources,))]


def _erase_rows(db: Connection, unwanted: Unwanted) -> int:
    """Deletes what is unwanted of lists, receipts and the like. Returns how many were named."""
    gone = forget_acts(db, unwanted.rows.get("act", ()), local_time())
    for table in ("schedule", "list", "list_item", "routine", "prompt", "permission"):
        ids = json.dumps([*unwanted.rows.get(table, ())])
        deleted = db.execute(f"DELETE FROM {table} WHERE id IN (SELECT value FROM json_each(?))", (ids,))  # noqa: S608
        gone += deleted.rowcount
    if unwanted.everything:
        forget_all_acts(db, local_time())
        for table in ("schedule", "list", "routine", "prompt", "permission", "consent", "doom", "under_way"):
            db.execute(f"DELETE FROM {table}")  # noqa: S608
    return gone


def _erase_acts(db: Connection, turns: set[str]) -> None:
    """Deletes what was done in these turns, and what waits for a yes since then."""
    them = json.dumps(sorted(turns))
    query = "SELECT id FROM act WHERE turn_id IN (SELECT value FROM json_each(?))"
    forget_acts(db, [row["id"] for row in db.execute(query, (them,))], local_time())
    db.execute("DELETE FROM consent WHERE turn_id IN (SELECT value FROM json_each(?))", (them,))
    db.execute("DELETE FROM under_way WHERE turn IN (SELECT value FROM json_each(?))", (them,))


def extent(db: Connection, unwanted: Unwanted) -> tuple[set[int], set[str], set[str], int]:
    """What `forget` would erase: records, turns, other turns whose replies were based on them, and how many names."""
    uris = json.dumps([*unwanted.sources])
    of_sources = {row["id"] for row in _of_sources(db, uris)}
    asked = {int(id) for id in unwanted.records} - of_sources
    versions = set[int]() if unwanted.vanished else replaced_by(db, asked)
    turns, records = _closure(db, asked | of_sources | versions, {*unwanted.turns})
    unread = f"SELECT count(*) FROM source WHERE uri IN (SELECT value FROM json_each(?)) AND {UNREAD}"  # noqa: S608
    return records, turns, _replies(db, records) - turns, db.execute(unread, (uris,)).fetchone()[0]


def sweep_audio(db: Connection) -> None:
    """Removes sound whose turn is not there."""
    for file in (file_of(db).parent / "audio").glob("*"):
        if file.suffix != ".wav" or not db.execute("SELECT 1 FROM turn WHERE id = ?", (file.stem,)).fetchone():
            file.unlink(missing_ok=True)


def is_forgotten(db: Connection, digest: str) -> bool:
    """Whether a file of this content was forgotten."""
    return db.execute("SELECT 1 FROM forgotten WHERE digest = ?", (digest,)).fetchone() is not None


def _sources(db: Connection, records: Sequence[int], uris: str) -> str:
    """The sources of these records, and those of these uris, as JSON."""
    query = (
        "SELECT source_id FROM record WHERE id IN (SELECT value FROM json_each(?))"
        " UNION SELECT id FROM source WHERE uri IN (SELECT value FROM json_each(?))"
    )
    return json.dumps([row["source_id"] for row in db.execute(query, (json.dumps(records), uris))])


def _forget_names(db: Connection, sources: str) -> None:
    """Removes those of these sources that are empty. When nothing is left at all, everything starts over."""
    empty = f"FROM source WHERE id IN (SELECT value FROM json_each(?)) AND {_EMPTY}"  # noqa: S608
    db.execute(f"INSERT OR IGNORE INTO forgotten SELECT digest {empty} AND digest <> ''", (sources,))
    db.execute(f"DELETE {empty}", (sources,))
    db.execute("DELETE FROM forgotten WHERE NOT EXISTS (SELECT 1 FROM record)")


def _of_sources(db: Connection, uris: str) -> list[Any]:
    query = "SELECT id FROM record WHERE source_id IN (SELECT s.id FROM source s, json_each(?) u WHERE s.uri = u.value)"
    return db.execute(query, (uris,)).fetchall()


def _closure(db: Connection, records: set[int], turns: set[str]) -> tuple[set[str], set[int]]:
    """The turns of these records, the records of those turns, and what was said on the way to them."""
    rows = _turns(
        db,
        "t.heard_record IN (SELECT value FROM json_each(:it)) OR t.said_record IN (SELECT value FROM json_each(:it))",
        [*records],
    )
    rows += _turns(db, "t.id IN (SELECT value FROM json_each(:it))", [*turns])
    turns, records = set(), set(records)
    for row in rows:
        turns.add(row["id"])
        records |= {id for id in (row["heard_record"], row["said_record"]) if id}
        turns |= {merged["id"] for merged in _merged_into(db, row)}
    there = db.execute("SELECT id FROM record WHERE id IN (SELECT value FROM json_each(?))", (json.dumps([*records]),))
    return turns, {row["id"] for row in there}


def _turns(db: Connection, where: str, it: Sequence[object]) -> list[Any]:
    return db.execute(f"SELECT t.* FROM turn t WHERE {where}", {"it": json.dumps(it)}).fetchall()  # noqa: S608


def _merged_into(db: Connection, turn: Any) -> list[Any]:
    """The turns before it that it took over: its words begin with theirs."""
    before = db.execute(
        "SELECT id, outcome FROM turn WHERE conversation = ? AND number < ? ORDER BY number DESC LIMIT 20",
        (turn["conversation"], turn["number"]),
    )
    merged: list[Any] = []
    for row in before:
        if row["outcome"] != "merged":
            break
        merged.append(row)
    return merged


def _replies(db: Connection, records: set[int]) -> set[str]:
    """The turns that these records came to mind in, and were not left out."""
    rows = db.execute(
        "SELECT DISTINCT turn_id FROM recollection WHERE left_out = '' AND record_id IN"
        " (SELECT value FROM json_each(?))",
        (json.dumps([*records]),),
    )
    return {row["turn_id"] for row in rows}


def _reply_records(db: Connection, turns: set[str]) -> set[int]:
    rows = _turns(db, "t.id IN (SELECT value FROM json_each(:it)) AND t.said_record IS NOT NULL", [*turns])
    return {row["said_record"] for row in rows}
