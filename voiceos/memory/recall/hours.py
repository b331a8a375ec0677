"""Passages of the same hours: the call, the note and the message of one evening answer one question together."""

import json

import numpy as np

from voiceos.memory.index.postings import Ids
from voiceos.store.database import Connection

NEAR_SECONDS = 2 * 3600.0
EACH_WAY = 4
"""Records before, and as many after, of each passage."""
LOOKED_AT = 40
"""Records that are looked at for them: most may be of the same conversation, whose neighbours come along anyway."""
_BESIDE = (
    "SELECT (SELECT min(id) FROM passage WHERE record_id = near) FROM (SELECT o.id AS near,"
    " row_number() OVER (PARTITION BY q.id ORDER BY abs(o.at - r.at), o.id) AS place FROM json_each(:passages) one"
    " CROSS JOIN passage q ON q.id = one.value CROSS JOIN record r ON r.id = q.record_id CROSS JOIN record o ON o.id IN"
    " (SELECT id FROM record WHERE {span} LIMIT :looked_at)"
    " WHERE o.indexed AND (o.thread <> r.thread OR o.source_id <> r.source_id)) WHERE place <= :each"
)
_WAYS = (
    _BESIDE.format(span="at >= r.at AND at <= r.at + :near ORDER BY at"),
    _BESIDE.format(span="at < r.at AND at >= r.at - :near ORDER BY at DESC"),
)


def same_hours(db: Connection, passages: Ids) -> Ids:
    """Passages of other conversations and files from within two hours of these, ascending; a few for each."""
    asked = {
        "passages": json.dumps(passages.tolist()),
        "near": NEAR_SECONDS,
        "each": EACH_WAY,
        "looked_at": LOOKED_AT,
    }
    found = {row[0] for way in _WAYS for row in db.execute(way, asked)} - {None}
    return np.array(sorted(found), np.uint32)
