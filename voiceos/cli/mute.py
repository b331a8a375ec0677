"""`voiceos mute` and `voiceos unmute`: the switch of the microphone. Only a client; it opens nothing."""

import click

from voiceos.cli import State
from voiceos.cli.door import running
from voiceos.errors import UsageError


@click.command()
@click.pass_obj
def mute(state: State) -> None:
    """Close the microphone of the running assistant, which says so.

    It stays closed, also after a crash or an update, until `voiceos unmute`, the button or a restart of the machine.
    Timers and alarms ring all the same.
    """
    _turn(state, "mute", "The microphone is off.")


@click.command()
@click.pass_obj
def unmute(state: State) -> None:
    """Open the microphone again. The assistant says so."""
    _turn(state, "unmute", "The microphone is on.")


def _turn(state: State, way: str, told: str) -> None:
    assistant = running(state)
    if assistant is None:
        raise UsageError("voiceos is not running, so it has no microphone open.")
    assistant.call(way)
    click.echo(told)
