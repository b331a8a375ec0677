"""A store of an older voiceos gets what it lacks, keeps what it has, and can be taken back to the older one."""

from contextlib import closing
from pathlib import Path

import pytest

from voiceos.store.database import Connection, open_database
from voiceos.store.driver import Error, connection
from voiceos.store.migration import is_current, migrate
from voiceos.store.schema import TABLES
from voiceos.store.verify import verify

FIRST = (Path(__file__).parent / "schema-22.sql").read_text()
"""The tables of the first store that must never be refused. It stays as it is."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """With a list in it."""
    path = tmp_path / "memory.db"
    with closing(connection(path)) as db:
        db.executescript(FIRST)
        db.execute("INSERT INTO list (key, name, made_at) VALUES ('shopping', 'shopping', 1)")
    return path


def shape(db: Connection) -> dict[str, list[tuple[object, ...]]]:
    """The columns of each table, in their order; and the indexes."""
    names = [row["name"] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    columns = {name: [tuple(row) for row in db.execute(f"PRAGMA table_info({name})")] for name in names}
    indexes = [tuple(row) for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY name")]
    return {**columns, "indexes": indexes}


def test_an_older_store_becomes_like_a_new_one_and_loses_nothing(old: Path, tmp_path: Path) -> None:
    with closing(open_database(old)) as db, closing(open_database(tmp_path / "new.db")) as new:
        assert shape(db) == shape(new)
        assert [row["name"] for row in db.execute("SELECT name FROM list")] == ["shopping"]
        assert verify(db) == []


def test_the_older_voiceos_can_work_with_it_again(old: Path) -> None:
    open_database(old).close()
    with closing(connection(old)) as db:
        migrate(db, FIRST.split(";\n")[:-2])
        assert db.execute("PRAGMA user_version").fetchone()[0] == 22
        db.execute("INSERT INTO list (key, name, made_at) VALUES ('diy', 'diy', 1)")
    with closing(open_database(old)) as db:
        assert len(db.execute("SELECT name FROM list").fetchall()) == 2


def grown(statement: str) -> str:
    return statement.replace("made_at REAL NOT NULL)", "made_at REAL NOT NULL, colour TEXT NOT NULL DEFAULT 'red')")


def test_a_column_and_an_index_are_added_and_a_failure_adds_nothing(old: Path) -> None:
    lists = next(one for one in TABLES if one.startswith("CREATE TABLE list "))
    more = [grown(lists), "CREATE INDEX list_by_colour ON list (colour)"]
    with closing(open_database(old)) as db:
        with pytest.raises(Error):
            migrate(db, [*more, "CREATE INDEX wrong ON list (nothing)"])
        assert "colour" not in db.execute("SELECT * FROM list").fetchone().keys()  # noqa: SIM118
        assert is_current(db, TABLES)
        migrate(db, more)
        assert db.execute("SELECT colour FROM list").fetchone()["colour"] == "red"
        assert is_current(db, more)
