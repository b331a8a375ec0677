"""Looks up names of the network in threads that nobody waits for: a resolver may take minutes to give up."""

import asyncio
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from sniffio import current_async_library

MOST = 32
"""Lookups at once: more than that never answer, or the network is gone."""


def abandon_at_end() -> None:
    """The running loop ends without its lookups. asyncio uses its threads for nothing else; trio does so by itself."""
    if current_async_library() == "asyncio":
        asyncio.get_running_loop().set_default_executor(_Lookups())


class _Lookups(ThreadPoolExecutor):
    """A thread for each call, of those that end with the process. A pool would join its own."""

    def __init__(self) -> None:
        super().__init__()
        self._free = threading.BoundedSemaphore(MOST)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = Future[Any]()

        def look() -> None:
            try:
                found = fn(*args, **kwargs)
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(found)
            finally:
                self._free.release()

        if self._free.acquire(blocking=False):
            future.set_running_or_notify_cancel()
            threading.Thread(target=look, name="lookup", daemon=True).start()
        else:
            future.set_exception(socket.gaierror(socket.EAI_AGAIN, "too many names are being looked up"))
        return future
