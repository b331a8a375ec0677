"""Meaning as a vector: MiniLM, in eight-bit integers, on one thread."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voiceos.engines.adapter import misfit, read_adapter
from voiceos.engines.bert import Bert, Layer, Matrix, Norm, encoder, quantised
from voiceos.engines.onnx import open_built
from voiceos.engines.onnx_build import Builder
from voiceos.engines.pieces import Pieces
from voiceos.engines.weights import Weights, read_onnx
from voiceos.errors import ModelError

ADAPTER = Path(__file__).with_name("sentence_adapter.npz")
"""What was learnt on talk (`benchmarks/train_encoders.py`), added to the float weights before they are quantised; and
how large the inputs of the matrices become there (`NAME.range`)."""
WIDTH = 384
HEADS = 12
LAYERS = 6
TOKENS = 128
"""What is read of a text: about a hundred words."""
BATCH = 16


class SentenceEncoder:
    """all-MiniLM-L6-v2. May be called from any thread, one call at a time works. Raises ModelError.

    `model`: its weights, int8 in an ONNX file whose graph is not used (it turns them into floats and computes with
    these). `tokens`: its tokenizer.json. Without an `adapter` it is as its makers trained it. Questions and passages
    need the same one.
    """

    def __init__(self, model: Path, tokens: Path, *, adapter: Path | None = ADAPTER, threads: int = 1) -> None:
        self._pieces = Pieces(tokens, TOKENS)
        self._session = open_built(_graph(read_bert(model, adapter)), model, threads=threads)
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """A vector of length 1 and width 384 for each text. Blocks: a few milliseconds for a question."""
        found = np.empty((len(texts), WIDTH), np.float32)
        with self._lock:
            for rows, feed in self._pieces.batches(texts, BATCH):
                found[rows] = self._session.run(None, feed)[0]
        return found


def _graph(bert: Bert) -> bytes:
    """The mean of the last hidden states of a text's tokens, made to have length 1."""
    build = Builder()
    hidden = encoder(build, bert)
    present = build.node("Unsqueeze", build.node("Cast", "mask", to=1), build.weight(np.array([1])))
    total = build.node("Squeeze", build.node("MatMul", present, hidden), build.weight(np.array([1])))
    build.output(build.node("LpNormalization", total, axis=-1, p=2), "float32", 2)
    return build.model()


def read_bert(path: Path, adapter: Path | None = None) -> Bert:
    """The file names its matrices by number only, in the order of their use; the rest is named as its makers do."""
    weights = read_onnx(path)
    changes = read_adapter(adapter) if adapter else {}
    try:
        bert = _named(weights, changes)
    except (KeyError, IndexError, ValueError) as error:
        raise ModelError(f"'{path}' is not the sentence encoder that is needed here.") from error
    if adapter and changes:
        raise misfit(adapter)
    return bert


def _named(weights: Weights, changes: Weights) -> Bert:
    """Takes those changes away that it has made."""
    matrices = iter([name[:-2] for name in weights if name.startswith("val_") and name.endswith("_q")])

    def changed(name: str) -> NDArray[np.float32]:
        return weights[name] + changes.pop(name, np.float32(0))

    def linear(*names: str) -> Matrix:
        """One matrix, or some side by side that have the same inputs."""
        parts = [next(matrices, "") for _ in names]
        bias = np.concatenate([changed(f"{name}.bias") for name in names])
        values = np.concatenate([weights[f"{one}_q"] for one in parts], axis=1)
        scale = np.concatenate([weights[f"{one}_scale"].reshape(-1) for one in parts])
        if not changes.keys() >= {f"{name}.weight" for name in names}:
            return Matrix(values, scale, bias)
        change = np.concatenate([changes.pop(f"{name}.weight") for name in names])
        return quantised(values * scale + change.T, bias, changes.pop(f"{names[0]}.range", None))

    def norm(name: str) -> Norm:
        return Norm(changed(f"{name}.weight"), changed(f"{name}.bias"))

    def layer(name: str) -> Layer:
        return Layer(
            linear(*(f"{name}.attention.self.{one}" for one in ("query", "key", "value"))),
            linear(f"{name}.attention.output.dense"),
            linear(f"{name}.intermediate.dense"),
            linear(f"{name}.output.dense"),
            norm(f"{name}.attention.output.LayerNorm"),
            norm(f"{name}.output.LayerNorm"),
        )

    start = "inner.embeddings"
    words = weights[f"{start}.word_embeddings.weight_q"].T
    positions = weights[f"{start}.position_embeddings.weight_q"].astype(np.float32)
    return Bert(
        Matrix(words, weights[f"{start}.word_embeddings.weight_scale"].reshape(-1), np.zeros(0, np.float32)),
        positions * weights[f"{start}.position_embeddings.weight_scale"],
        weights[f"{start}.token_type_embeddings.weight"],
        norm(f"{start}.LayerNorm"),
        [layer(f"inner.encoder.layer.{number}") for number in range(LAYERS)],
        HEADS,
    )
