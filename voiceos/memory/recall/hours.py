"""Passages of the same hours: the call, the note and the message of one evening answer one question together."""

import numpy as np

from voiceos.memory.index.postings import Ids
from voiceos.store.database import Connection

NEAR_SECONDS = 2 * 3600.0
EACH_WAY = 4
"""Records before, and as many after, of each passage."""
LOOKED_AT = 40
"""Records that are looked at for them: most may be of the same conversation, whose neighbours come along anyway."""
_BESIDE = (
    "SELECT min(p.id) FROM"
    " (SELECT o.id, o.at - r.at AS apart FROM passage q JOIN record r ON r.id = q.record_id JOIN"
    " (SELECT * FROM record WHERE at {side} :at ORDER BY at {order} LIMIT :looked_at) o"
    " WHERE q.id = :passage AND (o.thread <> r.thread OR o.source_id <> r.source_id) AND abs(o.at - :at) <= :near)"
    " n JOIN passage p ON p.record_id = n.id GROUP BY n.id ORDER BY abs(n.apart), n.id LIMIT :each"
)
_WAYS = (_BESIDE.format(side=">=", order=""), _BESIDE.format(side="<", order="DESC"))


def same_hours(db: Connection, passages: Ids) -> Ids:
    """Passages of other conversations and files from within two hours of these, ascending; a few for each."""
    found: set[int] = set()
    limits = {"near": NEAR_SECONDS, "each": EACH_WAY, "looked_at": LOOKED_AT}
    for passage in passages.tolist():
        (at,) = db.execute(
            "SELECT r.at FROM passage p JOIN record r ON r.id = p.record_id WHERE p.id = ?", (passage,)
        ).fetchone() or (None,)
        if at is not None:
            asked = {"passage": passage, "at": at, **limits}
            found.update(row[0] for way in _WAYS for row in db.execute(way, asked))
    return np.array(sorted(found), np.uint32)
