"""The house stays as it was planned: rooms import downwards only, and importing them does no work."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "voiceos"

BELOW: dict[str, set[str]] = {
    "errors": set(),
    "core": set(),
    "clock": set(),
    "config": {"errors"},
    "language": set(),
    "models": {"errors", "core", "config"},
    "audio": {"errors", "core", "config"},
    "engines": {"errors", "core", "config", "models"},
    "listen": {"errors", "core", "config"},
    "store": {"errors", "core", "clock", "config", "memory"},
    "memory": {"errors", "core", "config", "clock", "models", "engines", "store"},
    "mind": {"errors", "core", "clock", "config", "engines", "memory", "store"},
    "upkeep": {"clock", "errors", "core", "config", "models", "memory", "mind", "store"},
    "dialogue": {"errors", "core", "config", "language", "audio", "listen", "mind"},
    "host": {"clock", "config", "core", "dialogue", "errors", "memory", "mind", "store", "upkeep"},
}
"""Which rooms each room may import. `app`, `daemon` and `cli` stand above all of them."""


def rooms_imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("voiceos"):
            parts = node.module.split(".")
            names |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("voiceos.")}
    return names


@pytest.mark.parametrize("room", BELOW)
def test_rooms_import_downwards_only(room: str) -> None:
    files = [PACKAGE / f"{room}.py"] if (PACKAGE / f"{room}.py").exists() else sorted((PACKAGE / room).rglob("*.py"))
    assert files
    for file in files:
        assert rooms_imported(file) <= BELOW[room] | {room}, file


def test_only_the_faces_know_the_composition_root() -> None:
    knowing = {file.parent.name for file in PACKAGE.rglob("*.py") if "app" in rooms_imported(file)}
    assert knowing <= {"cli", "voiceos"}


def test_importing_the_assistant_loads_no_engine() -> None:
    heavy = ("faster_whisper", "ctranslate2", "onnxruntime", "piper", "openai", "sounddevice", "xllamacpp", "webrtcvad")
    script = f"import sys, voiceos.app; print(*[name for name in {heavy} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert shown.stdout.split() == []
