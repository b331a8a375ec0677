"""BERT as an ONNX graph in eight-bit integers, built in memory from its weights: half the time of the same in floats.

The matrices of a linear layer are int8 with a scale for each column; what comes into them is quantised as it arrives.
Embeddings, norms and attention are in floats.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from voiceos.engines.onnx_build import CONTRIB, Builder
from voiceos.engines.weights import Weights

Floats = NDArray[np.float32]
EPSILON = 1e-12


SMOOTH = 0.65
"""How much of the difference between the ranges of a matrix's inputs is moved into the matrix."""


@dataclass(frozen=True)
class Matrix:
    """A linear layer: int8, inputs × outputs; multiplied by the scales of its columns; plus the bias."""

    values: NDArray[np.int8]
    scale: Floats
    bias: Floats
    shrunk: Floats | None = None
    """What each input is multiplied with before it is rounded."""


@dataclass(frozen=True)
class Norm:
    weight: Floats
    bias: Floats


@dataclass(frozen=True)
class Layer:
    """`inward`: query, key and value side by side."""

    inward: Matrix
    outward: Matrix
    wide: Matrix
    narrow: Matrix
    after_attention: Norm
    after_all: Norm


@dataclass(frozen=True)
class Bert:
    """The weights of an encoder."""

    words: Matrix
    """One word in each column of `values`' transpose: int8, words × width, with a scale for each word."""
    positions: Floats
    types: Floats
    first: Norm
    layers: Sequence[Layer]
    heads: int


def quantised(matrix: Floats, bias: Floats, ranges: Floats | None = None) -> Matrix:
    """`matrix`: inputs × outputs. `ranges`: how large each input becomes.

    All inputs are rounded in the same steps. So those with a large range are made smaller and their weights larger
    (SmoothQuant, Xiao et al. 2023), or few steps are left for the others.
    """
    shrunk = None
    if ranges is not None:
        larger = np.maximum(ranges, 1e-3) ** SMOOTH / np.maximum(np.abs(matrix).max(axis=1), 1e-3) ** (1 - SMOOTH)
        larger /= np.exp(np.log(larger).mean())
        matrix, shrunk = matrix * larger[:, np.newaxis], (1 / larger).astype(np.float32)
    scale = np.maximum(np.abs(matrix).max(axis=0), 1e-12) / 127
    return Matrix(np.rint(matrix / scale).astype(np.int8), scale.astype(np.float32), bias.astype(np.float32), shrunk)


def side_by_side(matrices: Iterable[Matrix]) -> Matrix:
    found = list(matrices)
    return Matrix(
        np.concatenate([one.values for one in found], axis=1),
        np.concatenate([one.scale for one in found]),
        np.concatenate([one.bias for one in found]),
    )


def from_floats(weights: Weights, heads: int, prefix: str = "bert.") -> Bert:
    """From the tensors of a BERT as its makers name them; a KeyError when one is missing."""
    named = {name.replace("gamma", "weight").replace("beta", "bias"): array for name, array in weights.items()}

    def linear(name: str) -> Matrix:
        return quantised(named[f"{name}.weight"].T, named[f"{name}.bias"])

    def norm(name: str) -> Norm:
        return Norm(named[f"{name}.weight"], named[f"{name}.bias"])

    def layer(name: str) -> Layer:
        inward = side_by_side(linear(f"{name}.attention.self.{one}") for one in ("query", "key", "value"))
        return Layer(
            inward,
            linear(f"{name}.attention.output.dense"),
            linear(f"{name}.intermediate.dense"),
            linear(f"{name}.output.dense"),
            norm(f"{name}.attention.output.LayerNorm"),
            norm(f"{name}.output.LayerNorm"),
        )

    words = named[f"{prefix}embeddings.word_embeddings.weight"]
    layers: list[Layer] = []
    while (name := f"{prefix}encoder.layer.{len(layers)}") + ".output.dense.bias" in named:
        layers.append(layer(name))
    return Bert(
        quantised(words.T, np.zeros(len(words), np.float32)),
        named[f"{prefix}embeddings.position_embeddings.weight"],
        named[f"{prefix}embeddings.token_type_embeddings.weight"],
        norm(f"{prefix}embeddings.LayerNorm"),
        layers,
        heads,
    )


def encoder(build: Builder, bert: Bert) -> str:
    """Adds the encoder, with its inputs `ids`, `types` and `mask`; gives its last hidden state.

    The inputs are int32, texts × tokens; `mask` is 1 for a token and 0 behind the end.
    """
    ids, types = build.input("ids", "int32", 2), build.input("types", "int32", 2)
    mask = build.input("mask", "int32", 2)
    values = build.node("Cast", build.node("Gather", _table(build, bert.words.values.T), ids), to=1)
    scale = build.node("Gather", build.weight(bert.words.scale[:, np.newaxis]), ids)
    hidden = build.node("Mul", values, scale)
    length = build.node("Slice", build.node("Shape", ids), *(build.weight(np.array([n])) for n in (1, 2)))
    from_start = [build.weight(np.array([0])), length, build.weight(np.array([0]))]
    hidden = build.node("Add", hidden, build.node("Slice", build.weight(bert.positions), *from_start))
    hidden = build.node("Add", hidden, build.node("Gather", build.weight(bert.types), types))
    hidden = norm(build, hidden, bert.first)
    for one in bert.layers:
        hidden = _layer(build, hidden, mask, one, bert.heads)
    return hidden


def linear(build: Builder, hidden: str, matrix: Matrix) -> str:
    if matrix.shrunk is not None:
        hidden = build.node("Mul", hidden, build.weight(matrix.shrunk))
    parts = (build.weight(matrix.values), build.weight(matrix.scale), "", build.weight(matrix.bias))
    return build.node("DynamicQuantizeMatMul", hidden, *parts, domain=CONTRIB)


def norm(build: Builder, hidden: str, one: Norm) -> str:
    parts = (build.weight(one.weight), build.weight(one.bias))
    return build.node("LayerNormalization", hidden, *parts, epsilon=EPSILON, axis=-1)


def gelu(build: Builder, hidden: str) -> str:
    return build.node("Gelu", hidden, domain=CONTRIB)


def _layer(build: Builder, hidden: str, mask: str, layer: Layer, heads: int) -> str:
    inward = linear(build, hidden, layer.inward)
    query = build.node("Split", inward, axis=-1, outputs=3)
    attended = build.node(
        "MultiHeadAttention", query, f"{query}/1", f"{query}/2", "", mask, domain=CONTRIB, num_heads=heads
    )
    hidden = _added(build, linear(build, attended, layer.outward), hidden, layer.after_attention)
    wide = gelu(build, linear(build, hidden, layer.wide))
    return _added(build, linear(build, wide, layer.narrow), hidden, layer.after_all)


def _added(build: Builder, new: str, hidden: str, one: Norm) -> str:
    parts = (build.weight(one.weight), build.weight(one.bias))
    return build.node("SkipLayerNormalization", new, hidden, *parts, domain=CONTRIB, epsilon=EPSILON)


def _table(build: Builder, array: NDArray[Any]) -> str:
    return build.weight(cast("NDArray[np.generic]", np.ascontiguousarray(array)))
