"""`voiceos backup` and `voiceos restore`, from a list on one board to the same list on another."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Said
from voiceos.store import backup_file


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup_file, "SCRYPT_ROUNDS", 2)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)


def test_there_and_back(run: Callable[..., Said], home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stick, words, key = home / "stick", home / "words", home / "llm.key"
    stick.mkdir()
    words.write_text("correct horse\n")
    words.chmod(0o600)
    key.write_text("k")
    key.chmod(0o600)
    (home / "config.toml").write_text(f'[mind]\napi_key_file = "{key}"\n[backup]\npassphrase_file = "{words}"\n')
    assert "There is no memory yet" in run("backup", str(stick)).err
    assert run("lists", "add", "shopping", "milk").code == 0
    assert run("backup").code == 64
    made = run("backup", str(stick))
    assert "and read it again: 0 records and 0 turns" in made.out
    assert "is whole" in run("restore", str(stick), "--check").out

    monkeypatch.setenv("VOICEOS_STORE_FOLDER", str(home / "fresh"))
    key.unlink()
    restored = run("restore", str(stick))
    assert restored.code == 0
    assert "Put them back for: mind.api_key_file." in restored.out
    assert run("lists", "show", "shopping").out == "milk\n"

    words.write_text("wrong horse\n")
    wrong = run("restore", str(stick), "--yes")
    assert (wrong.code, wrong.err.count("\n")) == (65, 1)
    words.write_text("short\n")
    assert "8 characters or more" in run("backup", str(stick)).err
    (home / "config.toml").write_text("")
    assert "--passphrase-file" in run("backup", str(stick)).err
