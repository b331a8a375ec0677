"""The lexical index against a naive BM25, through additions, removals, crashes and other writers."""

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voiceos.language.terms import Analyzer
from voiceos.memory.index import lexical, postings
from voiceos.memory.index.lexical import LexicalIndex
from voiceos.memory.indexer import catch_up
from voiceos.store.database import Connection, open_database, transaction
from voiceos.store.forgetting import Unwanted, forget
from voiceos.store.ledger import Ledger
from voiceos.store.records import Kind, Record, Source
from voiceos.store.rows import sequence

Open = Callable[[], Connection]
ANALYZE = Analyzer("en")
WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprstvz" for b in "aeiou" for c in "bdfgkmnprtvz"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "memory.db"


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few hundred passages fill many chunks."""
    monkeypatch.setattr(postings, "CHUNK", 12)


def opened(path: Path) -> Connection:
    db = open_database(path, derived=[LexicalIndex(ANALYZE)])
    db.hurried = False  # a test that loses power may lose its file
    return db


def some_text(chance: random.Random) -> str:
    """Words of which a few are everywhere and most are rare."""
    return " ".join(WORDS[int(len(WORDS) * chance.random() ** 4)] for _ in range(chance.randint(1, 30)))


def naive(texts: dict[int, str], terms: Sequence[str], limit: int) -> list[int]:
    """Every passage scored by itself, by the same levels and rounding."""
    passages = {key: Counter(ANALYZE(text)) for key, text in texts.items()}
    scores: dict[int, int] = {}
    for term, weight in Counter(terms).items():
        count = sum(term in passage for passage in passages.values())
        worth = round(min(weight, 5) * math.log1p((len(passages) - count + 0.5) / (count + 0.5)) * lexical.UNIT)
        for key, passage in passages.items():
            if term in passage:
                level = postings.level_of(np.array([passage[term]]), np.array([passage.total()]))[0]
                scores[key] = scores.get(key, 0) + int(level) * worth
    return sorted((key for key in scores if scores[key]), key=lambda key: (-scores[key], -key))[:limit]


def found(index: LexicalIndex, db: Connection, terms: Sequence[str], limit: int, within: object = None) -> list[int]:
    return index.search(db, terms, limit, within).ids.tolist()  # type: ignore[arg-type]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 1 << 32).map(random.Random), st.integers(1, 200), st.data())
def test_as_a_naive_search(chance: random.Random, count: int, data: st.DataObject) -> None:
    with TemporaryDirectory() as folder, closing(opened(Path(folder) / "memory.db")) as db:
        same_as_naive(db, chance, count, data)


def same_as_naive(db: Connection, chance: random.Random, count: int, data: st.DataObject) -> None:
    index, texts, last = LexicalIndex(ANALYZE), dict[int, str](), 0
    for _ in range(data.draw(st.integers(1, 6))):
        batch = [(last := last + chance.randint(1, 3), some_text(chance)) for _ in range(count // 4 + 1)]
        index.add(db, batch)
        texts.update(batch)
        gone = chance.sample(sorted(texts), len(texts) // chance.choice([3, 20]))
        index.remove(db, gone)
        for key in gone:
            del texts[key]
        assert index.verify(db) == []
        for limit in (1, 7, 50):
            terms = ANALYZE(some_text(chance))[: chance.randint(1, 12)]
            assert found(index, db, terms, limit) == naive(texts, terms, limit)
            allowed = np.array(sorted(chance.sample(range(last + 5), last // 2)), np.uint32)
            every = naive(texts, terms, len(texts))
            assert (
                found(index, db, terms, limit, allowed)
                == [key for key in every if key in set(allowed.tolist())][:limit]
            )


def filled(db: Connection, count: int = 300, seed: int = 1) -> tuple[LexicalIndex, dict[int, str]]:
    chance = random.Random(seed)
    index = LexicalIndex(ANALYZE)
    texts = {key: some_text(chance) for key in range(1, count + 1)}
    index.add(db, list(texts.items()))
    return index, texts


def test_a_new_passage_is_found_at_once_and_by_other_connections(path: Path) -> None:
    writer, reader = opened(path), opened(path)
    index, _ = filled(writer)
    other = LexicalIndex(ANALYZE)
    assert found(other, reader, ["xylophon"], 5) == []
    index.add(writer, [(1000, "The xylophone is in the attic.")])
    assert found(other, reader, ["xylophon"], 5) == found(index, writer, ["xylophon"], 5) == [1000]
    index.remove(writer, [1000])
    assert found(other, reader, ["xylophon"], 5) == []


def test_a_transaction_that_failed_leaves_nothing(path: Path) -> None:
    db = opened(path)
    index, _ = filled(db)

    def fail() -> None:
        with transaction(db):
            index.add(db, [(1000, "xylophone")])
            assert found(index, db, ["xylophon"], 5) == [1000]
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert index.watermark(db) == 300
    index.add(db, [(1001, "zeppelin")])
    assert found(index, db, ["xylophon"], 5) == []
    assert found(index, db, ["zeppelin"], 5) == [1001]


@pytest.mark.parametrize("after", [0, 3, 20, 90])
def test_removal_leaves_no_trace(path: Path, after: int) -> None:
    db = opened(path)
    index, chance = LexicalIndex(ANALYZE), random.Random(after)
    texts = {key: some_text(chance) for key in range(1, 101 + after)} | {100: "the canary bab sings"}
    for key, text in texts.items():
        index.add(db, [(key, text)])
    index.remove(db, [100])
    del texts[100]
    code = postings.code_of("canari")
    blobs = [row[0] for row in db.execute("SELECT terms FROM lexical_passage")]
    assert not any(code.to_bytes(4, "little") in blob for blob in blobs)
    assert code not in {code for code, _ in postings.every(db)}
    assert index.verify(db) == []
    assert found(index, db, ["bab"], 50) == naive(texts, ["bab"], 50)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert code.to_bytes(4, "little") not in path.read_bytes()


@pytest.mark.parametrize(
    "terms", [[], [""], ["nowhere"], ["\x00", "' OR 1=1 --", "🙂", "\ud800"], [f"w{n}" for n in range(5000)]]
)
def test_any_terms_give_an_answer(path: Path, terms: list[str]) -> None:
    index, _ = filled(db := opened(path))
    assert found(index, db, terms, 10) == []
    assert LexicalIndex(ANALYZE).search(db, ["bab"], 0).ids.tolist() == []


def test_an_empty_index_finds_nothing(path: Path) -> None:
    db, index = opened(path), LexicalIndex(ANALYZE)
    assert found(index, db, ["bab"], 10) == []
    assert index.verify(db) == []


def test_passages_come_in_order_and_once(path: Path) -> None:
    index, _ = filled(db := opened(path))
    for items in ([(5, "again")], [(400, "a"), (399, "b")]):
        with pytest.raises(ValueError, match="order"):
            index.add(db, items)
    index.remove(db, [9999])
    assert index.verify(db) == []


def test_clear_and_another_analysis(path: Path) -> None:
    filled(db := opened(path))
    german = LexicalIndex(Analyzer("de"))
    assert german.verify(db) == ["The lexical index was made by another version of the text analysis."]
    german.clear(db)
    german.add(db, [(1, "Bäume")])
    assert found(german, db, ["baum"], 3) == [1]


def test_damage_is_seen(path: Path) -> None:
    index, _ = filled(db := opened(path))
    (key,) = db.execute("SELECT max(key) FROM lexical_postings").fetchone()
    db.execute("DELETE FROM lexical_postings WHERE key = ?", (key,))
    assert any("wrong postings" in problem for problem in index.verify(db))
    db.execute("DELETE FROM lexical_passage WHERE id = 300")
    assert any("wrong number" in problem for problem in index.verify(db))


def test_new_passages_are_found_before_they_are_added(path: Path) -> None:
    chance, source = random.Random(7), Source("/notes", "text")
    with closing(opened(path)) as db:
        index = LexicalIndex(ANALYZE)

        def keep(count: int) -> None:
            key = sequence(db, "record")
            Ledger(db).add(source, [Record(Kind.NOTE, f"{key + n}", some_text(chance)) for n in range(count)])

        def seen() -> list[object]:
            terms, ids = WORDS[:8], np.arange(1, sequence(db, "passage") + 1, dtype=np.uint32)
            where = index.occurrences(db, ids, terms, [0] * len(ids))
            return [
                found(index, db, terms, 50),
                index.holding(db, terms[:1]).tolist(),
                *(one.tolist() for one in (where.numbers, where.rows, where.places, where.lengths)),
            ]

        keep(lexical.HELD + 8)
        assert catch_up(db, index) == lexical.HELD + 8
        keep(lexical.HELD)
        assert catch_up(db, index) == 0
        before = seen()
        with transaction(db):
            index.add(db, Ledger(db).to_index(index.watermark(db)))
        assert seen() == before
        assert db.execute("SELECT passages FROM lexical_state").fetchone()[0] == 2 * lexical.HELD + 8
        keep(3)
        last = sequence(db, "record")
        assert last in found(index, db, WORDS, 500)
        forget(db, Unwanted(records=[last]))
        assert last not in found(index, db, WORDS, 500)
        keep(lexical.HELD - 1)
        assert catch_up(db, index) == lexical.HELD + 1
        assert index.verify(db) == []
