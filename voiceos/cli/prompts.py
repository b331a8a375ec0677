"""`voiceos prompts`: requests of one's own under a name, and prompts of servers."""

from collections.abc import Mapping
from typing import Any

import click

from voiceos.cli import State
from voiceos.cli.door import answered, door, found
from voiceos.cli.showing import awaited, date, json_option, plain, print_json, print_rows, waiting
from voiceos.errors import MindError, UsageError

name_argument = click.argument("name", metavar="NAME")


@click.group()
def prompts() -> None:
    """Save requests under a name and run them. By voice: "save this as my morning briefing".

    SERVER.PROMPT is a prompt of a server of tools; see docs/tools.md.
    """


@prompts.command("list")
@click.argument("server", required=False, metavar="[SERVER]")
@json_option
@click.pass_obj
def list_(state: State, server: str | None, as_json: bool) -> None:
    """Show the saved prompts; or those of a SERVER, which is started."""
    if server:
        offered = _offered(state, server)
        if as_json:
            print_json(offered)
            return
        for one in offered:
            _print_offered(server, one)
        if not offered:
            click.echo(f"{server} has no prompts.")
        return
    every = found(state, "prompts.all", as_json)
    for one in every:
        click.echo(f"{one['name']}: {one['text']}")
    if not every:
        click.echo("No prompts yet. Save one with `voiceos prompts add NAME TEXT`.")


@prompts.command()
@name_argument
@json_option
@click.pass_obj
def show(state: State, name: str, as_json: bool) -> None:
    """Show one prompt, or what a prompt SERVER.PROMPT wants to know."""
    server, offer = _parted(state, plain(name))
    if server:
        one = next((one for one in _offered(state, server) if one["name"] == offer), None)
        if one is None:
            raise UsageError(f"{server} has no prompt {offer}. See `voiceos prompts list {server}`.")
        print_json(one) if as_json else _print_offered(server, one)
        return
    with door(state) as host:
        saved = host.call("prompts.show", name=plain(name))
    if as_json:
        print_json(saved)
    else:
        click.echo(saved["text"])
        click.echo(click.style(f"saved by {saved['who']}, {date(saved['made_at'])}", dim=True))


@prompts.command()
@name_argument
@click.argument("text", nargs=-1, required=True, metavar="TEXT...")
@json_option
@click.pass_obj
def add(state: State, name: str, text: tuple[str, ...], as_json: bool) -> None:
    """Save a prompt, in place of another of its name."""
    with door(state) as host:
        saved = host.call("prompts.add", name=plain(name), text=plain(" ".join(text)))
    if as_json:
        print_json(saved)
    else:
        click.echo(f'Saved. Say "run my {saved["name"]}", or: voiceos prompts run {_quoted(saved["name"])}')


@prompts.command()
@name_argument
@json_option
@click.pass_obj
def remove(state: State, name: str, as_json: bool) -> None:
    """Remove a saved prompt."""
    with door(state) as host:
        gone = host.call("prompts.remove", name=plain(name))
    if as_json:
        print_json(gone)
    else:
        click.echo(f"Removed {gone['name']}.")


@prompts.command()
@name_argument
@click.argument("values", nargs=-1, metavar="[KEY=VALUE]...")
@json_option
@click.pass_obj
def run(state: State, name: str, values: tuple[str, ...], as_json: bool) -> None:
    """Run a saved prompt, or SERVER.PROMPT with its values, and print the answer."""
    if wrong := next((one for one in values if "=" not in one), ""):
        raise UsageError(f"'{wrong}' is not KEY=VALUE.")
    given = dict(plain(one).split("=", 1) for one in values)
    server, offer = _parted(state, plain(name))
    if given and not server:
        raise UsageError("A saved prompt takes no values.")
    with door(state) as host:
        if server:
            events = host.stream("prompts.use", server=server, name=offer, arguments=given)
        else:
            events = host.stream("ask", text=host.call("prompts.show", name=plain(name))["text"])
        last = answered(awaited(events, "Thinking …"), lambda piece: None if as_json else click.echo(piece, nl=False))
    if as_json:
        print_json({"turn": last["turn"], "memories": last["memories"]})
    else:
        click.echo()
    if last["turn"]["error"]:
        raise MindError(last["turn"]["error"])


def _parted(state: State, name: str) -> tuple[str, str]:
    """The server and its prompt in SERVER.PROMPT; of anything else no server."""
    server, _, offer = name.partition(".")
    return (server, offer) if offer.strip() and server in state.config().tools.mcp else ("", name)


def _offered(state: State, server: str) -> list[dict[str, Any]]:
    with door(state) as host, waiting(f"Starting {server} …"):
        return host.call("prompts.of_server", server=plain(server))


def _print_offered(server: str, one: Mapping[str, Any]) -> None:
    values = [f"{each['name']}=…" if each["required"] else f"[{each['name']}=…]" for each in one["arguments"]]
    click.echo(" ".join([f"{server}.{one['name']}", *values]))
    told = {each["name"]: each["about"] for each in one["arguments"] if each["about"]}
    print_rows({"": one["about"], **told} if one["about"] else told)


def _quoted(name: str) -> str:
    return f"'{name}'" if " " in name else name
