"""Nothing leaves the machine: conversation, daemon and commands ask nobody, and write into voiceos's own folders only.

They run in a network that has nothing but loopback, and the log of their system calls (strace) shows what they tried.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from voiceos.config.paths import models_folder
from voiceos.config.settings import StoreSettings
from voiceos.models.shelf import Shelf

ROOT = Path(__file__).parents[1]
MODELS = "alexa whisper-base hibari-heart smart-turn-v3.2 memory-en reader-en smollm2-135m-instruct-q4_1".split()
CALLS = "%network,?open,openat,?creat,?mkdir,mkdirat,?rename,?renameat,renameat2,?link,linkat,?symlink,symlinkat"
ASKERS = ("nscd", "resolve", "avahi")
"""In the names of sockets behind which others look up names for us."""
TIMEOUT_SECONDS = 600.0
MOST_MB = 600
"""What the daemon may hold beside the language model: see docs/research/memory-use.md."""


@pytest.fixture
def watched(tmp_path: Path) -> list[str]:
    """The start of a command line whose processes have only loopback, and every call of theirs noted."""
    if not shutil.which("strace"):
        pytest.skip("strace is missing: apt-get install strace")
    log = tmp_path / "calls"
    strace = ["strace", "-f", "-y", "--seccomp-bpf", "-qq", "-s", "4096", "-e", f"trace={CALLS}", "-o", str(log)]
    alone = ["unshare", "--net", "--map-root-user"]
    for start in ([*alone, *strace], strace):  # a network of one's own is not permitted everywhere
        if subprocess.run([*start, "true"], capture_output=True, timeout=30, check=False).returncode == 0:
            return start
    pytest.skip("strace may not watch processes here")


def asked(log: str) -> Iterator[str]:
    """Calls that reach for somebody beyond loopback: an address, or a name that somebody looks up."""
    for line in log.splitlines():
        inet = re.search(r"inet_(?:addr|pton)\((?:AF_INET6, )?\"([^\"]+)\"", line)
        port = re.search(r"sin6?_port=htons\((\d+)\)", line)
        if inet and port and (port[1] == "53" or not re.match(r"127\.|::1$|::ffff:127\.|0\.0\.0\.0$|::$", inet[1])):
            yield line
        unix = re.search(r"sun_path=@?\"([^\"]+)\"", line)
        if unix and any(one in unix[1] for one in ASKERS):
            yield line


def written(log: str, inside: Path) -> Iterator[str]:
    """Calls that make or change a file outside of a folder. Devices are no files."""
    for line in log.splitlines():
        call = line.split(maxsplit=1)[-1]
        if "= -1 " in call or not re.match(r"open|creat|mkdir|rename|link|symlink", call):
            continue
        if call.startswith("open") and not re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE", call):
            continue
        found = re.search(r" = \d+<([^>]+)>", call) or re.search(r"\"([^\"]+)\"", call)
        path = Path(found[1]) if found else Path()
        if path.is_absolute() and not path.is_relative_to(inside) and path.parts[1] not in ("dev", "proc", "sys"):
            yield line


@pytest.mark.engines
def test_nobody_is_asked_and_nothing_is_written_elsewhere(tmp_path: Path, watched: list[str]) -> None:
    models = tmp_path / "models"
    models.mkdir()
    fetched = os.environ.get("VOICEOS_TEST_MODELS")
    shelf = Shelf(Path(fetched) if fetched else models_folder(StoreSettings()))
    for name in MODELS:
        if not shelf.pull(name).model.packaged:
            shutil.copytree(shelf.folder_of(name), models / name)
    home, temporary, work = (tmp_path / name for name in ("home", "temporary", "work"))
    for folder in (home, temporary, work):
        folder.mkdir()
    # No sound card, and no sound server either: its library keeps a cookie in ~/.config/pulse.
    (tmp_path / "asound.conf").write_text("pcm.none { type hw card 99 }\n")
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
    environment = kept | {
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "ALSA_CONFIG_PATH": str(tmp_path / "asound.conf"),
        "VOICEOS_STORE_MODELS": str(models),
        "VOICEOS_MIND_MODEL": "smollm2-135m-instruct-q4_1",
    }
    session = subprocess.run(
        [*watched, sys.executable, str(Path(__file__).with_name("alone.py"))],
        env=environment,
        cwd=work,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert session.returncode == 0, session.stderr
    assert "the daemon ended with 0" in session.stdout
    failed = [line for line in session.stdout.splitlines() if line.startswith("$") and not line.endswith("-> 0")]
    assert [line for line in failed if "doctor" not in line] == []  # it misses the sound card
    held = re.search(r"the daemon holds (\d+) MB", session.stdout)
    assert held
    assert int(held[1]) < MOST_MB
    calls = (tmp_path / "calls").read_text("utf-8", "replace")
    assert list(asked(calls)) == []
    assert list(written(calls, tmp_path)) == []
    left = {file.relative_to(home).as_posix() for file in home.rglob("*") if not file.is_dir()}
    own = (".config/voiceos/", ".local/share/voiceos/", ".local/state/voiceos/")
    assert [name for name in sorted(left) if not name.startswith(own)] == []
    assert list(temporary.rglob("*")) == []


def test_the_watch_sees_what_would_leave(tmp_path: Path, watched: list[str]) -> None:
    script = "import pathlib, socket, sys; pathlib.Path(sys.argv[1]).touch(); socket.getaddrinfo('voiceos.example', 80)"
    elsewhere = tmp_path / "elsewhere"
    subprocess.run(
        [*watched, sys.executable, "-c", script, str(elsewhere)], capture_output=True, timeout=60, check=False
    )
    calls = (tmp_path / "calls").read_text("utf-8", "replace")
    assert list(asked(calls))
    assert [line for line in written(calls, tmp_path / "home") if str(elsewhere) in line]


def test_the_units_and_the_package_silence_onnxruntime() -> None:
    script = "import voiceos, os; print(os.environ['ORT_DISABLE_TELEMETRY'], os.environ['HF_HUB_OFFLINE'])"
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    shown = subprocess.run(
        [sys.executable, "-c", script], env=bare, capture_output=True, text=True, timeout=60, check=True
    )
    assert shown.stdout.split() == ["1", "1"]
    for unit in (ROOT / "systemd").glob("*.service"):
        text = unit.read_text("utf-8")
        assert "ORT_DISABLE_TELEMETRY=1 HF_HUB_OFFLINE=1" in text or ".venv/bin/" not in text, unit.name


def test_every_dependency_was_looked_at() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    page = (ROOT / "docs" / "privacy.md").read_text("utf-8").lower()
    names = [re.match(r"[\w-]+", line) for line in project["dependencies"]]
    assert [name[0] for name in names if name and name[0].lower() not in page] == []
