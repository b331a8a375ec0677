"""How words are pronounced, by the letter-to-sound rules of espeak-ng that come with Piper."""

import re
import threading
from collections.abc import Iterable, Sequence
from typing import Any

from voiceos.errors import EngineError

_NO_SOUND = re.compile(r"\([^)]*\)|[ˈˌːˑ͡‿ʲʷʰˠ̩̯̪̃\u0300-\u036f]")
"""Stress, length, and what a consonant is coloured with: recognisers do not tell them apart reliably either."""


class Phonemes:
    """The sounds of words in the letters of the International Phonetic Alphabet; loads when it is first asked.

    Any thread may ask. espeak-ng keeps its language in the process, so that a voice that speaks meanwhile would have
    it changed between two of its own calls: only English is spoken here, unless `languages` names more.
    """

    def __init__(self, languages: Sequence[str] = ("en-us",)) -> None:
        self._languages = languages
        self._lock = threading.Lock()
        self._loaded: Any = None

    def __call__(self, words: Iterable[str]) -> list[str]:
        """The sounds of each word or phrase, without spaces; empty if it cannot be pronounced. Raises EngineError."""
        return self.read(words, self._languages[0])

    def read(self, words: Iterable[str], language: str) -> list[str]:
        """The same, as somebody would read it who speaks that language. Raises EngineError."""
        with self._lock:
            try:
                if self._loaded is None:
                    from piper.phonemize_espeak import EspeakPhonemizer

                    self._loaded = EspeakPhonemizer()
                return [self._sounds(word, language) for word in words]
            except RuntimeError as error:  # what espeak's binding raises
                raise EngineError(f"The rules of pronunciation for {language} do not work: {error}.") from error

    def _sounds(self, word: str, language: str) -> str:
        plain = "".join(c if c.isalnum() or c in "' " else " " for c in word).strip()
        sentences: list[list[str]] = self._loaded.phonemize(language, plain) if plain else []
        return "".join(c for c in _NO_SOUND.sub("", "".join("".join(s) for s in sentences)) if c.isalpha())
