"""Runs small programs that a model writes: no files, no network, no clock, little time and memory.

A program may do sums and call tools by name. It stops at every such call until the gate has answered, so a call in a
program passes the same permission as any other. The interpreter is pydantic-monty's, in a process of its own (ADR 33).
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from anyio import from_thread, to_thread

from voiceos.errors import ToolError
from voiceos.tools.tool import Done, Refused, Result, Tool, Waits

if TYPE_CHECKING:
    import pydantic_monty as monty

SECONDS = 2.0
"""How long a program may compute, calls not counted."""
MEMORY_BYTES = 32_000_000
MOST_CALLS = 12
LONGEST_PROGRAM = 8_000
LONGEST_ANSWER = 4_000
"""Characters."""
MOST_PRINTED = 64_000
"""Bytes; a program that prints more is ended."""

Calls = Callable[[Tool, Mapping[str, object]], Awaitable[Done | Waits | Refused]]
"""Makes a call through the gate. Raises ToolError."""


@dataclass(frozen=True, slots=True)
class Paused:
    """A program that waits for the owner's yes to one of its calls."""

    waits: Waits
    state: bytes
    """All of the program, to go on from here. Only what this file made may be given back to it."""


class Sandbox:
    """Runs one program at a time for each that asks; a process serves several in turn."""

    def __init__(self, tools: Sequence[Tool], call: Calls) -> None:
        self._tools = {function_name(tool.name): tool for tool in tools}
        self._call = call

    async def run(self, program: str, now: datetime) -> Result | Paused:
        """What a program prints and its last value; `now` is all that it sees of a clock.

        A program that fails gives a failed Result, which a model can read.
        """
        if len(program) > LONGEST_PROGRAM:
            return Result(f"The program is longer than {LONGEST_PROGRAM} characters.", failed=True)
        return await to_thread.run_sync(self._run, now, program, None)

    async def go_on(self, state: bytes, result: Result, now: datetime) -> Result | Paused:
        """Goes on after a yes, with what the call brought."""
        return await to_thread.run_sync(self._run, now, state, result)

    def _run(self, now: datetime, begun: str | bytes, result: Result | None) -> Result | Paused:
        """A program, or the state of one and what it waits for."""
        import pydantic_monty as monty

        printed = monty.CollectString(MOST_PRINTED)
        try:
            with (
                monty.Monty(max_processes=1) as pool,
                pool.checkout(limits=_limits(), os_policy=_policy(now)) as session,
            ):
                if isinstance(begun, bytes):
                    waiting: Any = session.load_snapshot(begun, print_callback=printed)
                    return self._steps(waiting.resume(_answer(result or Result(""))), printed)
                return self._steps(session.feed_start(begun, print_callback=printed), printed)
        except monty.MontyError as error:
            return Result(_shortened(f"{error}\n{printed.output}".strip()), failed=True)

    def _steps(self, step: Any, printed: "monty.CollectString") -> Result | Paused:
        import pydantic_monty as monty

        while not isinstance(step, monty.MontyComplete):
            if isinstance(step, monty.FunctionSnapshot) and not step.is_os_function:
                answer = from_thread.run(self._called, str(step.function_name), step.args, step.kwargs)
                if isinstance(answer, Waits):
                    return Paused(answer, step.dump())
                step = step.resume(answer)
            elif isinstance(step, monty.FunctionSnapshot):
                step = step.resume_not_handled()
            elif isinstance(step, monty.NameLookupSnapshot):
                step = step.resume()  # an unknown name: NameError in the program
            else:
                raise ToolError("The program awaits something that never comes.")
        value = "" if step.output is None else _written(step.output)
        return Result(_shortened(printed.output + value) or "The program ended without a value.")

    async def _called(self, name: str, unnamed: Sequence[Any], named: Mapping[str, Any]) -> Any:
        """What a call in a program gets: a value, an exception, or Waits."""
        tool = self._tools.get(name)
        if tool is None:
            return {"exception": NameError(f"There is no function {name}.")}
        arguments = dict(zip(_parameters(tool), unnamed, strict=False)) | dict(named)
        if len(unnamed) > len(_parameters(tool)):
            return {"exception": TypeError(f"{name} takes {len(_parameters(tool))} arguments.")}
        try:
            outcome = await self._call(tool, arguments)
        except ToolError as error:
            return {"exception": RuntimeError(str(error))}
        match outcome:
            case Done(result):
                return _answer(result)
            case Refused(why):
                return {"exception": PermissionError(why)}
            case Waits():
                return outcome


def function_name(name: str) -> str:
    """What a program calls a tool: an identifier."""
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def _parameters(tool: Tool) -> list[str]:
    properties = tool.schema.get("properties")
    return [*properties] if isinstance(properties, Mapping) else []


def _answer(result: Result) -> Any:
    if result.failed:
        return {"exception": RuntimeError(result.text)}
    try:
        return {"return_value": json.loads(result.text)}  # figures are figures
    except ValueError:
        return {"return_value": result.text}


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_ANSWER else text[: LONGEST_ANSWER - 1] + "…"


def _limits() -> "monty.ResourceLimits":
    import pydantic_monty as monty

    return monty.ResourceLimits(
        max_feed_duration_secs=SECONDS, max_memory=MEMORY_BYTES, max_suspensions=MOST_CALLS, max_recursion_depth=200
    )


def _policy(now: datetime) -> "monty.OSPolicy":
    import pydantic_monty as monty

    return monty.OSPolicy(datetime=now, sleep="zero", random_start=monty.RandomSeed(seed=0))
