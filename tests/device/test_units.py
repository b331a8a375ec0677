"""The units: systemd accepts them as they are, and they confine as much as the documents say."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "systemd"
ALL = sorted(UNITS.glob("voiceos*.*"))
EXPOSED = {"voiceos": 1.2, "voiceos-llm": 0.3, "voiceos-backup": 0.3, "voiceos-check": 0.3, "voiceos-update": 1.2}
"""The most that `systemd-analyze security` may say of each service, from 0 (safe) to 10."""

pytestmark = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    """All but the programs, which are not installed here."""
    for file in ALL:
        text = re.sub(r"^(ExecStart(?:Pre)?=\+?)\S+", r"\1/bin/true", file.read_text(), flags=re.MULTILINE)
        (tmp_path / file.name).write_text(re.sub(r"^Documentation=.*\n", "", text, flags=re.MULTILINE))
    command = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / file.name) for file in ALL)]
    made = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    ours = [line for line in made.stderr.splitlines() if "voiceos" in line]
    assert ours == []


@pytest.mark.parametrize("name", EXPOSED)
def test_a_service_is_confined(name: str) -> None:
    file = UNITS / f"{name}.service"
    threshold = round(10 * EXPOSED[name])
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={threshold}", "--no-pager", str(file)]
    made = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert made.returncode == 0, made.stdout[-200:]


def test_every_service_with_a_user_of_its_own_is_measured() -> None:
    assert {file.stem for file in UNITS.glob("*.service") if "\nUser=" in file.read_text()} == EXPOSED.keys()


def test_documents_of_units_exist() -> None:
    named = {
        name for file in ALL for name in re.findall(r"^Documentation=file:\S+?/(docs/\S+)", file.read_text(), re.M)
    }
    assert named
    assert all((UNITS.parent / name).exists() for name in named)
