"""Teaches the judge of what is beyond the skills danger to life, and measures it beside the patterns.

    python benchmarks/danger.py NLU [--show] [--out voiceos/language/en/beyond.npz] [--set store.models=FOLDER]

`train_judge.py --beyond` makes that judge; here it is only taught how much the meaning of a sentence adds to each kind
of danger, past its hidden layer. `understanding/danger.tsv` has sentences of danger, near misses, idioms and plain
facts, in two halves of other words. Ordinary are those facts, what is said in `talk/` and by the people of `answers/`,
the sentences that skills learn from, and every fourth of CLINC150 (NLU: a folder with `clinc150-train.json`); half to
learn from. First it learns one half of all, with its threshold and the weights of the heaps chosen there, each fold
judged by the other, and is measured on the other half, of sentences as judges get them; `--out` writes what it learns
from both, so chosen.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from figures import conditions, config_of, parser_of, save, table
from numpy.typing import NDArray
from rich.console import Console
from talks import talks

from voiceos.config.paths import models_folder
from voiceos.language.data import FOLDER
from voiceos.memory.semantic import SemanticIndex
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.skills.emergency import heeds, only_sounds_like_it
from voiceos.skills.grammar import plain
from voiceos.skills.judge import Weights, pieces

HERE = Path(__file__).parent
FOLDS, STEPS, RATE, PUSH, DECAY, LOUD = 2, 300, 0.1, 0.9, 3e-4, 10.0
"""How it is trained; `PUSH`: momentum; `LOUD`: how much larger the vector's numbers, which are small, are made."""
HEAPS = ((0.1, 0.3, 0.6), (0.1, 0.2, 0.7))
"""How much all danger may count, all near misses and idioms, and all that is ordinary."""
MOST_ORDINARY, MOST_IDIOMS = 0.0007, 0.02
"""Shares of those learnt from that may be taken, by which the threshold is chosen."""
SURE = (0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99)
"""The thresholds that are tried."""
KINDS = ("danger", "harm", "crisis")
INTENTS = tuple(f"emergency.{kind}" for kind in KINDS)
JUDGE = FOLDER / "en" / "beyond.npz"
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


class Known(NamedTuple):
    """Sentences, their meanings, and how likely each of `KINDS`, and none, was before, as logarithms."""

    lines: Sequence[Line]
    meanings: Floats
    before: Floats

    def at(self, chosen: NDArray[np.bool_]) -> "Known":
        some = [one for one, take in zip(self.lines, chosen, strict=True) if take]
        return Known(some, self.meanings[chosen], self.before[chosen])

    def likely(self, direct: Floats) -> Floats:
        """How likely each of `KINDS` is, and none."""
        scores = self.before.copy()
        scores[:, : len(KINDS)] += self.meanings @ direct[:-1] + direct[-1]
        odds = np.exp(scores - scores.max(1, keepdims=True))
        return np.asarray(odds / odds.sum(1, keepdims=True), np.float32)


def known(some: Sequence[Line], meaning: Callable[[str], Floats], judge: Weights) -> Known:
    meanings = np.stack([meaning(one.text) for one in some])
    shares = np.concatenate([
        judge.shares(meanings[at : at + 500], [pieces(one.text) for one in some[at : at + 500]])
        for at in range(0, len(some), 500)
    ])  # fmt: skip
    danger = shares[:, [judge.kinds.index(name) for name in INTENTS]]
    every = np.concatenate([danger, 1 - danger.sum(1, keepdims=True)], 1)
    return Known(some, meanings * LOUD, np.log(every.clip(1e-9)))


def trained(some: Known, heaps: Sequence[float]) -> Floats:
    """What each number of the meaning adds to each of `KINDS`, and what is added always, by descent with momentum."""
    kinds = np.array([KINDS.index(one.kind) if one.is_danger else len(KINDS) for one in some.lines])
    heap = np.array([0 if one.is_danger else 2 if one.is_ordinary else 1 for one in some.lines])
    counts = (np.array(heaps, np.float32) / np.bincount(heap, minlength=3).clip(1))[heap, None]
    wanted = np.eye(len(KINDS) + 1, dtype=np.float32)[kinds]
    found = np.zeros((some.meanings.shape[1] + 1, len(KINDS)), np.float32)
    step, decay = np.zeros_like(found), np.full((len(found), 1), DECAY, np.float32)
    decay[-1] = 0
    for _ in range(STEPS):
        off = ((some.likely(found) - wanted) * counts)[:, : len(KINDS)]
        step = PUSH * step + np.vstack([some.meanings.T @ off, off.sum(0)]) + decay * found
        found = (found - RATE * step).astype(np.float32)
    return found


