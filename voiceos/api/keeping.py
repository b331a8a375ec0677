"""Operations that change the memory or go through all of it: add, erase, export, import, verify, rebuild."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from anyio import to_thread
from pydantic import BaseModel

from voiceos import __version__
from voiceos.api.desk import Desk
from voiceos.api.jobs import Step, Teller, job
from voiceos.api.operations import one_of, operation
from voiceos.clock import local_time
from voiceos.config.paths import path_of, spelt
from voiceos.errors import DataError
from voiceos.memory import own_calendar, portable
from voiceos.memory import pam as portable_ai_memory
from voiceos.memory.indexer import behind
from voiceos.memory.indexer import reindex as make_anew
from voiceos.memory.ingest.intake import Intake
from voiceos.memory.ingest.report import Progress, Report
from voiceos.memory.recall.mentions import places
from voiceos.memory.statistics import Statistics, statistics
from voiceos.store import selection
from voiceos.store.database import Connection
from voiceos.store.forgetting import Forgotten, Unwanted, extent
from voiceos.store.selection import Selection, from_before, from_file, named, undated

LINES = 200
"""Lines of an export written at a time."""


class Added(BaseModel):
    """The result of adding files."""

    report: Report
    not_yet_by_meaning: int
    """Passages that are found by their words alone until `memory.read`, or until it has been quiet for a while."""


@operation("memory.add")
def add(
    desk: Desk, paths: list[str], me: tuple[str, ...] = (), forget_removed: bool = False
) -> AsyncIterator[Step[Added]]:
    """Adds files and folders to the memory, beside a conversation. `me`: more names of the owner."""
    memory = desk.host.memory

    async def work(teller: Teller) -> None:
        def shown(at: Progress) -> None:
            teller.progress(f"{at.files_done + 1}/{at.files} {Path(spelt(at.path)).name}", at.bytes_done, at.bytes)

        async with memory.another() as db:
            intake = Intake(db, me=(*desk.config.memory.me, *me), progress=shown)
            files = [path_of(path) for path in paths]
            report = await to_thread.run_sync(lambda: intake.add(files, forget_removed=forget_removed))
            report.skipped = [replace(one, path=Path(spelt(one.path))) for one in report.skipped]
        await to_thread.run_sync(memory.catch_up_words)
        desk.host.upkeep.want()
        left = await to_thread.run_sync(memory.unread)
        await teller.send(Step(result=Added(report=report, not_yet_by_meaning=left)))

    return job(desk, "adding files", work)


class Read(BaseModel):
    """What became searchable by meaning."""

    passages: int


@operation("memory.read")
def read(desk: Desk) -> AsyncIterator[Step[Read]]:
    """Makes searchable by meaning what is found by its words alone yet. An interrupted run loses nothing."""
    memory = desk.host.memory

    async def work(teller: Teller) -> None:
        def shown(done: int) -> bool:
            teller.progress("Reading", done, done + memory.unread())
            return True

        def whole() -> int:
            shown(0)
            return memory.catch_up_meaning(go_on=shown)

        await teller.send(Step(result=Read(passages=await to_thread.run_sync(whole))))

    return job(desk, "reading what is new", work)


class Erased(BaseModel):
    """What would be erased, or has been."""

    done: bool
    gone: Forgotten
    places: list[str]
    undated: int = 0
    """Turns that stay, since the clock was not set then and no date chooses them."""


@operation("memory.forget")
async def forget(
    desk: Desk,
    ids: tuple[str, ...] = (),
    about: str = "",
    source: str = "",
    before: datetime | None = None,
    everything: bool = False,
    confirmed: bool = False,
) -> Erased:
    """Permanently erases text and everything derived from it. `source`: an absolute path, or `mcp:SERVER/URI`.
    Without `confirmed` it only says what would go."""
    which = (ids, about, source, before, everything)
    one_of("Choose one thing to forget: ids, a topic, a source, a date, or everything.", *which)
    memory, rows = desk.host.memory, dict[str, Sequence[int]]()
    await desk.host.kept()  # what was said a moment ago, too
    if about:
        doomed, _ = await to_thread.run_sync(lambda: memory.mentions(about, local_time()))
        rows = {**(await to_thread.run_sync(lambda: memory.things(about, local_time()))).rows}
    else:
        doomed = await desk.reading(lambda db: _doomed(db, ids, source, before))
    where = await desk.reading(lambda db: places(db, doomed.records))
    stay = await desk.reading(undated) if before else 0
    if confirmed:
        unwanted = Unwanted(doomed.records, doomed.turns, doomed.sources, rows=rows, everything=everything)
        gone = await to_thread.run_sync(lambda: memory.forget(unwanted))
        desk.host.erased()
    else:
        records, turns, replies, names = await desk.reading(
            lambda db: extent(db, Unwanted(doomed.records, doomed.turns, doomed.sources))
        )
        others = sum(map(len, rows.values()))
        gone = Forgotten(records=len(records), turns=len(turns), replies=tuple(replies), names=names, rows=others)
    return Erased(done=confirmed, gone=gone, places=where, undated=stay)


def _doomed(db: Connection, ids: Sequence[str], source: str, before: datetime | None) -> Selection:
    if ids:
        return named(db, ids)
    if source:
        return from_file(db, source)
    return from_before(db, before) if before else selection.everything(db)


@operation("memory.export")
async def export(desk: Desk, pam: bool = False, ics: bool = False) -> AsyncIterator[str]:
    """All that is remembered, in the clear, as pieces of a text; `pam`: in the schema Portable AI Memory.

    `ics`: only the calendar that is changed by voice, for other calendars.
    """
    async with desk.host.memory.another() as db:
        if ics:
            yield await to_thread.run_sync(lambda: own_calendar.write(db, local_time(), f"voiceos/{__version__}"))
            return
        pieces = (
            portable_ai_memory.write(db, local_time(), f"voiceos/{__version__}")
            if pam
            else (json.dumps(line, ensure_ascii=False) + "\n" for line in portable.export(db))
        )
        while some := await to_thread.run_sync(lambda: "".join(islice(pieces, LINES))):
            yield some


@operation("memory.import")
async def import_(desk: Desk, path: str) -> dict[str, int]:
    """Imports an export, and answers how many of each kind. What is already there is kept."""
    memory, file = desk.host.memory, path_of(path)
    try:
        async with memory.another() as db:
            added = await to_thread.run_sync(lambda: portable.import_file(db, file))
    except OSError as error:
        raise DataError(f"Cannot read {path} ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not a memory export: it is not text.") from error
    await to_thread.run_sync(memory.catch_up_words)
    desk.host.upkeep.want()
    return added


@operation("memory.stats")
async def stats(desk: Desk) -> Statistics:
    """How much is remembered and how much of it is indexed."""
    unread = await to_thread.run_sync(desk.host.memory.unread)
    return await desk.reading(lambda db: statistics(db, local_time(), unread))


class Verified(BaseModel):
    """What a check found."""

    problems: list[str]
    not_yet_by_words: int
    """Passages that the index still lacks."""
    not_yet_by_meaning: int
    """The same; 0 without the model for it."""


@operation("memory.verify")
async def verify(desk: Desk) -> Verified:
    """Problems of the file, text, indexes and facts, one sentence each; and how much is not indexed yet."""
    memory = desk.host.memory
    problems = await to_thread.run_sync(memory.verify)
    words, *meaning = await desk.reading(lambda db: [behind(db, index) for index in memory.indexes])
    return Verified(problems=problems, not_yet_by_words=words, not_yet_by_meaning=sum(meaning))


class Reindexed(BaseModel):
    """What was made."""

    passages: int
    facts: int
    by_meaning: bool


@operation("memory.reindex")
def reindex(desk: Desk, resume: bool = False) -> AsyncIterator[Step[Reindexed]]:
    """Rebuilds the indexes and facts from the stored records. `resume`: goes on where an interrupted one stopped."""
    memory = desk.host.memory

    async def work(teller: Teller) -> None:
        async with memory.another() as db:
            facts = await to_thread.run_sync(
                lambda: make_anew(db, memory.indexes, anew=not resume, progress=teller.progress)
            )
            (passages,) = db.execute("SELECT count(*) FROM passage").fetchone()
        by_meaning = memory.meaning is not None
        await teller.send(Step(result=Reindexed(passages=passages, facts=facts, by_meaning=by_meaning)))

    return job(desk, "rebuilding the indexes", work)
