"""Thinks by asking a language model: any OpenAI-compatible endpoint, streamed, with every wait bounded."""

import importlib.metadata
import logging
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import anyio
import anyio.to_thread

from voiceos.clock import local_time
from voiceos.config.settings import MindSettings
from voiceos.core import Exchange, Part, Turn
from voiceos.engines.llama import Endpoint
from voiceos.engines.llama_process import Slot
from voiceos.errors import MindError, VoiceosError
from voiceos.language.sentences import say
from voiceos.memory.quoting import used
from voiceos.mind import failures
from voiceos.mind.choosing import Choosing
from voiceos.mind.endpoint_client import Chunks, EndpointClient, warmed
from voiceos.mind.extraction import Extraction
from voiceos.mind.from_lines import Wording
from voiceos.mind.metering import Metering, estimated
from voiceos.mind.prompt import Message, Persona, build_messages, stable_prefix
from voiceos.mind.reply_stream import Habit, ReplyStream
from voiceos.mind.rewording import Rewording
from voiceos.store.usage import Usage

log = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
_MINDS = re.compile(r"support|unrecogni|unknown|unexpected|permitted|extra|deprecated|\)$", re.IGNORECASE)


class ChatMind:
    """A `Mind` that asks a language model. An async context manager: leaving it closes the connections.

    `endpoint` may be a function, because the local server answers at a new address each time it is restarted.
    """

    def __init__(
        self,
        settings: MindSettings,
        endpoint: Endpoint | Callable[[], Awaitable[Endpoint]],
        *,
        can: Sequence[str] = (),
        now: Callable[[], datetime] = local_time,
        total_seconds: float = 120.0,
    ) -> None:
        """`can`: what the skills can do, a short line each."""
        self._settings = settings
        self._endpoint = endpoint
        self._known = endpoint if isinstance(endpoint, Endpoint) else None
        self._now = now
        self._total_seconds = total_seconds
        self._persona = Persona(settings.name, settings.persona, can)
        self._limits: dict[str, Any] = {"max_tokens": settings.max_tokens, "temperature": settings.temperature}
        if self._known and not self._known.local:
            self._limits["stream_options"] = {"include_usage": True}
        self._client: EndpointClient | None = None
        self._connecting = anyio.Lock()
        self._touched = anyio.Event()
        self._touched.set()
        self._habit = Habit()
        self.extract: Extraction | None = None
        """The same model for work in quiet hours, where that costs nothing."""
        self.reword: Rewording | None = None
        """The same model for odd requests."""
        self.from_lines: Wording | None = None
        """The same model for answers from the memory alone."""
        self.choosing: Choosing | None = None
        """The same model for the line of the memory that answers."""
        self.renewed: Callable[[Endpoint | None], Awaitable[Endpoint]] | None = None
        """Where our own server answers, once that is no longer where it did."""
        self.metering: Metering | None = None
        """Counts what is sent to it, if it is elsewhere."""

    @property
    def name(self) -> str:
        if self._known is None:
            return self._settings.model
        if self._known.local:
            return f"xllamacpp {importlib.metadata.version('xllamacpp')} {self._known.model}"
        return f"{self._known.model} at {failures.host(self._known)}"

    async def __aenter__(self) -> Self:
        self._tasks = await anyio.create_task_group().__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._tasks.cancel_scope.cancel()
        if isinstance(failure, anyio.get_cancelled_exc_class()):
            await self._tasks.__aexit__(kind, failure, traceback)
        else:  # or the group would wrap an exception that is not its own
            await self._tasks.__aexit__(None, None, None)
        if self._client:
            await self._client.close()

    async def reply(self, turn: Turn) -> AsyncGenerator[Part, None]:
        """Streams the reply. Raises MindError; what came before it stays said. Closing it stops the server's work."""
        async with self.answering(turn, self.messages(turn)) as answer:
            while text := await answer.next():
                yield Part(text)

    def messages(self, turn: Turn) -> list[Message]:
        """The prompt for a turn."""
        return build_messages(self._persona, turn, self._now(), self._settings.history_turns, self._history_tokens)

    @asynccontextmanager
    async def answering(
        self, turn: Turn, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, object]] = ()
    ) -> AsyncGenerator[ReplyStream]:
        """What the endpoint says to a prompt, in which it may call these tools. Leaving it stops the server's work."""
        answer = await self._ask(messages, tools)
        try:
            yield answer
        finally:
            await answer.close()
            await self._meter(turn, messages, answer)

    async def _meter(self, turn: Turn, messages: Sequence[Mapping[str, Any]], answer: ReplyStream) -> None:
        if self.metering:
            read, made = answer.tokens or (estimated(str(messages)), estimated(answer.said + str(answer.calls)))
            self.metering.note(Usage(1, read, made, len(used(turn)), len(turn.results) + len(turn.brought)))
            await self.metering.flush()

    async def warm(self, history: Sequence[Exchange] = ()) -> bool:
        """Prepares for a question that is about to come: call it at wake. False, and a log line, when it cannot.

        Our own model reads all that precedes the question. A llama.cpp in the owner's own network, where that costs
        nothing, reads what never changes, and nothing that was said. To any other, which may want money for it, a
        connection is opened. Nobody waits for these.
        """
        if self._known and not self._known.local:
            if self._touched.is_set():
                self._touched = anyio.Event()
                self._tasks.start_soon(self._get_in_touch)
            return True
        return await warmed(self.client, Slot.TALK, self._beginning(history))

    def _beginning(self, history: Sequence[Exchange] = ()) -> list[Message]:
        """What the next prompt begins with."""
        prefix = stable_prefix(self._persona, history, self._settings.history_turns, self._history_tokens)
        return [*prefix, {"role": "user", "content": ""}]

    async def touched(self) -> None:
        """Waits until an endpoint elsewhere is prepared, as far as it can be."""
        await self._touched.wait()

    async def _get_in_touch(self) -> None:
        """Has it read ahead, or else opens a connection. Failures are left to the next question."""
        keeps = False
        with anyio.move_on_after(CONNECT_SECONDS):
            try:
                client = await self.client()
                keeps = not (self.metering and self.metering.has_limits) and await client.keeps_prompts()
                if not keeps:
                    await client.models()
            except VoiceosError as error:
                log.info("%s", error)
        if keeps:
            await warmed(self.client, Slot.TALK, self._beginning())
        self._touched.set()

    @property
    def _history_tokens(self) -> int:
        """What the context leaves for history: the rest is for the persona, the question and the reply."""
        return max(256, (self._settings.context - self._settings.max_tokens) * 2 // 3)

    async def client(self) -> EndpointClient:
        """A client for the endpoint as it is now."""
        endpoint = self._endpoint if isinstance(self._endpoint, Endpoint) else await self._endpoint()
        async with self._connecting:
            if self._client is None or self._client.endpoint != endpoint:
                old, self._client = (
                    self._client,
                    await anyio.to_thread.run_sync(EndpointClient, endpoint, self.metering),
                )
                self._known = endpoint
                if old:
                    await old.close()
            return self._client

    async def _ask(
        self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, object]] = ()
    ) -> ReplyStream:
        """Sends the question; returns when the endpoint begins to answer."""
        began = anyio.current_time()
        patience = min(self._settings.first_token_seconds, self._total_seconds)
        try:
            with anyio.fail_after(patience):
                endpoint, stream = await self._send(messages, tools)
        except TimeoutError:
            raise failures.too_slow(self._known, patience, begun=False) from None
        except MindError:
            raise
        except VoiceosError as error:  # the local server's
            raise MindError(str(error), spoken=say("mind.not_answering")) from error
        habit = Habit(thinks_first=False) if endpoint.local else self._habit
        return ReplyStream(
            stream, endpoint, self._settings, habit, began=began, total_seconds=self._total_seconds, calls=bool(tools)
        )

    async def _send(
        self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, object]]
    ) -> tuple[Endpoint, Chunks]:
        """Opens the stream; a second time where that may help, since nothing has been said yet."""
        retried, offered = False, {"tools": tools} if tools else {}
        while True:
            client = await self.client()
            try:
                return client.endpoint, await client.stream({"messages": messages, **offered, **self._limits})
            except failures.EndpointError as error:
                if self._adapt(error):
                    continue
                if retried or error.retry is None:
                    raise
                log.info("%s Trying once more.", error)
                retried = True
                await anyio.sleep(error.retry)

    def _adapt(self, error: failures.EndpointError) -> bool:
        """Whether the endpoint only minds a parameter, which is from now on left out or called by its other name."""
        minded = [name for name in self._limits if re.search(rf"\b{name}\b", error.detail)]
        if error.status not in (400, 422) or not minded or not _MINDS.search(error.detail):
            return False
        value = self._limits.pop(minded[0])
        if minded[0] == "max_tokens":
            self._limits["max_completion_tokens"] = value
        return True
