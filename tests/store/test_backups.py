"""Backups: a restored assistant is the same, old ones forget, and what is wrong is one sentence and changes nothing."""

import re
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from voiceos.core import Outcome, Transcript, Turn
from voiceos.errors import BackupError, StoreError
from voiceos.store import backup_file, backups
from voiceos.store.acts import Progress, Receipt, save_receipt, verify_acts
from voiceos.store.backup_file import inspect, unpack
from voiceos.store.backups import Made, back_up, newest
from voiceos.store.database import NAME, open_database
from voiceos.store.forgetting import Unwanted, forget
from voiceos.store.ledger import Ledger
from voiceos.store.records import Kind, Record, Source
from voiceos.store.restoring import files_of, restore
from voiceos.store.schema import TABLES, VERSION
from voiceos.store.turns import TurnStore
from voiceos.store.verify import verify

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORDS = "correct horse battery"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup_file, "SCRYPT_ROUNDS", 2)


class Board:
    """A machine with an assistant, and a stick in it."""

    def __init__(self, folder: Path, stick: Path) -> None:
        self.data, self.settings, self.stick = folder / "data", folder / "config.toml", stick
        self.store = self.data / NAME
        self.data.mkdir(parents=True)
        stick.mkdir(exist_ok=True)

    def live(self) -> None:
        """A day: something is noted, something is asked and kept with its sound, something is to buy."""
        self.settings.write_text('[wake]\nwords = ["alexa"]\n')
        with closing(open_database(self.store)) as db:
            notes = [Record(Kind.NOTE, f"k{i}", f"canary{i:03} is here") for i in range(40)]
            Ledger(db).add(Source("/canary-notes.md", "markdown"), notes)
            db.execute("INSERT INTO list (key, name, made_at) VALUES ('shopping', 'canary-list', 1)")
            db.execute("INSERT INTO permission (tool, stamp, doubtful, who, at) VALUES ('lamp', '', '', '', 1)")
        with TurnStore(self.data) as turns:
            turn = Turn("t1", "c", transcript=Transcript("canary-turn"), outcome=Outcome.ANSWERED)
            turn.reply = turn.said = "Indeed."
            turns.save(turn, NOON)
        (self.data / "audio").mkdir()
        (self.data / "audio" / "t1.wav").write_bytes(b"canary-sound")

    def back_up(self, keep: int = 7) -> Made:
        return back_up(self.store, None, files_of(self.data, self.settings), self.stick, WORDS, keep)

    def restore(self, file: Path | None = None) -> None:
        restore(file or newest(self.stick), WORDS, self.store, None, self.settings)

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        tables = {name for one in TABLES for name in re.findall(r"^CREATE TABLE (\w+)", one)} - {"derived", "erasing"}
        with closing(open_database(self.store)) as db:
            return {table: [tuple(row) for row in db.execute(f"SELECT * FROM {table}")] for table in tables}

    def forget(self, **what: object) -> None:
        with closing(open_database(self.store)) as db:
            forget(db, Unwanted(**what))  # type: ignore[arg-type]


@pytest.fixture
def board(tmp_path: Path) -> Board:
    one = Board(tmp_path / "board", tmp_path / "stick")
    one.live()
    return one


