"""Has the language model answer a question from lines of the memory, and from nothing else."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import anyio

from voiceos.core import Recalled
from voiceos.engines.llama_process import Slot
from voiceos.language.data import pattern, table
from voiceos.language.said_times import said_date, weekday_name
from voiceos.memory.quoting import dated_line
from voiceos.mind import failures
from voiceos.mind.endpoint_client import EndpointClient, warmed
from voiceos.mind.prompt import Message, taught
from voiceos.mind.reply_stream import text_of

MOST_TOKENS = 60

FromLines = Callable[[str, Sequence[Recalled], datetime], Awaitable[str]]
"""Answers a question from memories. Raises MindError."""


class Wording:
    """Asks a language model. Its prompt is always the same up to the lines, which a server's cache likes."""

    def __init__(self, client: Callable[[], Awaitable[EndpointClient]], patience_seconds: float) -> None:
        self._client = client
        self._patience_seconds = patience_seconds

    async def __call__(self, question: str, memories: Sequence[Recalled], now: datetime) -> str:
        """One sentence. Raises MindError. Cancelling it ends the work."""
        client = await self._client()
        with anyio.move_on_after(self._patience_seconds):
            prompt = messages(question, memories, now)
            request: dict[str, Any] = {"messages": prompt, "temperature": 0, "max_tokens": MOST_TOKENS}
            answer = await client.answer(request, Slot.FROM_LINES)
            choices = answer.get("choices") or [{}]
            return " ".join(text_of(choices[0].get("message", {}).get("content")).split())
        raise failures.too_slow(client.endpoint, self._patience_seconds, begun=False)

    async def warm(self) -> None:
        """Has our own server read the prompt, so that nobody waits for that. A failure is left to the next question."""
        await warmed(self._client, Slot.FROM_LINES, [*taught("from_lines"), Message(role="user", content="")])


def messages(question: str, memories: Sequence[Recalled], now: datetime) -> list[Message]:
    """The prompt: rules and examples, then the lines, today where the question is about it, and the question last.

    Each token that is not always the same takes a small board twelve milliseconds or more before the first word.
    """
    told = table("en", "prompt")["from_lines"]
    lines = [dated_line(memory, now, brief=True) for memory in memories]
    if pattern("en", "prompt", "needs_moment").search(question):
        lines.append(told["today"].format(date=f"{weekday_name(now)}, {said_date(now)}"))
    asked = "\n".join([*lines, told["question"].format(question=question.strip())])
    return [*taught("from_lines"), Message(role="user", content=asked)]
