"""`voiceos update`: it runs the installer of the newer version, wherever that is."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
INSTALLER = '#!/bin/sh\n[ "$1" != --which ] || { echo 2.0-new; exit; }\necho "$@" >"%s"\nexit 5\n'


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed assistant."""
    app = tmp_path / "opt" / "voiceos"
    version = app / "versions" / "1.0-old"
    version.mkdir(parents=True)
    (app / "current").symlink_to("versions/1.0-old")
    monkeypatch.setattr(sys, "prefix", str(version / ".venv"))
    return app


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    checkout = tmp_path / "my checkout"
    script = checkout / "device" / "install.sh"
    script.parent.mkdir(parents=True)
    script.write_text(INSTALLER % (tmp_path / "called"))
    script.chmod(0o755)
    return checkout


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    done = subprocess.run(["git", *who, "-C", folder, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_folder_a_bundle_and_an_address_are_sources(run: Run, app: Path, checkout: Path, tmp_path: Path) -> None:
    called = tmp_path / "called"
    assert run("update", str(checkout)).code == 5  # the installer's
    assert called.read_text() == "\n"
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "SHA256SUMS").touch()
    checkout.rename(bundle / "voiceos")
    run("update", str(bundle))
    assert called.read_text() == f"--offline {bundle}\n"
    (bundle / "voiceos").rename(checkout)
    called.unlink()
    git(tmp_path, "init", "-q", str(checkout))
    git(checkout, "add", ".")
    git(checkout, "commit", "-qm", "x")
    (app / "source").write_text(f"file://{checkout}\n")
    assert run("update").code == 5
    assert called.exists()
    assert run("update", "--check").code == 0
    (app / "commit").write_text(git(checkout, "rev-parse", "HEAD"))
    assert run("update", "--check").code == 3


def test_a_folder_says_what_it_would_install(run: Run, app: Path, checkout: Path) -> None:
    assert "There is a newer version." in run("update", "--check", str(checkout)).out
    (app / "versions" / "2.0-new").mkdir()
    (app / "current").unlink()
    (app / "current").symlink_to("versions/2.0-new")
    assert run("update", "--check", str(checkout)).code == 3


@pytest.mark.parametrize(
    ("source", "code", "sentence"),
    [
        ([], 64, "It is not known where this version came from."),
        (["file:///nowhere/at/all"], 69, "could not be fetched (fatal: "),
        (["."], 64, "There is no voiceos in"),
    ],
)
def test_what_cannot_be_fetched_is_told(
    run: Run, app: Path, monkeypatch: pytest.MonkeyPatch, source: list[str], code: int, sentence: str
) -> None:
    monkeypatch.chdir(app)
    said = run("update", *source)
    assert (said.code, said.out) == (code, "")
    assert sentence in said.err


def test_a_checkout_is_not_updated(run: Run) -> None:
    said = run("update")
    assert said.code == 64
    assert "git pull" in said.err
