"""The past turns of a host: opened when they are first needed, and written outside its loop."""

import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeVar

from anyio import to_thread

from voiceos.core import Turn
from voiceos.store.keeper import Save, TurnKeeper, turn_keeper
from voiceos.store.turns import TurnStore

T = TypeVar("T")


class PastTurns:
    """Enter `running` before anything else."""

    def __init__(self, open: Callable[[], TurnStore]) -> None:
        """`open` raises StoreError, and is tried again."""
        self._open = open
        self._turns: TurnStore | None = None
        self._lock = threading.Lock()
        self._keeper: TurnKeeper | None = None

    @asynccontextmanager
    async def running(self, save: Save, problem: Callable[[str], None]) -> AsyncGenerator[None]:
        """While it is entered, turns are saved. `problem` gets a sentence when they cannot be, once per outage."""
        try:
            async with turn_keeper(save, problem) as self._keeper:
                yield
        finally:  # also when it is cancelled: what is damaged is salvaged only where nobody has it open
            if self._turns:
                self._turns.close()

    def keep(self, turn: Turn, began: datetime) -> None:
        """Returns at once. `began`: the wall clock's time when speech began."""
        if self._keeper:
            self._keeper.keep(turn, began)

    async def kept(self) -> None:
        """Waits until the turns that have just ended are saved, or cannot be."""
        if self._keeper:
            await self._keeper.tried()

    async def work(self, work: Callable[[TurnStore], T]) -> T:
        """Works on them in a thread, including those that have just ended. Raises StoreError."""
        await self.kept()
        return await to_thread.run_sync(lambda: self.with_them(work))

    def with_them(self, work: Callable[[TurnStore], T]) -> T:
        """Blocks; one at a time. Raises StoreError."""
        with self._lock:
            if self._turns is None:
                self._turns = self._open()
            return work(self._turns)
