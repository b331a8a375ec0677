"""Trains the weights of `voiceos/memory/recall/ranking.py`, with nothing but numpy.

    python benchmarks/train_ranking.py benchmarks/talk LIFEBENCH --adapters FOLDER
        [--words] [--hold-out NAME] [--keep FOLDER] [--out NPZ]

1. Conversations: those written for this project, each in a store of its own and all in one. Linear weights are learnt
   by the softmax of the right passages among a question's candidates, and held lightly to zero.
2. Records: all of a person's phone data (LifeBench), and what the owner alone says. A network with one hidden layer is
   added for what is no conversation.
3. The probability of an answer is fitted on conversations held out: on questions that nothing answers, on others asked
   of the wrong speaker, and on others with the right passages and their neighbours taken away.

The encoders' adapters have seen the same talk, where their scores would be too good to be true. So the conversations
are divided: each folder of `--adapters` is named after some, a comma between them, and has adapters that were trained
without these (`train_encoders.py --hold-out`), to gather what recall finds there; what is in no such name is not
learnt from. Phones are left to the shipped adapters.

With `--hold-out` a conversation or person is left out, and the recall of the others' weights for it is printed. With
`--keep` what recall gathers is kept in a folder, and read from there the next time: remove it when recall has changed.
"""

import argparse
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from lives import Life, lifebench
from numpy.typing import NDArray
from ranking_examples import Example, kept
from talks import SWAPPED, UNANSWERABLE, swapped, talks

from voiceos.config.paths import models_folder
from voiceos.config.settings import StoreSettings
from voiceos.memory.recall.candidates import Array
from voiceos.memory.recall.features import FEATURES, features
from voiceos.memory.recall.ranking import Network, aloneness, summary
from voiceos.memory.semantic import SemanticIndex
from voiceos.models.catalogue import MEMORY
from voiceos.models.encoder_files import build
from voiceos.models.shelf import Shelf

FIRM = 0.03
"""How firmly the linear weights are held to zero."""
LEAST = 0.02
"""What is added to each feature's deviation."""
ANSWERED = 0.7
"""How many of the questions that people ask of their memory are thought to have an answer there."""
HIDDEN, STEPS = 16, 200
FOLDS = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the features of its candidates."""

    life: str
    category: str
    table: Array
    right: NDArray[np.bool_]
    evidence: int

    @property
    def alone(self) -> Array:
        return aloneness(self.table)


def described(examples: Sequence[Example]) -> list[Asked]:
    return [
        Asked(one.life, one.category, features(one.question, one.candidates, one.rarity), one.right, one.evidence)
        for one in examples
    ]


class Listwise:
    """The softmax of the right ones among each question's candidates."""

    def __init__(self, data: Sequence[Asked]) -> None:
        self.data = [one for one in data if one.right.any()]
        self.table = np.vstack([one.table for one in self.data])
        with warnings.catch_warnings(category=RuntimeWarning, action="ignore"):  # a signal's columns may all be missing
            self.mean = np.nan_to_num(np.nanmean(self.table, axis=0)).astype(np.float32)
            self.deviation = (np.nan_to_num(np.nanstd(self.table, axis=0)) + LEAST).astype(np.float32)
        self.starts = np.cumsum([0, *(len(one.right) for one in self.data)])
        self.target = np.concatenate([one.right / one.right.sum() for one in self.data]).astype(np.float32)

    def standard(self) -> Array:
        return np.nan_to_num((self.table - self.mean) / self.deviation, nan=0.0).clip(-4, 4).astype(np.float32)

    def pull(self, scores: Array) -> Array:
        """The gradient by each candidate's score."""
        highest = np.maximum.reduceat(scores, self.starts[:-1])
        sizes = np.diff(self.starts)
        weights = np.exp(scores - np.repeat(highest, sizes))
        share = weights / np.repeat(np.add.reduceat(weights, self.starts[:-1]), sizes)
        return ((share - self.target) / len(self.data)).astype(np.float32)


class Adam:
    def __init__(self, values: Sequence[Array]) -> None:
        self.values = values
        self.first = [np.zeros_like(value) for value in values]
        self.second = [np.zeros_like(value) for value in values]

    def step(self, gradients: Sequence[Array], rate: float, at: int) -> None:
        for value, gradient, first, second in zip(self.values, gradients, self.first, self.second, strict=True):
            first += 0.1 * (gradient - first)
            second += 0.01 * (gradient**2 - second)
            value -= rate * (first / (1 - 0.9**at)) / (np.sqrt(second / (1 - 0.99**at)) + 1e-8)


