"""The engine that CONTRIBUTING.md teaches to write can be installed, chosen and heard."""

import os
import re
import subprocess
import sys
import wave
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
PLUGIN = ROOT / "tests" / "plugin"
DOT_SECONDS = 0.06


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the package is installed."""
    site = tmp_path_factory.mktemp("site")
    build = "-m pip install --no-deps --no-build-isolation --no-index --disable-pip-version-check --quiet".split()
    subprocess.run([sys.executable, *build, "--target", site, PLUGIN], check=True, timeout=120)
    return site


def voiceos(site: Path, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The command, where the package is installed, with settings that choose the engine."""
    (folder / "config.toml").write_text('[engines]\nspeech = "morse"\n')
    paths = os.pathsep.join([str(site), str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {
        "PYTHONPATH": paths,
        "VOICEOS_CONFIG": str(folder / "config.toml"),
        "XDG_DATA_HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
    }
    command = [sys.executable, "-m", "voiceos", *arguments]
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=60)


def test_the_engine_of_the_guide_is_heard(site: Path, tmp_path: Path) -> None:
    spoken = voiceos(site, tmp_path, "say", "--out", "sos.wav", "sos")
    assert spoken.returncode == 0, spoken.stderr
    with wave.open(str(tmp_path / "sos.wav")) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        dot = int(DOT_SECONDS * file.getframerate())
    dots = np.abs(samples[: len(samples) // dot * dot].reshape(-1, dot)).max(axis=1) > 1000
    signs = ["." if len(list(run)) == 1 else "-" for loud, run in groupby(dots) if loud]
    assert "".join(signs) == "...---..."


def test_the_settings_know_it_only_where_it_is_installed(site: Path, tmp_path: Path) -> None:
    assert "morse" not in voiceos(site, tmp_path, "config", "check").stderr
    checked = voiceos(tmp_path, tmp_path, "config", "check")
    assert checked.returncode == 78
    assert "engines.speech names no engine that is installed: 'morse'; there is voice" in checked.stderr


def test_the_guide_shows_the_package_as_it_is() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    shown = re.findall(r"```(?:toml|python)\n(.*?)```", page, re.DOTALL)
    assert shown == [(PLUGIN / name).read_text("utf-8") for name in ("pyproject.toml", "voiceos_morse.py")]


def test_the_places_that_the_guide_names_exist() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = set(re.findall(r"`((?:voiceos|tests|device|docs|systemd)/[\w./]*)`", page))
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
