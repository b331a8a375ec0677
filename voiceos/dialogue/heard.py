"""How much of a reply was heard: the words whose sound was played before it stopped."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class Spoken:
    """One spoken unit: its text, and its seconds of sound so far."""

    text: str
    seconds: float = 0.0
    whole: bool = False
    """Whether all of its sound is known."""


def heard_until(units: Sequence[Spoken], seconds: float) -> str:
    """The text of `units` whose sound lies within the first `seconds`, cut to the word.

    Within a unit a word's time is proportional to its letters, which is close enough because a voice keeps its pace.
    """
    heard: list[str] = []
    for unit in units:
        if seconds >= unit.seconds and unit.whole:
            if unit.seconds > 0:  # else the voice failed
                heard.append(unit.text)
            seconds -= unit.seconds
            continue
        if unit.seconds > 0:
            heard.append(_words_within(unit.text, min(1.0, max(0.0, seconds) / unit.seconds)))
        break
    return " ".join(text for text in heard if text)


def _words_within(text: str, share: float) -> str:
    words = text.split()
    letters = sum(len(word) + 1 for word in words)
    kept: list[str] = []
    so_far = 0
    for word in words:
        so_far += len(word) + 1
        if so_far - 1 > share * letters + 1e-6:
            break
        kept.append(word)
    return " ".join(kept)
