"""Builds the memory's encoders from their fetched weights: adapted to talk, and rounded to eight bits.

The matrices of linear layers become int8 with a scale per column, and their inputs are rounded as they arrive, which
halves the time. Embeddings, norms and attention stay in floats. See ADR 20.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from voiceos.errors import ModelError

Weights = dict[str, NDArray[Any]]
DENSE_HEADS, DENSE_LAYERS = 12, 6
SPARSE_HEADS = 2
DENSE, SPARSE = "inner", "bert"
"""How the names of an encoder's weights begin."""
LINEAR = (
    *(f"attention.self.{one}" for one in ("query", "key", "value")),
    *("attention.output.dense", "intermediate.dense", "output.dense"),
)
"""The matrices of a layer, in the order of their use."""
HEAD = "cls.predictions.transform"
CROSS_HEAD = "head"
"""What the cross-encoder has beside the weights of bge-small: a row that gives the log odds."""
SMOOTH = 0.65
"""How much of the difference between the ranges of a matrix's inputs moves into the matrix."""
CONTRIB = "com.microsoft"
"""The domain of onnxruntime's own operators."""


def build(parts: Path, into: Path, adapters: Mapping[str, Path]) -> None:
    """Writes `dense.onnx` and `sparse.onnx`, whose inputs are `ids`, `types` and `mask`: int32, texts × tokens.

    `parts` holds `dense.onnx` (MiniLM), `sparse.safetensors` (SPLADE-tiny) and `tokenizer.json`, which is copied.
    An encoder without an adapter of its name stays as its makers trained it. Raises ModelError for other models.
    """
    import onnx

    onnx.save(dense(adapted(dense_weights(parts / "dense.onnx"), adapters.get("dense"))), into / "dense.onnx")
    onnx.save(
        sparse(adapted(sparse_weights(parts / "sparse.safetensors"), adapters.get("sparse"))), into / "sparse.onnx"
    )
    (into / "tokenizer.json").write_bytes((parts / "tokenizer.json").read_bytes())


def build_cross(reader: Path, into: Path, adapter: Path) -> None:
    """Writes `cross.onnx`, which has the same inputs. Raises ModelError if `reader` is not bge-small."""
    import onnx

    onnx.save(cross(adapted(cross_weights(reader), adapter)), into / "cross.onnx")


def dense_weights(file: Path) -> Weights:
    """The weights of all-MiniLM-L6-v2 as floats, outputs × inputs, out of an ONNX file in eight bits.

    The file only numbers its matrices, in the order of their use. The rest has its makers' names.
    """
    import onnx

    try:
        stored = {one.name: onnx.numpy_helper.to_array(one) for one in onnx.load(file).graph.initializer}
        numbered = iter([name[:-2] for name in stored if name.startswith("val_") and name.endswith("_q")])
        found: Weights = {
            name: value
            for name, value in stored.items()
            if name.startswith(f"{DENSE}.") and name.endswith((".weight", ".bias"))
        }
        for name in [f"{DENSE}.encoder.layer.{layer}.{one}" for layer in range(DENSE_LAYERS) for one in LINEAR]:
            matrix = next(numbered)
            found[f"{name}.weight"] = (stored[f"{matrix}_q"] * stored[f"{matrix}_scale"].reshape(-1)).T
        for name in [f"{DENSE}.embeddings.{one}_embeddings.weight" for one in ("word", "position")]:
            found[name] = stored[f"{name}_q"] * stored[f"{name}_scale"]
    except Exception as error:  # protobuf's errors, and missing parts of a foreign model
        raise ModelError(f"'{file}' is not the sentence encoder voiceos needs.") from error
    return found


def cross_weights(file: Path) -> Weights:
    """Those of bge-small-en-v1.5 in floats, outputs × inputs, with an empty row for the log odds.

    The file names its matrices after the products in which they are used.
    """
    import onnx

    try:
        graph = onnx.load(file).graph
        stored = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
        found: Weights = {
            f"{DENSE}.{name}": value
            for name, value in stored.items()
            if name.startswith(("embeddings.", "encoder.")) and name.endswith((".weight", ".bias"))
        }
        for node in graph.node:
            if node.op_type == "MatMul" and node.input[1] in stored:
                name = node.name.removeprefix("/").removesuffix("/MatMul").replace("/", ".")
                found[f"{DENSE}.{name}.weight"] = stored[node.input[1]].T
        width = found[f"{DENSE}.embeddings.LayerNorm.bias"].shape[0]
    except Exception as error:  # protobuf's errors, and missing parts of a foreign model
        raise ModelError(f"'{file}' is not the reader voiceos needs.") from error
    return found | {
        f"{CROSS_HEAD}.weight": np.zeros((1, width), np.float32),
        f"{CROSS_HEAD}.bias": np.zeros(1, np.float32),
    }


