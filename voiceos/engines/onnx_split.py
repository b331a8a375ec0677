"""Cuts an ONNX model, in memory, into parts that run one after the other.

The `onnx` package could do it, for 33 MB more on the disk. A model file is a list of fields, though, and all that a
cut needs is to leave some of them out.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# Numbers of fields in onnx.proto: of a model, of its graph, of a node; then of what has a name.
GRAPH = 7
NODE, INITIALIZER, INPUT, OUTPUT, VALUE_INFO = 1, 5, 11, 12, 13
NODE_INPUT, NODE_OUTPUT, NODE_TYPE = 1, 2, 4
NAME = {INITIALIZER: 8, INPUT: 1, OUTPUT: 1, VALUE_INFO: 1}

Named = dict[str, memoryview]
"""Fields as they stand in the file, by the name of what they hold."""


class NotAsExpected(Exception):
    """The model cannot be cut there."""


@dataclass(frozen=True)
class Node:
    field: memoryview
    inputs: Sequence[str]
    outputs: Sequence[str]
    constant: bool


@dataclass(frozen=True)
class Graph:
    nodes: Sequence[Node]
    named: dict[int, Named]


def split(model: bytes, weights: Sequence[str]) -> Iterator[bytes]:
    """One part more than there are `weights`: each but the first holds what depends on such a weight, up to the next.

    A part's inputs are what it needs of the one before, and its outputs what the next one needs. Raises NotAsExpected.
    """
    try:
        head = [(number, field, value) for number, field, value in fields(memoryview(model))]
        graph = _graph(next(value for number, _, value in head if number == GRAPH))
    except (IndexError, StopIteration, UnicodeDecodeError) as error:
        raise NotAsExpected("This is not an ONNX model.") from error
    rest = b"".join(field for number, field, _ in head if number != GRAPH)
    part_of = _parts(graph.nodes, weights)
    for number in range(len(weights) + 1):
        part = list(_part(graph, part_of, number))
        yield b"".join([rest, _key(GRAPH), _size(sum(map(len, part))), *part])


def _graph(data: memoryview) -> Graph:
    nodes: list[Node] = []
    named: dict[int, Named] = {kind: {} for kind in NAME}
    for number, field, value in fields(data):
        if number == NODE:
            nodes.append(_node(field, value))
        elif number in named:
            name = next((_text(part) for at, _, part in fields(value) if at == NAME[number]), "")
            named[number][name] = field
    return Graph(nodes, named)


def _node(field: memoryview, data: memoryview) -> Node:
    found: dict[int, list[str]] = {NODE_INPUT: [], NODE_OUTPUT: [], NODE_TYPE: []}
    for number, _, value in fields(data):
        if number in found:
            found[number].append(_text(value))
    return Node(field, found[NODE_INPUT], found[NODE_OUTPUT], found[NODE_TYPE] == ["Constant"])


def _parts(nodes: Sequence[Node], weights: Sequence[str]) -> list[int]:
    """The part of each node; in a model's list, nodes come after what they depend on."""
    found: list[int] = []
    made_in: dict[str, int] = {}
    for node in nodes:
        begins = [number for number, weight in enumerate(weights, 1) if weight in node.inputs]
        number = max([*begins, *(made_in.get(name, 0) for name in node.inputs)], default=0)
        made_in.update(dict.fromkeys(node.outputs, number))
        found.append(number)
    if set(found) != set(range(len(weights) + 1)):
        raise NotAsExpected(f"The model does not use {' and '.join(weights)} one after the other.")
    return found


def _part(graph: Graph, part_of: Sequence[int], number: int) -> Iterator[memoryview]:
    """The fields of one part's graph."""
    constants = {node.outputs[0]: node for node in graph.nodes if node.constant}  # made anew wherever they are used
    inside = [node for node, part in zip(graph.nodes, part_of, strict=True) if part == number and not node.constant]
    after = {name for node, part in zip(graph.nodes, part_of, strict=True) if part > number for name in node.inputs}
    made = {name for node in inside for name in node.outputs}
    used = dict.fromkeys(name for node in inside for name in node.inputs if name and name not in made)
    inner = graph.named[INITIALIZER].keys() | constants.keys()
    yield from (constants[name].field for name in used if name in constants)
    yield from (node.field for node in inside)
    yield from (graph.named[INITIALIZER][name] for name in used if name in graph.named[INITIALIZER])
    yield from _ports(graph, INPUT, (name for name in used if name not in inner))
    yield from _ports(graph, OUTPUT, (name for name in made if name in after or name in graph.named[OUTPUT]))


def _ports(graph: Graph, kind: int, names: Iterable[str]) -> Iterator[memoryview]:
    """Inputs or outputs of a part: those of the model, or what is known of a value within it."""
    for name in names:
        if name in graph.named[kind]:
            yield graph.named[kind][name]
        elif name in graph.named[VALUE_INFO]:
            field = graph.named[VALUE_INFO][name]
            yield memoryview(_key(kind) + bytes(field[1:]))  # a key of these numbers is one byte
        else:
            raise NotAsExpected(f"The model does not tell the type of {name}.")


def fields(data: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """Number, whole field and value of each field of a protobuf message. Raises IndexError where it is cut off."""
    at = 0
    while at < len(data):
        start = at
        key, at = varint(data, at)
        match key & 7:
            case 0:
                _, end = varint(data, at)
            case 1:
                end = at + 8
            case 2:
                size, at = varint(data, at)
                end = at + size
            case 5:
                end = at + 4
            case _:
                raise IndexError
        if end > len(data):
            raise IndexError
        yield key >> 3, data[start:end], data[at:end]
        at = end


def varint(data: memoryview, at: int) -> tuple[int, int]:
    """A number, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _size(value: int) -> bytes:
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _key(number: int) -> bytes:
    return bytes([number << 3 | 2])


def _text(value: memoryview) -> str:
    return str(value, "utf-8")
