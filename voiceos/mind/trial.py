"""Tries a local language model on this machine: how quick it is, and how often its answers and calls are right."""

import re
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import anyio
import psutil

from voiceos.clock import local_time
from voiceos.config.settings import MindSettings
from voiceos.core import Recalled, Transcript, Turn
from voiceos.engines.llama import LocalModel
from voiceos.errors import VoiceosError
from voiceos.language.data import table
from voiceos.mind.calling import Calling
from voiceos.mind.chat_mind import ChatMind
from voiceos.models.tried import Trial
from voiceos.tools.tool import Arguments, Call, Effect, Result, Tool

LONGEST_REPLY = 60
"""Tokens: the answers are a few words."""
RATE_TOKENS = 48
"""Tokens by which the rate is measured."""

Tell = Callable[[int, int], None]
"""Is told how many of how many questions are done."""


@dataclass(slots=True)
class _Counted:
    waits: list[float] = field(default_factory=list[float])
    right: int = 0
    called: int = 0


async def try_model(model: LocalModel, name: str, settings: MindSettings, tell: Tell, language: str = "en") -> Trial:
    """Asks all questions of `language/LANGUAGE/trial.toml`; takes about a minute on a PC, some on a board.

    `model` must have been entered. Raises EngineError, MindError.
    """
    data = table(language, "trial")
    questions, calls = data["questions"], data["calls"]
    counted, whole = _Counted(), len(questions) + len(calls)
    short = settings.model_copy(update={"max_tokens": LONGEST_REPLY, "temperature": 0.0})
    async with ChatMind(short, model.endpoint) as mind:
        await mind.warm()
        for number, question in enumerate(questions):
            await _ask(mind, question, counted)
            tell(number + 1, whole)
        calling = Calling(mind.client)
        await calling.warm()
        for number, request in enumerate(calls):
            counted.called += await _is_called_rightly(calling, request, list(_tools(data["tools"])))
            tell(len(questions) + number + 1, whole)
        rate = await _rate(mind)
    return Trial(
        *(name, local_time().isoformat(timespec="seconds"), round(statistics.median(counted.waits), 3)),
        *(rate, psutil.Process(model.pid).memory_info().rss // 1_000_000),
        *(counted.right, len(questions), counted.called, len(calls)),
    )


async def _ask(mind: ChatMind, question: dict[str, Any], counted: _Counted) -> None:
    turn = Turn("trial", "trial", transcript=Transcript(question["ask"]))
    turn.recalled = [Recalled(f"passage:{at}", text) for at, text in enumerate(question.get("memories", ()), 1)]
    began, reply, first = anyio.current_time(), "", True
    async with aclosing(mind.reply(turn)) as parts:
        async for part in parts:
            if first:
                counted.waits.append(anyio.current_time() - began)
                first = False
            reply += part.text
    counted.right += is_right(reply, question)


def is_right(reply: str, question: dict[str, Any]) -> bool:
    """Whether a reply has what it must have, and not what it must not have."""
    wrong = question.get("wrong", "")
    has = re.search(question["right"], reply, re.IGNORECASE) is not None
    return has and not (wrong and re.search(wrong, reply, re.IGNORECASE))


async def _is_called_rightly(calling: Calling, request: dict[str, Any], tools: Sequence[Tool]) -> bool:
    try:
        call = await calling(request["ask"], tools)
    except VoiceosError:
        return False
    if "tool" not in request:
        return not isinstance(call, Call)
    return isinstance(call, Call) and (call.tool.name, dict(call.arguments)) == (request["tool"], request["arguments"])


def _tools(rows: Sequence[dict[str, Any]]) -> Iterator[Tool]:
    for row in rows:
        yield Tool(row["name"], row["about"], row["schema"], Effect.ACT, _never)


async def _never(arguments: Arguments) -> Result:
    raise AssertionError("A trial calls nothing.")


async def _rate(mind: ChatMind) -> float:
    """Tokens a second, as the server counts them."""
    client = await mind.client()
    asked = {"messages": [{"role": "user", "content": "Count from one to thirty in words."}], "max_tokens": RATE_TOKENS}
    answer = await client.answer(asked)
    return round(float((answer.get("timings") or {}).get("predicted_per_second", 0.0)), 1)
