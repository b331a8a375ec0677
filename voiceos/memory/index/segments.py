"""Segments: postings of a stretch of passages in blocks of the database; how they are built, merged and thinned.

A merge is done in steps of their own, each a transaction of some milliseconds: the new segment grows beside the old
ones and takes their place when it is whole.
"""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.memory.index import postings
from voiceos.memory.index.postings import Columns
from voiceos.store.database import Connection

LIVE, BUILDING, DEAD = "live", "building", "dead"
LARGEST = 1 << 20
"""Passages that a merge may bring together, so that one term's postings are at most that many."""
RATIO = 3
"""So much larger may a segment be than what is merged with it: more means fewer segments, and more writing."""
STEP = 80_000
"""Postings that a step of a merge handles, about."""
BLOCKS_AT_ONCE = 40
"""Blocks of a segment that has been merged, deleted in one step."""
_ALL_CODES = 1 << 32

Directory = NDArray[Any]


@dataclass(slots=True)
class Segment:
    id: int
    first: int
    """Passage ids, inclusive."""
    last: int
    passages: int
    state: str
    done: int
    """While it is being built: codes below this are in it."""
    parts: list[int]
    directory: Directory

    def key(self, block: int) -> int:
        return self.id << 32 | block


_FIELDS = "id, first, last, passages, state, done, parts, directory"


def read(db: Connection, segment_id: int) -> Segment:
    row = db.execute(f"SELECT {_FIELDS} FROM lexical_segment WHERE id = ?", (segment_id,)).fetchone()  # noqa: S608
    return _segment(row)


def read_all(db: Connection) -> list[Segment]:
    """Every segment, in the order of passages."""
    return [_segment(row) for row in db.execute(f"SELECT {_FIELDS} FROM lexical_segment ORDER BY first, id")]  # noqa: S608


def _segment(row: Any) -> Segment:
    key, first, last, passages, state, done, parts, directory = row
    entries = np.frombuffer(directory, postings.Entry)
    return Segment(key, first, last, passages, state, done, json.loads(parts), entries)


def begin(db: Connection, first: int, last: int, passages: int, parts: list[int]) -> Segment:
    values = (first, last, passages, BUILDING, 0, json.dumps(parts), b"")
    made = db.execute(f"INSERT INTO lexical_segment ({_FIELDS}) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", values)  # noqa: S608
    return read(db, made.lastrowid or 0)


def append(db: Connection, segment: Segment, columns: Columns, done: int = _ALL_CODES) -> None:
    """Adds postings whose codes come after those that the segment has."""
    number = int(segment.directory["block"][-1]) + 1 if len(segment.directory) else 0
    entries: list[tuple[int, ...]] = []
    rows: list[tuple[int, bytes]] = []
    for place, block in enumerate(postings.cut(columns), number):
        entries.append((block.code, block.first, block.postings, place, block.top, block.packed))
        rows.append((segment.key(place), block.data))
    db.executemany("INSERT INTO lexical_block (id, data) VALUES (?, ?)", rows)
    segment.directory = np.concatenate([segment.directory, np.array(entries, postings.Entry)])
    segment.done = done
    _save(db, segment)


def _save(db: Connection, segment: Segment) -> None:
    db.execute(
        "UPDATE lexical_segment SET passages = ?, state = ?, done = ?, directory = ? WHERE id = ?",
        (segment.passages, segment.state, segment.done, segment.directory.tobytes(), segment.id),
    )


def finish(db: Connection, segment: Segment) -> None:
    """The segment takes the place of those that it was made of."""
    segment.state = LIVE
    _save(db, segment)
    for part in segment.parts:
        db.execute("UPDATE lexical_segment SET state = ? WHERE id = ?", (DEAD, part))


def to_merge(live: list[Segment]) -> list[Segment]:
    """Neighbours that are worth one segment, the newest first: each older one not much larger than those after it."""
    for last in range(len(live), 1, -1):
        run: list[Segment] = []
        total = 0
        for segment in reversed(live[:last]):
            if total and (segment.passages > RATIO * total or total + segment.passages > LARGEST):
                break
            run.insert(0, segment)
            total += segment.passages
        if len(run) > 1:
            return run
    return []


