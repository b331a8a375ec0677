"""The contents of the memory in numbers."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from voiceos.store.database import Connection, file_of, told
from voiceos.store.rows import moment


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts, unless a name says otherwise."""

    sources: int
    records: dict[str, int]
    """By kind, the most frequent first."""
    passages: int
    indexed_by_words: int
    indexed_by_meaning: int
    facts: int
    """That hold now, as far as is known."""
    facts_past: int
    turns: int
    size_bytes: int
    """On the disk, with the log beside the database."""
    first: datetime | None
    last: datetime | None


def statistics(db: Connection) -> Statistics:
    """Raises StoreError."""
    path = file_of(db)
    with told(path):

        def count(query: str) -> int:
            return db.execute(f"SELECT count(*) FROM {query}").fetchone()[0]  # noqa: S608

        kinds = db.execute("SELECT kind, count(*) AS many FROM record GROUP BY kind ORDER BY many DESC").fetchall()
        facts = count("fact WHERE same_as IS NULL")
        now = count("fact WHERE same_as IS NULL AND retracted_at IS NULL AND superseded_by IS NULL AND withdraws = 0")
        first, last = db.execute(
            "SELECT min(at), max(at) FROM record WHERE kind NOT IN ('event', 'replaced')"
        ).fetchone()
        return Statistics(
            sources=count("source"),
            records={row["kind"]: row["many"] for row in kinds},
            passages=count("passage"),
            indexed_by_words=count("passage WHERE id <= (SELECT watermark FROM lexical_state)"),
            indexed_by_meaning=count("vector"),
            facts=now,
            facts_past=facts - now,
            turns=count("turn"),
            size_bytes=sum(_size(Path(f"{path}{ending}")) for ending in ("", "-wal", "-shm")),
            first=None if first is None else moment(first).astimezone(),
            last=None if last is None else moment(last).astimezone(),
        )


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
