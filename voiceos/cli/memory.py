"""`voiceos memory`: the group, `add` and `forget`."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from voiceos.cli import State, memory_search, memory_upkeep, showing
from voiceos.cli.door import door, memory_door, visible
from voiceos.cli.reading import read_on
from voiceos.cli.showing import DATE, confirm, json_option, many, moment, plain, print_json, result_of, yes_option
from voiceos.config.paths import spelt
from voiceos.errors import DataError, UsageError

SHOWN = 20
"""Skipped files listed without --verbose or --json."""


@click.group()
def memory() -> None:
    """Manage the memory: add files, search, ask, forget and export."""


@memory.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--forget-removed", is_flag=True, help="Forget files that no longer exist in these folders.")
@click.option("--me", multiple=True, metavar="NAME", help="One of your names or addresses, besides those in memory.me.")
@json_option
@click.pass_obj
def add(state: State, paths: tuple[Path, ...], forget_removed: bool, me: tuple[str, ...], as_json: bool) -> None:
    """Add files and folders: notes, documents, mail, calendars, contacts, chats, tables.

    A file added twice is kept once, a changed file is updated. What is new is found by its words at once, then it is
    read to be found by its meaning. Ctrl-C loses nothing: the next `add` goes on. The exit code is 65 if a file or a
    part of one could not be read; the others are added.
    """
    if not paths:
        raise UsageError("Name the files or folders to add, for example: voiceos memory add ~/Notes")

    given = [visible(state, path) for path in paths]
    with door(state, upkeep=True) as host:
        steps = host.stream("memory.add", paths=given, me=list(me), forget_removed=forget_removed)
        added = result_of(steps, quiet=as_json, bytes=True)
        report = added["report"]
        if not as_json:
            _print(report, everything=state.verbosity > 0)
        left = added["not_yet_by_meaning"] - read_on(host, added["not_yet_by_meaning"], quiet=as_json)
    if as_json:
        print_json(report | {"not_yet_by_meaning": max(left, 0)})
    if any(one["lost"] for one in report["skipped"]):
        raise click.exceptions.Exit(DataError.exit_code)


def _print(report: dict[str, Any], *, everything: bool) -> None:
    skipped = report["skipped"]
    for one in skipped if everything else skipped[:SHOWN]:
        part = f" ({one['part']})" if one["part"] else ""
        click.echo(f"{'Skipped' if one['lost'] else 'Note:'} {one['path']}{part}: {one['reason']}", err=True)
    if len(skipped) > SHOWN and not everything:
        click.echo(f"… and {len(skipped) - SHOWN} more. `voiceos -v memory add` lists them all.", err=True)
    counts = {"new": report["new"], "changed": report["changed"], "gone": report["vanished"]}
    records = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "none new"
    if report["files"]:
        told = f"{report['read']} read, {report['unchanged']} unchanged. Records: {records}"
        click.echo(f"{many(report['files'], 'file')}: {told}.")
    elif not any(one["lost"] for one in skipped):
        click.echo("There are no files to add there.")
    if report["renamed"]:
        click.echo(f"{many(report['renamed'], 'file')} had been renamed.")
    if report["removed"] and report["forgotten"]:
        click.echo(f"{many(report['forgotten'], 'missing file')} forgotten, with the contents.")
    elif report["removed"]:
        click.echo(f"{many(len(report['removed']), 'file')} missing. Use --forget-removed to forget the contents.")


@memory.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--about", metavar="TOPIC", help="Everything that contains all these words; on lists, due, saved and allowed, too."
)
@click.option("--source", metavar="PATH", help="Everything from this file or folder; or from mcp:SERVER/URI.")
@click.option("--before", type=DATE, help="Everything from before this local time.")
@click.option("--everything", is_flag=True, help="Everything.")
@yes_option
@click.pass_obj
def forget(
    state: State,
    ids: tuple[str, ...],
    about: str | None,
    source: str | None,
    before: datetime | None,
    everything: bool,
    yes: bool,
) -> None:
    """Permanently erase text and everything derived from it. Asks for confirmation first.

    An ID is passage:12, record:7, fact:3 (this erases the text they are from) or a turn's ID.
    """
    about = about and plain(about).strip()
    what = {
        "ids": [plain(id) for id in ids] or None,
        "about": about or None,
        "source": _source(source) if source else None,
        "before": moment(before),
        "everything": everything or None,
    }
    with memory_door(state) as host:
        doomed = host.call("memory.forget", **what)
        showing.tell_undated(doomed["undated"])
        if not any(doomed["gone"][what] for what in ("records", "turns", "names", "rows")):
            click.echo("There is nothing to forget.")
            return
        click.echo(f"This erases {_told(doomed)} and everything derived from it.", err=True)
        confirm("Erase permanently?", yes)
        gone = host.call("memory.forget", **what, confirmed=True)["gone"]
    click.echo(f"Erased {many(gone['records'], 'record')}, {many(gone['turns'], 'turn')}.")
    if replies := len(gone["replies"]):
        click.echo(f"Also erased {many(replies, 'reply', 'replies')} based on it.")
    if rows := gone["rows"]:
        click.echo(f"Also erased {many(rows, 'entry', 'entries')} of lists, receipts, permissions and the like.")
    if names := gone["names"]:
        click.echo(f"Also erased {many(names, 'file name')}.")
    if not gone["finished"]:
        click.echo("The last traces will be gone after a restart of voiceos.", err=True)


def _source(given: str) -> str:
    """A source as it is kept: what was taken from a server has no path."""
    return plain(given) if given.startswith("mcp:") else spelt(Path(given).expanduser().absolute())


def _told(doomed: dict[str, Any]) -> str:
    counted = [("records", "record"), ("turns", "turn"), ("names", "file name")]
    told = [many(doomed["gone"][key], word) for key, word in counted if doomed["gone"][key]]
    if rows := doomed["gone"]["rows"]:
        told.append(f"{many(rows, 'entry', 'entries')} of lists, receipts, permissions and the like")
    what = " and ".join(told)
    places = doomed["places"]
    return what + (f", from {', '.join(places[:5])}{' and elsewhere' if len(places) > 5 else ''}" if places else "")


for command in (*memory_search.COMMANDS, *memory_upkeep.COMMANDS):
    memory.add_command(command)
