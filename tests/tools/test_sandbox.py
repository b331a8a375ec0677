"""Programs of a model: what they can do, and what they cannot."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from voiceos.errors import ToolError
from voiceos.tools.sandbox import LONGEST_ANSWER, MOST_CALLS, Paused, Sandbox
from voiceos.tools.tool import Arguments, Done, Effect, Refused, Result, Tool, Waits

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def tool(name: str, *parameters: str) -> Tool:
    async def never(arguments: Arguments) -> Result:
        raise AssertionError("only the gate calls a tool")

    return Tool(name, "", {"properties": {one: {} for one in parameters}}, Effect.READ, never)


TOOLS = [tool("weather.now", "city"), tool("mail.send", "to", "text")]


class Gate:
    """Knows the weather, and asks before it sends."""

    def __init__(self, sends: Done | Waits | Refused | None = None) -> None:
        self.sends = sends or Waits("Shall I send it?")
        self.calls: list[tuple[str, Mapping[str, object]]] = []

    async def __call__(self, tool: Tool, arguments: Mapping[str, object]) -> Done | Waits | Refused:
        self.calls.append((tool.name, arguments))
        if tool.name == "mail.send":
            return self.sends
        if arguments.get("city") == "Nowhere":
            raise ToolError("The weather server is away.")
        return Done(Result('{"celsius": 7}'))


async def run(program: str, gate: Any = None) -> Result | Paused:
    return await Sandbox(TOOLS, gate or Gate()).run(program, NOW)


@pytest.mark.parametrize(
    ("program", "text"),
    [
        ("sum(weather_now(city=c)['celsius'] for c in ['Oslo', 'Bergen'])", "14"),
        ("weather_now('Oslo')['celsius'] + 1", "8"),
        ("print('a')\n[1, 'zwei']", 'a\n[1, "zwei"]'),
        ("x = 1", "The program ended without a value."),
        ("try:\n    weather_now('Nowhere')\nexcept RuntimeError as e:\n    print(e)", "The weather server is away.\n"),
        ("import datetime\nstr(datetime.datetime.now())[:16]", "2026-11-30 09:00"),
        ("import random\nrandom.random() == random.Random(0).random()", "true"),
        ("'b' * 1_000_000", "b" * (LONGEST_ANSWER - 1) + "…"),
    ],
)
async def test_it_computes_with_what_tools_bring(program: str, text: str) -> None:
    assert await run(program) == Result(text)


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("while True: pass", "time limit"),
        ("x = [0] * 10**9", "memory limit"),
        ("'a' * 10**8", "memory limit"),
        ("open('/etc/passwd').read()", "Permission denied"),
        ("import socket", "No module named"),
        ("import os\nos.environ['HOME']", "not supported"),
        ("def f(): return f()\nf()", "recursion"),
        ("f(", "unexpected EOF"),
        ("delete_all()", "delete_all"),
        ("weather_now(1, 2, 3)", "takes 1 arguments"),
        (f"for i in range({MOST_CALLS + 5}): weather_now('Oslo')", "suspension limit"),
        ("print('x' * 100000)", "MemoryError"),
        ("'" + "x" * 9000 + "'", "longer than"),
        ("eval('open(\"/etc/passwd\")')", "Permission denied"),
    ],
)
async def test_what_it_must_not_do_fails_with_a_reason(program: str, why: str) -> None:
    result = await run(program)
    assert isinstance(result, Result)
    assert result.failed
    assert why in result.text


async def test_a_call_that_waits_stops_it_and_a_yes_goes_on() -> None:
    gate = Gate()
    sandbox = Sandbox(TOOLS, gate)
    program = "t = weather_now('Oslo')['celsius']\nr = mail_send(to='Ann', text=f'{t} degrees')\nf'{r}, {t}'"
    paused = await sandbox.run(program, NOW)
    assert isinstance(paused, Paused)
    assert paused.waits == Waits("Shall I send it?")
    assert gate.calls[-1] == ("mail.send", {"to": "Ann", "text": "7 degrees"})
    assert await sandbox.go_on(paused.state, Result("sent"), NOW) == Result("sent, 7")
    assert len(gate.calls) == 2, "nothing is called twice"


async def test_a_refusal_is_an_error_in_the_program() -> None:
    result = await run("mail_send('Ann', 'hi')", Gate(Refused("Ann is not in your contacts.")))
    assert isinstance(result, Result)
    assert result.failed
    assert "PermissionError: Ann is not in your contacts." in result.text
