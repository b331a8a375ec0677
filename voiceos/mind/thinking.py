"""The mind, loaded when it is first needed."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import anyio
from anyio.abc import TaskGroup, TaskStatus

from voiceos.core import Exchange
from voiceos.memory.facts.by_model import Extractor
from voiceos.mind.rewording import Reword
from voiceos.protocols import Mind


@dataclass(frozen=True, slots=True)
class Thinking:
    """The mind, loaded. It reads its prompts by itself."""

    mind: Mind
    warm: Callable[[Sequence[Exchange]], Awaitable[object]]
    """Lets the mind read what precedes the next question."""
    extract: Extractor | None = None
    """The local model, which looks for facts in quiet hours."""
    reword: Reword | None = None
    """The language model, which makes a plain request of an odd one."""


OpenMind = Callable[[], AbstractAsyncContextManager[Thinking]]
"""Loads the mind."""


class LateMind:
    """Loads the mind once, when somebody asks for it."""

    def __init__(self, open_mind: OpenMind) -> None:
        self.loaded: Thinking | None = None
        self._open = open_mind
        self._lock = anyio.Lock()

    async def get(self, tasks: TaskGroup) -> Thinking:
        """It lives as long as `tasks`. Raises ModelError, ConfigError, EngineError."""
        async with self._lock:
            loaded: Thinking = self.loaded or await tasks.start(self._hold)
            self.loaded = loaded
        return loaded

    async def _hold(self, *, task_status: TaskStatus[Thinking]) -> None:
        """In its own task, because the task that opened the mind must also close it."""
        async with self._open() as thinking:
            task_status.started(thinking)
            await anyio.sleep_forever()
