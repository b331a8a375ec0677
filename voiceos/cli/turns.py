"""`voiceos turns`: past turns, where their time went, and how to forget them."""

import json
from datetime import datetime
from typing import Any

import click

from voiceos.cli import State, examples
from voiceos.cli.showing import many, moment, print_json
from voiceos.errors import UsageError


@click.group(
    invoke_without_command=True,
    epilog=examples(
        "voiceos turns                         the last turns",
        "voiceos turns show last               where the last one's time went",
        "voiceos turns export > turns.jsonl    all of them, for a script",
        "voiceos turns erase --before 2026-01-31",
    ),
)
@click.option("-n", "--count", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.pass_context
def turns(ctx: click.Context, count: int, as_json: bool) -> None:
    """Past turns: what was heard, what was said, how each ended, and how long the reply took to begin."""
    if ctx.invoked_subcommand:
        return
    from voiceos.cli.door import memory_door

    with memory_door(ctx.ensure_object(State), "voiceos turns", nothing=[] if as_json else None) as host:
        records = host.call("turns.list", count=count)
    if as_json:
        print_json(records)
    elif records:
        _print_table(records)
    else:
        click.echo("No turns yet; `voiceos talk` begins one.")


@turns.command(epilog=examples("voiceos turns show last", "voiceos turns show 3f9a --json"))
@click.argument("turn", metavar="ID|last", default="last")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.pass_obj
def show(state: State, turn: str, as_json: bool) -> None:
    """Show one turn: its words, and a waterfall of where the time went. The beginning of its id is enough."""
    from voiceos.cli.door import memory_door

    with memory_door(state, "voiceos turns show") as host:
        record = host.call("turns.show", turn=turn)
    if as_json:
        print_json(record)
        return
    from rich.console import Console

    from voiceos.cli.waterfall import waterfall

    console = Console(highlight=False)
    facts = {
        "turn": f"{record['id']}, {_local(record['started_at'])}",
        "heard": record["transcript"],
        "said": record["said"],
        "not heard": record["reply"].removeprefix(record["said"]).strip() if record["outcome"] != "answered" else "",
        "outcome": record["outcome"],
        "error": record["error"],
        "sound": record["audio"],
        "device": record["device"],
    } | record["engines"]
    for name, fact in facts.items():
        if fact:
            console.print(f"[dim]{name:>10}[/dim]  ", end="")
            console.print(fact, markup=False)
    console.print()
    console.print(waterfall(record["marks"]))


@turns.command(
    epilog=examples("voiceos turns erase last", "voiceos turns erase --before 2026-01-31", "voiceos turns erase --all")
)
@click.argument("turn", metavar="[ID|last]", required=False)
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]),
    help="All that began before this local time.",
)
@click.option("--all", "everything", is_flag=True, help="All.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def erase(state: State, turn: str | None, before: datetime | None, everything: bool, yes: bool) -> None:
    """Erase turns for good: words, times and sound, from the disk too."""
    if [turn is not None, before is not None, everything].count(True) != 1:
        raise UsageError("Say what to erase: a turn's id, --before DATE, or --all.")
    from voiceos.cli.door import memory_door

    with memory_door(state, "voiceos turns erase") as host:
        record = host.call("turns.show", turn=turn) if turn else None
        what = f"the turn of {_local(record['started_at'])} ('{record['transcript']}')" if record else "every turn"
        what += f" before {before:%Y-%m-%d %H:%M}" if before else ""
        if not yes and not click.confirm(f"Erase {what} for good?", err=True):
            click.echo("Nothing was erased.", err=True)
            raise click.exceptions.Exit(1)
        chosen = {"turn": record and record["id"], "before": moment(before), "everything": everything or None}
        gone = host.call("turns.erase", **chosen)["turns"]
    click.echo(f"Erased {many(gone, 'turn')}.", err=True)


@turns.command(
    epilog=examples("voiceos turns export > turns.jsonl", "voiceos turns export | jq .voice_to_voice_seconds")
)
@click.pass_obj
def export(state: State) -> None:
    """Write every turn as a line of JSON, oldest first."""
    from voiceos.cli.door import memory_door

    with memory_door(state, "voiceos turns export") as host:
        for one in host.stream("turns.export"):
            click.echo(json.dumps(one, ensure_ascii=False))


def _local(stamp: str) -> str:
    return f"{datetime.fromisoformat(stamp).astimezone():%Y-%m-%d %H:%M:%S}"


def _print_table(records: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 1))
    for heading in ("id", "when"):
        table.add_column(heading, no_wrap=True)
    table.add_column("heard", ratio=1)
    table.add_column("said", ratio=2)
    table.add_column("outcome")
    table.add_column("seconds", justify="right")
    for record in reversed(records):  # the newest last, beside the prompt
        seconds = record["voice_to_voice_seconds"]
        wait = "" if seconds is None else f"{seconds:.2f}"
        outcome = Text(record["outcome"], style="red" if record["error"] else "")
        said = Text(record["said"] or record["error"])
        heard = Text(record["transcript"])
        table.add_row(record["id"][:8], _local(record["started_at"]), heard, said, outcome, wait)
    Console().print(table)
