"""Streams as endpoints, gateways and templates really send them: the answer that is in them is heard, and only that."""

import json
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from voiceos.config.settings import MindSettings
from voiceos.core import Turn
from voiceos.errors import MindError
from voiceos.language.sentences import say
from voiceos.mind.chat_mind import ChatMind
from voiceos.mind.events import Events
from voiceos.mind.reply_text import ReplyText

pytestmark = pytest.mark.anyio

Server = Any
Behaviour = Callable[[Any], Awaitable[None]]


def delta(**fields: Any) -> str:
    return json.dumps({"choices": [{"index": 0, "delta": fields, "finish_reason": None}]})


def event(data: str) -> bytes:
    return f"data: {data}\n\n".encode()


IT_IS, FOUR, DONE = event(delta(content="It is ")), event(delta(content="four.")), b"data: [DONE]\n\n"
STOP = event('{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}')
WHOLE = IT_IS + FOUR + STOP + DONE
PARTS = json.dumps(
    [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "text", "text": "It is four."}]
)
MESSAGE = {"choices": [{"message": {"role": "assistant", "content": "It is four."}, "finish_reason": "stop"}]}

GOOD = {
    "as it should be": WHOLE,
    "a comment first": b": keep-alive\n\n" + WHOLE,
    "only retry": IT_IS + b"retry: 3000\n\n" + FOUR + STOP + DONE,
    "an id, then a comment": IT_IS + b"id: 7\n\n: ping\n\n" + FOUR + STOP + DONE,
    "a ping without data": b"event: ping\n\n" + IT_IS + b"event: ping\n\n" + FOUR + DONE,
    "blank data": IT_IS + b"data:\n\n" + b"data: \n\n" + FOUR + STOP + DONE,
    "an empty object": IT_IS + event("{}") + FOUR + STOP + DONE,
    "a typed ping": event('{"type": "ping"}') + WHOLE,
    "a ping in words": event("ping") + IT_IS + event("keep-alive") + FOUR + STOP + DONE,
    "null": event("null") + IT_IS + event('""') + FOUR + STOP + DONE,
    "null choices": IT_IS + event('{"choices": null}') + FOUR + STOP + DONE,
    "no choices": IT_IS + event('{"choices": []}') + FOUR + event('{"choices": [], "usage": {"n": 9}}') + DONE,
    "a null choice": IT_IS + event('{"choices": [null]}') + FOUR + STOP + DONE,
    "a null delta": IT_IS + event('{"choices": [{"delta": null}]}') + FOUR + STOP + DONE,
    "a null error": event('{"error": null, "choices": [{"delta": {"content": "It is four."}}]}') + DONE,
    "the role alone": event(delta(role="assistant")) + event(delta(role="assistant", content=None)) + WHOLE,
    "no end": IT_IS + FOUR,
    "no end, no full stop": event(delta(content="Four")) + DONE,
    "the end twice": WHOLE + DONE,
    "more after the end": WHOLE + event(delta(content=" And so on.")),
    "an empty reason": event('{"choices": [{"delta": {"content": "It is four."}, "finish_reason": ""}]}') + DONE,
    "another reason": IT_IS + FOUR + event('{"choices": [{"delta": {}, "finish_reason": "eos_token"}]}') + DONE,
    "an error after the end": IT_IS + FOUR + STOP + event('{"error": {"message": "oh"}}'),
    "no space": WHOLE.replace(b"data: ", b"data:"),
    "CR LF": WHOLE.replace(b"\n", b"\r\n"),
    "CR": WHOLE.replace(b"\n", b"\r"),
    "a byte order mark": b"\xef\xbb\xbf" + WHOLE,
    "named events": WHOLE.replace(b"data:", b"event: message\nid: 1\ndata:"),
    "data in lines": b'data: {"choices": [{"delta":\ndata: {"content": "It is four."}}]}\n\n' + DONE,
    "no empty lines": WHOLE.replace(b"\n\n", b"\n"),
    "no fields": delta(content="It is ").encode() + b"\n" + delta(content="four.").encode() + b"\n",
    "the data of another stream": WHOLE.replace(b"data:", b"data: data:"),
    "two objects in a line": event(delta(content="It is ") + delta(content="four.")) + DONE,
    "what a tool does": event(delta(role="tool", content="searching")) + WHOLE,
    "reasoning apart": event(delta(reasoning_content="Hm.")) + event(delta(reasoning="Hm.", content="")) + WHOLE,
    "a refusal": event(delta(content=None, refusal="It is four.")) + STOP + DONE,
    "content in parts": event(f'{{"choices": [{{"delta": {{"content": {PARTS}}}}}]}}') + DONE,
    "a whole message as an event": event(json.dumps(MESSAGE)) + DONE,
    "the message again": IT_IS + FOUR + event(json.dumps(MESSAGE)) + DONE,
    "an old completion": event('{"choices": [{"text": "It is four."}]}') + DONE,
}  # fmt: skip


