"""ChatMind against an endpoint that misbehaves: each row of the table of bad input, over real sockets."""

import asyncio
import json
import logging
import socket
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest

from voiceos.config.settings import EndpointSettings, MindSettings
from voiceos.core import Exchange, Turn
from voiceos.engines.llama import Endpoint
from voiceos.engines.llama_process import Slot
from voiceos.errors import EngineError, MindError
from voiceos.mind.chat_mind import ChatMind
from voiceos.mind.metering import Metering

pytestmark = pytest.mark.anyio

Ask = Callable[..., Turn]
Server = Any
"""FakeEndpoint of conftest, which test files cannot import."""
Behaviour = Callable[[Any], Awaitable[None]]


@pytest.fixture(scope="module", autouse=True)
def library() -> None:
    """Imports the client library, so that the first test does not wait for it."""
    import httpx2

    assert httpx2.AsyncClient


async def heard(mind: ChatMind, turn: Turn) -> tuple[str, MindError | None]:
    """What was said, and how it failed, if it did."""
    said = ""
    try:
        async with aclosing(mind.reply(turn)) as parts:
            async for part in parts:
                said += part.text
    except MindError as error:
        return said, error
    return said, None


def well(*texts: str) -> Behaviour:
    return lambda talk: talk.well(*texts)


def fails(status: str, message: str = "broken", **headers: str) -> Behaviour:
    return lambda talk: talk.error(status, message, **headers)


async def hang(talk: Any) -> None:
    await asyncio.Event().wait()


async def hang_after_head(talk: Any) -> None:
    await talk.head()
    await talk.data('{"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}')
    await hang(talk)


async def stall(talk: Any) -> None:
    await talk.head()
    await talk.say("Paris is ", "the")
    await hang(talk)


async def drip_emptiness(talk: Any) -> None:
    await talk.head()
    while True:
        await talk.say("")
        await asyncio.sleep(0.02)


async def cut(talk: Any) -> None:
    await talk.head()
    await talk.say("Paris is the capital ", "of")


async def cut_in_chunk(talk: Any) -> None:
    await talk.head(Transfer_Encoding="chunked")
    talk.writer.write(b'20\r\ndata: {"choices": [{"del')


def rubbish(data: str, *before: str) -> Behaviour:
    async def behave(talk: Any) -> None:
        await talk.head()
        await talk.say(*before)
        await talk.data(data)
        await talk.finish()

    return behave


async def page(talk: Any) -> None:
    await talk.head(kind="text/html; charset=utf-8")
    talk.writer.write(b"<html><body>It works!</body></html>")


async def binary(talk: Any) -> None:
    await talk.head()
    talk.writer.write(bytes(range(256)) * 8 + b"\n\n")


async def not_http(talk: Any) -> None:
    talk.writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")


async def endless_words(talk: Any) -> None:
    await talk.head()
    number = 0
    while True:
        number += 1
        await talk.say(f"number {number}, ")


async def endless_loop(talk: Any) -> None:
    await talk.head()
    await talk.say("Here it is. ")
    while True:
        await talk.say("I really like it. ")


async def endless_line(talk: Any) -> None:
    await talk.head()
    while True:
        await talk.say("a" * 100_000)


async def test_streams_a_reply(server: Server, settings: MindSettings, ask: Ask) -> None:
    server.will(well("Paris", ".", " It is lovely."))
    async with ChatMind(settings, server.endpoint()) as mind:
        parts = [part.text async for part in mind.reply(ask())]
        assert parts == ["Paris", ".", " It is lovely."]
        assert mind.name.startswith("test-model at 127.0.0.1")
    (talk,) = server.talks
    assert talk.path == "/v1/chat/completions"
    assert talk.headers["authorization"] == "Bearer sk-very-secret-key"
    assert talk.body["stream"] is True
    assert talk.body["max_tokens"] == settings.max_tokens
    assert talk.body["temperature"] == settings.temperature
    assert "cache_prompt" not in talk.body
    assert talk.body["messages"][-1]["content"].endswith("What is the capital of France?")


