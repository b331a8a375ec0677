"""`voiceos models`, as one types it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from voiceos.cli import main
from voiceos.config.settings import Config
from voiceos.errors import ModelError, UsageError
from voiceos.models.catalogue import Ready, catalogue
from voiceos.models.model import Model

BODY = b"weights " * 50_000


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: Any, file_on_hub: Any, model: Any) -> None:
    """Own settings, own folder, and a catalogue of two small models beside the wake words."""
    monkeypatch.setenv("VOICEOS_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text(f'[store]\nmodels = "{tmp_path / "models"}"\n')
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    hub_only = model(file_on_hub("b.gguf", BODY[::-1]), name="other")
    models: tuple[Model, ...] = (model(file_on_hub("a.gguf", BODY)), hub_only)
    small = catalogue()[:5] + models
    monkeypatch.setattr("voiceos.models.shelf.catalogue", lambda: small)


def test_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", "--json"]) == 0
    models = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert models["tiny"]["state"] == "missing"
    assert models["tiny"]["size_bytes"] == len(BODY)
    assert models["okay_nabu"]["state"] == "packaged"
    assert models["openwakeword/alexa"]["free_for_every_use"] is False


def test_list_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    main(["models", "pull", "tiny"])
    capsys.readouterr()
    assert main(["models", "list"]) == 0
    out = capsys.readouterr().out
    row = next(line for line in out.splitlines() if line.startswith("tiny"))
    assert row.split()[:6] == ["tiny", "language", "en", "0.4", "MB", "MIT"]
    assert "installed" in row


def test_pull_tells_and_verify_and_remove(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["models", "pull", "tiny"]) == 0
    said = capsys.readouterr()
    assert said.out == "Ready: tiny\n"
    assert "tiny a.gguf: 0.4 MB of 0.4 MB from hub us/repo@0123456789" in said.err
    assert main(["models", "verify", "tiny"]) == 0
    assert capsys.readouterr().out == "tiny: good\n"
    (tmp_path / "models" / "tiny" / "a.gguf").write_bytes(b"altered")
    assert main(["models", "verify"]) == ModelError.exit_code
    said = capsys.readouterr()
    assert "tiny: damaged" in said.out
    assert "Repair it with: voiceos models pull tiny" in said.err
    assert main(["models", "remove", "tiny"]) == 0
    assert not (tmp_path / "models" / "tiny").exists()


def test_one_that_fails_does_not_stop_the_others(capsys: pytest.CaptureFixture[str], hub: Any) -> None:
    hub.files = {path: body for path, body in hub.files.items() if "b.gguf" not in path}
    assert main(["models", "pull", "other", "nosuch", "tiny"]) == ModelError.exit_code
    said = capsys.readouterr().err
    assert "Model other could not be fetched" in said
    assert "There is no model 'nosuch'" in said
    assert "tiny a.gguf: done" in said


def test_pull_nothing_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "pull"]) == UsageError.exit_code
    assert "--default" in capsys.readouterr().err


def test_pull_default_asks_for_what_the_settings_need(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with (tmp_path / "config.toml").open("a") as file:
        file.write('[mind]\nmodel = "tiny"\n[recognition]\nmodel = "./mine"\n[speech]\nvoice = "./mine.onnx"\n')
        file.write('[listen]\nturn_end_model = ""\n[wake]\nwords = ["okay_nabu"]\n')
    main(["models", "pull", "--default"])
    said = capsys.readouterr()
    assert "tiny a.gguf: done" in said.err
    assert "silero-vad" in said.err, "it is not in this small catalogue"


def test_what_only_helps_may_be_out_of_reach(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voiceos.models.catalogue.choices", offering("tiny"))
    assert main(["models", "pull", "--default"]) == 0
    said = capsys.readouterr()
    assert said.out.strip() == "Ready: tiny"
    assert "memory-en" in said.err, "it is not in this small catalogue"
    assert "works without this model" in said.err


def offering(*names: str) -> Callable[[Config, Ready, object], list[tuple[str, ...]]]:
    return lambda config, ready, machine: [names]


def test_a_default_that_cannot_be_had_gives_way_to_the_next(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, hub: Any
) -> None:
    hub.files = {path: b"altered" if "b.gguf" in path else body for path, body in hub.files.items()}
    monkeypatch.setattr("voiceos.models.catalogue.choices", offering("other", "tiny"))
    assert main(["models", "pull", "--default"]) == 0
    said = capsys.readouterr()
    assert said.out.strip() == "Ready: tiny"
    assert "Model other could not be fetched" in said.err
    assert "Until then tiny takes its place." in said.err


def test_pull_from_a_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path, hub: Any) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "a.gguf").write_bytes(BODY)
    assert main(["models", "pull", "tiny", "--from", str(stick)]) == 0
    assert hub.requests == []


def test_what_is_not_free_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "pull", "openwakeword/alexa"]) == 0
    assert "not for commercial use" in capsys.readouterr().err
