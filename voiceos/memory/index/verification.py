"""Whether the lexical index is whole: its postings are those of its passages, no more and no fewer."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from voiceos.memory.index import postings, snapshot
from voiceos.memory.index.postings import Postings
from voiceos.store.database import Connection

PASSAGES_AT_ONCE = 20_000


def problems(db: Connection) -> list[str]:
    """What does not fit, in sentences."""
    said = tuple(db.execute("SELECT passages, tail FROM lexical_state").fetchone())
    built, watermark = db.execute("SELECT built, watermark FROM lexical_state").fetchone()
    counted = "SELECT count(*), coalesce(sum(id > ?), 0), coalesce(max(id), 0) FROM lexical_passage"
    *there, last = db.execute(counted, (built,)).fetchone()
    found: list[str] = []
    if said != tuple(there) or last > watermark:
        found.append("The lexical index has another number of passages than it says.")
    if _kept(db) != _due(db, built):
        found.append("The lexical index has wrong postings.")
    return found


def _kept(db: Connection) -> tuple[int, int] | None:
    """A sum of what the chunks hold; None where they are not in order."""
    total = number = after = 0
    for key, data in db.execute("SELECT key, data FROM lexical_postings ORDER BY key"):
        code, chunk = postings.code_of_key(key), np.frombuffer(data, postings.POSTING)
        ids = [after, *(code << 32 | id for id in chunk["id"].tolist())]
        if any(a >= b for a, b in pairwise(ids)):
            return None
        after = ids[-1]
        total, number = (total + _sum([(code, chunk)])) % 2**64, number + len(chunk)
    return total, number


def _due(db: Connection, built: int) -> tuple[int, int]:
    total = number = after = 0
    while after < built:
        passages = snapshot.passages_between(db, after, PASSAGES_AT_ONCE)
        inside = passages.ids <= built
        if not inside.any():
            break
        tokens = passages.tokens[np.repeat(inside, passages.lengths)]
        inverted = list(postings.invert(passages.ids[inside], passages.lengths[inside], tokens))
        total = (total + _sum(inverted)) % 2**64
        number += sum(len(found) for _, found in inverted)
        after = int(passages.ids[inside][-1])
    return total, number


def _sum(some: Iterable[tuple[int, Postings]]) -> int:
    """A number that does not depend on the order of the postings."""
    total = 0
    for code, found in some:
        mixed = (np.uint64(code << 32) | found["id"]) ^ (found["level"].astype(np.uint64) * _MIX)
        total += int(((mixed ^ (mixed >> np.uint64(29))) * _MIX).sum(dtype=np.uint64))
    return total


_MIX = np.uint64(0x9E3779B97F4A7C15)
