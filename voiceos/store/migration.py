"""Brings a store that another voiceos made up to date: what its tables lack is added, and no row is taken away.

So an older voiceos can work with it again, and an update can be taken back (ADR 39).
"""

import contextlib
import re
import zlib
from collections.abc import Generator, Sequence
from pathlib import Path

from voiceos.store.driver import Connection, connection, transaction

NO_LONGER = ("record_by_thread",)
"""Indexes that older versions made. They make them again, and work without them, too."""


def stamp(tables: Sequence[str]) -> int:
    """What a database is marked with that has all of these tables, as its application id."""
    return zlib.crc32("\n".join(tables).encode()) & 0x7FFFFFFF


def is_current(db: Connection, tables: Sequence[str]) -> bool:
    """Whether nothing needs to be added."""
    return db.execute("PRAGMA application_id").fetchone()[0] == stamp(tables)


def migrate(db: Connection, tables: Sequence[str]) -> None:
    """Adds the tables, columns and indexes that are missing. `tables`: the statements that make all of them.

    Raises the driver's errors: all is added, or nothing.
    """
    with _made(tables) as whole, transaction(db):
        for statement in tables:
            kind, name = _made_by(statement)
            if not db.execute("SELECT 1 FROM sqlite_master WHERE type = ? AND name = ?", (kind, name)).fetchone():
                db.execute(statement)
            elif kind == "table":
                _add_columns(db, name, whole)
        for name in NO_LONGER:
            db.execute(f"DROP INDEX IF EXISTS {name}")
        db.execute(f"PRAGMA application_id = {stamp(tables)}")


def has_more(db: Connection, tables: Sequence[str]) -> bool:
    """Whether there is a table or a column that these statements do not make: a newer voiceos has added it."""
    with _made(tables) as whole:
        there = "SELECT name FROM sqlite_master WHERE type = 'table'"
        return any(set(columns(db, row["name"])) - set(columns(whole, row["name"])) for row in db.execute(there))


def columns(db: Connection, table: str) -> list[str]:
    """The names of a table's columns, quoted; none if it is not there."""
    return [f'"{row["name"]}"' for row in db.execute(f"PRAGMA main.table_info({table})")]


@contextlib.contextmanager
def _made(tables: Sequence[str]) -> Generator[Connection]:
    """A database in memory that has all of these tables."""
    with contextlib.closing(connection(Path(":memory:"))) as whole:
        for statement in tables:
            whole.execute(statement)
        yield whole


def _made_by(statement: str) -> tuple[str, str]:
    """ "table" or "index", and its name."""
    found = re.match(r"CREATE (TABLE|INDEX) (\w+)", statement)
    assert found, statement
    return found[1].lower(), found[2]


def _add_columns(db: Connection, table: str, whole: Connection) -> None:
    there = columns(db, table)
    for one in whole.execute(f"PRAGMA table_info({table})"):
        if f'"{one["name"]}"' not in there:
            needed = f" NOT NULL DEFAULT {one['dflt_value']}" if one["notnull"] else ""
            db.execute(f'ALTER TABLE {table} ADD COLUMN "{one["name"]}" {one["type"]}{needed}')
