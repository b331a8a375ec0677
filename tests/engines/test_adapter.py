"""What was learnt is added to the weights of a foreign model."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from voiceos.engines import sentence_encoder, sparse_encoder
from voiceos.engines.adapter import adapted, digest
from voiceos.engines.sparse_encoder import ADAPTER, SparseEncoder
from voiceos.errors import ModelError

WEIGHTS = {"a.weight": np.ones((2, 3), np.float32), "a.bias": np.zeros(2, np.float32), "b": np.ones(1, np.float32)}


def test_products_and_weights_are_added(tmp_path: Path) -> None:
    left, right = np.array([[1], [2]], np.float16), np.array([[1, 0, -1]], np.float16)
    bias = np.array([0.5, 0], np.float16)
    file = tmp_path / "adapter.npz"
    np.savez_compressed(file, **{"a.weight.left": left, "a.weight.right": right, "a.bias": bias})  # pyright: ignore[reportArgumentType]
    found = adapted(WEIGHTS, file)
    assert found["a.weight"].tolist() == [[2, 1, 0], [3, 1, -1]]
    assert found["a.bias"].tolist() == [0.5, 0]
    assert found["b"] is WEIGHTS["b"]
    assert all(value.dtype == np.float32 for value in found.values())
    assert (WEIGHTS["a.weight"] == 1).all(), "what was given stays as it was"


@pytest.mark.parametrize("changes", [{"c": np.zeros(1)}, {"b": np.zeros(2)}, {"a.weight.left": np.zeros((2, 1))}])
def test_an_adapter_of_another_model_is_refused(tmp_path: Path, changes: dict[str, np.ndarray]) -> None:
    file = tmp_path / "adapter.npz"
    np.savez_compressed(file, **changes)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ModelError, match="not an adapter"):
        adapted(WEIGHTS, file)


def test_what_is_no_adapter_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "adapter.npz"
    with pytest.raises(ModelError, match="not an adapter"):
        adapted(WEIGHTS, file)
    file.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(ModelError, match="not an adapter"):
        adapted(WEIGHTS, file)


def test_adapters_are_told_apart(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"1")
    other.write_bytes(b"2")
    assert digest(one) != digest(other)
    assert digest(one) == digest(one)


@pytest.mark.parametrize(("ours", "most"), [(sparse_encoder.ADAPTER, 150_000), (sentence_encoder.ADAPTER, 1_000_000)])
def test_ours_are_small_and_of_finite_numbers(ours: Path, most: int) -> None:
    assert ours.stat().st_size < most
    with np.load(ours) as changes:
        assert all(changes[name].dtype == np.float16 and np.isfinite(changes[name]).all() for name in changes.files)


@pytest.mark.engines
def test_ours_fits_the_sparse_encoder_and_changes_it(model_path: Callable[[str], Path]) -> None:
    folder = model_path("memory-en")
    model, tokens = folder / "sparse.safetensors", folder / "tokenizer.json"
    text = ["What does her brother do for a living?"]
    (plain,), (learnt,) = (SparseEncoder(model, tokens, adapter=one).encode(text) for one in (None, ADAPTER))
    shared = np.intersect1d(plain.words, learnt.words)
    assert len(shared) > 0.5 * len(plain.words)
    assert plain.weights.tolist() != learnt.weights.tolist()
