"""`voiceos memory facts`, `show` and `timeline`: what is known, where it is from, and when it was."""

from typing import Any

import click

from voiceos.cli import State, examples
from voiceos.cli.showing import date, plain, print_json


@click.command(epilog=examples("voiceos memory facts", "voiceos memory facts Lyon --history"))
@click.argument("topic", nargs=-1, metavar="[TOPIC]")
@click.option("--history", is_flag=True, help="Also what no longer holds, or turned out wrong.")
@click.option("-n", "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.pass_obj
def facts(state: State, topic: tuple[str, ...], history: bool, limit: int, as_json: bool) -> None:
    """List what is known, each with the words that it came from."""
    from voiceos.cli.door import memory_door

    words = [plain(word) for word in topic]
    with memory_door(state, "voiceos memory facts", nothing=[] if as_json else None) as host:
        known = host.call("memory.facts", topic=words, history=history, limit=limit)
    if as_json:
        print_json(known)
    for fact in () if as_json else known:
        _print_fact(fact)
    if not known and not as_json:
        click.echo(f"I know nothing about {' '.join(topic)}." if topic else "I know no facts yet.")


@click.command(
    epilog=examples("voiceos memory show passage:12", "voiceos memory show 3f9a    why a turn was answered so")
)
@click.argument("id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.pass_obj
def show(state: State, id: str, as_json: bool) -> None:
    """Show passage:12, record:7 or fact:3 in full, with its source; or a turn, with what came to mind in it."""
    from voiceos.cli.door import memory_door

    with memory_door(state, "voiceos memory show") as host:
        table: dict[str, Any] = host.call("memory.show", id=plain(id))
    if as_json:
        print_json(table)
        return
    for name, value in table.items():
        if isinstance(value, list):
            click.echo(f"{name}:")
            for one in value:  # pyright: ignore[reportUnknownVariableType]
                click.echo("  " + "  ".join(f"{part}" for part in one.values() if part not in ("", None)))  # pyright: ignore
        elif value not in ("", None):
            click.echo(f"{name}: {value}")


@click.command(
    epilog=examples(
        "voiceos memory timeline", "voiceos memory timeline last monday", "voiceos memory timeline May 2024"
    )
)
@click.argument("when", nargs=-1, metavar="[WHEN]")
@click.option("-n", "--limit", type=click.IntRange(1, 10_000), default=200, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.pass_obj
def timeline(state: State, when: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Tell a day or a longer time in order, by default today: what was said, written, and in the calendar."""
    from voiceos.cli.door import memory_door

    with memory_door(state, "voiceos memory timeline", nothing=[] if as_json else None) as host:
        told = host.call("memory.timeline", when=plain(" ".join(when)) or "today", limit=limit)
    if as_json:
        print_json(told["records"])
        return
    for record in told["records"]:
        title = f"{record['title']}: " if record["title"] and record["title"] not in record["text"] else ""
        words = " ".join(record["text"].split())
        head = f"{date(record['at'])}  {record['kind']}  {record['id']}  {record['author']}"
        click.echo(click.style(head, dim=True))
        click.echo(f"  {title}{words[:300]}{' …' if len(words) > 300 else ''}")
    if told["more"]:
        click.echo(f"There is more; --limit {limit * 2} shows it.", err=True)
    if not told["records"]:
        click.echo(f"Nothing from {told['begin'][:10]} to {told['end'][:10]}.")


def _print_fact(fact: dict[str, Any]) -> None:
    spans = ((fact["valid_from"], "from"), (fact["valid_to"], "to"))
    notes = [fact["state"]] if fact["state"] != "current" else []
    notes += [f"{word} {stamp[:10]}" for stamp, word in spans if stamp]
    note = f"  ({', '.join(notes)})" if notes else ""
    click.echo(f"{fact['id']}  {fact['subject']} {fact['predicate']} {fact['object']}{note}")
    click.echo(click.style(f"  {fact['sentence']}", dim=True))
