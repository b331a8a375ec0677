"""Speech synthesis with Hibari, in this process: small, quick, English only."""

import os
from collections.abc import AsyncGenerator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from voiceos.core import Frame
from voiceos.engines.engine import Setup
from voiceos.engines.voicing import frames, gain_of, pcm, pieces, speakable
from voiceos.engines.worker import Worker, suitable_threads
from voiceos.errors import EngineError, ModelError
from voiceos.models.model import Purpose

THREADS = 1
"""The network is small: a second thread saves a third of the time for half as much work again."""
SLOWEST, FASTEST = 0.5, 2.0


class Hibari:
    """A Hibari voice. Loads when it is warmed or first used."""

    def __init__(self, voice: Path, *, speed: float = 1.0, threads: int = 0, label: str = "") -> None:
        """`voice`: its network. `speed` 1: as it was trained."""
        self._file = voice
        self._speed = speed
        self._threads = suitable_threads(threads, THREADS)
        self._label = label or voice.stem
        self._worker = Worker()
        self._loaded: Any = None
        self._gain = 1.0

    @property
    def name(self) -> str:
        return f"hibari-tts {version('hibari-tts')} {self._label}"

    @property
    def language(self) -> str:
        return "en"

    async def warm(self) -> None:
        """Loads the voice and speaks a word silently. Raises ModelError if the files are damaged."""
        await self._worker.run(lambda _: self._voice())

    async def synthesize(self, text: str, pace: float = 1.0) -> AsyncGenerator[Frame, None]:
        """20 ms frames at the voice's rate, sentence by sentence; the last frame of a sentence may be shorter.

        Text without anything to pronounce makes no sound. Raises ModelError, EngineError.
        """
        for piece in pieces(text):
            sentences = await self._worker.run(lambda _, piece=piece: self._sentences(piece))
            for phonemes in sentences:
                sound = await self._worker.run(lambda _, phonemes=phonemes: self._said(phonemes, pace))
                for frame in frames(sound, self._voice().sample_rate):
                    yield frame

    def _sentences(self, text: str) -> list[str]:
        """What it pronounces, sentence by sentence."""
        voice, text = self._voice(), speakable(text).replace("](", "] (")  # which would begin raw phonemes
        return voice.phonemize(text) if text else []

    def _said(self, phonemes: str, pace: float) -> bytes:
        """16-bit PCM of a sentence."""
        voice = self._voice()
        speed = min(max(self._speed * pace, SLOWEST), FASTEST)
        try:
            sound = voice.from_phonemes(phonemes, speed)
        except Exception as error:
            raise EngineError(f"The voice {self._label} could not speak: {error}") from error
        return b"".join(pcm([sound], self._gain, voice.sample_rate))

    def _voice(self) -> Any:
        if self._loaded is None:
            loaded = _load(self._file, self._threads, self._label)
            self._gain = gain_of(loaded("Ready.", seed=0), loaded.sample_rate)
            self._loaded = loaded
        return self._loaded


def _load(file: Path, threads: int, label: str) -> Any:
    from hibari import Hibari as Voice
    from hibari.g2p import G2P
    from hibari.voices import VOICES

    british = any(one["file"] == file.name and one["british"] for one in VOICES.values())
    try:
        return Voice(model=os.fspath(file), threads=threads, g2p=G2P(british=british))
    except Exception as error:  # onnxruntime's errors have no common base but this
        raise ModelError(
            f"The voice {label} is damaged ({type(error).__name__}). Fetch it again with `voiceos models pull {label}`."
        ) from error


def make(setup: Setup) -> Hibari:
    """As the settings say."""
    spoken = setup.config.speech
    voice = setup.shelf.resolve(spoken.voice, Purpose.VOICE)
    return Hibari(voice, speed=spoken.speed, threads=spoken.threads, label=spoken.voice)
