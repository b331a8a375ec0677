"""The language model fills in a shape; our own server reads the prompt in pieces, and work ends when cancelled."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from voiceos.config.settings import MindSettings
from voiceos.engines.llama import Endpoint
from voiceos.errors import MindError
from voiceos.mind.chat_mind import ChatMind
from voiceos.mind.extraction import PIECE, Extraction

pytestmark = pytest.mark.anyio
Server = Any
SCHEMA = {"type": "object"}


@asynccontextmanager
async def extraction(endpoint: Endpoint) -> AsyncGenerator[Extraction]:
    async with ChatMind(MindSettings(), endpoint) as mind:
        yield Extraction(mind.client)


def answering(content: str) -> Any:
    async def behave(talk: Any) -> None:
        await talk.head(kind="application/json")
        message = {"role": "assistant", "content": content}
        answer = {"id": "1", "object": "chat.completion", "created": 1, "model": "m"}
        answer["choices"] = [{"index": 0, "message": message, "finish_reason": "stop"}]  # type: ignore[assignment]
        talk.writer.write(json.dumps(answer).encode())

    return behave


async def test_an_answer_in_the_shape_that_was_asked_for(server: Server) -> None:
    server.will(answering('{"facts": []}'))
    async with extraction(server.endpoint()) as extract:
        assert await extract("words " * 100, SCHEMA) == {"facts": []}
    (talk,) = server.talks
    assert talk.body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert talk.body["temperature"] == 0


@pytest.mark.parametrize("content", ['{"facts": [', "", "[1]", "null"])
async def test_an_answer_that_was_cut_off_is_empty(server: Server, content: str) -> None:
    server.will(answering(content))
    async with extraction(server.endpoint()) as extract:
        assert await extract("words", SCHEMA) == {}


async def test_our_own_server_reads_only_what_is_new_and_in_pieces(server: Server) -> None:
    server.will(answering("{}"))
    async with extraction(server.endpoint(local=True)) as extract:
        await extract("a" * PIECE * 3, SCHEMA)
        assert [len(talk.body["messages"][0]["content"]) for talk in server.talks] == [PIECE, 2 * PIECE, 3 * PIECE]
        server.talks.clear()
        await extract("a" * PIECE * 3 + "b", SCHEMA)
        assert len(server.talks) == 1


async def test_cancelling_ends_the_server_s_work(server: Server) -> None:
    asked = anyio.Event()

    async def hang(talk: Any) -> None:
        asked.set()
        await anyio.sleep_forever()

    server.will(hang)
    async with extraction(server.endpoint()) as extract, anyio.create_task_group() as tasks:
        tasks.start_soon(extract, "words", SCHEMA)
        await asked.wait()
        tasks.cancel_scope.cancel()
    with anyio.fail_after(5):
        await server.hang_up.wait()


async def test_a_refusal_is_one_sentence(server: Server) -> None:
    async def refuse(talk: Any) -> None:
        await talk.error("400 Bad Request", "no such grammar")

    server.will(refuse)
    async with extraction(server.endpoint()) as extract:
        with pytest.raises(MindError, match="no such grammar"):
            await extract("words", SCHEMA)
