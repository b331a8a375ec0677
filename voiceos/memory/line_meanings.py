"""The meanings of the lines of memories, found in quiet hours, so that a recall has only its question to encode."""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from hashlib import blake2b

from voiceos.memory.index.vectors import Floats, cosines_of, rounded
from voiceos.memory.recall.lines import TALK, parts
from voiceos.memory.recall.provenance import of_excerpt, of_record
from voiceos.store.database import Connection, transaction
from voiceos.store.ledger import Excerpt, Ledger
from voiceos.store.records import Kind

Encode = Callable[[Sequence[str]], Floats]
"""A vector of length 1 for each text."""


class LineMeanings:
    """A row for each line: its key, of its record and its words' digest, and its vector in eight bits a dimension.

    One number as key, because two rows of a table with a key of two would not fit into a page of the file.
    It goes with one encoder: what was made with another is thrown away when something is added.
    """

    name = "line meanings"
    held = 0
    tables = (
        "CREATE TABLE line_meaning (id INTEGER PRIMARY KEY, vector BLOB NOT NULL)",
        "CREATE TABLE line_meaning_state (id INTEGER PRIMARY KEY CHECK (id = 1), watermark INTEGER NOT NULL DEFAULT 0,"
        " encoder TEXT NOT NULL DEFAULT '')",
        "INSERT INTO line_meaning_state (id) VALUES (1)",
    )

    def __init__(self, encoder: str = "", encode: Encode | None = None) -> None:
        """Without `encode` it only forgets."""
        self._encoder = encoder
        self._encode = encode

    def add(self, db: Connection, items: Sequence[tuple[int, str]]) -> None:
        """Encodes the lines of these passages (id, text as the other indexes see it)."""
        if not items or not self._encode:
            return
        texts = dict.fromkeys(
            (one.kept.id, text) for one in Ledger(db).passages(id for id, _ in items).values() for text in _told(one)
        )
        vectors = rounded(self._encode([text for _, text in texts]))
        with transaction(db):
            if self.watermark(db) == 0:
                self.clear(db)
            rows = ((key_of(*line), one) for line, one in zip(texts, vectors, strict=True))
            db.executemany("INSERT OR REPLACE INTO line_meaning VALUES (?, ?)", rows)
            db.execute("UPDATE line_meaning_state SET watermark = ?", (items[-1][0],))

    def alike(self, db: Connection, meaning: Floats, lines: Collection[tuple[int, str]]) -> dict[str, float]:
        """By text the cosine of each line (record, text) to a vector of length 1; of lines not there yet, too."""
        alike = self._known(db, meaning, lines)
        new = list(dict.fromkeys(text for _, text in lines if text not in alike))
        if new and self._encode:
            alike |= dict(zip(new, (self._encode(new) @ meaning).tolist(), strict=True))
        return alike

    def _known(self, db: Connection, meaning: Floats, lines: Iterable[tuple[int, str]]) -> dict[str, float]:
        """The same of those lines that are there."""
        texts = {key_of(record, text): text for record, text in lines}
        if not self.watermark(db):
            return {}
        rows = db.execute(
            "SELECT line.id, vector FROM json_each(?) one CROSS JOIN line_meaning line ON line.id = one.value",
            (json.dumps(list(texts)),),
        ).fetchall()
        cosines = cosines_of([row[1] for row in rows], meaning).tolist() if rows else []
        return {texts[row[0]]: cosine for row, cosine in zip(rows, cosines, strict=True)}

    def remove(self, db: Connection, passages: Sequence[int], records: Sequence[int] = ()) -> None:
        """Removes records, within the caller's transaction."""
        lines = "SELECT line.id FROM json_each(?) one CROSS JOIN line_meaning line ON line.id BETWEEN one.value << 32"
        gone = f"DELETE FROM line_meaning WHERE id IN ({lines} AND one.value << 32 | 0xffffffff)"  # noqa: S608
        db.execute(gone, (json.dumps(list(records)),))

    def watermark(self, db: Connection) -> int:
        """The last passage whose lines were added; 0 if all must be added again."""
        watermark, encoder = db.execute("SELECT watermark, encoder FROM line_meaning_state").fetchone()
        return watermark if encoder == self._encoder else 0

    def clear(self, db: Connection) -> None:
        """Empties the index, within the caller's transaction; the watermark is 0 again."""
        db.execute("DELETE FROM line_meaning")
        db.execute("UPDATE line_meaning_state SET watermark = 0, encoder = ?", (self._encoder,))

    def verify(self, db: Connection) -> list[str]:
        """Problems, in sentences."""
        strays = "SELECT count(*) FROM line_meaning WHERE id >> 32 NOT IN (SELECT id FROM record)"
        count = db.execute(strays).fetchone()[0]
        return [f"{count} meanings of lines belong to no record."] if count else []


def key_of(record: int, text: str) -> int:
    """A record's number and 32 bits of a digest: two of a record's lines hardly ever share it."""
    return record << 32 | int.from_bytes(blake2b(text.encode(), digest_size=4).digest())


def _told(one: Excerpt) -> list[str]:
    """The lines of a passage; and its record, where that is looked at whole."""
    kind = one.kept.record.kind
    whole = [of_record(one.kept, 0.0).text] if kind in (*TALK, Kind.EVENT) else []
    return [text for text in (*parts(kind, of_excerpt(one, 0.0).text), *whole) if text]
