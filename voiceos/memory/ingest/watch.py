"""Watched folders: new and changed files are added while nobody speaks."""

import logging
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio
from anyio import from_thread, to_thread

from voiceos.errors import StoreError
from voiceos.memory.ingest.intake import Intake
from voiceos.memory.ingest.mailboxes import is_maildir
from voiceos.memory.ingest.report import Progress, Report
from voiceos.memory.ingest.walk import within

log = logging.getLogger(__name__)

SETTLE_MILLISECONDS = 2_000
"""A file that is still being written is left alone for so long."""
STOP_MILLISECONDS = 500
"""A wait for changes can only be ended this often."""
RETRY_SECONDS = 60.0
"""Between two looks for a folder that is not there: a disk that is not plugged in."""

Quiet = Callable[[], Coroutine[Any, Any, None]]
Changes = Callable[[Path], AsyncGenerator[set[Path], None]]
MakeIntake = Callable[[Callable[[Progress], None]], Intake]


async def _changes(folder: Path) -> AsyncGenerator[set[Path], None]:
    """What was added or changed, once it has settled; ends when the folder itself is gone."""
    from watchfiles import Change, awatch

    async for batch in awatch(
        folder, debounce=SETTLE_MILLISECONDS, step=500, rust_timeout=STOP_MILLISECONDS, ignore_permission_denied=True
    ):
        yield {Path(path) for change, path in batch if change is not Change.deleted}
        if not await anyio.Path(folder).is_dir():
            return


async def watch(
    folders: Sequence[Path],
    make: MakeIntake,
    *,
    quiet: Quiet,
    taken: Callable[[Report], None] = lambda _: None,
    changes: Changes = _changes,
) -> None:
    """Adds what is in the folders, then what changes, until cancelled. What is removed stays remembered.

    `make` gives an intake, with the given progress callback, that writes through its own connection; it is used in a
    thread. `quiet` returns when nobody speaks: it is awaited before each file and each transaction. `taken` gets the
    report.
    """
    one = _Watch(make, quiet, taken, changes)
    async with anyio.create_task_group() as tasks:
        for folder in folders:
            tasks.start_soon(one.follow, folder.expanduser())


class _Watch:
    """Follows folders, and takes what is in them one at a time."""

    def __init__(self, make: MakeIntake, quiet: Quiet, taken: Callable[[Report], None], changes: Changes) -> None:
        self._make, self._quiet, self._taken, self._changes = make, quiet, taken, changes
        self._one_writer = anyio.Lock()

    async def follow(self, folder: Path) -> None:
        """Until cancelled. What is in it is taken whenever it comes: a disk that is plugged in."""
        told = False
        while True:
            if await anyio.Path(folder).is_dir():
                told = False
                async with aclosing(self._changes(folder)) as batches:
                    await self._take(folder, [folder])
                    async for batch in batches:
                        await self._take(folder, sorted({_mailbox(path) for path in batch if within(path, folder)}))
            elif not told:
                told = True
                log.warning("The folder %s does not exist. It will be watched once it does.", folder)
            await anyio.sleep(RETRY_SECONDS)

    async def _take(self, folder: Path, paths: Sequence[Path]) -> None:
        async with self._one_writer:
            await self._quiet()
            try:
                report = await to_thread.run_sync(lambda: self._make(self._pause).add(paths, named=False))
            except StoreError as error:
                log.warning("Could not add what is new in %s: %s", folder, error)
                return
        for one in report.skipped:
            log.info("Skipped %s", one)
        if report.read or report.renamed:
            log.info("Added %d files from %s: %d records.", report.read, folder, report.new + report.changed)
        self._taken(report)

    def _pause(self, _: Progress) -> None:
        from_thread.check_cancelled()  # the daemon stops
        from_thread.run(self._quiet)


def _mailbox(path: Path) -> Path:
    """For a mail in a Maildir, the Maildir."""
    return path.parents[1] if is_maildir(path.parents[1]) else path
