"""Engines are chosen by name, and a stranger's that fails is named."""

from pathlib import Path
from typing import get_args

import pytest

from voiceos.config.settings import Config, EngineSettings
from voiceos.engines import engine
from voiceos.engines.engine import Job, Setup, make, wrong_engine
from voiceos.errors import ConfigError, EngineError
from voiceos.models.shelf import Shelf


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    config = Config(engines=EngineSettings(speech="odd"))
    return Setup(config, Shelf(tmp_path))


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package beside voiceos whose engine cannot be made."""
    info = tmp_path / "stranger-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[{engine.GROUP}]\nspeech.odd = builtins:len\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(engine, "_known", engine._known.__wrapped__)  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize("job", get_args(Job))
def test_the_defaults_are_installed(job: Job) -> None:
    assert wrong_engine(job, EngineSettings.model_fields[job].default) == ""


@pytest.mark.usefixtures("stranger")
def test_an_engine_that_fails_is_named_with_its_package(setup: Setup) -> None:
    with pytest.raises(EngineError, match=r"^The engine odd of stranger does not start: "):
        make("speech", setup)


def test_an_engine_that_is_not_installed(setup: Setup) -> None:
    with pytest.raises(ConfigError, match=r"engines\.speech names no engine that is installed: 'odd'"):
        make("speech", setup)
    assert "(did you mean 'whisper'?)" in wrong_engine("recognition", "wisper")
