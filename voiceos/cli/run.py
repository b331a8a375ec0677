"""`voiceos run`: the assistant as a service."""

import os
import sys
from typing import TYPE_CHECKING

import click

from voiceos.cli import State

if TYPE_CHECKING:
    from voiceos.config.load import Loaded


@click.command()
@click.pass_obj
def run(state: State) -> None:
    """Run the assistant as a service, without a terminal.

    It logs to stderr, in journald's format under systemd. SIGTERM stops it, SIGHUP reloads the settings (if they are
    invalid, the last valid ones stay in force), and SIGUSR1 is the push-to-talk button. SIGUSR2
    closes the microphone, and opens it again.
    """
    import faulthandler

    import anyio

    from voiceos.api.where import socket_of
    from voiceos.config.paths import data_folder
    from voiceos.daemon import Daemon, log_to_journal

    config = state.config()
    # systemd ends what hangs by SIGABRT: then the log has what every thread was doing
    faulthandler.enable(sys.__stderr__ or sys.stderr)
    log_to_journal("debug" if state.verbosity else config.log.level)

    def load() -> "Loaded":
        return State(state.path, state.overrides, system=False).loaded

    is_system = "RUNTIME_DIRECTORY" in os.environ

    async def serve() -> None:
        await Daemon(load, socket_of(data_folder(config.store)), is_system=is_system).run()

    anyio.run(serve)
