"""`voiceos tools`: servers of tools, what their tools may do, and calling one."""

import json
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from voiceos.api.client import Remote
from voiceos.cli import State, tool_resources
from voiceos.cli.door import door, running
from voiceos.cli.showing import json_option, many, plain, print_json, print_rows, waiting
from voiceos.errors import UsageError, VoiceosError

MAY = {"read": "tells", "ask": "asks elsewhere", "act": "acts"}
server_argument = click.argument("server", metavar="NAME")
names_argument = click.argument("names", nargs=-1, required=True, metavar="NAME[.TOOL]...")


@click.group()
def tools() -> None:
    """Use the tools of others, through MCP servers. See docs/tools.md."""


@tools.command("list")
@click.argument("server", required=False, metavar="[NAME]")
@json_option
@click.pass_obj
def list_(state: State, server: str | None, as_json: bool) -> None:
    """Show the servers and their allowed tools; of one server NAME, which is started, all that it has."""
    with door(state) as host:
        if server:
            found = _look(host, server)
            print_json(found) if as_json else _print_tools(found)
            return
        servers = host.call("tools.list")
    if as_json:
        print_json(servers)
        return
    for one in servers:
        allowed = many(len(one["tools"]), "tool")
        click.echo(f"{one['name']}: {allowed} allowed  {click.style(one['where'], dim=True)}  ({one['state']})")
        _print_notes(one["tools"])
    if not servers:
        click.echo("No servers of tools yet. Add one with `voiceos tools add NAME COMMAND`.")


