"""What is exported and imported again is all there, and nothing is there twice."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceos.core import Outcome, Recalled, Transcript, Turn
from voiceos.errors import DataError
from voiceos.language.items import items_in, said_item
from voiceos.memory import pam
from voiceos.memory.facts.learning import learn
from voiceos.memory.portable import export, import_, read_lines
from voiceos.memory.registered import derived
from voiceos.store import lists
from voiceos.store.acts import Progress, Receipt, save_receipt
from voiceos.store.database import Connection, open_database
from voiceos.store.ledger import Ledger
from voiceos.store.records import OWNER, Kind, Record, Source
from voiceos.store.turns import TurnStore
from voiceos.store.verify import verify

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
words = st.text(st.characters(exclude_categories=["Cs"]))
records = st.builds(
    Record,
    st.sampled_from(Kind),
    words,
    words,
    title=words,
    author=words,
    thread=words,
    at=st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)) | st.none(),
    addressees=st.lists(words).map(tuple),
    extra=st.dictionaries(words, st.integers(-9, 9) | words | st.none()),
)


def as_text(db: Connection) -> list[str]:
    return [json.dumps(line) for line in export(db)]


def memory() -> Connection:
    return open_database(Path(":memory:"), derived=derived())


@settings(deadline=None, max_examples=20)
@given(st.dictionaries(words, st.lists(records, max_size=5, unique_by=lambda record: record.key), max_size=3))
def test_records_come_back_as_they_were(life: dict[str, list[Record]]) -> None:
    one, other = memory(), memory()
    for uri, some in life.items():
        Ledger(one).add(Source(uri, "text", uri), some)
    lines = as_text(one)
    done = import_(other, read_lines(lines))
    assert (done.source, done.record) == (len(life), sum(map(len, life.values())))
    assert as_text(other) == lines
    assert verify(other) == []
    again = import_(other, read_lines(lines))
    assert (again.source, again.record) == (0, 0)
    assert as_text(other) == lines
    one.close()
    other.close()


@pytest.fixture
def life(tmp_path: Path) -> list[str]:
    with TurnStore(tmp_path / "a") as store:
        for number, said in enumerate(("We live in Paris.", "My sister is called Ada.", "We moved to Lyon.")):
            turn = Turn(f"t{number}", "c", transcript=Transcript(said), reply="I see.", said="I see.")
            turn.outcome = Outcome.ANSWERED
            turn.recalled = [Recalled("passage:1", "", record_id=1, score=0.5)] if number else []
            store.save(turn, NOON)
    db = open_database(tmp_path / "a" / "memory.db", derived=derived())
    Ledger(db).add(Source("/n", "text"), [Record(Kind.NOTE, "k", "My brother is called Bob.", author=OWNER, at=NOON)])
    for kept in (one for one in Ledger(db).between() if one.record.author == OWNER):
        learn(db, kept)
    lists.add(db, "shop", "shopping", items_in("milk and 2 litres of cola"), NOON, OWNER)
    save_receipt(
        db, Receipt("lists.add", "t2", OWNER, "", NOON, Progress.DONE, "I've added milk.", {"items": ["milk"]})
    )
    lines = as_text(db)
    db.close()
    return lines


def test_turns_facts_and_recollections_come_back_too(life: list[str], tmp_path: Path) -> None:
    db = open_database(tmp_path / "b" / "memory.db", derived=derived())
    done = import_(db, read_lines(life))
    assert (done.turn, done.record, done.recollection) == (3, 7, 2)
    assert (done.act, done.list, done.list_item) == (1, 1, 2)
    assert done.fact > 1
    assert as_text(db) == life
    assert verify(db) == []
    import_(db, read_lines(life))
    assert as_text(db) == life, "what is there already stays as it is"
    db.close()


def test_into_a_memory_that_has_something_already(life: list[str]) -> None:
    db = memory()
    Ledger(db).add(Source("/other", "text"), [Record(Kind.NOTE, "k", "Something else.")])
    lists.add(db, "to do", "to-do", items_in("call Ada", tasks=True), NOON, OWNER)
    lists.add(db, "shop", "shopping", items_in("milk and eggs"), NOON, OWNER)
    import_(db, read_lines(life))
    assert verify(db) == []
    (shopping,) = lists.listings(db, "shop")
    assert [said_item(one.item) for one in lists.entries(db, shopping.id)] == ["milk", "eggs", "2 litres of cola"]
    (place,) = db.execute("SELECT DISTINCT memory FROM recollection").fetchone()
    (passage,) = Ledger(db).passages([int(place.removeprefix("passage:"))]).values()
    assert passage.text == "We live in Paris."
    db.close()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (["{"], "not JSON"),
        (["[]"], "not a JSON object"),
        (['{"is": "record"}'], "not a memory export"),
        (['{"is": "memory", "format": "voiceos-memory", "version": 2}'], "newer"),
        (['{"is": "memory", "format": "voiceos-memory", "version": 1}'], "cut off"),
        (['{"is": "memory", "format": "voiceos-memory", "version": 1}', '{"is": "record", "id": 1}'], "line 2"),
        (['{"is": "memory", "format": "voiceos-memory", "version": 1}', '{"is": "source", "id": 1}'], "line 2"),
    ],
)
def test_what_is_no_export_is_named(text: list[str], sentence: str) -> None:
    db = memory()
    with pytest.raises(DataError, match=sentence):
        import_(db, read_lines(text))
    db.close()


def test_portable_ai_memory(life: list[str]) -> None:
    one, other = memory(), memory()
    import_(one, read_lines(life))
    store: dict[str, Any] = json.loads("".join(pam.write(one, NOON, "voiceos/0.1.0")))
    assert (store["schema"], store["schema_version"]) == ("portable-ai-memory", "1.0")
    by_type = {kind: [each for each in store["memories"] if each["type"] == kind] for kind in ("fact", "context")}
    assert [each["content"] for each in by_type["context"]][:2] == ["We live in Paris.", "My sister is called Ada."]
    assert by_type["fact"]
    active = [each for each in store["memories"] if each["status"] == "active"]
    assert pam.read(other, store, "pam:1").new == len(active)
    assert pam.read(other, store, "pam:1").unchanged == len(active)
    assert verify(other) == []
    with pytest.raises(DataError, match="not a Portable AI Memory"):
        pam.read(other, {"schema": "else"}, "x")
    with pytest.raises(DataError, match="memory 1"):
        pam.read(other, store | {"memories": [{}]}, "x")
    one.close()
    other.close()


def test_the_specifications_own_hash() -> None:
    """The digest that the specification's example gives."""
    content = "User prefers comprehensive technical documentation."
    assert pam.content_hash("  User  prefers comprehensive technical documentation. ") == pam.content_hash(content)
