"""smart-turn: tells from the melody of an utterance whether the speaker has finished."""

import threading
from functools import cache
from pathlib import Path

import anyio.to_thread
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from voiceos.core import RATE, Speech
from voiceos.engines.engine import Setup
from voiceos.engines.onnx import open_session

SECONDS = 8
"""The model sees this much of the end of the utterance, padded with silence if it is shorter."""
SAMPLES = SECONDS * RATE
WINDOW = 400
HOP = 160
MELS = 80


class SmartTurn:
    """smart-turn v3 from an ONNX file. One judgement at a time. Raises ModelError."""

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self._session = open_session(path, ("input_features",), threads=threads)
        self._lock = threading.Lock()  # not anyio's, because an abandoned judgement holds it until it is done

    async def completeness(self, speech: Speech) -> float:
        """How likely it is, 0 to 1, that the utterance is over. Takes a few hundredths of a second."""
        return await anyio.to_thread.run_sync(self._judge, speech.pcm, abandon_on_cancel=True)

    async def warm(self) -> None:
        """Makes the first judgement, which is slower than the others."""
        await anyio.to_thread.run_sync(self._judge, bytes(RATE * 2))

    def _judge(self, pcm: bytes) -> float:
        with self._lock:
            score = self._session.run(None, {"input_features": features(pcm)[np.newaxis]})[0]
        return float(np.asarray(score).item())


def features(pcm: bytes) -> NDArray[np.float32]:
    """Whisper's log-mel spectrogram, 80 × 800, of the last eight seconds, made equally loud."""
    pcm = pcm[-SAMPLES * 2 :]
    sound = np.frombuffer(pcm[: len(pcm) // 2 * 2], np.int16).astype(np.float32) / np.float32(32768)
    padding = SAMPLES - len(sound)
    sound = np.pad(sound, (padding, 0))
    sound = (sound - sound.mean()) / np.sqrt(sound.var() + 1e-7)
    # All windows inside the padding are alike: one is computed for all of them.
    alike = max(0, (padding - WINDOW // 2) // HOP)
    windows = sliding_window_view(np.pad(sound, WINDOW // 2, mode="reflect"), WINDOW)[:SAMPLES:HOP][alike:]
    power = np.abs(np.fft.rfft(windows * _window())) ** 2
    mels = np.log10(np.maximum(power @ _mel_filters(), 1e-10))
    mels = (np.maximum(mels, mels.max() - 8) + 4) / 4
    return np.concatenate([np.repeat(mels[:1], alike, axis=0), mels]).T.astype(np.float32)


@cache
def _window() -> NDArray[np.float64]:
    return np.hanning(WINDOW + 1)[:-1]


@cache
def _mel_filters() -> NDArray[np.float64]:
    """Slaney's: linear below 1 kHz, logarithmic above, each triangle of the same area. 201 × 80."""
    bins = np.linspace(0, RATE / 2, WINDOW // 2 + 1)
    mels = np.linspace(0, 15 + np.log(RATE / 2 / 1000) * 27 / np.log(6.4), MELS + 2)
    edges = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp((mels - 15) * np.log(6.4) / 27))
    rising = (bins[:, np.newaxis] - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - bins[:, np.newaxis]) / np.diff(edges)[1:]
    return np.maximum(0, np.minimum(rising, falling)) * 2 / (edges[2:] - edges[:-2])


def make(setup: Setup) -> SmartTurn:
    """As the settings say."""
    return SmartTurn(setup.shelf.resolve(setup.config.listen.turn_end_model))
