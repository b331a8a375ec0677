"""Speech synthesis with Piper, in this process."""

from collections.abc import AsyncGenerator, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.core import Frame
from voiceos.engines.engine import Setup
from voiceos.engines.phonemes import ESPEAK
from voiceos.engines.piper_stream import Network
from voiceos.engines.voicing import frames, gain_of, pcm, pieces, speakable
from voiceos.engines.worker import Worker, suitable_threads
from voiceos.errors import EngineError, ModelError
from voiceos.models.model import Purpose
from voiceos.models.voices import SETTINGS

THREADS = 1
"""A second thread costs a third more of the processor, and the first chunk is short anyway."""

# Languages that are not written in Latin letters; other voices would say "Chinese letter, Chinese letter".
_OTHER_SCRIPTS = frozenset(
    "am ar be bg bn cmn el fa gu he hi hy ja ka kk kn ko ky mk ml mr my ne pa ru si sr ta te th uk ur yue zh".split()
)


class Piper:
    """A Piper voice. Loads when it is warmed or first used."""

    def __init__(self, voice: Path, *, speed: float = 1.0, threads: int = 0, label: str = "") -> None:
        """`voice`: the folder that `voiceos.models.voices` has made. `speed` 1: as it was trained."""
        self._folder = voice
        self._speed = speed
        self._threads = suitable_threads(threads, THREADS)
        self._label = label or voice.name
        self._worker = Worker()
        self._loaded: _Voice | None = None

    @property
    def name(self) -> str:
        return f"piper-tts {version('piper-tts')} {self._label}"

    @property
    def language(self) -> str:
        """Two letters, as the voice's settings say. Raises ModelError if they are damaged."""
        return str(self._voice().texts.config.espeak_voice).split("-")[0]

    async def warm(self) -> None:
        """Loads the voice and speaks a word silently. Raises ModelError if the files are damaged."""
        await self._worker.run(lambda _: self._sounds(self._start("Ready.")))

    async def synthesize(self, text: str, pace: float = 1.0) -> AsyncGenerator[Frame, None]:
        """20 ms frames at the voice's rate, as they are made; the last frame of a sentence may be shorter.

        Text without anything to pronounce makes no sound. Raises ModelError, EngineError.
        """
        for piece in pieces(text):
            sounds = await self._worker.run(lambda _, piece=piece: self._start(piece, pace))
            while sound := await self._worker.run(lambda _, sounds=sounds: self._next(sounds)):
                for frame in frames(sound, self._voice().rate):
                    yield frame

    def _voice(self) -> "_Voice":
        if self._loaded is None:
            self._loaded = _load(self._folder, self._threads, self._label)
        return self._loaded

    def _start(self, text: str, pace: float = 1.0) -> Iterator[bytes]:
        voice = self._voice()
        text = speakable(text, latin=self.language not in _OTHER_SCRIPTS)
        return voice.say(text, self._speed * pace) if text else iter(())

    def _next(self, sounds: Iterator[bytes]) -> bytes:
        """The next sound; empty at the end."""
        try:
            return next(sounds, b"")
        except Exception as error:
            raise EngineError(f"The voice {self._label} could not speak: {error}") from error

    def _sounds(self, sounds: Iterator[bytes]) -> None:
        while self._next(sounds):
            pass


class _Voice:
    """A loaded voice."""

    def __init__(self, texts: Any, network: Network) -> None:
        """`texts` is a PiperVoice: what it makes of text."""
        self.texts = texts
        self.rate = int(texts.config.sample_rate)
        self._network = network
        chunks = [chunk for sentence in self._sentences("Ready.", 1.0) for chunk in sentence]
        self._gain = gain_of(np.concatenate([np.zeros(0, np.float32), *chunks]), self.rate)

    def say(self, text: str, speed: float) -> Iterator[bytes]:
        """16-bit PCM in whole frames, except the last of a sentence."""
        for sentence in self._sentences(text, speed):
            yield from pcm(sentence, self._gain, self.rate)

    def _sentences(self, text: str, speed: float) -> Iterator[Iterator[NDArray[np.float32]]]:
        config = self.texts.config
        with ESPEAK:
            sentences: list[list[str]] = self.texts.phonemize(text)
        for phonemes in sentences:
            if not phonemes:
                continue
            ids = np.array([self.texts.phonemes_to_ids(phonemes)], np.int64)
            scales = np.array([config.noise_scale, config.length_scale / speed, config.noise_w_scale], np.float32)
            feed = {"input": ids, "input_lengths": np.array([ids.shape[1]], np.int64), "scales": scales}
            if config.num_speakers > 1:
                feed["sid"] = np.array([config.default_speaker_id], np.int64)
            yield self._network.sounds(feed)


def _load(folder: Path, threads: int, label: str) -> _Voice:
    import json

    from piper import PiperVoice
    from piper.config import PiperConfig

    try:
        config = PiperConfig.from_dict(json.loads((folder / SETTINGS).read_text("utf-8")))
        network: Any = Network(folder, threads)
        return _Voice(PiperVoice(session=network, config=config), network)
    except Exception as error:  # onnxruntime's errors have no common base but this
        raise ModelError(
            f"The voice {label} is damaged ({type(error).__name__}). Fetch it again with `voiceos models pull {label}`."
        ) from error


def make(setup: Setup) -> Piper:
    """As the settings say."""
    spoken = setup.config.speech
    voice = setup.shelf.resolve(spoken.voice, Purpose.VOICE)
    return Piper(voice, speed=spoken.speed, threads=spoken.threads, label=spoken.voice)
