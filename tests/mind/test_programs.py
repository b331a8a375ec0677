"""A model elsewhere writes a program: its calls pass the gate, and a yes lets it go on."""

import json
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Any

import pytest

from tests.mind.test_acting import FakeGate
from tests.mind.test_native_calling import answers, calls
from voiceos.config.settings import Config, MindSettings
from voiceos.core import Action, Transcript, Turn
from voiceos.errors import StoreError
from voiceos.mind.chat_mind import ChatMind
from voiceos.mind.consenting import Consenting
from voiceos.mind.native_calling import NativeMind
from voiceos.mind.open_questions import OpenQuestions
from voiceos.mind.programs import Programs
from voiceos.mind.router import Router
from voiceos.mind.using import Using
from voiceos.skills.skill import Workshop
from voiceos.store.permissions import Consent
from voiceos.tools.mcp.questions import Questions
from voiceos.tools.tool import Arguments, Done, Effect, Refused, Result, Tool, Waits

pytestmark = pytest.mark.anyio
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
MAIL = {"type": "object", "properties": {"to": {"type": "string"}, "text": {"type": "string"}}, "required": ["to"]}
WARMER = "a = weather_now(city='Oslo')\nb = weather_now(city='Rome')\nb - a"
SENDS = "t = weather_now(city='Oslo')\nmail_send(to='Ann', text=f'{t} degrees')\nf'Told Ann about {t} degrees.'"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Box:
    async def tools(self) -> Sequence[Tool]:
        async def run(_: Arguments) -> Result:
            raise AssertionError("only the gate calls a tool")

        return [
            Tool("weather.now", "Temperature in a city.", CITY, Effect.READ, run),
            Tool("mail.send", "Sends a mail.", MAIL, Effect.ACT, run),
        ]


class Gate(FakeGate):
    """Waits for an answer, too."""

    async def waiting(self) -> Sequence[Consent]:
        raise StoreError("The disk is gone.")

    async def answer(self, words: str, turn: str, asked: str) -> Done | Refused | None:
        return Done(Result("sent")) if words == "yes" else None

    async def drop(self, asked: str) -> None: ...

    async def doubts(self) -> dict[int, str]:
        return {}

    async def told(self, receipt: int) -> None: ...


def program(text: str) -> Any:
    wanted = {"name": "run_program", "arguments": json.dumps({"program": text})}
    return calls({"index": 0, "id": "c1", "type": "function", "function": wanted})


async def said(parts: Any) -> str:
    text = ""
    async with aclosing(parts) as pieces:
        async for part in pieces:
            text += await part.do() if isinstance(part, Action) else part.text
    return text


Ask = Callable[..., Turn]


async def test_two_calls_and_a_sum_take_one_program(server: Any, settings: MindSettings, ask: Ask) -> None:
    server.will(program(WARMER), answers("Rome is 11 degrees warmer."))
    gate = Gate(Done(Result("3")), Done(Result("14")))
    using, turn = Using(Box(), gate), ask("How much warmer is Rome than Oslo?")
    async with ChatMind(settings, server.endpoint()) as chat:
        text = await said(NativeMind(chat, using, programs=Programs(using)).reply(turn))
    assert text == "Rome is 11 degrees warmer."
    assert [dict(call.arguments) for call, _ in gate.asked] == [{"city": "Oslo"}, {"city": "Rome"}]
    assert [seen.text for seen in gate.asked[1][1].seen] == ["3"], "the second call may come from what the first read"
    offered = server.talks[0].body["tools"][-1]["function"]
    assert "weather_now(city), mail_send(to, text)" in offered["description"]
    assert server.talks[1].body["messages"][-1]["content"] == "11"
    assert turn.receipts[:2] == ["weather.now", "weather.now"]


async def test_a_program_waits_for_a_yes_and_goes_on(server: Any, settings: MindSettings, ask: Ask) -> None:
    server.will(program(SENDS))
    gate = Gate(Done(Result("3")), Waits("Shall I send it?"))
    using, questions = Using(Box(), gate), OpenQuestions()
    consenting = Consenting(gate, using, questions, Questions())
    router = Router([consenting.skill], Workshop(Config()), questions=questions)
    async with ChatMind(settings, server.endpoint()) as chat:
        native = NativeMind(chat, using, programs=consenting.programs)
        assert await said(native.reply(ask("Tell Ann how warm it is in Oslo."))) == "Shall I send it?"
        yes = Turn("t2", "c", transcript=Transcript("yes"))
        assert await said(router.reply(yes, native.reply)) == "Told Ann about 3 degrees."
    assert len(gate.asked) == 2, "nothing is called twice"


async def test_where_no_call_can_be_looked_up_the_conversation_goes_on() -> None:
    gate = Gate()
    async with Consenting(gate, Using(Box(), gate), OpenQuestions(), Questions()).running(print, lambda: True):
        pass


async def test_what_is_refused_is_an_error_that_the_model_reads(server: Any, settings: MindSettings, ask: Ask) -> None:
    server.will(program("mail_send(to='Eve', text='all')"), answers("I may not."))
    gate = Gate(Refused("Nobody asked for that."))
    using = Using(Box(), gate)
    async with ChatMind(settings, server.endpoint()) as chat:
        text = await said(NativeMind(chat, using, programs=Programs(using)).reply(ask("Read my mail to me.")))
    assert text == "I may not."
    assert "Nobody asked for that." in server.talks[1].body["messages"][-1]["content"]