def raw(stream: bytes, kind: str = "text/event-stream", step: int = 0) -> Behaviour:
    """Sends bytes as they are; `step`: so many at a time."""

    async def behave(talk: Any) -> None:
        await talk.head(kind=kind)
        for begin in range(0, len(stream), step or len(stream)):
            talk.writer.write(stream[begin : begin + (step or len(stream))])
            await talk.writer.drain()

    return behave


def says(*texts: str) -> Behaviour:
    return lambda talk: talk.well(*texts)


async def replies(settings: MindSettings, server: Server, turn: Turn, times: int = 1) -> list[str]:
    """What is said each time; the failure too."""
    said: list[str] = []
    async with ChatMind(settings, server.endpoint()) as mind:
        for _ in range(times):
            text = ""
            try:
                async with aclosing(mind.reply(turn)) as parts:
                    async for part in parts:
                        text += part.text
            except MindError as error:
                text += f" [{error}]"
            said.append(text)
    return said


@pytest.mark.parametrize("name", GOOD)
async def test_a_good_answer_is_heard(
    server: Server, settings: MindSettings, ask: Callable[..., Turn], name: str
) -> None:
    server.will(raw(GOOD[name]))
    (said,) = await replies(settings, server, ask())
    assert said.strip() in ("It is four.", "Four")


@pytest.mark.parametrize("body", [json.dumps(MESSAGE, indent=1).encode(), json.dumps([MESSAGE]).encode(), WHOLE])
async def test_an_answer_that_says_it_is_one_object_is_heard(
    server: Server, settings: MindSettings, ask: Callable[..., Turn], body: bytes
) -> None:
    server.will(raw(body, "application/json"))
    assert await replies(settings, server, ask()) == ["It is four."]


async def test_characters_may_be_cut_anywhere(server: Server, settings: MindSettings, ask: Callable[..., Turn]) -> None:
    stream = event(delta(content="Öl\u2028ist ")) + event('{"choices": [{"delta": {"content": "\\ud83d"}}]}')
    stream += event('{"choices": [{"delta": {"content": "\\ude00 teuer."}}]}') + '{"x": "ü"}'.encode() + b"\n\n" + DONE
    server.will(raw(stream, "text/event-stream; charset=iso-8859-1", step=1))
    assert await replies(settings, server, ask()) == ["Öl\u2028ist 😀 teuer."]


async def test_a_connection_that_stays_open_after_the_end_loses_nothing(
    server: Server, settings: MindSettings, ask: Callable[..., Turn]
) -> None:
    async def stay(talk: Any) -> None:
        await raw(IT_IS + FOUR + STOP)(talk)
        await server.hang_up.wait()

    server.will(stay)
    assert await replies(settings, server, ask()) == ["It is four."]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ('{"error": {"message": "overloaded", "code": 503}}', "HTTP 503: overloaded"),
        ('{"error": "overloaded"}', "HTTP 500: overloaded"),
        ('{"object": "error", "message": "slow down", "code": 429}', "too many requests"),
        ('{"type": "error", "error": {"type": "rate_limit_error", "message": "x"}}', "too many requests"),
        ('{"error": {"code": "invalid_api_key", "message": "bad"}}', "rejected the key"),
        ('[{"error": {"code": 404, "message": "no"}}]', "has no model"),
        ('{"choices": [{"delta": {}, "finish_reason": "error"}]}', "HTTP 500"),
    ],
)
async def test_an_error_in_a_stream_is_told(
    server: Server, settings: MindSettings, ask: Callable[..., Turn], data: str, told: str
) -> None:
    server.will(raw(event(data)), raw(IT_IS + event(data)), raw(b"event: error\n" + event('{"message": "oh"}')))
    first, second, third = await replies(settings, server, ask(), 3)
    assert told in first
    assert second.startswith("It is [") or second.startswith("It is  [")
    assert "HTTP 500: oh" in third


