"""The meaning of passages and the words they are about: codes to scan, vectors and weights to score candidates.

A row of `vector` has a passage's vector in eight bits a dimension, and its weighed words; a row of `vector_code` its
code. All codes are held in memory: new ones are read when they are searched, and all again when some were removed.
"""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voiceos.engines.encoders import Weighed
from voiceos.memory.index.codes import BYTES, COLUMNS, WIDTH, Codes, Floats, Ids, Words, coded
from voiceos.store.database import Connection, Row

AT_ONCE = 20_000
"""Rows of one statement."""
WEIGHT_STEPS = 64
"""Steps of a word's weight in 1; the heaviest weight that can be kept is 4."""
KEPT_WORDS = 96
"""Words of a passage that are kept: its heaviest. With 60 a twentieth of what is found by them is lost."""
TABLES = (
    "CREATE TABLE vector (id INTEGER PRIMARY KEY, dense BLOB NOT NULL, words BLOB NOT NULL, weights BLOB NOT NULL)",
    "CREATE TABLE vector_code (id INTEGER PRIMARY KEY, code BLOB NOT NULL)",
    # `generation` is another one for each store, and after each removal
    "CREATE TABLE vector_state (id INTEGER PRIMARY KEY CHECK (id = 1), generation INTEGER NOT NULL,"
    " watermark INTEGER NOT NULL DEFAULT 0, encoder TEXT NOT NULL DEFAULT '')",
    "INSERT INTO vector_state (id, generation) VALUES (1, abs(random() / 2))",
)
_ROWS = (  # whatever their number, one statement, which stays prepared
    "SELECT one.key, dense, words, weights FROM json_each(?) one CROSS JOIN vector ON vector.id = one.value"
)
_FAR = 24
"""Bits in which a code may differ from that of its rounded vector."""


@dataclass(frozen=True, slots=True)
class Similarities:
    """For each of the passages asked for; not a number where a passage has no vector."""

    dense: Floats
    """Cosine, -1 to 1."""
    sparse: Floats
    """Sum of the products of the weights of common words; 0 or more."""
    words: Floats
    """A column for each learnt word of the question: what it weighs in the passage; 0 where it is not."""
    asked: Floats
    """What each of these words weighs in the question."""

    def at(self, rows: NDArray[np.intp]) -> "Similarities":
        return Similarities(self.dense[rows], self.sparse[rows], self.words[rows], self.asked)

    def and_of(self, others: "Similarities") -> "Similarities":
        """Those of other passages behind them, for the same question."""
        return Similarities(
            np.concatenate([self.dense, others.dense]),
            np.concatenate([self.sparse, others.sparse]),
            np.concatenate([self.words, others.words]),
            self.asked,
        )


class Vectors:
    """The index. `encoder` names the models: what was made with others is thrown away when something is added.

    It may be used from any thread with any connection to the same database; its memory is shared by all of them.
    """

    name = "vectors"
    tables = TABLES

    def __init__(self, encoder: str) -> None:
        self._encoder = encoder
        self._codes = Codes()
        self._generation = 0
        self._lock = threading.Lock()

    def add(self, db: Connection, ids: Sequence[int], dense: Floats, sparse: Sequence[Weighed]) -> None:
        """Adds passages within the caller's transaction; their ids ascend and are above the watermark."""
        if self._state(db)[2] != self._encoder:
            self.clear(db)
        _, watermark, _ = self._state(db)
        if (np.diff(np.array([watermark, *ids], np.int64)) <= 0).any():
            raise ValueError("Passages are added in the order of their ids, each once.")
        if not ids:
            return
        rows = zip(ids, rounded(dense), sparse, strict=True)
        db.executemany(
            "INSERT INTO vector (id, dense, words, weights) VALUES (?, ?, ?, ?)",
            [(one, vector, *_packed(words)) for one, vector, words in rows],
        )
        codes = [code.astype("<u8").tobytes() for code in coded(dense)]
        db.executemany("INSERT INTO vector_code VALUES (?, ?)", zip(ids, codes, strict=True))
        db.execute("UPDATE vector_state SET watermark = ?", (ids[-1],))

    def remove(self, db: Connection, passages: Sequence[int], records: Sequence[int] = ()) -> None:
        """Removes passages within the caller's transaction."""
        given = json.dumps([int(one) for one in passages])
        there = "WHERE id IN (SELECT value FROM json_each(?))"
        db.execute(f"DELETE FROM vector {there}", (given,))  # noqa: S608
        if db.execute(f"DELETE FROM vector_code {there}", (given,)).rowcount:  # noqa: S608
            db.execute("UPDATE vector_state SET generation = generation + 1")

    def nearest(self, db: Connection, vector: Floats, count: int) -> tuple[Ids, Floats]:
        """Ids and estimated cosines of the `count` passages nearest to a vector of length 1, best first.

        By the codes alone, without touching the disk: among the best 300 are the true nearest 10 and nine tenths of the
        nearest 100; the error of a cosine is about 0.04.
        """
        with self._lock:
            self._refresh(db)
            return self._codes.nearest(vector, count)

    def similarities(self, db: Connection, ids: Ids, dense: Floats, sparse: Weighed) -> Similarities:
        """How similar these passages are to a question; about 3 µs each, most of it SQLite's."""
        cosines = np.full(len(ids), np.nan, np.float32)
        weights = np.zeros((len(ids), len(sparse.words)), np.float32)
        own = self._state(db)[2] == self._encoder
        if own and (rows := db.execute(_ROWS, (json.dumps(ids.tolist()),)).fetchall()):
            there, vectors, words, steps = zip(*rows, strict=True)
            places = np.array(there)
            cosines[places] = cosines_of(vectors, dense)
            weights[places] = _weights(words, steps, sparse.words)
        sums = np.where(np.isnan(cosines), np.float32(np.nan), weights @ sparse.weights)
        return Similarities(cosines, sums, weights, sparse.weights)

    def watermark(self, db: Connection) -> int:
        """The last passage that was added; 0 if all must be added again."""
        _, watermark, encoder = self._state(db)
        return watermark if encoder == self._encoder else 0

    def clear(self, db: Connection) -> None:
        """Empties the index, within the caller's transaction; the watermark is 0 again."""
        db.execute("DELETE FROM vector")
        db.execute("DELETE FROM vector_code")
        changed = "UPDATE vector_state SET generation = generation + 1, watermark = 0, encoder = ?"
        db.execute(changed, (self._encoder,))

    def verify(self, db: Connection) -> list[str]:
        """Problems, in sentences. Reads everything."""
        problems: list[str] = []
        strays = "SELECT count(*) FROM vector WHERE id NOT IN (SELECT id FROM passage)"
        if strays := db.execute(strays).fetchone()[0]:
            problems.append(f"{strays} vectors belong to no passage.")
        _, watermark, _ = self._state(db)
        missing = "SELECT count(*) FROM passage WHERE id <= ? AND id NOT IN (SELECT id FROM vector)"
        if missing := db.execute(missing, (watermark,)).fetchone()[0]:
            problems.append(f"{missing} passages have no vector.")
        after = 0
        both = "SELECT id, dense, code FROM vector FULL JOIN vector_code USING (id) WHERE id > ? ORDER BY id LIMIT ?"
        while rows := db.execute(both, (after, AT_ONCE)).fetchall():
            problems += [f"Vector {id} has no code, or that of another." for id in _miscoded(rows)]
            after = rows[-1]["id"]
        return problems

    def _refresh(self, db: Connection) -> None:
        """Reads what has changed since the last time."""
        generation, _, encoder = self._state(db)
        if generation != self._generation:
            self._codes, self._generation = Codes(), generation
        if encoder != self._encoder:
            return
        new = "SELECT id, code FROM vector_code WHERE id > ? ORDER BY id LIMIT ?"
        while rows := db.execute(new, (self._codes.last, AT_ONCE)).fetchall():
            self._codes.append(np.array([row["id"] for row in rows], np.uint32), _codes(rows))

    def _state(self, db: Connection) -> tuple[int, int, str]:
        """The generation, the watermark, and the encoder."""
        return db.execute("SELECT generation, watermark, encoder FROM vector_state").fetchone()


