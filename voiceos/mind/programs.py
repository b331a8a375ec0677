"""Lets a model elsewhere write a small program that combines tools: each call in it passes the gate like any other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from voiceos.clock import local_time
from voiceos.core import Turn
from voiceos.mind.using import Using
from voiceos.tools.sandbox import Paused, Sandbox, function_name
from voiceos.tools.tool import Call, Done, Effect, Refused, Result, Tool, Waits

NAME = "run_program"
FEWEST_TOOLS = 2
"""Fewer need no program."""
PARAMETER = "program"


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A program that waits for a yes."""

    sandbox: Sandbox
    paused: Paused


class Programs:
    """Runs the programs of a conversation, and goes on with one after the yes that it waited for."""

    def __init__(self, using: Using, now: Callable[[], datetime] = local_time) -> None:
        self._using = using
        self._now = now
        self._waiting: dict[tuple[str, str], _Waiting] = {}

    async def run(self, program: str, tools: Sequence[Tool], turn: Turn) -> Done | Waits:
        """What came of a program, or the question of a call in it. Only once the turn is committed."""

        async def call(tool: Tool, arguments: Mapping[str, object]) -> Done | Waits | Refused:
            return await self._using.within(Call(tool, arguments), turn)

        sandbox = Sandbox(tools, call)
        return self._outcome(await sandbox.run(program, self._now()), sandbox, turn)

    async def after(self, answered: Done | Refused | None, turn: Turn) -> Done | Waits | Refused | None:
        """What becomes of the owner's answer to a call: where a program waited for it, that goes on."""
        if answered is None:
            return None
        waiting = self._waiting.pop((turn.who, turn.device), None)
        if waiting is None or isinstance(answered, Refused):
            return answered
        result = await waiting.sandbox.go_on(waiting.paused.state, answered.result, self._now())
        outcome = self._outcome(result, waiting.sandbox, turn)
        if isinstance(outcome, Waits):
            return Waits(f"{answered.note} {outcome.question}".strip())
        return Done(outcome.result, answered.note)

    def _outcome(self, result: Result | Paused, sandbox: Sandbox, turn: Turn) -> Done | Waits:
        if isinstance(result, Paused):
            self._waiting[turn.who, turn.device] = _Waiting(sandbox, result)
            return result.waits
        return Done(result)


def offered(tools: Sequence[Tool]) -> Tool:
    """The tool by which a model runs a program with these."""
    listed = ", ".join(f"{function_name(tool.name)}({', '.join(_parameters(tool))})" for tool in tools)
    about = (
        "Runs a small Python program that calls several functions or computes with what they return, and tells its last"
        f" value. No files, network or imports but math and datetime. Functions: {listed}. Name every argument."
    )
    schema = {"type": "object", "properties": {PARAMETER: {"type": "string"}}, "required": [PARAMETER]}
    return Tool(NAME, about, schema, Effect.READ, _never)


def _parameters(tool: Tool) -> list[str]:
    properties = tool.schema.get("properties")
    return [str(name) for name in properties] if isinstance(properties, Mapping) else []


async def _never(arguments: Mapping[str, object]) -> Result:
    raise AssertionError("A program is run, not called.")
