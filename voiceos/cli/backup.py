"""`voiceos backup` and `voiceos restore`: the whole assistant in one encrypted file, and back."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voiceos.cli import State
from voiceos.cli.door import NONE_YET
from voiceos.cli.showing import confirm, json_option, many, print_json, yes_option
from voiceos.config.paths import STORE, data_folder
from voiceos.errors import UsageError

if TYPE_CHECKING:
    from voiceos.config.settings import Config
    from voiceos.store.backup_file import Backup

CREDENTIAL = "voiceos-backup-passphrase"
SHORTEST = 8
SYSTEM_DATA = Path("/var/lib/voiceos")
passphrase_option = click.option(
    "--passphrase-file", type=click.Path(path_type=Path, dir_okay=False), help="A file with the passphrase."
)


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@passphrase_option
@json_option
@click.pass_obj
def backup(state: State, folder: Path | None, passphrase_file: Path | None, as_json: bool) -> None:
    """Write everything that the assistant is into one encrypted file in FOLDER, and read it again.

    Memory, alarms, lists, settings, permissions and routines; not models, keys and passwords. It may be running. Older
    backups in FOLDER forget what was forgotten since. Default: `backup.folder`.
    """
    from voiceos.store.backups import back_up
    from voiceos.store.encryption import read_key
    from voiceos.store.restoring import files_of

    config, store = state.config(), _store(state)
    if not (folder := folder or config.backup.folder):
        raise UsageError("Name a folder: voiceos backup /media/stick, or voiceos config set backup.folder /media/stick")
    if not store.exists():
        click.echo(NONE_YET, err=True)
        raise click.exceptions.Exit(0)
    words = _passphrase(config, passphrase_file, new=True)
    files = files_of(store.parent, state.place.settings)
    made = back_up(store, read_key(config.memory.key_file), files, folder.expanduser(), words, config.backup.keep)
    if as_json:
        print_json({"file": str(made.file), "records": made.backup.records, "turns": made.backup.turns})
        return
    click.echo(f"Wrote {made.file} and read it again: {_contents(made.backup)}.")
    for count, what in (
        (made.forgot, "forgot what was forgotten since"),
        (made.removed, "removed"),
        (
            made.unopened,
            "could not be read or written anew (another passphrase, another version, or no room):"
            " what was forgotten since is still in there",
        ),
    ):
        if count:
            click.echo(f"{many(count, 'older backup')} {what}.")


@click.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="FILE-OR-FOLDER")
@passphrase_option
@yes_option
@click.option("--check", is_flag=True, help="Only read the whole backup, and say what is in it.")
@click.pass_obj
def restore(state: State, source: Path, passphrase_file: Path | None, yes: bool, check: bool) -> None:
    """Become the assistant of a backup. Stop the assistant first. Of a folder, the newest backup is taken.

    What is here is replaced. What was forgotten here is not brought back.
    """
    from voiceos.store.backup_file import inspect
    from voiceos.store.backups import newest
    from voiceos.store.encryption import read_key
    from voiceos.store.ownership import own
    from voiceos.store.restoring import restore as take

    config, store = state.config(), _store(state)
    file = newest(source.expanduser())
    words = _passphrase(config, passphrase_file, new=False)
    if check:
        click.echo(f"{file} is whole: {_contents(inspect(file, words))}.")
        return
    with own(store.parent, "voiceos restore"):
        if store.exists():
            held = inspect(file, words)
            confirm(f"Replace what this assistant knows by {_contents(held)}?", yes, "Nothing was changed.")
        done = take(file, words, store, read_key(config.memory.key_file), state.place.settings)
    click.echo(f"Restored {_contents(done.backup)}.")
    if done.aside:
        click.echo(f"The settings that were here are now {done.aside}.")
    lacking = _missing_keys(state)
    if lacking:
        click.echo(f"Files with keys are in no backup. Put them back for: {', '.join(lacking)}.")


def _missing_keys(state: State) -> list[str]:
    """The settings that name a file which is not here, and is in no backup."""
    from voiceos.config.load import read_config

    config = read_config(state.place.settings, state.overrides).config
    sections = {name: getattr(config, name) for name in type(config).model_fields}
    named = {f"{name}.{key}": value for name, one in sections.items() for key, value in one if key.endswith("_file")}
    return [key for key, file in named.items() if file and not Path(file).expanduser().exists()]


def _store(state: State) -> Path:
    """The store's file; that of the installed assistant, if it is about that."""
    folder = data_folder(state.config().store)
    if state.place.is_system and not state.config().store.folder:
        folder = SYSTEM_DATA
    return folder / STORE


def _contents(one: "Backup") -> str:
    return f"{many(one.records, 'record')} and {many(one.turns, 'turn')} of {one.at:%Y-%m-%d %H:%M}, from {one.board}"


def _passphrase(config: "Config", file: Path | None, *, new: bool) -> str:
    """From a file, systemd's credential or the keyboard. Raises ConfigError, UsageError."""
    from voiceos.config.secret import read_secret

    if secret := read_secret(file or config.backup.passphrase_file, "backup.passphrase_file", CREDENTIAL):
        words = secret[1].decode(errors="replace").strip()
    elif sys.stdin.isatty():
        words = str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=new, err=True))
    else:
        raise UsageError("Name the file with the passphrase: --passphrase-file FILE, or set backup.passphrase_file.")
    if new and len(words) < SHORTEST:
        raise UsageError(f"A passphrase needs {SHORTEST} characters or more: whoever finds the backup can try many.")
    return words
