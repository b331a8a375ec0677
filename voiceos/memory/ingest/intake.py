"""Adds files to the ledger: each once, again when it changed, and resuming after an interruption."""

import logging
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path

from voiceos.clock import local_time
from voiceos.config.paths import path_of, spelt
from voiceos.memory.ingest.formats import recognise
from voiceos.memory.ingest.reading import Format, Reading, Skipped, Unreadable, known_as
from voiceos.memory.ingest.taken import form_of
from voiceos.memory.ingest.walk import Found, digests, walk
from voiceos.store.database import Connection, Row, file_of, told, transaction
from voiceos.store.forgetting import Unwanted, forget, is_forgotten
from voiceos.store.ledger import BATCH, Added, Ledger
from voiceos.store.records import Record, Source
from voiceos.store.rows import moment, seconds
from voiceos.store.versions import settle

log = logging.getLogger(__name__)

CALENDAR_DAYS = 30
"""After this long a calendar is read again, for the occurrences that have come nearer."""
_PARTS = {"mail": "mail", "calendar": "event", "contacts": "person", "chat": "message", "table": "row"}
"""What files of a kind hold."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is."""

    path: Path
    files: int
    files_done: int
    bytes: int
    bytes_done: int


@dataclass(slots=True)
class Report:
    """The result."""

    files: int = 0
    read: int = 0
    unchanged: int = 0
    renamed: int = 0
    new: int = 0
    """Records."""
    changed: int = 0
    passages: int = 0
    vanished: int = 0
    """Records that were forgotten because a changed file no longer has them."""
    skipped: list[Skipped] = field(default_factory=list[Skipped])
    """What was left out (`lost`), and notes."""
    removed: list[str] = field(default_factory=list[str])
    """Files that no longer exist."""
    forgotten: int = 0
    """How many removed files were forgotten."""


@dataclass(slots=True)
class _Job:
    """A file that is being taken in."""

    found: Found
    number: int
    reading: Reading
    form: Format
    digest: str
    fresh: bool
    """Whether it has no old records that may have to go."""
    source: Source
    source_id: int = 0
    failure: str = ""
    gone: "array[int]" = field(default_factory=lambda: array("q"))
    """Records that it no longer has."""