def sparse_weights(file: Path) -> Weights:
    """The weights of SPLADE-tiny."""
    from safetensors.numpy import load_file

    try:
        return load_file(file)
    except Exception as error:  # safetensors' errors have no base but this
        raise ModelError(f"'{file}' is not the sparse encoder voiceos needs.") from error


def adapted(weights: Weights, adapter: Path | None) -> Weights:
    """The weights with what was learnt added. Raises ModelError for an adapter of another model.

    An adapter is an .npz file of float16: what is added to a weight has its name, or is the product of two small
    matrices, `NAME.left` and `NAME.right`. `NAME.range`, how large the inputs of a matrix become, is kept as it is.
    A small matrix may be in int8, with `….scale` for each of its rows.
    """
    if adapter is None:
        return weights
    try:
        with adapter.open("rb") as file, np.load(file, allow_pickle=False) as parts:
            learnt = {name: parts[name].astype(np.float32) for name in parts.files}
        for name in [name for name in learnt if name.endswith(".scale")]:
            learnt[name.removesuffix(".scale")] *= learnt.pop(name)
        found = weights | {name: value for name, value in learnt.items() if name.endswith(".range")}
        for name, value in learnt.items():
            if name.endswith(".left"):
                name = name.removesuffix(".left")
                value = value @ learnt[f"{name}.right"]
            elif name.endswith((".right", ".range")):
                continue
            if found[name].shape != value.shape:
                raise ValueError(name)
            found[name] = found[name] + value
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
        raise ModelError(f"'{adapter}' is not an adapter for this model. Reinstall voiceos.") from error
    return found


def quantised(
    matrix: NDArray[np.float32], ranges: NDArray[np.float32] | None = None
) -> tuple[NDArray[np.int8], NDArray[np.float32], NDArray[np.float32] | None]:
    """`matrix`, inputs × outputs, in int8, the scale of each column, and the factor for each input.

    All inputs are rounded in the same steps. Inputs with a large range (`ranges`: how large each becomes) would leave
    few steps for the others, so they are made smaller and their weights larger (SmoothQuant, Xiao et al. 2023).
    """
    shrunk = None
    if ranges is not None:
        larger = np.maximum(ranges, 1e-3) ** SMOOTH / np.maximum(np.abs(matrix).max(axis=1), 1e-3) ** (1 - SMOOTH)
        larger /= np.exp(np.log(larger).mean())
        matrix, shrunk = matrix * larger[:, np.newaxis], (1 / larger).astype(np.float32)
    scale = np.maximum(np.abs(matrix).max(axis=0), 1e-12) / 127
    return np.rint(matrix / scale).astype(np.int8), scale.astype(np.float32), shrunk


