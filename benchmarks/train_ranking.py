"""Trains the weights of `voiceos/memory/recall/ranking.py` on LifeBench, with nothing but numpy.

    python benchmarks/train_ranking.py LIFEBENCH [--words] [--hold-out NAME] [--out ranking.npz]

1. Conversations: each person's messages and talks with the assistant, turn by turn. LifeBench names whole conversations
   as evidence; those turns of them are right that hold most of the answer's words. Linear weights are learnt by the
   softmax of the right turns among a question's candidates, and pulled towards `PRIOR`, which is written by hand:
   LifeBench says nothing of, for instance, who is asked about, for its questions are all about the owner.
2. Records: all of a person's phone data. A network with one hidden layer is added for what is no conversation.
3. The probability of an answer is fitted on people held out, on the same questions with the right turns and their
   neighbours taken away, and on questions about another person.

With `--hold-out` that person is left out, and the recall of the others' weights on their records is printed.
"""

import argparse
import re
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from lives import Asked, Life, lifebench
from numpy.typing import NDArray

from voiceos.config.paths import models_folder
from voiceos.config.settings import StoreSettings
from voiceos.memory.index.analysis import Analyzer
from voiceos.memory.index.lexical import LexicalIndex
from voiceos.memory.indexer import catch_up
from voiceos.memory.meaning import Meaning
from voiceos.memory.recall import recall as recalling
from voiceos.memory.recall.features import FEATURES, Array, Candidates, features
from voiceos.memory.recall.question import Question
from voiceos.memory.recall.ranking import SUMMARY, Network, Ranking, summary
from voiceos.memory.store.database import open_database
from voiceos.memory.store.ledger import Ledger
from voiceos.memory.store.records import Record, Source

PRIOR = {
    "lexical_z": 0.5, "own_z": 0.4, "covered_z": 0.3, "sparse_z": 1.0, "dense_z": 0.4, "own_before": 0.15,
    "sparse_before": 0.25, "dense_before": 0.2, "own_after": 0.05, "sparse_after": 0.1, "own_around": 0.1,
    "sparse_around": 0.15, "sparse_thread": 0.15, "own_thread": 0.15, "by_asked": 0.5, "by_other": -0.2, "asks": -0.4,
    "follows_question": 0.2, "when_fit": 0.2, "number_fit": 0.15, "place_fit": 0.1, "first_person": 0.1,
    "second_person": -0.15, "pairs": 0.1, "span": 0.1, "rarest": 0.1, "period": 0.6, "period_far": -0.6, "length": 0.3,
}  # fmt: skip
"""What is known of talk without measuring: who is asked about, statements before questions, answers after questions."""
PRIOR_OF_WORDS = {
    "own_z": 0.9, "lexical_z": 0.7, "covered_z": 0.5, "own_before": 0.35, "own_around": 0.2, "own_thread": 0.25,
}  # fmt: skip
FIRM = 0.1
"""How firmly weights are held to the prior; what the prior does not name is held a thousand times as firmly to zero."""
PRIOR_OF_ANSWER = {"best_by_asked": 1.5, "asked_somebody": -0.8, "best_names_spoken": 0.4}
SEEN = 0.3
"""The least deviation, in the standardising of features, that a yes-or-no feature of the prior is given."""
HIDDEN, STEPS = 16, 120
RIGHT = 0.7
"""A turn is right if it holds this share of what the best turn holds of the answer's words."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question's candidates, and which are right."""

    table: Array
    right: NDArray[np.bool_]
    evidence: int


def examples(life: Life, meaning: Meaning | None, questions: Sequence[Asked] | None = None) -> list[Example]:
    """What the product's recall gathers for each question, before it is ranked."""
    gathered: list[Array] = []

    def gather(question: Question, candidates: Candidates, rarity: dict[str, float]) -> Ranking:
        gathered.append(features(question, candidates, rarity))
        return Ranking(-np.arange(len(candidates), dtype=np.float32), np.zeros(len(candidates), np.float32), 1.0)

    analyze = Analyzer("en")
    lexical = LexicalIndex(analyze)
    recall = recalling.Recall(lexical, analyze, meaning)
    ranked, recalling.rank = recalling.rank, gather
    found: list[Example] = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            db = open_database(Path(folder) / "memory.db")
            Ledger(db).add(Source(life.name, "chat"), life.records)
            for index in (lexical, *([meaning] if meaning else [])):
                catch_up(db, index)
            keys = {row["id"]: row["key"] for row in db.execute("SELECT id, key FROM record")}
            for asked in life.questions if questions is None else questions:
                gathered.clear()
                findings = recall(db, asked.text, asked.at, owner=(life.owner,), limit=100_000)
                if gathered:
                    right = np.array([keys[one.record_id] in asked.evidence for one in findings.found])
                    found.append(Example(gathered[0], right, len(asked.evidence)))
            db.close()
    finally:
        recalling.rank = ranked
    return found


