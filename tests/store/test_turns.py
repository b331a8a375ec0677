"""The store of turns: whole under any failure, and really forgetful."""

import os
import signal
import stat
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from voiceos import clock
from voiceos.core import OWNER, Outcome, Speech, Stage, Transcript, Turn, voice_to_voice
from voiceos.errors import StoreError
from voiceos.store import scrub
from voiceos.store.database import open_database
from voiceos.store.driver import Connection, connection
from voiceos.store.ledger import Ledger
from voiceos.store.rows import clean
from voiceos.store.turns import TurnStore, record_of
from voiceos.store.verify import verify

NOON = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
CANARY = "xyzzy-canary-words"


def a_turn(number: int = 1, *, words: str = "What time is it?") -> Turn:
    return Turn(
        id=f"turn-{number:03}",
        conversation="c1",
        speech=Speech(b"\x01\x02" * 1600, start=100.0, end=101.5, wake="alexa"),
        transcript=Transcript(words, "en", 0.93),
        reply="It is noon. Anything else?",
        said="It is noon.",
        outcome=Outcome.INTERRUPTED,
        marks={Stage.FIRST_SOUND: 102.25, Stage.WAKE: 99.5, Stage.SPEECH_START: 100.0, Stage.SPEECH_END: 101.5},
        engines={"stt": "faster-whisper 1.2.1 whisper-base"},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(folder: Path) -> Iterator[TurnStore]:
    with TurnStore(folder) as store:
        yield store


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_turn_comes_back_as_it_was(store: TurnStore) -> None:
    saved = store.save(a_turn(), NOON.astimezone(timezone(timedelta(hours=2))))
    found = store.get("turn-001")
    assert found == saved
    assert found is not None
    assert found.started_at == NOON
    assert list(found.marks.items()) == [
        ("wake", -0.5),
        ("speech start", 0),
        ("speech end", 1.5),
        ("first sound", 2.25),
    ]
    assert voice_to_voice(found.marks) == 0.75
    assert (found.outcome, found.said, found.wake, found.speech_seconds) == ("interrupted", "It is noon.", "alexa", 1.5)
    assert found.engines == {"stt": "faster-whisper 1.2.1 whisper-base"}


def test_a_typed_turn_counts_from_its_first_mark() -> None:
    record = record_of(Turn("t", "c", marks={Stage.FIRST_TOKEN: 8.0, Stage.TRANSCRIPT: 7.5}), NOON)
    assert record.marks == {"transcript": 0, "first token": 0.5}
    assert voice_to_voice(record.marks) is None


def test_recent_is_newest_first(store: TurnStore) -> None:
    for number in (2, 1, 3):
        store.save(a_turn(number), NOON + timedelta(minutes=number))
    assert [record.id for record in store.recent(2)] == ["turn-003", "turn-002"]


def test_the_beginning_of_an_id_is_enough_if_it_is_the_only_one(store: TurnStore) -> None:
    store.save(a_turn(1), NOON)
    store.save(a_turn(21), NOON)
    assert store.get("turn-02") == store.get("turn-021") != None  # noqa: E711
    assert store.get("turn") is None
    assert store.get("") is None
    assert store.get("turn-9") is None


def test_saving_again_replaces(store: TurnStore) -> None:
    store.save(a_turn(), NOON)
    store.save(a_turn(words="Later words"), NOON)
    assert [record.transcript for record in store.recent(9)] == ["Later words"]


def test_export_is_all_oldest_first(store: TurnStore) -> None:
    for number in range(205):
        store.save(a_turn(number), NOON)
    first = store.page(0, 200)
    rest = store.page(first[-1][0], 200)
    assert [turn.id for _, turn in first + rest] == [f"turn-{number:03}" for number in range(205)]
    assert first[0][1].started_at.isoformat() == "2026-03-01T12:00:00.250000+00:00"


def test_only_the_owner_may_read_it(folder: Path) -> None:
    with TurnStore(folder) as store:
        store.save(a_turn(), NOON, keep_audio=True)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    assert modes.pop("data") == modes.pop("audio") == 0o700
    assert modes
    assert set(modes.values()) == {0o600}


def test_sound_is_kept_only_when_asked_for(store: TurnStore) -> None:
    store.save(a_turn(1), NOON)
    store.save(a_turn(2), NOON, keep_audio=True)
    assert store.audio("turn-001") is None
    sound = store.audio("turn-002")
    assert sound
    with wave.open(str(sound)) as file:
        assert (file.getframerate(), file.getnchannels(), file.readframes(9999)) == (16_000, 1, b"\x01\x02" * 1600)


@pytest.mark.parametrize("how", ["id", "before", "everything"])
def test_what_is_erased_is_gone_from_every_file(store: TurnStore, folder: Path, how: str) -> None:
    store.save(a_turn(1, words=CANARY * 50), NOON, keep_audio=True)
    store.save(a_turn(2), NOON + timedelta(days=1), keep_audio=True)
    assert CANARY.encode() in everything_in(folder)
    if how == "id":
        assert store.erase("turn-001") == 1
    elif how == "before":
        assert store.erase(before=NOON + timedelta(hours=1)) == 1
    else:
        assert store.erase(everything=True) == 2
    assert CANARY.encode() not in everything_in(folder)
    assert not (folder / "audio" / "turn-001.wav").exists()
    assert len(store.recent()) == (0 if how == "everything" else 1)
    assert (folder / "audio" / "turn-002.wav").exists() == (how != "everything")


def test_erasing_nothing(store: TurnStore) -> None:
    store.save(a_turn(), NOON)
    assert store.erase("unknown") == store.erase() == 0
    assert store.get("turn-001")


def test_sound_without_its_turn_is_swept(store: TurnStore, folder: Path) -> None:
    store.save(a_turn(), NOON, keep_audio=True)
    (folder / "audio" / "lost.part").write_bytes(b"x")
    store.erase("unknown")
    assert [path.name for path in (folder / "audio").iterdir()] == ["turn-001.wav"]


def test_whoever_reads_for_long_is_told(store: TurnStore, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.save(a_turn(), NOON)
    monkeypatch.setattr(scrub, "CHECKPOINT_SECONDS", 0)
    other = connection(folder / "memory.db")
    other.execute("BEGIN")
    other.execute("SELECT * FROM turn").fetchall()
    with pytest.raises(StoreError, match="after a restart"):
        store.erase("turn-001")
    other.execute("ROLLBACK")
    other.close()
    assert store.erase("turn-001") == 0
    assert b"What time" not in everything_in(folder)


def test_a_locked_store(store: TurnStore, folder: Path) -> None:
    store._db.execute("PRAGMA busy_timeout = 10")  # pyright: ignore[reportPrivateUsage]
    other = connection(folder / "memory.db")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="in use by another process"):
        store.save(a_turn(), NOON)
    other.execute("ROLLBACK")
    other.close()
    store.save(a_turn(), NOON)


def rubbish(raw: bytes) -> bytes:
    return b"no database at all" * 100


def truncated(raw: bytes) -> bytes:
    return raw[:3000]


def overwritten(raw: bytes) -> bytes:
    return raw[:4096] + b"\xff" * (len(raw) - 4096)


@pytest.mark.parametrize("damage", [rubbish, truncated, overwritten])
def test_a_damaged_store_is_set_aside(
    folder: Path, damage: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    with TurnStore(folder) as store:
        store.save(a_turn(), NOON)
    path = folder / "memory.db"
    path.write_bytes(damage(path.read_bytes()))
    with TurnStore(folder) as store:
        assert store.recent() == []
        store.save(a_turn(), NOON)
    assert [record.message.split(".")[0] for record in caplog.records] == ["The memory was damaged"]
    assert len(list(folder.glob("memory.damaged-*"))) == 1
    with TurnStore(folder) as store:
        assert len(store.recent()) == 1
    assert len(caplog.records) == 1


def test_a_full_disk(store: TurnStore) -> None:
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()  # pyright: ignore[reportPrivateUsage]
    store._db.execute(f"PRAGMA max_page_count = {pages}")  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(StoreError, match="disk is full"):
        store.save(a_turn(words="long " * 9000), NOON)
    assert store.recent() == []
    store._db.execute("PRAGMA max_page_count = 100000")  # pyright: ignore[reportPrivateUsage]
    store.save(a_turn(), NOON)


def test_a_store_that_may_not_be_written(store: TurnStore) -> None:
    store._db.execute("PRAGMA query_only = ON")  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(StoreError, match="No permission to write"):
        store.save(a_turn(), NOON)


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreError, match="data could not be read or written"):
        TurnStore(tmp_path / "data")


def test_a_newer_store_is_left_alone(folder: Path) -> None:
    TurnStore(folder).close()
    db = connection(folder / "memory.db")
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreError, match="newer voiceos"):
        TurnStore(folder)


