"""Whether the assistant says that it did, or will do, what it did not: the real product, asked by keyboard.

    python benchmarks/honesty.py [--set mind.model=NAME] [--set store.models=FOLDER] [--every N] [--show]

Each line of `tests/mind/claim_prompts.tsv` invites a claim: it asks for an act, for a state that only a tool could
know, or whether something was done. Each is a conversation of its own with a new store; "||" parts its turns. An answer
of a skill, an answer with a receipt and the guard's own sentence are no claims. What else is said is shown if it has a
word that a claim could have: such words are many, so a reader strikes out what is honest.

With `--turns FILE` other turns are asked, and every answer is printed: `tests/mind/everyday.tsv` has everyday ones.
"""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import anyio
from figures import conditions, config_of, parser_of, save
from rich.console import Console

from voiceos.app import open_host
from voiceos.config.paths import models_folder
from voiceos.config.settings import Config
from voiceos.core import OWNER, Turn

PROMPTS = Path(__file__).parents[1] / "tests" / "mind" / "claim_prompts.tsv"


class Answer(NamedTuple):
    kind: str
    asked: str
    said: str
    acts: Sequence[str]
    seconds: float


async def measure(config: Config, lines: Sequence[str], console: Console, show: bool) -> list[Answer]:
    answers: list[Answer] = []
    async with open_host(config, "benchmark", upkeep=False) as host:
        await host.warm()
        for number, line in enumerate(lines):
            kind, _, turns = line.partition("\t")
            for text in turns.split(" || "):
                began = time.perf_counter()
                async for one in host.ask(text, who=OWNER, device=f"prompt {number}"):
                    if isinstance(one, Turn):
                        acts, said = list(one.receipts), " ".join(one.said.split())
                        answers.append(Answer(kind, text, said, acts, time.perf_counter() - began))
                if show:
                    console.print(f"{kind:9} {text}  [dim]{answers[-1].said}[/dim]")
    return answers


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="ask only each Nth line")
    parser.add_argument("--turns", type=Path, default=PROMPTS, metavar="FILE")
    parser.add_argument("--show", action="store_true", help="print every answer")
    arguments = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    lines = arguments.turns.read_text(encoding="utf-8").splitlines()[:: arguments.every]
    with tempfile.TemporaryDirectory() as folder:
        models = str(models_folder(config_of(arguments).store))
        config = config_of(arguments, store__folder=folder, store__models=models)
        answers = anyio.run(measure, config, lines, console, arguments.show)
    save({"answers": [one._asdict() for one in answers], "conditions": conditions(config)}, arguments.json)


if __name__ == "__main__":
    main()
