"""Servers at an address: what they should not send, logging in, and what they ask within a call."""

import json
import stat
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest
from anyio.abc import SocketStream
from mcp_types import ElicitRequestFormParams

from voiceos.config.settings import Config, McpSettings, ToolsSettings
from voiceos.errors import ToolError, UsageError
from voiceos.health.check import Health
from voiceos.health.parts import tools
from voiceos.store.database import Connection
from voiceos.tools.mcp.connection import connected, tokens_of
from voiceos.tools.mcp.elicit import asking
from voiceos.tools.mcp.server import Server
from voiceos.tools.mcp.toolbox import McpToolbox
from voiceos.tools.valid import Schema

pytestmark = pytest.mark.anyio
FORM = {
    "type": "object",
    "properties": {"day": {"type": "string", "default": "today"}, "count": {"type": "integer", "minimum": 1}},
    "required": ["count"],
}
HANDSHAKE = {"capabilities": {"tools": {}}, "serverInfo": {"name": "fake", "version": "1"}}
Answer = Callable[[str, Mapping[str, Any]], tuple[int, str, bytes]]
"""Status, type and body for a path and a message."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def web(answer: Answer) -> AsyncGenerator[str]:
    async def serve(stream: SocketStream) -> None:
        async with stream:
            head = b""
            while b"\r\n\r\n" not in head:
                head += await stream.receive()
            head, _, body = head.partition(b"\r\n\r\n")
            length = next(
                (int(one.split(b":")[1]) for one in head.split(b"\r\n") if b"ontent-" in one and b"ength" in one), 0
            )
            while len(body) < length:
                body += await stream.receive()
            status, kind, content = answer(head.split()[1].decode(), json.loads(body) if body[:1] == b"{" else {})
            start = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n"
            with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):  # the client may have had enough
                await stream.send(f"{start}Connection: close\r\n\r\n".encode() + content)

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, serve)
        port = listener.extra_attributes[anyio.abc.SocketAttribute.local_port]()
        yield f"http://127.0.0.1:{port}/mcp"
        tasks.cancel_scope.cancel()


def plain_server(called: Callable[[], tuple[int, str, bytes]]) -> Answer:
    """A server with the tool `it`, which answers a call so."""

    def answer(path: str, asked: Mapping[str, Any]) -> tuple[int, str, bytes]:
        match asked.get("method"):
            case "initialize":
                result: object = {**HANDSHAKE, "protocolVersion": asked["params"]["protocolVersion"]}
            case "tools/list":
                result = {"tools": [{"name": "it", "inputSchema": {"type": "object"}}]}
            case "tools/call":
                return called()
            case "server/discover":
                error = {"jsonrpc": "2.0", "id": asked["id"], "error": {"code": -32601, "message": "no"}}
                return 200, "application/json", json.dumps(error).encode()
            case _:
                return 202, "text/plain", b""
        return 200, "application/json", json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": result}).encode()

    return answer


@pytest.mark.parametrize(
    ("status", "kind", "body", "said"),
    [
        (200, "application/json", b'"' + b"x" * 50_000_000, "Connection closed"),
        (200, "application/json", b"{no json", "its answer is not one of the protocol"),
        (200, "text/html", b"<html>Please log in to the hotel's network</html>", "Unexpected content type: text/html"),
        (502, "text/html", b"<html>Bad gateway</html>", "Server returned an error response"),
        (200, "text/event-stream", b"data: {no json}\n\n", "its answer is not one of the protocol"),
        (200, "text/event-stream", b"", "SSE stream ended without a response"),
    ],
)
async def test_an_answer_that_is_none(tmp_path: Path, status: int, kind: str, body: bytes, said: str) -> None:
    async with web(plain_server(lambda: (status, kind, body))) as url, anyio.create_task_group() as tasks:
        settings = McpSettings(url=url, call_seconds=10)
        server = Server(
            "a",
            lambda ended, heed, ask: connected("a", settings, tmp_path / "a", ended, heed),
            start_seconds=10,
            call_seconds=10,
            is_elsewhere=True,
        )
        tasks.start_soon(server.run)
        assert [one.name for one in await server.tools()] == ["it"]
        with anyio.fail_after(9):
            with pytest.raises(ToolError, match=f"a did not answer properly: {said}") as caught:
                await server.call("it", {})
            assert caught.value.unsure
            assert [one.name for one in await server.tools()] == ["it"]
        tasks.cancel_scope.cancel()


def login_server(url: Callable[[], str], granted: list[str]) -> Answer:
    """A server that wants a login, and grants it."""
    plain = plain_server(lambda: (200, "application/json", b"{}"))

    def answer(path: str, asked: Mapping[str, Any]) -> tuple[int, str, bytes]:
        here = url().removesuffix("/mcp")
        pages: dict[str, object] = {
            "/.well-known/oauth-protected-resource/mcp": {"resource": url(), "authorization_servers": [here]},
            "/.well-known/oauth-authorization-server": {
                "issuer": here,
                "authorization_endpoint": f"{here}/authorize",
                "token_endpoint": f"{here}/token",
                "registration_endpoint": f"{here}/register",
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
            },
            "/register": {**asked, "client_id": "us"},
            "/token": {"access_token": "secret", "token_type": "Bearer", "expires_in": 60},
        }
        if path in pages:
            granted.extend(["yes"] if path == "/token" else [])
            return 200, "application/json", json.dumps(pages[path]).encode()
        return plain(path, asked) if granted else (401, "text/plain", b"who are you?")

    return answer


async def test_a_login_is_kept_for_this_user_and_this_address(tmp_path: Path) -> None:
    seen: list[str] = []
    granted: list[str] = []

    async def browse(address: str) -> str:
        seen.append(address)
        state = parse_qs(urlsplit(address).query)["state"][0]
        return f"http://127.0.0.1:33418/callback?code=1&state={state}"

    async def stored(work: Callable[[Connection], Any]) -> Any:
        raise AssertionError

    async with web(login_server(lambda: seen[0], granted)) as url:
        seen.append(url)
        box = McpToolbox({"a": McpSettings(url=url)}, stored, tmp_path)
        async with box.running():
            with pytest.raises(ToolError, match=r"it wants you to log in\. Run `voiceos tools login a`"):
                await box.servers["a"].tools()

            async def show(address: str) -> None:
                box.redirected("a", await browse(address))

            assert await box.login("a", show) == 1
            assert [one.name for one in await box.servers["a"].tools()] == ["it"]
            with pytest.raises(UsageError, match="Nobody is logging in to a"):
                box.redirected("a", "x")
    file = tokens_of(tmp_path / "a")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["tokens"]["access_token"] == "secret"
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("given", "action", "content"),
    [
        ({"count": 2}, "accept", {"day": "today", "count": 2}),
        ({"count": 2, "day": "Monday"}, "accept", {"day": "Monday", "count": 2}),
        ({"count": 0}, "cancel", None),
        ({}, "cancel", None),
        (None, "decline", None),
    ],
)
async def test_what_a_server_asks_is_answered_in_its_form(given: Any, action: str, content: object) -> None:
    asked: list[str] = []

    async def ask(question: str, schema: Schema) -> Mapping[str, object] | None:
        asked.append(question)
        return given

    result = await asking("a", ask)(None, ElicitRequestFormParams(message="How \x1b[1mmany?", requested_schema=FORM))
    assert (result.action, result.content, asked) == (action, content, ["How many?"])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (McpSettings(command="no-such-program"), "the program no-such-program was not found"),
        (McpSettings(command="sh", env_files={"KEY": Path("/nowhere")}), "Cannot read the file /nowhere"),
        (McpSettings(url="http://host", token_file=Path("/nowhere")), "Cannot read the file /nowhere"),
        (McpSettings(url="http://me:secret@host"), "must not contain a user"),
        (McpSettings(command="sh"), ""),
        (McpSettings(url="https://host/mcp"), ""),
    ],
)
def test_the_doctor_sees_what_cannot_work(settings: McpSettings, said: str) -> None:
    (found,) = tools(Config(tools=ToolsSettings(mcp={"a": settings})))
    assert (found.name, found.health, found.needed) == ("tools of a", Health.BROKEN if said else Health.OK, False)
    assert said in found.text