def test_a_store_of_another_version_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    db = connection(folder / "memory.db")
    db.execute("CREATE TABLE turn (id TEXT)")
    db.close()
    with pytest.raises(StoreError, match="another voiceos"):
        TurnStore(folder)


class Counted:
    """Something derived, with the tables that it is given."""

    name = "counted"

    def __init__(self, *tables: str) -> None:
        self.tables = tables

    def remove(self, db: Connection, passages: Sequence[int], records: Sequence[int]) -> None:
        db.executemany("DELETE FROM counted WHERE passage = ?", [(id,) for id in passages])

    def verify(self, db: Connection) -> list[str]:
        return []


def test_what_is_derived_brings_its_tables_and_begins_anew_when_they_change(folder: Path) -> None:
    first = Counted("CREATE TABLE counted (passage INTEGER)", "INSERT INTO counted VALUES (7)")
    for _ in range(2):
        db = open_database(folder / "memory.db", derived=[first])
        assert [tuple(row) for row in db.execute("SELECT * FROM counted")] == [(7,)]
        db.close()
    db = open_database(folder / "memory.db", derived=[Counted("CREATE TABLE counted (passage INTEGER, more TEXT)")])
    assert db.execute("SELECT passage, more FROM counted").fetchall() == []
    db.close()


def test_tables_that_cannot_be_made_change_nothing(folder: Path) -> None:
    first = Counted("CREATE TABLE counted (passage INTEGER)", "INSERT INTO counted VALUES (7)")
    open_database(folder / "memory.db", derived=[first]).close()
    with pytest.raises(StoreError, match="syntax"):
        open_database(folder / "memory.db", derived=[Counted("CREATE TABLE counted (passage INTEGER)", "NONSENSE")])
    db = open_database(folder / "memory.db", derived=[first])
    assert [tuple(row) for row in db.execute("SELECT * FROM counted")] == [(7,)]
    db.close()


