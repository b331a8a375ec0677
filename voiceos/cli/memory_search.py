"""`voiceos memory search` and `ask`: what is remembered of something."""

from datetime import datetime
from typing import Any

import click

from voiceos.cli import State, examples
from voiceos.cli.showing import DATE, moment, plain, print_json, print_memories
from voiceos.errors import UsageError

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
    from voiceos.cli.door import memory_door

    text = _text(words)
    with memory_door(state, "voiceos memory search", nothing=[] if as_json else None) as host:
        found = host.call("memory.search", text=text, limit=limit, begin=moment(begin), end=moment(end))
    if as_json:
        print_json(found)
    elif found:
        print_memories(found)
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
    from voiceos.cli.door import memory_door

    text = _text(words)
    reply, event = "", dict[str, Any]()
    nothing = {"answer": "", "rests_on": [], "left_out": []} if as_json else None
    with memory_door(state, "voiceos memory ask", nothing=nothing) as host:
        for event in host.stream("ask", text=text, keep=False):
            if event["event"] == "turn":
                break
            reply += event["text"]
            if not as_json:
                click.echo(event["text"], nl=False)
        memories, error = event["memories"], event["turn"]["error"]
        if error:
            click.echo(f"\n{error} This is what I found:", err=True)
            reply, memories = "", memories or host.call("memory.recall", text=text)
    used = [one for one in memories if not one["left_out"]]
    left_out = [one for one in memories if one["left_out"]]
    if as_json:
        print_json({"answer": reply.strip(), "rests_on": used, "left_out": left_out})
        return
    click.echo("\n\nIt rests on:" if used else f"\n{NOTHING}" if not reply else "\n\nIt rests on nothing remembered.")
    print_memories(used)
    if left_out:
        click.echo("\nLeft out:")
        print_memories(left_out)


def _text(words: tuple[str, ...]) -> str:
    text = plain(" ".join(words)).strip()
    if not text:
        raise UsageError("Say what to look for, such as: voiceos memory search boiler")
    return text
