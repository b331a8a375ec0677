"""Keeps finished turns: an observer that saves them outside the loop, one after the other."""

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import anyio

from voiceos.core import Notice, NoticeKind, Observer, Turn
from voiceos.errors import StoreError
from voiceos.memory.turns import TurnStore

log = logging.getLogger(__name__)

WAITING = 1000
"""Turns that may wait for a slow disk before one is lost, and said to be lost."""
CLOSE_SECONDS = 5.0


@asynccontextmanager
async def keep_turns(
    folder: Path, now: Callable[[], datetime], problem: Callable[[str], None], *, keep_audio: bool = False
) -> AsyncGenerator[Observer]:
    """An observer that keeps every finished turn; leaving saves what is still waiting.

    `now` tells the wall-clock time; `problem` is told, once, that turns cannot be kept.
    """
    sender, receiver = anyio.create_memory_object_stream[tuple[Turn, datetime]](WAITING)
    saving = anyio.CancelScope(shield=True)
    told: list[str] = []
    stores: list[TurnStore] = []  # opened with the first turn, in the thread that saves it

    def fail(sentence: str) -> None:
        log.error("%s", sentence)
        if not told:
            told.append(sentence)
            problem(sentence)

    def observe(notice: Notice) -> None:
        if notice.kind is not NoticeKind.TURN or not notice.turn:
            return
        begin = notice.turn.speech.start if notice.turn.speech else notice.at
        try:
            sender.send_nowait((notice.turn, now() - timedelta(seconds=notice.at - begin)))
        except anyio.WouldBlock:
            fail("The storage is too slow: a turn was not kept.")

    def save(turn: Turn, began: datetime) -> None:
        if not stores:
            stores.append(TurnStore(folder))
        stores[0].save(turn, began, keep_audio=keep_audio)

    def close() -> None:
        for store in stores:
            store.close()

    async def save_all() -> None:
        with saving:
            async with receiver:
                async for turn, began in receiver:
                    try:
                        await anyio.to_thread.run_sync(save, turn, began)
                    except StoreError as error:
                        fail(str(error))
            await anyio.to_thread.run_sync(close)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(save_all)
        try:
            yield observe
        finally:
            sender.close()
            saving.deadline = anyio.current_time() + CLOSE_SECONDS
