"""The database: damaged ones are salvaged, wrong keys refused."""

import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from voiceos.errors import ConfigError, StoreError
from voiceos.store import driver, salvage
from voiceos.store.database import Connection, Row, open_database, transaction
from voiceos.store.driver import PAGE_BYTES, SMALL_PAGE_BYTES, unhurried
from voiceos.store.encryption import new_key, read_key, recode
from voiceos.store.ledger import Ledger
from voiceos.store.records import Kind, Record, Source
from voiceos.store.schema import TRUTH
from voiceos.store.scrub import scrub
from voiceos.store.under_way import under_way
from voiceos.store.verify import verify
from voiceos.store.whole import LOG_BYTES, suspicion

KEY = "0123456789abcdef" * 4
SOURCE = Source("/notes", "text")


@cache
def content(key: str | None) -> bytes:
    """A database of 300 records."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "memory.db"
        db = open_database(path, key)
        Ledger(db).add(SOURCE, [Record(Kind.NOTE, f"{n}", f"record{n} " * 40) for n in range(300)])
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        return path.read_bytes()


def filled(path: Path, key: str | None = None) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_bytes(content(key))


@pytest.fixture
def cheap_keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A passphrase is made a key in a thousand rounds."""
    monkeypatch.setattr(driver, "KEY_ROUNDS", 1000)
    with closing(driver.connection(Path(":memory:"))) as db:
        (usual,) = db.execute("PRAGMA cipher_default_kdf_iter").fetchone()
        db.execute("PRAGMA cipher_default_kdf_iter = 1000")
        yield
        db.execute(f"PRAGMA cipher_default_kdf_iter = {usual}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "memory.db"


def count(db: Connection) -> int:
    return db.execute("SELECT count(*) FROM record").fetchone()[0]


def test_who_waits_to_write_comes_next(path: Path) -> None:
    """Beside one that writes without a pause."""
    db, other = open_database(path), open_database(path)
    asked, came = threading.Event(), threading.Event()

    def write() -> None:
        asked.set()
        with transaction(other):
            came.set()

    waiting = threading.Thread(target=write)
    with transaction(db):
        waiting.start()
        assert asked.wait(10)
        while len(db.writing._line) < 2:  # pyright: ignore[reportPrivateUsage]
            pass
    with transaction(db):
        assert came.is_set()
    waiting.join()
    db.close()
    other.close()


def test_nobody_else_may_read_it(path: Path) -> None:
    db = open_database(path)
    Ledger(db).add(SOURCE, [Record(Kind.NOTE, "k", "text")])
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    db.close()


def test_all_or_nothing(path: Path) -> None:
    db = open_database(path)

    def half() -> None:
        with transaction(db), transaction(db):
            Ledger(db).add(SOURCE, [Record(Kind.NOTE, "k", "text")])
            raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        half()
    assert count(db) == 0
    db.close()


def test_only_what_can_be_made_again_does_not_wait_for_the_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[int] = []
    db = open_database(path)
    monkeypatch.setattr(driver.os, "fdatasync", waited.append)

    def write() -> None:
        with transaction(db), transaction(db):
            db.execute("INSERT OR IGNORE INTO forgotten VALUES ('one')")
            assert db.execute("PRAGMA synchronous").fetchone()[0] == normal

    full, normal = 2, 1
    write()
    assert waited == [db.log]
    with unhurried(db):
        write()
    assert waited == [db.log]
    write()
    assert waited == [db.log, db.log]
    assert db.execute("PRAGMA synchronous").fetchone()[0] == full  # what is committed by itself waits, too
    db.close()


def test_the_log_has_its_room_before_it_is_needed(path: Path) -> None:
    log = path.with_name("memory.db-wal")
    with closing(open_database(path)) as db:
        assert log.stat().st_size >= LOG_BYTES
        Ledger(db).add(SOURCE, [Record(Kind.NOTE, "k", "text")])
        with closing(open_database(path)) as other:  # which finds a log in use
            assert count(other) == 1
        assert scrub(db)
        assert log.stat().st_size == LOG_BYTES
        assert log.read_bytes().count(0) == LOG_BYTES
        assert count(db) == 1
    assert not log.exists()


def hole(page: int) -> Callable[[bytes], bytes]:
    """A block of the disk that was lost."""
    return lambda raw: raw[: 4096 * page] + bytes(range(256)) * 16 + raw[4096 * (page + 1) :]


def pages_of(path: Path, key: str | None = None) -> int:
    return path.stat().st_size // 4096


@pytest.mark.parametrize("key", [None, KEY])
@pytest.mark.parametrize("from_end", [34, 20, 7])  # the records are in the last 36 pages
def test_what_can_be_read_of_a_damaged_memory_is_salvaged(
    path: Path, key: str | None, from_end: int, caplog: pytest.LogCaptureFixture
) -> None:
    filled(path, key)
    path.write_bytes(hole(pages_of(path) - from_end)(path.read_bytes()))
    db = open_database(path, key)
    assert 285 < count(db) < 300
    assert verify(db) == []
    (sentence,) = [record.getMessage() for record in caplog.records]
    assert f"{count(db)} records could be salvaged" in sentence
    assert len(list(path.parent.glob("memory.damaged-*.db"))) == 1
    (id,) = Ledger(db).add(SOURCE, [Record(Kind.NOTE, "new", "new")]).ids
    assert id == 301  # never one that was given before
    db.close()


def test_rows_of_another_table_are_not_taken_for_those_of_a_broken_one(path: Path) -> None:
    """A receipt has the types of what is under way: it would be told as that, or could not be read at each start."""
    db = open_database(path)
    db.execute(
        "INSERT INTO act (act, turn_id, who, device, at, progress, result, arguments, origins, rule)"
        " VALUES ('timers.set', 't', 'owner', 'keyboard', 1.0, 'done', '', '{}', '{}', '')"
    )
    (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'under_way'").fetchone()
    (size,) = db.execute("PRAGMA page_size").fetchone()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    with path.open("rb+") as file:
        file.seek((root - 1) * size)
        file.write(bytes(range(256)) * (size // 256))
    db = open_database(path)
    assert db.salvaged
    assert under_way(db) == []
    assert db.execute("SELECT act FROM act").fetchall()[0]["act"] == "timers.set"
    db.close()


def test_what_is_open_is_not_moved_aside(path: Path) -> None:
    """What is written to it would go with it."""
    filled(path, None)
    db = open_database(path)
    path.write_bytes(hole(pages_of(path) - 20)(path.read_bytes()))
    with pytest.raises(StoreError, match="is damaged"):
        open_database(path)
    assert suspicion(path).exists()
    db.close()
    again = open_database(path)
    assert again.salvaged
    again.close()


@pytest.mark.parametrize("key", [None, KEY])
def test_whichever_page_is_damaged_the_others_are_read_in_time(
    path: Path, key: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Roots and inner pages of a tree, too. What counts is how much is read, in proportion to file and tables."""
    filled(path, key)
    raw, asked = path.read_bytes(), [0]
    db = open_database(path, key)
    roots = [row[0] for row in db.execute("SELECT rootpage FROM sqlite_master WHERE tbl_name IN ('source', 'record')")]
    db.close()
    execute = salvage._Damaged.execute  # pyright: ignore[reportPrivateUsage]

    def counting(self: Any, query: str, values: tuple[int | str, ...] = ()) -> Iterator[Row]:
        asked[0] += 1
        return execute(self, query, values)

    monkeypatch.setattr(salvage._Damaged, "execute", counting)  # pyright: ignore[reportPrivateUsage]
    size = PAGE_BYTES if key else SMALL_PAGE_BYTES
    for page in {*((root - 1) * size // 4096 for root in roots), *range(1, len(raw) // 4096, 8)} - {0}:
        asked[0] = 0
        for file in path.parent.iterdir():
            file.unlink()
        path.write_bytes(hole(page)(raw))
        db = open_database(path, key)
        assert count(db) > 285, page
        assert asked[0] <= 5 * len(TRUTH) * len(raw) // size, page
        db.close()


def test_without_its_first_page_the_others_are_read(path: Path) -> None:
    filled(path)
    path.write_bytes(hole(0)(path.read_bytes()))
    db = open_database(path)
    assert count(db) > 285
    assert verify(db) == []
    assert len(list(path.parent.glob("memory.damaged-*.db"))) == 1
    assert not list(path.parent.glob("*head*"))
    db.close()


@pytest.mark.parametrize("used", [None, "another passphrase", "ff" * 32])
def test_a_wrong_or_missing_key_is_no_damage(path: Path, used: str | None) -> None:
    filled(path, KEY)
    raw = path.read_bytes()
    with pytest.raises(StoreError, match=r"memory\.key_file"):
        open_database(path, used)
    assert path.read_bytes() == raw
    assert not list(path.parent.glob("*damaged*"))
    db = open_database(path, KEY)
    assert count(db) == 300
    db.close()


def test_a_key_for_a_plain_memory(path: Path) -> None:
    filled(path)
    with pytest.raises(StoreError, match="memory encrypt"):
        open_database(path, KEY)
    db = open_database(path)
    assert count(db) == 300
    db.close()


@pytest.mark.usefixtures("cheap_keys")
@pytest.mark.parametrize("key", [KEY, "a 'quoted' passphrase"])
def test_encrypting_leaves_no_plain_copy(path: Path, key: str) -> None:
    filled(path)
    recode(path, None, key)
    assert b"record1" not in b"".join(file.read_bytes() for file in path.parent.iterdir())
    db = open_database(path, key)
    assert count(db) == 300
    assert list(Ledger(db).add(SOURCE, [Record(Kind.NOTE, "new", "new")]).ids) == [301]
    assert verify(db) == []
    db.close()
    recode(path, key, "another")
    recode(path, "another", None)
    db = open_database(path)
    assert count(db) == 301
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    db.close()


def test_the_key_is_read_from_a_private_file_or_a_credential(tmp_path: Path) -> None:
    file = tmp_path / "voiceos-memory-key"
    assert read_key(None, {}) is None
    assert read_key(None, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) is None
    key = new_key(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_key(file, {}) == read_key(None, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == key
    with pytest.raises(StoreError, match="already exists"):
        new_key(file)
    file.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        read_key(file, {})
    assert read_key(file, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == key
    file.write_text("\n")
    with pytest.raises(ConfigError, match="only the key"):
        read_key(file, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    with pytest.raises(ConfigError, match="Cannot read"):
        read_key(tmp_path / "none", {})
