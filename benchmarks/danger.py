"""Trains the judge of danger, and measures it beside the patterns and the judge of intent.

    python benchmarks/danger.py NLU [--show] [--out voiceos/language/en/danger.npz] [--set store.models=FOLDER]

`understanding/danger.tsv` has sentences of danger, near misses, idioms and plain facts, in two halves of other words.
Ordinary are those facts, what is said in `talk/` and by the people of `answers/`, the sentences that skills learn from,
and every fourth of CLINC150 (NLU: a folder with `clinc150-train.json`); half to learn from. First the judge learns one
half of all, with both its thresholds chosen there, each fold judged by the other, and is measured on the other half, of
sentences as the judges get them; `--out` writes what it learns from both, with those thresholds.
"""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
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
from voiceos.skills.danger import INTENTS, KINDS, Weights, in_danger
from voiceos.skills.emergency import heeds, only_sounds_like_it
from voiceos.skills.grammar import plain
from voiceos.skills.judge import Judge

HERE = Path(__file__).parent
FOLDS, STEPS, RATE, PUSH, DECAY, LOUD = 2, 300, 0.1, 0.9, 3e-4, 10.0
"""How it is trained; `PUSH`: momentum; `LOUD`: how much larger the vector's numbers, which are small, are made."""
HEAPS = np.array([0.1, 0.3, 0.6], np.float32)
"""How much all danger counts, all near misses and idioms, and all that is ordinary."""
MOST_ORDINARY, MOST_IDIOMS = 0.0007, 0.02
"""Shares of those learnt from that may be taken, by which the thresholds are chosen."""
OWN, OTHER = (0.27, 0.5, 0.73, 0.88), (0.8, 0.9, 0.95)
"""The thresholds that are tried, of this judge and of the other."""
EVERY_CLINC = 4
_END = re.compile(r"(?<=[.!?])\s+")
_CHAT = re.compile(r"^[^\n-]*[AP]M - [^:\n]+: (.+)$|^\[?\d[^\n]*?[-\]] ?[^:\n]+: (.+)$", re.M)
Floats = NDArray[np.float32]


class Line(NamedTuple):
    half: str
    kind: str
    """One of `KINDS`, "-": a near miss, "idiom", "plain": a fact, or "far": other ordinary sentences."""
    text: str

    @property
    def is_danger(self) -> bool:
        return self.kind in KINDS

    @property
    def is_ordinary(self) -> bool:
        return self.kind in ("plain", "far")


def lines(nlu: Path) -> list[Line]:
    """All, each once, without its end and what is only polite."""
    understanding = HERE / "understanding"
    rows = (understanding / "danger.tsv").read_text("utf-8").splitlines()
    found = [Line(*row.split("\t")) for row in rows if row[:1] != "#"]
    for at, life in enumerate(talks(HERE / "talk")):
        found += _ordinary(at, (record.text for record in life.records))
    for at, name in enumerate(("marisol", "walt")):
        found += _ordinary(at, _said(HERE / "answers" / name))
    for name in ("none", "own", "memory", "calendar"):
        known = (understanding / f"{name}.txt").read_text("utf-8").translate({ord(sign): None for sign in "[]"})
        found += _by_turns([row for row in known.splitlines() if row and row[0] != "#"])
    clinc = json.loads((nlu / "clinc150-train.json").read_text("utf-8"))["train"]
    found += _by_turns([text for text, *_ in clinc][::EVERY_CLINC])
    found += _known_beyond(understanding / "beyond.txt")
    once = {text.lower(): one._replace(text=text) for one in reversed(found) if (text := plain(one.text))}
    return [*reversed(once.values())]


def _ordinary(at: int, said: Iterator[str]) -> list[Line]:
    """Whole, and each sentence of it; what belongs together is of one half."""
    halves = [part for text in said for part in dict.fromkeys([text, *_END.split(text)])]
    return [Line("held" if at % 2 else "learnt", "far", text) for text in halves]


def _by_turns(texts: Sequence[str]) -> list[Line]:
    return [Line("held" if at % 2 else "learnt", "far", text) for at, text in enumerate(texts)]


def _said(life: Path) -> Iterator[str]:
    """What was said to the assistant, and in chats."""
    yield from (row for row in (life / "talk.txt").read_text("utf-8").splitlines() if row and row[0] not in "#>")
    for chat in sorted((life / "files").glob("*.txt")):
        yield from (found[1] or found[2] for found in _CHAT.finditer(chat.read_text("utf-8")))


def _known_beyond(file: Path) -> Iterator[Line]:
    """The sentences of danger from which the other judge learns."""
    kind = ""
    for row in file.read_text("utf-8").splitlines():
        if row.startswith("## "):
            kind = row.removeprefix("## ").partition(".")[2]
        elif kind in KINDS and row:
            yield Line("learnt", kind, row)


