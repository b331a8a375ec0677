"""A `voiceos` command with a home of its own."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from voiceos.cli import main, voiceos


@dataclass(frozen=True)
class Said:
    """What a command wrote, and its exit code."""

    out: str
    err: str
    code: int


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in list(os.environ):
        if variable.startswith("VOICEOS_"):
            monkeypatch.delenv(variable)
    monkeypatch.setenv("VOICEOS_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("VOICEOS_STORE_FOLDER", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs a command as its `main` does, without a terminal."""

    def run(*arguments: str) -> Said:
        code = main(arguments)
        written = capsys.readouterr()
        return Said(written.out, written.err, code)

    return run


@pytest.fixture
def typed() -> Callable[..., Said]:
    """Runs a command at which somebody types `keys`."""

    def typed(*arguments: str, keys: str = "") -> Said:
        result = CliRunner().invoke(voiceos, arguments, input=keys)
        return Said(result.stdout, result.stderr, result.exit_code)

    return typed
