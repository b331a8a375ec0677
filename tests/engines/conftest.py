"""Where the tests of the engines find models and recordings."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile

from voiceos.core import RATE, Speech

RECORDINGS = Path(__file__).parents[1] / "audio" / "recordings"


@pytest.fixture(scope="session")
def models_shelf() -> Path:
    """The folder of model files: `$VOICEOS_TEST_MODELS`."""
    folder = os.environ.get("VOICEOS_TEST_MODELS")
    if not folder:
        pytest.skip("set VOICEOS_TEST_MODELS to a folder of models")
    return Path(folder)


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
