"""The house stays as it was planned: imports go downwards only, between rooms and between files, and do no work."""

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "voiceos"

FLOORS = (
    *(
        "data",
        "errors",
        "plugins",
        "clock",
        "lookups",
        "core",
        "protocols",
        "config",
        "language",
        "models",
        "audio",
        "engines",
        "listen",
    ),
    *(
        "store",
        "memory",
        "tools",
        "skills",
        "mind",
        "timekeeper",
        "asides",
        "jobs",
        "regret",
        "unattended",
        "dialogue",
        "upkeep",
        "validity",
        "health",
        "happenings",
        "wellbeing",
    ),
    *("host", "assistant", "senses", "minds", "app", "api", "watchdog", "panel", "daemon", "cli"),
)
"""The rooms, lowest first: each imports only from those before it."""


def name_of(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(file): file for file in sorted(PACKAGE.rglob("*.py"))}


def files_imported(file: Path) -> set[str]:
    """The files of ours that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} & FILES.keys() or {node.module}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names & FILES.keys()


IMPORTS = {name: files_imported(file) - {name} for name, file in FILES.items()}


def room(name: str) -> str:
    return name.removeprefix("voiceos").removeprefix(".").partition(".")[0]


def test_rooms_import_downwards_only() -> None:
    assert {room(name) for name in FILES} <= {*FLOORS, "", "__main__"}
    floor = {name: FLOORS.index(room(name)) for name in FILES if room(name) in FLOORS}
    upwards = {f"{name} → {other}" for name in floor for other in IMPORTS[name] if floor.get(other, 0) > floor[name]}
    assert upwards == set()


def test_no_files_import_each_other() -> None:
    try:
        TopologicalSorter(IMPORTS).prepare()
    except CycleError as error:
        pytest.fail(f"These import each other: {' → '.join(error.args[1])}")


@pytest.mark.parametrize("root", ["voiceos.app", "voiceos.senses"])
def test_only_the_faces_know_what_builds(root: str) -> None:
    assert {room(name) for name, others in IMPORTS.items() if root in others} <= {"api", "daemon", "cli"}


def test_importing_the_assistant_loads_no_engine() -> None:
    heavy = ("faster_whisper", "ctranslate2", "onnxruntime", "piper", "openai", "sounddevice", "xllamacpp", "webrtcvad")
    script = f"import sys, voiceos.app; print(*[name for name in {heavy} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert shown.stdout.split() == []
