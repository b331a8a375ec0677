"""How words are pronounced, by espeak-ng's letter-to-sound rules, which come with Piper."""

import re
import threading
from collections.abc import Iterable
from typing import Any

from voiceos.errors import EngineError

_NO_SOUND = re.compile(r"\([^)]*\)|[ˈˌːˑ͡‿ʲʷʰˠ̩̯̪̃\u0300-\u036f]")
"""Stress, length and secondary articulation, which recognisers do not tell apart reliably either."""


ESPEAK = threading.Lock()
"""Held from choosing espeak-ng's language to reading its phonemes, because the choice is global."""


class Phonemes:
    """The sounds of words in the International Phonetic Alphabet. Loads when first used.

    Any thread may ask.
    """

    def __init__(self, language: str = "en-us") -> None:
        self._language = language
        self._loaded: Any = None

    def __call__(self, words: Iterable[str]) -> list[str]:
        """The sounds of each word or phrase, without spaces; empty if it cannot be pronounced. Raises EngineError."""
        try:
            return [self._sounds(word) for word in words]
        except RuntimeError as error:  # what espeak's binding raises
            raise EngineError(f"The pronunciation rules for {self._language} do not work: {error}.") from error

    def _sounds(self, word: str) -> str:
        plain = "".join(c if c.isalnum() or c in "' " else " " for c in word).strip()
        if not plain:
            return ""
        with ESPEAK:
            if self._loaded is None:
                from piper.phonemize_espeak import EspeakPhonemizer

                self._loaded = EspeakPhonemizer()
            sentences: list[list[str]] = self._loaded.phonemize(self._language, plain)
        return "".join(c for c in _NO_SOUND.sub("", "".join("".join(s) for s in sentences)) if c.isalpha())
