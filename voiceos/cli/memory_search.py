"""`voiceos memory search` and `ask`: what is remembered of something."""

from contextlib import aclosing
from datetime import datetime
from typing import TYPE_CHECKING

import anyio
import click

from voiceos.cli import State, examples
from voiceos.cli.memory_view import (
    DATE,
    opened,
    plain,
    print_json,
    print_recalled,
    recalled_as_json,
    require_store,
    take_up,
)
from voiceos.errors import UsageError

if TYPE_CHECKING:
    from voiceos.config.settings import Config
    from voiceos.core import Turn

NOTHING = "I found nothing."


@click.command(
    epilog=examples(
        "voiceos memory search boiler pressure",
        "voiceos memory search who fixed the roof --from 2023-01-01 --to 2024-01-01",
    )
)
@click.argument("words", nargs=-1, metavar="WORDS...")
@click.option("-n", "--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="How many.")
@click.option("--from", "begin", type=DATE, help="Only what is from this local time or later.")
@click.option("--to", "end", type=DATE, help="Only what is from before this local time.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.pass_obj
def search(
    state: State, words: tuple[str, ...], limit: int, begin: datetime | None, end: datetime | None, as_json: bool
) -> None:
    """Find passages: each with its id, its score (0 to 1), its date, its source and its words."""
    from voiceos.clock import local_time

    text = _text(words)
    require_store(state, nothing=[] if as_json else None)
    with opened(state) as memory:
        take_up(state, memory)
        found = memory.search(
            text, local_time(), limit=limit, begin=begin and begin.astimezone(), end=end and end.astimezone()
        )
    if as_json:
        print_json([recalled_as_json(one) for one in found])
    elif found:
        print_recalled(found)
    else:
        click.echo(NOTHING)


@click.command(
    epilog=examples("voiceos memory ask when did I last have the boiler serviced", "voiceos memory ask … --json")
)
@click.argument("words", nargs=-1, metavar="QUESTION...")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.pass_obj
def ask(state: State, words: tuple[str, ...], as_json: bool) -> None:
    """Answer a question, and show what the answer rests on, what was left out, and why.

    Without a language model: only what was found. The question is not kept.
    """
    text = _text(words)
    require_store(state, nothing={"answer": "", "rests_on": [], "left_out": []} if as_json else None)
    turn = anyio.run(_answer, state.config(), text, as_json)
    if turn.error:
        click.echo(f"{turn.error} This is what I found:", err=True)
        _recall(state, turn, text)
    used = [one for one in turn.recalled if not one.left_out]
    left_out = [one for one in turn.recalled if one.left_out]
    if as_json:
        rests, rest = [recalled_as_json(one) for one in used], [recalled_as_json(one) for one in left_out]
        print_json({"answer": turn.reply.strip(), "rests_on": rests, "left_out": rest})
        return
    click.echo("\nIt rests on:" if used else f"\n{NOTHING}" if not turn.reply else "\nIt rests on nothing remembered.")
    print_recalled(used)
    if left_out:
        click.echo("\nLeft out:")
        print_recalled(left_out)


async def _answer(config: "Config", text: str, quiet: bool) -> "Turn":
    from voiceos.app import open_host
    from voiceos.core import Part

    async with open_host(config, upkeep=False) as host, aclosing(host.ask(text, keep=False)) as parts:
        async for part in parts:
            if not isinstance(part, Part):
                click.echo("", nl=not quiet)
                return part
            click.echo("" if quiet else part.text, nl=False)
    raise AssertionError("a host that was asked gives a turn")


def _recall(state: State, turn: "Turn", text: str) -> None:
    from voiceos.clock import local_time

    if turn.recalled:
        return
    with opened(state) as memory:
        take_up(state, memory)
        turn.recalled = memory.recall(text, local_time()).memories


def _text(words: tuple[str, ...]) -> str:
    text = plain(" ".join(words)).strip()
    if not text:
        raise UsageError("Say what to look for, such as: voiceos memory search boiler")
    return text
