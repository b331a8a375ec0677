"""Trains `voiceos/engines/sparse_adapter.npz`, small changes to the weights of the sparse encoder, on talk.

    pip install jax          # for training only; nothing else of voiceos needs it
    python benchmarks/train_encoders.py benchmarks/talk [--epochs 6] [--hold-out a2,b3] [--out adapter.npz]

One step is one conversation: all its questions against all its utterances. The loss is the negative log of an
evidence's share against everything that is none, by the sparse product alone and by its sum with BM25, so that the
encoder learns what words alone do not find; FLOPS regularisation keeps the texts' words few. Every matrix is changed
by a product of rank eight, every norm and bias freely, questions and utterances alike. On one core a conversation takes
a second or two. The recall on conversations held out is printed, without the adapter and with it.
"""

import argparse
import importlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from lives import Life
from numpy.typing import NDArray
from talks import talks
from tokenizers import Tokenizer

from voiceos.config.paths import models_folder
from voiceos.config.settings import StoreSettings
from voiceos.engines.sparse_encoder import HEADS, TOKENS
from voiceos.engines.weights import Weights, read_safetensors
from voiceos.memory.index.analysis import Analyzer
from voiceos.memory.index.vectors import KEPT_WORDS
from voiceos.memory.store.records import Kind, index_text

Array = NDArray[Any]
RANK, RATE, FLOPS = 8, 1e-3, 1e-3
ALONE = 0.6
"""How much the loss of the sparse product alone counts; the rest is that of the sum with BM25."""
SHARP, SHARP_SUM, BM25 = 0.5, 0.4, 0.1
"""What scores are multiplied by before their softmax."""
REFRESHED = 2
"""After so many epochs the heaviest words of the texts are looked for anew."""
HEAD = "cls.predictions.transform"
WORDS = "bert.embeddings.word_embeddings.weight"

jax: Any = importlib.import_module("jax")
jnp: Any = jax.numpy


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


@dataclass(frozen=True)
class Packed:
    """Texts one behind the other in rows of `TOKENS` pieces, so that nothing is padding."""

    ids: Array
    positions: Array
    text: Array
    """Which text a piece belongs to; pieces see only their own text."""
    starts: Array

    @property
    def fed(self) -> tuple[Array, Array, Array]:
        return self.ids, self.positions, self.text


def packed(texts: Sequence[Sequence[int]], rows: int = 0) -> Packed:
    filled: list[int] = []
    places = np.zeros(len(texts), int)
    for one in sorted(range(len(texts)), key=lambda one: -len(texts[one])):
        row = next((n for n, used in enumerate(filled) if used + len(texts[one]) <= TOKENS), len(filled))
        filled += [0] * (row == len(filled))
        places[one] = row * TOKENS + filled[row]
        filled[row] += len(texts[one])
    ids, positions, text = (np.full(max(rows, len(filled)) * TOKENS, fill, np.int32) for fill in (0, 0, -1))
    for one, (start, pieces) in enumerate(zip(places, texts, strict=True)):
        part = slice(start, start + len(pieces))
        ids[part], positions[part], text[part] = pieces, np.arange(len(pieces)), one
    return Packed(ids.reshape(-1, TOKENS), positions.reshape(-1, TOKENS), text.reshape(-1, TOKENS), places)


def norm(weights: Weights, name: str, x: Any) -> Any:
    mean = x.mean(-1, keepdims=True)
    spread = jnp.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + 1e-12)
    return (x - mean) / spread * weights[f"{name}.gamma"] + weights[f"{name}.beta"]


def linear(weights: Weights, name: str, x: Any) -> Any:
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def gelu(x: Any) -> Any:
    return jax.nn.gelu(x, approximate=False)


def hidden(weights: Weights, ids: Any, positions: Any, text: Any) -> Any:
    """The last hidden state of each piece, as the head of the vocabulary gets it."""
    start = "bert.embeddings"
    x = weights[WORDS][ids] + weights[f"{start}.position_embeddings.weight"][positions]
    x = norm(weights, f"{start}.LayerNorm", x + weights[f"{start}.token_type_embeddings.weight"][0])
    apart = jnp.where(text[:, None, :, None] == text[:, None, None, :], 0.0, -1e9)
    rows, tokens, width = x.shape
    for number in range(2):
        name = f"bert.encoder.layer.{number}"
        query, key, value = (
            linear(weights, f"{name}.attention.self.{one}", x).reshape(rows, tokens, HEADS, -1).transpose(0, 2, 1, 3)
            for one in ("query", "key", "value")
        )
        share = jax.nn.softmax(query @ key.transpose(0, 1, 3, 2) / np.sqrt(width / HEADS) + apart, -1)
        seen = (share @ value).transpose(0, 2, 1, 3).reshape(rows, tokens, width)
        x = norm(
            weights, f"{name}.attention.output.LayerNorm", x + linear(weights, f"{name}.attention.output.dense", seen)
        )
        wide = gelu(linear(weights, f"{name}.intermediate.dense", x))
        x = norm(weights, f"{name}.output.LayerNorm", x + linear(weights, f"{name}.output.dense", wide))
    x = norm(weights, f"{HEAD}.LayerNorm", gelu(linear(weights, f"{HEAD}.dense", x)))
    return x.reshape(-1, width)


