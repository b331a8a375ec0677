"""Trains the reader of lines (`voiceos/memory/recall/reading.npz`): which line of what was found answers a question.

    python benchmarks/train_reading.py [--keep FOLDER] [--dry]

It learns three logistic curves through the product's own recall: from the words of lines, from their meanings, too, and
from what the cross-encoder reads in them, too. The first two learn from the talks in `benchmarks/talk`, the lives of
`benchmarks/answers` that are for learning, and the worlds of `benchmarks/reading` that are like them; the third from
all that the cross-encoder has not seen. Each life, and each talk or writer, is left out in turn to show how often the
best line is right, and how often it is from each probability on.
`--keep`: what was gathered, for the next run.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from figures import config_of, parser_of
from numpy.typing import NDArray
from reading_examples import OF_LIVES, OF_TALKS, OF_WORLDS, Example, examples, is_aside
from rich.console import Console

from voiceos.config.paths import models_folder
from voiceos.memory.recall import reading
from voiceos.memory.recall.compared import FEATURES
from voiceos.memory.recall.reading import CROSS, LOOKED_AT, MEANT
from voiceos.memory.semantic import SemanticIndex
from voiceos.models.catalogue import MEMORY, READER
from voiceos.models.shelf import Shelf

WEIGHT = {OF_LIVES: 10.0, OF_TALKS: 1.0, OF_WORLDS: 1.0}
"""What a question counts: of lives there are few, whose records are of all kinds, as the product's are."""
LIKE_LIVES = ("e", "f", "g", "h")
"""Files of worlds whose records are as long as those of lives."""
NEW_TALKS = ("m1", "m2", "n1", "n2")
"""Those that came too late for the memory's encoders."""
Curve = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""How likely each line is to answer, by its row."""
RIDGE = 2.0
STEPS = 30


@dataclass(frozen=True, slots=True)
class Compared:
    """Lines of a question, and which are right."""

    of: str
    life: str
    answered: bool
    table: NDArray[np.float32]
    right: NDArray[np.bool_]

    @classmethod
    def of_example(cls, one: Example) -> "Compared":
        kept = ~one.arguable
        return cls(one.of, one.life, one.answered, one.table[kept], one.right[kept])


def crossed(one: Example, meaning: SemanticIndex) -> Compared:
    """Its likeliest lines, as the product's cross-encoder reads them."""
    order = np.argsort(-one.likely, kind="stable")[:LOOKED_AT]
    odds = meaning.odds([one.pairs[at] for at in order])
    assert odds is not None, "there is no cross-encoder: run `voiceos models pull`"
    table = np.column_stack([one.table[order], reading.crossed(odds)])
    kept = ~one.arguable[order]
    return Compared(one.of, one.life, one.answered, table[kept], one.right[order][kept])


def _is_new(one: Example) -> bool:
    """Whether the sentence encoder has not seen it either, or the curve would trust its cosines too much."""
    return one.of != OF_TALKS or one.life in NEW_TALKS


def trained(examples: Sequence[Compared]) -> reading.Weights:
    """A logistic curve, by Newton's method."""
    table = np.concatenate([one.table for one in examples]).astype(np.float64)
    right = np.concatenate([one.right for one in examples]).astype(np.float64)
    counts = np.concatenate([np.full(len(one.right), WEIGHT[one.of]) for one in examples])
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


def shown(name: str, examples: Sequence[Compared], weights: Curve, console: Console) -> None:
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
        for least in (0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
        if (some := [right for likely, right in firsts if likely >= least])
    )
    console.print(f"{name}: {len(examples)} questions, right among the best 1 · 2 · 3: {said}; {from_on}", markup=False)


def left_out(examples: Sequence[Compared], console: Console) -> None:
    """Each life, talk, and writer of worlds."""
    name_of = {id(one): one.life if one.of != OF_WORLDS else f"worlds {one.life[0]}" for one in examples}
    for name in dict.fromkeys(name_of.values()):
        rest = [one for one in examples if name_of[id(one)] != name]
        shown(name, [one for one in examples if name_of[id(one)] == name], trained(rest), console)


def together(known: Sequence[Compared], read: Sequence[Compared], console: Console) -> None:
    """Each life, by the likelier of the second and the third curve, as the product reads."""
    for name in dict.fromkeys(one.life for one in read if one.of == OF_LIVES):
        meaning, cross = (trained([one for one in some if one.life != name]) for some in (known, read))
        shown(f"{name}, together", [one for one in read if one.life == name], _likelier(meaning, cross), console)


def _likelier(meaning: Curve, cross: Curve) -> Curve:
    """Of two curves, of which the first does not know what the cross-encoder reads."""
    return lambda table: np.maximum(meaning(table[:, : -len(CROSS)]), cross(table))


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--keep", type=Path, help="a folder of examples that were gathered before")
    parser.add_argument("--dry", action="store_true", help="write no weights")
    parser.add_argument("--without", default="", help="a life, or another name, that the weights do not learn from")
    parser.add_argument("--out", type=Path, default=Path(reading.__file__).with_name("reading.npz"))
    parser.add_argument("--stores", type=Path, default=Path.home() / ".cache" / "voiceos-answers", help="filled stores")
    arguments = parser.parse_args()
    console = Console(highlight=False, width=200)
    every = [one for one in examples(arguments, console) if one.life != arguments.without]
    known = [Compared.of_example(one) for one in every if one.of != OF_WORLDS or one.life.startswith(LIKE_LIVES)]
    left_out(known, console)
    shelf = Shelf(models_folder(config_of(arguments).store))
    meaning = SemanticIndex(shelf.path(MEMORY), shelf.path(READER))
    read = [crossed(one, meaning) for one in every if is_aside(one) and _is_new(one) and len(one.pairs)]
    left_out(read, console)
    together(known, read, console)
    by_words = [replace(one, table=one.table[:, : len(FEATURES)]) for one in known]
    found = {"words": trained(by_words), "meaning": trained(known), "cross": trained(read)}
    names, weights = (*FEATURES, *MEANT, *CROSS), found["cross"].weights
    order = np.argsort(-np.abs(weights[:-1]))
    console.print(", ".join(f"{names[at]} {weights[at]:+.2f}" for at in order), markup=False)
    if not arguments.dry:
        rows = {name: [np.append(one.mean, 0), np.append(one.deviation, 1), one.weights] for name, one in found.items()}
        stored = {name: np.array(each, np.float32) for name, each in rows.items()}
        np.savez(arguments.out, **stored)  # pyright: ignore[reportArgumentType]


if __name__ == "__main__":
    main()