def linear(data: Sequence[Asked], steps: int = 200) -> Network:
    """Weights for conversations."""
    task = Listwise(data)
    table = task.standard()
    weights = np.zeros(len(FEATURES), np.float32)
    adam = Adam([weights])
    for at in range(1, steps + 1):
        gradient = table.T @ task.pull(table @ weights) + 2 * FIRM * weights
        adam.step([gradient.astype(np.float32)], 0.03 * (1 - at / (steps + 1)), at)
    return Network(task.mean, task.deviation, ((weights[:, None], np.zeros(1, np.float32)),))


def hidden(data: Sequence[Asked], talk: Network, seed: int = 0) -> Network:
    """What is added for monologues."""
    random = np.random.default_rng(seed)
    task = Listwise(data)
    table, base = task.standard(), talk(task.table)
    alone = np.concatenate([one.alone for one in task.data])
    count = len(FEATURES)
    first = (random.standard_normal((count, HIDDEN)) / np.sqrt(count)).astype(np.float32)
    second = (random.standard_normal((HIDDEN, 1)) / np.sqrt(HIDDEN)).astype(np.float32)
    offset, last = np.zeros(HIDDEN, np.float32), np.zeros(1, np.float32)
    adam = Adam([first, offset, second, last])
    for at in range(1, STEPS + 1):
        kept = (random.random(HIDDEN) > 0.2).astype(np.float32) / 0.8
        layer = np.maximum(table @ first + offset, 0) * kept
        pull = (task.pull(base + alone * (layer @ second + last)[:, 0]) * alone)[:, None]
        back = (pull @ second.T) * (layer > 0) * kept
        gradients = [table.T @ back, back.sum(0), layer.T @ pull, pull.sum(0)]
        adam.step(gradients, 0.02 * min(1.0, at / 30) * (1 - at / (STEPS + 1)), at)
        first *= 1 - 4e-4
        second *= 1 - 4e-4
    return Network(task.mean, task.deviation, ((first, offset), (second, last)))


@dataclass(frozen=True, slots=True)
class Ranker:
    """Both networks, as `ranking.score` adds them."""

    talk: Network
    records: Network

    def __call__(self, one: Asked) -> Array:
        return np.asarray(self.talk(one.table) + one.alone * self.records(one.table), np.float32)


def ranker(spoken: Sequence[Asked], recorded: Sequence[Asked]) -> Ranker:
    """`spoken`: of conversations; `recorded`: of phones."""
    talk = linear([one for one in spoken if not one.alone.any()])
    return Ranker(talk, hidden([*recorded, *(one for one in spoken if one.alone.any())], talk))


def logistic(table: Array, labels: Array, steps: int = 500) -> Array:
    """Weights and an offset, both classes counting the same."""
    weights, offset = np.zeros(table.shape[1], np.float32), np.zeros(1, np.float32)
    share = np.where(labels > 0, 0.5 / labels.mean(), 0.5 / (1 - labels.mean())) / len(labels)
    adam = Adam([weights, offset])
    for at in range(1, steps + 1):
        error = (1 / (1 + np.exp(-(table @ weights + offset))) - labels) * share
        gradient = table.T @ error + 2 * FIRM * weights
        adam.step([gradient.astype(np.float32), np.array([error.sum()], np.float32)], 0.05 * (1 - at / (steps + 1)), at)
    return np.concatenate([weights, offset])


def answering(right: Sequence[Array], *wrong: Sequence[Array]) -> Array:
    """Weights of `summary`, and an offset. Each sort of questions without answer counts the same."""
    most = max(map(len, wrong))
    without = [np.array(some)[np.arange(most) % len(some)] for some in wrong if some]
    table = np.concatenate([np.array(right), *without])
    labels = np.array([1.0] * len(right) + [0.0] * (len(table) - len(right)))
    mean, deviation = table.mean(axis=0), np.maximum(table.std(axis=0), 1e-3)
    found = logistic((table - mean) / deviation, labels)
    weights = found[:-1] / deviation
    usual = np.log(ANSWERED / (1 - ANSWERED))
    return np.append(weights, found[-1] - weights @ mean + usual).astype(np.float32)


def held_out(data: Sequence[Asked], train: Callable[[Sequence[Asked]], Ranker]) -> list[tuple[Asked, Ranker]]:
    """Each question with a ranker that has not seen its conversation."""
    lives = sorted({one.life for one in data})
    found: list[tuple[Asked, Ranker]] = []
    for fold in range(FOLDS):
        left_out = set(lives[fold::FOLDS])
        learnt = train([one for one in data if one.life not in left_out])
        found += [(one, learnt) for one in data if one.life in left_out]
    return found


def answer(spoken: Sequence[Asked], recorded: Sequence[Asked]) -> Array:
    """The weights of the probability that anything answers."""
    right: list[Array] = []
    wrong: dict[str, list[Array]] = {UNANSWERABLE: [], SWAPPED: [], "taken away": []}
    for one, learnt in held_out(spoken, lambda some: ranker(some, recorded[::4])):
        whole = summary(one.table, learnt(one))
        if one.category in wrong:
            wrong[one.category].append(whole)
        elif one.right.any():
            right.append(whole)
            rest = without_answer(one)
            if len(rest.right):
                wrong["taken away"].append(summary(rest.table, learnt(rest)))
    return answering(right, *wrong.values())


