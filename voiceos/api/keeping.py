"""Operations that change the memory or go through all of it: take in, erase, export, import, verify, make anew."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Literal

from anyio import to_thread
from pydantic import BaseModel

from voiceos import __version__
from voiceos.api.desk import Desk
from voiceos.api.jobs import Teller, job
from voiceos.api.operations import Nothing, Request, operation
from voiceos.api.searching import reading
from voiceos.clock import local_time
from voiceos.errors import UsageError
from voiceos.host import in_thread
from voiceos.memory import pam, portable
from voiceos.memory.importing import import_file
from voiceos.memory.ingest.intake import Intake, Report
from voiceos.memory.ingest.intake import Progress as Intaking
from voiceos.memory.recall.mentions import places
from voiceos.memory.reindexing import reindex as make_anew
from voiceos.memory.statistics import Statistics, statistics
from voiceos.store.database import Connection
from voiceos.store.forgetting import extent
from voiceos.store.selection import Selection, everything, from_before, from_file, named

AT_ONCE = 1_000
"""Passages that are made searchable by meaning at once, some ten seconds' work; the rest follows when it is quiet."""
LINES = 200
"""Lines of an export that are written at a time."""


class Progress(BaseModel):
    """How far it is, of how much."""

    what: str
    done: int
    total: int


class Skipped(BaseModel):
    """A file, or a part of one, that was not taken in, or not as it was."""

    path: str
    part: str
    reason: str
    lost: bool
    """Whether something is not remembered; else this is only good to know, as of an empty file or a copy."""


class Taken(BaseModel):
    """What came of taking in files."""

    files: int
    read: int
    unchanged: int
    renamed: int
    records_new: int
    records_changed: int
    records_vanished: int
    passages: int
    removed: list[str]
    forgotten: int
    skipped: list[Skipped]
    not_yet_by_meaning: int


class Add(Request):
    paths: list[str]
    """Absolute."""
    me: tuple[str, ...] = ()
    """Names and addresses of the owner, beside those of the settings."""
    forget_removed: bool = False


class AddEvent(BaseModel):
    """How far it is (`progress`), or what came of it (`done`)."""

    event: Literal["progress", "done"]
    progress: Progress | None = None
    report: Taken | None = None


@operation("memory.add")
async def add(desk: Desk, asked: Add) -> AsyncIterator[AddEvent]:
    """Takes files and folders into the memory; a conversation goes on beside it."""
    memory, names = desk.host.memory, (*desk.config.memory.me, *asked.me)

    async def work(teller: Teller) -> None:
        def shown(at: Intaking) -> None:
            step = Progress(what=f"{at.files_done + 1}/{at.files} {at.path.name}", done=at.bytes_done, total=at.bytes)
            teller.progress(AddEvent(event="progress", progress=step))

        async with memory.another() as db:
            intake = Intake(db, me=names, progress=shown)
            paths = [Path(path) for path in asked.paths]
            report = await to_thread.run_sync(lambda: intake.add(paths, forget_removed=asked.forget_removed))
        await in_thread(memory.catch_up_words)
        left = await in_thread(lambda: memory.catch_up_meaning(AT_ONCE))
        desk.host.upkeep.want()
        await teller.send(AddEvent(event="done", report=_taken(report, left)))

    async with aclosing(job(desk, "taking in files", work)) as events:
        async for event in events:
            yield event


def _taken(report: Report, left: int) -> Taken:
    return Taken(
        files=report.files,
        read=report.read,
        unchanged=report.unchanged,
        renamed=report.renamed,
        records_new=report.new,
        records_changed=report.changed,
        records_vanished=report.vanished,
        passages=report.passages,
        removed=report.removed,
        forgotten=report.forgotten,
        skipped=[
            Skipped(path=str(one.path), part=one.part, reason=one.reason, lost=one.lost) for one in report.skipped
        ],
        not_yet_by_meaning=left,
    )


class Forget(Request):
    """One of these; without `confirmed` it only says what would go."""

    ids: tuple[str, ...] = ()
    about: str = ""
    source: str = ""
    """An absolute path: all that came from this file or folder."""
    before: datetime | None = None
    everything: bool = False
    confirmed: bool = False


class Erased(BaseModel):
    """What would go, or has gone."""

    done: bool
    records: int
    turns: int
    places: list[str]
    replies: int = 0
    """Other replies that rested on it, and went too."""
    finished: bool = True
    """No trace is left; else the last ones go at the next start."""


