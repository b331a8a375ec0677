"""Opens the running assistant, or one for this command alone."""

import time
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click

from voiceos.api.client import Remote, is_answered
from voiceos.cli import IDENTITY, State
from voiceos.cli.showing import print_json, waiting
from voiceos.config.paths import STORE, data_folder, spelt
from voiceos.errors import UsageError

NONE_YET = "There is no memory yet. Start one with `voiceos memory add PATH…` or `voiceos talk`."

STARTING_SECONDS = 5.0
"""How long to wait for an assistant that has the memory but does not answer yet."""
POLL_SECONDS = 0.1
HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # noqa: S108 - nothing is written there
"""What systemd hides from the service: `ProtectHome` and `PrivateTmp` in systemd/voiceos.service."""


def answering(state: State) -> Remote | None:
    """The assistant that answers, if any. Raises UsageError for settings that it would not heed."""
    if not is_answered(state.place.socket):
        return None
    if others := [f"--set {key}={text}" for key, text in state.overrides.items() if key != IDENTITY]:
        kept = f", but keep --set {IDENTITY}={state.overrides[IDENTITY]}" if IDENTITY in state.overrides else ""
        raise UsageError(f"voiceos is already running with its own settings. Leave out {' and '.join(others)}{kept}.")
    return Remote(state.place.socket)


def running(state: State) -> Remote | None:
    """Like `answering`. Raises UsageError if the system-wide one should run and does not."""
    assistant = answering(state)
    if not assistant and state.place.is_system:
        raise UsageError("The installed assistant is not running. Start it with `sudo systemctl start voiceos`.")
    return assistant


@contextmanager
def memory_door(state: State, *, nothing: object = None) -> Generator[Remote]:
    """Like `door`, but ends the command with a friendly sentence if there is no memory yet. `nothing`: its JSON."""
    if not running(state) and not (data_folder(state.config().store) / STORE).exists():
        if nothing is not None:
            print_json(nothing)
        click.echo(NONE_YET, err=True)
        raise click.exceptions.Exit(0)
    with door(state) as host:
        yield host


@contextmanager
def door(state: State, *, upkeep: bool = False) -> Generator[Remote]:
    """`upkeep`: a host of this command's own keeps the memory up, because the command takes long."""
    if remote := running(state):
        yield remote
        return
    from voiceos.api.hosting import opened
    from voiceos.store.ownership import InUse

    by, socket = click.get_current_context().command_path, state.place.socket
    with ExitStack() as stack:
        try:
            with waiting("Loading the models …"):
                host = stack.enter_context(opened(state.config(), by, socket, upkeep=upkeep))
        except InUse:  # its owner may still be loading
            if not _answers_soon(socket):
                raise
            host = Remote(socket)
        yield host


def _answers_soon(socket: Path) -> bool:
    until = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < until:
        if is_answered(socket):
            return True
        time.sleep(POLL_SECONDS)
    return False


def found(state: State, name: str, as_json: bool, /, *, nothing: object = (), **values: Any) -> Any:
    """An operation's answer about what is remembered. `as_json`: it is printed, and the command ends."""
    with memory_door(state, nothing=nothing if as_json else None) as host:
        answer = host.call(name, **values)
    if as_json:
        print_json(answer)
        raise click.exceptions.Exit(0)
    return answer


def answered(events: Iterable[dict[str, Any]], write: Callable[[str], object]) -> dict[str, Any]:
    """Writes the answer to a question as it comes. Returns the turn and its memories."""
    event: dict[str, Any] = {}
    for event in events:
        write(event["text"])
    return event


def visible(state: State, path: Path) -> str:
    """The absolute path of a file for the assistant to read. Raises UsageError if it cannot see it."""
    path = path.expanduser().absolute()
    text = spelt(path)
    if state.place.is_system and any(path.resolve().is_relative_to(folder) for folder in HIDDEN):
        raise UsageError(
            f"The installed assistant cannot see {text}, because systemd hides home and temporary folders from it. "
            "Copy it to a folder that the user `voiceos` may read, such as /srv/voiceos, and give that."
        )
    return text
