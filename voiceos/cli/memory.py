"""`voiceos memory`: what is remembered. This file: the group, `add`, which takes in files, and `forget`."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from voiceos.cli import State, memory_search, memory_upkeep, showing
from voiceos.cli.door import door, memory_door, visible
from voiceos.cli.showing import DATE, confirm, json_option, many, moment, plain, print_json, result_of, yes_option
from voiceos.errors import UsageError

SHOWN = 20
"""Skipped files that are named without --verbose or --json."""
NOTHING_READ = 65  # EX_DATAERR
PARTLY = 1


@click.group()
def memory() -> None:
    """What is remembered: take in files, search, correct, forget."""


@memory.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--forget-removed", is_flag=True, help="Forget the files of these folders that are there no more.")
@click.option("--me", multiple=True, metavar="NAME", help="A name or address of yours; adds to the setting memory.me.")
@json_option
@click.pass_obj
def add(state: State, paths: tuple[Path, ...], forget_removed: bool, me: tuple[str, ...], as_json: bool) -> None:
    """Take in files and folders: notes, documents, mail, calendars, contacts, chats, tables.

    A file that is added twice is kept once, a changed one is updated, and an interrupted import resumes. Exit code: 0,
    1 when something was lost, 65 when nothing could be read.
    """
    if not paths:
        raise UsageError("Say which files or folders to take in, such as: voiceos memory add ~/Notes")

    given = [visible(state, path) for path in paths]
    with door(state, upkeep=True) as host:
        steps = host.stream("memory.add", paths=given, me=list(me), forget_removed=forget_removed)
        added = result_of(steps, quiet=as_json, bytes=True)
    report = added["report"] | {"not_yet_by_meaning": added["not_yet_by_meaning"]}
    if as_json:
        print_json(report)
    else:
        _print(report, everything=state.verbosity > 0)
    if not report["files"] or (report["skipped"] and not (report["read"] or report["unchanged"] or report["renamed"])):
        raise click.exceptions.Exit(NOTHING_READ)
    if any(one["lost"] for one in report["skipped"]):
        raise click.exceptions.Exit(PARTLY)


def _print(report: dict[str, Any], *, everything: bool) -> None:
    skipped = report["skipped"]
    for one in skipped if everything else skipped[:SHOWN]:
        part = f" ({one['part']})" if one["part"] else ""
        click.echo(f"{'Skipped' if one['lost'] else 'Note:'} {one['path']}{part}: {one['reason']}", err=True)
    if len(skipped) > SHOWN and not everything:
        click.echo(f"… and {len(skipped) - SHOWN} more; `voiceos -v memory add` names them all.", err=True)
    counts = {"new": report["new"], "changed": report["changed"], "gone": report["vanished"]}
    records = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "none new"
    click.echo(f"{report['files']} files: {report['read']} read, {report['unchanged']} unchanged. Records: {records}.")
    if report["renamed"]:
        click.echo(f"{report['renamed']} had been renamed.")
    if report["removed"] and report["forgotten"]:
        click.echo(f"{report['forgotten']} no longer exist; what they held was forgotten.")
    elif report["removed"]:
        click.echo(f"{len(report['removed'])} no longer exist; --forget-removed forgets what they held.")
    if left := report["not_yet_by_meaning"]:
        click.echo(f"{left} passages are found by their words now, and by meaning once voiceos has been idle a while.")


@memory.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--about", metavar="TOPIC", help="All that holds every word of this.")
@click.option("--source", type=click.Path(path_type=Path), help="All that came from this file or folder.")
@click.option("--before", type=DATE, help="All that is from before this local time.")
@click.option("--everything", is_flag=True, help="All.")
@yes_option
@click.pass_obj
def forget(
    state: State,
    ids: tuple[str, ...],
    about: str | None,
    source: Path | None,
    before: datetime | None,
    everything: bool,
    yes: bool,
) -> None:
    """Erase for good: words, and all that was derived from them, from the disk too. Says what, and asks once.

    An ID is passage:12, record:7, fact:3 (the words that they are from are erased), or a turn's.
    """
    about = about and plain(about).strip()
    what = {
        "ids": [plain(id) for id in ids] or None,
        "about": about or None,
        "source": str(source.expanduser().absolute()) if source else None,
        "before": moment(before),
        "everything": everything or None,
    }
    with memory_door(state) as host:
        doomed = host.call("memory.forget", **what)
        showing.tell_undated(doomed["undated"])
        if not (doomed["gone"]["records"] or doomed["gone"]["turns"]):
            click.echo("There is nothing of that to forget.")
            return
        click.echo(f"This erases {_told(doomed)}, and all that was derived from it.", err=True)
        confirm("Erase it for good?", yes)
        gone = host.call("memory.forget", **what, confirmed=True)["gone"]
    click.echo(f"Erased {many(gone['records'], 'record')}, {many(gone['turns'], 'turn')}.")
    if replies := len(gone["replies"]):
        click.echo(f"{many(replies, 'other reply', 'other replies')} rested on it and went too.")
    if not gone["finished"]:
        click.echo("The last traces will be gone after a restart of voiceos.", err=True)


def _told(doomed: dict[str, Any]) -> str:
    what = many(doomed["gone"]["records"], "record")
    if turns := doomed["gone"]["turns"]:
        what += f" and {many(turns, 'turn')}"
    places = doomed["places"]
    return what + (f", from {', '.join(places[:5])}{' and elsewhere' if len(places) > 5 else ''}" if places else "")


for command in (*memory_search.COMMANDS, *memory_upkeep.COMMANDS):
    memory.add_command(command)
