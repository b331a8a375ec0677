"""Runs an engine's blocking calls outside the loop, one at a time."""

import os
import threading
from collections.abc import Callable
from typing import TypeVar

from anyio import to_thread

T = TypeVar("T")


class Abandoned(Exception):
    """The caller was cancelled, so nobody waits for this result."""


class Call:
    """One call's view of its caller."""

    def __init__(self) -> None:
        self._abandoned = threading.Event()

    def check(self) -> None:
        """Between steps of long work. Raises Abandoned if nobody waits for the result."""
        if self._abandoned.is_set():
            raise Abandoned

    def abandon(self) -> None:
        self._abandoned.set()


class Worker:
    """A cancelled call returns at once. Its thread finishes later, and the next call waits for it.

    Calls that were cancelled before their turn came never run, so they do not pile up behind a slow one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()

    async def run(self, work: Callable[[Call], T]) -> T:
        """What `work` returns. It runs in a worker thread and gets a Call to ask whether anybody still waits."""
        call = Call()

        def in_turn() -> T:
            with self._lock:
                call.check()
                return work(call)

        try:
            return await to_thread.run_sync(in_turn, abandon_on_cancel=True)
        finally:
            call.abandon()


def suitable_threads(wanted: int, most: int, *, share: float = 1.0) -> int:
    """`wanted`, or if that is 0: this share of the cores that this process may use, and at most `most`."""
    if wanted:
        return wanted
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(int(cores * share), most))
