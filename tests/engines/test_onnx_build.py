"""Graphs that are built in memory: an operator, a weight, a BERT of eight-bit integers against the same in floats."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from voiceos.engines.bert import EPSILON, encoder, from_floats, linear, quantised
from voiceos.engines.onnx import open_built
from voiceos.engines.onnx_build import Builder
from voiceos.errors import ModelError

WIDTH, WORDS, HEADS, LAYERS = 32, 50, 2, 2
Floats = NDArray[np.float32]


def test_a_small_graph_computes() -> None:
    build = Builder()
    there = build.input("there", "float32", 2)
    build.output(build.node("Add", there, build.weight(np.array([300.0], np.float32))), "float32", 2)
    session = open_built(build.model(), Path("built"))
    assert session.run(None, {"there": np.ones((2, 3), np.float32)})[0].tolist() == [[301.0] * 3] * 2


def test_what_is_no_graph_is_a_damaged_model() -> None:
    with pytest.raises(ModelError, match="is damaged"):
        open_built(b"no graph", Path("file.onnx"))


def test_quantised_weights_are_close() -> None:
    matrix = np.random.default_rng(1).normal(size=(8, 5)).astype(np.float32)
    found = quantised(matrix, np.zeros(5, np.float32))
    assert np.abs(found.values * found.scale - matrix).max() <= np.abs(matrix).max() / 127


def test_inputs_of_very_different_ranges_are_rounded_more_finely() -> None:
    random = np.random.default_rng(1)
    matrix, ranges = random.standard_normal((64, 8)).astype(np.float32), np.ones(64, np.float32)
    ranges[3] = 30
    given = (random.uniform(-1, 1, (20, 64)) * ranges).astype(np.float32)
    errors: list[float] = []
    for known in (None, ranges):
        build = Builder()
        build.output(
            linear(build, build.input("x", "float32", 2), quantised(matrix, np.zeros(8, np.float32), known)),
            "float32",
            2,
        )
        (found,) = open_built(build.model(), Path("test")).run(None, {"x": given})
        errors.append(float(np.abs(found - given @ matrix).mean()))
    assert errors[1] < errors[0] / 2


def weights() -> dict[str, Floats]:
    random = np.random.default_rng(0)

    def some(*shape: int, size: float = 0.3) -> Floats:
        return (random.normal(size=shape) * size).astype(np.float32)

    shapes = {"attention.self.query": (WIDTH, WIDTH), "attention.self.key": (WIDTH, WIDTH)}
    shapes |= {"attention.self.value": (WIDTH, WIDTH), "attention.output.dense": (WIDTH, WIDTH)}
    shapes |= {"intermediate.dense": (64, WIDTH), "output.dense": (WIDTH, 64)}
    found = {"bert.embeddings.word_embeddings.weight": some(WORDS, WIDTH, size=1)}
    found["bert.embeddings.position_embeddings.weight"] = some(16, WIDTH)
    found["bert.embeddings.token_type_embeddings.weight"] = some(2, WIDTH)
    norms = ["bert.embeddings.LayerNorm"]
    for layer in (f"bert.encoder.layer.{number}" for number in range(LAYERS)):
        for name, shape in shapes.items():
            found[f"{layer}.{name}.weight"], found[f"{layer}.{name}.bias"] = some(*shape), some(shape[0])
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
    for norm in norms:
        found[f"{norm}.gamma"], found[f"{norm}.beta"] = 1 + some(WIDTH, size=0.1), some(WIDTH, size=0.1)
    return found


def in_floats(w: dict[str, Floats], ids: NDArray[np.int32]) -> NDArray[np.float64]:
    """One text through the same encoder, in numpy."""

    def linear(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        x = x - x.mean(-1, keepdims=True)
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + EPSILON) * w[f"{name}.gamma"] + w[f"{name}.beta"]

    def gelu(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3)))

    start = "bert.embeddings"
    x = w[f"{start}.word_embeddings.weight"][ids] + w[f"{start}.position_embeddings.weight"][: len(ids)]
    x = norm(x.astype(np.float64) + w[f"{start}.token_type_embeddings.weight"][0], f"{start}.LayerNorm")
    for layer in (f"bert.encoder.layer.{number}" for number in range(LAYERS)):
        query, key, value = (
            linear(x, f"{layer}.attention.self.{one}").reshape(len(ids), HEADS, -1).transpose(1, 0, 2)
            for one in ("query", "key", "value")
        )
        scores = np.exp(query @ key.transpose(0, 2, 1) / np.sqrt(WIDTH / HEADS))
        mixed = (scores / scores.sum(-1, keepdims=True) @ value).transpose(1, 0, 2).reshape(len(ids), WIDTH)
        name = f"{layer}.attention.output"
        x = norm(x + linear(mixed, f"{name}.dense"), f"{name}.LayerNorm")
        wide = gelu(linear(x, f"{layer}.intermediate.dense"))
        x = norm(x + linear(wide, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    return x


def test_bert_in_integers_is_bert_in_floats_also_beside_a_longer_text() -> None:
    build = Builder()
    build.output(encoder(build, from_floats(weights(), HEADS)), "float32", 3)
    session = open_built(build.model(), Path("built"))
    texts = np.array([[3, 7, 9, 0, 0, 0], [11, 12, 13, 14, 15, 16]], np.int32)
    mask = np.array([[1, 1, 1, 0, 0, 0], [1] * 6], np.int32)
    found = session.run(None, {"ids": texts, "mask": mask, "types": np.zeros_like(texts)})[0]
    for row, length in ((0, 3), (1, 6)):
        expected = in_floats(weights(), texts[row, :length])
        mine = found[row, :length]
        cosine = (mine * expected).sum(-1) / np.linalg.norm(mine, axis=-1) / np.linalg.norm(expected, axis=-1)
        assert cosine.min() > 0.998
