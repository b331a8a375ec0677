"""The memory's encoders as they are built of foreign weights: adapted, rounded, and equal to the same in floats."""

from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from voiceos.errors import ModelError
from voiceos.models import encoder_files
from voiceos.models.encoder_files import (
    CROSS_HEAD,
    DENSE,
    Graph,
    Weights,
    adapted,
    cross,
    dense_weights,
    quantised,
    sparse_weights,
)
from voiceos.models.finish import ADAPTERS, CROSS_ADAPTER

WIDTH, WORDS, HEADS, LAYERS = 32, 50, 2, 2
Floats = NDArray[np.float32]
SMALL: Weights = {"a.weight": np.ones((2, 3), np.float32), "a.bias": np.zeros(2, np.float32)}


def session(model: Any) -> Any:
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def saved(file: Path, **parts: NDArray[Any]) -> Path:
    np.savez_compressed(file, **parts)  # pyright: ignore[reportArgumentType]
    return file


def test_products_and_weights_are_added(tmp_path: Path) -> None:
    left, right = np.array([[1], [2]], np.float16), np.array([[1, 0, -1]], np.float16)
    parts = {"a.weight.left": left, "a.weight.right": right, "a.bias": np.array([0.5, 0], np.float16)}
    found = adapted(SMALL, saved(tmp_path / "adapter.npz", **parts, **{"a.range": np.ones(3, np.float16)}))
    assert found["a.weight"].tolist() == [[2, 1, 0], [3, 1, -1]]
    assert found["a.bias"].tolist() == [0.5, 0]
    assert found["a.range"].tolist() == [1, 1, 1]
    assert all(value.dtype == np.float32 for value in found.values())
    assert (SMALL["a.weight"] == 1).all(), "what was given stays as it was"
    eight = {"a.weight.left": np.array([[2], [100]], np.int8), "a.weight.left.scale": np.array([[0.5], [0.02]])}
    assert adapted(SMALL, saved(tmp_path / "8.npz", **(parts | eight)))["a.weight"] == pytest.approx(found["a.weight"])


@pytest.mark.parametrize("parts", [{"c": np.zeros(1)}, {"a.bias": np.zeros(3)}, {"a.weight.left": np.zeros((2, 1))}])
def test_an_adapter_of_another_model_is_refused(tmp_path: Path, parts: dict[str, NDArray[Any]]) -> None:
    with pytest.raises(ModelError, match="not an adapter"):
        adapted(SMALL, saved(tmp_path / "adapter.npz", **parts))


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 and no more"])
def test_what_is_no_adapter_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "adapter.npz"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ModelError, match="not an adapter"):
        adapted(SMALL, file)


@pytest.mark.parametrize(
    ("file", "most"), [(ADAPTERS["sparse"], 150_000), (ADAPTERS["dense"], 1_000_000), (CROSS_ADAPTER, 3_000_000)]
)
def test_ours_are_small_and_of_finite_numbers(file: Path, most: int) -> None:
    assert file.stat().st_size < most
    with np.load(file) as changes:
        assert all(
            changes[one].dtype in (np.float16, np.int8) and np.isfinite(changes[one]).all() for one in changes.files
        )


@pytest.mark.parametrize("content", [None, b"", b"\xff" * 40, b"\x08\x00\x00\x00\x00\x00\x00\x00not json"])
def test_a_missing_or_broken_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "model"
    if content is not None:
        file.write_bytes(content)
    for read in (dense_weights, sparse_weights):
        with pytest.raises(ModelError, match="model' is not the"):
            read(file)


def test_quantised_weights_are_close() -> None:
    matrix = np.random.default_rng(1).normal(size=(8, 5)).astype(np.float32)
    values, scale, shrunk = quantised(matrix)
    assert np.abs(values * scale - matrix).max() <= np.abs(matrix).max() / 127
    assert shrunk is None


def test_inputs_of_very_different_ranges_are_rounded_more_finely() -> None:
    random = np.random.default_rng(1)
    matrix, ranges = random.standard_normal((64, 8)).astype(np.float32), np.ones(64, np.float32)
    ranges[3] = 30
    given = (random.uniform(-1, 1, (20, 64)) * ranges).astype(np.float32)

    def rounded(matrix: Floats, shrunk: Floats | None) -> Floats:
        inputs = given if shrunk is None else given * shrunk
        step = np.abs(inputs).max() / 127
        return np.rint(inputs / step) * step @ matrix

    errors: list[float] = []
    for known in (None, ranges):
        values, scale, shrunk = quantised(matrix, known)
        errors.append(float(np.abs(rounded(values * scale, shrunk) - given @ matrix).mean()))
    assert errors[1] < errors[0] / 2


def weights() -> Weights:
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


def in_floats(w: Weights, ids: NDArray[np.int32]) -> NDArray[np.float64]:
    """One text through the same encoder, in numpy."""

    def linear(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        x = x - x.mean(-1, keepdims=True)
        return x / np.sqrt((x * x).mean(-1, keepdims=True)) * w[f"{name}.gamma"] + w[f"{name}.beta"]

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
    graph = Graph(weights())
    encoder = session(graph.model(graph.bert("bert", HEADS), 3))
    texts = np.array([[3, 7, 9, 0, 0, 0], [11, 12, 13, 14, 15, 16]], np.int32)
    mask = np.array([[1, 1, 1, 0, 0, 0], [1] * 6], np.int32)
    found = encoder.run(None, {"ids": texts, "mask": mask, "types": np.zeros_like(texts)})[0]
    for row, length in ((0, 3), (1, 6)):
        expected = in_floats(weights(), texts[row, :length])
        mine = found[row, :length]
        cosine = (mine * expected).sum(-1) / np.linalg.norm(mine, axis=-1) / np.linalg.norm(expected, axis=-1)
        assert cosine.min() > 0.998


def test_the_first_state_alone_is_that_of_the_whole() -> None:
    fed = {
        "ids": np.array([[3, 7, 9, 0], [11, 12, 13, 14]], np.int32),
        "mask": np.array([[1, 1, 1, 0], [1] * 4], np.int32),
    }
    fed["types"] = np.zeros_like(fed["ids"])
    whole, first = (Graph(weights()) for _ in range(2))
    states = session(whole.model(whole.bert("bert", HEADS), 3)).run(None, fed)[0]
    mine = session(first.model(first.bert("bert", HEADS, first=True), 3)).run(None, fed)[0]
    assert np.allclose(mine[:, 0], states[:, 0], atol=0.1)  # each is rounded in its own steps


def test_a_cross_encoder_gives_odds() -> None:
    names = {name.replace("bert.", f"{DENSE}."): value for name, value in weights().items()}
    names |= {f"{CROSS_HEAD}.weight": np.ones((1, WIDTH), np.float32), f"{CROSS_HEAD}.bias": np.ones(1, np.float32)}
    with patch.object(encoder_files, "DENSE_HEADS", HEADS):
        model = cross(names)
    ids = np.array([[3, 7, 9]], np.int32)
    found = session(model).run(None, {"ids": ids, "mask": np.ones_like(ids), "types": np.zeros_like(ids)})[0]
    assert found.item() == pytest.approx(in_floats(weights(), ids[0])[0].sum() + 1, abs=0.6)
