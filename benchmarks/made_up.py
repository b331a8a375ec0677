"""How sure the local model is of values that nobody said: of those that follow from a request, and those it makes up.

    python -m benchmarks.made_up [--models FOLDER] [--model NAME] [--threads 0]

One line for each such value: its probability, `known` or `missing`, what came of the request, and the request.
"""

import argparse
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import anyio

from benchmarks.figures import conditions
from voiceos.clock import local_time
from voiceos.config.paths import models_folder
from voiceos.config.settings import StoreSettings
from voiceos.engines.llama import LocalModel
from voiceos.engines.llama_process import Slot
from voiceos.memory.semantic import SemanticIndex
from voiceos.mind.calling import Calling, Lacks, written
from voiceos.mind.certainty import certainties
from voiceos.mind.endpoint_client import EndpointClient
from voiceos.mind.offering import alike_by
from voiceos.mind.supported import Said, unsupported
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.tools.grammar import read_arguments
from voiceos.tools.schema import reduced
from voiceos.tools.tool import Arguments, Call, Effect, Result, Tool


async def _nothing(_: Arguments) -> Result:
    return Result("")


def tools(data: Mapping[str, Any]) -> dict[str, Tool]:
    made = dict[str, Tool]()
    for name, one in data["tools"].items():
        schema = {"type": "object", "properties": one["fields"], "required": list(one["fields"])}
        made[name] = Tool(f"own.{name}", one["about"], schema, Effect.READ, _nothing)
    return made


class Listening(EndpointClient):
    """Keeps the last call that the model wrote."""

    last: Mapping[str, Any] = {}

    async def answer(self, request: Mapping[str, Any], slot: Slot = Slot.TALK) -> dict[str, Any]:
        answer = await super().answer(request, slot)
        if "grammar" in request:
            self.last = answer["choices"][0]
        return answer


def unsaid(request: str, tool: Tool, choice: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """The values of a call that the request does not hold, and the probability of each."""
    arguments = read_arguments(written(choice).rpartition("(")[2].removesuffix(")")) or {}
    certain = certainties(choice)
    for field in unsupported(arguments, reduced(tool.schema), Said(request, local_time())):
        yield f"{field.name}={arguments[field.name]!r}", certain.get(field.name, 0.0)


def outcome(made: Call | Lacks | None) -> str:
    return "called" if isinstance(made, Call) else f"asks for {made.field.name}" if made else "no call"


async def measured(chosen: argparse.Namespace) -> None:
    data = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    shelf, known = Shelf(models_folder(StoreSettings(models=chosen.models))), tools(data)
    meaning = SemanticIndex(shelf.path(MEMORY)).meaning
    async with LocalModel(shelf.resolve(chosen.model), threads=chosen.threads, name=chosen.model) as local:
        client = Listening(await local.endpoint())

        async def here() -> EndpointClient:
            return client

        calling = Calling(here, alike_by(meaning))
        await calling.warm()
        for kind in ("known", "missing"):
            for request, name in data[kind]:
                client.last = {}
                came = outcome(await calling(request, [known[name]]))
                for value, share in unsaid(request, known[name], client.last) if client.last else ():
                    print(f"{share:.2f}", kind, value, came, request, sep="\t", flush=True)
        await client.close()
    print(conditions())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, metavar="FOLDER")
    parser.add_argument("--model", default="qwen2.5-coder-1.5b-instruct-q4_k_m")
    parser.add_argument("--threads", type=int, default=0)
    anyio.run(measured, parser.parse_args())


if __name__ == "__main__":
    main()