async def test_only_the_local_server_gets_its_own_parameters(
    server: Server, settings: MindSettings, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # a proxy is not for loopback
    server.will(well("Paris."))
    async with ChatMind(settings, server.endpoint(local=True)) as mind:
        assert await heard(mind, ask()) == ("Paris.", None)
        assert mind.name.startswith("xllamacpp ")
    assert server.talks[0].body["cache_prompt"] is True


@pytest.mark.parametrize(
    ("behaviour", "said", "message", "spoken"),
    [
        pytest.param(hang, "", "did not start to answer", "taking too long", id="hangs before the headers"),
        pytest.param(hang_after_head, "", "did not start to answer", "taking too long", id="hangs before a token"),
        pytest.param(drip_emptiness, "", "did not start to answer", "taking too long", id="drips empty tokens"),
        pytest.param(stall, "Paris is the", "stalled for", "lost the rest", id="stalls"),
        pytest.param(cut, "Paris is the capital of", "stopped in mid-reply", "lost the rest", id="cut"),
        pytest.param(cut_in_chunk, "", "Cannot reach", "isn't answering", id="cut in a chunk"),
        pytest.param(
            fails("401 Unauthorized", "bad sk-very-secret-key"), "", "api_key_file", "rejected my key", id="401"
        ),
        pytest.param(fails("403 Forbidden"), "", "api_key_file", "rejected my key", id="403"),
        pytest.param(fails("404 Not Found"), "", "mind.model", "can't find", id="404"),
        pytest.param(fails("429 Too Many", "quota", Retry_After="60"), "", "too many requests", "too busy", id="429"),
        pytest.param(fails("500 Oops", "sk-very-secret-key"), "", "HTTP 500", "isn't answering", id="500"),
        pytest.param(fails("400 Bad", "exceeds the context"), "", "mind.context", "too long for me", id="context"),
        pytest.param(fails("400 Bad", "prompt is too long"), "", "mind.context", "too long for me", id="long prompt"),
        pytest.param(fails("400 Bad", code="model_not_found"), "", "has no model", "can't find", id="no such model"),
        pytest.param(fails("302 Found", Location="/v1/chat/completions"), "", "", "", id="redirects in circles"),
        pytest.param(rubbish("{not json"), "", "unreadable", "can't use", id="not JSON"),
        pytest.param(rubbish("{not json", "Paris"), "Paris", "unreadable", "lost the rest", id="not JSON, later"),
        pytest.param(rubbish('{"choices": null}'), "", "an empty answer", "have an answer", id="null choices"),
        pytest.param(rubbish("42"), "", "an empty answer", "have an answer", id="a number"),
        pytest.param(rubbish('["a"]'), "", "an empty answer", "have an answer", id="a list"),
        pytest.param(rubbish('{"choices": [{"delta": {"content": 7}}]}'), "", "not text", "can't use", id="wrong type"),
        pytest.param(rubbish('{"choices": "abc"}'), "", "an empty answer", "have an answer", id="choices are text"),
        pytest.param(rubbish('{"choices": [null]}'), "", "an empty answer", "have an answer", id="a null choice"),
        pytest.param(
            rubbish('{"error": {"message": "overloaded", "code": 503}}'), "", "HTTP 503", "isn't answering", id="e"
        ),
        pytest.param(rubbish("[" * 100_000), "", "unreadable", "can't use", id="deeply nested"),
        pytest.param(page, "", "a page (text/html)", "can't use", id="HTML"),
        pytest.param(binary, "", "", "", id="binary"),
        pytest.param(not_http, "", "Cannot reach", "isn't answering", id="not HTTP"),
        pytest.param(well(), "", "an empty answer", "have an answer", id="empty"),
        pytest.param(
            well("<think>Hm. Fran", "ce…"), "", "an empty answer", "have an answer", id="nothing but thoughts"
        ),
    ],
)
async def test_a_failure_is_one_honest_sentence_and_the_next_turn_works(
    server: Server,
    settings: MindSettings,
    ask: Ask,
    caplog: pytest.LogCaptureFixture,
    behaviour: Behaviour,
    said: str,
    message: str,
    spoken: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    server.will(behaviour)
    async with ChatMind(settings, server.endpoint()) as mind:
        with anyio.fail_after(6):
            text, error = await heard(mind, ask())
        assert text == said
        assert error
        assert message in str(error)
        assert spoken in error.spoken
        assert "sk-very-secret-key" not in str(error) + error.spoken + caplog.text

        server.will(well("Berlin."))
        assert await heard(mind, ask("And of Germany?")) == ("Berlin.", None)


async def test_a_refused_connection(settings: MindSettings, ask: Ask) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    async with ChatMind(settings, Endpoint(url, "test-model", "")) as mind:
        said, error = await heard(mind, ask())
    assert said == ""
    assert error
    assert "check `mind.base_url`" in str(error)


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:9", "Check the proxy settings"),
        ("ALL_PROXY", "socks://127.0.0.1:9/", "Check the proxy settings"),
        ("http_proxy", ":::bad", "Check the proxy settings"),
        ("HTTP_PROXY", "http://127.0.0.1:99999", "the proxy settings"),
        ("HTTP_PROXY", "http://127.0.0.1:9", "the proxy settings"),
        ("SSL_CERT_FILE", "/nonexistent", "SSL_CERT_FILE"),
        ("SSL_CERT_FILE", "/dev/null", "SSL_CERT_FILE"),
    ],
)
async def test_what_the_environment_says_of_the_network_and_is_wrong(
    server: Server,
    settings: MindSettings,
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    told: str,
) -> None:
    server.will(well("Paris."))
    monkeypatch.setenv(variable, value)
    async with ChatMind(settings, server.endpoint()) as mind:
        for _ in range(2):
            said, error = await heard(mind, ask())
            assert not said
            assert told in str(error)
        assert await mind.warm()
        monkeypatch.delenv(variable)
    async with ChatMind(settings, server.endpoint()) as mind:
        assert await heard(mind, ask()) == ("Paris.", None)