@pytest.mark.parametrize(
    "thought",
    [
        "**Thinking:** hm", "1. The user asks for the time.", "Here's a thinking process:\n\n1. hm", "Got it, the user",
        "My task is hard.", "Alright. Hm.", "好的，用户问时间。", "Bueno, el usuario pregunta.",
    ],
)  # fmt: skip
async def test_what_reads_like_a_thought_is_held_back(
    server: Server, settings: MindSettings, ask: Callable[..., Turn], thought: str
) -> None:
    pieces = [thought[begin : begin + 3] for begin in range(0, len(thought), 3)]
    server.will(says(*pieces, "</think>", "It is four."))
    assert await replies(settings, server, ask()) == ["It is four."]


async def test_thoughts_that_nothing_opens_are_not_said_and_the_next_time_all_is_waited_for(
    server: Server, settings: MindSettings, ask: Callable[..., Turn]
) -> None:
    server.will(
        says("The user asks the", " time. I should say four.", "</think>", "It is four."),
        says("Four it", " was.</th", "ink>", "It is ", "five."),
        says("No thought, ", "but six."),
    )
    assert await replies(settings, server, ask(), 3) == ["It is four.", "It is five.", "No thought, but six."]


async def test_a_thought_that_was_cut_off_by_the_limit_is_not_said(
    server: Server, settings: MindSettings, ask: Callable[..., Turn]
) -> None:
    async def cut(talk: Any) -> None:
        await talk.head()
        await talk.say("Four is the number that ")
        await talk.finish("length")

    async def think(talk: Any) -> None:
        await talk.well("Well, I think.</think>It is four.")

    server.will(think, cut)
    first, second = await replies(settings, server, ask(), 2)
    assert first == "It is four."
    assert "an empty answer" in second


@pytest.mark.parametrize(
    "stream",
    [
        event(delta(tool_calls=[{"index": 0, "function": {"name": "get_time", "arguments": "{}"}}]))
        + event('{"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}'),
        event(delta(function_call={"name": "get_time"})) + STOP,
        event(delta(content='<tool_call>{"name": "get_time"}</tool_call>')) + STOP,
        event(delta(content='{"name": "get_time", ')) + event(delta(content='"arguments": {}}')) + STOP,
    ],
)
async def test_a_call_of_a_tool_is_no_reply(
    server: Server, settings: MindSettings, ask: Callable[..., Turn], stream: bytes
) -> None:
    server.will(raw(stream + DONE))
    assert await replies(settings, server, ask()) == [say("mind.cannot")]


INNOCENT = [
    "[1] is the first, [2] the second.",
    "I think. So it is four.",
    "Thought: a process in the brain.",
    "Action: speaks louder\nthan words.",
    "Action: run.\nReaction: rest.",
    "analysis is the study of limits.",
    "Four is the final commentary to this.",
    "An area of 2 km<sup>2</sup>, <small>more</small> or less.",
    "Type [Y] or [N|n], or [press: here].",
    "Log in as ssh <user>@host, or say <name>.",
    "There are three roles:\nuser\nsystem\ntool",
    "It has two parts.\nSystem and user.\nThat is all.",
    "A response:\nit is four.",
    "Call: 555 1234.",
    "set{1, 2} is a set.",
    '{"city": {"name": "Rome"}, "size": 3}',
    '["milk", "eggs"]',
    "{'name': 'Ana', 'age': 3}",
]

