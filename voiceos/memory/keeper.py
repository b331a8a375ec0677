"""Keeps finished turns: an observer that saves them outside the loop, one after the other."""

import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from voiceos.core import Notice, NoticeKind, Observer, Turn
from voiceos.errors import StoreError
from voiceos.store.ledger import Derived
from voiceos.store.turns import TurnStore

log = logging.getLogger(__name__)

WAITING = 1000
"""Turns that may wait for a slow or full disk before one is lost, and said to be lost."""
CLOSE_SECONDS = 5.0


@asynccontextmanager
async def keep_turns(
    folder: Path,
    now: Callable[[], datetime],
    problem: Callable[[str], None],
    *,
    keep_audio: bool = False,
    key: str | None = None,
    rooms: Sequence[Derived] = (),
    kept: Callable[[Turn], None] = lambda _: None,
) -> AsyncGenerator[Observer]:
    """An observer that keeps every finished turn; leaving saves what is still waiting.

    `now` tells the wall-clock time; `problem` is told, once an outage, that turns cannot be kept. They wait, and are
    kept when it is over. `kept` is told, in a thread, of each turn that is on the disk.
    """
    sender, receiver = anyio.create_memory_object_stream[tuple[Turn, datetime]](WAITING)
    keeper = _Keeper(_Shelf(folder, key, rooms, keep_audio), sender, now, problem, kept)
    saving = anyio.CancelScope(shield=True)

    async def save_all() -> None:
        with saving:
            await keeper.save_all(receiver)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(save_all)
        try:
            yield keeper.observe
        finally:
            sender.close()
            saving.deadline = anyio.current_time() + CLOSE_SECONDS


class _Keeper:
    """Hands finished turns to the shelf, and tells of an outage once."""

    def __init__(
        self,
        shelf: "_Shelf",
        sender: MemoryObjectSendStream[tuple[Turn, datetime]],
        now: Callable[[], datetime],
        problem: Callable[[str], None],
        kept: Callable[[Turn], None],
    ) -> None:
        self._shelf = shelf
        self._sender = sender
        self._now = now
        self._problem = problem
        self._kept = kept
        self._in_trouble = False

    def observe(self, notice: Notice) -> None:
        if notice.kind is not NoticeKind.TURN or not notice.turn:
            return
        begin = notice.turn.speech.start if notice.turn.speech else notice.at
        try:
            self._sender.send_nowait((notice.turn, self._now() - timedelta(seconds=notice.at - begin)))
        except anyio.WouldBlock:
            self._fail("The storage is too slow: a turn was not kept.")

    async def save_all(self, receiver: MemoryObjectReceiveStream[tuple[Turn, datetime]]) -> None:
        async with receiver:
            async for turn, began in receiver:
                if self._shelf.add(turn, began):
                    self._fail("The storage has been full or broken for so long that a turn was not kept.")
                await self._save_waiting()
        await self._save_waiting()
        await anyio.to_thread.run_sync(self._shelf.close)

    async def _save_waiting(self) -> None:
        try:
            while turn := await anyio.to_thread.run_sync(self._shelf.save_next):
                self._kept(turn)
            self._in_trouble = False
        except StoreError as error:
            self._fail(str(error))

    def _fail(self, sentence: str) -> None:
        log.error("%s", sentence)
        if not self._in_trouble:
            self._in_trouble = True
            self._problem(sentence)


class _Shelf:
    """Turns on their way to the disk."""

    def __init__(self, folder: Path, key: str | None, rooms: Sequence[Derived], keep_audio: bool) -> None:
        self._folder = folder
        self._key = key
        self._rooms = rooms
        self._keep_audio = keep_audio
        self._waiting: deque[tuple[Turn, datetime]] = deque(maxlen=WAITING)
        self._store: TurnStore | None = None  # opened with the first turn, in the thread that saves it

    def add(self, turn: Turn, began: datetime) -> bool:
        """Whether the oldest one had to go for it."""
        lost = len(self._waiting) == WAITING
        self._waiting.append((turn, began))
        return lost

    def save_next(self) -> Turn | None:
        """Saves the turn that waits longest, which goes to the end of the queue if that fails; None: none waits."""
        if not self._waiting:
            return None
        turn, began = self._waiting[0]
        try:
            self._store = self._store or TurnStore(self._folder, self._key, self._rooms)
            self._store.save(turn, began, keep_audio=self._keep_audio)
        except StoreError:
            self._waiting.rotate(-1)
            raise
        self._waiting.popleft()
        return turn

    def close(self) -> None:
        if self._store:
            self._store.close()
