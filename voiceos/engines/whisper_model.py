"""A Whisper model in CTranslate2's format: loads it, and encodes, aligns and decodes one window of sound with it."""

import math
import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.core import RATE
from voiceos.errors import ConfigError, EngineError, ModelError

MARGIN = 1.0
"""The least seconds of silence after the utterance in a window."""
WHOLE = 30.0
"""Seconds of the window that Whisper was trained on, and its longest."""

Samples = NDArray[np.float32]


class WhisperModel:
    """Loads when it is first needed, never from the network. Its methods block, and raise ModelError, ConfigError."""

    def __init__(self, folder: Path, language: str, threads: int, label: str) -> None:
        """`language`: two letters, or "auto"."""
        self._folder = folder
        self._language = language
        self._threads = threads
        self._label = label
        self._loaded: Any = None
        self._tokenizers: dict[str, Any] = {}
        self._seen: tuple[Samples, int, Any] | None = None
        self.looks = 0
        """How many windows were looked at so far."""

    @property
    def whole(self) -> Any:
        """faster-whisper's own."""
        if self._loaded is None:
            self._loaded = _load(self._folder, self._threads, self._label)
            languages: list[str] = self._loaded.supported_languages
            if self._language not in ("auto", *languages):
                self._loaded = None
                raise ConfigError(
                    f"The recognition model {self._label} does not support the language {self._language!r}. "
                    "Set `recognition.language` to another, or to 'auto'."
                )
        return self._loaded

    def tokenizer(self, language: str) -> Any:
        from faster_whisper.tokenizer import Tokenizer

        if language not in self._tokenizers:
            model = self.whole
            self._tokenizers[language] = Tokenizer(
                model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=language
            )
        return self._tokenizers[language]

    @contextmanager
    def failing(self) -> Generator[None]:
        """What CTranslate2 raises within, as an EngineError."""
        try:
            yield
        except RuntimeError as error:
            raise EngineError(f"The recognition model {self._label} failed: {error}.") from error

    def encode(self, samples: Samples, window: float, margin: float = MARGIN) -> Any:
        """The encoder's output for a window, or for the utterance and its margin if longer."""
        seconds = min(WHOLE, max(window, math.ceil((len(samples) / RATE + margin) * 2) / 2))
        size = int(seconds * RATE)
        if self._seen and self._seen[1] == size and np.array_equal(self._seen[0], samples):
            return self._seen[2]
        self.looks += 1
        padded = np.zeros(size, np.float32)
        padded[: len(samples)] = samples[: len(padded)]
        model = self.whole
        mel = model.feature_extractor(padded, padding=0)
        encoded = model.encode(mel[:, : len(padded) // model.feature_extractor.hop_length])
        self._seen = samples, size, encoded
        return encoded

    def align(
        self, samples: Samples, tokens: list[int], language: str, window: float, margin: float = MARGIN
    ) -> Sequence[float]:
        """The probability of each of these tokens in this sound. Raises EngineError, too."""
        start = list(self.tokenizer(language).sot_sequence)
        with self.failing():
            encoded = self.encode(samples, window, margin)
            return self.whole.model.align(encoded, start, [tokens], len(samples) // 160)[0].text_token_probs

    def generate(self, encoded: Any, prompt: list[int], seconds: float, **options: Any) -> Any:
        """What is decoded after a prompt: so few tokens for so many seconds of speech that a loop ends soon."""
        most = 10 + int(8 * seconds)
        longest = max(2 * most, len(prompt) + most)  # CTranslate2 halves it, as Whisper does
        return self.whole.model.generate(encoded, [prompt], max_length=longest, **options)[0]

    def spoken(self, encoded: Any) -> tuple[str, float]:
        """The spoken language and its probability."""
        model = self.whole.model
        if not model.is_multilingual:
            return "en", 1.0
        token, probability = model.detect_language(encoded)[0][0]
        return token[2:-2], probability  # "<|en|>"


def _load(folder: Path, threads: int, label: str) -> Any:
    """A `WhisperModel`. Raises ModelError if it is damaged."""
    # OpenMP's threads spin while they wait for each other. By default for so long that, on cores which they must share
    # with the language model, a quarter of a second of work was seen to take eight. Read when the library is loaded.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    import faster_whisper

    try:
        return faster_whisper.WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=threads, num_workers=1, local_files_only=True
        )
    except Exception as error:  # CTranslate2 and tokenizers have no base of their own
        raise ModelError(
            f"The recognition model in {folder} is damaged ({_first_sentence(error)}). "
            f"Fetch it again with `voiceos models pull {label}`."
        ) from error


def _first_sentence(error: Exception) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0].split(". ")[0].rstrip(".")
