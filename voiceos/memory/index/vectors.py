"""What passages mean, and the words they are about: codes to scan, vectors and weights to score candidates with.

A row of `vector` has a passage's vector in eight bits a dimension, and its weighed words. `vector_codes` has the codes
of 1024 passages in a row: they are held in memory, and what another connection or process changed is read anew.
"""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voiceos.engines.sparse_encoder import Weighed
from voiceos.memory.index.codes import BYTES, COLUMNS, WIDTH, Codes, Floats, Ids, Words, coded
from voiceos.store.database import Connection, DatabaseError

CHUNK = 1024
WEIGHT_STEPS = 64
"""Steps of a word's weight in 1; the heaviest weight that can be kept is 4."""
KEPT_WORDS = 96
"""Words of a passage that are kept: its heaviest. With 60 a twentieth of what is found by them is lost."""
NO_WORDS = Weighed(np.zeros(0, np.uint16), np.zeros(0, np.float32))
TABLES = (
    # a vector and weighed words for each passage, and the codes that are scanned, in chunks
    "CREATE TABLE vector (id INTEGER PRIMARY KEY, place INTEGER NOT NULL UNIQUE, dense BLOB NOT NULL,"
    " words BLOB NOT NULL, weights BLOB NOT NULL)",
    "CREATE TABLE vector_codes (chunk INTEGER PRIMARY KEY, stamp INTEGER NOT NULL, ids BLOB NOT NULL,"
    " codes BLOB NOT NULL)",
    "CREATE INDEX vector_codes_by_stamp ON vector_codes (stamp)",
    "CREATE TABLE vector_state (id INTEGER PRIMARY KEY CHECK (id = 1), stamp INTEGER NOT NULL DEFAULT 0,"
    " watermark INTEGER NOT NULL DEFAULT 0, encoder TEXT NOT NULL DEFAULT '')",
    "INSERT INTO vector_state (id) VALUES (1)",
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
        self._stamp = 0
        self._lock = threading.Lock()

    def add(self, db: Connection, ids: Sequence[int], dense: Floats, sparse: Sequence[Weighed]) -> None:
        """Adds passages within the caller's transaction; their ids ascend and are above the watermark."""
        if self._state(db)[2] != self._encoder:
            self.clear(db)
        stamp, watermark, _ = self._state(db)
        ascending = np.array([watermark, *ids], np.int64)
        if (np.diff(ascending) <= 0).any():
            raise ValueError("Passages are added in the order of their ids, each once.")
        if not ids:
            return
        place = self._append(db, ascending[1:].astype(np.uint32), coded(dense), stamp + 1)
        rows = zip(ids, range(place, place + len(ids)), _rounded(dense), sparse, strict=True)
        db.executemany(
            "INSERT INTO vector (id, place, dense, words, weights) VALUES (?, ?, ?, ?, ?)",
            [(one, at, vector, *_packed(words)) for one, at, vector, words in rows],
        )
        db.execute("UPDATE vector_state SET stamp = stamp + 1, watermark = ?", (ids[-1],))

    def remove(self, db: Connection, passages: Sequence[int], records: Sequence[int] = ()) -> None:
        """Removes passages within the caller's transaction: vector, words and code are overwritten."""
        given = json.dumps([int(one) for one in passages])
        there = "FROM vector WHERE id IN (SELECT value FROM json_each(?))"
        places = [row[0] for row in db.execute(f"SELECT place {there}", (given,))]
        db.execute(f"DELETE {there}", (given,))
        if not places:
            return
        db.execute("UPDATE vector_state SET stamp = stamp + 1")
        stamp, _, _ = self._state(db)
        for number in sorted({place // CHUNK for place in places}):
            (blob,) = db.execute("SELECT codes FROM vector_codes WHERE chunk = ?", (number,)).fetchone()
            codes = np.frombuffer(blob, np.uint8).reshape(-1, BYTES).copy()
            codes[[place % CHUNK for place in places if place // CHUNK == number]] = 0
            db.execute("UPDATE vector_codes SET codes = ?, stamp = ? WHERE chunk = ?", (codes.tobytes(), stamp, number))

    def nearest(self, db: Connection, vector: Floats, count: int, allowed: Ids | None = None) -> tuple[Ids, Floats]:
        """Ids and estimated cosines of the `count` passages nearest to a vector of length 1, best first.

        By the codes alone, without touching the disk: among the best 300 are the true nearest 10 and nine tenths of the
        nearest 100; the error of a cosine is about 0.04. `allowed`: ids, ascending, among which to search.
        """
        with self._lock:
            self._refresh(db)
            return self._codes.nearest(vector, count, allowed)

    def similarities(self, db: Connection, ids: Ids, dense: Floats, sparse: Weighed = NO_WORDS) -> Similarities:
        """How near these passages are to a question; about 4 µs each, nearly all of it SQLite's."""
        cosines = np.full(len(ids), np.nan, np.float32)
        weights = np.zeros((len(ids), len(sparse.words)), np.float32)
        marks = ",".join("?" * len(ids))
        query = f"SELECT id, dense, words, weights FROM vector WHERE id IN ({marks}) ORDER BY id"  # noqa: S608
        if rows := db.execute(query, ids.tolist()).fetchall():
            there, vectors, words, steps = zip(*rows, strict=True)
            ascending = np.argsort(ids)
            places = ascending[np.searchsorted(ids, there, sorter=ascending)]
            cosines[places] = _cosines(vectors, dense)
            weights[places] = _weights(words, steps, sparse.words)
        sums = np.where(np.isnan(cosines), np.float32(np.nan), weights @ sparse.weights)
        return Similarities(cosines, sums, weights, sparse.weights)

    def watermark(self, db: Connection) -> int:
        """The last passage that was added; 0 when all are to be added anew."""
        _, watermark, encoder = self._state(db)
        return watermark if encoder == self._encoder else 0

    def clear(self, db: Connection) -> None:
        """Empties the index, within the caller's transaction; the watermark is 0 again."""
        db.execute("DELETE FROM vector")
        db.execute("DELETE FROM vector_codes")
        db.execute("UPDATE vector_state SET stamp = stamp + 1, watermark = 0, encoder = ?", (self._encoder,))

    def verify(self, db: Connection) -> list[str]:
        """What is wrong, in sentences; reads everything."""
        problems: list[str] = []
        strays = "SELECT count(*) FROM vector WHERE id NOT IN (SELECT id FROM passage)"
        if strays := db.execute(strays).fetchone()[0]:
            problems.append(f"{strays} vectors belong to no passage.")
        _, watermark, _ = self._state(db)
        missing = "SELECT count(*) FROM passage WHERE id <= ? AND id NOT IN (SELECT id FROM vector)"
        if missing := db.execute(missing, (watermark,)).fetchone()[0]:
            problems.append(f"{missing} passages have no vector.")
        before, live = 0, 0
        for chunk, ids, codes in db.execute("SELECT chunk, ids, codes FROM vector_codes ORDER BY chunk"):
            try:
                said, before, count = _chunk_problems(db, chunk, *_unpacked(ids, codes), before)
            except (DatabaseError, ValueError):
                return [*problems, f"Chunk {chunk} of the vector codes is broken."]
            problems += said
            live += count
        if live != db.execute("SELECT count(*) FROM vector").fetchone()[0]:
            problems.append("Some vectors have no code.")
        return problems

    def _append(self, db: Connection, ids: Ids, codes: Words, stamp: int) -> int:
        """Appends to the last chunk, and to new ones; returns the first place."""
        last = db.execute("SELECT chunk, ids, codes FROM vector_codes ORDER BY chunk DESC LIMIT 1").fetchone()
        number, first = (last[0], last[0] * CHUNK + len(last[1]) // 4) if last else (0, 0)
        if last:
            old_ids, old_codes = _unpacked(last[1], last[2])
            ids, codes = np.concatenate([old_ids, ids]), np.concatenate([old_codes, codes])
        for start in range(0, len(ids), CHUNK):
            part = slice(start, start + CHUNK)
            db.execute(
                "INSERT INTO vector_codes (chunk, stamp, ids, codes) VALUES (?, ?, ?, ?) ON CONFLICT (chunk) DO UPDATE"
                " SET stamp = excluded.stamp, ids = excluded.ids, codes = excluded.codes",
                (number, stamp, ids[part].astype("<u4").tobytes(), codes[part].astype("<u8").tobytes()),
            )
            number += 1
        return first

    def _refresh(self, db: Connection) -> None:
        """Reads what has changed since the last time."""
        stamp, _, encoder = self._state(db)
        if stamp == self._stamp:
            return
        if stamp < self._stamp or encoder != self._encoder:
            self._codes, self._stamp = Codes(), 0
        if encoder != self._encoder:
            return
        last = "SELECT chunk, length(ids) / 4 FROM vector_codes ORDER BY chunk DESC LIMIT 1"
        chunk, count = db.execute(last).fetchone() or (0, 0)
        self._codes.reserve(chunk * CHUNK + count)
        changed = "SELECT chunk, ids, codes FROM vector_codes WHERE stamp > ? ORDER BY chunk"
        for number, ids, codes in db.execute(changed, (self._stamp,)):
            self._codes.put(number * CHUNK, *_unpacked(ids, codes))
        self._codes.count = chunk * CHUNK + count
        self._stamp = stamp

    def _state(self, db: Connection) -> tuple[int, int, str]:
        """The stamp of the last change, the watermark, and the encoder."""
        return db.execute("SELECT stamp, watermark, encoder FROM vector_state").fetchone()


def _rounded(dense: Floats) -> list[bytes]:
    """A scale in front, as four bytes, and eight bits for each dimension."""
    scale = np.maximum(np.abs(dense).max(axis=1, keepdims=True), 1e-12).astype("<f4") / np.float32(127)
    values = np.rint(dense / scale).astype(np.int8)
    return [row_scale.astype("<f4").tobytes() + row.tobytes() for row_scale, row in zip(scale, values, strict=True)]


def _vectors(rows: Sequence[bytes]) -> Floats:
    data = np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), 4 + WIDTH)
    scale = np.ascontiguousarray(data[:, :4]).view("<f4")
    return data[:, 4:].view(np.int8).astype(np.float32) * scale


def _cosines(rows: Sequence[bytes], vector: Floats) -> Floats:
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


def _unpacked(ids: bytes, codes: bytes) -> tuple[Ids, Words]:
    if len(ids) % 4 or len(codes) != len(ids) // 4 * BYTES:
        raise DatabaseError("the vector codes are malformed")
    found = np.frombuffer(codes, "<u8").reshape(-1, COLUMNS)
    return np.frombuffer(ids, "<u4").astype(np.uint32, copy=False), found.astype(np.uint64, copy=False)


def _chunk_problems(db: Connection, chunk: int, ids: Ids, codes: Words, before: int) -> tuple[list[str], int, int]:
    """What is wrong with a chunk; its last id; how many of its codes are of passages that are there."""
    if (np.diff(np.concatenate([[before], ids]).astype(np.int64)) <= 0).any():
        return [f"Chunk {chunk} of the vector codes is broken."], before, 0
    live = codes.any(axis=1)
    stored = "SELECT place, dense FROM vector WHERE place BETWEEN ? AND ? ORDER BY id"
    rows = db.execute(stored, (chunk * CHUNK, chunk * CHUNK + CHUNK - 1)).fetchall()
    last = int(ids[-1]) if len(ids) else before
    if [row[0] % CHUNK for row in rows] != np.flatnonzero(live).tolist():
        return [f"Chunk {chunk} of the vector codes does not belong to the vectors."], last, int(live.sum())
    if rows and np.bitwise_count(coded(_vectors([row[1] for row in rows])) ^ codes[live]).sum(axis=1).max() > _FAR:
        return [f"Chunk {chunk} of the vector codes does not match the vectors."], last, int(live.sum())
    return [], last, int(live.sum())
