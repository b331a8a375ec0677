"""One streamed answer from an endpoint: its text piece by piece, each wait bounded, each failure a MindError."""

import json
import logging
from dataclasses import dataclass
from typing import Any, cast

import anyio

from voiceos.config.settings import MindSettings
from voiceos.engines.llama import Endpoint
from voiceos.errors import MindError
from voiceos.language.sentences import say
from voiceos.mind import failures
from voiceos.mind.endpoint_client import Chunks, faults
from voiceos.mind.events import Event
from voiceos.mind.measure import Measure
from voiceos.mind.metering import tokens_of
from voiceos.mind.reply_text import ReplyText

log = logging.getLogger(__name__)

CHARACTERS_PER_TOKEN = 8
"""More than in any language: where an endpoint ignores `max_tokens`, the reply ends here."""
SENTENCE_ENDS = (".", "!", "?", "…", ":", '"', "”", "。", "？", "！")
MOST_CALLS = 8
"""In one reply."""
LONGEST_ARGUMENTS = 20_000
GRACE_SECONDS = 0.5
"""How long a connection may go on after a reply has been said to be finished."""


@dataclass(slots=True)
class Habit:
    """How the model at an endpoint is known to begin its replies."""

    thinks_first: bool | None = None
    """With a thought that nothing opens: some templates open it themselves.

    None: not known yet; then only what reads like a thought is held back.
    """


@dataclass(slots=True)
class CallText:
    """A call that a model wants made, as it wrote it."""

    id: str = ""
    name: str = ""
    arguments: str = ""
    """JSON, if all is well."""


