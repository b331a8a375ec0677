"""A real HTTP endpoint on loopback that misbehaves as it is told to."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import pytest

from voiceos.config.settings import MindSettings
from voiceos.core import Exchange, Transcript, Turn
from voiceos.engines.llama import Endpoint

KEY = "sk-very-secret-key"
SSE = "text/event-stream"


@pytest.fixture(scope="session", autouse=True)
def library() -> None:
    """Imports the client library, so that the first test does not wait for it."""
    import httpx2

    assert httpx2.AsyncClient


class Talk:
    """One request, and the means to answer it well or badly."""

    def __init__(self, writer: asyncio.StreamWriter, path: str, body: dict[str, Any], headers: dict[str, str]) -> None:
        self.writer = writer
        self.path = path
        self.body = body
        self.headers = headers

    async def head(self, status: str = "200 OK", kind: str = SSE, **headers: str) -> None:
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        self.writer.write(f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nConnection: close\r\n{more}\r\n".encode())
        await self.writer.drain()

    async def data(self, data: str) -> None:
        self.writer.write(f"data: {data}\n\n".encode())
        await self.writer.drain()

    async def say(self, *texts: str) -> None:
        for text in texts:
            await self.data(json.dumps({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}))

    async def finish(self, reason: str = "stop") -> None:
        await self.data(json.dumps({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}))
        await self.data("[DONE]")

    async def error(self, status: str, message: str, *, code: str = "", **headers: str) -> None:
        await self.head(status, "application/json", **headers)
        self.writer.write(json.dumps({"error": {"message": message, "code": code}}).encode())

    async def well(self, *texts: str) -> None:
        await self.head()
        await self.say(*texts)
        await self.finish()


Behaviour = Callable[[Talk], Awaitable[None]]


class FakeEndpoint:
    """Answers each request with the next behaviour of its script; the last one stays."""

    def __init__(self) -> None:
        self.script: deque[Behaviour] = deque()
        self.talks: list[Talk] = []
        self.hang_up = asyncio.Event()
        """Set when a client has gone before it was answered."""
        self.url = ""

    def will(self, *behaviours: Behaviour) -> None:
        self.script = deque(behaviours)

    def endpoint(self, *, local: bool = False) -> Endpoint:
        return Endpoint(self.url, "test-model", KEY, local=local)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        gone = asyncio.ensure_future(asyncio.sleep(0))
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            talk = Talk(writer, first.split()[1], json.loads(body or b"{}"), headers)
            self.talks.append(talk)
            behaviour = self.script.popleft() if len(self.script) > 1 else self.script[0]
            answer = asyncio.ensure_future(behaviour(talk))
            gone = asyncio.ensure_future(reader.read(1))
            await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                self.hang_up.set()
                answer.cancel()
            if isinstance((await asyncio.gather(answer, return_exceptions=True))[0], ConnectionError):
                self.hang_up.set()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            gone.cancel()
            writer.close()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def server(anyio_backend: str) -> AsyncGenerator[FakeEndpoint, None]:
    fake = FakeEndpoint()
    listener = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    fake.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1"
    yield fake
    listener.close()


@pytest.fixture
def settings() -> MindSettings:
    """Impatient: the limits are below what a person may set, so that tests need not wait."""
    return MindSettings().model_copy(update={"first_token_seconds": 1.2, "stall_seconds": 0.3, "model": "test-model"})


@pytest.fixture
def ask() -> Callable[..., Turn]:
    def make(text: str = "What is the capital of France?", *history: Exchange) -> Turn:
        return Turn("t1", "c1", history=history, transcript=Transcript(text))

    return make
