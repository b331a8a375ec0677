"""`voiceos config`: show, change and check the settings."""

import sys
import tempfile
from collections.abc import Collection, Iterable
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from voiceos.cli import State, complete_setting
from voiceos.cli.showing import json_option, print_json
from voiceos.config.edit import HEADER, set_value, unset_value, write_file
from voiceos.config.fields import as_toml, plain, sections, settings, unknown, unknown_section, value_of
from voiceos.config.load import read_config, read_text, read_toml
from voiceos.errors import ConfigError, UsageError
from voiceos.validity import MAY_COME_LATER, faults, mistakes


@click.group()
def config() -> None:
    """Show and change the settings.

    Settings come from defaults, the settings file, environment variables such as VOICEOS_AUDIO_VOLUME, and --set on
    the command line. Later sources override earlier ones.
    """


@config.command("list")
@click.argument("section", required=False)
@json_option
@click.pass_obj
def list_settings(state: State, section: str | None, as_json: bool) -> None:
    """List every setting with its value, unit, default, source and purpose."""
    if section and section not in sections():
        raise UsageError(unknown_section(section))
    rows = [_row(state, key) for key, one in settings().items() if section in (None, one.section)]
    if as_json:
        print_json(rows)
    else:
        _print_table(rows)
    for mistake in state.read.mistakes:
        click.secho(str(mistake), err=True, fg="red")


@config.command()
@click.argument("key", shell_complete=complete_setting)
@click.option("--json", "as_json", is_flag=True, help="Print JSON with unit, default and source.")
@click.pass_obj
def get(state: State, key: str, as_json: bool) -> None:
    """Print one setting, or all settings of a section."""
    keys = [one for one in settings() if one == key or one.startswith(f"{key}.")]
    if not keys:
        raise ConfigError(unknown(key))
    if wrong := [mistake for mistake in state.read.mistakes if mistake.key in (key, *keys)]:
        raise ConfigError("\n".join(map(str, wrong)))
    if as_json:
        rows = [_row(state, one) for one in keys]
        print_json(rows if key in sections() else rows[0])
        return
    for one in keys:
        value = value_of(state.read.config, one)
        if key in sections():
            click.echo(f"{settings()[one].name} = {settings()[one].shown(value)}")
        elif isinstance(value, str) or value is None:
            click.echo(value or "")
        else:
            click.echo(settings()[one].shown(value))


@config.command(
    "set",
    context_settings={"ignore_unknown_options": True},  # -5 is a value
)
@click.argument("words", metavar="KEY VALUE", nargs=-1, required=True, shell_complete=complete_setting)
@click.pass_obj
def set_(state: State, words: tuple[str, ...]) -> None:
    """Change one setting in the settings file.

    Write lists with commas (alexa,hey_jarvis) and tables as name=number (alexa=0.4). Comments and order are kept.
    A VALUE of - reads it from standard input, which keeps secrets out of your shell history.
    """
    key, equals, value = words[0].partition("=")
    rest = words[2:] if words[1:2] == ("=",) and not equals else words[1:]
    if not equals and not rest:
        raise UsageError(f"Give a value: voiceos config set {key} VALUE")
    value = " ".join([value, *rest] if equals else rest)
    text = sys.stdin.readline().rstrip("\r\n") if value == "-" else value
    key, file = key.strip(), state.place.settings
    before = {*faults(read_config(file, state.overrides).config)}
    after = [*faults(read_config(file, {**state.overrides, key: text}).config)]
    if wrong := [fault for about, fault in after if about == key and key not in MAY_COME_LATER]:
        raise ConfigError("\n".join(wrong))
    set_value(file, key, text)
    click.echo(f"{key} = {settings()[key].shown(settings()[key].parse(text))}  ({file})", err=True)
    _warn(before, after)


@config.command()
@click.argument("key", shell_complete=complete_setting)
@click.pass_obj
def unset(state: State, key: str) -> None:
    """Remove one setting from the settings file, restoring its default."""
    file = state.place.settings
    before = {*faults(read_config(file, state.overrides).config)}
    was_there = unset_value(file, key)
    default = f"; its default is {settings()[key].shown(settings()[key].default)}" if key in settings() else ""
    click.echo(f"{key} {'is unset' if was_there else 'was not set'}{default}", err=True)
    _warn(before, faults(read_config(file, state.overrides).config))


def _warn(before: Collection[tuple[str, str]], after: Iterable[tuple[str, str]]) -> None:
    """Says what a change makes wrong elsewhere: a second change may complete it."""
    for fault in after:
        if fault not in before:
            click.secho(fault[1], err=True, fg="yellow")


@config.command()
@click.pass_obj
def edit(state: State) -> None:
    """Edit the settings file in $EDITOR. It is checked before it is saved."""
    path = state.place.settings
    before = read_text(path)
    with tempfile.TemporaryDirectory(prefix="voiceos-") as folder:  # of mode 0700: the copy may hold a secret
        copy = Path(folder) / "config.toml"
        copy.write_bytes((before or HEADER).encode())
        while True:
            click.edit(filename=str(copy))
            text = copy.read_bytes().decode("utf-8", "replace")
            wrong = _wrong(text, path)
            if not wrong:
                break
            click.secho(wrong, err=True, fg="red")
            if not click.confirm("Reopen the editor? (No: discard your changes)", default=True, err=True):
                raise ConfigError(f"{path} was not changed.")
    if text in (before, HEADER):
        click.echo("Nothing changed.", err=True)
    else:
        write_file(path, text)
        click.echo(f"Saved {path}.", err=True)


def _wrong(text: str, path: Path) -> str:
    try:
        return "\n".join(str(one) for one in mistakes(read_toml(text, path)) if one.key not in MAY_COME_LATER)
    except ConfigError as error:  # it is not even TOML
        return str(error)


@config.command("path")
@click.pass_obj
def show_path(state: State) -> None:
    """Print the path of the settings file."""
    click.echo(state.place.settings)


@config.command()
@click.pass_obj
def check(state: State) -> None:
    """Check the settings and report every mistake with its line. Exit code 78 if there are any.

    Also checks that the models, folders, endpoints and keys in the settings exist and can be used.
    """
    read = state.read
    if wrong := mistakes(read):
        raise ConfigError("\n".join(map(str, wrong)))
    file = read.path if read.path.exists() else f"{read.path} (no such file, so every setting has its default)"
    click.echo(f"The settings are valid: {file}.")


def _row(state: State, key: str) -> dict[str, Any]:
    one = settings()[key]
    return asdict(one) | {
        "value": plain(value_of(state.read.config, key)),
        "default": plain(one.default),
        "source": state.read.sources[key],
        "variable": one.variable,
    }


def _print_table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    for section, mine in groupby(rows, lambda row: row["key"].partition(".")[0]):
        about = (sections()[section].__doc__ or "").strip().splitlines()[0]
        table = Table(title=Text(f"[{section}] {about}"), title_justify="left", box=None, padding=(0, 1), expand=True)
        table.add_column("setting", no_wrap=True)
        table.add_column("value", ratio=2, overflow="fold")
        table.add_column("from", no_wrap=True)
        table.add_column("what it does", ratio=3)
        for row in mine:
            changed = row["source"] != "default"
            value = Text.assemble((as_toml(row["value"]), "bold cyan" if changed else ""), f" {row['unit']}".rstrip())
            value.append(f" (default {as_toml(row['default'])})" if changed else "", style="dim")
            source = Text(Path(row["source"]).name, style="dim")  # of a file, its name and the line
            table.add_row(row["key"].partition(".")[2], value, source, Text(row["help"]))
        console.print(table)
        console.print()
