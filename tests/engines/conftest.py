"""Where the tests of the engines find models and recordings."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile

from voiceos.config.paths import models_folder
from voiceos.config.settings import StoreSettings
from voiceos.core import RATE, Speech
from voiceos.models.shelf import Shelf

RECORDINGS = Path(__file__).parents[1] / "audio" / "recordings"


@pytest.fixture(scope="session")
def models_shelf() -> Path:
    """The folder of model files: `$VOICEOS_TEST_MODELS`, else where `voiceos models pull` puts them."""
    folder = os.environ.get("VOICEOS_TEST_MODELS")
    return Path(folder) if folder else models_folder(StoreSettings())


@pytest.fixture(scope="session")
def model_path(models_shelf: Path) -> Callable[[str], Path]:
    """A model of the catalogue: its main file, or its folder. Fetched if it is not there."""

    def find(name: str) -> Path:
        shelf = Shelf(models_shelf)
        if not shelf.status(name).ready:
            shelf.pull(name)
        return shelf.path(name)

    return find


@pytest.fixture(scope="session")
def model_parts(models_shelf: Path, model_path: Callable[[str], Path]) -> Callable[[str], Path]:
    """The folder of a model's files as they were fetched."""

    def find(name: str) -> Path:
        model_path(name)
        return Shelf(models_shelf).folder_of(name)

    return find


@pytest.fixture(scope="session")
def recording() -> Callable[[str], Speech]:
    """A bundled recording, by the name of its file without the ending."""

    def read(name: str) -> Speech:
        samples, rate = soundfile.read(RECORDINGS / f"{name}.flac", dtype="int16")
        assert rate == RATE
        return Speech(samples.tobytes(), 0.0, len(samples) / RATE)

    return read


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
