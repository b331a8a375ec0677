"""`voiceos memory search`, `ask`, `facts`, `show` and `timeline`: memories and their sources."""

from datetime import datetime
from typing import Any

import click

from voiceos.cli import State
from voiceos.cli.door import answered, found, memory_door
from voiceos.cli.showing import (
    DATE,
    awaited,
    date,
    json_option,
    limit_option,
    moment,
    plain,
    print_json,
    print_memories,
)
from voiceos.errors import UsageError

NOTHING = "Nothing found."


@click.command()
@click.argument("words", nargs=-1, metavar="WORDS...")
@limit_option(10, 100)
@click.option("--from", "begin", type=DATE, help="Only from this local time on.")
@click.option("--to", "end", type=DATE, help="Only before this local time.")
@json_option
@click.pass_obj
def search(
    state: State, words: tuple[str, ...], limit: int, begin: datetime | None, end: datetime | None, as_json: bool
) -> None:
    """Find passages, with their ID, score (0 to 1), date, source and text."""
    asked = {"text": _text(words), "limit": limit, "begin": moment(begin), "end": moment(end)}
    memories = found(state, "memory.search", as_json, **asked)
    print_memories(memories)
    if not memories:
        click.echo(NOTHING)


@click.command()
@click.argument("words", nargs=-1, metavar="QUESTION...")
@json_option
@click.pass_obj
def ask(state: State, words: tuple[str, ...], as_json: bool) -> None:
    """Answer a question, and show what the answer is based on, what was left out, and why.

    Without a language model, show only what was found. The question is not saved.
    """
    text, pieces = _text(words), list[str]()

    def write(piece: str) -> None:
        pieces.append(piece)
        if not as_json:
            click.echo(piece, nl=False)

    with memory_door(state, nothing={"answer": "", "rests_on": [], "left_out": []} if as_json else None) as host:
        last = answered(awaited(host.stream("ask", text=text, keep=False), "Thinking …"), write)
        memories = last["memories"]
        if error := last["turn"]["error"]:
            click.echo(f"\n{error} This is what I found:", err=True)
            pieces.clear()
            memories = memories or host.call("memory.recall", text=text)
    used = [one for one in memories if not one["left_out"]]
    left_out = [one for one in memories if one["left_out"]]
    if as_json:
        print_json({"answer": "".join(pieces).strip(), "rests_on": used, "left_out": left_out})
        return
    click.echo("\n\nBased on:" if used else "\n\nNot based on any memory." if pieces else f"\n{NOTHING}")
    print_memories(used)
    if left_out:
        click.echo("\nLeft out:")
        print_memories(left_out)


def _text(words: tuple[str, ...]) -> str:
    text = plain(" ".join(words)).strip()
    if not text:
        raise UsageError("Say what to look for, for example: voiceos memory search boiler")
    return text


@click.command()
@click.argument("topic", nargs=-1, metavar="[TOPIC]")
@click.option("--history", is_flag=True, help="Include outdated and corrected facts.")
@limit_option(50)
@json_option
@click.pass_obj
def facts(state: State, topic: tuple[str, ...], history: bool, limit: int, as_json: bool) -> None:
    """List known facts, each with the words it came from."""
    words = [plain(word) for word in topic]
    known = found(state, "memory.facts", as_json, topic=words, history=history, limit=limit)
    for fact in known:
        notes = [fact["state"]] if fact["state"] != "current" else []
        notes += [f"{word} {fact[f'valid_{word}'][:10]}" for word in ("from", "to") if fact[f"valid_{word}"]]
        note = f"  ({', '.join(notes)})" if notes else ""
        click.echo(f"{fact['id']}  {fact['subject']} {fact['predicate']} {fact['object']}{note}")
        click.echo(click.style(f"  {fact['sentence']}", dim=True))
    if not known:
        click.echo(f"I know nothing about {' '.join(topic)}." if topic else "I don't know any facts yet.")


@click.command()
@click.argument("id", metavar="ID")
@json_option
@click.pass_obj
def show(state: State, id: str, as_json: bool) -> None:
    """Show passage:12, record:7 or fact:3 in full with its source, or a turn with its memories."""
    item: dict[str, Any] = found(state, "memory.show", as_json, id=plain(id))
    for name, value in item.items():
        if isinstance(value, list):
            click.echo(f"{name}:")
            for one in value:  # pyright: ignore[reportUnknownVariableType]
                click.echo("  " + "  ".join(f"{part}" for part in one.values() if part not in ("", None)))  # pyright: ignore
        elif value not in ("", None):
            click.echo(f"{name}: {value}")


@click.command()
@click.argument("when", nargs=-1, metavar="[WHEN]")
@limit_option(200)
@json_option
@click.pass_obj
def timeline(state: State, when: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Show a day or a longer period in order: what was said, written and in the calendar. Default: today."""
    told = found(state, "memory.timeline", as_json, when=plain(" ".join(when)) or "today", limit=limit)
    for record in told["records"]:
        title = f"{record['title']}: " if record["title"] and record["title"] not in record["text"] else ""
        words = " ".join(record["text"].split())
        head = f"{date(record['at'])}  {record['kind']}  {record['id']}  {record['author']}"
        click.echo(click.style(head, dim=True))
        click.echo(f"  {title}{words[:300]}{' …' if len(words) > 300 else ''}")
    if told["more"]:
        click.echo(f"There is more. Use --limit {limit * 2} to see it.", err=True)
    if not told["records"]:
        click.echo(f"Nothing from {told['begin'][:10]} to {told['end'][:10]}.")


COMMANDS = (search, ask, facts, show, timeline)
