"""Thinks by asking a language model: any OpenAI-compatible endpoint, streamed, with every wait bounded."""

import importlib
import importlib.metadata
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlsplit

import anyio
import anyio.to_thread

from voiceos.clock import local_time
from voiceos.config.settings import MindSettings
from voiceos.core import Exchange, Part, Turn
from voiceos.engines.llama import Endpoint
from voiceos.errors import MindError, VoiceosError
from voiceos.mind import failures
from voiceos.mind.prompt import Message, Persona, build_messages, stable_prefix, timed
from voiceos.mind.stream import ReplyStream, Stream

if TYPE_CHECKING:
    import openai

log = logging.getLogger(__name__)

LONGEST_RETRY_SECONDS = 2.0
"""Someone is waiting: a server that asks for more patience than this is not asked again."""
RETRY_SECONDS = 0.3
WARM_SECONDS = 60.0
"""Nobody waits for this, and a small board reads its persona slowly the first time."""


class ChatMind:
    """A `Mind` that asks a language model. An async context manager: leaving it closes the connections.

    `endpoint` may be a function, because the local server answers at a new address each time it is restarted.
    """

    def __init__(
        self,
        settings: MindSettings,
        endpoint: Endpoint | Callable[[], Awaitable[Endpoint]],
        *,
        now: Callable[[], datetime] = local_time,
        total_seconds: float = 120.0,
    ) -> None:
        self._settings = settings
        self._endpoint = endpoint
        self._known = endpoint if isinstance(endpoint, Endpoint) else None
        self._now = now
        self._total_seconds = total_seconds
        self._persona = Persona(settings.name, settings.persona)
        self._limits: dict[str, Any] = {"max_tokens": settings.max_tokens, "temperature": settings.temperature}
        self._client: openai.AsyncOpenAI | None = None
        self._client_for: Endpoint | None = None

    @property
    def name(self) -> str:
        if self._known is None:
            return self._settings.model
        if self._known.local:
            return f"xllamacpp {importlib.metadata.version('xllamacpp')} {self._known.model}"
        return f"{self._known.model} at {failures.host(self._known)}"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client:
            with anyio.move_on_after(1, shield=True):
                await self._client.close()

    async def reply(self, turn: Turn) -> AsyncGenerator[Part, None]:
        """Streams the reply. Raises MindError; what came before it stays said. Closing it stops the server's work."""
        answer = await self._ask(
            build_messages(self._persona, turn, self._now(), self._settings.history_turns, self._history_tokens)
        )
        try:
            while text := await answer.next():
                yield Part(text)
        finally:
            await answer.close()

    async def warm(self) -> bool:
        """Loads the client library (about a second), connects, and lets the local model read its persona."""
        return await self.warm_prefix()

    async def warm_prefix(self, history: Sequence[Exchange] = ()) -> bool:
        """Prepares for a question that is about to come: call it at wake. False, and a log line, when it cannot.

        A model on this machine reads all that precedes the question; to one elsewhere, which may want money for that, a
        connection is opened.
        """
        prefix = stable_prefix(self._persona, history, self._settings.history_turns, self._history_tokens)
        messages: list[Message] = [*prefix, {"role": "user", "content": timed("", self._now())}]
        try:
            with anyio.fail_after(WARM_SECONDS):
                endpoint, client = await self._connect()
                if endpoint.local or is_here(endpoint):
                    extras = LOCAL_EXTRAS if endpoint.local else None
                    await client.chat.completions.create(
                        messages=cast(Any, messages), model=endpoint.model, max_tokens=1, extra_body=extras
                    )
                else:
                    await client.models.list()
        except TimeoutError:
            log.warning("%s", failures.too_slow(self._known, WARM_SECONDS, begun=False))
        except VoiceosError as error:
            log.warning("%s", error)
        except api_error() as error:
            log.warning("%s", explain(error, self._known))
        else:
            return True
        return False

    @property
    def _history_tokens(self) -> int:
        """What the context leaves for history: the rest is for the persona, the question and the reply."""
        return max(256, (self._settings.context - self._settings.max_tokens) * 2 // 3)

    async def _connect(self) -> tuple[Endpoint, "openai.AsyncOpenAI"]:
        """The endpoint as it is now, and a client for it."""
        endpoint = self._endpoint if isinstance(self._endpoint, Endpoint) else await self._endpoint()
        if self._client is None or self._client_for != endpoint:
            old, self._client = self._client, await anyio.to_thread.run_sync(make_client, endpoint)
            self._known = self._client_for = endpoint
            if old:
                await old.close()
        return endpoint, self._client

    async def _ask(self, messages: list[Message]) -> ReplyStream:
        """Sends the question; returns when the endpoint begins to answer."""
        began = anyio.current_time()
        patience = min(self._settings.first_token_seconds, self._total_seconds)
        try:
            with anyio.fail_after(patience):
                endpoint, stream = await self._send(messages)
        except TimeoutError:
            raise failures.too_slow(self._known, patience, begun=False) from None
        except MindError:
            raise
        except VoiceosError as error:  # the local server's
            raise MindError(str(error), spoken=failures.NOT_ANSWERING) from error
        return ReplyStream(stream, endpoint, self._settings, began=began, total_seconds=self._total_seconds)

    async def _send(self, messages: list[Message]) -> tuple[Endpoint, Stream]:
        """Opens the stream; a second time where that may help, since nothing has been said yet."""
        retried = False
        while True:
            endpoint, client = await self._connect()
            request: dict[str, Any] = {"model": endpoint.model, "messages": messages, **self._limits}
            if endpoint.local:
                request["extra_body"] = LOCAL_EXTRAS
            try:
                stream = cast(Stream, await client.chat.completions.create(**request, stream=True))
                return endpoint, await checked(stream, endpoint)
            except api_error() as error:
                if self._adapt(error):
                    continue
                wait = None if retried else seconds_before_retry(error)
                if wait is None:
                    raise explain(error, endpoint) from error
                log.info("%s Trying once more.", explain(error, endpoint))
            retried = True
            await anyio.sleep(wait)

    def _adapt(self, error: "openai.APIError") -> bool:
        """Whether the endpoint only minds a parameter, which is from now on left out or called by its other name."""
        if getattr(error, "status_code", 0) != 400 or error.param not in self._limits:
            return False
        value = self._limits.pop(error.param)
        if error.param == "max_tokens":
            self._limits["max_completion_tokens"] = value
        return True


LOCAL_EXTRAS = {"cache_prompt": True, "chat_template_kwargs": {"enable_thinking": False}}
"""What only llama.cpp understands."""


def is_here(endpoint: Endpoint) -> bool:
    """Whether the endpoint is a server on this machine."""
    host = urlsplit(endpoint.base_url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def api_error() -> "type[openai.APIError]":
    """The client library's errors. A function, because importing the library takes long."""
    return importlib.import_module("openai").APIError


def make_client(endpoint: Endpoint) -> "openai.AsyncOpenAI":
    """A client for one endpoint. Takes about a second the first time: call it in a thread."""
    import openai

    http = openai.DefaultAsyncHttpx2Client(trust_env=False) if endpoint.local else None  # no proxy for loopback
    return openai.AsyncOpenAI(
        base_url=endpoint.base_url, api_key=endpoint.api_key or "none", max_retries=0, timeout=None, http_client=http
    )


async def checked(stream: Stream, endpoint: Endpoint) -> Stream:
    """The stream, if it is one: a proxy or a wrong address answers with a page. Raises MindError."""
    kind = str(cast(Any, stream).response.headers.get("content-type", "")).partition(";")[0].strip()
    if kind in ("text/html", "application/json", "application/xhtml+xml"):
        await stream.close()
        raise failures.nonsense(endpoint, f"a page ({kind})", begun=False)
    return stream


def seconds_before_retry(error: "openai.APIError") -> float | None:
    """How long to wait before asking again; None where it would not help, or would take too long."""
    import openai

    if isinstance(error, openai.APIStatusError):
        if error.status_code != 429 and error.status_code < 500:
            return None
        try:
            wait = float(error.response.headers.get("retry-after", RETRY_SECONDS))
        except ValueError:
            return None  # a date: that is too long
        return wait if 0 <= wait <= LONGEST_RETRY_SECONDS else None
    return RETRY_SECONDS if isinstance(error, openai.APIConnectionError) else None


def explain(error: "openai.APIError", endpoint: Endpoint | None) -> MindError:
    """The library's error as ours."""
    import openai

    endpoint = endpoint or Endpoint("", "", "")
    if isinstance(error, openai.APIStatusError):
        return failures.refused(endpoint, error.status_code, error.message)
    if isinstance(error, openai.APIConnectionError):
        return failures.unreachable(endpoint, begun=False)
    return failures.nonsense(endpoint, "something unreadable", begun=False)
