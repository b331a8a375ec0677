"""`voiceos acts`: what was done, from receipts."""

from datetime import datetime

import click

from voiceos.cli import State
from voiceos.cli.door import found
from voiceos.cli.showing import DATE, date, json_option, moment


@click.command()
@click.option("-n", "--count", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many.")
@click.option("--since", type=DATE, help="Only what was done from this local time on.")
@json_option
@click.pass_obj
def acts(state: State, count: int, since: datetime | None, as_json: bool) -> None:
    """Show what the assistant did, from its receipts: when, what, and what it said of it. The newest is last."""
    records = found(state, "acts.list", as_json, count=count, since=moment(since))
    for one in reversed(records):
        failed = "" if one["done"] else click.style("failed  ", fg="red")
        click.echo(f"{click.style(date(one['at']), dim=True)}  {one['act']}  {failed}{one['result']}")
    if not records:
        click.echo("Nothing was done." if since else "Nothing was done yet.")