def fresh(weights: Weights, seed: int = 0) -> Weights:
    """An adapter that changes nothing yet: what is trained."""
    random = np.random.default_rng(seed)
    found: Weights = {}
    for name, value in weights.items():
        if value.ndim == 2 and "embeddings" not in name:
            found[f"{name}.left"] = np.zeros((value.shape[0], RANK), np.float32)
            found[f"{name}.right"] = random.standard_normal((RANK, value.shape[1]), np.float32) / np.sqrt(
                value.shape[1]
            )
        elif value.ndim == 1 and name != "cls.predictions.bias":
            found[name] = np.zeros_like(value)
    return found


def merged(weights: Weights, adapter: Weights) -> Weights:
    found = dict(weights)
    for name in weights:
        if f"{name}.left" in adapter:
            found[name] = weights[name] + adapter[f"{name}.left"] @ adapter[f"{name}.right"]
        elif name in adapter:
            found[name] = weights[name] + adapter[name]
    return found


@dataclass(frozen=True)
class Heaviest:
    """The heaviest words of each text, their weights, and the piece that gives each."""

    words: Array
    weights: Array
    pieces: Array


class Task:
    """The gradient of an adapter by a conversation."""

    def __init__(self, weights: Weights, talks: Sequence[Talk]) -> None:
        self.weights = {name: jnp.asarray(value) for name, value in weights.items()}
        self._words = np.ascontiguousarray(weights[WORDS].T)
        self._bias = weights["cls.predictions.bias"]
        self._hidden = jax.jit(hidden)
        self._gradient = jax.jit(jax.value_and_grad(self._loss))
        self._rows = [max(len(packed(part).ids) for part in parts) for parts in _parts(talks)]
        self._counts = [max(len(part) for part in parts) for parts in _parts(talks)]

    def heaviest(self, weights: Weights, texts: Sequence[Sequence[int]], rows: Packed) -> Heaviest:
        states = np.asarray(self._hidden(weights, *rows.fed))
        found = Heaviest(*(np.zeros((len(texts), KEPT_WORDS), kind) for kind in (np.int32, np.float32, np.int32)))
        for one, (start, pieces) in enumerate(zip(rows.starts, texts, strict=True)):
            scores = states[start : start + len(pieces)] @ self._words
            highest = scores.max(axis=0) + self._bias
            words = np.argpartition(-highest, KEPT_WORDS)[:KEPT_WORDS]
            found.words[one], found.weights[one] = words, np.log1p(np.maximum(highest[words], 0))
            found.pieces[one] = start + scores[:, words].argmax(axis=0)
        return found

    def scores(self, weights: Weights, talk: Talk) -> Array:
        """The product of each question with each utterance."""
        texts, questions = (
            self.heaviest(weights, part, packed(part, rows)) for part, rows in zip(_of(talk), self._rows, strict=True)
        )
        asked = np.zeros((len(questions.words), len(self._bias)), np.float32)
        np.put_along_axis(asked, questions.words, questions.weights, axis=1)
        return np.stack([asked[:, words] @ heavy for words, heavy in zip(texts.words, texts.weights, strict=True)], 1)

    def given(self, weights: Weights, talk: Talk) -> dict[str, Any]:
        """What a step needs, in the same shapes for every conversation, so that it is compiled once."""
        given: dict[str, Any] = {}
        for name, part, rows, count in zip(("texts", "questions"), _of(talk), self._rows, self._counts, strict=True):
            put = packed(part, rows)
            heavy = self.heaviest(weights, part, put)
            there = np.ones(len(part), np.float32)
            given[name] = (put.fed, *(_longer(one, count) for one in (heavy.words, heavy.pieces, there)))
        for name, table in (("right", talk.right), ("lexical", talk.lexical)):
            given[name] = _longer(_longer(table, self._counts[1]).T, self._counts[0]).T
        return given

    def gradient(self, adapter: Weights, given: dict[str, Any]) -> tuple[float, Weights]:
        loss, found = self._gradient(adapter, given)
        return float(loss), {name: np.asarray(value) for name, value in found.items()}

    def _loss(self, adapter: Weights, given: dict[str, Any]) -> Any:
        weights = merged(self.weights, adapter)

        def weighed(rows: Any, words: Any, pieces: Any, there: Any) -> tuple[Any, Any]:
            product = (hidden(weights, *rows)[pieces] * weights[WORDS][words]).sum(-1)
            value = jnp.log1p(jax.nn.relu(product + weights["cls.predictions.bias"][words])) * there[:, None]
            return value, (jnp.zeros(len(self._bias)).at[words].add(value / there.sum()) ** 2).sum()

        (text_weights, text_flops), (asked_weights, asked_flops) = (
            weighed(*given[name]) for name in ("texts", "questions")
        )
        asked_words, text_words = given["questions"][1], given["texts"][1]
        asked = jnp.zeros((len(asked_words), len(self._bias)))
        asked = asked.at[jnp.arange(len(asked_words))[:, None], asked_words].set(asked_weights)
        scores = jnp.einsum("qtw,tw->qt", asked[:, text_words], text_weights) + (given["texts"][3] - 1) * 1e9
        alone = _listwise(SHARP * scores, given["right"])
        together = _listwise(SHARP_SUM * scores + BM25 * given["lexical"], given["right"])
        return ALONE * alone + (1 - ALONE) * together + FLOPS * (text_flops + 0.3 * asked_flops)


