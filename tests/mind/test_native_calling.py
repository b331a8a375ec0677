"""A model elsewhere calls tools through its own interface: in pieces, checked, bounded, and told the results."""

import json
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Any

import pytest

from tests.mind.test_acting import FakeGate, Outcome
from voiceos.config.settings import MindSettings
from voiceos.core import Action, Turn
from voiceos.mind.chat_mind import ChatMind
from voiceos.mind.honest import HonestMind
from voiceos.mind.native_calling import NativeMind, json_schema
from voiceos.mind.using import Using
from voiceos.tools.schema import reduced
from voiceos.tools.tool import Arguments, Done, Effect, Refused, Result, Tool, Waits

pytestmark = pytest.mark.anyio
SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "minLength": 2, "description": "City"},
        "days": {"type": "integer", "minimum": 1, "maximum": 9},
        "units": {"type": "string", "enum": ["metric", "imperial"]},
        "spots": {"type": "array", "maxItems": 3, "items": {"type": "string"}},
        "odd": {"type": "object"},
    },
    "required": ["city"],
}


async def run(_: Arguments) -> Result:
    return Result("")


class Box:
    async def tools(self) -> Sequence[Tool]:
        return [
            Tool("weather.forecast", "Weather forecast for a city.", SCHEMA, Effect.READ, run),
            Tool("bad.tool", "Bad.", {"type": "string"}, Effect.READ, run),
        ]


def calls(*pieces: dict[str, Any], said: str = "") -> Any:
    async def behave(talk: Any) -> None:
        await talk.head()
        if said:
            await talk.say(said)
        for piece in pieces:
            await talk.data(json.dumps({"choices": [{"delta": {"tool_calls": [piece]}, "finish_reason": None}]}))
        await talk.finish("tool_calls")

    return behave


def call(arguments: str, name: str = "weather_forecast", **more: Any) -> dict[str, Any]:
    return {"id": "c1", "type": "function", "function": {"name": name, "arguments": arguments}, **more}


def answers(*texts: str) -> Any:
    async def behave(talk: Any) -> None:
        await talk.well(*texts)

    return behave


async def reply(
    server: Any, settings: MindSettings, turn: Turn, *outcomes: Outcome, commits: bool = True
) -> tuple[str, FakeGate]:
    gate, text = FakeGate(*outcomes), ""
    async with ChatMind(settings, server.endpoint()) as chat:
        native = NativeMind(chat, Using(Box(), gate))
        async with aclosing(HonestMind(native, can=native.can).reply(turn)) as parts:
            async for part in parts:
                if isinstance(part, Action) and not commits:
                    break
                text += await part.do() if isinstance(part, Action) else part.text
    return text, gate


Ask = Callable[..., Turn]


async def test_a_call_that_comes_in_pieces_is_made_and_its_result_goes_back(
    server: Any, settings: MindSettings, ask: Ask
) -> None:
    first = call('{"city": "Os', index=0)
    rest = {"index": 0, "function": {"arguments": 'lo", "days": 2}'}}
    server.will(calls(first, rest, said="Let me see. "), answers("I have checked it: 3 degrees in Oslo."))
    turn = ask("How is the weather in Oslo?")
    text, gate = await reply(server, settings, turn, Done(Result("3 °C")))
    assert text == "Let me see. I have checked it: 3 degrees in Oslo."
    assert dict(gate.asked[0][0].arguments) == {"city": "Oslo", "days": 2}
    offered, answered = (talk.body for talk in server.talks)
    assert [one["function"]["name"] for one in offered["tools"]] == ["weather_forecast"]
    assistant, result = answered["messages"][-2:]
    assert assistant["tool_calls"][0]["function"]["arguments"] == '{"city": "Oslo", "days": 2}'
    assert result == {"role": "tool", "tool_call_id": "c1", "content": "3 °C"}
    assert turn.receipts == ["weather.forecast"]


async def test_nothing_is_called_before_the_turn_is_committed(server: Any, settings: MindSettings, ask: Ask) -> None:
    server.will(calls(call('{"city": "Oslo"}')))
    _, gate = await reply(server, settings, ask("The weather in Oslo?"), commits=False)
    assert gate.asked == []


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (call("{}", name="no_such_tool"), "There is no tool 'no_such_tool'."),
        (call('{"city": "Os'), "The arguments are not JSON."),
        (call('{"city": "Oslo", "days": 40}'), "'days' is out of range."),
        (call('{"days": 4}'), "The call lacks 'city'."),
        (call('["Oslo"]'), "The call must be of the type object."),
    ],
)
async def test_a_wrong_call_reaches_no_tool_and_the_model_is_told(
    server: Any, settings: MindSettings, ask: Ask, wanted: Any, told: str
) -> None:
    server.will(calls(wanted), answers("I could not find that out."))
    text, gate = await reply(server, settings, ask("The weather in Oslo?"))
    assert text == "I could not find that out."
    assert gate.asked == []
    assert server.talks[1].body["messages"][-1]["content"] == told


async def test_a_value_that_nobody_said_is_asked_for_and_used_where_the_model_insists(
    server: Any, settings: MindSettings, ask: Ask
) -> None:
    guessed = calls(call('{"city": "Oslo"}'))
    server.will(guessed, answers("Which city?"))
    text, gate = await reply(server, settings, ask("How is the weather?"))
    assert (text, gate.asked) == ("Which city?", [])
    assert server.talks[1].body["messages"][-1]["content"].startswith("Nobody said 'Oslo' for 'city'.")
    server.will(guessed, guessed, answers("3 degrees."))
    text, gate = await reply(server, settings, ask("How is it in the capital of Norway?"), Done(Result("3 °C")))
    assert (text, len(gate.asked)) == ("3 degrees.", 1)


@pytest.mark.parametrize("outcome", [Waits("Shall I?"), Refused("I may not.")])
async def test_what_waits_or_is_refused_ends_the_reply(
    server: Any, settings: MindSettings, ask: Ask, outcome: Any
) -> None:
    server.will(calls(call('{"city": "Oslo"}')))
    text, _ = await reply(server, settings, ask("The weather in Oslo?"), outcome)
    assert text in ("Shall I?", "I may not.")
    assert len(server.talks) == 1


async def test_a_model_that_calls_for_ever_must_answer_in_the_end(
    server: Any, settings: MindSettings, ask: Ask
) -> None:
    server.will(calls(call('{"city": "Oslo"}')))
    text, gate = await reply(server, settings, ask("The weather in Oslo?"), Done(Result("3 °C")))
    assert len(gate.asked) == 1
    assert len(server.talks) == 5
    assert "tools" not in server.talks[-1].body
    assert text


def test_a_schema_that_is_offered_is_the_one_that_is_checked() -> None:
    schema: Any = json_schema(reduced(SCHEMA).fields)
    assert reduced(schema).fields == reduced(SCHEMA).fields
    assert "odd" not in schema["properties"]