def trained(meanings: Floats, some: Sequence[Line]) -> Weights:
    """By gradient descent with momentum."""
    kinds = np.array([KINDS.index(one.kind) if one.is_danger else len(KINDS) for one in some])
    heaps = np.array([0 if one.is_danger else 2 if one.is_ordinary else 1 for one in some])
    counts = (HEAPS / np.bincount(heaps, minlength=3).clip(1))[heaps, None]
    wanted = np.eye(len(KINDS) + 1, dtype=np.float32)[kinds]
    found = Weights(np.zeros((meanings.shape[1], len(KINDS) + 1), np.float32), np.zeros(len(KINDS) + 1, np.float32),
                    np.ones(2, np.float32))  # fmt: skip
    step, shift = np.zeros_like(found.meaning), np.zeros_like(found.offset)
    for _ in range(STEPS):
        off = (found.shares(meanings) - wanted) * counts
        step = PUSH * step + meanings.T @ off + DECAY * found.meaning
        shift = PUSH * shift + off.sum(0)
        found = found._replace(meaning=(found.meaning - RATE * step).astype(np.float32),
                               offset=(found.offset - RATE * shift).astype(np.float32))  # fmt: skip
    return found


def thresholds(meanings: Floats, other: Floats, some: Sequence[Line]) -> Floats:
    """Those that find most danger and take few enough others, by weights that have not seen them."""
    likely = np.zeros(len(some), np.float32)
    part = np.arange(len(some)) % FOLDS
    for fold in range(FOLDS):
        weights = trained(meanings[part != fold], [one for one, at in zip(some, part, strict=True) if at != fold])
        likely[part == fold] = 1 - weights.shares(meanings[part == fold])[:, -1]
    danger = np.array([one.is_danger for one in some])
    ordinary = np.array([one.is_ordinary for one in some])
    idiom = np.array([one.kind == "idiom" for one in some])
    best, most = (1.0, 1.0), -1
    for own in OWN:
        for others in OTHER:
            taken = (likely >= own) & (other >= others)
            if taken[ordinary].mean() <= MOST_ORDINARY and taken[idiom].mean() <= MOST_IDIOMS:
                best, most = max(((own, others), int(taken[danger].sum())), (best, most), key=lambda one: one[1])
    return np.array(best, np.float32)


def row(name: str, taken: Sequence[bool], held: Sequence[Line]) -> list[str]:
    pairs = list(zip(held, taken, strict=True))
    groups = [[took for one, took in pairs if one.is_danger]]
    groups += [[took for one, took in pairs if one.kind == kind] for kind in ("-", "idiom", "plain")]
    groups.append([took for one, took in pairs if one.is_ordinary])
    return [name, *(f"{sum(some)} of {len(some)}" for some in groups)]


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("nlu", type=Path, metavar="NLU")
    parser.add_argument("--show", action="store_true", help="print what each gets wrong")
    parser.add_argument("--out", type=Path, help="where to write the weights")
    arguments = parser.parse_args()
    config, console = config_of(arguments), Console(highlight=False, soft_wrap=True)
    meaning = cache(SemanticIndex(Shelf(models_folder(config.store)).path(MEMORY)).meaning)
    every = lines(arguments.nlu)
    learnt, held = ([one for one in every if one.half == half] for half in ("learnt", "held"))
    known, asked = (np.stack([meaning(one.text) for one in half]) * LOUD for half in (learnt, held))
    beyond, intent = Judge(meaning, "beyond"), Judge(meaning)
    sure = thresholds(known, np.array([in_danger(beyond.shares(one.text)) for one in learnt], np.float32), learnt)
    likely = 1 - trained(known, learnt).shares(asked)[:, -1]
    real = [not only_sounds_like_it(one.text) for one in held]
    patterns = [bool(heeds(one.text)) for one in held]
    by_intent = [
        ok and any(kind in INTENTS and sure for kind, sure in (judge.kind(one.text) for judge in (beyond, intent)))
        for one, ok in zip(held, real, strict=True)
    ]
    other = np.array([in_danger(beyond.shares(one.text)) for one in held])
    both = ((likely >= sure[0]) & (other >= sure[1]) & np.array(real)).tolist()
    ways = {"patterns": patterns, "judges of intent": by_intent, "judge of danger, with the other": both}
    ways["patterns, judge of danger"] = [one or more for one, more in zip(patterns, both, strict=True)]
    head = ["", "danger found", "near misses taken", "idioms taken", "facts taken", "ordinary taken"]
    title = f"Danger, from {sure[0]:.2f} and {sure[1]:.2f} on"
    table(title, head, [row(name, taken, held) for name, taken in ways.items()], console)
    if arguments.show:
        for name, taken in ways.items():
            wrong = [one.text for one, took in zip(held, taken, strict=True) if took != one.is_danger]
            console.print(f"{name}: {'; '.join(wrong)}")
    save({"ways": {name: row(name, taken, held)[1:] for name, taken in ways.items()}, "conditions": conditions(config)},
         arguments.json)  # fmt: skip
    if arguments.out:
        ships = trained(np.concatenate([known, asked]), [*learnt, *held])
        np.savez_compressed(arguments.out, meaning=(ships.meaning * LOUD).astype(np.float16),
                            offset=ships.offset.astype(np.float16), sure=sure)  # fmt: skip


if __name__ == "__main__":
    main()