@operation("memory.forget")
async def forget(desk: Desk, asked: Forget) -> Erased:
    """Erases for good: words and all that was derived from them, from the disk too."""
    if [bool(asked.ids), bool(asked.about), bool(asked.source), asked.before is not None, asked.everything].count(
        True
    ) != 1:
        raise UsageError("Say one thing to forget: ids, a topic, a source, a date, or everything.")
    memory = desk.host.memory
    if asked.about:
        records = await in_thread(lambda: memory.mentions(asked.about, local_time())[0])
        doomed = Selection(records)
    else:
        doomed = await reading(desk, lambda db: _doomed(db, asked))
    where = await reading(desk, lambda db: places(db, doomed.records))
    if not asked.confirmed:
        records, turns, replies = await reading(
            desk, lambda db: extent(db, records=doomed.records, turns=doomed.turns, sources=doomed.sources)
        )
        return Erased(done=False, records=len(records), turns=len(turns), places=where, replies=len(replies))
    gone = await in_thread(lambda: memory.forget(doomed.records, turns=doomed.turns, sources=doomed.sources))
    desk.host.forget()
    return Erased(
        done=True,
        records=gone.records,
        turns=gone.turns,
        places=where,
        replies=len(gone.replies),
        finished=gone.finished,
    )


def _doomed(db: Connection, asked: Forget) -> Selection:
    if asked.ids:
        return named(db, asked.ids)
    if asked.source:
        return from_file(db, Path(asked.source))
    return from_before(db, asked.before) if asked.before is not None else everything(db)


class Export(Request):
    pam: bool = False
    """In the schema Portable AI Memory, for other assistants."""


@operation("memory.export")
async def export(desk: Desk, asked: Export) -> AsyncIterator[str]:
    """All that is remembered, in the clear: as pieces of a text, which are to be joined."""
    async with desk.host.memory.another() as db:
        pieces = (
            pam.write(db, local_time(), f"voiceos/{__version__}")
            if asked.pam
            else (json.dumps(line, ensure_ascii=False) + "\n" for line in portable.export(db))
        )
        while some := await in_thread(lambda: "".join(islice(pieces, LINES))):
            yield some


class Import(Request):
    path: str
    """An absolute path: what `export` wrote, or a Portable AI Memory file."""


class Imported(BaseModel):
    """How many came, by what they are."""

    added: dict[str, int]


@operation("memory.import")
async def import_(desk: Desk, asked: Import) -> Imported:
    """Takes in what was exported. What is there already stays as it is."""
    memory, file = desk.host.memory, Path(asked.path)

    def read(db: Connection) -> dict[str, int]:
        try:
            return import_file(db, file)
        except OSError as error:
            raise UsageError(f"{file} cannot be read ({error.strerror}).") from error
        except UnicodeDecodeError as error:
            raise UsageError(f"{file} is not text, so it is no export of a memory.") from error

    async with memory.another() as db:
        added = await in_thread(lambda: read(db))
    await in_thread(memory.catch_up_words)
    desk.host.upkeep.want()
    return Imported(added=added)


@operation("memory.stats")
async def stats(desk: Desk, _: Nothing) -> Statistics:
    """How much is remembered, and how much of it is indexed."""
    return await reading(desk, statistics)


@operation("memory.verify")
async def verify(desk: Desk, _: Nothing) -> list[str]:
    """What is wrong with the file, the words, the indexes and the facts, a sentence each; empty when all is well."""
    return await in_thread(desk.host.memory.verify)


class Reindex(Request):
    resume: bool = False
    """Go on where an interrupted one stopped."""


class Reindexed(BaseModel):
    """What was made."""

    passages: int
    facts: int
    by_meaning: bool


class ReindexEvent(BaseModel):
    """How far it is (`progress`), or what came of it (`done`)."""

    event: Literal["progress", "done"]
    progress: Progress | None = None
    report: Reindexed | None = None


@operation("memory.reindex")
async def reindex(desk: Desk, asked: Reindex) -> AsyncIterator[ReindexEvent]:
    """Makes the indexes and the facts anew from what was kept."""
    memory = desk.host.memory

    async def work(teller: Teller) -> None:
        def shown(what: str, done: int, total: int) -> None:
            teller.progress(ReindexEvent(event="progress", progress=Progress(what=what, done=done, total=total)))

        async with memory.another() as db:
            facts = await to_thread.run_sync(
                lambda: make_anew(db, memory.indexes, anew=not asked.resume, progress=shown)
            )
            (passages,) = db.execute("SELECT count(*) FROM passage").fetchone()
        report = Reindexed(passages=passages, facts=facts, by_meaning=memory.meaning is not None)
        await teller.send(ReindexEvent(event="done", report=report))

    async with aclosing(job(desk, "making the indexes anew", work)) as events:
        async for event in events:
            yield event
