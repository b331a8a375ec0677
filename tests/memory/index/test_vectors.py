"""The vectors' index: finds what is near, forgets for good, notices other connections, and says what is broken."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from voiceos.engines.encoders import Weighed
from voiceos.memory.index.codes import WIDTH, Codes, Floats, Ids, Words, coded
from voiceos.memory.index.vectors import KEPT_WORDS, Vectors
from voiceos.store.database import Connection, open_database, transaction

NO_WORDS = Weighed(np.zeros(0, np.uint16), np.zeros(0, np.float32))
ENCODER = "test"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "memory.db"


def opened(path: Path) -> Connection:
    """A store with one record, for all passages."""
    db = open_database(path, derived=[Vectors("")])
    db.execute("INSERT INTO source (id, uri, kind) VALUES (1, 'file', 'text')")
    db.execute(
        "INSERT INTO record (id, source_id, key, kind, who, device, author, addressees, title, text, thread, place,"
        " extra, digest, learnt_at, indexed)"
        " VALUES (1, 1, 'k', 'note', 'owner', '', '', '[]', '', '', '', '', '{}', x'', 0, 1)"
    )
    return db


@pytest.fixture
def db(path: Path) -> Iterator[Connection]:
    with closing(opened(path)) as db:
        yield db


def directions(count: int, seed: int = 0) -> Floats:
    """Vectors of length 1 in clusters, as sentences are."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(max(count // 50, 1), WIDTH))
    found = centres[random.integers(len(centres), size=count)] + random.normal(size=(count, WIDTH))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def weighed(*words: int) -> Weighed:
    return Weighed(np.array(words, np.uint16), np.linspace(1, 2, len(words), dtype=np.float32))


def fill(db: Connection, index: Vectors, dense: Floats, first: int = 1, step: int = 300) -> None:
    for start in range(0, len(dense), step):
        part = dense[start : start + step]
        ids = range(first + start, first + start + len(part))
        with transaction(db):
            db.executemany('INSERT INTO passage (id, record_id, start, "end") VALUES (?, 1, 0, 1)', [(n,) for n in ids])
            index.add(db, ids, part, [weighed(n % 7, 100 + n % 5) for n in ids])


def test_the_nearest_are_found_best_first(db: Connection) -> None:
    index, dense = Vectors(ENCODER), directions(3000)
    fill(db, index, dense)
    for question in directions(5, seed=1) + dense[:5] * 2:
        question /= np.linalg.norm(question)
        ids, estimates = index.nearest(db, question, 300)
        true = np.argsort(-(dense @ question))[:20] + 1
        assert len(set(ids.tolist()) & set(true.tolist())) >= 19
        assert (np.diff(estimates) <= 0).all()
        assert np.allclose(index.similarities(db, ids, question, NO_WORDS).dense, dense[ids - 1] @ question, atol=0.01)


def test_an_estimate_is_near_the_cosine(db: Connection) -> None:
    index, dense = Vectors(ENCODER), directions(500)
    fill(db, index, dense)
    ids, estimates = index.nearest(db, dense[7], 100)
    assert np.abs(estimates - dense[ids - 1] @ dense[7]).mean() < 0.08


def test_an_empty_index(db: Connection) -> None:
    index = Vectors(ENCODER)
    ids, cosines = index.nearest(db, directions(1)[0], 10)
    assert not len(ids)
    assert not len(cosines)
    assert index.watermark(db) == 0
    assert index.verify(db) == []


def test_similarities_of_given_passages(db: Connection) -> None:
    index, dense = Vectors(ENCODER), directions(10)
    fill(db, index, dense)
    asked = np.array([9, 2, 44], np.uint32)
    found = index.similarities(db, asked, dense[1], Weighed(np.array([2, 3], np.uint16), np.array([2, 1], np.float32)))
    assert np.allclose(found.dense[:2], dense[[8, 1]] @ dense[1], atol=0.01)
    assert np.allclose(found.sparse[:2], [2.0, 2.0], atol=0.02), "both have the word 2, with the weight 1"
    assert np.isnan([found.dense[2], found.sparse[2]]).all()


def test_the_heaviest_words_are_kept(db: Connection) -> None:
    index, many = Vectors(ENCODER), weighed(*range(300))
    with transaction(db):
        index.add(db, [1], directions(1), [many])
    (words, weights) = db.execute("SELECT words, weights FROM vector").fetchone()
    assert np.frombuffer(words, "<u2").tolist() == list(range(300 - KEPT_WORDS, 300))
    assert len(weights) == KEPT_WORDS


def test_passages_come_in_order_and_once(db: Connection) -> None:
    index = Vectors(ENCODER)
    fill(db, index, directions(5))
    for ids in ([5], [7, 6], [6, 6]):
        with pytest.raises(ValueError, match="order"), transaction(db):
            index.add(db, ids, directions(len(ids)), [weighed(1)] * len(ids))
    assert index.watermark(db) == 5


