"""Requests to the memory itself: keep this, erase that, what do you know, where did you get it.

English only: in any other language the words go to the language model, with what was recalled.
"""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from voiceos.language.data import pattern

LONGEST = 1000
"""Characters; more is a dictation, not a request."""

Kind = Literal["forget_that", "forget_about", "remember", "about", "talked", "said", "why", "wrong"]
"""The pattern of each is in `language/en/requests.toml`; they are tried in this order."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the memory."""

    kind: Kind
    words: str = ""
    """What to keep, the topic, the time or the correction. An empty topic to forget means everything."""
    is_task: bool = False
    """ "Remember to …": something to do, which wants a reminder too."""


def request_in(text: str) -> Request | None:
    """What `text` asks of the memory; None when it asks nothing of it."""
    text = text.strip()
    if len(text) > LONGEST:
        return None
    for kind in get_args(Kind):
        if found := _fits(kind, text):
            fields = found.groupdict()
            words = (fields.get("words") or "").strip()
            if kind == "remember" and text.endswith("?"):
                return None
            if kind == "wrong":
                words = pattern("en", "requests", "before_a_correction").sub("", words, count=1)
            return Request(kind, words, is_task=bool(fields.get("to")))
    return None


def is_yes(text: str) -> bool:
    """Whether this agrees to what was just asked."""
    return bool(_fits("yes", text.strip()))


def _fits(key: str, text: str) -> re.Match[str] | None:
    return pattern("en", "requests", key, whole=True).fullmatch(text)