@pytest.fixture(autouse=True)
def days(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each backup is made a day after the one before."""
    moments: Iterator[datetime] = (datetime(2026, 5, day, 3, 30, tzinfo=UTC) for day in range(1, 31))
    monkeypatch.setattr(backups, "local_time", lambda: next(moments))


def content(file: Path, folder: Path) -> bytes:
    """All that is in a backup, in the clear."""
    clear = folder / "clear.db"
    unpack(file, WORDS, clear, None)
    kept = b"".join(name.encode() + whole for name, _, whole in backup_file.kept_files(file, WORDS))
    return clear.read_bytes() + kept


def test_a_restored_assistant_is_the_same(board: Board, tmp_path: Path) -> None:
    made = board.back_up()
    assert (made.backup.records, made.backup.turns) == (42, 1)
    assert b"canary" not in made.file.read_bytes()
    fresh = Board(tmp_path / "fresh", board.stick)
    fresh.restore()
    assert fresh.rows() == board.rows()
    assert fresh.settings.read_text() == board.settings.read_text()
    assert (fresh.data / "audio" / "t1.wav").read_bytes() == b"canary-sound"
    assert oct(fresh.store.stat().st_mode)[-3:] == "600"
    with closing(open_database(fresh.store)) as db:
        assert verify(db) == []
        added = Ledger(db).add(Source("/new.md", "markdown"), [Record(Kind.NOTE, "k", "new")])
        assert min(added.ids) > 1_000_000, "an id of the other board is not given again"


def test_the_chain_of_acts_is_sound_after_a_restore_and_goes_on(board: Board) -> None:
    def sign(*turns: str) -> None:
        with closing(open_database(board.store)) as db:
            for turn in turns:
                save_receipt(db, Receipt("timers.set", turn, "owner", "", NOON, Progress.DONE, "Set."))

    def links() -> tuple[int, list[str]]:
        with closing(open_database(board.store)) as db:
            found = verify_acts(db)
        return found.links, found.wrong

    sign("t1", "t2", "t3")
    board.back_up()
    sign("t4")
    board.restore()
    assert links() == (3, [])
    sign("t5")
    assert links() == (4, [])
    with closing(open_database(board.store)) as db:
        db.execute("DELETE FROM act_link WHERE id = 4")
    assert "The end of the chain is missing." in links()[1]


def test_old_backups_forget_what_was_forgotten_since(board: Board, tmp_path: Path) -> None:
    first = board.back_up().file
    assert all(word in content(first, tmp_path) for word in (b"canary007", b"canary-turn", b"canary-sound"))
    board.forget(records=[8])
    board.forget(turns=["t1"])
    with closing(open_database(board.store)) as db:
        (shopping,) = db.execute("SELECT id FROM list").fetchone()
    board.forget(rows={"list": [shopping]})
    assert board.back_up().forgot == 1
    left = content(first, tmp_path)
    assert not any(word in left for word in (b"canary007", b"canary-turn", b"canary-sound", b"canary-list", b"t1.wav"))
    assert b"canary008" in left
    assert inspect(first, WORDS).at.day == 1
    assert board.back_up().forgot == 0, "once is enough"
    board.forget(sources=["/canary-notes.md"])
    assert board.back_up().forgot == 3
    assert b"canary" not in content(first, tmp_path)


def test_nothing_is_left_of_everything(board: Board, tmp_path: Path) -> None:
    first = board.back_up().file
    elsewhere = tmp_path / first.name
    elsewhere.write_bytes(first.read_bytes())
    board.forget(sources=["/canary-notes.md"], turns=["t1"], everything=True)
    assert board.back_up().removed == 1
    assert not first.exists()
    before = board.rows()
    with pytest.raises(BackupError, match="before everything was forgotten"):
        board.restore(elsewhere)
    assert board.rows() == before


def test_a_backup_that_was_elsewhere_does_not_bring_back_what_was_forgotten(board: Board, tmp_path: Path) -> None:
    board.back_up()
    board.forget(records=[8])
    board.restore()
    texts = [str(row) for row in board.rows()["record"]]
    assert not any("canary007" in text for text in texts)
    assert any("canary008" in text for text in texts)
    board.settings.write_text("# other\n")
    board.restore()
    assert board.settings.with_name("config.toml.before-restore").read_text() == "# other\n"


def test_only_so_many_stay_and_only_ours_go(board: Board, tmp_path: Path) -> None:
    other = Board(tmp_path / "other", board.stick)
    other.live()
    theirs = other.back_up().file
    board.back_up(keep=2)
    board.back_up(keep=2)
    made = board.back_up(keep=2)
    assert made.removed == 1
    assert len(list(board.stick.iterdir())) == 3
    assert inspect(theirs, WORDS).name != made.backup.name


def test_a_backup_that_lacks_a_table_is_restored(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(backup_file, "TABLES", [one for one in TABLES if "TABLE under_way" not in one])
        board.back_up()
    before = board.rows()
    board.restore()
    assert board.rows() == before


def raised(byte: int) -> bytes:
    return bytes([byte + 1])


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("foreign", "is no backup of voiceos"),
        ("empty", "is no backup of voiceos"),
        ("form", "newer voiceos. Update voiceos first"),
        ("schema", "newer voiceos. Update voiceos first"),
        ("table", "newer voiceos. Update voiceos first"),
        ("older", "older voiceos"),
        ("head", "cut off or damaged"),
        ("half", "cut off or damaged"),
        ("page", "cut off or damaged"),
        ("flipped", "cut off or damaged"),
        ("words", "The passphrase does not open"),
        ("none", "There is no backup at"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(
    board: Board, what: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if what in ("schema", "older"):
        with monkeypatch.context() as patch:
            patch.setattr(backup_file, "VERSION", VERSION + (1 if what == "schema" else -1))
            board.back_up()
    elif what == "table":
        with monkeypatch.context() as patch:
            patch.setattr(backup_file, "TABLES", (*TABLES, "CREATE TABLE novelty (id INTEGER PRIMARY KEY)"))
            board.back_up()
    else:
        board.back_up()
    file = newest(board.stick)
    whole = file.read_bytes()
    at = len(whole) // 2
    file.write_bytes(
        {
            "foreign": b"SQLite format 3\0" + whole[16:],
            "empty": b"",
            "form": whole[:7] + raised(whole[7]) + whole[8:],
            "head": whole[:100],
            "half": whole[: at + 1000],
            "page": whole[:-4096],
            "flipped": whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :],
        }.get(what, whole)
    )
    before, settings = board.store.read_bytes(), board.settings.read_text()
    words = "wrong horse battery" if what == "words" else WORDS
    if what == "none":
        file.unlink()
    with pytest.raises(BackupError, match=re.escape(sentence)) as raising:
        restore(newest(board.stick), words, board.store, None, board.settings)
    assert str(raising.value).count("\n") == 0
    assert (board.store.read_bytes(), board.settings.read_text()) == (before, settings)
    assert not list(board.data.glob("*restored*"))


def test_a_stick_that_is_pulled_or_full_leaves_the_older_ones(board: Board) -> None:
    first = board.back_up().file
    whole = first.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(BackupError, match="Older backups are as they were"):
            board.back_up()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [one.name for one in board.stick.iterdir()] == [first.name]
    assert first.read_bytes() == whole
    first.unlink()
    board.stick.rmdir()
    with pytest.raises(BackupError, match="There is no folder"):
        board.back_up()


def test_an_encrypted_memory_without_its_key_is_not_called_damaged(board: Board) -> None:
    from voiceos.store.encryption import recode

    recode(board.store, None, "a key")
    with pytest.raises(StoreError, match="is encrypted"):
        board.back_up()
    made = back_up(board.store, "a key", (), board.stick, WORDS, 7)
    with pytest.raises(sqlite3.DatabaseError), closing(sqlite3.connect(made.file)) as db:
        db.execute("SELECT 1 FROM record")
    assert not list(board.data.glob("*suspect"))
