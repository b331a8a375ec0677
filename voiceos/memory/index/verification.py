"""Whether the lexical index is whole: its postings are those of its passages, no more and no fewer."""

from itertools import pairwise, zip_longest

import numpy as np

from voiceos.memory.index import postings, segments, snapshot
from voiceos.memory.index.postings import Columns
from voiceos.memory.index.segments import Segment
from voiceos.store.database import Connection

PASSAGES_AT_ONCE = 20_000


def problems(db: Connection) -> list[str]:
    """What does not fit, in sentences."""
    row = db.execute("SELECT passages, tail, built, watermark FROM lexical_state").fetchone()
    passages, tail, built, watermark = row
    counted = db.execute(
        "SELECT count(*), coalesce(sum(id > ?), 0), coalesce(max(id), 0) FROM lexical_passage", (built,)
    ).fetchone()
    found: list[str] = []
    if (passages, tail) != tuple(counted)[:2] or counted[2] > watermark:
        found.append("The lexical index has another number of passages than it says.")
    live = [segment for segment in segments.read_all(db) if segment.state == segments.LIVE]
    if any(a.last >= b.first for a, b in pairwise(live)) or any(s.last > built for s in live):
        found.append("The lexical index has overlapping segments.")
    if sum(segment.passages for segment in live) != passages - tail:
        found.append("The lexical index has passages in no segment.")
    found += [
        f"The lexical index has wrong postings for the passages {segment.first} to {segment.last}."
        for segment in live
        if _kept(db, segment) != _due(db, segment)
    ]
    return found


def _kept(db: Connection, segment: Segment) -> tuple[int, int] | None:
    """A sum of what the segment's blocks hold; None if they are not what its directory says."""
    total = count = 0
    rows = db.execute(
        "SELECT id, data FROM lexical_block WHERE id BETWEEN ? AND ? ORDER BY id",
        (segment.key(0), segment.key(2**32 - 1)),
    )
    for row, entry in zip_longest(rows, segment.directory):
        if row is None or entry is None:
            return None
        key, data = row
        columns = postings.decode(data)
        known = (int(entry["block"]), int(entry["code"]), int(entry["first"]), int(entry["postings"]))
        if known != (key & 0xFFFFFFFF, int(columns.codes[0]), int(columns.ids[0]), len(columns.ids)):
            return None
        total, count = (total + _sum(columns)) % 2**64, count + len(columns.ids)
    return total, count


def _due(db: Connection, segment: Segment) -> tuple[int, int]:
    total = count = 0
    after = segment.first - 1
    while True:
        passages = snapshot.passages_between(db, after, PASSAGES_AT_ONCE)
        inside = passages.ids <= segment.last
        if not inside.any():
            return total, count
        tokens = passages.tokens[np.repeat(inside, passages.lengths)]
        columns = postings.invert(passages.ids[inside], passages.lengths[inside], tokens)
        total, count = (total + _sum(columns)) % 2**64, count + len(columns.ids)
        after = int(passages.ids[inside][-1])


def _sum(columns: Columns) -> int:
    """A number that does not depend on the order of the postings."""
    mixed = (columns.codes.astype(np.uint64) << np.uint64(32)) | columns.ids
    mixed = (mixed ^ columns.levels.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    return int((mixed * np.uint64(0xBF58476D1CE4E5B9)).sum(dtype=np.uint64))