def conversations(life: Life) -> Life:
    """A person's messages and talks, with the turns that hold the answer as evidence."""
    turns: list[Record] = []
    of: dict[str, list[Record]] = {}
    for record in life.records:
        kind = record.key.partition(":")[0]
        if kind == "sms":
            day = f"{record.at:%Y-%m-%d}" if record.at else ""
            of[record.key] = [replace(record, thread=f"{record.thread} {day}")]
        elif kind == "agent_chat":
            parts = enumerate(record.text.split("\n"))
            of[record.key] = [
                replace(
                    record,
                    key=f"{record.key}/{n}",
                    text=part,
                    thread=record.key,
                    author="Advisor" if n % 2 else "owner",
                )
                for n, part in parts
            ]
        turns += of.get(record.key, [])
    rarity = _rarity(turns)
    questions = [asked for asked in (_sharpened(asked, of, rarity) for asked in life.questions) if asked.evidence]
    return Life(life.name, life.owner, sorted(turns, key=lambda turn: turn.thread), questions)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _rarity(turns: Sequence[Record]) -> dict[str, float]:
    counts: dict[str, int] = {}
    for turn in turns:
        for word in _words(turn.text):
            counts[word] = counts.get(word, 0) + 1
    return {word: float(np.log(1 + len(turns) / (1 + count))) for word, count in counts.items()}


def _sharpened(asked: Asked, turns: dict[str, list[Record]], rarity: dict[str, float]) -> Asked:
    wanted = _words(asked.answer) - _words(asked.text) or _words(asked.answer)
    total = sum(rarity.get(word, 0) for word in wanted) or 1.0
    held = {
        turn.key: sum(rarity.get(word, 0) for word in wanted & _words(turn.text)) / total
        for key in asked.evidence
        for turn in turns.get(key, [])
    }
    best = max(held.values(), default=0.0)
    right = [key for key, share in held.items() if best >= 0.2 and share >= RIGHT * best]
    return replace(asked, evidence=right[:4])


class Listwise:
    """Adam on the softmax of the right ones among each question's candidates."""

    def __init__(self, data: Sequence[Example]) -> None:
        self.data = [example for example in data if example.right.any()]
        self.table = np.vstack([example.table for example in self.data])
        with warnings.catch_warnings(category=RuntimeWarning, action="ignore"):  # a signal's columns may all be missing
            self.mean = np.nan_to_num(np.nanmean(self.table, axis=0)).astype(np.float32)
            self.deviation = np.nan_to_num(np.nanstd(self.table, axis=0)).astype(np.float32)
        self.starts = np.cumsum([0, *(len(example.right) for example in self.data)])
        target = [example.right / example.right.sum() for example in self.data]
        self.target = np.concatenate(target).astype(np.float32)

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


def linear(data: Sequence[Example], prior: dict[str, float], steps: int = 400) -> Network:
    """Weights for conversations, held to the prior."""
    task = Listwise(data)
    task.deviation = np.maximum(task.deviation, [_least(name, prior) for name in FEATURES]).astype(np.float32)
    table = task.standard()
    towards = np.array([prior.get(name, 0.0) for name in FEATURES], np.float32)
    firm = np.array([FIRM if name in prior else 1000 * FIRM for name in FEATURES], np.float32)
    weights = towards.copy()
    free = firm < 1  # what is held to zero with such force may as well be zero
    adam = Adam([weights])
    for at in range(1, steps + 1):
        gradient = table.T @ task.pull(table @ weights) + 2 * firm * (weights - towards)
        adam.step([np.where(free, gradient, 0).astype(np.float32)], 0.03 * (1 - at / (steps + 1)), at)
    return Network(task.mean, task.deviation, ((weights[:, None], np.zeros(1, np.float32)),))


def _least(name: str, prior: dict[str, float]) -> float:
    yes_or_no = ("by_asked", "by_other", "asks", "follows_question", "first_person", "second_person", "period")
    return SEEN if name in yes_or_no or (name.endswith("_fit") and name in prior) else 1e-3


def hidden(data: Sequence[Example], talk: Network, seed: int = 0) -> Network:
    """What is added for monologues."""
    random = np.random.default_rng(seed)
    task = Listwise(data)
    task.deviation += np.float32(0.02)
    table, base = task.standard(), talk(task.table)
    alone = task.table[:, FEATURES.index("monologue")]
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


