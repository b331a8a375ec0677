"""Lines that tell the opposite of what a question asks: when something was bought, and not when it was sold."""

from functools import cache
from typing import NamedTuple

from voiceos.language.data import table
from voiceos.language.terms import words


class _Side(NamedTuple):
    infinitive: str
    forms: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        return self.forms | {self.infinitive}


class Opposite:
    """Knows which texts only tell the opposite."""

    def __init__(self, question: str) -> None:
        asked = set(words(question))
        both_ways = ((one, other) for pair in _pairs() for one, other in (pair, pair[::-1]))
        self._asked = [
            (one, other) for one, other in both_ways if not one.all.isdisjoint(asked) and other.all.isdisjoint(asked)
        ]

    def __call__(self, text: str) -> bool:
        said = set(words(text)) if self._asked else set[str]()
        return any(one.all.isdisjoint(said) and not other.forms.isdisjoint(said) for one, other in self._asked)


@cache
def _pairs() -> list[tuple[_Side, _Side]]:
    pairs = [[_side(part) for part in line.split("|")] for line in table("en", "questions")["opposites"]]
    return [(one, other) for one, other in pairs]


def _side(text: str) -> _Side:
    infinitive, _, forms = text.partition(":")
    return _Side(infinitive.strip(), frozenset(forms.split()))