def chosen(some: Known) -> tuple[float, Sequence[float]]:
    """The threshold and the heaps that find most danger and take few enough others, by what has not seen them."""
    danger = np.array([one.is_danger for one in some.lines])
    ordinary = np.array([one.is_ordinary for one in some.lines])
    idiom = np.array([one.kind == "idiom" for one in some.lines])
    part, best = np.arange(len(some.lines)) % FOLDS, (-1, 1.0, HEAPS[0])
    for heaps in HEAPS:
        likely = np.zeros(len(some.lines), np.float32)
        for fold in range(FOLDS):
            here = some.at(part == fold)
            likely[part == fold] = here.likely(trained(some.at(part != fold), heaps))[:, : len(KINDS)].max(1)
        for sure in SURE:
            taken = likely >= sure
            if taken[ordinary].mean() <= MOST_ORDINARY and taken[idiom].mean() <= MOST_IDIOMS:
                best = max(best, (int(taken[danger].sum()), sure, heaps), key=lambda one: one[0])
    return best[1:]


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
    with np.load(JUDGE) as stored:
        arrays = {name: stored[name] for name in stored if name != "direct"}
    judge = Weights(**arrays)
    learnt, held = (known([one for one in every if one.half == half], meaning, judge) for half in ("learnt", "held"))
    sure, heaps = chosen(learnt)
    likely = held.likely(trained(learnt, heaps))[:, : len(KINDS)].max(1)
    patterns = [bool(heeds(one.text)) for one in held.lines]
    judged = [
        bool(share >= sure) and not only_sounds_like_it(one.text) for one, share in zip(held.lines, likely, strict=True)
    ]
    ways = {"patterns": patterns, "judge": judged}
    ways["patterns, judge"] = [one or more for one, more in zip(patterns, judged, strict=True)]
    head = ["", "danger found", "near misses taken", "idioms taken", "facts taken", "ordinary taken"]
    table(f"Danger, from {sure:.2f} on", head, [row(name, took, held.lines) for name, took in ways.items()], console)
    if arguments.show:
        for name, taken in ways.items():
            wrong = [one.text for one, took in zip(held.lines, taken, strict=True) if took != one.is_danger]
            console.print(f"{name}: {'; '.join(wrong)}")
    save({"ways": {name: row(name, taken, held.lines)[1:] for name, taken in ways.items()},
          "conditions": conditions(config)}, arguments.json)  # fmt: skip
    if arguments.out:
        write(arguments.out, arrays, trained(joined(learnt, held), heaps), sure)


def joined(one: Known, other: Known) -> Known:
    meanings, before = (np.concatenate(some) for some in ((one.meanings, other.meanings), (one.before, other.before)))
    return Known([*one.lines, *other.lines], meanings, before)


def write(file: Path, arrays: Mapping[str, NDArray[np.generic]], direct: Floats, sure: float) -> None:
    """The judge with what it was taught."""
    kinds = [str(kind) for kind in arrays["kinds"]]
    shipped = np.zeros((len(direct), len(arrays["classes"])), np.float16)
    sures = np.broadcast_to(arrays["sure"].astype(np.float32), len(kinds)).copy()
    for at, name in enumerate(INTENTS):
        (of,) = np.flatnonzero(arrays["classes"] == kinds.index(name))
        shipped[:-1, of], shipped[-1, of] = direct[:-1, at] * LOUD, direct[-1, at]
        sures[kinds.index(name)] = sure
    np.savez_compressed(file, allow_pickle=False, **{**arrays, "sure": sures, "direct": shipped})


if __name__ == "__main__":
    main()
