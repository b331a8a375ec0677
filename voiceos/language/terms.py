"""From text to words, and to the terms that are searched: folded, split and stemmed, in any script.

    Analyzer("en")("Caroline's café isn't on the 2nd floor")  →  carolin cafe isnt on the 2 floor

There is no list of stop words: a term's rarity weighs it. Case, accents, apostrophes, thousands separators and ordinal
endings are folded away, so that what was heard finds what was written. Scripts without spaces become pairs of letters.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Protocol

REVISION = 1
"""Raised whenever the same text may give other terms than before: an index made by another revision is rebuilt."""
LONGEST_TERM = 40
"""Characters of a term that count. More is not a word, but a key or an encoded picture."""

_STEMMER_OF_LANGUAGE = {
    "ca": "catalan", "cs": "czech", "da": "danish", "nl": "dutch", "en": "english", "eo": "esperanto", "et": "estonian",
    "eu": "basque", "fi": "finnish", "fr": "french", "de": "german", "hu": "hungarian", "id": "indonesian",
    "ga": "irish", "it": "italian", "lt": "lithuanian", "no": "norwegian", "nb": "norwegian", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "es": "spanish", "sv": "swedish", "tr": "turkish", "ru": "russian",
    "sr": "serbian",
}  # fmt: skip
_SCRIPTS = (
    ("a", "z", ""),  # the stemmer of the analyzer's own language
    ("\u0370", "\u03ff", "greek"),
    ("\u0400", "\u052f", "russian"),
    ("\u0530", "\u058f", "armenian"),
    ("\u0600", "\u06ff", "arabic"),
    ("\u0900", "\u097f", "hindi"),
    ("\u0b80", "\u0bff", "tamil"),
)
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNSPACED = f"{_HAN}\u3005\u3040-\u30ff\u31f0-\u31ff\u0e01-\u0eff\u0f40-\u0fbc\u1000-\u109f\u1780-\u17ff"
_SPACED = rf"[^\W\d_{_UNSPACED}]|[\u0900-\u0963\u0966-\u0dff]"  # vowel signs: not letters to `re`, but part of a word
_TOKEN = re.compile(
    r"(?:[a-z]\.){2,}[a-z]?(?![a-z])"  # a.m.
    r"|\d+(?:[.,:]\d+)*(?:(?:st|nd|rd|th)\b)?"
    r"|[a-z]-[a-z]+"  # e-mail
    rf"|(?:{_SPACED})+(?:'(?:{_SPACED})+)*"
    rf"|[{_UNSPACED}]+"
)
_ASCII_TOKEN = re.compile(  # the same, and what is most frequent first
    r"[a-z]{2,}(?:'[a-z]+)*|\d+(?:[.,:]\d+)*(?:(?:st|nd|rd|th)\b)?"
    r"|(?:[a-z]\.){2,}[a-z]?(?![a-z])|[a-z]-[a-z]+|[a-z](?:'[a-z]+)*"
)
_UNSPACED_LETTER = re.compile(f"[{_UNSPACED}]")
_TAIL = re.compile(r"'(?:s|m|re|ve|ll|d)$")
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|(?:d|n)?ell|(?:d|n|s)?ull|un|quest)'")
_THOUSANDS = re.compile(r",(?=\d{3}(?!\d))")
_LIKE_LATIN = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ё": "е"}
_APOSTROPHES = "’‘ʼ＇`´′"


_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def words(text: str) -> list[str]:
    """The words of a text in small letters, without the marks around them; apostrophes straight."""
    return _WORD.findall(text.lower().replace("’", "'"))


def first_word(text: str) -> str:
    """The first of its words; empty: none."""
    found = _WORD.search(text.lower().replace("’", "'"))
    return found[0] if found else ""


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...


class Analyzer:
    """Makes terms of text. `language` (two letters) is that of words in Latin script; others are told by script."""

    def __init__(self, language: str = "en") -> None:
        self.language = language if language in _STEMMER_OF_LANGUAGE else "en"
        self.identity = f"{REVISION}:{self.language}"
        """Names what terms look like: an index keeps it, and is rebuilt when it is another."""
        self._terms_of = lru_cache(maxsize=1 << 16)(self._terms_of_token)
        self._of_word = lru_cache(maxsize=1 << 14)(self._of)
        self._stemmers: dict[str, _Stemmer] = {}

    def __call__(self, text: str) -> list[str]:
        """The terms in order, repeated as often as they occur. Their places in the list are their positions."""
        return list(self._of_word(text) if len(text) <= LONGEST_TERM else self._of(text))

    def _of(self, text: str) -> tuple[str, ...]:
        tokens = _ASCII_TOKEN.findall(text.lower()) if text.isascii() else _TOKEN.findall(fold(text))
        return tuple(chain.from_iterable(map(self._terms_of, tokens)))

    def _terms_of_token(self, token: str) -> Sequence[str]:
        token = token[: 2 * LONGEST_TERM]
        first = token[0]
        if first.isdigit():
            return _numbers(token)
        if not first.isascii() and _UNSPACED_LETTER.match(first):
            return _pairs(token)
        if "." in token:
            return (token.replace(".", ""),)
        if "-" in token:
            _, _, rest = token.partition("-")
            return (self._stem(token.replace("-", "")), self._stem(rest))
        if "'" in token:
            token = _TAIL.sub("", token)
        if self.language in ("fr", "it"):
            token = _ELISION.sub("", token)
        return (self._stem(token.replace("'", ""))[:LONGEST_TERM],) if token else ()

    def _stem(self, word: str) -> str:
        for first, last, name in _SCRIPTS:
            if first <= word[0] <= last:
                return self._stemmer(name or _STEMMER_OF_LANGUAGE[self.language]).stemWord(word)
        return word

    def _stemmer(self, name: str) -> _Stemmer:
        if name not in self._stemmers:
            import Stemmer

            self._stemmers[name] = Stemmer.Stemmer(name)
        return self._stemmers[name]


def fold(text: str) -> str:
    """Lower case without accents, points or odd apostrophes; letters that carry meaning (й, が, vowel signs) stay."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_FOLDED)


