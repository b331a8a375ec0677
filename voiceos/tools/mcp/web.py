"""A server elsewhere: streamable HTTP, with a bound on what it may send."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx2

from voiceos.tools.mcp.pipe import LONGEST_BYTES

CONNECT_SECONDS = 10.0


@asynccontextmanager
async def reached(
    url: str, headers: Mapping[str, str], seconds: float, auth: httpx2.Auth | None = None
) -> AsyncGenerator[tuple[Any, Any]]:
    """Streams of messages from and to it. `seconds`: how long it may be silent within a call."""
    from mcp.client.streamable_http import streamable_http_client

    async with httpx2.AsyncClient(
        headers=dict(headers),
        timeout=httpx2.Timeout(seconds, connect=CONNECT_SECONDS),
        transport=_Bounded(),
        auth=auth,
        trust_env=False,
    ) as client:
        opened: AbstractAsyncContextManager[Any] = streamable_http_client(url, http_client=client)
        async with opened as streams:
            yield streams


class _Bounded(httpx2.AsyncHTTPTransport):
    """Cuts off what never ends."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Counted(response.stream, request)
        return response


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, request: httpx2.Request) -> None:
        self._stream = stream
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        count = 0
        async for chunk in self._stream:
            count += len(chunk)
            if count > LONGEST_BYTES:
                raise httpx2.ReadError(f"more than {LONGEST_BYTES // 10**6} MB", request=self._request)
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
