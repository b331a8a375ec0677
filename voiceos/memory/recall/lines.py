"""The lines of memories that may answer a question: each with what was said before it, and what was said in reply."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from voiceos.core import Recalled
from voiceos.memory.recall.provenance import of_record
from voiceos.store.database import Connection
from voiceos.store.ledger import Ledger
from voiceos.store.passages import sentences
from voiceos.store.records import ASSISTANT, Kind
from voiceos.store.rows import Kept

LOOKED_INTO = 12
"""Memories whose lines are looked at, the likeliest."""
TALK = (Kind.MESSAGE, Kind.SAID)
"""Kinds of records that are said in turns: a reply may answer in words that the question has none of."""
BEFORE, AFTER = 4, 3
"""Records of the same talk that are looked at around one that was found."""
SAME_TALK_SECONDS = 6 * 3600
"""Between two records that belong to one talk."""
LOOKED_BACK = 2
"""What was said before a line to which it may be a reply."""
SHORT = 110
"""Characters up to which a text is one line, as is all that was said or sent as a message."""

MARKS = "-*•+ "
"""What stands before an item of a list, and is not said."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line, or a message, of a memory."""

    memory: Recalled
    """Its text is the line."""
    kind: Kind
    whole: str
    """The text that the line is part of, with its heading."""
    said_before: Sequence[tuple[int, str]] = ()
    """What was said before it, the nearest first, with their records."""
    rank: int = 0
    """Of the memory through which it was found, among all of them."""
    distance: int = 0
    """Records from the one that was found: negative before it, positive after it."""

    @property
    def key(self) -> tuple[int, str]:
        """Its record and its text: no two lines of a question share both."""
        return self.memory.record_id, self.memory.text

    @property
    def before(self) -> list[str]:
        return [text for _, text in self.said_before]

    @property
    def around(self) -> str:
        """All that it is part of, who said it, and what was said before it."""
        return " ".join([self.whole, self.memory.author, *self.before[:LOOKED_BACK]])


def lines(db: Connection, memories: Sequence[Recalled], most: int = LOOKED_INTO) -> list[Line]:
    """The lines of the `most` likeliest memories, and of what was said around them; each once."""
    best = sorted(memories, key=lambda memory: -memory.score)[:most]
    kept = Ledger(db).records({memory.record_id for memory in best})
    around = _around(db, [one for one in kept.values() if one.record.kind in TALK])
    found: dict[tuple[int, str], Line] = {}
    for rank, memory in enumerate(best):
        if memory.record_id not in kept:
            continue
        for line in _of_memory(memory, kept[memory.record_id], around.get(memory.record_id, {}), rank):
            if line.key not in found or (line.distance == 0 and found[line.key].distance):
                found[line.key] = line
    return list(found.values())


def parts(kind: Kind, text: str) -> list[str]:
    """The lines of a memory of this text."""
    spans = sentences(text) if len(text) > SHORT and kind not in (*TALK, Kind.EVENT) else []
    return [part for start, end in spans if (part := text[start:end].strip().lstrip(MARKS))] or [text]


def _of_memory(memory: Recalled, kept: Kept, around: Mapping[int, Kept], rank: int) -> Iterator[Line]:
    said = {place: (one.id, one.record.text) for place, one in around.items()} | {0: (kept.id, memory.text)}

    def before(distance: int) -> list[tuple[int, str]]:
        return [said[place] for place in range(distance - 1, distance - BEFORE, -1) if place in said]

    kind, whole = kept.record.kind, f"{memory.source} {memory.text}"
    for text in filter(None, parts(kind, memory.text)):
        line = memory if text == memory.text else replace(memory, text=text)
        yield Line(line, kind, whole, before(0), rank)
    for distance, one in around.items():
        if -1 <= distance <= AFTER and not memory.left_out:
            near = of_record(one, memory.score)
            yield Line(near, kind, near.text, before(distance), rank, distance)


def _around(db: Connection, found: Sequence[Kept]) -> dict[int, dict[int, Kept]]:
    """Of each record: what was said in the same talk shortly before and after, by its distance; nothing of ours."""
    rows = db.execute(  # without the plus it goes through all that its file holds
        "SELECT o.id, r.id FROM json_each(?) one CROSS JOIN record o ON o.id = one.value CROSS JOIN record r"
        " ON r.id BETWEEN o.id - ? AND o.id + ? WHERE +r.source_id = o.source_id AND +r.thread = o.thread"
        " AND o.thread <> '' AND r.author <> ? AND r.id <> o.id AND abs(r.at - o.at) <= ? ORDER BY o.id, r.id",
        (json.dumps([one.id for one in found]), BEFORE, AFTER, ASSISTANT, SAME_TALK_SECONDS),
    ).fetchall()
    near = Ledger(db).records({row[1] for row in rows})
    around: dict[int, dict[int, Kept]] = {}
    for of, id in rows:
        around.setdefault(of, {})[id - of] = near[id]
    return around