class Graph:
    """An ONNX graph that grows: each call adds a constant or a node, and gives the name of its result."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._constants: list[Any] = []
        self._nodes: list[Any] = []

    def constant(self, array: NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def weight(self, name: str) -> str:
        return self.constant(self._weights[name])

    def node(self, operator: str, *inputs: str, domain: str = "", outputs: int = 1, **attributes: Any) -> str:
        """The name of the node's first output; the others are named after it, "/1" and so on."""
        from onnx import helper

        name = f"n{len(self._nodes)}"
        names = [name, *(f"{name}/{n}" for n in range(1, outputs))]
        self._nodes.append(helper.make_node(operator, inputs, names, domain=domain, **attributes))
        return name

    def linear(self, hidden: str, *names: str, bias: str = "") -> str:
        """A linear layer, or several side by side with the same inputs."""
        matrix = np.concatenate([self._weights[f"{name}.weight"].T for name in names], axis=1)
        values, scale, shrunk = quantised(matrix, self._weights.get(f"{names[0]}.range"))
        if shrunk is not None:
            hidden = self.node("Mul", hidden, self.constant(shrunk))
        added = np.concatenate([self._weights[bias or f"{name}.bias"] for name in names])
        # Unsigned: products of unsigned with signed numbers saturate on processors with AVX2 but without VNNI.
        unsigned, zero = (values.astype(np.int16) + 128).astype(np.uint8), np.full(len(scale), 128, np.uint8)
        parts = (self.constant(one) for one in (unsigned, scale, zero, added))
        return self.node("DynamicQuantizeMatMul", hidden, *parts, domain=CONTRIB)

    def norm(self, name: str, hidden: str, *added: str) -> str:
        """Layer normalisation of the sum of `hidden` and `added`."""
        names = ("gamma", "beta") if f"{name}.gamma" in self._weights else ("weight", "bias")
        parts = (hidden, *added, *(self.weight(f"{name}.{one}") for one in names))
        if added:
            return self.node("SkipLayerNormalization", *parts, domain=CONTRIB, epsilon=1e-12)
        return self.node("LayerNormalization", *parts, epsilon=1e-12, axis=-1)

    def gelu(self, hidden: str) -> str:
        return self.node("Gelu", hidden, domain=CONTRIB)

    def bert(self, start: str, heads: int, *, first: bool = False) -> str:
        """The last hidden state of each token; only of each text's `first` one, which saves most of the last layer."""
        hidden = self._embedded(f"{start}.embeddings")
        layers = [f"{start}.encoder.layer.{layer}" for layer in range(self._layers(start))]
        for name in layers:
            inward = self.linear(hidden, *(f"{name}.{one}" for one in LINEAR[:3]))
            split = self.node("Split", inward, axis=-1, outputs=3)
            query, key, value = split, f"{split}/1", f"{split}/2"
            if first and name == layers[-1]:
                query, hidden = (self.node("Slice", one, *self._of_first()) for one in (query, hidden))
            attended = self.node("MultiHeadAttention", query, key, value, "", "mask", domain=CONTRIB, num_heads=heads)
            outward = self.linear(attended, f"{name}.attention.output.dense")
            hidden = self.norm(f"{name}.attention.output.LayerNorm", outward, hidden)
            wide = self.gelu(self.linear(hidden, f"{name}.intermediate.dense"))
            hidden = self.norm(f"{name}.output.LayerNorm", self.linear(wide, f"{name}.output.dense"), hidden)
        return hidden

    def _layers(self, start: str) -> int:
        return sum(
            name.startswith(f"{start}.encoder") and name.endswith(".intermediate.dense.bias") for name in self._weights
        )

    def _of_first(self) -> list[str]:
        """Start, end and axis of a text's first token."""
        return [self.constant(np.array([number])) for number in (0, 1, 1)]

    def _embedded(self, name: str) -> str:
        words, scale, _ = quantised(self._weights[f"{name}.word_embeddings.weight"].T)
        values = self.node("Cast", self.node("Gather", self.constant(words.T), "ids"), to=1)
        hidden = self.node("Mul", values, self.node("Gather", self.constant(scale[:, np.newaxis]), "ids"))
        zero, one, two = (self.constant(np.array([number])) for number in range(3))
        length = self.node("Slice", self.node("Shape", "ids"), one, two)
        positions = self.node("Slice", self.weight(f"{name}.position_embeddings.weight"), zero, length, zero)
        hidden = self.node("Add", hidden, positions)
        types = self.node("Gather", self.weight(f"{name}.token_type_embeddings.weight"), "types")
        return self.norm(f"{name}.LayerNorm", self.node("Add", hidden, types))

    def model(self, output: str, rank: int) -> Any:
        """The finished model."""
        from onnx import TensorProto, helper

        def port(name: str, kind: int, rank: int) -> Any:
            return helper.make_tensor_value_info(name, kind, [None] * rank)

        inputs = [port(name, TensorProto.INT32, 2) for name in ("ids", "types", "mask")]
        outputs = [port(output, TensorProto.FLOAT, rank)]
        graph = helper.make_graph(self._nodes, "encoder", inputs, outputs, self._constants)
        sets = [helper.make_opsetid("", 17), helper.make_opsetid(CONTRIB, 1)]
        return helper.make_model(graph, opset_imports=sets, ir_version=8)


def dense(weights: Weights) -> Any:
    """The mean of the last hidden states of a text's tokens, scaled to length 1."""
    graph = Graph(weights)
    hidden = graph.bert(DENSE, DENSE_HEADS)
    one = graph.constant(np.array([1]))
    present = graph.node("Unsqueeze", graph.node("Cast", "mask", to=1), one)
    total = graph.node("Squeeze", graph.node("MatMul", present, hidden), one)
    return graph.model(graph.node("LpNormalization", total, axis=-1, p=2), 2)


def cross(weights: Weights) -> Any:
    """The log odds that a text answers the question with which it comes, from the state of the pair's first token."""
    graph = Graph(weights)
    first = graph.node("Squeeze", graph.bert(DENSE, DENSE_HEADS, first=True), graph.constant(np.array([1])))
    head = (graph.constant(weights[f"{CROSS_HEAD}.weight"].T), graph.weight(f"{CROSS_HEAD}.bias"))
    return graph.model(graph.node("Gemm", first, *head), 2)


def sparse(weights: Weights) -> Any:
    """The score that each token of a text gives to each word of the vocabulary. The highest counts.

    The caller finds it: onnxruntime's ReduceMax takes longer than everything else but the last product.
    """
    words = "bert.embeddings.word_embeddings"
    graph = Graph(weights)
    hidden = graph.gelu(graph.linear(graph.bert(SPARSE, SPARSE_HEADS), f"{HEAD}.dense"))
    hidden = graph.norm(f"{HEAD}.LayerNorm", hidden)
    return graph.model(graph.linear(hidden, words, bias="cls.predictions.bias"), 3)
