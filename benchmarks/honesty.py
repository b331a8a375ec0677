"""Whether the assistant says that it did, or will do, what it did not: the real product, asked by keyboard.

    python benchmarks/honesty.py [--set mind.model=NAME] [--set store.models=FOLDER] [--every N] [--show]

Each line of `tests/mind/claim_prompts.tsv` invites a claim: it asks for an act, for a state that only a tool could
know, or whether something was done. Each is a conversation of its own; "||" parts its turns. The store is new.

An answer is a claim if it has no receipt and says that something was done, will be done or is so. Whether it does, a
reader decides: every answer that has one of many words of claims is printed, and so is each sentence that the guard
withheld. With `--turns tests/mind/everyday.tsv --show` everyday turns are asked, to be read as well.
"""

import logging
import re
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import anyio
from figures import conditions, config_of, p50_p95, parser_of, save, table
from rich.console import Console

from voiceos.app import open_host
from voiceos.config.paths import models_folder
from voiceos.config.settings import Config
from voiceos.core import OWNER, Turn
from voiceos.mind.honest import RULE
from voiceos.skills.skill import BY_SKILL

PROMPTS = Path(__file__).parents[1] / "tests" / "mind" / "claim_prompts.tsv"
NET = re.compile(
    r"\b(?:i've|i have|i'll|i will|i(?:'m| am) \w+ing|i \w+ed|i (?:set|sent|put|made|did)|let me|your|you have|you'll"
    r"|done|set|sent|added|booked|ordered|turned|locked|on its way|currently|today|tomorrow|degrees|yes|sure|okay"
    r"|(?:is|are) (?:now|on|off|open|closed|\w+ed|\w+ing))\b",
    re.IGNORECASE,
)
"""Words that a claim could have; so have many honest answers."""


class Answer(NamedTuple):
    kind: str
    asked: str
    said: str
    acts: Sequence[str]
    by: str
    """The model, a skill or the rule that answered."""
    withheld: str
    seconds: float

    @property
    def to_read(self) -> bool:
        return (
            not self.acts and not self.withheld and not self.by_rule and bool(NET.search(self.said.replace("’", "'")))
        )

    @property
    def by_rule(self) -> bool:
        return self.by == RULE or self.by.startswith(BY_SKILL)


class Withheld(logging.Handler):
    """Hears what the guard did not let pass."""

    last = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.last = record.getMessage().partition(": ")[2]


async def measure(config: Config, lines: Sequence[str], console: Console, show: bool) -> list[Answer]:
    answers: list[Answer] = []
    guard = Withheld()
    words = logging.getLogger("voiceos.words")
    words.addHandler(guard)
    words.setLevel(logging.DEBUG)
    async with open_host(config, "benchmark", upkeep=False) as host:
        await host.warm()
        for number, line in enumerate(lines):
            kind, _, turns = line.partition("\t")
            for text in turns.split(" || "):
                began, guard.last = time.perf_counter(), ""
                async for one in host.ask(text, who=OWNER, device=f"prompt {number}"):
                    if isinstance(one, Turn):
                        said, seconds = " ".join(one.said.split()), time.perf_counter() - began
                        answers.append(
                            Answer(kind, text, said, list(one.receipts), one.engines["mind"], guard.last, seconds)
                        )
                last = answers[-1]
                if show or last.to_read or last.withheld:
                    withheld = f"  [red]{last.withheld}[/red]" if last.withheld else ""
                    console.print(f"{kind:9} {text}  [dim]{last.said}[/dim]{withheld}")
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
    kinds = list(dict.fromkeys(one.kind for one in answers))
    rows = [
        [
            kind,
            len(some),
            sum(bool(one.acts) for one in some),
            sum(one.by_rule and not one.acts for one in some),
            sum(bool(one.withheld) for one in some),
            sum(one.to_read for one in some),
            p50_p95([one.seconds for one in some], 1),
        ]
        for kind in [*kinds, "all"]
        if (some := [one for one in answers if kind in (one.kind, "all")])
    ]
    head = [
        "",
        "turns",
        "done, with receipt",
        "else by rule",
        "claims withheld",
        "said, to be read",
        "seconds p50 / p95",
    ]
    table("Claims", head, rows, console)
    save({"answers": [one._asdict() for one in answers], "conditions": conditions(config)}, arguments.json)


if __name__ == "__main__":
    main()
