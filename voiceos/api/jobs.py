"""Long work beside the conversation: it reports progress, stops when its client leaves, and waits while somebody
speaks.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

import anyio
from anyio import from_thread
from anyio.streams.memory import MemoryObjectSendStream
from pydantic import BaseModel

from voiceos.api.desk import Desk

T = TypeVar("T")


class Progress(BaseModel):
    """Progress: how much is done, of how much."""

    what: str
    done: int
    total: int


class Step(BaseModel, Generic[T]):
    """A job's progress, and finally its result."""

    progress: Progress | None = None
    result: T | None = None


class Teller:
    """Receives a job's progress and results."""

    def __init__(self, desk: Desk, sender: MemoryObjectSendStream[Any]) -> None:
        self._desk = desk
        self._sender = sender

    async def send(self, result: Any) -> None:
        """A result, which the client gets whole."""
        await self._sender.send(result)

    def progress(self, what: str, done: int, total: int) -> None:
        """Reports progress from the job's thread. Waits while somebody speaks; a slow client misses steps."""
        from_thread.check_cancelled()
        from_thread.run(self._desk.host.upkeep.idle)
        from_thread.run_sync(self._offer, Step[Any](progress=Progress(what=what, done=done, total=total)))

    def _offer(self, step: Step[Any]) -> None:
        with suppress(anyio.WouldBlock, anyio.BrokenResourceError):
            self._sender.send_nowait(step)


async def job(desk: Desk, name: str, work: Callable[[Teller], Awaitable[None]]) -> AsyncGenerator[Any, None]:
    """The work's events, as they come. Closing this ends the work at its next step. `name`: what it does, in words."""
    sender, receiver = anyio.create_memory_object_stream[Any](1)

    async def run() -> None:
        async with sender:
            with suppress(anyio.BrokenResourceError):
                try:
                    await work(Teller(desk, sender))
                except Exception as error:
                    await sender.send(error)

    scope = desk.host.jobs.start(name, run)
    try:
        async with receiver:
            async for told in receiver:
                if isinstance(told, Exception):
                    raise told
                yield told
    finally:
        scope.cancel()
