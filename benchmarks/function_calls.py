"""How often the local model calls the right tool with the right arguments, and calls none where none fits.

    python -m benchmarks.function_calls --data FOLDER [--model NAME] [--part report|tune] [--items 100] [--keep FILE]

The items and the checker are those of the Berkeley Function Calling Leaderboard (Apache-2.0), from the wheel
`bfcl-eval`, installed with `pip install --no-deps --target FOLDER bfcl-eval`. Items with even numbers served to build
(prompt, thresholds, rules); those with odd ones are reported. `--keep` saves what came of each item, and goes on from
there.
"""

import argparse
import importlib
import json
import sys
import time
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import anyio

from benchmarks.figures import conditions
from voiceos.config.paths import models_folder
from voiceos.config.settings import StoreSettings
from voiceos.engines.llama import Endpoint, LocalModel
from voiceos.engines.llama_process import Slot
from voiceos.memory.semantic import SemanticIndex
from voiceos.mind.calling import Calling, Lacks
from voiceos.mind.endpoint_client import EndpointClient
from voiceos.mind.offering import alike_by
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.tools.form import wrong
from voiceos.tools.schema import UnusableSchema, reduced
from voiceos.tools.tool import Arguments, Call, Effect, Result, Tool

CATEGORIES = ("simple_python", "multiple", "irrelevance")
TYPES = {"dict": "object", "float": "number", "tuple": "array", "any": "string"}
"""Its names of types, as JSON Schema has them."""


@dataclass
class Meter:
    """What the model's server has done."""

    pid: int
    read: int = 0
    made: int = 0

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100


class Metered(EndpointClient):
    """Counts tokens."""

    def __init__(self, endpoint: Endpoint, meter: Meter) -> None:
        super().__init__(endpoint)
        self._meter = meter

    async def answer(self, request: Mapping[str, Any], slot: Slot = Slot.TALK) -> dict[str, Any]:
        answer = await super().answer(request, slot)
        timings = answer.get("timings") or {}
        self._meter.read += int(timings.get("prompt_n", 0))
        self._meter.made += int(timings.get("predicted_n", 0))
        return answer


