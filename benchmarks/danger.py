"""Trains the judge of danger, and measures it beside the patterns and the judge of intent.

    python benchmarks/danger.py NLU [--show] [--out voiceos/language/en/danger.npz] [--set store.models=FOLDER]

`understanding/danger.tsv` has sentences of danger and near misses, in two halves of other words. NLU has CLINC150
(`clinc150-train.json`); of it and of `talk/` every so many sentences tell of no danger, half to learn from. First the
judge learns one half of all, with its threshold chosen there, each fifth judged by the others, and is measured on the
other; `--out` writes what it learns from both, with that threshold.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from figures import conditions, config_of, parser_of, save, table
from numpy.typing import NDArray
from rich.console import Console
from talks import talks

from voiceos.config.paths import models_folder
from voiceos.memory.semantic import SemanticIndex
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.skills.danger import KINDS, Weights
from voiceos.skills.emergency import heeds, only_sounds_like_it
from voiceos.skills.judge import Judge

HERE = Path(__file__).parent
FOLDS, STEPS, RATE, DECAY, LOUD = 5, 1500, 0.5, 3e-5, 10.0
"""How it is trained; `LOUD`: how much larger the vector's numbers, which are small, are made."""
KIND = "emergency."
FALSE = 0.03
"""Share of the near misses learnt from that may be taken, by which the threshold is chosen."""
EVERY_CLINC, EVERY_TALK = 8, 4
Floats = NDArray[np.float32]


class Line(NamedTuple):
    half: str
    kind: str
    """One of `KINDS`, "-", or "far": everyday talk."""
    text: str

    @property
    def is_danger(self) -> bool:
        return self.kind in KINDS


def lines(nlu: Path) -> list[Line]:
    rows = (HERE / "understanding" / "danger.tsv").read_text("utf-8").splitlines()
    near = [Line(*row.split("\t")) for row in rows if row[:1] != "#"]
    clinc = [text for text, *_ in json.loads((nlu / "clinc150-train.json").read_text("utf-8"))["train"]][::EVERY_CLINC]
    said = [record.text for life in talks(HERE / "talk") for record in life.records][::EVERY_TALK]
    far = [Line("held" if at % 2 else "learnt", "far", text) for at, text in enumerate([*clinc, *said])]
    return [*near, *far]


def trained(meanings: Floats, some: Sequence[Line]) -> Weights:
    """By gradient descent; all danger, all near misses and all everyday talk count a third each."""
    kinds = np.array([KINDS.index(one.kind) if one.is_danger else len(KINDS) for one in some])
    heaps = np.array([0 if one.is_danger else 1 if one.kind == "-" else 2 for one in some])
    counts = (1 / np.bincount(heaps, minlength=3).clip(1))[heaps, None] / 3
    wanted = np.eye(len(KINDS) + 1, dtype=np.float32)[kinds]
    found = Weights(np.zeros((meanings.shape[1], len(KINDS) + 1), np.float32), np.zeros(len(KINDS) + 1, np.float32),
                    np.ones(1, np.float32))  # fmt: skip
    for _ in range(STEPS):
        off = (found.shares(meanings) - wanted) * counts
        meaning = found.meaning - RATE * (meanings.T @ off + DECAY * found.meaning)
        found = found._replace(meaning=meaning.astype(np.float32), offset=(found.offset - RATE * off.sum(0)))
    return found


def threshold(meanings: Floats, some: Sequence[Line]) -> float:
    """Chosen by how likely danger is in each, by weights that have not seen it."""
    likely = np.zeros(len(some), np.float32)
    part = np.arange(len(some)) % FOLDS
    for fold in range(FOLDS):
        weights = trained(meanings[part != fold], [one for one, at in zip(some, part, strict=True) if at != fold])
        likely[part == fold] = 1 - weights.shares(meanings[part == fold])[:, -1]
    near = [value for value, one in zip(likely.tolist(), some, strict=True) if one.kind == "-"]
    return float(np.quantile(near, 1 - FALSE))


def row(name: str, taken: Sequence[bool], held: Sequence[Line]) -> list[str]:
    pairs = list(zip(held, taken, strict=True))
    danger = [took for one, took in pairs if one.is_danger]
    near, far = ([took for one, took in pairs if one.kind == kind] for kind in ("-", "far"))
    return [name, *(f"{sum(some)} of {len(some)}" for some in ([not took for took in danger], near, far))]


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("nlu", type=Path, metavar="NLU")
    parser.add_argument("--show", action="store_true", help="print what each gets wrong")
    parser.add_argument("--out", type=Path, help="where to write the weights")
    arguments = parser.parse_args()
    config, console = config_of(arguments), Console(highlight=False, soft_wrap=True)
    meaning = SemanticIndex(Shelf(models_folder(config.store)).path(MEMORY)).meaning
    every = lines(arguments.nlu)
    learnt, held = ([one for one in every if one.half == half] for half in ("learnt", "held"))
    known, asked = (np.stack([meaning(one.text) for one in half]) * LOUD for half in (learnt, held))
    sure = threshold(known, learnt)
    likely = 1 - trained(known, learnt).shares(asked)[:, -1]
    judges = [Judge(meaning), Judge(meaning, "beyond")]
    by_pattern = [bool(heeds(one.text)) for one in held]
    by_judge = [
        any(kind.startswith(KIND) and ok for kind, ok in (judge.kind(one.text) for judge in judges)) for one in held
    ]
    by_meaning = [
        value >= sure and not only_sounds_like_it(one.text) for value, one in zip(likely.tolist(), held, strict=True)
    ]
    ways = {"patterns": by_pattern, "judge of intent": by_judge, "patterns, judge": _any(by_pattern, by_judge)}
    ways |= {"judge of danger": by_meaning, "judge of danger, patterns": _any(by_meaning, by_pattern)}
    ways |= {"all three": _any(by_meaning, by_pattern, by_judge)}
    head = ["", "missed", "near misses taken", "everyday talk taken"]
    table(f"Danger, from {sure:.2f} on", head, [row(name, taken, held) for name, taken in ways.items()], console)
    if arguments.show:
        for name, taken in ways.items():
            wrong = [one.text for one, took in zip(held, taken, strict=True) if took != one.is_danger]
            console.print(f"{name}: {'; '.join(wrong)}")
    save({"ways": {name: row(name, taken, held)[1:] for name, taken in ways.items()}, "conditions": conditions(config)},
         arguments.json)  # fmt: skip
    if arguments.out:
        ships = trained(np.concatenate([known, asked]), [*learnt, *held])
        np.savez_compressed(arguments.out, meaning=(ships.meaning * LOUD).astype(np.float16),
                            offset=ships.offset.astype(np.float16), sure=np.array([sure], np.float32))  # fmt: skip


def _any(*ways: Sequence[bool]) -> list[bool]:
    return [any(some) for some in zip(*ways, strict=True)]


if __name__ == "__main__":
    main()