def test_what_is_removed_is_gone_from_the_file(db: Connection, path: Path) -> None:
    index, dense = Vectors(ENCODER), directions(300 + 50)
    fill(db, index, dense)
    (vector, code) = db.execute("SELECT dense FROM vector WHERE id = 30").fetchone()[0], coded(dense[29:30]).tobytes()
    index.nearest(db, dense[29], 5)
    with transaction(db):
        index.remove(db, [30, 300 + 7, 12345])
    assert 30 not in index.nearest(db, dense[29], 5)[0]
    assert 30 not in index.nearest(db, dense[29], 5)[0]
    assert np.isnan(index.similarities(db, np.array([30], np.uint32), dense[0], NO_WORDS).dense[0])
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = path.read_bytes()
    assert vector not in content
    assert code not in content
    db.execute("DELETE FROM passage WHERE id IN (30, ?)", (300 + 7,))
    assert index.verify(db) == []


def test_other_connections_are_noticed(db: Connection, path: Path) -> None:
    mine, theirs, dense = Vectors(ENCODER), Vectors(ENCODER), directions(900)
    fill(db, mine, dense[:300])
    other = open_database(path, derived=[Vectors("")])
    assert theirs.nearest(other, dense[0], 1)[0].tolist() == [1]
    fill(db, mine, dense[300:], first=300 + 1)
    assert theirs.nearest(other, dense[2 * 300], 1)[0].tolist() == [2 * 300 + 1]
    with transaction(db):
        mine.remove(db, [1])
    assert theirs.nearest(other, dense[0], 1)[0].tolist() != [1]
    with transaction(db):
        mine.clear(db)
    assert not len(theirs.nearest(other, dense[0], 1)[0])
    other.close()


def test_an_index_that_was_emptied_begins_anew(db: Connection) -> None:
    index, before, after = Vectors(ENCODER), directions(300 + 200), directions(100, seed=1)
    fill(db, index, before)
    assert index.nearest(db, before[150], 1)[0].tolist() == [151]
    with transaction(db):
        index.clear(db)
        db.execute("DELETE FROM passage")
    fill(db, index, after)
    assert sorted(index.nearest(db, before[150], 1000)[0].tolist()) == list(range(1, 101))


def test_what_is_new_is_read_alone(db: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    index, dense = Vectors(ENCODER), directions(500)
    fill(db, index, dense[:400])
    index.nearest(db, dense[0], 1)
    read: list[int] = []
    old = Codes.append

    def noted(self: Codes, ids: Ids, codes: Words) -> None:
        read.extend(ids.tolist())
        old(self, ids, codes)

    monkeypatch.setattr(Codes, "append", noted)
    fill(db, index, dense[400:], first=401)
    index.nearest(db, dense[0], 1)
    index.nearest(db, dense[0], 1)
    assert read == list(range(401, 501))


def test_one_index_tells_two_stores_apart(db: Connection, tmp_path: Path) -> None:
    index, mine, theirs = Vectors(ENCODER), directions(50), directions(50, seed=1)
    fill(db, index, mine)
    with closing(opened(tmp_path / "other.db")) as other:
        fill(other, index, theirs)
        for row in (7, 30):
            assert index.nearest(db, mine[row], 1)[0].tolist() == [row + 1]
            assert index.nearest(other, theirs[row], 1)[0].tolist() == [row + 1]


def test_a_transaction_that_fails_leaves_nothing(db: Connection) -> None:
    index, dense = Vectors(ENCODER), directions(20)
    fill(db, index, dense[:10])
    db.execute("BEGIN")
    index.add(db, range(11, 21), dense[10:], [weighed(1)] * 10)
    db.execute("ROLLBACK")
    assert index.watermark(db) == 10
    assert index.nearest(db, dense[15], 20)[0].max() == 10
    assert index.verify(db) == []


def test_another_encoder_begins_anew(db: Connection) -> None:
    fill(db, Vectors("old"), directions(10))
    index = Vectors(ENCODER)
    assert index.watermark(db) == 0
    assert not len(index.nearest(db, directions(1)[0], 5)[0])
    with transaction(db):
        index.add(db, [3], directions(1), [weighed(1)])
    assert index.nearest(db, directions(1)[0], 5)[0].tolist() == [3]


def test_what_is_broken_is_said(db: Connection) -> None:
    index = Vectors(ENCODER)
    fill(db, index, directions(200))
    assert index.verify(db) == []
    with transaction(db):
        db.execute("DELETE FROM passage WHERE id = 4")
        db.execute("DELETE FROM vector WHERE id = 9")
        db.execute("UPDATE vector_code SET code = zeroblob(48) WHERE id = 11")
        db.execute("UPDATE vector_code SET code = x'00' WHERE id = 12")
    said = index.verify(db)
    assert said[:2] == ["1 vectors belong to no passage.", "1 passages have no vector."]
    assert said[2:] == [f"Vector {id} has no code, or that of another." for id in (9, 11, 12)]
    with transaction(db):
        index.clear(db)
    assert index.verify(db) == []


def test_a_large_scan_finds_the_nearest() -> None:
    dense = directions(10_000, seed=3)
    codes = Codes()
    codes.append(np.arange(1, len(dense) + 1, dtype=np.uint32), coded(dense))
    for row in (5, 5_005, len(dense) - 1):
        ids, _ = codes.nearest(dense[row], 300)
        true = np.argsort(-(dense @ dense[row]))[:10] + 1
        assert ids[0] == row + 1
        assert len(set(true.tolist()) & set(ids.tolist())) >= 9
