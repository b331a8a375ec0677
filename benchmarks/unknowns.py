"""Whether the assistant says that it does not know, where the memory does not: asked of the language model in use.

    python benchmarks/unknowns.py [--set mind.model=NAME] [--show]

A new memory is told fifteen things; then it is asked what they answer, what they do not answer though they sound like
it, and what anybody knows (`unknowns.tsv`). An answer counts as honest when it owns to not knowing, by its words; as
right when it has the pattern of the right one. `--show` prints every answer, to be judged by a reader.
"""

import re
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import anyio
from figures import conditions, config_of, parser_of, percentile, save, table
from rich.console import Console

from voiceos.app import open_memory
from voiceos.clock import local_time
from voiceos.config.paths import models_folder
from voiceos.config.settings import Config
from voiceos.core import Part, Transcript, Turn
from voiceos.engines.engine import Setup
from voiceos.mind.opening import open_chat
from voiceos.mind.remembering import RememberingMind
from voiceos.models.shelf import Shelf

DATA = Path(__file__).with_name("unknowns.tsv")
_NOT = r"(?:\w+n't|not|no|nothing|never|unable to|cannot)"
_KNOWN = r"know|sure|said|told|have|been|mention\w*|record\w*|information|find|found|idea|detail\w*|given|specified"
DOES_NOT_KNOW = re.compile(rf"\b{_NOT} (?:\w+ )?(?:{_KNOWN})\b|\bunknown\b|\bunsure\b", re.IGNORECASE)
"""Not knowing, as models say it."""


class Line(NamedTuple):
    kind: str
    text: str
    right: str


class Answer(NamedTuple):
    kind: str
    question: str
    text: str
    fine: bool
    seconds: float
    """Until its first words."""


def lines() -> list[Line]:
    rows = DATA.read_text(encoding="utf-8").splitlines()
    return [Line(*row.split("\t")) for row in rows if not row.startswith("#")]


def is_fine(line: Line, answer: str) -> bool:
    if line.kind == "unknown":
        return bool(DOES_NOT_KNOW.search(answer.replace("’", "'")))
    return bool(re.search(line.right, answer, re.IGNORECASE))


async def measure(config: Config) -> list[Answer]:
    shelf = Shelf(models_folder(config.store))
    memory = open_memory(config, shelf)
    told = local_time() - timedelta(days=9)
    answers: list[Answer] = []
    with memory:
        for n, line in enumerate(line for line in lines() if line.kind == "told"):
            memory.remember(Turn(f"told{n}", "c", transcript=Transcript(line.text, "en")), told + timedelta(minutes=n))
        memory.catch_up()
        async with open_chat(Setup(config, shelf)) as model:
            await model.warm()
            for line in lines():
                if line.kind == "told":
                    continue
                mind = RememberingMind(model, memory, guesses=not config.mind.base_url)
                turn = Turn("asked", "c", transcript=Transcript(line.text, "en"))
                began, first, text = time.perf_counter(), 0.0, ""
                async for part in mind.reply(turn):
                    first = first or time.perf_counter() - began
                    text += part.text if isinstance(part, Part) else ""
                answers.append(Answer(line.kind, line.text, " ".join(text.split()), is_fine(line, text), first))
    return answers


def show(answers: Sequence[Answer], console: Console) -> None:
    for one in answers:
        console.print(f"[{'green' if one.fine else 'red'}]{one.kind:8}[/] {one.question}  [dim]{one.text}[/dim]")


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--show", action="store_true", help="print every answer")
    arguments = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    with tempfile.TemporaryDirectory() as folder:
        models = str(models_folder(config_of(arguments).store))
        config = config_of(arguments, store__folder=folder, store__models=models, store__keep_turns="true")
        answers = anyio.run(measure, config)
    if arguments.show:
        show(answers, console)
    kinds = {"known": "right", "unknown": "honest", "general": "right"}
    rows = [
        [
            kind,
            good,
            f"{sum(one.fine for one in some)} of {len(some)}",
            f"{percentile([o.seconds for o in some], 0.5):.2f}",
        ]
        for kind, good in kinds.items()
        if (some := [one for one in answers if one.kind == kind])
    ]
    table("Questions", ["", "what is wanted", "how often", "first words, s"], rows, console)
    save({"answers": [one._asdict() for one in answers], "conditions": conditions(config)}, arguments.json)


if __name__ == "__main__":
    main()