def _of(talk: Talk) -> tuple[list[list[int]], list[list[int]]]:
    return talk.texts, talk.questions


def _parts(talks: Sequence[Talk]) -> list[list[list[list[int]]]]:
    return [[talk.texts for talk in talks], [talk.questions for talk in talks]]


def _longer(array: Array, count: int) -> Array:
    return np.concatenate([array, np.zeros((count - len(array), *array.shape[1:]), array.dtype)])


def _listwise(scores: Any, right: Any) -> Any:
    """Each right one against all that are wrong, mean over a question's right ones, then over the questions."""
    wrong = jax.nn.logsumexp(jnp.where(right > 0, -1e9, scores), 1, keepdims=True)
    lost = (jnp.logaddexp(scores, wrong) - scores) * right / jnp.maximum(right.sum(1, keepdims=True), 1)
    return lost.sum() / (right.sum(1) > 0).sum()


class Adam:
    """With gradients of a length of at most 1."""

    def __init__(self, values: Weights) -> None:
        self.first = {name: np.zeros_like(value) for name, value in values.items()}
        self.second = {name: np.zeros_like(value) for name, value in values.items()}

    def step(self, values: Weights, gradient: Weights, rate: float, at: int) -> None:
        length = np.sqrt(sum(float((one**2).sum()) for one in gradient.values()))
        for name in values:
            pull = gradient[name] / max(length, 1.0)
            self.first[name] += 0.1 * (pull - self.first[name])
            self.second[name] += 0.02 * (pull**2 - self.second[name])
            spread = np.sqrt(self.second[name] / (1 - 0.98**at)) + 1e-8
            values[name] = (values[name] - rate * self.first[name] / (1 - 0.9**at) / spread).astype(np.float32)


def train(task: Task, weights: Weights, talks: Sequence[Talk], epochs: int) -> Weights:
    random = np.random.default_rng(0)
    adapter, given = fresh(weights), dict[str, dict[str, Any]]()
    adam, steps, at = Adam(adapter), epochs * len(talks), 0
    for epoch in range(epochs):
        losses: list[float] = []
        start = time.monotonic()
        for number in random.permutation(len(talks)):
            talk = talks[number]
            if epoch % REFRESHED == 0:
                given[talk.name] = task.given(merged(weights, adapter), talk)
            loss, gradient = task.gradient(adapter, given[talk.name])
            losses.append(loss)
            at += 1
            adam.step(adapter, gradient, RATE * min(1.0, at / 10) * (1 - at / (steps + 1)), at)
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}, {time.monotonic() - start:.0f} s", flush=True)
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
    parser.add_argument("talk", type=Path)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--hold-out", default="", help="names of conversations that are measured, not trained on")
    parser.add_argument("--models", type=Path, default=models_folder(StoreSettings()))
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    folder = arguments.models / "memory-en"
    pieces: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
    pieces.no_padding()
    pieces.enable_truncation(TOKENS)
    weights = read_safetensors(folder / "sparse.safetensors")
    conversations = [read(life, pieces) for life in talks(arguments.talk)]
    task = Task(weights, conversations)
    held_out = [talk for talk in conversations if talk.name in arguments.hold_out.split(",")]
    adapter = train(task, weights, [talk for talk in conversations if talk not in held_out], arguments.epochs)
    if held_out:
        print(f"not trained on, as it was: {found(task, weights, held_out)}")
        print(f"… adapted: {found(task, merged(weights, adapter), held_out)}")
    if arguments.out:
        np.savez_compressed(arguments.out, **adapter)  # pyright: ignore[reportArgumentType]


if __name__ == "__main__":
    main()
