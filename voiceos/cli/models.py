"""`voiceos models`: list, fetch, verify, try and remove the models."""

import itertools
import json
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voiceos.cli import State
from voiceos.cli.trying import try_models
from voiceos.errors import ModelError, UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from voiceos.models.model import Model
    from voiceos.models.progress import Progress, Tell
    from voiceos.models.shelf import Shelf, Status

STEP_PERCENT = 10
"""How often a line is printed without a terminal."""
BOARD_PROCESSORS = 4
SOLD_GIGABYTE = 1_000_000_000
"""Of these a board shows at least as many as it is sold with: the system sees most of 1,073,741,824."""
WIDE_COLUMNS = 150
"""From this width on the table names each source; below it only says of which kind it is."""


def complete_model(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Completes a model's name, with what it is."""
    from click.shell_completion import CompletionItem

    from voiceos.models.catalogue import catalogue

    return [CompletionItem(one.name, help=one.about) for one in catalogue() if one.name.startswith(incomplete)]


@click.group()
def models() -> None:
    """List, fetch, verify, try and remove models.

    A model file is used only if its SHA-256 matches the catalogue. Only `pull` downloads models.
    """


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
@click.pass_obj
def list_models(state: State, as_json: bool) -> None:
    """List every model voiceos knows, and whether it is installed."""
    shelf = _shelf(state)
    statuses = [shelf.status(model.name) for model in shelf.models]
    if as_json:
        click.echo(json.dumps([_as_json(status) for status in statuses], indent=2))
    else:
        _print_table(statuses)


@models.command()
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=complete_model)
@click.option("--default", "default", is_flag=True, help="Fetch what the settings need.")
@click.option("--memory", type=float, metavar="GB", help="With --default: for a board with this much memory.")
@click.option(
    "--from",
    "local",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Use only files from this folder (or its subfolder NAME).",
)
@click.pass_obj
def pull(state: State, names: tuple[str, ...], default: bool, memory: float | None, local: Path | None) -> None:
    """Download models. Interrupted downloads resume, and damaged models are repaired."""
    from voiceos.models.catalogue import choices, helpful

    shelf = _shelf(state)
    machine = None if memory is None else (round(memory * SOLD_GIGABYTE), BOARD_PROCESSORS)
    wanted = [*((name,) for name in names), *(choices(state.config(), shelf.has, machine) if default else [])]
    optional = [(name,) for name in (helpful(state.config()) if default else []) if (name,) not in wanted]
    if not wanted:
        raise UsageError("Name the models to fetch, or use --default for those the settings need.")
    failures: list[ModelError] = []
    ready: list[str] = []
    with _shown() as tell:
        for alternatives in dict.fromkeys([*wanted, *optional]):
            try:
                status = _first(shelf, alternatives, tell, local)
            except ModelError as failure:
                if alternatives in optional:
                    click.echo(f"voiceos works without this model, but less well. {failure}", err=True)
                else:
                    failures.append(failure)
                continue
            ready.append(status.model.name)
            if not status.model.free:
                click.echo(f"{status.model.name} is {status.model.licence}: {status.model.licence_note}", err=True)
    _raise(failures)
    click.echo(f"Ready: {', '.join(ready)}")


def _first(shelf: "Shelf", names: Sequence[str], tell: "Tell", local: Path | None) -> "Status":
    """The first of these models that can be had. Raises the last one's ModelError where none can."""
    for name, following in itertools.pairwise(names):
        try:
            return shelf.pull(name, tell, local=local)
        except ModelError as failure:
            click.echo(f"{failure}. Until then {following} takes its place.", err=True)
    return shelf.pull(names[-1], tell, local=local)


@models.command()
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=complete_model)
@click.pass_obj
def verify(state: State, names: tuple[str, ...]) -> None:
    """Check models for damaged or missing files. Default: all installed models."""
    from voiceos.models.shelf import trouble

    shelf = _shelf(state)
    failures: list[ModelError] = []
    for name in names or [model.name for model in shelf.models]:
        status = shelf.verify(name)
        if not (names or status.good or status.damaged):
            continue
        if not status.ready:
            failures.append(trouble(status))
        click.echo(f"{name}: {'good' if status.ready else status.state}")
    _raise(failures)