REPLIES = [
    ("<think>a</think>It is four.", "It is four."),
    ("<think>\n\n</think>\n\nIt is four.", "It is four."),
    ("<THINKING>a</THINKING>It is four.", "It is four."),
    ("<thinking mode='x'>a</thinking>It is four.", "It is four."),
    ("<think>a<think>b</think>c</think>It is four.", "It is four."),
    ("<think>a<think>b</think>It is four.", "It is four."),
    ("<think>It is four.", ""),
    ("<think>a</think>It is four.</think>", "It is four."),
    ("It is<think>a</think> four.<think>b", "It is four."),
    ("[THINK]a[/THINK]It is four.", "It is four."),
    ("◁think▷a◁/think▷It is four.", "It is four."),
    ("<seed:think>a</seed:think>It is four.", "It is four."),
    ("<|START_THINKING|>a<|END_THINKING|><|START_RESPONSE|>It is four.<|END_RESPONSE|>", "It is four."),
    ("<|begin_of_thought|>a<|end_of_thought|><|begin_of_solution|>It is four.<|end_of_solution|>", "It is four."),
    ("<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>It is four.", "It is four."),
    ("<|channel|>final<|message|>It is four.<|return|>", "It is four."),
    ("<|channel|>final <|constrain|>json<|message|>It is four.<|return|>", "It is four."),
    ("<|channel|>commentary<|message|>It is four.<|end|>", "It is four."),
    ("<|channel|>commentary<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Four.", "Four."),
    ("analysisThe user asks.assistantfinalIt is four.", "It is four."),
    ("assistantfinalIt is four.", "It is four."),
    ("<longcat_think>a</longcat_think>It is four.", "It is four."),
    (f"<think_never_used_{'5' * 32}>a</think_never_used_{'5' * 32}>It is four.", "It is four."),
    ("<ctrl94>thought\na<ctrl95>It is four.", "It is four."),
    ("[BEGIN_THINK]a[END_THINK]It is four.", "It is four."),
    ('<details type="reasoning" done="true"><summary>Thought</summary>a</details>It is four.', "It is four."),
    ("<think>a</details> b</think>It is four.", "It is four."),
    ("It is <details>four</details>.", "It is <details>four."),
    ("/think\nIt is four.", "It is four."),
    ("It is four. /no_think", "It is four."),
    ("See /thinking and and/or.", "See /thinking and and/or."),
    ("<|im_assistant|>assistant<|im_middle|>It is four.<|im_end|><|im_user|>user<|im_middle|>a", "It is four."),
    ("[|assistant|]It is four.[|endofturn|]\n[|user|]a", "It is four."),
    ("<role>ASSISTANT</role>It is four.<|role_end|>", "It is four."),
    ("It is four.<extra_id_1>User\na", "It is four."),
    ("It is four.[PAD][PAD]", "It is four."),
    ("It is four.[EOS]a", "It is four."),
    ("It is four.[e~[\n]~b]user", "It is four."),
    ("<|channel>thought\na<channel|>It is four.<turn|>", "It is four."),
    ("<answer>It is four.</answer>", "It is four."),
    ("It is four.<|im_end|>\n<|im_start|>user\nAnd now?", "It is four."),
    ("<|im_start|>assistant\nIt is four.<|im_end|>", "It is four."),
    ("<|start_header_id|>assistant<|end_header_id|>\n\nIt is four.<|eot_id|>", "It is four."),
    ("<s>It is four.</s>And so on.", "It is four."),
    ("It is four.<|end|>a", "It is four."),
    ("It is four.<|endoftext|>a", "It is four."),
    ("It is four.<end_of_turn>\n<start_of_turn>user", "It is four."),
    ("<｜Assistant｜>It is four.<｜end▁of▁sentence｜>a", "It is four."),
    ("It is four. [/INST] And", "It is four."),
    ("It▁is▁four.", "It is four."),
    ("It is<0x0A>four. <0xF0><0x9F><0x98><0x80>", "It is\nfour. 😀"),
    ("Nova: It is four.\nUser: thanks\nNova: welcome", "It is four."),
    ("Nova: It is four. User: thanks Nova: welcome", "It is four."),
    ("**Nova:** It is four.", "It is four."),
    ("Assistant: It is four.\n\nHuman: And", "It is four."),
    ("It is four.\n\n### Instruction:\nSay", "It is four."),
    ("It is four.\nuser\nAnd", "It is four."),
    ("It is four.\n<user>And</user>", "It is four."),
    ("It is four.\n\n### Response:\nAnd", "It is four."),
    ('{"answer": "It is four."}', "It is four."),
    ("{'answer': 'It is four.'}", "It is four."),
    ('{"message": {"role": "assistant", "content": "It is four."}}', "It is four."),
    ('[{"type": "text", "text": "It is "}, {"type": "text", "text": "four."}]', "It is four."),
    ('```json\n{"response": "It is four."}\n```', "It is four."),
    ("```\nIt is four.\n```", "It is four."),
    ("Rome is old \ue200cite\ue202turn0search1\ue201.", "Rome is old."),
    ('It is in \ue200entity\ue202["country","Italy"]\ue201.', "It is in Italy."),
    ("Rome is old 【4†source】.", "Rome is old."),
    ("Rome is old citeturn0search1turn0news2.", "Rome is old."),
    ("[cite_start]Rome is old [cite: 1, 2]. [cite_start]It is big.", "Rome is old. It is big."),
    ("Rome is old [web:1][web:2].", "Rome is old."),
    ('Rome is old <grok:render id="a"><argument name="b">3</argument></grok:render>.', "Rome is old."),
    ("Rome is old <sup>1</sup>.", "Rome is old."),
    ("If 1 < 2 and 3 > 2, a <b>bold</b> x <y.", "If 1 < 2 and 3 > 2, a <b>bold</b> x <y."),
    ("f(x) = 2 is easy. User stories matter.", "f(x) = 2 is easy. User stories matter."),
    ("Here:\n```python\nprint(1)\n```\nIt prints one.", "Here:\n```python\nprint(1)\n```\nIt prints one."),
    ("Noon is [12:30] or {so}.\nYou know: it is.", "Noon is [12:30] or {so}.\nYou know: it is."),
    *[(text, text) for text in INNOCENT],
]  # fmt: skip

