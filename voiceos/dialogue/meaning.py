"""What an utterance asks of the conversation itself: stop, carry on, or answer."""

import re
from difflib import SequenceMatcher
from enum import Enum, auto


class Meaning(Enum):
    NOTHING = auto()
    """No words: a cough, a noise."""
    BACKCHANNEL = auto()
    """The listener's "mm-hm": go on."""
    STOP = auto()
    """ "Stop", "never mind": be quiet, and do nothing."""
    CALLED = auto()
    """The wake word alone: what is wanted comes next."""
    WORDS = auto()
    """Something to answer."""


# Yngve (1970), "On getting a word in edgewise", named the back channel; the list is of its common English tokens.
_BACKCHANNEL = frozenset(
    "mhm mm mmm mmhm mmhmm hm hmm uhhuh uh huh um ah oh aha yeah yep yes ok okay right alright sure".split()
)
_BACKCHANNEL_PHRASES = frozenset({"i see", "got it", "go on", "all right", "i know"})
_STOP = re.compile(
    r"(?:(?:please|oh|no|ok|okay|hey|just)\s+)*"
    r"(?:stop(?: it| that| talking| please| now)?|never ?mind|be quiet|quiet|shut up|cancel(?: that)?|enough|"
    r"that's enough|forget it|hush|silence)"
    r"(?:\s+(?:please|now|thanks|thank you))*"
)


def plain(text: str) -> str:
    """Lower case, words only."""
    return " ".join(re.sub(r"[^\w\s']", " ", text.lower().replace("-", "")).split())


def meaning(text: str, *, over_reply: bool) -> Meaning:
    """What `text` asks for. A bare "yes" is a back channel only while the assistant is speaking."""
    words = plain(text)
    if not words:
        return Meaning.NOTHING
    if _STOP.fullmatch(words):
        return Meaning.STOP
    if over_reply and (words in _BACKCHANNEL_PHRASES or all(word in _BACKCHANNEL for word in words.split())):
        return Meaning.BACKCHANNEL
    return Meaning.WORDS


def without_wake_word(text: str, wake: str | None) -> str:
    """`text` less the wake word at its beginning, however the recogniser spelt it ("Hey, Jarvis," for hey_jarvis)."""
    if not wake:
        return text
    phrase = plain(wake.rsplit("/", 1)[-1].replace("_", " "))
    words = text.split()
    best, best_count = 0.6, 0
    for count in range(1, min(len(phrase.split()) + 2, len(words)) + 1):
        likeness = SequenceMatcher(
            None, plain(" ".join(words[:count])).replace(" ", ""), phrase.replace(" ", "")
        ).ratio()
        if likeness > best:
            best, best_count = likeness, count
    rest = " ".join(words[best_count:]).lstrip(" ,.!?-")
    return rest[:1].upper() + rest[1:] if best_count else text


def said_since(text: str, earlier: str) -> str:
    """What `text` adds to `earlier`, its beginning said before: both are transcripts of overlapping audio."""
    words, before = text.split(), [plain(word) for word in earlier.split()]
    match = SequenceMatcher(None, [plain(word) for word in words], before, autojunk=False).get_matching_blocks()
    end = max((block.a + block.size for block in match if block.size), default=0)
    return " ".join(words[end:])


ECHO_WORDS = 3
"""Fewer words than this may well be somebody repeating what they heard."""
ECHO_LIKENESS = 0.8


def is_echo(text: str, said: str) -> bool:
    """Whether `text`, heard while the assistant was speaking, is only its own `said` come back through the room."""
    words, spoken = plain(text).split(), plain(said).split()
    if len(words) < ECHO_WORDS:
        return False
    return any(
        SequenceMatcher(None, words, spoken[i : i + len(words)], autojunk=False).ratio() >= ECHO_LIKENESS
        for i in range(max(1, len(spoken) - len(words) + 1))
    )
