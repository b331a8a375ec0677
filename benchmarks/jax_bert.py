"""BERT in jax, for training: packed texts, small changes to the weights, a loss over lists, and Adam.

jax is not needed by voiceos itself.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.models.encoder_files import Weights

Array = NDArray[Any]
TOKENS = 128
"""Pieces in a row."""

jax: Any = importlib.import_module("jax")
jnp: Any = jax.numpy


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
    """The two models name its weights differently."""
    weight, bias = ("gamma", "beta") if f"{name}.gamma" in weights else ("weight", "bias")
    mean = x.mean(-1, keepdims=True)
    spread = jnp.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + 1e-12)
    return (x - mean) / spread * weights[f"{name}.{weight}"] + weights[f"{name}.{bias}"]


def linear(weights: Weights, name: str, x: Any, seen: Weights | None = None) -> Any:
    """In `seen` it notes the largest values of each input; not while a graph is compiled."""
    if seen is not None:
        largest = np.abs(np.asarray(x)).reshape(-1, x.shape[-1]).max(axis=0)
        seen[name] = np.maximum(seen[name], largest) if name in seen else largest
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def gelu(x: Any) -> Any:
    return jax.nn.gelu(x, approximate=False)


def hidden(weights: Weights, fed: Sequence[Any], prefix: str, heads: int, seen: Weights | None = None) -> Any:
    """The last hidden state of each piece of packed texts: rows × pieces × width."""
    ids, positions, text = fed
    start = f"{prefix}.embeddings"
    x = weights[f"{start}.word_embeddings.weight"][ids] + weights[f"{start}.position_embeddings.weight"][positions]
    x = norm(weights, f"{start}.LayerNorm", x + weights[f"{start}.token_type_embeddings.weight"][0])
    apart = jnp.where(text[:, None, :, None] == text[:, None, None, :], 0.0, -1e9)
    rows, tokens, width = x.shape
    layer = 0
    while (name := f"{prefix}.encoder.layer.{layer}") + ".output.dense.bias" in weights:
        query, key, value = (
            linear(weights, f"{name}.attention.self.{one}", x, seen)
            .reshape(rows, tokens, heads, -1)
            .transpose(0, 2, 1, 3)
            for one in ("query", "key", "value")
        )
        share = jax.nn.softmax(query @ key.transpose(0, 1, 3, 2) / np.sqrt(width / heads) + apart, -1)
        attended = (share @ value).transpose(0, 2, 1, 3).reshape(rows, tokens, width)
        attended = linear(weights, f"{name}.attention.output.dense", attended, seen)
        x = norm(weights, f"{name}.attention.output.LayerNorm", x + attended)
        wide = gelu(linear(weights, f"{name}.intermediate.dense", x, seen))
        x = norm(weights, f"{name}.output.LayerNorm", x + linear(weights, f"{name}.output.dense", wide, seen))
        layer += 1
    return x


def fresh(weights: Weights, rank: int, seed: int = 0) -> Weights:
    """An adapter that changes nothing yet: what is trained."""
    random = np.random.default_rng(seed)
    found: Weights = {}
    for name, value in weights.items():
        if value.ndim == 2 and "embeddings" not in name:
            found[f"{name}.left"] = np.zeros((value.shape[0], rank), np.float32)
            found[f"{name}.right"] = random.standard_normal((rank, value.shape[1]), np.float32) / np.sqrt(
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


def longer(array: Array, count: int) -> Array:
    return np.concatenate([array, np.zeros((count - len(array), *array.shape[1:]), array.dtype)])


def listwise(scores: Any, right: Any) -> Any:
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