def items(data: Path, category: str, part: str, most: int) -> list[dict[str, Any]]:
    """Items of one half; of the other first those whose numbers leave 3 when divided by 4."""
    folder = data / "bfcl_eval" / "data"
    found = [json.loads(line) for line in (folder / f"BFCL_v4_{category}.json").read_text("utf-8").splitlines()]
    answers = folder / "possible_answer" / f"BFCL_v4_{category}.json"
    if answers.exists():
        truths = {row["id"]: row["ground_truth"] for row in map(json.loads, answers.read_text("utf-8").splitlines())}
        found = [{**one, "truth": truths[one["id"]]} for one in found]
    if part == "report":
        return [*found[3::4], *found[1::4]][:most]
    half = found[::2]
    return [half[at * len(half) // min(most, len(half))] for at in range(min(most, len(half)))]


def in_json_schema(schema: Any) -> Any:
    if isinstance(schema, dict):
        fields = cast("dict[str, Any]", schema)
        return {key: _type(value) if key == "type" else in_json_schema(value) for key, value in fields.items()}
    return [in_json_schema(one) for one in cast("list[Any]", schema)] if isinstance(schema, list) else schema


def _type(value: Any) -> Any:
    return TYPES.get(value, value) if isinstance(value, str) else in_json_schema(value)


async def _nothing(_: Arguments) -> Result:
    return Result("")


def tools(item: Mapping[str, Any]) -> list[Tool]:
    return [
        Tool(f"bfcl.{one['name']}", one["description"], in_json_schema(one["parameters"]), Effect.READ, _nothing)
        for one in item["function"]
    ]


def request(item: Mapping[str, Any]) -> str:
    return " ".join(message["content"] for message in item["question"][0] if message["role"] == "user")


def checker(data: Path) -> Any:
    """The leaderboard's own checker. Its table of models needs every provider's library, and only serves names."""
    sys.path.insert(0, str(data))
    config = types.ModuleType("bfcl_eval.constants.model_config")
    config.MODEL_CONFIG_MAPPING = {"voiceos": types.SimpleNamespace(underscore_to_dot=False)}  # type: ignore[attr-defined]
    sys.modules[config.__name__] = config
    check = importlib.import_module("bfcl_eval.eval_checker.ast_eval.ast_checker").ast_checker
    python = importlib.import_module("bfcl_eval.constants.enums").Language.PYTHON

    def judged(item: Mapping[str, Any], category: str, name: str, arguments: Arguments) -> tuple[bool, str]:
        found = check(
            item["function"], [{name: _in_python(arguments, item, name)}], item["truth"], python, category, "voiceos"
        )
        return bool(found["valid"]), str(found.get("error", ""))

    return judged


def judged(item: Mapping[str, Any], category: str, made: Call | Lacks | str | None, check: Any) -> dict[str, Any]:
    """What became of one item."""
    if not isinstance(made, Call):
        why = made if isinstance(made, str) else f"asks for {made.field.name}" if made else "no call"
        return {"right": category == "irrelevance", "why": why}
    name = made.tool.name.removeprefix("bfcl.")
    row: dict[str, Any] = {"call": name, "arguments": dict(made.arguments), "right": False}
    row["malformed"] = _malformed(made)
    if category == "irrelevance":
        return row
    row["right"], row["why"] = check(item, category, name, made.arguments)
    truth = item["truth"][0].get(name)
    if truth is not None:
        row["unsupported"] = [key for key in made.arguments if _is_unsupported(item, category, made, key, check)]
    return row


def _kept_call(item: Mapping[str, Any], row: Mapping[str, Any]) -> Call | str:
    """What was made of an item that is judged again: a call, or why there was none."""
    made = next((tool for tool in tools(item) if tool.name == f"bfcl.{row.get('call')}"), None)
    return Call(made, row["arguments"]) if made else row.get("why", "no call")


def _in_python(arguments: Arguments, item: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Arguments as the checker wants them: a JSON number in a list of its "float" must be one in Python, too."""
    given = dict(arguments)
    for one in item["function"]:
        fields = one["parameters"]["properties"] if one["name"] == name else {}
        for key in given.keys() & fields.keys():
            if fields[key].get("items", {}).get("type") == "float" and isinstance(given[key], list):
                given[key] = [float(each) for each in cast("list[float]", given[key])]
    return given


def _malformed(made: Call) -> str:
    try:
        return wrong(made.arguments, reduced(made.tool.schema))
    except UnusableSchema as error:
        return str(error)


def _is_unsupported(item: Mapping[str, Any], category: str, made: Call, key: str, check: Any) -> bool:
    """Whether the true answer has no such optional argument, or may go without it and has none of this value."""
    required = cast("list[str]", made.tool.schema["required"])
    if key in required:
        return False
    name = made.tool.name.removeprefix("bfcl.")
    truth = item["truth"][0][name]
    value = str(made.arguments[key]).lower()
    if "" not in truth.get(key, [""]) or value in request(item).lower():
        return False
    needed = {other: made.arguments[other] for other in required if other in made.arguments}
    true = {other: next(one for one in truth[other] if one != "") for other in needed if other in truth}
    others = {other: next((one for one in truth[other] if one != ""), "") for other in truth if "" not in truth[other]}
    passes, _ = check(item, category, name, {**true, **others, key: made.arguments[key]})
    return not passes


async def measured(chosen: argparse.Namespace) -> None:
    check, kept = checker(chosen.data), dict[str, Any]()
    if chosen.keep and chosen.keep.exists():
        kept = json.loads(chosen.keep.read_text("utf-8"))
    shelf = Shelf(models_folder(StoreSettings(models=chosen.models)))
    meaning = SemanticIndex(shelf.path(MEMORY))
    local = LocalModel(shelf.resolve(chosen.model), threads=chosen.threads, name=chosen.model)
    async with local:
        endpoint = await local.endpoint()
        meter = Meter(local.pid)
        client = Metered(endpoint, meter)

        async def here() -> EndpointClient:
            return client

        calling = Calling(here, alike_by(meaning.meaning))
        await calling.warm()
        for category in chosen.only:
            for item in items(chosen.data, category, chosen.part, chosen.items):
                if item["id"] in kept:
                    kept[item["id"]] |= judged(item, category, _kept_call(item, kept[item["id"]]), check)
                    continue
                began, cpu, read, made_tokens = time.monotonic(), meter.cpu_seconds(), meter.read, meter.made
                made = await calling(request(item), tools(item))
                row = judged(item, category, made, check) | {
                    "category": category,
                    "seconds": round(time.monotonic() - began, 2),
                    "cpu": round(meter.cpu_seconds() - cpu, 2),
                    "read": meter.read - read,
                    "made": meter.made - made_tokens,
                }
                if calling.weighed:
                    row |= {"alike": calling.weighed.alike, "doubt": calling.weighed.doubt}
                kept[item["id"]] = row
                if chosen.keep:
                    chosen.keep.write_text(json.dumps(kept), "utf-8")
        await client.close()
    print(*told(kept), sep="\n")
    print(conditions())


def told(rows: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "category\titems\tright\tmalformed\tunsupported\tmedian s\tCPU s\tread\tmade"
    for category in CATEGORIES:
        of = [row for row in rows.values() if row["category"] == category]
        if not of:
            continue
        right = sum(row["right"] for row in of)
        malformed, unsupported = (sum(bool(row.get(key)) for row in of) for key in ("malformed", "unsupported"))
        middle = [sorted(row[key] for row in of)[len(of) // 2] for key in ("seconds", "cpu", "read", "made")]
        yield "\t".join(map(str, (category, len(of), f"{right / len(of):.1%}", malformed, unsupported, *middle)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--models", type=Path, metavar="FOLDER")
    parser.add_argument("--model", default="qwen2.5-coder-1.5b-instruct-q4_k_m")
    parser.add_argument("--part", choices=["report", "tune"], default="report")
    parser.add_argument("--only", nargs="*", choices=CATEGORIES, default=CATEGORIES)
    parser.add_argument("--items", type=int, default=100)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--keep", type=Path, metavar="FILE")
    anyio.run(measured, parser.parse_args())


if __name__ == "__main__":
    main()