def _numbers(token: str) -> Sequence[str]:
    """1,500 → 1500; 2nd → 2; 05 → 5; 7:30 and 3.5 stay; 02.05.2023 → its three parts."""
    number = _THOUSANDS.sub("", token.rstrip("stndrh.,:"))
    parts = re.split("[.,:]", number)
    if len(parts) > 2:
        return tuple((part.lstrip("0") or "0")[:LONGEST_TERM] for part in parts)
    return ((number.lstrip("0") or "0")[:LONGEST_TERM],)


def _pairs(run: str) -> Sequence[str]:
    """Each pair of neighbouring letters, and each Chinese character by itself."""
    if len(run) == 1:
        return (run,)
    terms: list[str] = []
    for letter, following in zip(run, [*run[1:], ""], strict=True):
        if re.match(f"[{_HAN}]", letter):
            terms.append(letter)
        if following:
            terms.append(letter + following)
    return terms


class _Folding(dict[int, str]):
    """What each character becomes, found out at its first use."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        self[code] = folded = _fold_letter(letter)
        return folded


def _fold_letter(letter: str) -> str:
    if letter in _LIKE_LATIN:
        return _LIKE_LATIN[letter]
    if letter in _APOSTROPHES:
        return "'"
    category = unicodedata.category(letter)
    if category == "Nd":
        return str(unicodedata.digit(letter))
    if category == "Cf" or "\u0300" <= letter <= "\u036f" or "\u0591" <= letter <= "\u05c7" or letter == "\u0640":
        return ""
    if "\u064b" <= letter <= "\u065f" or letter == "\u0670":
        return ""
    base = unicodedata.normalize("NFKD", letter)[0]
    return base if "a" <= base <= "z" or "\u03b1" <= base <= "\u03c9" else letter


_FOLDED = _Folding()