def logistic(table: Array, labels: Array, towards: Array, firm: Array, steps: int = 500) -> Array:
    """Weights and an offset, both classes counting the same."""
    weights, offset = towards.astype(np.float32).copy(), np.zeros(1, np.float32)
    share = np.where(labels > 0, 0.5 / labels.mean(), 0.5 / (1 - labels.mean())) / len(labels)
    adam = Adam([weights, offset])
    for at in range(1, steps + 1):
        error = (1 / (1 + np.exp(-(table @ weights + offset))) - labels) * share
        gradient = table.T @ error + 2 * firm * (weights - towards)
        adam.step([gradient.astype(np.float32), np.array([error.sum()], np.float32)], 0.05 * (1 - at / (steps + 1)), at)
    return np.concatenate([weights, offset])


def answering(right: Sequence[Array], wrong: Sequence[Array]) -> Array:
    """Weights of `summary`, and an offset."""
    names = [
        "top",
        "top3",
        "drop",
        "lead",
        *(f"best_{name}" for name in SUMMARY),
        *(f"most_{name}" for name in SUMMARY),
    ]
    names += ["asked_somebody", "question_terms"]
    table = np.array([*right, *wrong])
    labels = np.array([1.0] * len(right) + [0.0] * len(wrong))
    least = np.array([SEEN if name in PRIOR_OF_ANSWER else 1e-3 for name in names])
    mean, deviation = table.mean(axis=0), np.maximum(table.std(axis=0), least)
    towards = np.array([PRIOR_OF_ANSWER.get(name, 0.0) for name in names]) * deviation
    firm = np.array([1.0 if name in PRIOR_OF_ANSWER else 0.01 for name in names])
    found = logistic((table - mean) / deviation, labels, towards, firm)
    weights = found[:-1] / deviation
    return np.append(weights, found[-1] - weights @ mean).astype(np.float32)


def without_answer(example: Example) -> Array:
    """The same candidates without the right ones and their neighbours."""
    near = example.right.copy()
    near[:-1] |= example.right[1:]
    near[1:] |= example.right[:-1]
    return example.table[~near]


def recall_of(talk: Network, records: Network, data: Sequence[Example]) -> float:
    shares: list[float] = []
    for example in data:
        if example.evidence:
            scores = talk(example.table) + example.table[:, FEATURES.index("monologue")] * records(example.table)
            shares.append(example.right[np.argsort(-scores)[:10]].sum() / example.evidence)
    return float(np.mean(shares))


def train(lives: Sequence[Life], meaning: Meaning | None) -> tuple[dict[str, Array | int], Network, Network]:
    prior = PRIOR
    if not meaning:
        prior = {name: value for name, value in PRIOR.items() if not name.startswith(("sparse", "dense"))}
        prior |= PRIOR_OF_WORDS
    talks = [conversations(life) for life in lives]
    spoken = [examples(talk, meaning) for talk in talks]
    right: list[Array] = []
    wrong: list[Array] = []
    for at, held_out in enumerate(spoken):
        others = linear([one for n, some in enumerate(spoken) if n != at for one in some], prior)
        for example in (one for one in held_out if one.right.any()):
            right.append(summary(example.table, others(example.table)))
            rest = without_answer(example)
            if len(rest):
                wrong.append(summary(rest, others(rest)))
        strangers = examples(talks[at], meaning, talks[at - 1].questions[::2]) if len(talks) > 1 else []
        wrong += [summary(one.table, others(one.table)) for one in strangers]
    talk = linear([one for some in spoken for one in some], prior)
    records = hidden([one for life in lives for one in examples(life, meaning)], talk)
    name = "all" if meaning else "lexical"
    weights: dict[str, Array | int] = {
        f"{name}_answer": answering(right, wrong),
    }
    for part, network in (("talk", talk), ("records", records)):
        weights |= {f"{name}_{part}_mean": network.mean, f"{name}_{part}_deviation": network.deviation}
        weights[f"{name}_{part}_depth"] = len(network.layers)
        for n, (matrix, offset) in enumerate(network.layers):
            weights |= {f"{name}_{part}_matrix{n}": matrix, f"{name}_{part}_offset{n}": offset}
    return weights, talk, records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lifebench", type=Path)
    parser.add_argument("--words", action="store_true", help="only the weights for words alone")
    parser.add_argument("--hold-out", default="")
    parser.add_argument("--models", type=Path, default=models_folder(StoreSettings()))
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    lives = lifebench(arguments.lifebench)
    rest = [life for life in lives if life.name != arguments.hold_out]
    weights: dict[str, Any] = {}
    for meaning in [None] if arguments.words else [None, Meaning(arguments.models / "memory-en")]:
        learnt, talk, records = train(rest, meaning)
        weights |= learnt
        for life in lives if arguments.hold_out else []:
            if life.name == arguments.hold_out:
                share = recall_of(talk, records, examples(life, meaning))
                print(f"{life.name}, not trained on, {'all signals' if meaning else 'words alone'}: {share:.3f}")
    if arguments.out:
        np.savez_compressed(arguments.out, **weights)


if __name__ == "__main__":
    main()
