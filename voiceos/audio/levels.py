"""How loud sound is, and whether it is clipped."""

import math
from dataclasses import dataclass

import numpy as np

from voiceos.core import Frame

FLOOR_DBFS = -120.0
"""The level of digital silence, so that no level is infinite."""
_CLIP_AT = 32_700


@dataclass(frozen=True, slots=True)
class Level:
    """The loudness of a stretch of sound."""

    rms_dbfs: float
    """Level of the whole stretch; a full-scale sine measures -3 dBFS."""
    clipped: bool
    at: float
    """When the stretch ended, on the loop's clock."""


def level_dbfs(pcm: bytes) -> float:
    """The root mean square of s16le samples, in dB below full scale; never under FLOOR_DBFS."""
    samples = _samples(pcm) / 32_768
    mean_square = float(samples @ samples) / max(1, len(samples))
    return max(FLOOR_DBFS, 10 * math.log10(mean_square)) if mean_square > 0 else FLOOR_DBFS


def is_clipped(pcm: bytes) -> bool:
    """Whether three or more samples in a row are at full scale, which never happens in speech."""
    full = np.abs(_samples(pcm)) >= _CLIP_AT
    return bool(np.any(full[:-2] & full[1:-1] & full[2:]))


class LevelMeter:
    """Takes frames and gives one Level per interval."""

    def __init__(self, interval_seconds: float = 0.1) -> None:
        self._interval = interval_seconds
        self._clear()

    def __call__(self, frame: Frame) -> Level | None:
        """The level of the interval that this frame completes, or None."""
        self._seconds += frame.seconds
        self._pcm += frame.pcm
        if self._seconds < self._interval - 1e-6:
            return None
        level = Level(level_dbfs(self._pcm), is_clipped(self._pcm), frame.at)
        self._clear()
        return level

    def _clear(self) -> None:
        self._seconds, self._pcm = 0.0, b""


def _samples(pcm: bytes) -> np.ndarray:
    return np.frombuffer(pcm, "<i2").astype(np.int32)  # wider than s16: the absolute value of -32768 must fit
