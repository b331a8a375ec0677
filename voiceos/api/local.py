"""The assistant within this process, for a command that finds none running: the same operations, without a socket."""

import threading
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal

from voiceos.api.desk import Desk
from voiceos.api.offered import offered
from voiceos.app import open_host
from voiceos.config.settings import Config

WORKER = "AnyIO worker thread"
WORKER_SECONDS = 5.0


class Local:
    """Blocking; raises VoiceosError."""

    def __init__(self, portal: BlockingPortal, desk: Desk) -> None:
        self._portal = portal
        self._desk = desk

    def call(self, name: str, /, **values: Any) -> Any:
        """One operation's answer."""
        return self._portal.call(offered()[name].call, self._desk, _given(values))

    def stream(self, name: str, /, **values: Any) -> Iterator[Any]:
        """One operation's events, as they come. Closing the iterator ends the operation."""
        events = offered()[name].stream(self._desk, _given(values))
        try:
            while True:
                step = self._portal.start_task_soon(_next, events)
                try:
                    event = step.result()
                except BaseException:
                    step.cancel()  # Ctrl-C, while it waited
                    raise
                if event is None:
                    return
                yield event
        finally:
            self._portal.call(events.aclose)


async def _next(events: AsyncGenerator[Any, None]) -> Any:
    return await anext(events, None)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


@contextmanager
def opened(config: Config, by: str, socket: Path | None = None) -> Generator[Local]:
    """Opens the host in a thread of its own. `socket`: where it also answers others, for a command that takes long.

    Raises StoreError when another process has the memory.
    """
    try:
        with start_blocking_portal() as portal, portal.wrap_async_context_manager(_desk(config, by, socket)) as desk:
            yield Local(portal, desk)
    finally:
        _see_off_workers()


def _see_off_workers() -> None:
    """Waits for the loop's worker threads: one that still frees a model when the interpreter ends would abort it."""
    for thread in threading.enumerate():
        if thread.name == WORKER:
            thread.join(WORKER_SECONDS)


@asynccontextmanager
async def _desk(config: Config, by: str, socket: Path | None) -> AsyncGenerator[Desk]:
    async with open_host(config, by, upkeep=socket is not None) as host:
        desk = Desk(host, by)
        if socket is None:
            yield desk
            return
        from voiceos.api.server import serving

        async with serving(desk, socket):
            yield desk
