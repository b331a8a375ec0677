"""The contents of the memory in numbers."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from voiceos.memory.index.lexical import HELD
from voiceos.store.database import Connection, file_of, told
from voiceos.store.rows import moment, seconds

DAY_SECONDS = 86_400
"""Within a day of the epoch it is no date, but a zero in some zone."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts, unless a name says otherwise."""

    sources: int
    records: dict[str, int]
    """By kind, the most frequent first."""
    passages: int
    indexed_by_words: int
    indexed_by_meaning: int
    not_yet_by_meaning: int
    """Passages still to be read; 0 without the model for it."""
    facts: int
    """That hold now, as far as is known."""
    facts_past: int
    turns: int
    size_bytes: int
    """On the disk, with the log beside the database."""
    first: datetime | None
    """Of what was said and written until now; appointments are left out."""
    last: datetime | None
    undated: int
    """Of these, those whose date is unknown, or cannot be right: in the first days of 1970, or still to come."""


def statistics(db: Connection, now: datetime, unread: int = 0) -> Statistics:
    """`unread`: passages that are not searchable by meaning yet, but will be. Raises StoreError."""
    path = file_of(db)
    with told(path):

        def count(query: str) -> int:
            return db.execute(f"SELECT count(*) FROM {query}").fetchone()[0]  # noqa: S608

        kinds = db.execute("SELECT kind, count(*) AS many FROM record GROUP BY kind ORDER BY many DESC").fetchall()
        passages = count("passage")
        late = count("passage WHERE id > (SELECT watermark FROM lexical_state)")
        facts = count("fact WHERE same_as IS NULL")
        current = count(
            "fact WHERE same_as IS NULL AND retracted_at IS NULL AND superseded_by IS NULL AND withdraws = 0"
        )
        first, last, written, dated = db.execute(
            "SELECT min(at) FILTER (WHERE dated), max(at) FILTER (WHERE dated), count(*), count(*) FILTER (WHERE dated)"
            " FROM (SELECT at, coalesce(abs(at) > :day AND at < :now + :day, 0) AS dated FROM record"
            " WHERE kind NOT IN ('event', 'replaced'))",
            {"day": DAY_SECONDS, "now": seconds(now)},
        ).fetchone()
        return Statistics(
            sources=count("source"),
            records={row["kind"]: row["many"] for row in kinds},
            passages=passages,
            indexed_by_words=passages - (late if late > HELD else 0),
            indexed_by_meaning=count("vector"),
            not_yet_by_meaning=unread,
            facts=current,
            facts_past=facts - current,
            turns=count("turn"),
            size_bytes=sum(_size(Path(f"{path}{ending}")) for ending in ("", "-wal", "-shm")),
            first=None if first is None else moment(first).astimezone(),
            last=None if last is None else moment(last).astimezone(),
            undated=written - dated,
        )


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
