"""Meaning as a vector: MiniLM, in eight-bit integers, on one thread."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voiceos.engines.adapter import misfit, read_adapter
from voiceos.engines.bert import Bert, Layer, Matrix, Norm, encoder, quantised, side_by_side
from voiceos.engines.onnx import open_built
from voiceos.engines.onnx_build import Builder
from voiceos.engines.pieces import Pieces
from voiceos.engines.weights import Weights, read_onnx
from voiceos.errors import ModelError

QUESTIONS = Path(__file__).with_name("sentence_adapter.npz")
"""What was learnt for questions (`benchmarks/train_encoders.py`), added to the float weights before they are quantised.
Passages are encoded without it: their vectors stay valid."""
WIDTH = 384
HEADS = 12
LAYERS = 6
TOKENS = 128
"""What is read of a text: about a hundred words."""
BATCH = 16


class SentenceEncoder:
    """all-MiniLM-L6-v2. May be called from any thread, one call at a time works. Raises ModelError.

    `model`: its weights, int8 in an ONNX file whose graph is not used (it turns them into floats and computes with
    these). `tokens`: its tokenizer.json. With the adapter `QUESTIONS` it is one for questions, whose vectors are near
    those that one without gives for the passages that answer them.
    """

    def __init__(self, model: Path, tokens: Path, *, adapter: Path | None = None, threads: int = 1) -> None:
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

    def linear(name: str) -> Matrix:
        number, bias = next(matrices, ""), changed(f"{name}.bias")
        values, scale = weights[f"{number}_q"], weights[f"{number}_scale"].reshape(-1)
        if (change := changes.pop(f"{name}.weight", None)) is None:
            return Matrix(values, scale, bias)
        return quantised(values * scale + change.T, bias)

    def norm(name: str) -> Norm:
        return Norm(changed(f"{name}.weight"), changed(f"{name}.bias"))

    def layer(name: str) -> Layer:
        inward = side_by_side([linear(f"{name}.attention.self.{one}") for one in ("query", "key", "value")])
        return Layer(
            inward,
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
