"""Whether what a sentence names is wanted: not if that is denied, asked about, told of, or taken back at once."""

import re
from dataclasses import dataclass
from functools import cache

from voiceos.language.data import pattern, table, with_parts
from voiceos.language.joined import is_order

DATA = "wanted"


@dataclass(frozen=True, slots=True)
class Denied:
    """An order not to do something: "don't set an alarm, set a timer"."""

    order: str
    """What is not to be done."""
    instead: str
    """The order that follows; empty: none."""
    end: int
    """Where the words end that deny it."""


def denied(text: str) -> Denied | None:
    """`text`: without what is only polite."""
    found = pattern("en", DATA, "denied").match(text)
    if not found:
        return None
    order, instead = _cut(text[found.end() :])
    if not instead and pattern("en", DATA, "rather").search(order):
        return None
    return Denied(order, instead, found.end())


def only_named(text: str) -> int:
    """Where the words end with which an order is only told of, or asked about: "I set", "should I"; 0: it is wanted.

    What an order follows leads to that: "I put the lasagne in, set a timer".
    """
    found = pattern("en", DATA, "asked").match(text) or _told().match(text)
    return 0 if not found or _cut(text)[1] else found.end()


def taken_back(text: str) -> str:
    """The order that is taken back in the same breath: "wake me at six, no, don't"; empty: none is."""
    found = pattern("en", DATA, "taken_back").search(text)
    return text[: found.start()].strip() if found else ""


def _cut(text: str) -> tuple[str, str]:
    """What comes before the first order that follows another clause, and that order."""
    for joint in pattern("en", DATA, "clause").finditer(text):
        if is_order(text[joint.end() :]):
            return text[: joint.start()], text[joint.end() :]
    return text, ""


@cache
def _told() -> re.Pattern[str]:
    data = table("en", DATA)
    return with_parts(data["told"], {name: data[name] for name in ("deeds", "unnamed")})