class Intake:
    """Feeds the ledger. Blocking; raises StoreError, and nothing for what is wrong with a file."""

    def __init__(
        self,
        db: Connection,
        *,
        me: Iterable[str] = (),
        now: Callable[[], datetime] = local_time,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        """`me`: names and addresses of the owner. `progress` is called between transactions; what it raises stops."""
        self._db, self._now, self._progress = db, now, progress
        self._ledger = Ledger(db, now)
        self._me = frozenset(known_as(name) for name in me if name.strip())
        self._report = Report()
        self._changed: list[_Job] = []
        self._bytes = self._bytes_done = 0

    def add(self, paths: Iterable[Path], *, forget_removed: bool = False, named: bool = True) -> Report:
        """Adds files and folders. Problems are in the report.

        `named`: somebody asked for these very files, so that one with an unknown extension is text if it can be.
        """
        paths = list(paths)
        self._report = report = Report()
        found: list[Found] = []
        for one in walk(paths, named=named):
            if isinstance(one, Found):
                found.append(one)
            else:
                report.skipped.append(one)
        report.files = len(found)
        self._bytes, self._bytes_done = sum(one.bytes for one in found), 0
        with told(file_of(self._db)):
            for number, one in enumerate(found):
                self._tell(one, number, 0)
                self._take(one, number)
                self._bytes_done += one.bytes
            if report.new or report.changed:
                with transaction(self._db):
                    settle(self._db)
            self._forget_vanished()
            self._removed(paths, {spelt(one.path) for one in found}, forget_removed)
        return report

    def take(self, uri: str, title: str, type: str, text: str, where: str) -> Report:
        """Adds a text of a server (`where`, as it is spoken), in place of what was taken under its uri before.

        `type`: the MIME type that the server gives it; empty: none.
        """
        data, path = text.encode("utf-8", "replace"), Path(f"{title.replace('/', ' ') or 'text'}.txt")
        found = Found(path, len(data), seconds(self._now()), True, len(data))
        form, reading = form_of(uri, type, where), Reading(path, now=self._now(), data=data)
        self._report = Report(files=1)
        with told(file_of(self._db)):
            self._read(_Job(found, 0, reading, form, "", False, Source(uri, form.kind, title)))
            self._forget_vanished()
        return self._report

    def _take(self, found: Found, number: int) -> None:
        uri = spelt(found.path)
        row = self._db.execute("SELECT * FROM source WHERE uri = ?", (uri,)).fetchone()
        begun = self._begun(row, found)
        if row and not begun and (row["size"], row["modified"]) == (found.size, found.modified) and not self._due(row):
            self._known(found, row)
            return
        reading = Reading(found.path, self._me, self._now())
        try:
            digest, digest_before = digests(found, row["size"] if row else 0)
            if not begun and self._same(uri, found, row, digest):
                return
            form = recognise(reading, found.asked)
        except Unreadable as problem:
            self._skip(found, str(problem), lost=problem.lost)
            return
        grown = bool(row and form.grows and not begun and row["size"] < found.size and digest_before == row["digest"])
        fresh = row is None or grown
        if row and grown:
            reading.position = row["size"]
        elif begun and begun["fresh"]:
            fresh = True
            reading.position = begun["position"] if form.grows else 0
        source = Source(spelt(found.path), form.kind, found.path.stem)
        self._read(_Job(found, number, reading, form, digest, fresh, source))

    def _read(self, job: _Job) -> None:
        begun_at = job.reading.position
        source = job.source
        records = self._guarded(job)
        first = list(islice(records, BATCH))
        if len(first) < BATCH:  # a small file is one transaction
            with transaction(self._db):
                added = self._ledger.add(source, first)
                self._done(job, added)
        else:
            job.source_id = self._ledger.source_id(source)
            self._mark(job)

            def each(_: Added) -> None:
                self._mark(job)
                self._tell(job.found, job.number, job.reading.position)

            added = self._ledger.add(source, chain(first, records), each=each)
            with transaction(self._db):
                self._done(job, added)
        self._report.read += bool(added.ids or not job.failure)
        self._report.new += added.new
        self._report.changed += added.changed
        self._report.passages += added.passages
        if not added.ids and not job.failure and not begun_at:
            job.reading.note(_nothing(job.form.kind))
        self._report.skipped += job.reading.problems
        if more := max(0, job.reading.left_out - len(job.reading.problems)):
            self._skip(job.found, f"{more} more of its parts have problems")

    def _guarded(self, job: _Job) -> Iterator[Record]:
        """The records, up to where the file cannot be read."""
        try:
            for record in chain(job.form.read(job.reading), [None]):
                while job.reading.ends:
                    yield job.reading.ends.pop()
                if record:
                    yield record
        except Unreadable as problem:
            job.failure = str(problem)
        except Exception as error:  # a parser's bug must only cost one file
            log.warning("The reader of %s failed.", job.reading.path, exc_info=True)
            job.failure = f"its reader failed ({type(error).__name__})"
        if job.failure:
            job.reading.problems.append(Skipped(job.reading.path, job.failure))

    def _done(self, job: _Job, added: Added) -> None:
        job.source_id = added.source_id
        if not job.fresh and not job.failure:
            kept = set(added.ids)
            rows = self._db.execute("SELECT id FROM record WHERE source_id = ?", (job.source_id,))
            job.gone.extend(row["id"] for row in rows if row["id"] not in kept)
        if job.gone:
            self._changed.append(job)
        else:
            self._finished(job)

    def _forget_vanished(self) -> None:
        """Forgets what changed files no longer have, all at once, and only then counts these files as read."""
        if gone := [id for job in self._changed for id in job.gone]:
            self._report.vanished += forget(self._db, Unwanted(gone, vanished=True)).records
        for job in self._changed:
            self._finished(job)
        self._changed.clear()

    def _finished(self, job: _Job) -> None:
        with transaction(self._db):
            self._db.execute(
                "UPDATE source SET size = ?, modified = ?, digest = ?, read_at = ?, problem = ? WHERE id = ?",
                (job.found.size, job.found.modified, job.digest, seconds(self._now()), job.failure, job.source_id),
            )
            self._db.execute("DELETE FROM reading WHERE source_id = ?", (job.source_id,))

    def _mark(self, job: _Job) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO reading (source_id, size, modified, position, fresh) VALUES (?, ?, ?, ?, ?)",
            (job.source_id, job.found.size, job.found.modified, job.reading.position, int(job.fresh)),
        )

    def _begun(self, row: Row | None, found: Found) -> Row | None:
        """Where the reading of this file was interrupted, if it was. A file that has changed since starts over."""
        return row and self._db.execute(
            "SELECT position, fresh AND (size, modified) = (?, ?) AS fresh FROM reading WHERE source_id = ?",
            (found.size, found.modified, row["id"]),
        ).fetchone()  # fmt: skip

    def _due(self, row: Row) -> bool:
        """Whether a calendar was read so long ago that other occurrences have come near."""
        read_at = row["kind"] == "calendar" and not row["problem"] and row["read_at"]
        return bool(read_at) and self._now() - moment(read_at) > timedelta(days=CALENDAR_DAYS)

    def _known(self, found: Found, row: Row) -> None:
        self._report.unchanged += 1
        if row["problem"]:
            self._skip(found, row["problem"])
        elif not self._db.execute("SELECT 1 FROM record WHERE source_id = ? LIMIT 1", (row["id"],)).fetchone():
            self._skip(found, _nothing(row["kind"]), lost=False)

    def _same(self, uri: str, found: Found, row: Row | None, digest: str) -> bool:
        """Whether these very words are here already: under this name, under an earlier one, or twice."""
        if row:
            if row["digest"] != digest or self._due(row):
                return False
            self._db.execute("UPDATE source SET modified = ? WHERE id = ?", (found.modified, row["id"]))
            self._known(found, row)
            return True
        if not found.asked and is_forgotten(self._db, digest):
            self._report.unchanged += 1
            return True
        twin = self._db.execute("SELECT id, uri FROM source WHERE digest = ? LIMIT 1", (digest,)).fetchone()
        if twin and path_of(twin["uri"]).exists():
            self._report.unchanged += 1
            self._skip(found, f"it is the same as {twin['uri']}", lost=False)
        elif twin:
            update = "UPDATE source SET uri = ?, modified = ?, size = ? WHERE id = ?"
            self._db.execute(update, (uri, found.modified, found.size, twin["id"]))
            self._report.renamed += 1
        return twin is not None

    def _removed(self, paths: Sequence[Path], seen: set[str], forget_removed: bool) -> None:
        """Files added from these folders that no longer exist."""
        removed: set[str] = set()
        for path in paths:
            root = spelt(path.expanduser().resolve())
            rows = self._db.execute(
                "SELECT uri FROM source WHERE uri = :root OR substr(uri, 1, length(:below)) = :below",
                {"root": root, "below": root.rstrip("/") + "/"},
            )
            removed |= {row["uri"] for row in rows if row["uri"] not in seen and not path_of(row["uri"]).exists()}
        self._report.removed = sorted(removed)
        if forget_removed and removed:
            forget(self._db, Unwanted(sources=self._report.removed, vanished=True))
            self._report.forgotten = len(removed)

    def _skip(self, found: Found, reason: str, *, lost: bool = True) -> None:
        self._report.skipped.append(Skipped(found.path, reason, lost=lost))

    def _tell(self, found: Found, number: int, position: int) -> None:
        if self._progress:
            done = self._bytes_done + min(position, found.bytes)
            self._progress(Progress(found.path, self._report.files, number, self._bytes, done))


def _nothing(kind: str) -> str:
    return f"it was read, but it contains no {_PARTS.get(kind, 'text')}"
