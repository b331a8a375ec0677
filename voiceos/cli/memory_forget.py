"""`voiceos memory forget`: erases for good what was remembered."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from voiceos.cli import State, examples
from voiceos.cli.showing import DATE, many, moment, plain
from voiceos.errors import UsageError


@click.command(
    epilog=examples(
        "voiceos memory forget passage:12 fact:3",
        "voiceos memory forget --about 'the hospital'",
        "voiceos memory forget --source ~/Mail/old.mbox --yes",
        "voiceos memory forget --before 2020-01-01",
    )
)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--about", metavar="TOPIC", help="All that holds every word of this.")
@click.option("--source", type=click.Path(path_type=Path), help="All that came from this file or folder.")
@click.option("--before", type=DATE, help="All that is from before this local time.")
@click.option("--everything", is_flag=True, help="All.")
@click.option("--yes", is_flag=True, help="Do not ask.")
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
    if [bool(ids), about is not None, source is not None, before is not None, everything].count(True) != 1:
        raise UsageError("Say one thing to forget: ids, --about TOPIC, --source PATH, --before DATE, or --everything.")
    if about is not None and not about.strip():
        raise UsageError("Say what to forget, or --everything.")
    from voiceos.cli.door import memory_door

    what = {
        "ids": [plain(id) for id in ids] or None,
        "about": plain(about) if about else None,
        "source": str(source.expanduser().absolute()) if source else None,
        "before": moment(before),
        "everything": everything or None,
    }
    with memory_door(state, "voiceos memory forget") as host:
        doomed = host.call("memory.forget", **what)
        if not (doomed["records"] or doomed["turns"]):
            click.echo("There is nothing of that to forget.")
            return
        click.echo(f"This erases {_told(doomed)}, and all that was derived from it.", err=True)
        if not yes and not click.confirm("Erase it for good?", err=True):
            click.echo("Nothing was erased.", err=True)
            raise click.exceptions.Exit(1)
        gone = host.call("memory.forget", **what, confirmed=True)
    click.echo(f"Erased {many(gone['records'], 'record')}, {many(gone['turns'], 'turn')}.")
    if gone["replies"]:
        click.echo(f"{many(gone['replies'], 'other reply', 'other replies')} rested on it and went too.")
    if not gone["finished"]:
        click.echo("The last traces will be gone after a restart of voiceos.", err=True)


def _told(doomed: dict[str, Any]) -> str:
    what = many(doomed["records"], "record")
    if doomed["turns"]:
        what += f" and {many(doomed['turns'], 'turn')}"
    places = doomed["places"]
    return what + (f", from {', '.join(places[:5])}{' and elsewhere' if len(places) > 5 else ''}" if places else "")
