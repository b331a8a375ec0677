"""Writes an ONNX model in memory, node by node: what the `onnx` package does, for the few things that we need."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

# Numbers of fields in onnx.proto.
MODEL_IR, MODEL_GRAPH, MODEL_OPSET = 1, 7, 8
OPSET_DOMAIN, OPSET_VERSION = 1, 2
GRAPH_NODE, GRAPH_NAME, GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_OUTPUT = 1, 2, 5, 11, 12
NODE_INPUT, NODE_OUTPUT, NODE_TYPE, NODE_ATTRIBUTE, NODE_DOMAIN = 1, 2, 4, 5, 7
ATTRIBUTE_NAME, ATTRIBUTE_FLOAT, ATTRIBUTE_INT, ATTRIBUTE_INTS, ATTRIBUTE_TYPE = 1, 2, 3, 8, 20
TENSOR_DIMS, TENSOR_TYPE, TENSOR_NAME, TENSOR_RAW = 1, 2, 8, 9
FLOAT, INT, INTS = 1, 2, 7
TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}
IR_VERSION, OPSET = 8, 17
CONTRIB = "com.microsoft"
"""The domain of onnxruntime's own operators."""

Attribute = int | float | Sequence[int]


@dataclass
class Builder:
    """A graph that grows: each call adds a node or a weight and gives the name of its result."""

    _fields: list[bytes] = field(default_factory=list[bytes])
    _ports: list[bytes] = field(default_factory=list[bytes])
    _count: int = 0

    def input(self, name: str, kind: str, rank: int) -> str:
        """An input with so many axes of any length. `kind`: a numpy type's name."""
        self._ports.append(_inside(GRAPH_INPUT, _port(name, kind, rank)))
        return name

    def output(self, name: str, kind: str, rank: int) -> None:
        self._ports.append(_inside(GRAPH_OUTPUT, _port(name, kind, rank)))

    def weight(self, array: NDArray[np.generic]) -> str:
        """A constant tensor."""
        name = self._name()
        dims = b"".join(_number(TENSOR_DIMS, size) for size in array.shape)
        raw = _inside(TENSOR_RAW, np.ascontiguousarray(array).tobytes())
        kind = _number(TENSOR_TYPE, TYPES[str(array.dtype)])
        self._fields.append(_inside(GRAPH_INITIALIZER, dims + kind + _text(TENSOR_NAME, name) + raw))
        return name

    def node(self, operator: str, *inputs: str, domain: str = "", outputs: int = 1, **attributes: Attribute) -> str:
        """The name of the node's first output; the others are named after it, "/1" and so on."""
        name = self._name()
        names = [name, *(f"{name}/{n}" for n in range(1, outputs))]
        parts = [_text(NODE_INPUT, one) for one in inputs] + [_text(NODE_OUTPUT, one) for one in names]
        parts += [_text(NODE_TYPE, operator), _text(NODE_DOMAIN, domain)]
        parts += [_inside(NODE_ATTRIBUTE, _attribute(key, value)) for key, value in attributes.items()]
        self._fields.append(_inside(GRAPH_NODE, b"".join(parts)))
        return name

    def model(self) -> bytes:
        """The finished model, as it would stand in a file."""
        graph = b"".join([*self._fields, _text(GRAPH_NAME, "built"), *self._ports])
        versions = (("", OPSET), (CONTRIB, 1))
        sets = (_inside(MODEL_OPSET, _text(OPSET_DOMAIN, d) + _number(OPSET_VERSION, v)) for d, v in versions)
        return b"".join([_number(MODEL_IR, IR_VERSION), *sets, _inside(MODEL_GRAPH, graph)])

    def _name(self) -> str:
        self._count += 1
        return f"v{self._count}"


def _attribute(name: str, value: Attribute) -> bytes:
    start = _text(ATTRIBUTE_NAME, name)
    if isinstance(value, float):
        fixed = bytes([ATTRIBUTE_FLOAT << 3 | 5]) + np.float32(value).tobytes()
        return start + fixed + _number(ATTRIBUTE_TYPE, FLOAT)
    if isinstance(value, int):
        return start + _number(ATTRIBUTE_INT, value) + _number(ATTRIBUTE_TYPE, INT)
    return start + b"".join(_number(ATTRIBUTE_INTS, one) for one in value) + _number(ATTRIBUTE_TYPE, INTS)


def _port(name: str, kind: str, rank: int) -> bytes:
    """A ValueInfoProto whose axes are unknown."""
    shape = b"".join(_inside(1, b"") for _ in range(rank))
    tensor = _number(1, TYPES[kind]) + _inside(2, shape)
    return _text(1, name) + _inside(2, _inside(1, tensor))


def _text(number: int, value: str) -> bytes:
    return _inside(number, value.encode())


def _inside(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value & 0xFFFF_FFFF_FFFF_FFFF)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])