@pytest.mark.parametrize(
    "besides", ["127.0.0.1", "127.0.0.1:{port}", "localhost,127.0.0.0/8,::1", "*", "[::1,http://[,,127.0.0.1"]
)
async def test_a_proxy_is_not_for_what_no_proxy_names(
    server: Server, settings: MindSettings, ask: Ask, monkeypatch: pytest.MonkeyPatch, besides: str
) -> None:
    server.will(well("Paris."))
    monkeypatch.setenv("ALL_PROXY", "socks://127.0.0.1:9/")
    monkeypatch.setenv("NO_PROXY", besides.format(port=urlsplit(server.url).port))
    async with ChatMind(settings, server.endpoint()) as mind:
        assert await heard(mind, ask()) == ("Paris.", None)


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(fails("429 Too Many", Retry_After="0"), id="429"),
        pytest.param(fails("503 Loading", "Loading model", Retry_After="0"), id="503"),
        pytest.param(not_http, id="broken connection"),
    ],
)
async def test_it_asks_again_once_when_nothing_was_said(
    server: Server, settings: MindSettings, ask: Ask, first: Behaviour
) -> None:
    patient = settings.model_copy(update={"first_token_seconds": 3.0})
    server.will(first, well("Paris."))
    async with ChatMind(patient, server.endpoint()) as mind:
        assert await heard(mind, ask()) == ("Paris.", None)
    assert len(server.talks) == 2


async def test_it_does_not_ask_a_third_time(server: Server, settings: MindSettings, ask: Ask) -> None:
    server.will(fails("500 Oops", Retry_After="0"))
    async with ChatMind(settings, server.endpoint()) as mind:
        await heard(mind, ask())
    assert len(server.talks) == 2


@pytest.mark.parametrize("behaviour", [endless_words, endless_loop, endless_line])
async def test_a_reply_that_runs_on_forever_is_cut(
    server: Server, settings: MindSettings, ask: Ask, behaviour: Behaviour
) -> None:
    server.will(behaviour)
    async with ChatMind(settings, server.endpoint()) as mind:
        with anyio.fail_after(6):
            said, error = await heard(mind, ask())
            await server.hang_up.wait()
    assert error is None
    assert 0 < len(said) <= settings.max_tokens * 8


