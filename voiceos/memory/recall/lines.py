"""The lines of memories that may answer a question: each with what was said before it, and what was said in reply."""

from collections.abc import Iterator, Sequence
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
    before: Sequence[str] = ()
    """What was said before it, the nearest first."""
    rank: int = 0
    """Of the memory through which it was found, among all of them."""
    distance: int = 0
    """Records from the one that was found: negative before it, positive after it."""

    @property
    def around(self) -> str:
        """All that it is part of, who said it, and what was said before it."""
        return " ".join([self.whole, self.memory.author, *self.before[:LOOKED_BACK]])


def lines(db: Connection, memories: Sequence[Recalled]) -> list[Line]:
    """The lines of the likeliest memories, and of what was said around them; each once."""
    best = sorted(memories, key=lambda memory: -memory.score)[:LOOKED_INTO]
    kept = Ledger(db).records(memory.record_id for memory in best)
    found: dict[tuple[int, str], Line] = {}
    for rank, memory in enumerate(best):
        if memory.record_id not in kept:
            continue
        for line in _of_memory(db, memory, kept[memory.record_id], rank):
            key = line.memory.record_id, line.memory.text
            if key not in found or (line.distance == 0 and found[key].distance):
                found[key] = line
    return list(found.values())


def _of_memory(db: Connection, memory: Recalled, kept: Kept, rank: int) -> Iterator[Line]:
    kind, around = kept.record.kind, _around(db, kept) if kept.record.kind in TALK else {}
    whole = f"{memory.source} {memory.text}"

    def before(distance: int) -> list[str]:
        said = {place: one.record.text for place, one in around.items()} | {0: memory.text}
        return [said[place] for place in range(distance - 1, distance - BEFORE, -1) if place in said]

    parts = sentences(memory.text) if len(memory.text) > SHORT and kind not in (*TALK, Kind.EVENT) else []
    texts = [memory.text[start:end].strip().lstrip(MARKS) for start, end in parts] or [memory.text]
    for text in filter(None, texts):
        yield Line(replace(memory, text=text), kind, whole, before(0), rank)
    for distance, one in around.items():
        if -1 <= distance <= AFTER and not memory.left_out:
            near = of_record(one, memory.score)
            yield Line(near, kind, near.text, before(distance), rank, distance)


def _around(db: Connection, kept: Kept) -> dict[int, Kept]:
    """What was said in the same talk shortly before and after, by its distance; nothing of the assistant's."""
    record = kept.record
    if not record.thread or record.at is None:
        return {}
    rows = db.execute(  # without the plus it goes through all that its file holds
        "SELECT id FROM record WHERE +source_id = ? AND thread = ? AND author <> ? AND id BETWEEN ? AND ?",
        (kept.source_id, record.thread, ASSISTANT, kept.id - BEFORE, kept.id + AFTER),
    )
    near = Ledger(db).records(row[0] for row in rows if row[0] != kept.id)
    return {
        id - kept.id: one
        for id, one in near.items()
        if one.record.at and abs((one.record.at - record.at).total_seconds()) <= SAME_TALK_SECONDS
    }
