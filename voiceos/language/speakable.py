"""Makes written text speakable: no markup, no emoji, and where a language can, everything in words."""

import re
from functools import cache
from importlib import import_module, util
from typing import Protocol, cast

from voiceos.language.markup import plain, rewritten

LONGEST_TEXT = 8_000
"""Characters of one spoken unit beyond which nothing is read: ten minutes of speech."""
LONGEST_WORD = 400
"""Longer words are data, not words, and are left out."""
_ROUNDS = 6

_URL = re.compile(r"<?\b(?:(?:https?|ftp)://|www\.)([^\s<>\"'()\[\]{}|]{1,400})>?", re.IGNORECASE)
_GROUP = re.compile(r"(?<![\d.,])\d{1,3}(?:[\u00a0\u2009\u202f'’]\d{3}){1,4}(?!\d)")
_WORD = re.compile(r"\w")
_HUGE = re.compile(rf"\S{{{LONGEST_WORD},}}")


class Speech(Protocol):
    """What a language's folder offers in `speech.py`, if its voices need it."""

    def say_addresses(self, text: str) -> str: ...
    def say(self, text: str, *, day_first: bool) -> str: ...
    def dotted(self, name: str) -> str: ...
    def tail(self, address: str) -> str: ...


def speakable(text: str, language: str = "en") -> str:
    """The text as a voice should be given it; "" when nothing in it can be spoken.

    English gets its numbers, symbols and abbreviations in words; other languages only lose their markup, for their
    voices read numbers themselves. Never raises; applied twice it changes nothing more.
    """
    language = language.lower().replace("_", "-")
    for _ in range(_ROUNDS):
        before, text = text, _once(text, language)
        if text == before:
            return text
    # Each round found something new, so this is not normal text. Its bare words will do.
    return _once(" ".join(re.findall(r"[^\W\d_]{2,}", text)), language)


@cache
def _speech(language: str) -> Speech | None:
    name = f"voiceos.language.{language.split('-')[0]}.speech"
    try:
        return cast(Speech, import_module(name)) if util.find_spec(name) else None
    except ModuleNotFoundError:  # not even a folder
        return None


def _once(text: str, language: str) -> str:
    speech = _speech(language)
    text = _URL.sub(lambda found: _site(found[1], speech), text[:LONGEST_TEXT])
    if speech:
        text = _GROUP.sub(lambda found: re.sub(r"\D", ",", found[0]), speech.say_addresses(text))
    text = _HUGE.sub(" ", plain(text))
    if speech:
        text = speech.say(text, day_first=language == "en-gb")
    return _tidy(text)


def _site(address: str, speech: Speech | None) -> str:
    host = re.split(r"[/?#]", address, maxsplit=1)[0].rsplit("@", 1)[-1].split(":")[0]
    host = host.rstrip(".,;!*_").removeprefix("www.")
    tail = address[len(address.rstrip(".,;:!?*_")) :].strip("*_")
    if len(host) > 60 or not _WORD.search(host):
        return ("a link" if speech else " ") + tail
    return (speech.dotted(host) if speech else host) + tail


def _tidy(text: str) -> str:
    text = rewritten(text, "spoken").strip(" ,;:-'/")
    return text if _WORD.search(text) else ""
