"""Long work beside the conversation."""

import uuid
from collections.abc import Callable, Coroutine
from typing import Any

import anyio
from anyio.abc import TaskGroup, TaskStatus


class Jobs:
    """Starts jobs while `run` runs, which ends them with it."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._tasks: TaskGroup

    @property
    def names(self) -> list[str]:
        """What each job at work does, in words."""
        return [*self._names.values()]

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Until cancelled. Started once jobs can be."""
        async with anyio.create_task_group() as self._tasks:
            task_status.started()
            await anyio.sleep_forever()

    def start(self, name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> anyio.CancelScope:
        """Starts a job. `run` must not raise. Cancelling the scope ends it."""
        scope, number = anyio.CancelScope(), uuid.uuid4().hex

        async def work() -> None:
            self._names[number] = name
            try:
                with scope:
                    await run()
            finally:
                del self._names[number]

        self._tasks.start_soon(work)
        return scope
