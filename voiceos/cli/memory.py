"""`voiceos memory`: what is remembered. This file: the group, and `add`, which takes in files."""

import importlib
from pathlib import Path
from typing import Any, cast

import click

from voiceos.cli import State, examples
from voiceos.cli.showing import print_json
from voiceos.cli.showing import progress as bar
from voiceos.errors import UsageError

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

    A file that is added twice is kept once, a changed one is updated, and an interrupted import resumes. Exit code: 0,
    1 when something was lost, 65 when nothing could be read.
    """
    if not paths:
        raise UsageError("Say which files or folders to take in, such as: voiceos memory add ~/Notes")
    from voiceos.cli.door import door

    given = [str(path.expanduser().absolute()) for path in paths]
    report: dict[str, Any] = {}
    with door(state, "voiceos memory add", answers=True) as host, bar(as_json, bytes=True) as show:
        for event in host.stream("memory.add", paths=given, me=list(me), forget_removed=forget_removed):
            if event["event"] == "progress":
                show(event["progress"])
            else:
                report = event["report"]
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
    facts = (
        (report["records_new"], "new"),
        (report["records_changed"], "changed"),
        (report["records_vanished"], "gone"),
    )
    records = ", ".join(f"{count} {what}" for count, what in facts if count) or "none new"
    click.echo(f"{report['files']} files: {report['read']} read, {report['unchanged']} unchanged. Records: {records}.")
    if report["renamed"]:
        click.echo(f"{report['renamed']} had been renamed.")
    if report["removed"] and report["forgotten"]:
        click.echo(f"{report['forgotten']} no longer exist; what they held was forgotten.")
    elif report["removed"]:
        click.echo(f"{len(report['removed'])} no longer exist; --forget-removed forgets what they held.")
    if report["not_yet_by_meaning"]:
        click.echo(
            f"{report['not_yet_by_meaning']} passages can be found by their words now, and by meaning once voiceos has"
            " been idle for a while."
        )
