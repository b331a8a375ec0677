"""Makes the calls that a mind wants: through the gate, each once, within bounds; and keeps what was read."""

import json
import logging
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskGroup

from voiceos.clock import local_time
from voiceos.core import Turn
from voiceos.errors import ToolError, VoiceosError
from voiceos.language.sentences import apology, capital, say
from voiceos.memory.quoting import used
from voiceos.mind.calling_prompt import cut
from voiceos.tools.data_in_words import in_words
from voiceos.tools.tool import (
    Call,
    Done,
    Gate,
    Origin,
    Refused,
    Result,
    Seen,
    Tool,
    Toolbox,
    Trail,
    Waits,
    Whence,
)

log = logging.getLogger(__name__)

TOOL = "tool"
"""What was called in a turn, in `Turn.engines`."""
MOST_CALLS = 4
"""In one turn."""
LIST_SECONDS = 1.0
"""How long a turn waits to know which tools are at hand."""
SHOWN_CHARACTERS = 1_200
"""How much of a result the mind gets."""
MOMENT_SECONDS = 1.5
"""How long a call may take before "one moment" is said."""
LATER_SECONDS = 12.0
"""How long it is waited for after that; then it is told when it is done."""
LONGEST_LATE = 200
MOST_SEEN = 40
MOST_CONVERSATIONS = 8


Make = Callable[[], Awaitable[Done | Waits | Refused | None]]


@dataclass(slots=True)
class Running:
    """A call that is being made."""

    name: str
    """Of its tool, as it is spoken."""
    over: anyio.Event = field(default_factory=anyio.Event)
    said: str = ""
    """What must be said of it, once it is over."""


@dataclass(slots=True)
class Used:
    """The calls of one turn."""

    turn: Turn
    made: dict[str, Result] = field(default_factory=dict[str, Result])
    """Results, by call."""
    ended: bool = False
    """Whether the turn says no more: it asked, was refused, or failed."""
    running: Running | None = None
    """The last call."""
    note: str = ""
    """What is said after the result."""
    left: bool = False
    """Whether nobody waits for it any more."""
    passed: bool = False
    """Whether what was said was no answer to what waits."""
    tells: bool = True
    """Whether it is said at once that a tool did not work, or brought nothing; otherwise the mind says it."""

    @property
    def is_over(self) -> bool:
        """Whether no call is being made."""
        return self.running is None or self.running.over.is_set()


