"""The mind, loaded when it is first needed."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskGroup, TaskStatus

from voiceos.core import Action, Exchange, Part, Turn
from voiceos.errors import VoiceosError
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
    """A `Mind` that is loaded, once, when somebody needs it; who stops waiting for that does not stop it."""

    def __init__(self, open_mind: OpenMind, tasks: TaskGroup) -> None:
        """It lives as long as `tasks`."""
        self.loaded: Thinking | None = None
        self._open = open_mind
        self._tasks = tasks
        self._loading: _Loading | None = None

    @property
    def name(self) -> str:
        """Empty until it is loaded."""
        return self.loaded.mind.name if self.loaded else ""

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        mind = (await self.get()).mind
        turn.engines["mind"] = mind.name
        async with aclosing(mind.reply(turn)) as parts:
            async for part in parts:
                yield part

    async def get(self) -> Thinking:
        """Raises ModelError, ConfigError, EngineError."""
        if self.loaded:
            return self.loaded
        if not (loading := self._loading):
            loading = self._loading = _Loading()
            self._tasks.start_soon(self._load, loading)
        await loading.over.wait()
        if loading.error:
            raise loading.error
        assert self.loaded
        return self.loaded

    async def _load(self, loading: "_Loading") -> None:
        try:
            self.loaded = await self._tasks.start(self._hold)
        except VoiceosError as error:
            loading.error = error
        self._loading = None
        loading.over.set()

    async def _hold(self, *, task_status: TaskStatus[Thinking]) -> None:
        """In its own task, because the task that opened the mind must also close it."""
        async with self._open() as thinking:
            task_status.started(thinking)
            await anyio.sleep_forever()


@dataclass(slots=True)
class _Loading:
    """One attempt, for all who wait for it."""

    over: anyio.Event = field(default_factory=anyio.Event)
    error: VoiceosError | None = None
