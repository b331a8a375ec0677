"""Trains small changes to the weights of the memory's two encoders on talk, with jax.

    pip install jax          # for training only; nothing else of voiceos needs it
    python benchmarks/train_encoders.py sparse benchmarks/talk --out voiceos/models/sparse_adapter.npz
    python benchmarks/train_encoders.py dense benchmarks/talk --out voiceos/models/dense_adapter.npz

One step is one conversation: all its questions against all its utterances. The loss is the negative log of an
evidence's share against everything that is none, by the encoder's scores alone and by their sum with BM25, so that it
learns what words alone do not find. Every matrix is changed by a product of low rank, norms and biases freely, for
questions and utterances alike; FLOPS regularisation keeps the words of the sparse encoder few. It takes minutes, the
sentence encoder about eight seconds a conversation and epoch on two cores. With `--hold-out a2,b3` these are left out,
and their recall is printed, before and after; `--check FOLDER` measures others.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from jax_bert import (
    TOKENS,
    Adam,
    Array,
    Packed,
    fresh,
    gelu,
    hidden,
    jax,
    jnp,
    linear,
    listwise,
    longer,
    merged,
    norm,
    packed,
)
from lives import Life
from talks import talks
from tokenizers import Tokenizer

from voiceos.config.paths import models_folder
from voiceos.config.settings import StoreSettings
from voiceos.language.terms import Analyzer
from voiceos.memory.index.vectors import KEPT_WORDS
from voiceos.models.encoder_files import (
    DENSE,
    DENSE_HEADS,
    HEAD,
    SPARSE,
    SPARSE_HEADS,
    Weights,
    dense_weights,
    sparse_weights,
)
from voiceos.store.records import Kind, index_text

ALONE = 0.6
"""How much the loss of an encoder alone counts; the rest is that of the sum with BM25."""
RANGED = 3
"""Conversations in which the ranges of inputs are looked at."""
WORDS = "bert.embeddings.word_embeddings.weight"


@dataclass(frozen=True)
class Talk:
    """A conversation as numbers: word pieces, which utterances answer a question, and their BM25."""

    name: str
    texts: list[list[int]]
    questions: list[list[int]]
    right: Array
    lexical: Array


def read(life: Life, pieces: Any) -> Talk:
    """What recall would search of a conversation."""
    records = [record for record in life.records if record.kind is not Kind.REPLY]
    asked = [one for one in life.questions if one.evidence]
    texts = [index_text(record, record.text) for record in records]
    right = np.array([[record.key in one.evidence for record in records] for one in asked], np.float32)
    lexical = bm25(texts, [one.text for one in asked])

    def cut(text: str) -> list[int]:
        return pieces.encode(text).ids

    return Talk(life.name, [cut(text) for text in texts], [cut(one.text) for one in asked], right, lexical)


def bm25(texts: Sequence[str], questions: Sequence[str]) -> Array:
    analyze = Analyzer("en")
    terms = [list(analyze(text)) for text in texts]
    length = np.array([len(one) for one in terms])
    found = np.zeros((len(questions), len(texts)), np.float32)
    for row, question in enumerate(questions):
        for term in set(analyze(question)):
            count = np.array([one.count(term) for one in terms])
            rarity = np.log(1 + (len(texts) - (count > 0).sum() + 0.5) / ((count > 0).sum() + 0.5))
            found[row] += rarity * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * length / length.mean()))
    return found


class Task(Protocol):
    """An encoder that is trained."""

    weights: Weights
    rank: int
    rate: float
    epochs: int
    refreshed: int
    """After so many epochs what does not follow the gradient is made anew."""

    def given(self, weights: Weights, talk: Talk) -> dict[str, Any]:
        """What a step needs, in the same shapes for many conversations, so that few graphs are compiled."""
        ...

    def loss(self, adapter: Weights, weights: Weights, given: dict[str, Any]) -> Any: ...

    def scores(self, weights: Weights, talk: Talk) -> Array:
        """Of each question with each utterance."""
        ...

    def ranges(self, weights: Weights, talks: Sequence[Talk]) -> Weights:
        """What the product needs to know of the inputs of matrices, beside the adapter."""
        ...


class Sizes:
    """Rows and texts of the largest conversation, or of the largest one that is as small as one of the small ones."""

    def __init__(self, talks: Sequence[Talk]) -> None:
        self._talks = talks
        self.text_rows = max(len(packed(talk.texts).ids) for talk in talks)
        self.question_rows = max(len(packed(talk.questions).ids) for talk in talks)
        self.texts = max(len(talk.texts) for talk in talks)
        self.questions = max(len(talk.questions) for talk in talks)

    def of(self, talk: Talk) -> "Sizes":
        """Those for a conversation: a graph is compiled for small ones, and one for large ones."""
        border = self.texts * 2 // 3
        small = [one for one in self._talks if len(one.texts) <= border]
        return Sizes(small) if len(talk.texts) <= border else self

    def tables(self, talk: Talk) -> dict[str, Array]:
        tables = (("right", talk.right), ("lexical", talk.lexical))
        return {name: longer(longer(table, self.questions).T, self.texts).T for name, table in tables}


@dataclass(frozen=True)
class Heaviest:
    """The heaviest words of each text, their weights, and the piece that gives each."""

    words: Array
    weights: Array
    pieces: Array


def spoken(weights: Weights, fed: Sequence[Any]) -> Any:
    """The state of each piece that is compared with the vocabulary."""
    states = hidden(weights, fed, SPARSE, SPARSE_HEADS)
    states = norm(weights, f"{HEAD}.LayerNorm", gelu(linear(weights, f"{HEAD}.dense", states)))
    return states.reshape(-1, states.shape[-1])


class SparseTask:
    rank, rate, epochs, refreshed = 8, 1e-3, 6, 2
    flops = 1e-3
    sharp, sharp_sum, lexical = 0.5, 0.4, 0.1
    """What scores are multiplied by before their softmax."""

    def __init__(self, folder: Path, talks: Sequence[Talk]) -> None:
        self.weights = sparse_weights(folder / "sparse.safetensors")
        self._words = np.ascontiguousarray(self.weights[WORDS].T)
        self._bias = self.weights["cls.predictions.bias"]
        self._states = jax.jit(spoken)
        self._sizes = Sizes(talks)

    def given(self, weights: Weights, talk: Talk) -> dict[str, Any]:
        def part(texts: list[list[int]], rows: int, count: int) -> tuple[Any, ...]:
            put = packed(texts, rows)
            heavy = self._heaviest(weights, texts, put)
            there = np.ones(len(texts), np.float32)
            return put.fed, *(longer(one, count) for one in (heavy.words, heavy.pieces, there))

        sizes = self._sizes.of(talk)
        return {
            "texts": part(talk.texts, sizes.text_rows, sizes.texts),
            "questions": part(talk.questions, sizes.question_rows, sizes.questions),
            **sizes.tables(talk),
        }

    def loss(self, adapter: Weights, weights: Weights, given: dict[str, Any]) -> Any:
        changed = merged(weights, adapter)

        def weighed(fed: Any, words: Any, pieces: Any, there: Any) -> tuple[Any, Any]:
            product = (spoken(changed, fed)[pieces] * changed[WORDS][words]).sum(-1)
            value = jnp.log1p(jax.nn.relu(product + changed["cls.predictions.bias"][words])) * there[:, None]
            return value, (jnp.zeros(len(self._bias)).at[words].add(value / there.sum()) ** 2).sum()

        text_weights, text_flops = weighed(*given["texts"])
        asked_weights, asked_flops = weighed(*given["questions"])
        text_words, asked_words = given["texts"][1], given["questions"][1]
        asked = jnp.zeros((len(asked_words), len(self._bias)))
        asked = asked.at[jnp.arange(len(asked_words))[:, None], asked_words].set(asked_weights)
        scores = jnp.einsum("qtw,tw->qt", asked[:, text_words], text_weights) + (given["texts"][3] - 1) * 1e9
        alone = listwise(self.sharp * scores, given["right"])
        together = listwise(self.sharp_sum * scores + self.lexical * given["lexical"], given["right"])
        return ALONE * alone + (1 - ALONE) * together + self.flops * (text_flops + 0.3 * asked_flops)

    def scores(self, weights: Weights, talk: Talk) -> Array:
        texts, questions = (self._heaviest(weights, part, packed(part)) for part in (talk.texts, talk.questions))
        asked = np.zeros((len(questions.words), len(self._bias)), np.float32)
        np.put_along_axis(asked, questions.words, questions.weights, axis=1)
        return np.stack([asked[:, words] @ heavy for words, heavy in zip(texts.words, texts.weights, strict=True)], 1)

    def ranges(self, weights: Weights, talks: Sequence[Talk]) -> Weights:
        return {}

    def _heaviest(self, weights: Weights, texts: Sequence[Sequence[int]], rows: Packed) -> Heaviest:
        states = np.asarray(self._states(weights, rows.fed))
        found = Heaviest(*(np.zeros((len(texts), KEPT_WORDS), kind) for kind in (np.int32, np.float32, np.int32)))
        for one, (start, pieces) in enumerate(zip(rows.starts, texts, strict=True)):
            scores = states[start : start + len(pieces)] @ self._words
            highest = scores.max(axis=0) + self._bias
            words = np.argpartition(-highest, KEPT_WORDS)[:KEPT_WORDS]
            found.words[one], found.weights[one] = words, np.log1p(np.maximum(highest[words], 0))
            found.pieces[one] = start + scores[:, words].argmax(axis=0)
        return found


class SentenceTask:
    """Questions and utterances alike."""

    rank, rate, epochs, refreshed = 8, 7e-4, 6, 100
    sharp, lexical = 15.0, 0.03

    def __init__(self, folder: Path, talks: Sequence[Talk]) -> None:
        self.weights = dense_weights(folder / "dense.onnx")
        self._vectors = jax.jit(meant, static_argnums=2)
        self._sizes = Sizes(talks)

    def given(self, weights: Weights, talk: Talk) -> dict[str, Any]:
        sizes = self._sizes.of(talk)
        return {
            "there": longer(np.ones(len(talk.texts), np.float32), sizes.texts),
            "texts": packed(talk.texts, sizes.text_rows).fed,
            "questions": packed(talk.questions, sizes.question_rows).fed,
            **sizes.tables(talk),
        }

    def loss(self, adapter: Weights, weights: Weights, given: dict[str, Any]) -> Any:
        changed = merged(weights, adapter)
        asked = meant(changed, given["questions"], len(given["right"]))
        told = meant(changed, given["texts"], len(given["there"]))
        scores = self.sharp * asked @ told.T + (given["there"] - 1) * 1e9
        together = listwise(scores + self.lexical * given["lexical"], given["right"])
        return ALONE * listwise(scores, given["right"]) + (1 - ALONE) * together

    def scores(self, weights: Weights, talk: Talk) -> Array:
        asked, told = (self._vectors(weights, packed(part).fed, len(part)) for part in (talk.questions, talk.texts))
        return np.asarray(asked) @ np.asarray(told).T

    def ranges(self, weights: Weights, talks: Sequence[Talk]) -> Weights:
        seen: Weights = {}
        for talk in talks[:RANGED]:
            for texts in (talk.texts, talk.questions):
                hidden(weights, packed(texts).fed, DENSE, DENSE_HEADS, seen)
        return {f"{name}.range": found for name, found in seen.items() if not name.endswith((".key", ".value"))}


def meant(weights: Weights, fed: Sequence[Any], count: int) -> Any:
    """The vectors of packed texts, of length 1."""
    states = hidden(weights, fed, DENSE, DENSE_HEADS)
    text = fed[2].reshape(-1)
    total = jnp.zeros((count + 1, states.shape[-1]))
    total = total.at[jnp.where(text < 0, count, text)].add(states.reshape(-1, states.shape[-1]))[:count]
    return total / jnp.maximum(jnp.linalg.norm(total, axis=-1, keepdims=True), 1e-6)


def train(task: Task, talks: Sequence[Talk]) -> Weights:
    random = np.random.default_rng(0)
    gradient_of = jax.jit(jax.value_and_grad(task.loss))
    weights = {name: jnp.asarray(value) for name, value in task.weights.items()}
    adapter, given = fresh(task.weights, task.rank), dict[str, dict[str, Any]]()
    adam, steps, at = Adam(adapter), task.epochs * len(talks), 0
    for epoch in range(task.epochs):
        losses: list[float] = []
        start = time.monotonic()
        for number in random.permutation(len(talks)):
            talk = talks[number]
            if epoch % task.refreshed == 0:
                given[talk.name] = task.given(merged(task.weights, adapter), talk)
            loss, gradient = gradient_of(adapter, weights, given[talk.name])
            losses.append(float(loss))
            at += 1
            rate = task.rate * min(1.0, at / 10) * (1 - at / (steps + 1))
            adam.step(adapter, {name: np.asarray(value) for name, value in gradient.items()}, rate, at)
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}, {time.monotonic() - start:.0f} s", flush=True)
    adapter |= task.ranges({name: np.asarray(value) for name, value in merged(weights, adapter).items()}, talks)
    return {name: value.astype(np.float16) for name, value in adapter.items()}


def found(task: Task, weights: Weights, talks: Sequence[Talk]) -> str:
    """Recall among the first ten, alone and summed with BM25 after standardising."""
    shares: list[list[float]] = [[], []]
    for talk in talks:
        scores = task.scores(weights, talk)
        for place, table in enumerate((scores, _standard(scores) + _standard(talk.lexical))):
            first = np.argsort(-table, axis=1, kind="stable")[:, :10]
            hits = np.take_along_axis(talk.right, first, axis=1).sum(axis=1)
            shares[place] += list(hits / talk.right.sum(axis=1))
    return f"alone {np.mean(shares[0]):.3f}, with BM25 {np.mean(shares[1]):.3f}"


def _standard(scores: Array) -> Array:
    return (scores - scores.mean(axis=1, keepdims=True)) / (scores.std(axis=1, keepdims=True) + 1e-6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("encoder", choices=["sparse", "dense"])
    parser.add_argument("talk", type=Path)
    parser.add_argument("--hold-out", default="", help="names of conversations that are measured, not trained on")
    parser.add_argument("--check", type=Path, help="a folder of further conversations that are only measured")
    parser.add_argument("--models", type=Path, default=models_folder(StoreSettings()))
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    folder = arguments.models / "memory-en"
    pieces: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
    pieces.no_padding()
    pieces.enable_truncation(TOKENS)
    everything = [read(life, pieces) for life in talks(arguments.talk)]
    task: Task = (SparseTask if arguments.encoder == "sparse" else SentenceTask)(folder, everything)
    held_out = [talk for talk in everything if talk.name in arguments.hold_out.split(",")]
    adapter = train(task, [talk for talk in everything if talk not in held_out])
    if arguments.out:
        np.savez_compressed(arguments.out, **adapter)  # pyright: ignore[reportArgumentType]
    if arguments.check:
        held_out += [read(life, pieces) for life in talks(arguments.check)]
    if held_out:
        print(f"not trained on, as it was: {found(task, task.weights, held_out)}")
        print(f"… adapted: {found(task, merged(task.weights, adapter), held_out)}")


if __name__ == "__main__":
    main()
