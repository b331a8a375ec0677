"""`voiceos memory export`, `import`, `stats`, `verify`, `reindex`, `encrypt` and `decrypt`."""

import json
import os
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from voiceos.cli import State, examples
from voiceos.cli.memory_view import database, date, iso, opened, print_json, require_store, store_file
from voiceos.errors import StoreError, UsageError

STDOUT = Path("-")


@click.command(epilog=examples("voiceos memory export memory.jsonl", "voiceos memory export --pam memory.json"))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default=STDOUT, metavar="[FILE]")
@click.option("--pam", "as_pam", is_flag=True, help="In the schema Portable AI Memory, for other assistants.")
@click.pass_obj
def export(state: State, file: Path, as_pam: bool) -> None:
    """Write out all that is remembered, in the clear: as lines of JSON that `import` restores."""
    from voiceos import __version__
    from voiceos.clock import local_time
    from voiceos.memory import pam, portable

    require_store(state)
    with database(state) as db:
        pieces: Iterable[str] = (
            pam.write(db, local_time(), f"voiceos/{__version__}")
            if as_pam
            else (json.dumps(line, ensure_ascii=False) + "\n" for line in portable.export(db))
        )
        if file == STDOUT:
            for piece in pieces:
                click.echo(piece, nl=False)
            return
        _write(file, pieces)
    click.echo(f"Wrote {file}; it is not encrypted.", err=True)


def _write(file: Path, pieces: Iterable[str]) -> None:
    """Whole or not at all, and for its owner alone."""
    part = file.with_name(f"{file.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.writelines(pieces)
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StoreError(f"{file} could not be written ({error.strerror}); name another place.") from error


@click.command("import", epilog=examples("voiceos memory import memory.jsonl"))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def import_(state: State, file: Path) -> None:
    """Take in what `export` wrote, or a Portable AI Memory file. What is there already stays as it is."""
    from voiceos.memory import pam, portable

    with opened(state) as memory, database(state) as db:
        try:
            with file.open(encoding="utf-8") as lines:
                store = _pam(lines.readline(), file)
                lines.seek(0)
                if store is not None:
                    added = pam.read(db, store, str(file.absolute()))
                    told = f"{added.new} new, {added.changed} changed, {added.unchanged} as they were"
                else:
                    came = asdict(portable.import_(db, portable.read_lines(lines)))
                    told = ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in came.items())
        except OSError as error:
            raise UsageError(f"{file} cannot be read ({error.strerror}).") from error
        except UnicodeDecodeError as error:
            raise UsageError(f"{file} is no text, so it is no export of a memory.") from error
        memory.catch_up_words()
    click.echo(f"Taken in: {told}.")


def _pam(first: str, file: Path) -> dict[str, Any] | None:
    """The whole file as a Portable AI Memory store; None when its first line is one of our own."""
    try:
        if "is" in json.loads(first):
            return None
    except (ValueError, TypeError):
        pass
    try:
        store = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return None
    return store if isinstance(store, dict) and "schema" in store else None


@click.command(epilog=examples("voiceos memory stats", "voiceos memory stats --json"))
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.pass_obj
def stats(state: State, as_json: bool) -> None:
    """Show how much is remembered, and how much of it is indexed."""
    from voiceos.memory.statistics import statistics
    from voiceos.models.disk import megabytes

    require_store(state, nothing={} if as_json else None)
    with database(state) as db:
        found = statistics(db)
    if as_json:
        print_json(asdict(found) | {"first": iso(found.first), "last": iso(found.last)})
        return
    kinds = ", ".join(f"{count} {kind}" for kind, count in found.records.items())
    rows = {
        "records": f"{sum(found.records.values())}" + (f" ({kinds})" if kinds else ""),
        "sources": found.sources,
        "turns": found.turns,
        "passages": found.passages,
        "indexed": f"{found.indexed_by_words} by words, {found.indexed_by_meaning} by meaning",
        "facts": f"{found.facts} current, {found.facts_past} past",
        "from": date(found.first),
        "to": date(found.last),
        "on disk": megabytes(found.size_bytes),
    }
    for name, value in rows.items():
        if value != "":
            click.echo(f"{name:>9}  {value}")


@click.command(epilog=examples("voiceos memory verify"))
@click.pass_obj
def verify(state: State) -> None:
    """Check that all is whole: the file, the words, the indexes, the facts. Exit code 1 when something is not."""
    require_store(state)
    with opened(state) as memory:
        problems = memory.verify()
    for problem in problems:
        click.echo(problem)
    if problems:
        click.echo("`voiceos memory reindex` mends what is derived: indexes and facts.", err=True)
        raise click.exceptions.Exit(1)
    click.echo("All is well.")


@click.command(epilog=examples("voiceos memory reindex", "voiceos memory reindex --continue"))
@click.option("--continue", "go_on", is_flag=True, help="Go on where an interrupted one stopped.")
@click.pass_obj
def reindex(state: State, go_on: bool) -> None:
    """Make the indexes (by words, and by meaning) and the facts anew from what was kept.

    Interrupted, it loses nothing: --continue goes on, and so does a running voiceos while nobody speaks.
    """
    from voiceos.memory.reindexing import reindex as make

    require_store(state)
    with opened(state) as memory, database(state) as db, _shown() as progress:
        facts = make(db, memory.indexes, anew=not go_on, progress=progress)
        passages = db.execute("SELECT count(*) FROM passage").fetchone()[0]
        by = "words and meaning" if memory.meaning else "words"
    click.echo(f"Indexed {passages} passages by {by}; {facts} facts.")


@contextmanager
def _shown() -> "Generator[Callable[[str, int, int], None]]":
    """A bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda what, done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done)

        yield show


@click.command(epilog=examples("voiceos memory encrypt --key-file ~/.config/voiceos/memory.key"))
@click.option("--key-file", type=click.Path(path_type=Path, dir_okay=False), help="Its key; made if it is not there.")
@click.pass_obj
def encrypt(state: State, key_file: Path | None) -> None:
    """Encrypt what is kept. Stop voiceos first. Whoever loses the key has lost the memory."""
    from voiceos.store.driver import is_plain
    from voiceos.store.encryption import new_key, read_key, recode

    configured = state.config().memory.key_file
    file = key_file.expanduser().absolute() if key_file else configured
    require_store(state)
    path = store_file(state)
    if not is_plain(path):
        raise UsageError(f"{path} is encrypted already.")
    key = read_key(file) if file is None or file.exists() else new_key(file)
    if not key:
        raise UsageError("Say where its key is, or is to be made: voiceos memory encrypt --key-file FILE")
    recode(path, None, key)
    click.echo("Encrypted. Keep a copy of the key elsewhere: without it nothing can be read.")
    if file and file != configured:
        click.echo(f"Now run: voiceos config set memory.key_file {file}")


@click.command(epilog=examples("voiceos memory decrypt"))
@click.pass_obj
def decrypt(state: State) -> None:
    """Keep the memory in the clear again. Stop voiceos first."""
    from voiceos.store.driver import is_plain
    from voiceos.store.encryption import read_key, recode

    require_store(state)
    path, key = store_file(state), read_key(state.config().memory.key_file)
    if is_plain(path):
        raise UsageError(f"{path} is not encrypted.")
    if not key:
        raise UsageError("Set memory.key_file to the file with its key first.")
    recode(path, key, None)
    click.echo("Decrypted. Now take memory.key_file out of the settings: voiceos config edit")
