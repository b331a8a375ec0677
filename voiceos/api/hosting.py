"""Opens the assistant: in a service or a conversation, or in a thread beside a command that finds none running."""

import os
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from anyio import to_thread
from anyio.from_thread import start_blocking_portal

from voiceos.api.client import Remote
from voiceos.api.desk import Desk
from voiceos.api.server import serving
from voiceos.app import open_host
from voiceos.audio.switch import Switch
from voiceos.config.settings import Config
from voiceos.core import Observer
from voiceos.errors import StoreError

OF_A_COMMAND = "command-"
"""The name of its socket, before its process."""
WORKER = "AnyIO worker thread"
WORKER_SECONDS = 5.0


@asynccontextmanager
async def spoken(
    config: Config,
    by: str,
    socket: Path,
    observers: Sequence[Observer] = (),
    *,
    group: bool = False,
    load: Callable[[], Config] | None = None,
    switch: Switch | None = None,
) -> AsyncGenerator[Desk]:
    """A host that answers on `socket`, and will hold a conversation.

    `group`: members of the socket's group are answered, too. `load` reads the settings again.
    `switch`: the microphone's, if it has one.
    Raises ConfigError, StoreError.
    """
    async with open_host(config, by, observers=observers, switch=switch) as host:
        desk = Desk(host, by, expects_voice=True, load=load)
        async with serving(desk, socket, group=group), desk.holding:
            yield desk


@contextmanager
def opened(config: Config, by: str, socket: Path, *, upkeep: bool = False) -> Generator[Remote]:
    """Opens the host in a thread of its own. `socket`: where a service answers.

    `upkeep`: the command takes long, so the memory is kept up meanwhile, and other commands are answered, too. A short
    one answers itself alone: others would be cut off when it ends.
    Raises StoreError when another process has the memory.
    """
    before, failure = threading.enumerate(), None
    for left in socket.parent.glob(f"{OF_A_COMMAND}*"):
        if not Path("/proc", left.name.removeprefix(OF_A_COMMAND)).exists():  # it was killed
            left.unlink(missing_ok=True)
    if not upkeep:
        socket = socket.with_name(f"{OF_A_COMMAND}{os.getpid()}")
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(_silent(config, by, socket, upkeep)):
        try:
            yield Remote(socket)
        except BaseException as error:  # the command's, not the host's
            failure = error
    for thread in threading.enumerate():  # one that still frees a model when the interpreter ends would abort it
        if thread.name == WORKER and thread not in before:
            thread.join(WORKER_SECONDS)
    if failure:
        raise failure


@asynccontextmanager
async def _silent(config: Config, by: str, socket: Path, upkeep: bool) -> AsyncGenerator[None]:
    async with open_host(config, by, upkeep=upkeep) as host:
        async with serving(Desk(host, by), socket):
            yield
        if host.has_memory:  # who only gives commands has no quiet hours: what was just told is read now
            with suppress(StoreError):
                await to_thread.run_sync(lambda: host.memory.catch_up_meaning(most=1))