async def test_the_whole_reply_has_a_limit(server: Server, settings: MindSettings, ask: Ask) -> None:
    async def slow(talk: Any) -> None:
        await talk.head()
        for number in range(10_000):
            await talk.say(f"{number} ")
            await asyncio.sleep(0.05)

    server.will(slow)
    async with ChatMind(settings, server.endpoint(), total_seconds=1.5) as mind:
        with anyio.fail_after(6):
            said, error = await heard(mind, ask())
    assert said.startswith("0 1 ")
    assert error is None


async def test_interrupting_a_reply_hangs_up_at_once(server: Server, settings: MindSettings, ask: Ask) -> None:
    server.will(stall)
    patient = settings.model_copy(update={"stall_seconds": 60.0})
    async with ChatMind(patient, server.endpoint()) as mind:
        begun = anyio.Event()

        async def listen() -> None:
            async with aclosing(mind.reply(ask())) as parts:
                async for _ in parts:
                    begun.set()

        async with anyio.create_task_group() as turn:
            turn.start_soon(listen)
            await begun.wait()
            turn.cancel_scope.cancel()
        with anyio.fail_after(1):
            await server.hang_up.wait()
        server.will(well("Berlin."))
        assert await heard(mind, ask()) == ("Berlin.", None)


async def test_interrupting_before_the_first_word_hangs_up_too(
    server: Server, settings: MindSettings, ask: Ask
) -> None:
    asked = anyio.Event()

    async def silent(talk: Any) -> None:
        asked.set()
        await hang(talk)

    server.will(silent)
    patient = settings.model_copy(update={"first_token_seconds": 60.0})
    async with ChatMind(patient, server.endpoint()) as mind, anyio.create_task_group() as turn:
        turn.start_soon(heard, mind, ask())
        await asked.wait()
        turn.cancel_scope.cancel()
    with anyio.fail_after(1):
        await server.hang_up.wait()


async def test_thoughts_are_not_spoken(server: Server, settings: MindSettings, ask: Ask) -> None:
    server.will(well("<thi", "nk>The capital", " is Paris.</th", "ink>", "Paris", ", if 1 <", " 2."))
    async with ChatMind(settings, server.endpoint()) as mind:
        assert await heard(mind, ask()) == ("Paris, if 1 < 2.", None)


async def test_reasoning_in_a_field_of_its_own_is_not_spoken(server: Server, settings: MindSettings, ask: Ask) -> None:
    server.will(rubbish(json.dumps({"choices": [{"delta": {"reasoning_content": "Hm."}}]}), "Paris."))
    async with ChatMind(settings, server.endpoint()) as mind:
        assert await heard(mind, ask()) == ("Paris.", None)


async def test_a_parameter_that_the_endpoint_minds_is_changed(server: Server, settings: MindSettings, ask: Ask) -> None:
    async def picky(talk: Any) -> None:
        for name in ("max_tokens", "temperature"):
            if name in talk.body:
                await talk.head("400 Bad Request", "application/json")
                talk.writer.write(json.dumps({"error": {"message": "unsupported", "param": name}}).encode())
                return
        assert talk.body["max_completion_tokens"] == settings.max_tokens
        await talk.well("Paris.")

    server.will(picky)
    async with ChatMind(settings, server.endpoint()) as mind:
        assert await heard(mind, ask()) == ("Paris.", None)
        assert await heard(mind, ask()) == ("Paris.", None)
    assert len(server.talks) == 4


async def test_the_endpoint_is_asked_for_anew_each_time(server: Server, settings: MindSettings, ask: Ask) -> None:
    server.will(well("Paris."))
    where = Endpoint("http://127.0.0.1:9/v1", "test-model", "k", local=True)

    async def endpoint() -> Endpoint:
        return where

    async with ChatMind(settings, endpoint) as mind:
        assert (await heard(mind, ask()))[1]
        where = server.endpoint(local=True)
        assert await heard(mind, ask()) == ("Paris.", None)


async def test_a_local_server_that_is_down_is_a_mind_error(settings: MindSettings, ask: Ask) -> None:
    async def endpoint() -> Endpoint:
        raise EngineError("The local language model has not been started.")

    async with ChatMind(settings, endpoint) as mind:
        _, error = await heard(mind, ask())
        assert error
        assert "has not been started" in str(error)
        assert not await mind.warm()


