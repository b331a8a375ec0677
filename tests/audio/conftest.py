"""Sounds for the audio tests."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from voiceos.core import RATE

Tone = Callable[..., bytes]


@pytest.fixture
def tone() -> Tone:
    """tone(seconds, rate, hertz, level): s16le samples of a sine."""

    def make(seconds: float, rate: int = RATE, hertz: float = 440.0, level: float = 0.3) -> bytes:
        time = np.arange(round(seconds * rate)) / rate
        return (np.sin(2 * np.pi * hertz * time) * level * 32_767).astype("<i2").tobytes()

    return make


@pytest.fixture
def recording(tmp_path: Path, tone: Tone) -> Path:
    """One second of 16 kHz sound in a WAV file."""
    import soundfile

    path = tmp_path / "in.wav"
    soundfile.write(path, np.frombuffer(tone(1.0), "<i2"), RATE)
    return path