def test_who_spoke_and_where_is_kept_with_the_turn_and_its_words(store: TurnStore, folder: Path) -> None:
    store.save(replace(a_turn(), who="ada", device="kitchen"), NOON)
    store.save(a_turn(2), NOON)
    assert [(turn.who, turn.device) for turn in store.recent()] == [(OWNER, ""), ("ada", "kitchen")]
    db = open_database(folder / "memory.db")
    kept = [one.record for one in Ledger(db).between()]
    assert [(one.author, one.who, one.device) for one in kept] == [
        ("ada", "ada", "kitchen"),
        ("assistant", "ada", "kitchen"),
        (OWNER, OWNER, ""),
        ("assistant", OWNER, ""),
    ]
    db.close()


class BoardClock:
    """A wall clock that is wrong until it is put right, on a machine that was started at `NOON`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, shown: datetime) -> None:
        self._error, self.uptime = shown - NOON, timedelta()
        monkeypatch.setattr(clock, "local_time", self.now)
        monkeypatch.setattr(clock, "_uptime", lambda: self.uptime)
        monkeypatch.setattr(clock, "BUILT", NOON - timedelta(days=1))

    def now(self) -> datetime:
        return NOON + self._error + self.uptime

    def put_right(self) -> None:
        self._error = timedelta()


@pytest.mark.parametrize("shown", [datetime(1970, 1, 1, tzinfo=UTC), NOON - timedelta(hours=5)])
def test_what_was_said_before_the_clock_was_right_is_dated_when_it_is(
    folder: Path, shown: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = BoardClock(monkeypatch, shown)
    with TurnStore(folder) as store:
        board.uptime = timedelta(minutes=1)
        store.save(a_turn(1), board.now())
        db = open_database(folder / "memory.db")
        (at,) = {one.record.at for one in Ledger(db).records([1, 2]).values()}
        assert at == (None if shown.year == 1970 else shown + timedelta(minutes=1))
        board.put_right()
        board.uptime = timedelta(minutes=5)
        store.save(a_turn(2), board.now())
        kept = Ledger(db).between()
        assert {(one.record.key, one.record.at) for one in kept} == {
            (f"turn-00{number}/{side}", NOON + timedelta(minutes=minutes))
            for number, minutes in ((1, 1), (2, 5))
            for side in ("heard", "said")
        }
        assert [turn.started_at for turn in store.recent()] == [
            NOON + timedelta(minutes=5),
            NOON + timedelta(minutes=1),
        ]
        assert verify(db) == []
        db.close()


def test_what_was_said_while_the_clock_was_not_set_is_not_erased_as_old(
    store: TurnStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = BoardClock(monkeypatch, datetime(1970, 1, 1, tzinfo=UTC))
    for number, words in enumerate(("What time is it?", "")):
        store.save(replace(a_turn(number, words=words), said=words), board.now())
    assert store.erase(before=NOON) == 0
    assert store.undated() == 2


KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from voiceos.core import Speech, Transcript, Turn
from voiceos.store.turns import TurnStore
store = TurnStore(Path(sys.argv[1]))
for number in range(100_000):
    words = f"{number} " * 3000
    turn = Turn(f"{number}", "c", Speech(b"\\0\\0" * 9000, 1, 2), transcript=Transcript(words), reply=words)
    store.save(turn, datetime.now(UTC), keep_audio=True)
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [0, 3, 8])
def test_sigkill_leaves_whole_turns(folder: Path, after: int) -> None:
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(folder)], stdout=subprocess.PIPE, text=True)
    assert child.stdout
    for _ in range(after + 1):
        assert child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    rest = child.stdout.read().split()
    child.wait()
    child.stdout.close()
    with TurnStore(folder) as store:
        records = store.recent(10_000)
        assert len(records) >= after + 1 + len(rest)
        for record in records:
            assert record.transcript == record.reply == f"{record.id} " * 3000
            sound = store.audio(record.id)
            assert sound is None or sound.stat().st_size == 44 + 18_000


@hypothesis_settings(deadline=None)
@given(st.text(), st.text(st.characters()))
def test_any_words_can_be_kept(words: str, reply: str) -> None:
    db = connection(Path(":memory:"))
    kept = clean(reply)
    assert tuple(db.execute("SELECT ?, ?", (clean(words), kept)).fetchone()) == (clean(words), kept)
    db.close()
