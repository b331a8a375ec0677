"""Trains the reader of lines (`voiceos/memory/recall/reading.npz`): which line of what was found answers a question.

    python benchmarks/train_reading.py [--keep FILE] [--dry]

It learns from the talks in `benchmarks/talk` and from the lives of `benchmarks/answers` that are for learning, through
the product's own recall. Each life, and each talk, is left out in turn to show how often the best line is right, and
how often it is from each probability on. `--keep`: what was gathered, for the next run.
"""

import argparse
import pickle
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import anyio
import asked
import life_answers
import life_stores
import numpy as np
from figures import config_of, parser_of
from numpy.typing import NDArray
from rich.console import Console
from scoring import Wanted, holds
from talks import swapped, talks

from voiceos.config.paths import models_folder
from voiceos.memory.memory import Memory
from voiceos.memory.recall import reading
from voiceos.memory.recall.compared import FEATURES
from voiceos.memory.recall.reading import MEANT
from voiceos.memory.semantic import SemanticIndex
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.store.records import Source

TALK = Path(__file__).with_name("talk")
OF_LIVES = 5.0
"""What a question of a life counts, of which there are few: its records are of all kinds, as the product's are."""
RIDGE = 2.0
STEPS = 30


@dataclass(frozen=True, slots=True)
class Example:
    """The lines of a question, and which are right."""

    life: str
    answered: bool
    table: NDArray[np.float32]
    right: NDArray[np.bool_]
    weight: float


def of_talks(meaning: SemanticIndex) -> Iterator[Example]:
    for life in talks(TALK):
        with tempfile.TemporaryDirectory() as folder:
            owner = (life.owner,) if life.owner else ()
            with Memory(Path(folder), meaning=meaning, owner=owner) as memory:
                ids = memory.ledger.add(Source(life.name, "chat"), life.records).ids
                keys = dict(zip((record.key for record in life.records), ids, strict=True))
                memory.catch_up()
                for one in (*life.questions, *swapped(life).questions):
                    evidence = {keys[key] for key in one.evidence}
                    yield _example(memory, life.name, one.text, one.at, evidence, weight=1.0)


def of_lives(arguments: argparse.Namespace, meaning: SemanticIndex, console: Console) -> Iterator[Example]:
    for life in asked.lives(held_out=False):
        with life_stores.clock_of(life):
            place = anyio.run(life_stores.filled, config_of(arguments), life, arguments.stores, console)
            with Memory(place, meaning=meaning, owner=tuple(life.owner)) as memory:
                for one in life.questions:
                    at = one.at.replace(tzinfo=ZoneInfo(life.zone))
                    pieces = life_answers.evidence_of(memory, life, one)
                    evidence = {record for piece in pieces for record in piece}
                    yield _example(memory, life.name, one.text, at, evidence, weight=OF_LIVES, one=one)


def _example(
    memory: Memory,
    life: str,
    text: str,
    at: datetime,
    evidence: set[int],
    *,
    weight: float,
    one: asked.Question | None = None,
) -> Example:
    found = memory.evidence(text, at)
    question = found.findings.question
    table = None
    if found.lines and memory.meaning:
        with memory.reading() as db:
            wanted = {one for line in found.lines for one in reading.meaning_of(line)}
            alike = memory.meaning.alike(db, question.text, wanted)
        table = np.column_stack([found.compared.table, reading.meant(found.lines, alike)])
    right = [line.memory.record_id in evidence for line in found.lines]
    if one:  # of a longer record only the line that has the answer
        wanted = Wanted(one.kind, one.gold, question=one.text)
        pieces = [life_answers.plain(text) for piece in one.evidence for text in piece]
        for place, line in enumerate(found.lines):
            text = line.memory.text
            if len(text) < len(line.whole) - len(line.memory.source) - 1 and right[place]:
                right[place] = any(p in life_answers.plain(text) for p in pieces) or holds(text, wanted, at)
    empty = np.zeros((0, len(FEATURES) + len(MEANT)), np.float32)
    return Example(life, bool(evidence), empty if table is None else table, np.array(right, bool), weight)


def trained(examples: Sequence[Example]) -> reading.Weights:
    """A logistic curve, by Newton's method."""
    table = np.concatenate([one.table for one in examples]).astype(np.float64)
    right = np.concatenate([one.right for one in examples]).astype(np.float64)
    counts = np.concatenate([np.full(len(one.right), one.weight) for one in examples])
    mean, deviation = table.mean(axis=0), table.std(axis=0) + 1e-6
    values = np.column_stack([((table - mean) / deviation).clip(-4, 4), np.ones(len(table))])
    ridge = np.eye(values.shape[1]) * RIDGE
    ridge[-1, -1] = 0
    weights = np.zeros(values.shape[1])
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-values @ weights))
        slope = values.T @ (counts * (right - likely)) - ridge @ weights
        bend = (values * (counts * likely * (1 - likely))[:, None]).T @ values + ridge
        weights += np.linalg.solve(bend, slope)
    return reading.Weights(*(np.asarray(each, np.float32) for each in (mean, deviation, weights)))


def shown(name: str, examples: Sequence[Example], weights: reading.Weights, console: Console) -> None:
    """How often the best line, and one of the best two or three, is right; and the best from each probability on."""
    firsts: list[tuple[float, bool]] = []
    among = {1: 0, 2: 0, 3: 0}
    for one in examples:
        if not len(one.table):
            continue
        likely = weights(one.table)
        order = np.argsort(-likely)
        firsts.append((float(likely[order[0]]), bool(one.right[order[0]])))
        if one.answered:
            among = {count: hits + bool(one.right[order[:count]].any()) for count, hits in among.items()}
    answered = sum(one.answered for one in examples) or 1
    said = " · ".join(f"{hits / answered:.2f}" for hits in among.values())
    from_on = ", ".join(
        f"{least:.1f}: {np.mean(some):.2f} of {len(some)}"
        for least in (0.5, 0.4, 0.3, 0.2, 0.1)
        if (some := [right for likely, right in firsts if likely >= least])
    )
    console.print(f"{name}: {len(examples)} questions, right among the best 1 · 2 · 3: {said}; {from_on}", markup=False)


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--keep", type=Path, help="examples gathered before")
    parser.add_argument("--dry", action="store_true", help="write no weights")
    parser.add_argument("--stores", type=Path, default=Path.home() / ".cache" / "voiceos-answers", help="filled stores")
    arguments = parser.parse_args()
    console = Console(highlight=False)
    if arguments.keep and arguments.keep.exists():
        examples: list[Example] = pickle.loads(arguments.keep.read_bytes())
    else:
        meaning = SemanticIndex(Shelf(models_folder(config_of(arguments).store)).path(MEMORY))
        examples = [*of_lives(arguments, meaning, console), *of_talks(meaning)]
        if arguments.keep:
            arguments.keep.write_bytes(pickle.dumps(examples))
    names = list(dict.fromkeys(one.life for one in examples))
    for name in names:
        rest = [one for one in examples if one.life != name]
        shown(name, [one for one in examples if one.life == name], trained(rest), console)
    words = trained([replace(one, table=one.table[:, : len(FEATURES)]) for one in examples])
    weights = trained(examples)
    order = np.argsort(-np.abs(weights.weights[:-1]))
    names = (*FEATURES, *MEANT)
    console.print(", ".join(f"{names[at]} {weights.weights[at]:+.2f}" for at in order), markup=False)
    if not arguments.dry:
        place = Path(reading.__file__).with_name("reading.npz")
        np.savez(place, mean=weights.mean, deviation=weights.deviation, meaning=weights.weights, words=words.weights)


if __name__ == "__main__":
    main()
