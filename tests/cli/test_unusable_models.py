"""A model that is missing or altered is named, with the command that mends it."""

import io
from pathlib import Path

import pytest

from voiceos.cli import main

EXIT_MODEL = 66


@pytest.mark.parametrize(
    "command",
    [["say", "--voice", "en_US-joe-medium", "--out", "x.wav", "hello"], ["transcribe", "note.wav"], ["run"], ["talk"]],
)
def test_missing(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code = main(["--set", f"store.models={tmp_path / 'none'}", "--set", f"store.folder={tmp_path / 'state'}", *command])
    said = capsys.readouterr().err
    assert code == EXIT_MODEL
    assert "missing" in said
    assert "voiceos models pull" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("damage", ["truncated", "altered"])
def test_damaged(damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    voice = tmp_path / "models" / "en_US-joe-medium"
    voice.mkdir(parents=True)
    (voice / "en_US-joe-medium.onnx").write_bytes(b"\0" * (100 if damage == "truncated" else 63_201_294))
    (voice / "en_US-joe-medium.onnx.json").write_text("{}")
    joe = ["say", "--voice", "en_US-joe-medium", "--out", str(tmp_path / "x.wav"), "hello"]
    code = main(["--set", f"store.models={tmp_path / 'models'}", *joe])
    said = capsys.readouterr().err
    assert code == EXIT_MODEL
    assert "en_US-joe-medium" in said
    assert "damaged" in said
    assert "voiceos models pull en_US-joe-medium" in said


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_question_without_a_model_is_no_turn_and_a_terminal_shows_what_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as at_a_terminal:
        at_a_terminal.setattr("sys.stderr", terminal := Terminal())
        assert main(["--set", f"store.models={tmp_path / 'none'}", "ask", "why"]) == EXIT_MODEL
    assert capsys.readouterr().out == ""
    assert "Loading the models …" in terminal.getvalue()
    assert "voiceos models pull" in terminal.getvalue()
    assert main(["turns"]) == 0
    assert "No turns yet" in capsys.readouterr().out
