"""A voice for telegraphists: Morse code."""

from collections.abc import AsyncGenerator

import numpy as np

from voiceos.core import RATE, Frame
from voiceos.engines.engine import Setup

CODE = {"e": ".", "o": "---", "s": "...", "t": "-"}  # and so on
DOT_SECONDS = 0.06
HERTZ = 700


class Morse:
    """A voice of one tone."""

    name = "morse"
    language = "en"

    def __init__(self, setup: Setup) -> None:
        self._dot_seconds = DOT_SECONDS / setup.config.speech.speed

    async def synthesize(self, text: str, pace: float = 1.0) -> AsyncGenerator[Frame, None]:
        """A frame for each sign and each gap. Letters that have no code are silent."""
        for letter in text.lower():
            for sign in CODE.get(letter, ""):
                yield self._tone((1 if sign == "." else 3) / pace)
                yield self._tone(1 / pace, level=0.0)
            yield self._tone(2 / pace, level=0.0)

    def _tone(self, dots: float, level: float = 0.3) -> Frame:
        time = np.arange(int(dots * self._dot_seconds * RATE)) / RATE
        samples = np.sin(2 * np.pi * HERTZ * time) * level * 32_767
        return Frame(samples.astype("<i2").tobytes())