class ReplyStream:
    """What an endpoint says to one question. Its owner must `close` it: that also stops the generation."""

    def __init__(
        self,
        chunks: Chunks,
        endpoint: Endpoint,
        settings: MindSettings,
        habit: Habit,
        *,
        began: float,
        total_seconds: float,
        calls: bool = False,
    ) -> None:
        """`began`: when it was asked, on the loop's clock. `calls`: whether it may call tools."""
        self._stream = chunks
        self._chunks = aiter(chunks)
        self._endpoint = endpoint
        self._settings = settings
        self._habit = habit
        self._last = began
        self._end = began + total_seconds
        self._begun = False
        self._recognised = False
        self._finished = ""
        self._over = False
        self._failure: MindError | None = None
        self.calls: list[CallText] = []
        """The calls that it wants made, once it has ended; none where it may not call."""
        self.said = ""
        """All that was given of it."""
        self._may_call = calls
        self.tokens: tuple[int, int] | None = None
        """Read and made, once the endpoint has told it."""
        self._text_end = ""
        self._reply = ReplyText(settings.name, holding=habit.thinks_first is not False)
        self._measure = Measure(settings.max_tokens * CHARACTERS_PER_TOKEN)

    async def next(self) -> str:
        """The next piece to speak; "" at the end. Raises MindError, after which there is no more."""
        if self._begun:  # time spent speaking the reply does not count against the server
            self._last = anyio.current_time()
        while not (self._over or self._measure.enough or self._reply.over):
            try:
                chunk = await self._chunk()
            except MindError as error:
                self._failure, chunk = error, None
            if chunk is None:
                break
            if text := self._measure(self._heard(self._text_of(chunk))):
                self.said += text
                return text
        if self._measure.enough:
            log.info("The reply %s, so the rest was left out.", self._measure.enough)
            return ""
        if not self._over:
            self._over = True
            if text := self._last_words():
                self.said += text
                return text
        self._check_end()
        return ""

    async def close(self) -> None:
        """Lets go of the connection; the server then stops generating."""
        await self._stream.close()

    def _heard(self, text: str) -> str:
        """What can be said after this piece of the output."""
        piece, reply, now = self._reply(text), self._reply, anyio.current_time()
        if text and reply.begun and not (reply.holding and self._habit.thinks_first):
            self._begun, self._last = True, now
            if reply.holding and not reply.thinks_aloud:
                reply.holding = False
                piece = reply("")
        if piece.strip():
            self._text_end = piece
        return piece

    def _last_words(self) -> str:
        """At the end: what was held back."""
        reply = self._reply
        is_cut_thought = reply.holding and self._habit.thinks_first and self._finished != "stop"
        text = "" if is_cut_thought else self._measure(reply.rest())
        if reply.thought_first or self._habit.thinks_first is None:
            self._habit.thinks_first = reply.thought_first
        if reply.tool_called:
            cannot = say("mind.cannot")
            text = f"{text.rstrip()} {cannot}" if text or self._text_end else cannot
        self._text_end = text if text.strip() else self._text_end
        return text

    def _check_end(self) -> None:
        """Raises MindError when it should not have ended here."""
        if self._failure and not (self._finished and self._text_end):
            raise self._failure
        if self.calls and self._finished:
            return
        if not self._text_end:
            if not self._recognised:
                raise failures.nonsense(self._endpoint, "nothing useful", begun=False)
            raise failures.empty(self._endpoint) if self._finished else failures.cut_off(self._endpoint, begun=False)
        # Some endpoints do not say that they have finished, so a complete sentence counts as the end.
        if not self._finished and not self._reply.over and not self._text_end.rstrip().endswith(SENTENCE_ENDS):
            raise failures.cut_off(self._endpoint)

    async def _chunk(self) -> Event | None:
        """The next event of the stream; None at its end."""
        patience = self._settings.stall_seconds if self._begun else self._settings.first_token_seconds
        limit = GRACE_SECONDS if self._finished else min(self._last + patience, self._end) - anyio.current_time()
        try:
            with anyio.fail_after(limit):
                return await anext(self._chunks, None)
        except TimeoutError:
            if self._begun and anyio.current_time() >= self._end:
                self._measure.enough = "takes too long"
                return None
            raise failures.too_slow(self._endpoint, patience, begun=self._begun) from None
        except faults() as error:
            raise failures.unreachable(self._endpoint, error, begun=self._begun) from error
        except (ValueError, RecursionError) as error:
            raise failures.nonsense(self._endpoint, "something unreadable", begun=self._begun) from error

    def _text_of(self, chunk: Event) -> str:
        """The text in one event; nothing about its shape is certain. Events without choices keep a connection alive."""
        self.tokens = tokens_of(chunk) or self.tokens
        error = chunk.get("error") or (chunk if "error" in (chunk.get("object"), chunk.get("type")) else None)
        choices: Any = chunk.get("choices")
        choice: Any = choices[0] if choices and isinstance(choices, list) else None
        if not isinstance(choice, dict):
            choice = {}
        reason = cast(Event, choice).get("finish_reason")
        if error or reason == "error":
            self._failure = failures.in_stream(self._endpoint, error or chunk, begun=self._begun)
            self._reply.over = True
            return ""
        self._recognised |= bool(choices)
        self._finished = self._finished or str(reason or "")
        return self._text_in(cast(Event, choice))

    def _take_calls(self, pieces: list[object]) -> None:
        """Takes pieces of calls: each names its call by an index, or else belongs to the last."""
        for piece in pieces:
            if not isinstance(piece, dict):
                continue
            fields = cast(Event, piece)
            inner: Any = fields.get("function")
            function = cast(Event, inner) if isinstance(inner, dict) else {}
            at: Any = fields.get("index")
            if not isinstance(at, int):
                at = len(self.calls) - 1 if self.calls and not function.get("name") else len(self.calls)
            if not 0 <= at < MOST_CALLS:
                continue
            while len(self.calls) <= at:
                self.calls.append(CallText())
            call = self.calls[at]
            call.id = call.id or str(fields.get("id") or f"call{at}")
            call.name = call.name or str(function.get("name") or "")
            call.arguments = (call.arguments + _text(function.get("arguments")))[:LONGEST_ARGUMENTS]

    def _text_in(self, choice: Event) -> str:
        said: Any = choice.get("delta")
        if not isinstance(said, dict):
            whole: Any = choice.get("message")
            said = whole if isinstance(whole, dict) and not self._begun else {"content": choice.get("text")}
        fields = cast(Event, said)
        if fields.get("role") in ("tool", "function"):
            return ""
        if self._may_call and isinstance(fields.get("tool_calls"), list):
            self._take_calls(cast("list[object]", fields["tool_calls"]))
        else:
            self._reply.tool_called |= bool(fields.get("tool_calls") or fields.get("function_call"))
        content: object = fields.get("content")
        if content is None or content == "":
            content = fields.get("refusal")
        if not isinstance(content, str | list | dict | None):
            self._failure = failures.nonsense(self._endpoint, "an event whose content is not text", begun=self._begun)
            self._reply.over = True
            return ""
        return text_of(content)


def _text(value: object) -> str:
    """A piece of JSON text; what should be text and is an object is written as such."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def text_of(content: object) -> str:
    """The text of a content, which may be text, or parts some of which are thoughts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(map(text_of, cast("list[object]", content)))
    if isinstance(content, dict):
        part = cast(Event, content)
        return (
            text_of(part.get("text") or part.get("value")) if part.get("type") in (None, "text", "output_text") else ""
        )
    return ""
