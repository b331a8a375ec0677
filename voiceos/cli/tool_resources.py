"""`voiceos tools resources` and `take`: what servers have beside tools, and taking it into the memory."""

import click

from voiceos.cli import State
from voiceos.cli.door import door
from voiceos.cli.reading import read_on
from voiceos.cli.showing import json_option, many, plain, print_json, waiting
from voiceos.errors import DataError


@click.command()
@click.argument("server", required=False, metavar="[NAME]")
@json_option
@click.pass_obj
def resources(state: State, server: str | None, as_json: bool) -> None:
    """Show the resources of a server NAME, or of all, which are started. Take them with `voiceos tools take`."""
    with door(state) as host:
        names = [plain(server)] if server else [one["name"] for one in host.call("tools.list")]
        with waiting("Asking …"):
            found = {name: host.call("tools.resources", server=name) for name in names}
    if as_json:
        print_json(found[names[0]] if server else found)
        return
    for name, every in found.items():
        for one in every:
            what = ", ".join(filter(None, [one["type"], _size(one["size"]), "taken" if one["taken"] else ""]))
            click.echo(f"{name} {one['uri']}  {one['name']}  {click.style(what, dim=True)}".rstrip())
        if not every:
            click.echo(f"{name} has no resources.")
    if not names:
        click.echo("No servers of tools yet. Add one with `voiceos tools add NAME COMMAND`.")


@click.command()
@click.argument("server", metavar="NAME")
@click.argument("uris", nargs=-1, metavar="[URI]...")
@json_option
@click.pass_obj
def take(state: State, server: str, uris: tuple[str, ...], as_json: bool) -> None:
    """Take resources of a server into the memory, or again all that was taken of it. The exit code is 65 if one could
    not be.

    Only texts of at most 2 MB are taken: plain text, markdown, HTML, JSON. What changed is updated.
    `voiceos memory forget --source mcp:NAME/URI` forgets one.
    """
    with door(state, upkeep=True) as host:
        with waiting(f"Reading {server} …"):
            taken = host.call("tools.take", server=plain(server), uris=[plain(uri) for uri in uris])
        if not as_json:
            for one in taken["each"]:
                counts = {"new": one["new"], "changed": one["changed"], "gone": one["vanished"]}
                told = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "unchanged"
                if one["problem"]:
                    click.echo(f"Not taken: {one['problem']}", err=True)
                else:
                    click.echo(f"{one['source']}: {told}")
            click.echo(f"Took {many(sum(not one['problem'] for one in taken['each']), 'resource')}.")
        read_on(host, taken["not_yet_by_meaning"], quiet=as_json)
    if as_json:
        print_json(taken["each"])
    if any(one["problem"] for one in taken["each"]):
        raise click.exceptions.Exit(DataError.exit_code)


def _size(size: int | None) -> str:
    return f"{max(1, size // 1000)} kB" if size else ""


COMMANDS = (resources, take)
