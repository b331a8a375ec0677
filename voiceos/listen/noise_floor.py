"""The noise floor: tells at once, by loudness alone, that speech has stopped, where speech stands clear of the noise.

A detector of speech looks at a stretch of sound and so knows of its end a tenth of a second late. The floor is the
quietest that it was in the last seconds, as in minimum statistics (R. Martin, "Noise power spectral density estimation
based on optimal smoothing and minimum statistics", 2001).
"""

import math
from collections import deque

import numpy as np

from voiceos.core import FRAME_SECONDS, Frame

MEMORY_SECONDS = 3.0
SMOOTH_FRAMES = 3
CLEAR_DB = 15.0
"""Speech must have been this much louder than the floor, or loudness tells nothing."""
MARGIN_DB = 5.0
"""Within this of the floor there is nothing but noise."""
LOWEST_DBFS = -72.0
"""No floor is lower: a gate in the microphone gives digital silence, and then breath is not speech."""
LOUDEST_SECONDS = 1.0


class NoiseFloor:
    """Call it with each frame."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=SMOOTH_FRAMES)  # power of the last frames
        self._floor: deque[float] = deque(maxlen=round(MEMORY_SECONDS / FRAME_SECONDS))  # smoothed, dBFS
        self._levels: deque[float] = deque(maxlen=round(LOUDEST_SECONDS / FRAME_SECONDS))

    def __call__(self, frame: Frame) -> bool:
        """Whether this frame is surely silence after speech. False where that cannot be told."""
        samples = np.frombuffer(frame.pcm, "<i2").astype(np.float32)
        power = float(np.dot(samples, samples)) / max(1, len(samples)) / 32768**2
        self._recent.append(power)
        self._floor.append(_dbfs(sum(self._recent) / len(self._recent)))
        self._levels.append(level := _dbfs(power))
        floor = max(LOWEST_DBFS, min(self._floor))
        return max(self._levels) - floor >= CLEAR_DB and level <= floor + MARGIN_DB


def _dbfs(power: float) -> float:
    return 10 * math.log10(power + 1e-12)
