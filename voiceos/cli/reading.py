"""Reads what was added, so that it is found by its meaning, too: how far it is, and that it may be stopped."""

from typing import Any

import click

from voiceos.api.client import Remote
from voiceos.cli.showing import many, result_of


def read_on(host: Remote, left: int, *, quiet: bool = False) -> int:
    """Until everything is read, or somebody presses Ctrl-C. Returns how many of `left` passages that was."""
    if not left:
        return 0
    if not quiet:
        click.echo(f"Reading {many(left, 'passage')}, to find them not only by their words. Ctrl-C stops.", err=True)
    try:
        read: dict[str, Any] = result_of(host.stream("memory.read"), quiet=quiet)
    except KeyboardInterrupt:
        click.echo("Stopped. The next `voiceos memory add`, or a running voiceos when idle, reads the rest.", err=True)
        raise
    return read["passages"]