def merge_step(db: Connection, target: Segment) -> None:
    """Brings the postings of the next terms together."""
    parts = [read(db, part) for part in target.parts]
    if target.done >= _ALL_CODES:
        finish(db, target)
        return
    until = _next_codes(parts, target.done)
    columns = [_between(db, part, target.done, until) for part in parts]
    append(db, target, postings.merged(columns), until)


def _next_codes(parts: list[Segment], begin: int) -> int:
    entries = np.concatenate([part.directory[part.directory["code"] >= begin] for part in parts])
    entries = entries[np.argsort(entries["code"], kind="stable")]
    beyond = np.searchsorted(np.cumsum(entries["postings"], dtype=np.int64), STEP, "right")
    later = entries["code"][beyond:]
    later = later[later > (entries["code"][0] if len(entries) else 0)]
    return int(later[0]) if len(later) else _ALL_CODES


def _between(db: Connection, segment: Segment, begin: int, end: int) -> Columns:
    """The segment's postings of terms from `begin` to before `end`."""
    codes = segment.directory["code"]
    low = max(0, int(np.searchsorted(codes, begin, "left")) - 1)
    high = int(np.searchsorted(codes, end, "left"))
    parts: list[Columns] = []
    if high > low:
        numbers = segment.directory["block"][low:high]
        keys = (segment.key(int(numbers[0])), segment.key(int(numbers[-1])))
        rows = db.execute("SELECT data FROM lexical_block WHERE id BETWEEN ? AND ? ORDER BY id", keys)
        parts = [postings.decode(data) for (data,) in rows]
    columns = postings.joined(parts)
    left, right = np.searchsorted(columns.codes, [begin, end])
    return columns.pick(slice(left, right))


def sweep(db: Connection, segment: Segment) -> None:
    """Deletes some blocks of a segment that has been merged, or with the last of them the segment."""
    keys = (segment.key(0), segment.key(_ALL_CODES - 1), BLOCKS_AT_ONCE)
    gone = db.execute(
        "DELETE FROM lexical_block WHERE id IN (SELECT id FROM lexical_block WHERE id BETWEEN ? AND ? LIMIT ?)", keys
    )
    if gone.rowcount < BLOCKS_AT_ONCE:
        db.execute("DELETE FROM lexical_segment WHERE id = ?", (segment.id,))


def find(directory: Directory, codes: postings.Codes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each code the entries from .. to before .. that may hold it (to = from: none)."""
    low = np.searchsorted(directory["code"], codes, "left")
    high = np.searchsorted(directory["code"], codes, "right")
    before = (low == high) & (low > 0)
    before[before] = directory["packed"][low[before] - 1] == 1
    low[before] -= 1
    return low, high


def drop(db: Connection, segment: Segment, ids: postings.Ids, codes: postings.Codes) -> None:
    """Takes the postings of these passages, with these terms, out of the segment: also one half built or half swept."""
    segment.passages -= len(ids) if segment.state != DEAD else 0
    directory = segment.directory.copy()
    entries = _entries_of(directory, ids, codes[codes < segment.done])
    kept = np.ones(len(directory), bool)
    for entry in entries:
        key = segment.key(int(directory["block"][entry]))
        row = db.execute("SELECT data FROM lexical_block WHERE id = ?", (key,)).fetchone()
        if row is None:
            continue
        columns = postings.decode(row[0])
        stay = ~np.isin(columns.ids, ids)
        if stay.all():
            continue
        if not stay.any():
            db.execute("DELETE FROM lexical_block WHERE id = ?", (key,))
            kept[entry] = False
            continue
        block = postings.encode(columns.pick(stay), bool(directory["packed"][entry]))
        db.execute("UPDATE lexical_block SET data = ? WHERE id = ?", (block.data, key))
        directory[entry] = (block.code, block.first, block.postings, directory["block"][entry], block.top, block.packed)
    segment.directory = directory[kept]
    _save(db, segment)


def _entries_of(directory: Directory, ids: postings.Ids, codes: postings.Codes) -> list[int]:
    """Where in the directory these terms of these passages may be."""
    entries: set[int] = set()
    for low, high in zip(*(places.tolist() for places in find(directory, codes)), strict=True):
        if high - low > 0:
            nth = np.searchsorted(directory["first"][low:high], ids, "right") - 1
            entries.update((low + np.maximum(nth, 0)).tolist())
    return sorted(entries)
