"""How long the local model takes to a call with three tools, and to the first word of an answer that needs one.

    python -m benchmarks.tool_latency [--models FOLDER] [--threads 0] [--repeat 1]

The tools answer at once, so what is measured is beyond their own time. The same questions are answered without tools,
too. Seconds are those of the clock, which others on the machine share; CPU seconds are the model server's own.
"""

import argparse
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from statistics import median

import anyio

from benchmarks.figures import conditions
from benchmarks.function_calls import Meter, Metered
from voiceos.config.paths import models_folder
from voiceos.config.settings import MindSettings, StoreSettings
from voiceos.core import Action, Transcript, Turn
from voiceos.engines.llama import LocalModel
from voiceos.memory.semantic import SemanticIndex
from voiceos.mind.acting import ActingMind
from voiceos.mind.calling import Calling
from voiceos.mind.chat_mind import ChatMind
from voiceos.mind.endpoint_client import EndpointClient
from voiceos.mind.honest import HonestMind
from voiceos.mind.offering import alike_by
from voiceos.mind.open_questions import OpenQuestions
from voiceos.mind.using import Using
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.protocols import Mind
from voiceos.tools.tool import Arguments, Call, Done, Effect, Result, Tool, Trail

SENTENCE = "It is 3 degrees and cloudy, with rain later."
DATA = '{"temperature": 3, "unit": "celsius", "sky": "cloudy", "rain_probability": 0.8, "wind": {"speed": 14}}'
LONG = json.dumps({"days": [{"day": day, **json.loads(DATA)} for day in ("today", "tomorrow", "Friday")]})
"""Too much to be told as it is: the model puts it into words."""
TEXT = {"type": "string"}


async def _run(_: Arguments) -> Result:
    return Result("")


def tool(name: str, about: str, required: Sequence[str], **fields: object) -> Tool:
    schema = {"type": "object", "properties": fields, "required": list(required)}
    return Tool(name, about, schema, Effect.READ, _run)


TOOLS = (
    tool(
        "weather.forecast",
        "Weather forecast for a city.",
        ["city"],
        city=TEXT,
        days={"type": "integer", "minimum": 1, "maximum": 9, "description": "Days from now"},
    ),
    tool(
        "money.convert",
        "Convert an amount of money between two currencies at today's rate.",
        ["amount", "base", "target"],
        amount={"type": "number"},
        base={**TEXT, "description": "Currency code"},
        target={**TEXT, "description": "Currency code"},
    ),
    tool("trains.departures", "Next departures of trains from a station.", ["station"], station=TEXT, to=TEXT),
)
QUESTIONS = (
    "How will the weather be in Oslo tomorrow?",
    "Will it rain in Lisbon in the next three days?",
    "How much is 50 euros in dollars?",
    "What are 1200 yen in pounds?",
    "When is the next train from Euston to Manchester?",
    "Which trains leave from Leeds next?",
    "Is it going to be sunny in Athens this week?",
    "Convert 20 pounds to Swiss francs.",
    "What's the forecast for Bergen?",
    "When does the next train leave Victoria for Brighton?",
)


class Box:
    async def tools(self) -> Sequence[Tool]:
        return TOOLS


class Gate:
    """Answers at once with the same result."""

    def __init__(self, text: str) -> None:
        self._text = text

    async def call(self, call: Call, trail: Trail) -> Done:
        return Done(Result(self._text))


Measured = tuple[float, float]
"""Seconds, and CPU seconds of the server."""


async def first_word(mind: Mind, question: str, meter: Meter) -> tuple[Measured, bool]:
    """To the first word, and whether a tool was called."""
    turn = Turn("t", "c", transcript=Transcript(question))
    began, cpu = time.monotonic(), meter.cpu_seconds()
    async with aclosing(mind.reply(turn)) as parts:
        async for part in parts:
            text = await part.do() if isinstance(part, Action) else part.text
            if text.strip():
                break
    return (time.monotonic() - began, meter.cpu_seconds() - cpu), bool(turn.receipts)


async def measured(chosen: argparse.Namespace) -> None:
    shelf = Shelf(models_folder(StoreSettings(models=chosen.models)))
    meaning = SemanticIndex(shelf.path(MEMORY)).meaning
    local = LocalModel(shelf.resolve(chosen.model), threads=chosen.threads, name=chosen.model)
    async with local, ChatMind(MindSettings(), local.endpoint) as chat:
        meter = Meter(local.pid)
        client = Metered(await local.endpoint(), meter)
        calling = Calling(_always(client), alike_by(meaning))
        plain = HonestMind(chat)
        await chat.warm()
        await calling.warm(TOOLS)
        rows = dict[str, list[Measured]]()
        called = 0
        for question in QUESTIONS * chosen.repeat:
            began, cpu = time.monotonic(), meter.cpu_seconds()
            called += isinstance(await calling(question, TOOLS), Call)
            rows.setdefault("to the call", []).append((time.monotonic() - began, meter.cpu_seconds() - cpu))
            rows.setdefault("without a tool", []).append((await first_word(plain, question, meter))[0])
            for name, text in (("a sentence", SENTENCE), ("data", DATA), ("long data", LONG)):
                await _forget(calling)
                mind = ActingMind(plain, plain, Using(Box(), Gate(text)), calling, OpenQuestions())
                rows.setdefault(f"with one that brings {name}", []).append((await first_word(mind, question, meter))[0])
        await client.close()
    print(f"called in {called} of {len(QUESTIONS) * chosen.repeat}; tokens read {meter.read}, made {meter.made}")
    print("p50", "seconds", "CPU seconds", sep="\t")
    for name, found in rows.items():
        print(name, *(f"{median(one[at] for one in found):.2f}" for at in (0, 1)), sep="\t")
    print(conditions())


async def _forget(calling: Calling) -> None:
    """Has the server drop the last question from its cache: it would not be there for another person's first try."""
    await calling("What is the weather in Rome?", TOOLS)


def _always(client: EndpointClient) -> Callable[[], Awaitable[EndpointClient]]:
    async def here() -> EndpointClient:
        return client

    return here


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, metavar="FOLDER")
    parser.add_argument("--model", default="qwen2.5-coder-1.5b-instruct-q4_k_m")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--repeat", type=int, default=1)
    anyio.run(measured, parser.parse_args())


if __name__ == "__main__":
    main()
