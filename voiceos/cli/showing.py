"""How commands print the assistant's answers."""

import json
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

import click

T = TypeVar("T")
DATE = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


def limit_option(default: int, most: int = 10_000) -> Callable[[Any], Any]:
    limits = click.IntRange(1, most)
    return click.option("-n", "--limit", type=limits, default=default, show_default=True, help="How many.")


def plain(text: str) -> str:
    """What was typed; bytes that are not text become question marks."""
    return text.encode("utf-8", "replace").decode()


def moment(given: datetime | None) -> str | None:
    """A local time from the command line, as the API wants it."""
    return given.astimezone().isoformat() if given else None


def date(stamp: str | None) -> str:
    """A time from the API, as local time."""
    return f"{datetime.fromisoformat(stamp).astimezone():%Y-%m-%d %H:%M}" if stamp else ""


def many(count: int, one: str, several: str = "") -> str:
    return f"{count} {one if count == 1 else several or f'{one}s'}"


def person(name: str) -> str:
    """Who somebody is to the owner, who reads this."""
    return {"owner": "you", "assistant": "the assistant"}.get(name, name)


def words_heard(turn: Mapping[str, Any]) -> str:
    """What was said in a turn, or why it is not there."""
    lost = turn["error"] or turn["outcome"] == "nothing heard"
    return turn["transcript"] or ("" if lost else "(not kept: it named what to forget)")


def confirm(question: str, yes: bool, otherwise: str = "Nothing was erased.") -> None:
    """Ends the command unless somebody says yes."""
    if not yes and not click.confirm(question, err=True):
        click.echo(otherwise, err=True)
        raise click.exceptions.Exit(1)


def print_json(value: object) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_rows(rows: Mapping[str, object]) -> None:
    """Names and values, without those that are empty."""
    for name, value in rows.items():
        if value not in ("", None):
            click.echo(f"{click.style(f'{name:>9}', dim=True)}  {value}")


def print_memories(memories: Iterable[dict[str, Any]]) -> None:
    """One per paragraph: where it is from, then its text."""
    for memory in memories:
        where = memory["source"] or (f"said by {memory['author']}" if memory["author"] else "")
        head = "  ".join(part for part in (memory["id"], f"{memory['score']:.2f}", date(memory["at"]), where) if part)
        click.echo(click.style(head, dim=True))
        if memory["left_out"]:
            click.echo(click.style(f"  left out: {memory['left_out']}", fg="yellow"))
        click.echo(f"  {' '.join(memory['text'].split())}")


def result_of(steps: Iterable[dict[str, Any]], *, quiet: bool = False, bytes: bool = False) -> Any:
    """What a job comes to; on a terminal its progress is a bar. `bytes`: it counts bytes."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    count = DownloadColumn() if bytes else TaskProgressColumn()
    columns = (TextColumn("{task.description}", markup=False), BarColumn(20), count, TimeRemainingColumn())
    result: Any = None
    with Progress(*columns, console=Console(stderr=True), disable=quiet or not sys.stderr.isatty()) as bars:
        task = bars.add_task("", total=None)
        for step in steps:
            result = step["result"]
            if at := step["progress"]:
                bars.update(task, description=at["what"][:50], completed=at["done"], total=at["total"])
    return result


@contextmanager
def waiting(what: str) -> Generator[None]:
    """Says on a terminal what takes so long."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


def awaited(events: Iterable[T], what: str) -> Iterator[T]:
    """The events; until the first comes, a terminal says what is waited for."""
    coming = iter(events)
    with waiting(what):
        first = [*islice(coming, 1)]
    yield from first
    yield from coming


def tell_undated(count: int) -> None:
    """Says which turns a date does not choose."""
    if count:
        stay, their = ("stays", "its") if count == 1 else ("stay", "their")
        known = f"the clock was not set then, so {their} time is unknown. `voiceos memory forget ID` erases one."
        click.echo(f"{many(count, 'turn')} {stay}: {known}", err=True)
