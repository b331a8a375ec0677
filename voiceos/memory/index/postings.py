"""Postings: which passage has which term, and how much it counts there, kept in chunks per term.

A term is a 32-bit code. What it counts in a passage is BM25's share of term frequency and length, in 255 levels; the
length is measured against a fixed pivot rather than a running average, so that a level never goes stale.
"""

import zlib
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.store.database import Connection

Codes = NDArray[np.uint32]
Ids = NDArray[np.uint32]

K1 = 1.2
B = 0.75
PIVOT = 24.0
"""Terms of an ordinary passage: a turn of talk."""
LEVELS = 255
CHUNK = 768
"""Postings in a chunk, at most: so many fit into a page of the file."""
TABLE = "CREATE TABLE lexical_postings (key INTEGER PRIMARY KEY, data BLOB NOT NULL)"
"""A chunk each; the key is its term's code and its first passage's id."""
POSTING = np.dtype([("id", "<u4"), ("level", "u1")])
Postings = NDArray[Any]
"""A term's passages, ascending, and what it counts in them."""
_LAST = (1 << 32) - 1


@lru_cache(maxsize=4096)
def code_of(term: str) -> int:
    """Two terms of a million share a code once in four thousand: then one finds the other's passages, too."""
    return zlib.crc32(term.encode("utf-8", "surrogatepass"))


def level_of(frequencies: NDArray[Any], lengths: NDArray[Any]) -> NDArray[np.uint8]:
    """How much a term counts that occurs so often in a passage of so many terms."""
    share = frequencies / (frequencies + K1 * (1 - B + B * lengths / PIVOT))
    return np.maximum(np.rint(share * LEVELS), 1).astype(np.uint8)


def invert(ids: Ids, lengths: NDArray[np.int64], tokens: Codes) -> Iterator[tuple[int, Postings]]:
    """The postings of passages by code: of their ids, ascending, how many terms each has, and all terms in one row."""
    keys = (tokens.astype(np.uint64) << np.uint64(32)) | np.repeat(ids, lengths)
    keys, frequencies = np.unique(keys, return_counts=True)
    codes = (keys >> np.uint64(32)).astype(np.uint32)
    found = np.empty(len(keys), POSTING)
    found["id"] = keys.astype(np.uint32)
    found["level"] = level_of(frequencies, lengths[np.searchsorted(ids, found["id"])])
    starts = np.flatnonzero(codes[1:] != codes[:-1]) + 1
    for start, end in pairwise([0, *starts.tolist(), len(codes)] if len(codes) else []):
        yield int(codes[start]), found[start:end]


def append(db: Connection, code: int, new: Postings) -> None:
    """Adds postings behind those that the term has."""
    last = "SELECT key, data FROM lexical_postings WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT 1"
    write = "INSERT OR REPLACE INTO lexical_postings VALUES (?, ?)"
    row = db.execute(last, (_key(code), _key(code, _LAST))).fetchone()
    if row and (room := CHUNK - len(row[1]) // POSTING.itemsize) > 0:
        db.execute(write, (row[0], row[1] + new[:room].tobytes()))
        new = new[room:]
    for start in range(0, len(new), CHUNK):
        part = new[start : start + CHUNK]
        db.execute(write, (_key(code, int(part["id"][0])), part.tobytes()))


def remove(db: Connection, code: int, ids: Ids) -> None:
    """Takes passages out of the postings of a term."""
    holding = "SELECT key, data FROM lexical_postings WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT 1"
    while len(ids):
        row = db.execute(holding, (_key(code), _key(code, int(ids[-1])))).fetchone()
        if row is None:
            return
        key, data = row
        had = np.frombuffer(data, POSTING)
        stay = had[~np.isin(had["id"], ids)]
        if len(stay):
            db.execute("UPDATE lexical_postings SET data = ? WHERE key = ?", (stay.tobytes(), key))
        else:
            db.execute("DELETE FROM lexical_postings WHERE key = ?", (key,))
        ids = ids[ids < key & _LAST]


def read(db: Connection, code: int) -> Postings:
    """All postings of a term."""
    query = "SELECT data FROM lexical_postings WHERE key BETWEEN ? AND ? ORDER BY key"
    rows = db.execute(query, (_key(code), _key(code, _LAST)))
    return np.frombuffer(b"".join([data for (data,) in rows]), POSTING)


def every(db: Connection) -> Iterator[tuple[int, Postings]]:
    """Every chunk, with its term's code."""
    for key, data in db.execute("SELECT key, data FROM lexical_postings ORDER BY key"):
        yield (key >> 32) + (1 << 31), np.frombuffer(data, POSTING)


def checksum(some: Iterator[tuple[int, Postings]]) -> int:
    """A number that does not depend on the order of the postings, nor on how they are divided."""
    total = 0
    for code, found in some:
        mixed = (np.uint64(code << 32) | found["id"]) ^ (found["level"].astype(np.uint64) * _MIX)
        total += int(((mixed ^ (mixed >> np.uint64(29))) * _MIX).sum(dtype=np.uint64))
    return total % 2**64


_MIX = np.uint64(0x9E3779B97F4A7C15)


def _key(code: int, first: int = 0) -> int:
    return (code - (1 << 31)) << 32 | first
