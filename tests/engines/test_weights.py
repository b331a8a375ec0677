"""Weights out of foreign files, whole or broken."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voiceos.engines.onnx_build import Builder
from voiceos.engines.weights import read_onnx, read_safetensors
from voiceos.errors import ModelError


def safetensors(head: object, data: bytes = b"") -> bytes:
    text = json.dumps(head).encode()
    return len(text).to_bytes(8, "little") + text + data


def test_safetensors(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    data = np.arange(6, dtype=np.float32)
    head = {"__metadata__": {"format": "pt"}, "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
    file.write_bytes(safetensors(head, data.tobytes()))
    found = read_safetensors(file)
    assert list(found) == ["a"]
    assert (found["a"] == data.reshape(2, 3)).all()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 40,
        safetensors([1]),
        safetensors({"a": 1}),
        safetensors({"a": {"dtype": "F32", "shape": [9], "data_offsets": [0, 36]}}, b"short"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(content)
    with pytest.raises(ModelError, match=r"model.safetensors' is damaged"):
        read_safetensors(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is missing"):
        read_onnx(tmp_path / "none.onnx")


def test_constants_of_onnx(tmp_path: Path) -> None:
    build = Builder()
    name = build.weight(np.arange(4, dtype=np.int8).reshape(2, 2))
    file = tmp_path / "model.onnx"
    file.write_bytes(build.model())
    assert read_onnx(file)[name].tolist() == [[0, 1], [2, 3]]


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(content)
    try:
        read_onnx(file)
    except ModelError:
        return
