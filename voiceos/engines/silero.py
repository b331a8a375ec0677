"""Silero VAD: a small recurrent network that tells speech from noise and music."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voiceos.core import Frame
from voiceos.engines.onnx import open_session

STEP = 512
"""Samples per step of the network: 32 ms."""
CONTEXT = 64
"""Samples before them that it sees again in each step."""


class Silero:
    """The probability of speech, renewed every 32 ms; frames in between get the last one. Raises ModelError."""

    def __init__(self, path: Path) -> None:
        self._session = open_session(path, ("input", "h", "c"))
        self.reset()

    def __call__(self, frame: Frame) -> float:
        samples = np.frombuffer(frame.pcm, np.int16).astype(np.float32) / np.float32(32768)
        self._waiting = np.concatenate([self._waiting, samples])
        while len(self._waiting) >= CONTEXT + STEP:
            self._score = self._step(self._waiting[: CONTEXT + STEP])
            self._waiting = self._waiting[STEP:]
        return self._score

    def reset(self) -> None:
        self._score = 0.0
        self._hidden = np.zeros((1, 1, 128), np.float32)
        self._cell = np.zeros((1, 1, 128), np.float32)
        self._waiting = np.zeros(CONTEXT, np.float32)

    def _step(self, samples: NDArray[np.float32]) -> float:
        score, self._hidden, self._cell = self._session.run(
            None, {"input": samples[np.newaxis], "h": self._hidden, "c": self._cell}
        )
        return float(np.asarray(score).item())
