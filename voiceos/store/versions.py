"""Of an event that several sources tell, only the newest version is searched; the older ones wait in case that goes."""

import json
from collections.abc import Collection

from voiceos.store.driver import Connection
from voiceos.store.ledger import Ledger
from voiceos.store.records import Kind

_VERSIONS = (
    "SELECT id, kind, at, text, extra ->> 'uid' AS uid, extra ->> 'of' AS of, extra ->> 'version' AS version,"
    " extra ->> 'ends' AS ends FROM record WHERE kind IN ('event', 'replaced') AND version IS NOT NULL ORDER BY id"
)


def settle(db: Connection) -> None:
    """Makes events of the versions that hold now, and takes the others out of the indexes. Within a transaction."""
    rows = db.execute(_VERSIONS).fetchall()
    newest: dict[tuple[str, float | None], str] = {}
    for row in rows:
        of = row["uid"], row["of"]
        newest[of] = max(newest.get(of, ""), row["version"])
    told = set[tuple[object, ...]]()
    turned: dict[Kind, list[int]] = {Kind.EVENT: [], Kind.REPLACED: []}
    for row in rows:
        of, whole = (row["uid"], row["of"]), (row["uid"], None)
        same = (*of, row["at"], row["text"])
        is_old = row["version"] < max(newest[of], newest.get(whole, "")) or row["ends"] or same in told
        kind = Kind.REPLACED if is_old else Kind.EVENT
        if not is_old:
            told.add(same)
        if kind != row["kind"]:
            turned[kind].append(row["id"])
    for kind, ids in turned.items():
        Ledger(db).turn(ids, kind)


def replaced_by(db: Connection, records: Collection[int]) -> set[int]:
    """The older versions of these events: they would come back if nothing else went."""
    asked = set(records)
    versions = db.execute(_VERSIONS).fetchall() if events(db, asked) else []
    of = {(row["uid"], row["of"]) for row in versions if row["id"] in asked}
    return {row["id"] for row in versions if row["kind"] == Kind.REPLACED and (row["uid"], row["of"]) in of}


def events(db: Connection, records: Collection[int]) -> bool:
    """Whether events, of whatever version, are among these records."""
    query = "SELECT 1 FROM record WHERE kind IN ('event', 'replaced') AND id IN (SELECT value FROM json_each(?))"
    return db.execute(query, (json.dumps([*records]),)).fetchone() is not None
