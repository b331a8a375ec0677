"""Adds files to the ledger: each once, again when it changed, and resuming after an interruption."""

import logging
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from pathlib import Path

from voiceos.clock import local_time
from voiceos.config.paths import spelt
from voiceos.memory.ingest.formats import recognise
from voiceos.memory.ingest.known import KnownFiles
from voiceos.memory.ingest.reading import Format, Reading, Skipped, Unreadable, known_as
from voiceos.memory.ingest.report import Progress, Report, nothing
from voiceos.memory.ingest.taken import form_of
from voiceos.memory.ingest.walk import Found, digests, walk
from voiceos.store.database import Connection, file_of, told, transaction
from voiceos.store.forgetting import Unwanted, forget
from voiceos.store.ledger import BATCH, Added, Ledger
from voiceos.store.records import Record, Source
from voiceos.store.rows import seconds
from voiceos.store.versions import settle

log = logging.getLogger(__name__)


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
        self._files = KnownFiles(db, now)
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
            report.removed = self._files.removed(paths, {spelt(one.path) for one in found})
            if forget_removed and report.removed:
                forget(self._db, Unwanted(sources=report.removed, vanished=True))
                report.forgotten = len(report.removed)
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
        row = self._files.row(uri)
        begun = self._files.begun(row, found)
        if row and not begun and self._files.is_unchanged(row, found):
            self._files.known(self._report, found, row)
            return
        reading = Reading(found.path, self._me, self._now())
        try:
            digest, digest_before = digests(found, row["size"] if row else 0)
            if not begun and self._files.same(self._report, uri, found, row, digest):
                return
            form = recognise(reading, found.asked)
        except Unreadable as problem:
            self._report.skip(found.path, str(problem), lost=problem.lost)
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
            job.reading.note(nothing(job.form.kind))
        self._report.skipped += job.reading.problems
        if more := max(0, job.reading.left_out - len(job.reading.problems)):
            self._report.skip(job.found.path, f"{more} more of its parts have problems")

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

    def _tell(self, found: Found, number: int, position: int) -> None:
        if self._progress:
            done = self._bytes_done + min(position, found.bytes)
            self._progress(Progress(found.path, self._report.files, number, self._bytes, done))
