"""Asks the language model for an answer in a given shape, for background work."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from voiceos.engines.llama_process import Slot
from voiceos.errors import MindError
from voiceos.mind.endpoint_client import EndpointClient
from voiceos.mind.reply_stream import text_of

PIECE = 100
"""Characters of a prompt that are read at a time: about half a second for a model of 1.5 B on one core."""


class Extraction:
    """A model that fills in a JSON schema. Cancelling a call ends the server's work, too."""

    def __init__(self, client: Callable[[], Awaitable[EndpointClient]], *, max_tokens: int = 400) -> None:
        self._client = client
        self._max_tokens = max_tokens
        self._read = ""

    async def __call__(self, text: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to `text` as an object of `schema`; an empty one when it was cut off. Raises MindError."""
        client = await self._client()
        shape = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": dict(schema)}}
        read, self._read = self._read, ""  # what is cut off now may have been partly read
        if client.endpoint.local:
            await self._read_in_pieces(client, read, text)
        answer = await self._ask(client, text, max_tokens=self._max_tokens, response_format=shape)
        self._read = text
        choices = answer.get("choices")
        if not choices:
            raise MindError("The language model gave an empty answer.")
        try:
            found = json.loads(text_of(choices[0]["message"]["content"]))
        except (ValueError, KeyError, TypeError, IndexError):
            return {}
        return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}

    async def _read_in_pieces(self, client: EndpointClient, read: str, text: str) -> None:
        """Has our own server read a prompt piece by piece: it reads one to its end though nobody waits any more."""
        begin = next((n for n, (a, b) in enumerate(zip(read, text, strict=False)) if a != b), min(len(read), len(text)))
        for end in range(begin + PIECE, len(text), PIECE):
            await self._ask(client, text[:end], max_tokens=1)

    async def _ask(self, client: EndpointClient, text: str, **more: Any) -> dict[str, Any]:
        return await client.answer(
            {"messages": [{"role": "user", "content": text}], "temperature": 0, **more}, Slot.EXTRACTION
        )
