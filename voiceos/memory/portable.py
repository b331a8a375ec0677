"""Exports and imports the whole memory as lines of JSON; docs/memory-store.md describes the format.

What is derived (passages, indexes, vectors, summaries) is not in it, because it can be rebuilt.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from voiceos.clock import local_time
from voiceos.config.paths import spelt
from voiceos.errors import DataError
from voiceos.memory import pam
from voiceos.memory.facts.vocabulary import terms
from voiceos.store.acts import adopt
from voiceos.store.database import Connection, Error, file_of, told, transaction
from voiceos.store.ledger import cut_all
from voiceos.store.rows import clean, digest_of

FORMAT, VERSION = "voiceos-memory", 1
BATCH = 1000
"""Lines of one transaction."""
DERIVED = frozenset({"digest", "number", "salt"})
"""Columns that are worked out again."""
_KEYED = {
    "source": ("uri",),
    "record": ("source_id", "key"),
    "turn": ("id",),
    "fact": ("record_id", "subject_key", "predicate", "object_key"),
    "act": ("turn_id", "act", "at", "result"),
    "list": ("key",),
    "list_item": ("list_id", "key", "unit"),
    "routine": ("name",),
    "prompt": ("name", "who"),
}
"""What names a row wherever it is."""
_POINTERS = {
    "source_id": "source",
    "record_id": "record",
    "heard_record": "record",
    "said_record": "record",
    "corrects": "fact",
    "superseded_by": "fact",
    "same_as": "fact",
    "list_id": "list",
}
_RECOLLECTIONS = (
    "SELECT r.*, p.start FROM recollection r LEFT JOIN passage p ON r.memory = 'passage:' || p.id"
    " ORDER BY r.turn_id, r.place"
)

Line = Mapping[str, Any]


@dataclass(slots=True)
class Imported:
    """How many of each were imported, not counting what was already there."""

    source: int = 0
    record: int = 0
    turn: int = 0
    fact: int = 0
    act: int = 0
    list: int = 0
    list_item: int = 0
    routine: int = 0
    prompt: int = 0
    recollection: int = 0


@dataclass(slots=True)
class _Import:
    """An import under way."""

    imported: Imported = field(default_factory=Imported)
    ids: dict[str, dict[int, int]] = field(default_factory=lambda: {table: {} for table in _KEYED})
    """By table: the ids of the export, and what they have become here."""
    later: list[tuple[int, str, int]] = field(default_factory=list[tuple[int, str, int]])
    """Facts that point to other facts: id here, column, id there."""
    recollections: list[Line] = field(default_factory=list[Line])


def export(db: Connection) -> Iterator[dict[str, Any]]:
    """Everything that was kept, a JSON-able table at a time, in the order in which `import_` needs it.

    As it was when it began; what is written meanwhile is not in it.
    """
    with told(file_of(db)):
        (shape,) = db.execute("PRAGMA user_version").fetchone()
        yield {"is": "memory", "format": FORMAT, "version": VERSION, "shape": shape}
        last = {table: db.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0 for table in _KEYED}  # noqa: S608
        for table, highest in last.items():
            after = 0
            query = f"SELECT rowid AS at_row, * FROM {table} WHERE rowid > ? AND rowid <= ? ORDER BY rowid LIMIT ?"  # noqa: S608
            while rows := db.execute(query, (after, highest, BATCH)).fetchall():
                for row in rows:
                    yield {"is": table} | {name: row[name] for name in row.keys()[1:] if name not in DERIVED}
                after = rows[-1]["at_row"]
        for row in db.execute(_RECOLLECTIONS).fetchall():
            yield {"is": "recollection"} | dict(row)
        yield {"is": "end"}


def import_(db: Connection, lines: Iterable[Line]) -> Imported:
    """Imports an export. What is already there is kept. Afterwards the indexes have to catch up.

    In transactions of a thousand lines: what came before a mistake stays. Raises DataError for a mistake.
    """
    going = _Import()
    number, ended = 0, False
    batch: list[Line] = []
    with told(file_of(db)):
        for number, line in enumerate(lines, start=1):
            ended = line.get("is") == "end"
            if number == 1:
                _check(line)
            batch.append(line)
            if len(batch) == BATCH:
                _take_in(db, going, batch, number)
                batch = []
        _take_in(db, going, batch, number)
        cut_all(db)
        with transaction(db):
            adopt(db, local_time())
            _point(db, going)
            _recollect(db, going)
    if not ended:
        raise DataError("The export is cut off: its last line is missing. What was there has been imported.")
    return going.imported


def _check(line: Line) -> None:
    if line.get("is") != "memory" or line.get("format") != FORMAT:
        raise DataError("This is not a memory export: its first line is wrong.")
    if not isinstance(line.get("version"), int) or line["version"] > VERSION:
        raise DataError("This export was written by a newer voiceos. Update voiceos.")


def _take_in(db: Connection, going: _Import, batch: list[Line], last: int) -> None:
    with transaction(db):
        for number, line in enumerate(batch, start=last - len(batch) + 1):
            try:
                table = line.get("is")
                if table in _KEYED:
                    _insert(db, going, str(table), line)
                elif table == "recollection":
                    going.recollections.append(line)
            except (KeyError, TypeError, ValueError, OverflowError) as error:
                raise DataError(f"Cannot read line {number} of the export ({error}).") from error
            except Error as error:
                if "SQLITE_CONSTRAINT" not in (getattr(error, "sqlite_errorname", "") or ""):
                    raise
                raise DataError(f"Line {number} of the export is invalid ({error}).") from error


def _insert(db: Connection, going: _Import, table: str, line: Line) -> None:
    known = {row["name"] for row in db.execute(f"PRAGMA table_info({table})")} - DERIVED
    row: dict[str, Any] = {
        name: clean(value) if isinstance(value, str) else value for name, value in line.items() if name in known
    }
    _ = [row[name] for name in _KEYED[table]]
    there: int = row.pop("id") if table != "turn" else 0
    pointing: list[tuple[str, int]] = []
    for name, to in _POINTERS.items():
        if row.get(name) is not None:
            if to == "fact":
                pointing.append((name, row[name]))
                row[name] = None
            else:
                row[name] = going.ids[to].get(row[name])
    if table == "record":
        row["digest"] = digest_of(row)
    where, keys = " AND ".join(f"{name} = ?" for name in _KEYED[table]), tuple(row[name] for name in _KEYED[table])
    find = f"SELECT rowid FROM {table} WHERE {where}"  # noqa: S608
    is_new = db.execute(find, keys).fetchone() is None
    if is_new:
        names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
        db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608
        setattr(going.imported, table, getattr(going.imported, table) + 1)
    (here,) = db.execute(find, keys).fetchone()
    going.ids[table][there] = here
    if table == "fact" and is_new:
        words = terms(row["subject"], row["predicate"], row["object"])
        db.executemany("INSERT OR IGNORE INTO fact_term VALUES (?, ?)", [(word, here) for word in words])
        going.later += [(here, name, to) for name, to in pointing]


def _point(db: Connection, going: _Import) -> None:
    for here, name, there in going.later:
        db.execute(f"UPDATE fact SET {name} = ? WHERE id = ?", (going.ids["fact"].get(there), here))  # noqa: S608


def _recollect(db: Connection, going: _Import) -> None:
    for line in going.recollections:
        record = going.ids["record"].get(line["record_id"])
        if not record or not db.execute("SELECT 1 FROM turn WHERE id = ?", (line["turn_id"],)).fetchone():
            continue
        kind, _, number = str(line["memory"]).partition(":")
        memory = f"record:{record}"
        if kind == "fact":
            memory = f"fact:{going.ids['fact'].get(int(number), 0)}"
        elif kind == "passage":
            query = "SELECT id FROM passage WHERE record_id = ? AND start = ?"
            passage = db.execute(query, (record, line.get("start"))).fetchone()
            memory = f"passage:{passage['id']}" if passage else memory
        done = db.execute(
            "INSERT INTO recollection (turn_id, place, memory, record_id, score, left_out) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (line["turn_id"], line["place"], memory, record, line["score"], line["left_out"]),
        )
        going.imported.recollection += done.rowcount


def read_lines(lines: Iterable[str]) -> Iterator[Line]:
    """The lines of an exported file. Raises DataError for one that is not JSON."""
    for number, line in enumerate(lines, start=1):
        try:
            table = json.loads(line)
        except ValueError:
            raise DataError(f"Line {number} of the export is not JSON.") from None
        if not isinstance(table, dict):
            raise DataError(f"Line {number} of the export is not a JSON object.")
        yield table


def import_file(db: Connection, file: Path) -> dict[str, int]:
    """Returns how many items were imported, by kind. Raises DataError, StoreError, OSError and UnicodeDecodeError."""
    with file.open(encoding="utf-8") as lines:
        store = _pam(lines.readline(), file)
        lines.seek(0)
        if store is None:
            return asdict(import_(db, read_lines(lines)))
    added = pam.read(db, store, spelt(file.absolute()))
    return {"new": added.new, "changed": added.changed, "unchanged": added.unchanged}


def _pam(first: str, file: Path) -> dict[str, Any] | None:
    """The whole file as a Portable AI Memory store; None when its first line is one of our own."""
    try:
        if "is" in json.loads(first):
            return None
    except (ValueError, TypeError):
        pass  # a file of many lines
    try:
        store = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return None
    return cast(dict[str, Any], store) if isinstance(store, dict) and "schema" in store else None
