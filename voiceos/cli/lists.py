"""`voiceos lists`: what is to buy, to do, and any other list."""

from typing import Any

import click

from voiceos.cli import State
from voiceos.cli.door import door, found
from voiceos.cli.showing import confirm, date, json_option, many, plain, print_json, yes_option

things_argument = click.argument("things", nargs=-1, required=True, metavar="THING...")
list_argument = click.argument("name", metavar="LIST")


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def lists(ctx: click.Context, as_json: bool) -> None:
    """Show and change lists: what to buy, what to do, and any other. By voice: "add milk to my shopping list"."""
    if ctx.invoked_subcommand:
        return
    every = found(ctx.ensure_object(State), "lists.all", as_json)
    for one in every:
        click.echo(f"{one['name']}: {many(len(one['things']), 'thing')}")
    if not every:
        click.echo("No lists yet. Start one with `voiceos lists add shopping milk`.")


@lists.command()
@list_argument
@json_option
@click.pass_obj
def show(state: State, name: str, as_json: bool) -> None:
    """Show what is on a list, and what is ticked off."""
    one = found(state, "lists.show", as_json, name=plain(name))
    for thing in one["things"]:
        click.echo(thing["text"])
    for thing in one["ticked"]:
        click.echo(click.style(f"{thing['text']} (ticked off {date(thing['ticked_at'])})", dim=True))


@lists.command()
@list_argument
@things_argument
@json_option
@click.pass_obj
def add(state: State, name: str, things: tuple[str, ...], as_json: bool) -> None:
    """Put things on a list. A list that does not exist is made."""
    changed = _change(state, "lists.add", as_json, name, things=things)
    for word, texts in (("Added", changed["changed"]), ("Already there:", changed["already"])):
        if texts:
            click.echo(f"{word} {', '.join(texts)}.")


@lists.command()
@list_argument
@things_argument
@json_option
@click.pass_obj
def tick(state: State, name: str, things: tuple[str, ...], as_json: bool) -> None:
    """Tick things off, which are done or bought."""
    click.echo(f"Ticked off {', '.join(_change(state, 'lists.tick', as_json, name, things=things)['changed'])}.")


@lists.command()
@list_argument
@things_argument
@json_option
@click.pass_obj
def remove(state: State, name: str, things: tuple[str, ...], as_json: bool) -> None:
    """Take things off a list."""
    click.echo(f"Removed {', '.join(_change(state, 'lists.remove', as_json, name, things=things)['changed'])}.")


@lists.command()
@list_argument
@click.option("--delete", is_flag=True, help="Delete the list, too.")
@yes_option
@json_option
@click.pass_obj
def clear(state: State, name: str, delete: bool, yes: bool, as_json: bool) -> None:
    """Take everything off a list, what is ticked off, too. Asks for confirmation first."""
    with door(state) as host:
        one = host.call("lists.show", name=plain(name))
        confirm(f"{'Delete' if delete else 'Clear'} {one['name']}, with {many(len(one['things']), 'thing')}?", yes)
        changed = host.call("lists.clear", name=plain(name), whole=delete)
    if as_json:
        print_json(changed)
    else:
        click.echo(f"{'Deleted' if delete else 'Cleared'} {changed['name']}.")


@lists.command()
@json_option
@click.pass_obj
def export(state: State, as_json: bool) -> None:
    """Write every list as text: its name, and a line for each thing."""
    every = found(state, "lists.all", as_json)
    for one in every:
        click.echo(f"# {one['name']}")
        for mark, things in (("[ ]", one["things"]), ("[x]", one["ticked"])):
            for thing in things:
                click.echo(f"- {mark} {thing['text']}")
        click.echo()


def _change(state: State, operation: str, as_json: bool, name: str, *, things: tuple[str, ...]) -> Any:
    with door(state) as host:
        changed = host.call(operation, name=plain(name), things=[plain(thing) for thing in things])
    if as_json:
        print_json(changed)
        raise click.exceptions.Exit(0)
    return changed
