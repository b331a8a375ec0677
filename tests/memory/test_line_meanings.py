"""The meanings of lines: kept when passages are read, so that a recall encodes only its question; gone with them."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from tests.memory.made_up import MadeUp
from voiceos.memory.line_meanings import LineMeanings
from voiceos.memory.memory import Memory
from voiceos.memory.registered import derived
from voiceos.memory.semantic import SemanticIndex
from voiceos.store.database import open_database
from voiceos.store.forgetting import Unwanted
from voiceos.store.records import Kind, Record, Source

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
NOTE = (
    "- bedroom window: 118 cm wide and 96 cm high, and the sill under it is 12 cm deep\n- stair carpet: 13 steps, oak"
)
TALK = ("Where is the blue ladder?", "The blue ladder is behind the shed, next to the bins.", "Thanks!")


def test_a_recall_encodes_no_line_that_was_read_and_forgotten_lines_are_gone(tmp_path: Path) -> None:
    meaning = MadeUp()
    encode, encoded = meaning.lines._encode, list[str]()  # pyright: ignore[reportPrivateUsage]
    assert encode

    def counting(texts: Sequence[str]):
        encoded.extend(texts)
        return encode(texts)

    meaning.lines = LineMeanings("made up", counting)
    with Memory(tmp_path, meaning=cast(SemanticIndex, meaning)) as memory:
        said = [Record(Kind.MESSAGE, text, text, author="Ana", at=NOON, thread="Ana") for text in TALK]
        notes = Record(Kind.NOTE, "sizes", NOTE, title="Sizes")
        ids = [*memory.ledger.add(Source("chat", "chat"), said).ids]
        ids += memory.ledger.add(Source("sizes", "text"), [notes]).ids
        questions = ("How many steps does the stair carpet have?", "Where is the blue ladder?")
        memory.catch_up_words()
        before = [memory.evidence(one, NOON).alike for one in questions]
        assert encoded
        memory.catch_up()
        encoded.clear()
        after = [memory.evidence(one, NOON).alike for one in questions]
        assert not encoded
        for old, new in zip(before, after, strict=True):
            assert old.keys() <= new.keys()
            assert all(abs(old[text] - new[text]) < 0.01 for text in old)
        memory.forget(Unwanted(ids[1:]))
        assert memory.verify() == []
    with closing(open_database(tmp_path / "memory.db", derived=derived())) as db:
        assert {row[0] for row in db.execute("SELECT id >> 32 FROM line_meaning")} == {ids[0]}
        assert meaning.lines.watermark(db)
        assert not LineMeanings("another").watermark(db)
