"""The way into the assistant: the one that is running, or one that the command opens for itself."""

import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import click

from voiceos.api.client import Remote, is_answered
from voiceos.cli import State
from voiceos.cli.showing import print_json
from voiceos.config.paths import STORE, data_folder
from voiceos.errors import UsageError

NONE_YET = "There is no memory yet; `voiceos memory add PATH…` or a conversation with `voiceos talk` begins one."

STARTING_SECONDS = 5.0
"""How long to wait for an assistant that has the memory and does not answer yet."""
POLL_SECONDS = 0.1
IDENTITY = "store.folder"
"""The one setting that chooses an assistant rather than how it works."""


class Door(Protocol):
    """Both ways in."""

    def call(self, name: str, /, **values: Any) -> Any:
        """One operation's answer. Raises VoiceosError."""
        ...

    def stream(self, name: str, /, **values: Any) -> Iterator[Any]:
        """One operation's events, as they come. Raises VoiceosError."""
        ...


def running(state: State) -> Remote | None:
    """The assistant that is running, if one is. Raises UsageError where the installed one should run and does not."""
    place = state.place
    if is_answered(place.socket):
        if any(key != IDENTITY for key in state.overrides):
            raise UsageError("voiceos is running with its own settings, which --set cannot change: leave --set out.")
        return Remote(place.socket)
    if place.is_system:
        raise UsageError("The installed assistant is not running: start it with `sudo systemctl start voiceos`.")
    return None


@contextmanager
def memory_door(state: State, by: str, *, nothing: object = None) -> Generator[Door]:
    """As `door`; where nothing was ever kept it ends the command with a friendly sentence. `nothing`: the JSON then."""
    if not running(state) and not (data_folder(state.config().store) / STORE).exists():
        if nothing is not None:
            print_json(nothing)
        click.echo(NONE_YET, err=True)
        raise click.exceptions.Exit(0)
    with door(state, by) as host:
        yield host


@contextmanager
def door(state: State, by: str, *, answers: bool = False) -> Generator[Door]:
    """`by`: the command, as others are told of it. `answers`: a host of its own answers other commands, too."""
    if remote := running(state):
        yield remote
        return
    from voiceos.api.local import opened
    from voiceos.store.ownership import InUse

    with ExitStack() as stack:
        try:
            host: Door = stack.enter_context(opened(state.config(), by, state.place.socket if answers else None))
        except InUse:  # its owner may be loading still
            if not _answers_soon(state.place.socket):
                raise
            host = Remote(state.place.socket)
        yield host


def _answers_soon(socket: Path) -> bool:
    until = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < until:
        if is_answered(socket):
            return True
        time.sleep(POLL_SECONDS)
    return False
