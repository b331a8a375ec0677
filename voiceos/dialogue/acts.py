"""What an utterance means for the conversation: stop, go on, a call, or something to answer."""

import re
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from enum import Enum, auto
from functools import lru_cache
from pathlib import Path

from voiceos.language.data import pattern, table, words_in
from voiceos.language.sentences import capital
from voiceos.language.terms import words


class Act(Enum):
    NOTHING = auto()
    """No words: a cough, a noise."""
    BACKCHANNEL = auto()
    """The listener's "mm-hm": go on."""
    STOP = auto()
    """ "Stop", "never mind": be quiet, and do nothing."""
    CALLED = auto()
    """The wake word alone: the request comes next."""
    WORDS = auto()
    """Something to answer."""


def act_of(text: str, *, over_reply: bool) -> Act:
    """What `text` does. A bare "yes" is a back channel only while the assistant is speaking."""
    said = words(text)
    plain = " ".join(said)
    if not said:
        return Act.NOTHING
    if pattern("en", "acts", "stop").fullmatch(plain):
        return Act.STOP
    fillers = words_in("en", "acts", "backchannel")
    if over_reply and (fillers.issuperset(said) or plain in table("en", "acts")["backchannel_phrases"]):
        return Act.BACKCHANNEL
    return Act.WORDS


def without_wake_word(text: str, wake: str | None) -> str:
    """`text` less the wake word at its beginning, however the recogniser spelt it ("Hey, Jarvis," for hey_jarvis)."""
    if not wake:
        return text
    phrase = words(wake.rsplit("/", 1)[-1])
    given = text.split()
    best, best_count = 0.6, 0
    for count in range(1, min(len(phrase) + 2, len(given)) + 1):
        likeness = SequenceMatcher(None, "".join(words(" ".join(given[:count]))), "".join(phrase)).ratio()
        if likeness > best:
            best, best_count = likeness, count
    rest = " ".join(given[best_count:]).lstrip(" ,.!?-")
    return capital(rest) if best_count else text


def without_names(text: str, names: Sequence[str], is_asked: Callable[[str], bool] = lambda _: True) -> str:
    """`text` less the `names` of wake words, or paths of their models, that it begins with or that follow a sentence.

    Whoever calls again begins again: a "stop" before that is no part of what is asked, the rest is, where `is_asked`.
    "" if nothing is.
    """
    if not (called := _called(tuple(names))):
        return text
    begin, between = called
    rest = begin.sub("", text)
    if len(parts := [part for part in between.split(rest) if words(part)]) > 1:
        asked = [part for part in parts[:-1] if act_of(part, over_reply=False) is not Act.STOP and is_asked(part)]
        parts = [*asked, parts[-1]]
    return text if parts == [text] else " ".join(capital(part) for part in parts)


@lru_cache(maxsize=8)
def _called(names: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]] | None:
    """Names at the beginning, and after a sentence if a mark or nothing follows: "Ann left. Alexa is in." has none."""
    phrases = [[re.escape(word) for word in words(Path(name).stem)] for name in names]
    if not any(phrases):
        return None
    one = "|".join(r"[\W_]+".join(phrase) for phrase in phrases if phrase)
    return (
        re.compile(rf"^\W*(?:(?:{one})(?![\w'’])[\s,.!?:;-]*)+", re.IGNORECASE),
        re.compile(rf"(?<=[.?!])\s+(?:(?:{one})(?:[,.!?:;-]\s*|\s*$))+", re.IGNORECASE),
    )


def said_since(text: str, earlier: str) -> str:
    """What `text` adds to `earlier`, its beginning said before: both are transcripts of overlapping audio."""
    given = text.split()
    now, before = (["".join(words(word)) for word in some.split()] for some in (text, earlier))
    match = SequenceMatcher(None, now, before, autojunk=False).get_matching_blocks()
    end = max((block.a + block.size for block in match if block.size), default=0)
    return " ".join(given[end:])


def is_again(text: str, earlier: str) -> bool:
    """Whether `text` is `earlier` said or heard again, in full or contracted. Of a word or two, both may be meant."""
    said = _in_full(text)
    return len(said) >= ECHO_WORDS and said == _in_full(earlier)


def _in_full(text: str) -> list[str]:
    known = table("en", "fact_words")
    whole: dict[str, str] = known["contractions"]
    endings: dict[str, str] = known["endings"]
    found = list[str]()
    for word in words(text):
        ending = next((one for one in endings if word.endswith(one)), "")
        apart = f"{word.removesuffix(ending)} {endings[ending]}" if ending else word
        found += whole.get(word, apart).split()
    return found


ECHO_WORDS = 3
"""Fewer words than this may be somebody repeating what they heard."""
ECHO_LIKENESS = 0.8


def is_echo(text: str, said: str) -> bool:
    """Whether `text`, heard while the assistant was speaking, is only an echo of its own `said`."""
    heard, spoken = words(text), words(said)
    if len(heard) < ECHO_WORDS:
        return False
    return any(
        SequenceMatcher(None, heard, spoken[i : i + len(heard)], autojunk=False).ratio() >= ECHO_LIKENESS
        for i in range(max(1, len(spoken) - len(heard) + 1))
    )
