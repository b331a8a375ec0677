"""`voiceos turns`: past turns, where their time went, and how to forget them."""

import json
from datetime import datetime
from typing import TYPE_CHECKING

import click

from voiceos.cli import State, examples
from voiceos.errors import UsageError

if TYPE_CHECKING:
    from voiceos.store.turns import TurnRecord, TurnStore


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
    with _store(ctx.ensure_object(State)) as store:
        records = store.recent(count)
    if as_json:
        click.echo(json.dumps([record.as_json() for record in records], indent=2, ensure_ascii=False))
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
    with _store(state) as store:
        record = _find(store, turn)
        sound = store.audio(record.id)
    if as_json:
        click.echo(json.dumps(record.as_json() | {"audio": str(sound or "")}, indent=2, ensure_ascii=False))
        return
    from rich.console import Console

    from voiceos.cli.waterfall import waterfall

    console = Console(highlight=False)
    facts = {
        "turn": f"{record.id}, {_local(record.started_at)}",
        "heard": record.transcript,
        "said": record.said,
        "not heard": record.reply.removeprefix(record.said).strip() if record.outcome != "answered" else "",
        "outcome": record.outcome,
        "error": record.error,
        "sound": str(sound or ""),
    } | dict(record.engines)
    for name, fact in facts.items():
        if fact:
            console.print(f"[dim]{name:>10}[/dim]  ", end="")
            console.print(fact, markup=False)
    console.print()
    console.print(waterfall(record))


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
    with _store(state) as store:
        record = _find(store, turn) if turn else None
        what = f"the turn of {_local(record.started_at)} ('{record.transcript}')" if record else "every turn"
        what += f" before {before:%Y-%m-%d %H:%M}" if before else ""
        if not yes and not click.confirm(f"Erase {what} for good?", err=True):
            click.echo("Nothing was erased.", err=True)
            raise click.exceptions.Exit(1)
        gone = store.erase(record.id if record else None, before=before and before.astimezone(), everything=everything)
    click.echo(f"Erased {gone} turn{'' if gone == 1 else 's'}.", err=True)


@turns.command(
    epilog=examples("voiceos turns export > turns.jsonl", "voiceos turns export | jq .voice_to_voice_seconds")
)
@click.pass_obj
def export(state: State) -> None:
    """Print every turn as one line of JSON, oldest first."""
    with _store(state) as store:
        for one in store.export():
            click.echo(json.dumps(one, ensure_ascii=False))


def _store(state: State) -> "TurnStore":
    from voiceos.config.paths import data_folder
    from voiceos.memory.registered import derived
    from voiceos.store.encryption import read_key
    from voiceos.store.turns import TurnStore

    config = state.config()
    return TurnStore(data_folder(config.store), read_key(config.memory.key_file), derived())


def _find(store: "TurnStore", turn: str) -> "TurnRecord":
    found = next(iter(store.recent(1)), None) if turn == "last" else store.get(turn)
    if found is None:
        raise UsageError(f"There is no turn '{turn}', or several begin so; `voiceos turns` lists them.")
    return found


def _local(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def _print_table(records: "list[TurnRecord]") -> None:
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
        wait = "" if record.voice_to_voice is None else f"{record.voice_to_voice:.2f}"
        outcome = Text(record.outcome, style="red" if record.error else "")
        said = Text(record.said or record.error)
        table.add_row(record.id[:8], _local(record.started_at), Text(record.transcript), said, outcome, wait)
    Console().print(table)
