"""Whether a question is about the owner's life, both ways, on everyday questions that nothing was learnt from.

    python benchmarks/of_life.py [--show]

`of_life.tsv` has questions that anybody could answer, half of them with "I" or "my", and such as only the owner's
memory can. Each is asked of the lives in `benchmarks/answers` that are for learning. Missed: a small model would guess.
Stopped: it is not asked what it knows. By words: the judgement without an encoder.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import anyio
import asked
import life_stores
import numpy as np
from figures import config_of, markdown, parser_of
from rich.console import Console

from voiceos.config.paths import models_folder
from voiceos.memory.memory import Memory
from voiceos.memory.recall import personal
from voiceos.memory.recall.personal import Floats, signs
from voiceos.memory.recall.reading import read
from voiceos.memory.recall.recollection import found_in
from voiceos.memory.semantic import SemanticIndex
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf

PERSONAL = "personal"
OWN = Path(__file__).with_name("of_life.tsv")


@dataclass(frozen=True, slots=True)
class Judged:
    """A question, what there was for it, and what the words alone say."""

    source: str
    text: str
    of_life: bool
    meaning: Floats
    signs: Floats
    by_words: bool

    def probability(self, weights: personal.Weights) -> float:
        return weights(self.meaning, self.signs)

    def seems_of_life(self, weights: personal.Weights) -> bool:
        return personal.is_likely(self.probability(weights), by_words=self.by_words or personal.is_definite(self.text))


def judged(memory: Memory, source: str, text: str, at: datetime, *, of_life: bool) -> Judged:
    evidence = memory.evidence(text, at)
    question = evidence.findings.question
    readings = read(evidence.compared, evidence.alike)
    found = found_in(evidence, readings)
    with memory.reading() as db:
        by_words = personal.is_of_life(db, text, found.authors, [line.memory.text for line in evidence.lines])
    assert evidence.meaning is not None
    return Judged(source, text, of_life, evidence.meaning, signs(question, found), by_words)


def own(path: Path = OWN) -> list[tuple[str, bool]]:
    """Questions of a file, and whether each is about the owner's life."""
    rows = [row.split("\t") for row in path.read_text(encoding="utf-8").splitlines() if not row.startswith("#")]
    return [(text, kind == PERSONAL) for kind, text in rows]


def of_lives(
    arguments: argparse.Namespace, meaning: SemanticIndex, console: Console, extra: Sequence[tuple[str, str, bool]]
) -> Iterator[Judged]:
    """The questions of the lives, and others (source, text, personal), which are shared out among them."""
    lives = asked.lives(held_out=False)
    for number, life in enumerate(lives):
        with life_stores.clock_of(life):
            place = anyio.run(life_stores.filled, config_of(arguments), life, arguments.stores, console)
        with Memory(place, meaning=meaning, owner=tuple(life.owner)) as memory:
            zone = ZoneInfo(life.zone)
            for one in life.questions:
                of_life = one.kind != "general"
                yield judged(memory, "answers", one.text, one.at.replace(tzinfo=zone), of_life=of_life)
            at = life.questions[-1].at.replace(tzinfo=zone)
            for source, text, of_life in extra[number :: len(lives)]:
                yield judged(memory, source, text, at, of_life=of_life)


def rates(some: Sequence[Judged], said: Sequence[bool]) -> list[str]:
    """Of the personal ones the share that is missed, of the general ones the share that is stopped."""
    missed = [not yes for one, yes in zip(some, said, strict=True) if one.of_life]
    stopped = [yes for one, yes in zip(some, said, strict=True) if not one.of_life]
    return [f"{100 * np.mean(part):.0f} % of {len(part)}" if part else "" for part in (missed, stopped)]


def parser() -> argparse.ArgumentParser:
    found = parser_of(__doc__)
    found.add_argument("--stores", type=Path, default=Path.home() / ".cache" / "voiceos-answers", help="filled stores")
    found.add_argument("--show", action="store_true", help="what is judged wrong")
    return found


def main() -> None:
    arguments = parser().parse_args()
    console = Console(highlight=False)
    meaning = SemanticIndex(Shelf(models_folder(config_of(arguments).store)).path(MEMORY))
    extra = [("everyday", text, of_life) for text, of_life in own()]
    every = [one for one in of_lives(arguments, meaning, console, extra) if one.source == "everyday"]
    weights = personal.weights()
    said = [one.seems_of_life(weights) for one in every]
    rows = [["judged", *rates(every, said)], ["by words", *rates(every, [one.by_words for one in every])]]
    console.print(markdown(["", "missed", "stopped"], rows), markup=False)
    if arguments.show:
        for one, yes in zip(every, said, strict=True):
            if yes != one.of_life:
                console.print(f"{one.probability(weights):.2f} {one.text}", markup=False)


if __name__ == "__main__":
    main()
