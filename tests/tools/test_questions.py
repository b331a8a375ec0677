"""What servers ask within a call, on a virtual clock."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import anyio
import pytest
from trio.testing import MockClock

from voiceos.errors import ToolError
from voiceos.tools.mcp.elicit import Ask
from voiceos.tools.mcp.link import Ended
from voiceos.tools.mcp.questions import ANSWER_SECONDS, Questions, answer_in
from voiceos.tools.mcp.server import IDLE_SECONDS, Heed, Server

pytestmark = pytest.mark.anyio
COUNT = {"type": "integer"}
SIZE = {"type": "string", "enum": ["s", "l"], "enumNames": ["small", "large"]}
TITLED = {"type": "string", "oneOf": [{"const": "r", "title": "Red"}, {"const": "b", "title": "Blue"}]}


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return ("trio", {"clock": MockClock(autojump_threshold=0)})


@pytest.mark.parametrize(
    ("words", "about", "value"),
    [
        ("Three.", COUNT, 3),
        ("twenty-five pages, please", COUNT, 25),
        ("between 3 and 4", COUNT, None),
        ("two and a half", COUNT, None),
        ("2.5", {"type": "number"}, 2.5),
        ("I don't care", COUNT, None),
        ("The large one.", SIZE, "l"),
        ("large or small", SIZE, None),
        ("red", TITLED, "r"),
        ("Yes, please.", {"type": "boolean"}, True),
        ("No.", {"type": "boolean"}, False),
        ("maybe", {"type": "boolean"}, None),
        ("To my sister in Leeds.", {"type": "string"}, "To my sister in Leeds"),
        ("No.", {"type": "string"}, None),
        ("one", {"type": "array"}, None),
    ],
)
def test_what_is_said_is_a_value_or_no_answer(words: str, about: Mapping[str, object], value: object) -> None:
    assert answer_in(words, about) == value


@pytest.mark.parametrize(
    ("fields", "answers", "result"),
    [
        ({"pages": COUNT}, ["three"], {"pages": 3}),
        ({"pages": COUNT, "colour": TITLED}, ["three", "blue"], {"pages": 3, "colour": "b"}),
        ({"pages": COUNT, "colour": TITLED}, ["three", "no"], None),
        ({}, ["yes"], {}),
        ({}, ["no"], None),
        ({"pages": {**COUNT, "default": 2}}, ["yes"], {}),  # the default is filled in where the form is
        ({"pages": COUNT}, [], None),  # nobody answers
        ({str(number): COUNT for number in range(9)}, [], None),
    ],
)
async def test_a_form_is_asked_field_by_field(fields: Any, answers: list[str], result: object) -> None:
    questions = Questions()
    rest, asked = [*answers], list[str]()

    async with anyio.create_task_group() as tasks:

        async def hear(sentence: str) -> None:
            assert questions.sentence == sentence
            assert not questions.takes("what a day") or fields == {}
            if rest and questions.takes(rest[0]):
                assert await questions.answer(rest.pop(0))

        def tell(sentence: str) -> bool:
            asked.append(sentence)
            tasks.start_soon(hear, sentence)
            return True

        questions.on_ask = tell
        schema = {"type": "object", "properties": fields, "required": [*fields]}
        assert await questions.ask("report_maker", "How many?", schema) == result
    assert (rest, questions.sentence) == ([], "")
    assert all("By the way, the report maker tool asks: How many?" in one for one in asked[:1])
    assert anyio.current_time() < ANSWER_SECONDS * 2


class Fake:
    """A server of the SDK's shape, whose calls take so long, or ask first."""

    def __init__(self, *failures: str) -> None:
        self.failures = [*failures]
        self.opened = 0
        self.ask: Ask | None = None
        self.server_capabilities = SimpleNamespace(tools=True)

    @asynccontextmanager
    async def connect(self, ended: Ended, heed: Heed, ask: Ask | None) -> AsyncGenerator[Any]:
        self.opened += 1
        self.ask = ask
        if self.failures:
            raise ToolError(self.failures.pop(0))
        yield self

    async def list_tools(self, **how: object) -> Any:
        return SimpleNamespace(tools=[], next_cursor=None)

    async def call_tool(self, name: str, arguments: Any) -> Any:
        if name == "ask":
            assert self.ask
            await self.ask("How many?", {})
        await anyio.sleep(arguments.get("seconds", 0))
        return SimpleNamespace(content=[], structured_content=None, is_error=False)


@asynccontextmanager
async def running(fake: Fake, ask: Ask | None = None) -> AsyncGenerator[Server]:
    server = Server("a", fake.connect, start_seconds=30, call_seconds=30, ask=ask)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(server.run)
        yield server
        tasks.cancel_scope.cancel()


async def test_who_fails_is_left_alone_for_longer_each_time() -> None:
    fake = Fake("one", "two", "three")
    async with running(fake) as server:
        for wait, why in ((2, "one"), (4, "two"), (8, "three")):
            with pytest.raises(ToolError, match=f"cannot be used: {why}"):
                await server.tools()
            await anyio.sleep(wait - 0.1)
            with pytest.raises(ToolError, match=f"cannot be used: {why}. They may be tried again in 0 s"):
                await server.tools()
            await anyio.sleep(0.2)
        assert await server.tools() == []
        assert fake.opened == 4


async def test_who_is_not_needed_ends() -> None:
    fake = Fake()
    async with running(fake) as server:
        assert server.state == "not started"
        await server.tools()
        await anyio.sleep(IDLE_SECONDS - 1)
        assert server.state == "running"
        await server.call("it", {})
        await anyio.sleep(IDLE_SECONDS - 1)
        assert server.state == "running"
        await anyio.sleep(2)
        assert server.state == "not started"
        await server.call("it", {})
        assert fake.opened == 2


async def test_no_time_runs_while_the_owner_thinks() -> None:
    async def ask(question: str, schema: Mapping[str, object]) -> Mapping[str, object] | None:
        await anyio.sleep(100)
        return {}

    async with running(Fake(), ask) as server:
        await server.call("ask", {"seconds": 29})
        with pytest.raises(ToolError, match="did not answer within 30 seconds"):
            await server.call("ask", {"seconds": 31})
