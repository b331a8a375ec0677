"""`voiceos memory`: what is remembered. This file: the group, and `add`, which takes in files."""

import importlib
import json
import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from voiceos.cli import State, examples
from voiceos.errors import UsageError

if TYPE_CHECKING:
    from voiceos.memory.ingest.intake import Progress, Report
    from voiceos.memory.memory import Memory

AT_ONCE = 1_000
"""Passages that `add` itself makes searchable by meaning, some ten seconds' work; talk and daemon do the rest."""
SHOWN = 20
"""Skipped files that are named without --verbose or --json."""
NOTHING_READ = 65  # EX_DATAERR
PARTLY = 1

ELSEWHERE = {
    "search": "memory_search:search",
    "ask": "memory_search:ask",
    "facts": "memory_show:facts",
    "show": "memory_show:show",
    "timeline": "memory_show:timeline",
    "forget": "memory_forget:forget",
    "export": "memory_upkeep:export",
    "import": "memory_upkeep:import_",
    "stats": "memory_upkeep:stats",
    "verify": "memory_upkeep:verify",
    "reindex": "memory_upkeep:reindex",
    "encrypt": "memory_upkeep:encrypt",
    "decrypt": "memory_upkeep:decrypt",
}
"""Commands in files of their own, imported when they are called."""


class _Group(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return ["add", *ELSEWHERE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = ELSEWHERE[cmd_name].partition(":")
        return cast(click.Command, getattr(importlib.import_module(f"voiceos.cli.{module}"), attribute))


@click.group(
    cls=_Group,
    epilog=examples(
        "voiceos memory add ~/Notes ~/Mail/archive.mbox    take in a life",
        "voiceos memory add calendar.ics --json            and what came of it, for a script",
    ),
)
def memory() -> None:
    """What is remembered: take in files, search, correct, forget."""


@memory.command(
    epilog=examples(
        "voiceos memory add ~/Notes ~/Documents contacts.vcf",
        "voiceos memory add 'WhatsApp Chat with Ana.txt' --me 'Jo Kim'",
        "voiceos memory add ~/Notes --forget-removed",
    )
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--forget-removed", is_flag=True, help="Forget the files of these folders that are there no more.")
@click.option("--me", multiple=True, metavar="NAME", help="A name or address of yours; adds to the setting memory.me.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.pass_obj
def add(state: State, paths: tuple[Path, ...], forget_removed: bool, me: tuple[str, ...], as_json: bool) -> None:
    """Take in files and folders: notes, documents, mail, calendars, contacts, chats, tables.

    The same file twice is once, a changed one is brought up to date, and an interruption is gone on from. Exit code: 0,
    1 when something was skipped, 65 when nothing could be read.
    """
    if not paths:
        raise UsageError("Say which files or folders to take in, such as: voiceos memory add ~/Notes")
    _give_way()
    with _opened(state) as store:
        names = (*state.config().memory.me, *me)
        with _shown(as_json) as progress:
            report = _take_in(store, paths, names, forget_removed, progress)
        left = store.catch_up_meaning(AT_ONCE)
    if as_json:
        click.echo(json.dumps(_as_json(report) | {"not_yet_by_meaning": left}, indent=2, ensure_ascii=False))
    else:
        _print(report, everything=state.verbosity > 0)
        if left:
            click.echo(f"{left} passages are found by their words now, and by meaning once `voiceos talk` was quiet.")
    if not report.files or (report.skipped and not report.read and not report.unchanged and not report.renamed):
        raise click.exceptions.Exit(NOTHING_READ)
    if report.skipped:
        raise click.exceptions.Exit(PARTLY)


def _give_way() -> None:
    """A conversation at the same time goes first: this process only gets what nobody else wants."""
    with suppress(OSError):  # a container may forbid it
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def _take_in(
    store: "Memory",
    paths: tuple[Path, ...],
    names: tuple[str, ...],
    forget_removed: bool,
    progress: "Callable[[Progress], None] | None",
) -> "Report":
    from contextlib import closing

    from voiceos.memory.ingest.intake import Intake
    from voiceos.store.database import open_database

    with closing(open_database(store.path, store.key, store.derived)) as db:
        report = Intake(db, me=names, progress=progress).add(paths, forget_removed=forget_removed)
    store.catch_up_words()
    return report


def _as_json(report: "Report") -> dict[str, object]:
    return {
        "files": report.files,
        "read": report.read,
        "unchanged": report.unchanged,
        "renamed": report.renamed,
        "records_new": report.new,
        "records_changed": report.changed,
        "records_vanished": report.vanished,
        "passages": report.passages,
        "removed": report.removed,
        "forgotten": report.forgotten,
        "skipped": [{"path": str(one.path), "part": one.part, "reason": one.reason} for one in report.skipped],
    }


def _print(report: "Report", *, everything: bool) -> None:
    for one in report.skipped if everything else report.skipped[:SHOWN]:
        click.echo(f"Skipped {one}", err=True)
    if len(report.skipped) > SHOWN and not everything:
        click.echo(f"… and {len(report.skipped) - SHOWN} more; -v before `memory` names them all.", err=True)
    facts = (
        (report.new, "new"),
        (report.changed, "changed"),
        (report.vanished, "gone"),
    )
    records = ", ".join(f"{count} {what}" for count, what in facts if count) or "none new"
    click.echo(f"{report.files} files: {report.read} read, {report.unchanged} as they were. Records: {records}.")
    if report.renamed:
        click.echo(f"{report.renamed} had another name before.")
    if report.removed and report.forgotten:
        click.echo(f"{report.forgotten} that are there no more were forgotten.")
    elif report.removed:
        click.echo(f"{len(report.removed)} are there no more; --forget-removed forgets what they held.")


@contextmanager
def _shown(quiet: bool) -> "Generator[Callable[[Progress], None] | None]":
    """A bar on a terminal; nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    columns = (TextColumn("{task.description}", markup=False), BarColumn(20), DownloadColumn(), TimeRemainingColumn())
    with RichProgress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task("", total=None)

        def show(progress: "Progress") -> None:
            name = f"{progress.files_done + 1}/{progress.files} {progress.path.name[:40]}"
            bars.update(task, description=name, total=progress.bytes, completed=progress.bytes_done)

        yield show


@contextmanager
def _opened(state: State) -> "Generator[Memory]":
    from voiceos.app import open_memory
    from voiceos.config.paths import models_folder
    from voiceos.models.shelf import Shelf

    config = state.config()
    with open_memory(config, Shelf(models_folder(config.store))) as store:
        yield store