@tools.command(context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.option("--url", help="Its address, if it runs elsewhere.")
@click.option("--token-file", type=click.Path(path_type=Path), help="File (mode 0600) with a bearer token for it.")
@click.option("--env", "pairs", multiple=True, metavar="KEY=VALUE", help="A variable for it. Can be repeated.")
@click.option("--yes", is_flag=True, help="Allow all its tools to do what it says they do, without asking.")
@click.pass_obj
def add(
    state: State, name: str, command: tuple[str, ...], url: str | None, token_file: Path | None, pairs: Sequence[str],
    yes: bool,
) -> None:  # fmt: skip
    """Add a server: the COMMAND that starts it with its arguments, or --url.

    Its tools are shown with what they may do, and are only used once you allow them. Options go before NAME.
    """
    if bool(command) == bool(url):
        raise UsageError("Give the server's command, or its --url: voiceos tools add NAME COMMAND")
    if wrong := [pair for pair in pairs if "=" not in pair]:
        raise UsageError(f"'{wrong[0]}' is not KEY=VALUE.")
    values = {
        "command": command[0] if command else None,
        "args": list(command[1:]),
        "url": url,
        "token_file": str(token_file.absolute()) if token_file else None,
        "env": dict(pair.split("=", 1) for pair in pairs),
    }
    with _changed(state, name, {key: value for key, value in values.items() if value}) as host:
        found = _look(host, name)
        _print_tools(found)
        _offer(host, [one for one in found if one["why_not"] in ("new", "changed")], yes)


@tools.command()
@server_argument
@click.pass_obj
def remove(state: State, server: str) -> None:
    """Remove a server, and what was allowed of it."""
    with door(state) as host:
        gone = host.call("tools.forget", server=plain(server))
    if not gone and server not in state.config().tools.mcp:
        raise UsageError(f"There is no server {server}. See: voiceos tools list")
    with _changed(state, server, None):
        click.echo(f"Removed {server}, and what was decided of {many(gone, 'tool')}.")


@tools.command()
@names_argument
@click.option("--read", "may", flag_value="read", help="They tell something, and what they are asked stays here.")
@click.option("--ask", "may", flag_value="ask", help="They change nothing, but what they are asked goes elsewhere.")
@click.option("--act", "may", flag_value="act", help="They change, spend, send or reveal something.")
@json_option
@click.pass_obj
def allow(state: State, names: tuple[str, ...], may: str | None, as_json: bool) -> None:
    """Allow tools as they are now, or all of a server. Without an option: to do what the server says they do."""
    with door(state) as host:
        found = host.call("tools.allow", names=[plain(one) for one in names], may=may)
    _print_decided(found, "Allowed", as_json)


@tools.command()
@names_argument
@json_option
@click.pass_obj
def deny(state: State, names: tuple[str, ...], as_json: bool) -> None:
    """Deny tools, or all of a server: they are not used."""
    with door(state) as host:
        found = host.call("tools.deny", names=[plain(one) for one in names])
    _print_decided(found, "Denied", as_json)


@tools.command()
@click.argument("name", metavar="NAME.TOOL")
@click.argument("arguments", nargs=-1, metavar="[KEY=VALUE... | JSON]")
@json_option
@click.pass_obj
def call(state: State, name: str, arguments: tuple[str, ...], as_json: bool) -> None:
    """Call an allowed tool.

    A VALUE that is JSON is one (count=3, on=true, 'names=["a"]'). Others are text,
    and so is all that a tool takes as text.
    """
    _values(arguments)  # what is wrong with them is told at once
    with door(state) as host, waiting(f"{name} …"):
        tools = [tool for one in host.call("tools.list") for tool in one["tools"] if tool["name"] == plain(name)]
        values = _values(arguments, _texts(tools[0]["arguments"]) if tools else ())
        answer = host.call("tools.call", name=plain(name), arguments=values)
    if as_json:
        print_json(answer)
    else:
        click.echo(answer["text"] or "(nothing)", err=answer["failed"])
    raise click.exceptions.Exit(1 if answer["failed"] else 0)


@tools.command()
@server_argument
@click.option("-n", "--count", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many.")
@json_option
@click.pass_obj
def log(state: State, server: str, count: int, as_json: bool) -> None:
    """Show the last lines that a server has written on its standard error."""
    with door(state) as host:
        lines = host.call("tools.log", server=plain(server), count=count)
    if as_json:
        print_json(lines)
    else:
        click.echo("\n".join(lines) or f"{server} has written nothing.")


@tools.command()
@server_argument
@json_option
@click.pass_obj
def test(state: State, server: str, as_json: bool) -> None:
    """Start a server, list its tools, and say what is wrong with them. Exit code 69 if it does not work."""
    with door(state) as host:
        found = _look(host, server)
    if as_json:
        print_json(found)
        return
    wrong = [one for one in found if one["why_not"]]
    click.echo(f"{server} works: {many(len(found), 'tool')}, {len(found) - len(wrong)} allowed.")
    for one in wrong:
        click.echo(f"  {one['name']}: {one['why_not']}")


@tools.command()
@server_argument
@click.pass_obj
def login(state: State, server: str) -> None:
    """Log in to a server at an address, with a browser on any machine.

    The browser ends at an address of this machine that may not open: paste it here.
    """
    with door(state) as host:
        for step in host.stream("tools.login", server=plain(server)):
            if step["address"]:
                click.echo(f"Open this in a browser, and log in:\n\n  {step['address']}\n", err=True)
                back = click.prompt("The address at which the browser ended", err=True)
                host.call("tools.redirected", server=plain(server), address=plain(back))
            else:
                click.echo(f"You are logged in to {server}, which has {many(step['tools'], 'tool')}.")


@contextmanager
def _changed(state: State, name: str, values: Mapping[str, Any] | None) -> Generator[Remote]:
    """The host with a server added or removed (None). If that fails, the settings are again what they were."""
    from voiceos.config.edit import set_server, write_file
    from voiceos.config.load import read_text

    file = state.place.settings
    before = read_text(file)
    if not set_server(file, name, values):
        click.echo(f"{name} is not in {file}.", err=True)
    try:
        remote = running(state)
        if remote:
            remote.call("tools.reload")
            yield remote
        else:
            with door(State(state.path, state.overrides, state.verbosity, state.system)) as host:
                yield host
    except (VoiceosError, click.Abort):
        if values is not None:
            write_file(file, before)
        raise


def _look(host: Remote, server: str) -> list[dict[str, Any]]:
    with waiting(f"Starting {server} …"):
        return host.call("tools.look", server=plain(server))


def _offer(host: Remote, fresh: Sequence[Mapping[str, Any]], yes: bool) -> None:
    """Asks whether these are allowed to do what is proposed."""
    names = [one["name"] for one in fresh]
    if not names:
        return
    if not yes and not sys.stdin.isatty():
        click.echo(f"None is allowed yet. Allow them with: voiceos tools allow {names[0].partition('.')[0]}", err=True)
        return
    if yes or click.confirm(f"Allow {'it' if len(names) == 1 else f'all {len(names)}'} to do that?", err=True):
        host.call("tools.allow", names=names)
        click.echo(f"Allowed {many(len(names), 'tool')}.", err=True)


def _print_tools(found: Iterable[Mapping[str, Any]]) -> None:
    for one in found:
        may = MAY[one["may"] or one["proposed"]]
        why_not = click.style(f"  {one['why_not']}", fg="yellow") if one["why_not"] else ""
        note = click.style(f"  {one['note']}", fg="yellow") if one["note"] else ""
        click.echo(f"{one['name']}  {may}{why_not}{note}")
        if about := " ".join(one["about"].split()):
            print_rows({"": about if len(about) <= 100 else f"{about[:99]}…"})


def _print_decided(found: Sequence[Mapping[str, Any]], word: str, as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        click.echo(f"{word} {', '.join(one['name'] for one in found) or 'nothing'}.")
        _print_notes(found)


def _print_notes(found: Iterable[Mapping[str, Any]]) -> None:
    for one in found:
        if one["note"]:
            click.echo(f"  {one['name']}: {click.style(one['note'], fg='yellow')}")


def _texts(schema: Mapping[str, object]) -> list[str]:
    """The arguments that can only be texts."""
    from voiceos.tools.form import Kind
    from voiceos.tools.schema import UnusableSchema, reduced

    try:
        return [one.name for one in reduced(schema).fields if one.kind is Kind.TEXT]
    except UnusableSchema:
        return []


def _values(words: Sequence[str], texts: Sequence[str] = ()) -> dict[str, Any]:
    """What is given as KEY=VALUE or as one JSON object. `texts`: the keys whose values are texts, whatever they are."""
    if len(words) == 1 and words[0].lstrip().startswith("{"):
        try:
            return json.loads(words[0])
        except ValueError as error:
            raise UsageError(f"That is not valid JSON: {error}.") from None
    found: dict[str, Any] = {}
    for word in words:
        key, equals, text = plain(word).partition("=")
        if not equals:
            raise UsageError(f"'{word}' is not KEY=VALUE.")
        try:
            found[key] = text if key in texts else json.loads(text)
        except ValueError:
            found[key] = text
    return found


for command in tool_resources.COMMANDS:
    tools.add_command(command)
