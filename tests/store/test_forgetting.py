"""What is forgotten is in no file any more: not in a table, an index, the log, a free page, or the slack of a page."""

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from voiceos.core import Outcome, Recalled, Speech, Transcript, Turn
from voiceos.language.terms import Analyzer
from voiceos.memory.index.lexical import LexicalIndex
from voiceos.memory.indexer import catch_up
from voiceos.memory.registered import derived
from voiceos.store import scrub
from voiceos.store.database import Connection, file_of, open_database
from voiceos.store.forgetting import Unwanted, forget
from voiceos.store.ledger import Ledger
from voiceos.store.records import Kind, Record, Source
from voiceos.store.turns import TurnStore
from voiceos.store.verify import verify

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOTES = Source("/notes.md", "markdown")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Connection]:
    db = open_database(tmp_path / "memory.db", derived=derived())
    yield db
    db.close()


def everything_beside(db: Connection) -> bytes:
    return b"".join(path.read_bytes() for path in file_of(db).parent.rglob("*") if path.is_file())


def a_record(number: int, words: random.Random) -> Record:
    canary = f"canary{number:05}x "
    text = canary * words.choice([1, 3, 30, 300]) + "and some more words. " * words.choice([0, 2, 50])
    at = NOON + timedelta(minutes=words.randrange(10_000))
    return Record(Kind.NOTE, f"{words.random()}{canary}", text, title=canary, author=canary, at=at, thread=canary)


@pytest.mark.parametrize("seed", range(2))
def test_no_canary_is_left_anywhere(db: Connection, seed: int) -> None:
    words = random.Random(seed)
    index = LexicalIndex(Analyzer("en"))
    ledger = Ledger(db)
    ids: dict[int, int] = {}
    for first in range(0, 480, 120):
        numbers = range(first, first + 120)
        added = ledger.add(NOTES, [a_record(number, words) for number in numbers])
        ids |= dict(zip(numbers, added.ids, strict=True))
        catch_up(db, index)
        gone = words.sample(sorted(ids), 50)
        done = forget(db, Unwanted([ids.pop(number) for number in gone]))
        assert done.records == 50
        assert done.finished
    left = {int(number) for number in re.findall(rb"canary(\d{5})x", everything_beside(db))}
    assert left == set(ids)
    assert verify(db) == []


def test_an_encrypted_memory_forgets_too(tmp_path: Path) -> None:
    db = open_database(tmp_path / "memory.db", "ab" * 32, derived())
    words = random.Random(1)
    ids = Ledger(db).add(NOTES, [a_record(number, words) for number in range(300)]).ids
    assert forget(db, Unwanted(ids[:200])).finished
    assert b"canary" not in everything_beside(db)
    assert len(Ledger(db).between()) == 100
    assert verify(db) == []
    db.close()


def a_turn(number: int, words: str, reply: str = "Indeed.", *recalled: Recalled, merged: bool = False) -> Turn:
    turn = Turn(f"turn{number}", "c", Speech(b"\1\2" * 100, 1.0, 2.0), transcript=Transcript(words))
    turn.reply = turn.said = reply
    turn.outcome = Outcome.MERGED if merged else Outcome.ANSWERED
    turn.recalled = recalled
    return turn


def test_a_turn_goes_with_its_record_and_what_rests_on_it(tmp_path: Path) -> None:
    with TurnStore(tmp_path) as store:
        store.save(a_turn(0, "My secret", merged=True), NOON)
        store.save(a_turn(1, "My secret canary is blue.", "How nice, a canary."), NOON, keep_audio=True)
        db = open_database(tmp_path / "memory.db", derived=derived())
        (heard,) = (row["heard_record"] for row in db.execute("SELECT heard_record FROM turn WHERE id = 'turn1'"))
        memory = Recalled("passage:1", "My secret canary is blue.", record_id=heard)
        store.save(a_turn(2, "What colour is it?", "Your canary is blue.", memory), NOON)
        unused = Recalled("passage:1", "", record_id=heard, left_out="not about it")
        store.save(a_turn(3, "And the weather?", "It rains.", unused), NOON)
        done = forget(db, Unwanted([heard]))
        assert (done.turns, done.replies, done.records) == (2, ["turn2"], 2)
        assert {turn.id: turn.said for turn in store.recent()} == {"turn2": "", "turn3": "It rains."}
        for canary in (b"canary", b"secret"):
            assert canary not in everything_beside(db)
        assert not list((tmp_path / "audio").iterdir())
        assert verify(db) == []
        db.close()


def test_a_source_goes_whole(db: Connection) -> None:
    Ledger(db).add(NOTES, [Record(Kind.NOTE, "k", "canary")])
    assert forget(db, Unwanted(sources=["/notes.md", "/unknown"])).records == 1
    assert b"canary" not in everything_beside(db)
    assert b"notes.md" not in everything_beside(db)


def test_while_something_reads_it_is_finished_at_the_next_start(
    db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrub, "CHECKPOINT_SECONDS", 0)
    Ledger(db).add(NOTES, [Record(Kind.NOTE, "k", "canary " * 1000)])
    reader = open_database(file_of(db))
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM record").fetchall()
    assert not forget(db, Unwanted([1])).finished
    reader.execute("COMMIT")
    open_database(file_of(db)).close()
    assert b"canary" not in everything_beside(db)
    reader.close()


def test_copies_of_a_damaged_memory_go_with_it(db: Connection) -> None:
    aside = file_of(db).with_name("memory.damaged-20260301T120000.db")
    aside.write_text("canary")
    Ledger(db).add(NOTES, [Record(Kind.NOTE, "k", "canary")])
    forget(db, Unwanted([1]))
    assert not aside.exists()
