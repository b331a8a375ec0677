"""Postings (which passage has which term, and how much it counts): as sorted columns, and as blocks to keep.

A term is a 32-bit code. What it counts in a passage is BM25's share of term frequency and length, in 255 levels; the
length is measured against a fixed pivot rather than a running average, so that a level never goes stale.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint32]
Ids = NDArray[np.uint32]
Levels = NDArray[np.uint8]

K1 = 1.2
B = 0.75
PIVOT = 24.0
"""Terms of an ordinary passage: a turn of talk."""
LEVELS = 255
LONG = 1024
"""From so many postings on a term has blocks of its own; rarer ones share a block with their neighbours."""
PACKED_BLOCK = 4096
LONG_BLOCK = 16384
"""Postings in a block, at most."""

_HEAD = struct.Struct("<III")  # terms, postings, bytes of a gap
_GAPS: dict[int, Any] = {1: np.uint8, 2: np.uint16, 4: np.uint32}

Entry = np.dtype(
    [("code", "<u4"), ("first", "<u4"), ("postings", "<u4"), ("block", "<u4"), ("top", "u1"), ("packed", "u1")]
)
"""What a segment's directory says of a block: its first term and passage, how many postings, its number, the highest
level, and whether it holds several terms."""


class Columns(NamedTuple):
    """Postings, sorted by term and then by passage."""

    codes: Codes
    ids: Ids
    levels: Levels

    def pick(self, which: Any) -> "Columns":
        """Those at these places, or in this slice."""
        return Columns(self.codes[which], self.ids[which], self.levels[which])


def joined(parts: Sequence[Columns]) -> Columns:
    """One after the other."""
    return Columns(
        np.concatenate([part.codes for part in parts] or [np.empty(0, np.uint32)]),
        np.concatenate([part.ids for part in parts] or [np.empty(0, np.uint32)]),
        np.concatenate([part.levels for part in parts] or [np.empty(0, np.uint8)]),
    )


class Block(NamedTuple):
    """A block that is ready to be kept."""

    code: int
    first: int
    postings: int
    top: int
    packed: bool
    data: bytes


def code_of(term: str) -> int:
    """Two terms of a million share a code once in four thousand: then one finds the other's passages, too."""
    return zlib.crc32(term.encode("utf-8", "surrogatepass"))


def level_of(frequencies: NDArray[Any], lengths: NDArray[Any]) -> Levels:
    """How much a term counts that occurs so often in a passage of so many terms."""
    share = frequencies / (frequencies + K1 * (1 - B + B * lengths / PIVOT))
    return np.maximum(np.rint(share * LEVELS), 1).astype(np.uint8)


def invert(ids: Ids, lengths: NDArray[np.int64], tokens: Codes) -> Columns:
    """The postings of passages: their ids, ascending, how many terms each has, and the terms of all in one row."""
    keys = (tokens.astype(np.uint64) << np.uint64(32)) | np.repeat(ids, lengths)
    keys, frequencies = np.unique(keys, return_counts=True)
    found = (keys & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    long = lengths[np.searchsorted(ids, found)]
    return Columns((keys >> np.uint64(32)).astype(np.uint32), found, level_of(frequencies, long))


def merged(parts: Sequence[Columns]) -> Columns:
    """One set of columns from several whose passages follow each other."""
    columns = joined(parts)
    return columns.pick(np.argsort(columns.codes, kind="stable"))


def cut(columns: Columns) -> Iterator[Block]:
    """The columns in blocks."""
    codes = columns.codes
    starts = np.concatenate(([0], np.flatnonzero(codes[1:] != codes[:-1]) + 1, [len(codes)])).tolist()
    if not len(codes):
        return
    begin = 0
    for start, end in pairwise(starts):
        if end - start < LONG:
            if end - begin > PACKED_BLOCK:
                yield _packed(columns, begin, start)
                begin = start
            continue
        if start > begin:
            yield _packed(columns, begin, start)
        for place in range(start, end, LONG_BLOCK):
            yield encode(columns.pick(slice(place, min(end, place + LONG_BLOCK))), packed=False)
        begin = end
    if begin < len(codes):
        yield _packed(columns, begin, len(codes))


def _packed(columns: Columns, begin: int, end: int) -> Block:
    return encode(columns.pick(slice(begin, end)), packed=True)


def encode(columns: Columns, packed: bool) -> Block:
    codes, ids, levels = columns
    starts = np.concatenate(([0], np.flatnonzero(codes[1:] != codes[:-1]) + 1))
    gaps = np.zeros(len(ids), np.uint32)
    gaps[1:] = ids[1:] - ids[:-1]
    gaps[starts] = 0
    widest = int(gaps.max())
    width = 1 if widest < 1 << 8 else 2 if widest < 1 << 16 else 4
    counts = np.diff(starts, append=len(ids)).astype(np.uint32)
    head = _HEAD.pack(len(starts), len(ids), width)
    parts = (codes[starts], ids[starts], counts, gaps.astype(_GAPS[width]), levels)
    data = head + b"".join(part.tobytes() for part in parts)
    return Block(int(codes[0]), int(ids[0]), len(ids), int(levels.max()), packed, data)


def decode(data: bytes) -> Columns:
    """All of a block."""
    terms, postings, width = _HEAD.unpack_from(data)
    codes, firsts, counts = np.frombuffer(data, np.uint32, 3 * terms, _HEAD.size).reshape(3, terms)
    place = _HEAD.size + 12 * terms
    sums = np.cumsum(np.frombuffer(data, _GAPS[width], postings, place), dtype=np.uint32)
    starts = np.cumsum(counts) - counts
    ids = sums + np.repeat(firsts - sums[starts], counts)
    return Columns(np.repeat(codes, counts), ids, np.frombuffer(data, np.uint8, postings, place + width * postings))


def decode_term(data: bytes, code: int) -> tuple[NDArray[np.int64], Levels]:
    """The passages of one term in a block, and what it counts in them."""
    terms, postings, width = _HEAD.unpack_from(data)
    codes = np.frombuffer(data, np.uint32, terms, _HEAD.size)
    nth = int(codes.searchsorted(np.uint32(code)))
    if nth == terms or codes[nth] != code:
        return np.empty(0, np.int64), np.empty(0, np.uint8)
    first = int(np.frombuffer(data, np.uint32, 1, _HEAD.size + 4 * (terms + nth))[0])
    counts = np.frombuffer(data, np.uint32, nth + 1, _HEAD.size + 8 * terms)
    count = int(counts[nth])
    start = int(counts[:nth].sum()) if nth else 0
    place = _HEAD.size + 12 * terms
    ids = np.cumsum(np.frombuffer(data, _GAPS[width], count, place + width * start), dtype=np.int64)
    ids += first
    return ids, np.frombuffer(data, np.uint8, count, place + width * postings + start)