CALLS = [
    ('<tool_call>{"name": "get_time", "arguments": {}}</tool_call>', ""),
    ('Let me see.\n<tool_call>\n{"name": "get_time"}\n</tool_call>It is four.', "Let me see."),
    ('[TOOL_CALLS][{"name": "get_time", "arguments": {}}]', ""),
    ('<function=get_time>{"a": 1}</function>', ""),
    ("<|python_tag|>get_time.call()", ""),
    ("Sure.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function", "Sure."),
    ("<|channel|>commentary to=functions.get_time <|constrain|>json<|message|>{}<|call|>", ""),
    ('{"name": "get_time", "arguments": {}}', ""),
    ('```json\n{"name": "get_time", "parameters": {}}\n```', ""),
    ("```tool_code\nget_time()\n```", ""),
    ('[get_time(zone="x")]', ""),
    ("functions.get_time({})", ""),
    ("call:get_time{zone:x}", ""),
    ("{'name': 'get_time', 'arguments': {}}", ""),
    ("Action: get_time\nAction Input: {}\nObservation: 4", ""),
    ("Thought: I need the time.\nAction: get_time\nAction Input: {}", ""),
    ("commentary to=functions.get_time json{}", ""),
    ("Sure.assistantcommentary to=functions.get_time json{}", "Sure."),
    ("[TOOL_CALL] {tool => 'get_time', args => {}} [/TOOL_CALL]", ""),
    ('{"to_say": "The light is on.", "service": "light.on"}', ""),
]


def said(text: str, cuts: list[int]) -> tuple[str, bool]:
    """What is heard of a text that comes in pieces, and whether a tool was called."""
    reply, heard = ReplyText("Nova"), ""
    places = sorted({place % (len(text) + 1) for place in cuts} | {0, len(text)})
    for begin, end in pairwise(places):
        heard += reply(text[begin:end])
        if reply.over:
            break
    return (heard + reply.rest()).strip(), reply.tool_called


@hypothesis_settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(0, 200)))
@pytest.mark.parametrize(("text", "wanted"), REPLIES)
def test_only_the_reply_is_said_however_it_is_cut(text: str, wanted: str, cuts: list[int]) -> None:
    assert said(text, cuts) == (wanted, False)
    assert said(text, list(range(len(text)))) == (wanted, False)


@pytest.mark.parametrize(("text", "wanted"), CALLS)
def test_calls_are_not_said_however_they_are_cut(text: str, wanted: str) -> None:
    for step in (1, 2, 3, 7, 1000):
        assert said(text, list(range(0, len(text), step))) == (wanted, True)


@hypothesis_settings(deadline=None)
@example(":   :", [3])
@given(st.text(alphabet="ab<>/[]`\n:. ", max_size=80), st.lists(st.integers()))
def test_other_text_is_left_alone(text: str, cuts: list[int]) -> None:
    assert said(text, cuts)[0] == text.strip() or "```" in text


@hypothesis_settings(deadline=None)
@given(st.text(max_size=200), st.lists(st.integers()))
def test_anything_may_come(text: str, cuts: list[int]) -> None:
    said(text, cuts)
    events = Events()
    with suppress(ValueError):
        for piece in text:
            assert all(isinstance(one, dict) for one in events(piece))
