"""Hush: tells at once, by loudness alone, that speech has paused, where it stands clear of the noise.

A detector of speech looks at a stretch of sound and so knows of its end a tenth of a second late. Two signs are quick:
the sound is down at the noise floor, which is the quietest of the last seconds (minimum statistics: R. Martin, "Noise
power spectral density estimation based on optimal smoothing and minimum statistics", 2001); or it is far below the
speech before it, and even, as noise is and speech is not.
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
"""Within this of the floor there is nothing but noise."""
EVEN_CLEAR_DB = 17.0
"""How far below the speech of the last second an even sound must be."""
EVEN_DB = 3.0
"""Noise of EVEN_SECONDS keeps within this."""
EVEN_SECONDS = 0.08
LOWEST_DBFS = -72.0
"""No floor is lower: a gate in the microphone gives digital silence, and then breath is not speech."""


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
        """For how long there has surely been nothing but noise after speech; 0 where that cannot be told.

        Ask once for each frame of an utterance: it is asked for only then, since it costs more than the hearing.
        """
        if self._is_even():
            self._seconds = max(EVEN_SECONDS, self._seconds + FRAME_SECONDS)
        elif self._is_floor():
            self._seconds += FRAME_SECONDS
        else:
            self._seconds = 0.0
        return self._seconds

    def _is_floor(self) -> bool:
        floor = max(LOWEST_DBFS, _dbfs(min(self._floor)))
        return _dbfs(self._levels[-1]) <= floor + MARGIN_DB and _dbfs(max(self._levels)) - floor >= CLEAR_DB

    def _is_even(self) -> bool:
        last = list(self._levels)[-round(EVEN_SECONDS / FRAME_SECONDS) :]
        loud, soft = _dbfs(max(last)), _dbfs(min(last))
        return loud - soft <= EVEN_DB and loud <= _dbfs(max(self._levels)) - EVEN_CLEAR_DB


def _dbfs(power: float) -> float:
    return 10 * math.log10(power / 32768**2 + 1e-12)
