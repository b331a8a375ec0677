"""Checks the memory for damage: the file, its references, and that the text is unchanged."""

from voiceos.store.driver import Connection, Error
from voiceos.store.rows import digest_of, in_pages, sequence

MOST = 20
"""Problems of one kind that are named."""


def verify(db: Connection) -> list[str]:
    """Problems, one sentence each, including those of derived data. Reads everything."""
    problems: list[str] = []
    for check in (_file, _references, _ids, _passages, _words, _turns, *(one.verify for one in db.derived)):
        try:
            problems += check(db)
        except Error as error:
            problems.append(f"The database cannot be read: {error}.")
    return problems


def _file(db: Connection) -> list[str]:
    found = [row[0] for row in db.execute(f"PRAGMA integrity_check({MOST})")]
    return [] if found == ["ok"] else [f"The database is damaged: {what}." for what in found]


def _references(db: Connection) -> list[str]:
    rows = db.execute("PRAGMA foreign_key_check").fetchall()
    return [f"Row {row[1]} of {row[0]} points to a {row[2]} that is gone." for row in rows[:MOST]]


def _ids(db: Connection) -> list[str]:
    problems: list[str] = []
    for table in ("source", "record", "passage"):
        (highest,) = db.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()  # noqa: S608
        if highest > sequence(db, table):
            problems.append(f"IDs of {table} could be used twice.")
    return problems


def _passages(db: Connection) -> list[str]:
    outside = db.execute(
        "SELECT p.id FROM passage p JOIN record r ON r.id = p.record_id"
        ' WHERE p.start < 0 OR p."end" < p.start OR NOT r.indexed'
        # SQL's length ends at a NUL, which a text may hold
        ' OR (p."end" > length(r.text) AND instr(r.text, char(0)) = 0) LIMIT ?',
        (MOST,),
    )
    without = db.execute(
        "SELECT id FROM record r WHERE indexed AND NOT EXISTS (SELECT 1 FROM passage WHERE record_id = r.id) LIMIT ?",
        (MOST,),
    )
    return [f"Passage {row['id']} is outside its record." for row in outside] + [
        f"Record {row['id']} has no passages." for row in without
    ]


def _words(db: Connection) -> list[str]:
    rows = in_pages(db, "SELECT * FROM record WHERE id > :after ORDER BY id LIMIT :count", {})
    return [f"The text of record {row['id']} has changed." for row in rows if digest_of(row) != row["digest"]]


def _turns(db: Connection) -> list[str]:
    rows = db.execute(
        "SELECT t.id FROM turn t LEFT JOIN record h ON h.id = t.heard_record LEFT JOIN record s ON s.id = t.said_record"
        " WHERE (h.id IS NOT NULL AND h.text <> t.transcript) OR (s.id IS NOT NULL AND s.text <> t.said) LIMIT ?",
        (MOST,),
    )
    return [f"Turn {row['id']} does not match its records." for row in rows]
