"""Makes the calls that a mind wants: through the gate, each once, within bounds; and keeps what was read."""

import json
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import anyio

from voiceos.core import Turn
from voiceos.errors import ToolError
from voiceos.language.sentences import apology, say
from voiceos.memory.quoting import used
from voiceos.mind.calling_prompt import cut
from voiceos.tools.tool import (
    Call,
    Done,
    Gate,
    Origin,
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
MOST_SEEN = 40
MOST_CONVERSATIONS = 8


@dataclass(slots=True)
class Used:
    """The calls of one turn."""

    turn: Turn
    made: dict[str, Result] = field(default_factory=dict[str, Result])
    """Results, by call."""
    ended: bool = False
    """Whether the turn says no more: it asked, was refused, or failed."""


class Using:
    """The tools at hand, as a mind uses them."""

    def __init__(self, toolbox: Toolbox, gate: Gate) -> None:
        self._toolbox = toolbox
        self._gate = gate
        self._seen = dict[str, deque[Seen]]()

    async def tools(self) -> Sequence[Tool]:
        """Those at hand now; none where that is not known in a moment."""
        with anyio.move_on_after(LIST_SECONDS):
            try:
                return await self._toolbox.tools()
            except ToolError as error:
                log.info("no tools: %s", error)
        return ()

    async def call(self, call: Call, use: Used) -> str:
        """Makes a call; the sentence that must be said of it, "" if it brought something for the mind.

        Only to be called once the turn is committed. A call that has begun is finished, whoever speaks over it.
        """
        key = json.dumps([call.tool.name, dict(call.arguments)], sort_keys=True, default=str)
        if key in use.made:
            return ""  # a model that repeats itself; what it brought is there
        if len(use.made) >= MOST_CALLS:
            use.ended = True
            return say("using.too_many")
        said = ""
        with anyio.CancelScope(shield=True):
            said = await self._called(call, use, key)
        return said  # noqa: RET504 - for the type checker, a scope may swallow what is returned in it

    async def _called(self, call: Call, use: Used, key: str) -> str:
        turn = use.turn
        turn.engines[TOOL] = call.tool.name
        try:
            outcome = await self._gate.call(call, self.trail(turn))
        except ToolError as error:
            log.info("turn %s: %s", turn.id, error)
            use.ended = True
            return say("using.unsure", said=apology(error)) if error.unsure else apology(error)
        if not isinstance(outcome, Done):
            use.ended = True
            return outcome.question if isinstance(outcome, Waits) else outcome.why
        result = outcome.result
        use.made[key] = result
        self._saw(turn, Seen(result.text, Origin(Whence.TOOL, spoken_name(call.tool)), call.tool.name))
        turn.results = [*turn.results, cut(result.text, SHOWN_CHARACTERS)]
        if result.failed:
            return say("using.failed", name=spoken_name(call.tool), why=cut(result.text, 200))
        turn.receipts = [*turn.receipts, call.tool.name]
        return "" if result.text.strip() else say("using.done")

    def trail(self, turn: Turn) -> Trail:
        """All that a call in this turn may come from."""
        self._saw(turn)
        said = [*(exchange.user for exchange in turn.history), turn.words]
        return Trail(turn.id, turn.who, turn.device, said, list(self._seen[turn.conversation]))

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
        seen.extend(new)


def spoken_name(tool: Tool) -> str:
    """As it is said: "the weather tool"."""
    return say("using.name", server=tool.server.replace("_", " ").replace("-", " "))
