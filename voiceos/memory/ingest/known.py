"""What the ledger knows of a file already: whether it is there, unchanged, renamed, half read or gone."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from voiceos.config.paths import path_of, spelt
from voiceos.memory.ingest.report import Report, nothing
from voiceos.memory.ingest.walk import Found
from voiceos.store.database import Connection, Row
from voiceos.store.forgetting import is_forgotten
from voiceos.store.rows import moment

CALENDAR_DAYS = 30
"""After this long a calendar is read again, for the occurrences that have come nearer."""


class KnownFiles:
    """The files of a ledger. Blocking; raises StoreError."""

    def __init__(self, db: Connection, now: Callable[[], datetime]) -> None:
        self._db, self._now = db, now

    def row(self, uri: str) -> Row | None:
        """Its source, if it was ever added."""
        return self._db.execute("SELECT * FROM source WHERE uri = ?", (uri,)).fetchone()

    def begun(self, row: Row | None, found: Found) -> Row | None:
        """Where the reading of this file was interrupted, if it was. A file that has changed since starts over."""
        return row and self._db.execute(
            "SELECT position, fresh AND (size, modified) = (?, ?) AS fresh FROM reading WHERE source_id = ?",
            (found.size, found.modified, row["id"]),
        ).fetchone()  # fmt: skip

    def is_unchanged(self, row: Row, found: Found) -> bool:
        """By its size and time, which cost nothing to look at."""
        return (row["size"], row["modified"]) == (found.size, found.modified) and not self.due(row)

    def due(self, row: Row) -> bool:
        """Whether a calendar was read so long ago that other occurrences have come near."""
        read_at = row["kind"] == "calendar" and not row["problem"] and row["read_at"]
        return bool(read_at) and self._now() - moment(read_at) > timedelta(days=CALENDAR_DAYS)

    def known(self, report: Report, found: Found, row: Row) -> None:
        """Notes that a file has not changed since it was read, and what was wrong with it then."""
        report.unchanged += 1
        if row["problem"]:
            report.skip(found.path, row["problem"])
        elif not self._db.execute("SELECT 1 FROM record WHERE source_id = ? LIMIT 1", (row["id"],)).fetchone():
            report.skip(found.path, nothing(row["kind"]), lost=False)

    def same(self, report: Report, uri: str, found: Found, row: Row | None, digest: str) -> bool:
        """Whether these very words are here already: under this name, under an earlier one, or twice."""
        if row:
            if row["digest"] != digest or self.due(row):
                return False
            self._db.execute("UPDATE source SET modified = ? WHERE id = ?", (found.modified, row["id"]))
            self.known(report, found, row)
            return True
        if not found.asked and is_forgotten(self._db, digest):
            report.unchanged += 1
            return True
        twin = self._db.execute("SELECT id, uri FROM source WHERE digest = ? LIMIT 1", (digest,)).fetchone()
        if twin and path_of(twin["uri"]).exists():
            report.unchanged += 1
            report.skip(found.path, f"it is the same as {twin['uri']}", lost=False)
        elif twin:
            update = "UPDATE source SET uri = ?, modified = ?, size = ? WHERE id = ?"
            self._db.execute(update, (uri, found.modified, found.size, twin["id"]))
            report.renamed += 1
        return twin is not None

    def removed(self, paths: Sequence[Path], seen: set[str]) -> list[str]:
        """Files added from these folders that no longer exist. `seen`: those that do."""
        gone: set[str] = set()
        for path in paths:
            root = spelt(path.expanduser().resolve())
            rows = self._db.execute(
                "SELECT uri FROM source WHERE uri = :root OR substr(uri, 1, length(:below)) = :below",
                {"root": root, "below": root.rstrip("/") + "/"},
            )
            gone |= {row["uri"] for row in rows if row["uri"] not in seen and not path_of(row["uri"]).exists()}
        return sorted(gone)
