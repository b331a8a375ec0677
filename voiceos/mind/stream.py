"""One streamed answer from an endpoint: its text piece by piece, each wait bounded, each failure a MindError."""

import logging
from collections.abc import AsyncIterator
from typing import Any, Protocol

import anyio

from voiceos.config.settings import MindSettings
from voiceos.engines.llama import Endpoint
from voiceos.errors import MindError
from voiceos.mind import failures
from voiceos.mind.reply_text import Measure, Thoughts

log = logging.getLogger(__name__)

CHARACTERS_PER_TOKEN = 8
"""More than in any language: where an endpoint ignores `max_tokens`, the reply ends here."""
SENTENCE_ENDS = (".", "!", "?", "…", ":", '"', "”", "。", "？", "！")


class Stream(Protocol):
    """What the client library gives us."""

    def __aiter__(self) -> AsyncIterator[object]: ...
    async def close(self) -> None: ...


class ReplyStream:
    """What an endpoint says to one question. Its owner must `close` it: that also stops the generation."""

    def __init__(
        self, stream: Stream, endpoint: Endpoint, settings: MindSettings, *, began: float, total_seconds: float
    ) -> None:
        """`began`: when it was asked, on the loop's clock."""
        self._stream = stream
        self._chunks = aiter(stream)
        self._endpoint = endpoint
        self._settings = settings
        self._last = began
        self._end = began + total_seconds
        self._begun = False
        self._finished = False
        self._over = False
        self._text_end = ""
        self._thoughts = Thoughts()
        self._measure = Measure(settings.max_tokens * CHARACTERS_PER_TOKEN)

    async def next(self) -> str:
        """The next piece that is for the ear; "" at the end. Raises MindError, after which there is no more."""
        if self._begun:  # the time in which nobody asked, because the reply was being spoken, is not the server's
            self._last = anyio.current_time()
        while not (self._over or self._measure.enough):
            chunk = await self._chunk()
            if chunk is None:
                self._over = True
                return self._rest()
            if text := self._measure(self._thoughts(self._text_of(chunk))):
                self._last, self._begun, self._text_end = anyio.current_time(), True, text
                return text
        if self._measure.enough:
            log.info("The reply %s: the rest is left out.", self._measure.enough)
        return ""

    async def close(self) -> None:
        """Lets go of the connection; the server then stops generating."""
        with anyio.move_on_after(1, shield=True):
            await self._stream.close()

    async def _chunk(self) -> object | None:
        """The next event of the stream; None at its end."""
        import openai

        patience = self._settings.stall_seconds if self._begun else self._settings.first_token_seconds
        limit = min(self._last + patience, self._end) - anyio.current_time()
        try:
            with anyio.fail_after(limit):
                return await anext(self._chunks, None)
        except TimeoutError:
            if self._begun and anyio.current_time() >= self._end:
                self._measure.enough = "takes too long"
                return None
            raise failures.too_slow(self._endpoint, patience, begun=self._begun) from None
        except openai.APIConnectionError as error:
            raise failures.unreachable(self._endpoint, begun=self._begun) from error
        except openai.APIError as error:
            status = int(error.code) if error.code and error.code.isdigit() else 500
            failure = failures.refused(self._endpoint, status, error.message)
            raise MindError(str(failure), spoken=failures.LOST if self._begun else failure.spoken) from error
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise failures.nonsense(self._endpoint, "something unreadable", begun=self._begun) from error

    def _text_of(self, chunk: object) -> str:
        """The text in one event. Nothing about its shape is certain: the client library does not check it."""
        choices: Any = getattr(chunk, "choices", None)
        if choices is None and getattr(chunk, "usage", None):
            return ""
        if not isinstance(choices, list):
            raise failures.nonsense(self._endpoint, "an event without choices", begun=self._begun)
        if not choices:
            return ""
        choice: Any = choices[0]
        content: object = getattr(getattr(choice, "delta", None), "content", None)
        if getattr(choice, "finish_reason", None):
            self._finished = True
        if content is not None and not isinstance(content, str):
            raise failures.nonsense(self._endpoint, "an event whose content is not text", begun=self._begun)
        return content or ""

    def _rest(self) -> str:
        """At the end of the stream: what was held back. Raises MindError when it should not have ended here."""
        if rest := self._measure(self._thoughts.rest()):
            return rest
        if not self._begun:
            raise failures.empty(self._endpoint) if self._finished else failures.cut_off(self._endpoint)
        # Some endpoints forget to say that they have finished, so a whole sentence is taken at its word.
        if not self._finished and not self._measure.enough and not self._text_end.rstrip().endswith(SENTENCE_ENDS):
            raise failures.cut_off(self._endpoint)
        return ""