def rounded(dense: Floats) -> list[bytes]:
    """A scale in front, as four bytes, and eight bits for each dimension."""
    scale = np.maximum(np.abs(dense).max(axis=1, keepdims=True), 1e-12).astype("<f4") / np.float32(127)
    values = np.rint(dense / scale).astype(np.int8)
    return [row_scale.astype("<f4").tobytes() + row.tobytes() for row_scale, row in zip(scale, values, strict=True)]


def vectors_of(rows: Sequence[bytes]) -> Floats:
    data = np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), 4 + WIDTH)
    scale = np.ascontiguousarray(data[:, :4]).view("<f4")
    return data[:, 4:].view(np.int8).astype(np.float32) * scale


def cosines_of(rows: Sequence[bytes], vector: Floats) -> Floats:
    data = np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), 4 + WIDTH)
    scale = np.ascontiguousarray(data[:, :4]).view("<f4")[:, 0]
    return data[:, 4:].view(np.int8).astype(np.float32) @ vector * scale


def _packed(one: Weighed) -> tuple[bytes, bytes]:
    words, weights = one.words, one.weights
    if len(words) > KEPT_WORDS:
        heaviest = np.sort(np.argpartition(-weights, KEPT_WORDS)[:KEPT_WORDS])
        words, weights = words[heaviest], weights[heaviest]
    steps = np.clip(np.rint(weights * WEIGHT_STEPS), 1, 255).astype(np.uint8)
    return words.astype("<u2").tobytes(), steps.tobytes()


def _weights(words: Sequence[bytes], weights: Sequence[bytes], asked: NDArray[np.uint16]) -> Floats:
    """What each word that is asked for weighs in each passage."""
    columns = np.zeros(1 << 16, np.uint16)
    columns[asked] = np.arange(1, len(asked) + 1)
    column = columns.take(np.frombuffer(b"".join(words), "<u2"))
    common = np.flatnonzero(column)
    ends = np.cumsum([len(one) for one in weights])
    found = np.zeros((len(words), len(asked)), np.float32)
    steps = np.frombuffer(b"".join(weights), np.uint8)
    rows = np.searchsorted(ends, common, side="right")
    found[rows, column[common] - 1] = steps[common] * np.float32(1 / WEIGHT_STEPS)
    return found


def _codes(rows: Sequence[Row]) -> Words:
    return np.frombuffer(b"".join([row["code"] for row in rows]), "<u8").reshape(-1, COLUMNS).astype(np.uint64)


def _miscoded(rows: Sequence[Row]) -> list[int]:
    """The ids of the rows whose code is not that of their vector."""
    whole = [row for row in rows if row["dense"] and row["code"] and len(row["code"]) == BYTES]
    wrong = {row["id"] for row in rows}.difference(row["id"] for row in whole)
    if whole:
        off = np.bitwise_count(coded(vectors_of([row["dense"] for row in whole])) ^ _codes(whole)).sum(axis=1)
        wrong.update(row["id"] for row, far in zip(whole, off > _FAR, strict=True) if far)
    return sorted(wrong)
