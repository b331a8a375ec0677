"""`voiceos memory export`, `import`, `stats`, `verify`, `reindex`, `encrypt` and `decrypt`."""

import os
from collections.abc import Iterable
from pathlib import Path

import click

from voiceos.cli import State
from voiceos.cli.door import NONE_YET, door, found, memory_door, running, visible
from voiceos.cli.reading import read_on
from voiceos.cli.showing import date, json_option, many, print_rows, result_of
from voiceos.errors import StoreError, UsageError

STDOUT = Path("-")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default=STDOUT, metavar="[FILE]")
@click.option("--pam", is_flag=True, help="Use the Portable AI Memory format, for other assistants.")
@click.option("--ics", is_flag=True, help="Export only the calendar that is changed by voice, for other calendars.")
@click.pass_obj
def export(state: State, file: Path, pam: bool, ics: bool) -> None:
    """Export the memory, unencrypted, as lines of JSON that `import` restores."""
    with memory_door(state) as host:
        pieces: Iterable[str] = host.stream("memory.export", pam=pam, ics=ics)
        if file != STDOUT:
            _write(file, pieces)
            click.echo(f"Wrote {file}; it is not encrypted.", err=True)
            return
        for piece in pieces:
            click.echo(piece, nl=False)


def _write(file: Path, pieces: Iterable[str]) -> None:
    """Whole or not at all, and for its owner alone."""
    part = file.with_name(f"{file.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.writelines(pieces)
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StoreError(f"Cannot write {file} ({error.strerror}). Choose another place.") from error


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def import_(state: State, file: Path) -> None:
    """Import an export or a Portable AI Memory file. What is already there is kept."""
    path = visible(state, file)
    with door(state, upkeep=True) as host:
        added = host.call("memory.import", path=path)
        counts = (many(count, name) for name, count in added.items())
        click.echo(f"Imported {', '.join(counts)}.")
        read_on(host, host.call("memory.stats")["not_yet_by_meaning"])


@click.command()
@json_option
@click.pass_obj
def stats(state: State, as_json: bool) -> None:
    """Show how much is remembered and how much of it is indexed."""
    from voiceos.models.disk import megabytes

    counts = found(state, "memory.stats", as_json, nothing={})
    kinds = ", ".join(f"{count} {kind}" for kind, count in counts["records"].items())
    print_rows(
        {
            "records": f"{sum(counts['records'].values())}" + (f" ({kinds})" if kinds else ""),
            "sources": counts["sources"],
            "turns": counts["turns"],
            "passages": counts["passages"],
            "indexed": f"{counts['indexed_by_words']} by words, {counts['indexed_by_meaning']} by meaning"
            + (f", {left} still to be read" if (left := counts["not_yet_by_meaning"]) else ""),
            "facts": f"{counts['facts']} current, {counts['facts_past']} past",
            "from": date(counts["first"]),
            "to": date(counts["last"]),
            "undated": many(counts["undated"], "record") if counts["undated"] else "",
            "on disk": megabytes(counts["size_bytes"]),
        }
    )


@click.command()
@click.pass_obj
def verify(state: State) -> None:
    """Check the file, text, indexes and facts for damage. Exit code 1 if there is any.

    Also tells how much is not indexed yet.
    """
    with memory_door(state) as host:
        found = host.call("memory.verify")
    for problem in found["problems"] or ["No problems found."]:
        click.echo(problem)
    counts = {by: found[f"not_yet_by_{by}"] for by in ("words", "meaning")}
    lacking = [f"{many(count, 'passage')} by {by}" for by, count in counts.items() if count]
    if lacking:
        click.echo(
            f"Not found yet: {', '.join(lacking)}. A running voiceos indexes them when it is idle;"
            " `voiceos memory reindex --continue` does it now."
        )
    if found["problems"]:
        click.echo("`voiceos memory reindex` repairs indexes and facts.", err=True)
        raise click.exceptions.Exit(1)


@click.command()
@click.option("--continue", "resume", is_flag=True, help="Resume an interrupted run.")
@click.pass_obj
def reindex(state: State, resume: bool) -> None:
    """Rebuild the indexes and facts from the stored records.

    An interrupted run loses nothing. Resume it with --continue; a running voiceos resumes it when idle.
    """
    with memory_door(state) as host:
        made = result_of(host.stream("memory.reindex", resume=resume))
    by = "words and meaning" if made["by_meaning"] else "words"
    click.echo(f"Indexed {made['passages']} passages by {by}; {made['facts']} facts.")


@click.command()
@click.option("--key-file", type=click.Path(path_type=Path, dir_okay=False), help="The key file; created if missing.")
@click.pass_obj
def encrypt(state: State, key_file: Path | None) -> None:
    """Encrypt the memory. Stop the assistant first. If you lose the key, you lose the memory."""
    from voiceos.store.driver import is_plain
    from voiceos.store.encryption import new_key, read_key, recode

    configured = state.config().memory.key_file
    file = key_file.expanduser().absolute() if key_file else configured
    path = _store(state)
    if not is_plain(path):
        raise UsageError(f"{path} is already encrypted.")
    key = read_key(file) if file is None or file.exists() else new_key(file)
    if not key:
        raise UsageError("Name the key file, even if it does not exist yet: voiceos memory encrypt --key-file FILE")
    recode(path, None, key)
    click.echo("Encrypted. Keep a copy of the key elsewhere. Without it the memory cannot be read.")
    if file and file != configured:
        click.echo(f"Now run: voiceos config set memory.key_file {file}")


@click.command()
@click.pass_obj
def decrypt(state: State) -> None:
    """Decrypt the memory. Stop the assistant first."""
    from voiceos.store.driver import is_plain
    from voiceos.store.encryption import read_key, recode

    path, key = _store(state), read_key(state.config().memory.key_file)
    if is_plain(path):
        raise UsageError(f"{path} is not encrypted.")
    if not key:
        raise UsageError("First set memory.key_file to the file with its key.")
    recode(path, key, None)
    click.echo("Decrypted. Now run: voiceos config unset memory.key_file")


def _store(state: State) -> Path:
    """The store's file, which nobody may have open."""
    from voiceos.config.paths import STORE, data_folder

    if running(state):
        raise UsageError(
            "voiceos is running. Stop it first with `sudo systemctl stop voiceos`, or Ctrl-C in its terminal."
        )
    file = data_folder(state.config().store) / STORE
    if not file.exists():
        click.echo(NONE_YET, err=True)
        raise click.exceptions.Exit(0)
    return file


COMMANDS = (export, import_, stats, verify, reindex, encrypt, decrypt)
