"""Has the language model choose the line of the memory that answers: it writes a number, and nothing else."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import anyio

from voiceos.core import Recalled
from voiceos.engines.llama_process import Slot
from voiceos.language.data import table
from voiceos.memory.quoting import dated_line
from voiceos.mind import failures
from voiceos.mind.endpoint_client import EndpointClient, warmed
from voiceos.mind.prompt import Message, taught

NUMBERS = 10
"""Tokens of which the server tells how likely they are."""
UNLIKELY = -9.0
"""The log probability of a number that is not among them."""

Choose = Callable[[str, Sequence[Recalled], datetime], Awaitable[Sequence[float]]]
"""For each of some lines the log of how much likelier it is to answer a question than that none does; none: unknown.

Raises MindError.
"""


class Choosing:
    """Asks a language model. It reads the lines and writes one token, so it can make up nothing."""

    def __init__(self, client: Callable[[], Awaitable[EndpointClient]], patience_seconds: float) -> None:
        self._client = client
        self._patience_seconds = patience_seconds

    async def __call__(self, question: str, memories: Sequence[Recalled], now: datetime) -> list[float]:
        """See `Choose`. Cancelling it ends the work."""
        client = await self._client()
        with anyio.move_on_after(self._patience_seconds):
            request: dict[str, Any] = {"messages": messages(question, memories, now), "temperature": 0}
            request |= {"max_tokens": 1, "logprobs": True, "top_logprobs": NUMBERS}
            return odds(await client.answer(request, Slot.CHOOSING), len(memories))
        raise failures.too_slow(client.endpoint, self._patience_seconds, begun=False)

    async def warm(self) -> None:
        """Has our own server read the prompt, so that nobody waits for that. A failure is left to the next question."""
        await warmed(self._client, Slot.CHOOSING, [*taught("choosing"), Message(role="user", content="")])


def messages(question: str, memories: Sequence[Recalled], now: datetime) -> list[Message]:
    """The prompt: the rule and examples, which are always the same, then the numbered lines, and the question."""
    told = table("en", "prompt")["choosing"]
    lines = [f"{number}. {dated_line(one, now, brief=True)}" for number, one in enumerate(memories, 1)]
    asked = told["question"].format(question=question.strip())
    return [*taught("choosing"), Message(role="user", content="\n".join([*lines, asked]))]


def odds(answer: Mapping[str, Any], count: int) -> list[float]:
    """The log odds of each number from 1 to `count` against 0; none where the server does not tell them."""
    choice = (answer.get("choices") or [{}])[0]
    content = (choice.get("logprobs") or {}).get("content") or [{}]
    likely = {
        str(one.get("token")): float(one.get("logprob", UNLIKELY)) for one in content[0].get("top_logprobs") or ()
    }
    if not likely:
        return []
    return [likely.get(str(number), UNLIKELY) - likely.get("0", UNLIKELY) for number in range(1, count + 1)]
