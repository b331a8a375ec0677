"""Saves finished turns outside the loop, one after the other, and carries on when the disk is full."""

import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from voiceos.core import Turn
from voiceos.errors import StoreError

log = logging.getLogger(__name__)

WAITING = 1000
"""Turns that may wait for a slow or full disk before one is lost, which is reported."""
CLOSE_SECONDS = 5.0

Save = Callable[[Turn, datetime], object]
"""Saves a turn that began at that time. Blocks; raises StoreError."""


class TurnKeeper:
    """Saves each turn that it is given; a turn that cannot be saved now waits until it can."""

    def __init__(
        self, save: Save, sender: MemoryObjectSendStream[tuple[Turn, datetime]], problem: Callable[[str], None]
    ) -> None:
        self._save = save
        self._sender = sender
        self._problem = problem
        self._waiting: deque[tuple[Turn, datetime]] = deque(maxlen=WAITING)
        self._in_trouble = False
        self._untried = 0
        self._tried = anyio.Event()

    async def tried(self) -> None:
        """Waits until each turn that was given has been saved, or has failed once."""
        while self._untried:
            await self._tried.wait()

    def keep(self, turn: Turn, began: datetime) -> None:
        """Returns at once. `began`: the wall clock's time when speech began."""
        try:
            self._sender.send_nowait((turn, began))
            self._untried += 1
        except anyio.WouldBlock:
            self._fail("The disk is too slow, so a turn was not saved.")

    async def run(self, receiver: MemoryObjectReceiveStream[tuple[Turn, datetime]]) -> None:
        """Until the stream is closed; then tries once more to save what waits."""
        async with receiver:
            async for one in receiver:
                if len(self._waiting) == WAITING:
                    self._fail("The disk has been full or broken for too long, so a turn was not saved.")
                self._waiting.append(one)
                await self._save_waiting()
                self._untried -= 1
                self._tried.set()
                self._tried = anyio.Event()
        await self._save_waiting()

    async def _save_waiting(self) -> None:
        """In the order of their arrival; one that fails goes to the end of the queue."""
        try:
            while self._waiting:
                await anyio.to_thread.run_sync(self._save, *self._waiting[0])
                self._waiting.popleft()
            self._in_trouble = False
        except StoreError as error:
            self._waiting.rotate(-1)
            self._fail(str(error))

    def _fail(self, sentence: str) -> None:
        log.error("%s", sentence)
        if not self._in_trouble:
            self._in_trouble = True
            self._problem(sentence)


@asynccontextmanager
async def turn_keeper(save: Save, problem: Callable[[str], None]) -> AsyncGenerator[TurnKeeper]:
    """A keeper at work. Leaving saves what still waits. `problem` is called once per outage."""
    sender, receiver = anyio.create_memory_object_stream[tuple[Turn, datetime]](WAITING)
    keeper = TurnKeeper(save, sender, problem)
    saving = anyio.CancelScope(shield=True)

    async def run() -> None:
        with saving:
            await keeper.run(receiver)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run)
        try:
            yield keeper
        finally:
            sender.close()
            saving.deadline = anyio.current_time() + CLOSE_SECONDS
