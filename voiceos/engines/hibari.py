"""Speech synthesis with Hibari, in this process: small, quick, English only."""

import json
import os
import sqlite3
from collections.abc import AsyncGenerator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from voiceos.core import Frame
from voiceos.engines.engine import Setup
from voiceos.engines.voicing import TRAIL_SECONDS, WITHIN_SECONDS, frames, gain_of, pcm, pieces, speakable
from voiceos.engines.worker import Worker, suitable_threads
from voiceos.errors import EngineError, ModelError
from voiceos.models.model import Purpose
from voiceos.models.pronunciation import NETWORK, TABLES, Table

THREADS = 1
"""The network is small: a second thread saves a third of the time for half as much work again."""
SLOWEST, FASTEST = 0.5, 2.0
GOES_ON = "—"
"""The sign after which this voice falls least, and the next words join on best; see docs/research/first-sound.md."""


class Hibari:
    """A Hibari voice. Loads when it is warmed or first used."""

    def __init__(self, voice: Path, *, speed: float = 1.0, threads: int = 0, label: str = "") -> None:
        """`voice`: the folder that `voiceos.models.pronunciation` has made. `speed` 1: as it was trained."""
        self._folder = voice
        self._speed = speed
        self._threads = suitable_threads(threads, THREADS)
        self._label = label or voice.name
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
            sentences = await self._worker.run(lambda _, piece=piece: self.phonemes(piece))
            for phonemes in sentences:
                sound = await self._worker.run(lambda _, phonemes=phonemes: self._said(phonemes, pace))
                for frame in frames(sound, self._voice().sample_rate):
                    yield frame

    def phonemes(self, text: str) -> list[str]:
        """What it pronounces, sentence by sentence. Blocks."""
        voice, text = self._voice(), speakable(text).replace("](", "] (")  # which would begin raw phonemes
        sentences = voice.phonemize(text) if text else []
        if sentences and text.endswith(","):  # which the rules drop at the end
            sentences[-1] += GOES_ON
        return sentences

    def _said(self, phonemes: str, pace: float) -> bytes:
        """16-bit PCM of a sentence."""
        voice = self._voice()
        speed = min(max(self._speed * pace, SLOWEST), FASTEST)
        try:
            sound = voice.from_phonemes(phonemes, speed)
        except Exception as error:
            raise EngineError(f"The voice {self._label} could not speak: {error}") from error
        trail = WITHIN_SECONDS if phonemes.endswith(GOES_ON) else TRAIL_SECONDS
        return b"".join(pcm([sound], self._gain, voice.sample_rate, trail))

    def _voice(self) -> Any:
        if self._loaded is None:
            loaded = _load(self._folder, self._threads, self._label)
            self._gain = gain_of(loaded("Ready.", seed=0), loaded.sample_rate)
            self._loaded = loaded
        return self._loaded


def _pronunciation(tables: Path) -> Any:
    """The package's own rules, with its dictionaries on the disk."""
    from hibari.g2p import G2P
    from hibari.g2p.lexicon import Lexicon
    from hibari.g2p.tagger import Tagger
    from hibari.g2p.tokenize import Tokenizer
    from hibari.tts import ASSETS

    db = sqlite3.connect(f"{tables.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    whole = Table(db, "whole")
    rules: Any = G2P.__new__(G2P)  # which would read all of its dictionaries
    rules.british = whole.get("accent") == "gb"
    rules.lexicon = Lexicon(Table(db, "gold"), Table(db, "silver"), rules.british)
    rules.tokenizer = Tokenizer(json.loads(Path(ASSETS, "tokenizer_exceptions.json").read_text("utf-8")))
    rules.tagger = Tagger({"tagdict": Table(db, "tagdict"), "weights": Table(db, "weights"), "tags": whole.get("tags")})
    vocabulary = whole.get("vocab")
    rules.tagger.vocab = None if vocabulary is None else set(vocabulary)
    rules._oov, rules.unk = None, ""
    return rules


def _load(folder: Path, threads: int, label: str) -> Any:
    from hibari import Hibari as Voice

    try:
        rules = _pronunciation(folder / TABLES)
        return Voice(model=os.fspath(folder / NETWORK), threads=threads, g2p=rules)
    except Exception as error:  # onnxruntime's errors have no common base but this
        raise ModelError(
            f"The voice {label} is damaged ({type(error).__name__}). Fetch it again with `voiceos models pull {label}`."
        ) from error


def make(setup: Setup) -> Hibari:
    """As the settings say."""
    spoken = setup.config.speech
    voice = setup.shelf.resolve(spoken.voice, Purpose.VOICE)
    return Hibari(voice, speed=spoken.speed, threads=spoken.threads, label=spoken.voice)
