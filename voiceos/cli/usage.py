"""`voiceos usage`: what was sent to language models elsewhere."""

import click

from voiceos.cli import State
from voiceos.cli.door import found
from voiceos.cli.showing import json_option, many


@click.command()
@click.option("--days", type=click.IntRange(1, 3660), default=31, show_default=True, help="How many days back.")
@json_option
@click.pass_obj
def usage(state: State, days: int, as_json: bool) -> None:
    """Show what left this machine for language models elsewhere: when, to whom, and how much; never the words."""
    rows = found(state, "usage.days", as_json, days=days)
    for one in rows:
        sent = [many(one["requests"], "request"), f"{one['read']} tokens sent", f"{one['made']} received"]
        sent += [many(one[key], *names) for key, *names in _PARTS if one[key]]
        sent += [f"{one['cost']:.2f} by your prices"] if one["cost"] else []
        click.echo(f"{click.style(one['day'], dim=True)}  {one['model']} at {one['endpoint']}: {', '.join(sent)}")
    if not rows:
        click.echo("Nothing was sent to a language model elsewhere.")


_PARTS = (("memories", "memory", "memories"), ("results", "result of a tool", "results of tools"))