class Using:
    """The tools at hand, as a mind uses them."""

    def __init__(self, toolbox: Toolbox, gate: Gate) -> None:
        self._toolbox = toolbox
        self._gate = gate
        self._tasks: TaskGroup | None = None
        self.on_late: Callable[[str], object] | None = None
        """Told what came of a call for which nobody waited any more."""
        self.on_wait: Callable[[Turn], object] | None = None
        """Told of a turn that asks for a yes to a call."""
        self._seen = dict[str, deque[Seen]]()

    async def tools(self) -> Sequence[Tool]:
        """Those at hand now; none where that is not known in a moment."""
        with anyio.move_on_after(LIST_SECONDS):
            try:
                return await self._toolbox.tools()
            except ToolError as error:
                log.info("no tools: %s", error)
        return ()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """While it is entered, calls may take longer than the turns that want them. Leaving it ends them."""
        async with anyio.create_task_group() as self._tasks:
            try:
                yield
            finally:
                self._tasks.cancel_scope.cancel()
                self._tasks = None

    async def call(self, call: Call, use: Used) -> str:
        """Makes a call; the sentence that must be said of it, "" if it brought something for the mind.

        Only to be called once the turn is committed. A call that has begun is finished, whoever speaks over it.
        """
        if key_of(call) in use.made:
            return ""  # a model that repeats itself; what it brought is there
        if len(use.made) >= MOST_CALLS:
            use.ended = True
            return say("using.too_many")
        use.turn.engines[TOOL] = call.tool.name
        name = spoken_name(call.tool.server)
        return await self.begin(lambda: self._gate.call(call, self.trail(use.turn)), name, key_of(call), use)

    async def within(self, call: Call, turn: Turn) -> Done | Waits | Refused:
        """Makes a call of a program, whose result is read like any other. Raises ToolError."""
        outcome = await self._gate.call(call, self.trail(turn))
        if isinstance(outcome, Done):
            origin = Origin(Whence.TOOL, spoken_name(call.tool.server))
            self._saw(turn, Seen(outcome.result.text, origin, call.tool.name))
            turn.receipts = [*turn.receipts, call.tool.name]
        return outcome

    async def begin(self, make: Make, name: str, key: str, use: Used) -> str:
        """Begins a call of the tool of this name, and waits for it a moment; what must be said, as `call` has it."""
        use.running = running = Running(name)
        if self._tasks is None:
            with anyio.CancelScope(shield=True):
                await self._made(make, key, use, running)
        else:
            self._tasks.start_soon(self._made, make, key, use, running)
            with anyio.move_on_after(MOMENT_SECONDS):
                await running.over.wait()
        return running.said if running.over.is_set() else f"{say('using.moment')} "

    async def rest(self, use: Used) -> str:
        """What must still be said of a call that took longer than a moment: waits for it some time longer."""
        running = use.running
        if running is None or use.is_over:
            return ""
        with anyio.move_on_after(LATER_SECONDS):
            await running.over.wait()
            return running.said
        use.ended = use.left = True
        return say("using.later")

    def leave(self, use: Used) -> None:
        """The turn is over: what is not done yet is told later."""
        use.left |= not use.is_over

    async def _made(self, make: Make, key: str, use: Used, running: Running) -> None:
        try:
            running.said = self._outcome(await make(), running.name, key, use)
        except VoiceosError as error:
            log.info("turn %s: %s", use.turn.id, error)
            use.ended = True
            unsure = isinstance(error, ToolError) and error.unsure
            running.said = say("using.unsure", said=apology(error)) if unsure else apology(error)
        finally:
            running.over.set()
        if use.left and self.on_late:
            brought = cut(use.turn.results[-1], LONGEST_LATE) if use.turn.results else ""
            self.on_late(say("using.ready", name=running.name, said=running.said or f"{brought} {use.note}".strip()))

    def _outcome(self, outcome: Done | Waits | Refused | None, name: str, key: str, use: Used) -> str:
        """What must be said of it."""
        if outcome is None:
            use.passed = True
            return ""
        if not isinstance(outcome, Done):
            use.ended = True
            if isinstance(outcome, Waits) and self.on_wait:
                self.on_wait(use.turn)
            return outcome.question if isinstance(outcome, Waits) else outcome.why
        result, turn, use.note = outcome.result, use.turn, outcome.note
        use.made[key] = result
        tool = turn.engines.get(TOOL, "")
        self._saw(turn, Seen(result.text, Origin(Whence.TOOL, name), tool))
        turn.results = [*turn.results, cut(in_words(result.text, local_time()), SHOWN_CHARACTERS)]
        if result.failed and use.tells:
            said = say("using.failed", name=capital(name), why=ended(cut(result.text.strip(), 200)))
            return f"{said} {use.note}".strip()
        if not result.failed:
            turn.receipts = [*turn.receipts, tool or name]
        return "" if result.text.strip() or not use.tells else say("using.done")

    def trail(self, turn: Turn) -> Trail:
        """All that a call in this turn may come from."""
        self._saw(turn)
        said = [*(exchange.user for exchange in turn.history), turn.words]
        return Trail(turn.id, turn.who, turn.device, said, list(self._seen[turn.conversation]))

    def note(self, turn: Turn) -> None:
        """Whatever a model said of what a server brought may come back as a value in a later turn."""
        if turn.brought:
            self._saw(turn)

    def _saw(self, turn: Turn, *new: Seen) -> None:
        """Notes what was read: it counts for the whole conversation, because the model may repeat it later."""
        if turn.conversation not in self._seen:
            self._seen[turn.conversation] = deque(maxlen=MOST_SEEN)
            while len(self._seen) > MOST_CONVERSATIONS:
                del self._seen[next(iter(self._seen))]
        seen = self._seen[turn.conversation]
        for memory in used(turn):
            recalled = Seen(memory.text, Origin(Whence.MEMORY, memory.source))
            if recalled not in seen:
                seen.append(recalled)
        brought = (Seen(one.text, Origin(Whence.TOOL, one.where), one.tool) for one in turn.brought)
        seen.extend(one for one in brought if one not in seen)
        seen.extend(new)


def key_of(call: Call) -> str:
    """The same for the same call."""
    return json.dumps([call.tool.name, dict(call.arguments)], sort_keys=True, default=str)


def spoken_name(server: str) -> str:
    """As it is said: "the weather tool"."""
    return say("using.name", server=server.replace("_", " ").replace("-", " "))


def ended(sentence: str) -> str:
    """With a full stop, where a tool has left it out: something may be said after it."""
    lacks = sentence[-1:].isalnum() or sentence.endswith(("'", '"', ")", "%"))
    return f"{sentence}." if lacks else sentence
