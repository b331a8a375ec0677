"""`voiceos acts`, `permissions` and `why`: what was done, what is allowed for good, and for which reasons."""

from datetime import datetime

import click

from voiceos.cli import State
from voiceos.cli.door import found
from voiceos.cli.showing import DATE, date, json_option, many, moment


@click.group(invoke_without_command=True)
@click.option("-n", "--count", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many.")
@click.option("--since", type=DATE, help="Only what was done from this local time on.")
@click.option("--reads", is_flag=True, help="Also what was only read.")
@json_option
@click.pass_context
def acts(ctx: click.Context, count: int, since: datetime | None, reads: bool, as_json: bool) -> None:
    """Show what the assistant did, from its receipts: when, what, and what it said of it. The newest is last."""
    if ctx.invoked_subcommand:
        return
    state = ctx.ensure_object(State)
    records = found(state, "acts.list", as_json, count=count, since=moment(since), reads=reads)
    for one in reversed(records):
        how = "" if one["done"] else click.style(f"{one['progress']}  ", fg="red")
        click.echo(f"{click.style(date(one['at']), dim=True)}  {one['act']}  {how}{one['result']}")
    if not records:
        click.echo("Nothing was done." if since else "Nothing was done yet.")


@acts.command()
@json_option
@click.pass_obj
def verify(state: State, as_json: bool) -> None:
    """Check that no receipt was changed or taken out. Exit code 1 if one was."""
    chain = found(state, "acts.verify", as_json)
    for wrong in chain["wrong"]:
        click.echo(wrong, err=True)
    if chain["wrong"]:
        raise click.exceptions.Exit(1)
    click.echo(f"{many(chain['acts'], 'receipt')}, {chain['forgotten']} forgotten: nothing was changed or taken out.")


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def permissions(ctx: click.Context, as_json: bool) -> None:
    """Show what you have allowed for good, by answering a question with "yes, always"."""
    if ctx.invoked_subcommand:
        return
    standing = found(ctx.ensure_object(State), "permissions.list", as_json)
    for one in standing:
        click.echo(f"{one['id']}  {one['tool']}  {', '.join(one['values'])}  {click.style(date(one['at']), dim=True)}")
    if not standing:
        click.echo("Nothing is allowed for good. voiceos asks about what you did not ask for in so many words.")


@permissions.command()
@click.argument("number", type=int)
@json_option
@click.pass_obj
def remove(state: State, number: int, as_json: bool) -> None:
    """Take a permission back; it is asked about again."""
    found(state, "permissions.take_back", as_json, id=number)
    click.echo("Taken back.")


@click.command()
@click.argument("turn", metavar="ID|last", default="last")
@json_option
@click.pass_obj
def why(state: State, turn: str, as_json: bool) -> None:
    """Tell why a turn ended as it did: its words, memories, calls and rules. By voice: "why did you do that?"."""
    causes = found(state, "why", as_json, turn=turn)
    for one in causes:
        click.echo(f"{click.style(one['kind'].ljust(9), dim=True)}{one['text']}")
    if not causes:
        click.echo("Nothing is kept of that turn.")