async def test_waiting_for_a_restart_is_bounded(settings: MindSettings, ask: Ask) -> None:
    async def endpoint() -> Endpoint:
        await anyio.sleep_forever()
        raise AssertionError

    async with ChatMind(settings, endpoint) as mind:
        with anyio.fail_after(6):
            _, error = await heard(mind, ask())
        assert error


async def complete(talk: Any) -> None:
    await talk.head("200 OK", "application/json")
    talk.writer.write(b'{"id": "1", "object": "chat.completion", "choices": []}')


async def test_warming_sends_the_prefix_of_the_next_turn(server: Server, settings: MindSettings, ask: Ask) -> None:
    history = (Exchange("Hello.", "Hi, how are you?"),)
    later = (*history, Exchange("Where is it?", "Paris."))
    server.will(complete, well("Paris."), complete)
    async with ChatMind(settings, server.endpoint(local=True)) as mind:
        assert await mind.warm(history)
        await heard(mind, ask("Where is it?", *history))
        for known in (history, (), later, later):  # what it has just read it reads once, in a place of its own
            assert await mind.warm(known)
    warmed, asked, again = (talk.body["messages"] for talk in server.talks)
    assert len(again) == 6
    assert {talk.body["id_slot"] for talk in server.talks} == {Slot.TALK}
    assert warmed[:-1] == asked[:-1]
    assert len(warmed) == 4
    assert asked[-1]["content"].startswith(warmed[-1]["content"])


SLOTS = '{"total_slots": 1, "model_path": "m.gguf"}'
UNREAD = ["/v1/models", "/v1/models", "/v1/chat/completions", "/v1/models"]
"""Where there is no request but the one for another prompt."""


@pytest.mark.parametrize(
    ("props", "limits", "elsewhere", "asks"),
    [
        (SLOTS, {}, "", ["/props", *["/v1/chat/completions"] * 3]),
        ("", {}, "", ["/props", *UNREAD]),  # it has no such thing
        ('{"total_slots": 0}', {}, "", ["/props", *UNREAD]),
        (SLOTS, {"price_read": 1.0}, "", UNREAD),
        (SLOTS, {"tokens_a_day": 9}, "", UNREAD),
        (SLOTS, {}, "93.184.216.34", UNREAD),  # not the owner's network: nothing else is asked
    ],
)
async def test_what_keeps_prompts_in_the_owners_network_reads_ahead(
    server: Server,
    settings: MindSettings,
    monkeypatch: pytest.MonkeyPatch,
    props: str,
    limits: dict[str, Any],
    elsewhere: str,
    asks: list[str],
) -> None:
    async def behave(talk: Any) -> None:
        if not talk.path.endswith("/props"):
            await complete(talk)
        elif not props:
            await talk.error("404 Not Found", "no such page")
        else:
            await talk.head("200 OK", "application/json")
            talk.writer.write(props.encode())

    async def looked_up(host: str, port: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", (elsewhere, 0))]

    async def stored(work: object) -> Any:
        raise AssertionError

    if elsewhere:
        monkeypatch.setattr(anyio, "getaddrinfo", looked_up)
    server.will(behave)
    history = (Exchange("Hello.", "Hi, how are you?"),)
    async with ChatMind(settings, server.endpoint()) as mind:
        mind.metering = Metering(stored, "here", "m", EndpointSettings(**limits))
        client = await mind.client()
        for step in range(3):
            if step == 2:  # another prompt may have taken its place
                await client.answer({"messages": [{"role": "user", "content": "Say it plainly."}]}, Slot.REWORDING)
            assert await mind.warm(history)
            with anyio.fail_after(5):
                await mind.touched()
    assert [talk.path for talk in server.talks] == asks
    assert all("id_slot" not in talk.body for talk in server.talks), "places are our own server's"
    assert "Hello" not in str([talk.body for talk in server.talks]), "nothing that was said leaves unasked"


async def test_an_endpoint_that_hangs_does_not_hold_up_the_start(server: Server, settings: MindSettings) -> None:
    server.will(hang)
    async with ChatMind(settings, server.endpoint()) as mind:
        with anyio.fail_after(1):
            assert await mind.warm()
