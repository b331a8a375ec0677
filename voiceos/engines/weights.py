"""Reads the weights of foreign models as plain numbers: safetensors, and the constants of an ONNX file.

Nothing in such a file is ever run; pickles are not read at all.
"""

import json
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from voiceos.engines.onnx_split import GRAPH, INITIALIZER, fields, varint
from voiceos.errors import ModelError

Weights = dict[str, NDArray[Any]]

_SAFETENSORS = {"F32": np.float32, "F16": np.float16, "I8": np.int8, "U8": np.uint8, "I32": np.int32, "I64": np.int64}
_ONNX = {1: np.float32, 2: np.uint8, 3: np.int8, 6: np.int32, 7: np.int64, 10: np.float16}
_DIMS, _TYPE, _NAME, _RAW = 1, 2, 8, 9
_LONGEST_HEAD = 100_000_000


def read_safetensors(path: Path) -> Weights:
    """Name and tensor, views of the file in memory. Raises ModelError."""
    data = _bytes(path)
    try:
        size = int.from_bytes(data[:8], "little")
        if size > _LONGEST_HEAD:
            raise ValueError(size)
        head = cast("dict[str, dict[str, Any]]", json.loads(bytes(data[8 : 8 + size])))
        return {
            name: _tensor(data[8 + size :], _SAFETENSORS[entry["dtype"]], entry["shape"], *entry["data_offsets"])
            for name, entry in head.items()
            if name != "__metadata__" and entry["dtype"] in _SAFETENSORS
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path) from error


def read_onnx(path: Path) -> Weights:
    """Name and value of each constant of an ONNX model, in the file's order. Raises ModelError."""
    data = _bytes(path)
    found: Weights = {}
    try:
        graph = next(value for number, _, value in fields(data) if number == GRAPH)
        for number, _, value in fields(graph):
            if number == INITIALIZER:
                _initializer(value, found)
    except (ValueError, KeyError, IndexError, StopIteration) as error:
        raise _damaged(path) from error
    return found


def _initializer(data: memoryview, found: Weights) -> None:
    dims, kind, name, raw = list[int](), 0, "", None
    for number, _, value in fields(data):
        if number == _DIMS:
            dims.append(varint(value, 0)[0])
        elif number == _TYPE:
            kind = varint(value, 0)[0]
        elif number == _NAME:
            name = str(value, "utf-8")
        elif number == _RAW:
            raw = value
    if raw is not None and kind in _ONNX:  # small ones may stand elsewhere: none of them is a weight
        found[name] = _tensor(raw, _ONNX[kind], dims, 0, len(raw))


def _tensor(data: memoryview, kind: type[np.generic], shape: list[int], start: int, end: int) -> NDArray[Any]:
    return np.frombuffer(data[start:end], kind).reshape(shape)


def _bytes(path: Path) -> memoryview:
    try:
        return memoryview(path.read_bytes())
    except FileNotFoundError as error:
        raise ModelError(f"The model file '{path}' is missing: run `voiceos models pull`.") from error
    except OSError as error:
        raise ModelError(f"The model file '{path}' cannot be read ({error.strerror}).") from error


def _damaged(path: Path) -> ModelError:
    return ModelError(f"The model file '{path}' is damaged: run `voiceos models verify`.")
