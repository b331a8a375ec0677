"""`voiceos turns`: past turns, where their time went, and erasing them."""

import json
from datetime import datetime
from typing import Any

import click

from voiceos.cli import State
from voiceos.cli.door import found, memory_door
from voiceos.cli.showing import (
    DATE,
    confirm,
    date,
    json_option,
    many,
    moment,
    print_rows,
    tell_undated,
    words_heard,
    yes_option,
)
from voiceos.errors import UsageError


@click.group(invoke_without_command=True)
@click.option("-n", "--count", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many.")
@json_option
@click.pass_context
def turns(ctx: click.Context, count: int, as_json: bool) -> None:
    """Show past turns: what was heard and said, how each ended, and how long the reply took to start."""
    if ctx.invoked_subcommand:
        return
    records = found(ctx.ensure_object(State), "turns.list", as_json, count=count)
    if records:
        _print_table(records)
    else:
        click.echo("No turns yet. Start a conversation with `voiceos talk`.")


@turns.command()
@click.argument("turn", metavar="ID|last", default="last")
@json_option
@click.pass_obj
def show(state: State, turn: str, as_json: bool) -> None:
    """Show one turn: its text, and a waterfall of where the time went. The start of its ID is enough."""
    from rich.console import Console

    from voiceos.cli.waterfall import waterfall

    record = found(state, "turns.show", as_json, turn=turn)
    facts = {
        "turn": f"{record['id']}, {date(record['started_at'])}",
        "heard": words_heard(record),
        "said": record["said"],
        "not heard": record["reply"].removeprefix(record["said"]).strip() if record["outcome"] != "answered" else "",
        "outcome": record["outcome"],
        "error": record["error"],
        "sound": record["audio"],
        "device": record["device"],
    }
    print_rows(facts | record["engines"])
    click.echo()
    Console(highlight=False).print(waterfall(record["marks"]))


@turns.command()
@click.argument("turn", metavar="[ID|last]", required=False)
@click.option("--before", type=DATE, help="Everything that started before this local time.")
@click.option("--all", "everything", is_flag=True, help="Everything.")
@yes_option
@click.pass_obj
def erase(state: State, turn: str | None, before: datetime | None, everything: bool, yes: bool) -> None:
    """Permanently erase turns: text, timings and sound."""
    if [turn is not None, before is not None, everything].count(True) != 1:
        raise UsageError("Say what to erase: a turn's ID, --before DATE, or --all.")

    with memory_door(state) as host:
        record = host.call("turns.show", turn=turn) if turn else None
        what = f"the turn of {date(record['started_at'])} ('{words_heard(record)}')" if record else "every turn"
        confirm(f"Permanently erase {what}{f' before {before:%Y-%m-%d %H:%M}' if before else ''}?", yes)
        chosen = {"turn": record and record["id"], "before": moment(before), "everything": everything or None}
        gone = host.call("turns.erase", **chosen)
    click.echo(f"Erased {many(gone['turns'], 'turn')}.", err=True)
    tell_undated(gone["undated"])


@turns.command()
@click.pass_obj
def export(state: State) -> None:
    """Write every turn as a line of JSON, oldest first."""
    with memory_door(state) as host:
        for one in host.stream("turns.export"):
            click.echo(json.dumps(one, ensure_ascii=False))


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
        table.add_row(
            record["id"][:8],
            date(record["started_at"]),
            Text(words_heard(record)),
            Text(record["said"] or record["error"]),
            Text(record["outcome"], style="red" if record["error"] else ""),
            "" if seconds is None else f"{seconds:.2f}",
        )
    Console().print(table)
