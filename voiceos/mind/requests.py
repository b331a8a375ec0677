"""What an utterance asks of the memory itself: keep this, erase that, what do you know, where did you get it.

English only: in any other language the words go to the language model, with what was recalled.
"""

import re
from dataclasses import dataclass
from typing import TypeAlias

from voiceos.language.data import pattern

LONGEST = 1000
"""Characters; more is a dictation, not a request."""


@dataclass(frozen=True, slots=True)
class Remember:
    """ "Remember that the key is under the pot." """

    words: str
    is_task: bool = False
    """ "Remember to …": something to do, which wants a reminder too."""


@dataclass(frozen=True, slots=True)
class About:
    """ "What do you know about Ana?" """

    topic: str


@dataclass(frozen=True, slots=True)
class Said:
    """ "What did I say about the boiler last winter?" """

    topic: str


@dataclass(frozen=True, slots=True)
class Talked:
    """ "What did we talk about on Monday?" """

    when: str


@dataclass(frozen=True, slots=True)
class Why:
    """ "Where did you get that?" """


@dataclass(frozen=True, slots=True)
class Wrong:
    """ "That's wrong, it's the fourth of May." """

    correction: str = ""


@dataclass(frozen=True, slots=True)
class ForgetThat:
    """ "Forget that." """


@dataclass(frozen=True, slots=True)
class ForgetAbout:
    """ "Forget everything about the hospital." """

    topic: str = ""
    """Empty: all of it."""


Request: TypeAlias = Remember | About | Said | Talked | Why | Wrong | ForgetThat | ForgetAbout


def request_in(text: str) -> Request | None:
    """What `text` asks of the memory; None when it asks nothing of it."""
    text = text.strip()
    if len(text) > LONGEST:
        return None
    if _fits("forget_that", text):
        return ForgetThat()
    if found := _fits("forget_about", text):
        return ForgetAbout(found["topic"] or "")
    if found := _fits("remember", text):
        return None if text.endswith("?") else Remember(found["words"].strip(), bool(found["to"]))
    if found := _fits("about", text):
        return About(found["topic"])
    if found := _fits("talked", text):
        return Talked(found["when"].strip())
    if found := _fits("said", text):
        return Said(found["topic"])
    if _fits("why", text):
        return Why()
    if found := _fits("wrong", text):
        correction = (found["correction"] or "").strip()
        return Wrong(pattern("en", "requests", "before_a_correction").sub("", correction, count=1))
    return None


def is_yes(text: str) -> bool:
    """Whether somebody consents to what was just asked."""
    return bool(_fits("yes", text.strip()))


def _fits(key: str, text: str) -> re.Match[str] | None:
    return pattern("en", "requests", key, whole=True).fullmatch(text)
