"""How commands show what the assistant tells them."""

import json
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click

DATE = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])


def plain(text: str) -> str:
    """What was typed; bytes that are no text become question marks."""
    return text.encode("utf-8", "replace").decode()


def print_json(value: object) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def moment(given: datetime | None) -> str | None:
    """A local time from the command line, as the API wants it."""
    return given.astimezone().isoformat() if given else None


def date(stamp: str | None) -> str:
    """A time that the API told, as local time."""
    return f"{datetime.fromisoformat(stamp).astimezone():%Y-%m-%d %H:%M}" if stamp else ""


def many(count: int, one: str, several: str = "") -> str:
    return f"{count} {one if count == 1 else several or f'{one}s'}"


def print_memories(memories: Iterable[dict[str, Any]]) -> None:
    """One a paragraph: what leads to it, then its words."""
    for memory in memories:
        where = memory["source"] or (f"said by {memory['author']}" if memory["author"] else "")
        head = "  ".join(part for part in (memory["id"], f"{memory['score']:.2f}", date(memory["at"]), where) if part)
        click.echo(click.style(head, dim=True))
        if memory["left_out"]:
            click.echo(click.style(f"  left out: {memory['left_out']}", fg="yellow"))
        click.echo(f"  {' '.join(memory['text'].split())}")


def _unseen(event: dict[str, Any]) -> None:
    """Nobody watches."""


@contextmanager
def progress(quiet: bool = False, *, bytes: bool = False) -> "Generator[Callable[[dict[str, Any]], None]]":
    """Shows events of the kind `progress` as a bar on a terminal; nothing elsewhere. `bytes`: they count bytes."""
    import sys

    if quiet or not sys.stderr.isatty():
        yield _unseen
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    count = DownloadColumn() if bytes else TaskProgressColumn()
    columns = (TextColumn("{task.description}", markup=False), BarColumn(20), count, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task("", total=None)

        def show(event: dict[str, Any]) -> None:
            bars.update(task, description=event["what"][:50], completed=event["done"], total=event["total"])

        yield show