def without_answer(one: Asked) -> Asked:
    """The same candidates without the right ones and their neighbours."""
    near = one.right.copy()
    near[:-1] |= one.right[1:]
    near[1:] |= one.right[:-1]
    return Asked(one.life, one.category, one.table[~near], one.right[~near], one.evidence)


def recall_of(learnt: Ranker, data: Sequence[Asked]) -> tuple[float, float]:
    """recall@10 and MRR."""
    known = [one for one in data if one.evidence and one.category not in (UNANSWERABLE, SWAPPED)]
    orders = [one.right[np.argsort(-learnt(one), kind="stable")] for one in known]
    shares = [order[:10].sum() / one.evidence for order, one in zip(orders, known, strict=True)]
    ranks = [1 / (1 + order.argmax()) if order.any() else 0.0 for order in orders]
    return float(np.mean(shares)), float(np.mean(ranks))


Part = tuple[Sequence[Life], SemanticIndex | None]


def cross_fitted(spoken: Sequence[Life], parts: Path, folder: Path) -> Iterator[Part]:
    """Conversations with encoders whose adapters have not seen them."""
    for one in sorted(folder.iterdir()):
        lives = [life for life in spoken if life.name in one.name.split(",")]
        with TemporaryDirectory() as built:
            build(parts, Path(built), {name: one / f"{name}_adapter.npz" for name in ("dense", "sparse")})
            yield lives, SemanticIndex(Path(built))


def gathered(parts: Iterable[Part], name: str, keep: Path | None) -> tuple[list[Asked], list[Asked]]:
    """The questions of conversations, each in a store of its own; and these with those in one store, and swapped.

    Among the latter, what owners ask their assistant counts twice: most conversations are of the other sort.
    """
    own, talk, owners = list[Asked](), list[Asked](), set[str]()
    for at, (lives, meaning) in enumerate(parts):
        paths = [keep and keep / f"{what}.{name}{at}.pickle" for what in ("own", "one", "swapped")]
        owners |= {life.name for life in lives if life.owner}
        own += described(kept(paths[0], lives, meaning))
        talk += described(kept(paths[1], lives, meaning, together=True))
        talk += described(kept(paths[2], [swapped(life) for life in lives], meaning))
    talk += own
    return own, talk + [one for one in talk if one.life in owners]


def stored(name: str, learnt: Ranker, answers: Array) -> dict[str, Array | int]:
    weights: dict[str, Array | int] = {f"{name}_answer": answers}
    for part, network in (("talk", learnt.talk), ("records", learnt.records)):
        weights |= {f"{name}_{part}_mean": network.mean, f"{name}_{part}_deviation": network.deviation}
        weights[f"{name}_{part}_depth"] = len(network.layers)
        for n, (matrix, offset) in enumerate(network.layers):
            weights |= {f"{name}_{part}_matrix{n}": matrix, f"{name}_{part}_offset{n}": offset}
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("talk", type=Path)
    parser.add_argument("lifebench", type=Path)
    parser.add_argument("--adapters", type=Path, help="folders with adapters, each trained without some conversations")
    parser.add_argument("--words", action="store_true", help="only the weights for words alone")
    parser.add_argument("--hold-out", default="")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--models", type=Path, default=models_folder(StoreSettings()))
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    spoken, recorded = talks(arguments.talk), lifebench(arguments.lifebench)
    weights: dict[str, Any] = {}
    shelf = Shelf(arguments.models)
    for name in ("lexical",) if arguments.words else ("lexical", "all"):
        parts: Iterable[Part] = [(spoken, None)]
        if name == "all":
            parts = cross_fitted(spoken, shelf.folder_of(MEMORY), arguments.adapters)
        own, talk = gathered(parts, name, arguments.keep)
        meaning = SemanticIndex(shelf.path(MEMORY)) if name == "all" else None
        keep = arguments.keep and arguments.keep / f"records.{name}.pickle"
        records = described(kept(keep, recorded, meaning))
        rest = [[one for one in some if one.life != arguments.hold_out] for some in (talk, records)]
        learnt = ranker(*rest)
        if arguments.hold_out:
            share, rank = recall_of(learnt, [one for one in own + records if one.life == arguments.hold_out])
            print(f"{arguments.hold_out}, not trained on, {name}: recall@10 {share:.3f}, MRR {rank:.3f}")
        if arguments.out:
            weights |= stored(name, learnt, answer(*rest))
    if arguments.out:
        np.savez_compressed(arguments.out, **weights)


if __name__ == "__main__":
    main()