@models.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=complete_model)
@click.pass_obj
def remove(state: State, names: tuple[str, ...]) -> None:
    """Delete the files of models."""
    from voiceos.models.disk import megabytes

    shelf = _shelf(state)
    for name in dict.fromkeys(names):
        click.echo(f"Removed {name}: {megabytes(shelf.remove(name))}")


models.add_command(try_models)


def _shelf(state: State) -> "Shelf":
    from voiceos.config.paths import models_folder
    from voiceos.models.shelf import Shelf

    return Shelf(models_folder(state.config().store))


def _raise(failures: Sequence[ModelError]) -> None:
    if len(failures) == 1:
        raise failures[0]
    if failures:
        raise ExceptionGroup("models", failures)


def _as_json(status: "Status") -> dict[str, object]:
    model = status.model
    return {
        "name": model.name,
        "purpose": model.purpose,
        "languages": list(model.languages),
        "about": model.about,
        "size_bytes": model.size or None,
        "licence": model.licence,
        "licence_note": model.licence_note,
        "free_for_every_use": model.free,
        "hash_verified_by_us": model.verified,
        "state": status.state,
        "folder": str(status.folder) if status.ready else None,
        "missing": list(status.missing),
        "damaged": list(status.damaged),
        "sources": list(model.sources),
    }


def _print_table(statuses: "Sequence[Status]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from voiceos.models.disk import megabytes

    console = Console(width=None if sys.stdout.isatty() else WIDE_COLUMNS)
    colours = {"installed": "green", "packaged": "green", "damaged": "red", "missing": "dim"}
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("name", "for", "languages", "size", "licence", "state", "source"):
        table.add_column(
            column,
            overflow="fold",
            justify="right" if column == "size" else "left",
            no_wrap=column not in ("languages", "source"),
        )
    for status in statuses:
        model = status.model
        sources = model.sources
        if console.width < WIDE_COLUMNS:
            sources = tuple(dict.fromkeys(source.split()[0] for source in sources))
        table.add_row(
            Text(model.name),
            model.purpose,
            " ".join(model.languages),
            megabytes(model.size) if model.size else "?",
            Text(model.licence, style="" if model.free else "yellow"),
            Text(status.state, style=colours[status.state]),
            Text("\n".join(sources) + _doubt(model)),
        )
    console.print(table)


def _doubt(model: "Model") -> str:
    if model.verified:
        return ""
    return "\n(the hub's hash is not verified by us)" if model.otherwise else "\n(hash not verified by us)"


@contextmanager
def _shown() -> "Generator[Callable[[Progress], None]]":
    """Bars on a terminal; elsewhere a line now and then."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}"),
        BarColumn(20),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=Console(stderr=True)) as bars:
        yield _Bars(bars)


def _title(progress: "Progress") -> str:
    """The file, with its model unless its name says that."""
    if progress.file.startswith(progress.model):
        return progress.file
    return f"{progress.model} {progress.file}".strip()


class _Bars:
    """A bar for each file."""

    def __init__(self, bars: "Bars") -> None:
        self._bars = bars
        self._tasks: dict[tuple[str, str], TaskID] = {}

    def __call__(self, progress: "Progress") -> None:
        key = (progress.model, progress.file)
        title = _title(progress)
        if key not in self._tasks:
            self._tasks[key] = self._bars.add_task(title, total=progress.total or None)
        doing = {"checking": " (checking)", "waiting": " (another process is fetching it)"}.get(progress.doing, "")
        self._bars.update(self._tasks[key], completed=progress.done, description=title + doing)


class _Lines:
    """A line when a file begins, at each tenth of it, and when it is there."""

    def __init__(self) -> None:
        self._last = ("", -1)

    def __call__(self, progress: "Progress") -> None:
        from voiceos.models.disk import megabytes

        name = _title(progress)
        if progress.doing == "waiting":
            click.echo(f"{name}: another process is fetching it; waiting", err=True)
        elif progress.doing == "done":
            click.echo(f"{name}: done, from {progress.source}", err=True)
        elif progress.doing == "fetching":
            step = progress.done * 100 // progress.total // STEP_PERCENT if progress.total else 0
            if (name, step) != self._last:
                self._last = (name, step)
                of = f" of {megabytes(progress.total)}" if progress.total else ""
                click.echo(f"{name}: {megabytes(progress.done)}{of} from {progress.source}", err=True)
