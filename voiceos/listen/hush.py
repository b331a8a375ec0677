"""Hush: tells a pause at once by loudness alone, if speech is clearly louder than the noise.

A speech detector looks at a stretch of sound, so it notices the end a tenth of a second late. Two signs are quicker:
the sound is down at the noise floor, the quietest of the last seconds (minimum statistics: R. Martin, "Noise power
spectral density estimation based on optimal smoothing and minimum statistics", 2001); or it is far below the speech
before it, and steady, as noise is and speech is not.
"""

import math
from collections import deque

import numpy as np

from voiceos.core import FRAME_SECONDS, Frame

MEMORY_SECONDS = 3.0
SMOOTH_FRAMES = 3
LOUDEST_SECONDS = 1.0
CLEAR_DB = 15.0
"""How much louder than the floor the speech of the last second must have been."""
MARGIN_DB = 5.0
"""Within this of the floor there is only noise."""
EVEN_CLEAR_DB = 17.0
"""How far below the speech of the last second a steady sound must be."""
EVEN_DB = 3.0
"""Over EVEN_SECONDS, noise stays within this."""
EVEN_SECONDS = 0.08
LOWEST_DBFS = -72.0
"""No floor is lower: a noise gate in the microphone gives digital silence, and breath is still not speech."""


class Hush:
    """Call `hear` with each frame."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=SMOOTH_FRAMES)  # power of the last frames
        self._floor: deque[float] = deque(maxlen=round(MEMORY_SECONDS / FRAME_SECONDS))  # smoothed power
        self._levels: deque[float] = deque(maxlen=round(LOUDEST_SECONDS / FRAME_SECONDS))  # power
        self._seconds = 0.0

    def hear(self, frame: Frame) -> None:
        samples = np.frombuffer(frame.pcm, "<i2").astype(np.float32)
        power = float(np.dot(samples, samples)) / max(1, len(samples))
        self._recent.append(power)
        self._floor.append(sum(self._recent) / len(self._recent))
        self._levels.append(power)

    def seconds(self) -> float:
        """How long there has certainly been only noise after speech; 0 if unsure.

        Ask once per frame, and only within an utterance: it costs more than `hear`.
        """
        if self._is_even():
            self._seconds = max(EVEN_SECONDS, self._seconds + FRAME_SECONDS)
        elif self._is_floor():
            self._seconds += FRAME_SECONDS
        else:
            self._seconds = 0.0
        return self._seconds

    def _is_floor(self) -> bool:
        """Whether it is down at the floor, and speech was clearly louder a moment before this hush began."""
        floor = max(LOWEST_DBFS, _dbfs(min(self._floor)))
        is_clear = self._seconds > 0 or _dbfs(max(self._levels)) - floor >= CLEAR_DB
        return _dbfs(self._levels[-1]) <= floor + MARGIN_DB and is_clear

    def _is_even(self) -> bool:
        last = list(self._levels)[-round(EVEN_SECONDS / FRAME_SECONDS) :]
        loud, soft = _dbfs(max(last)), _dbfs(min(last))
        return loud - soft <= EVEN_DB and loud <= _dbfs(max(self._levels)) - EVEN_CLEAR_DB


def _dbfs(power: float) -> float:
    return 10 * math.log10(power / 32768**2 + 1e-12)
