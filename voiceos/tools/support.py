"""How far the owner's words ask for a tool: by meaning, compared with all other tools that are at hand."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from voiceos.language.data import pattern
from voiceos.language.terms import Analyzer
from voiceos.tools.permission import Support, spoken
from voiceos.tools.tool import Effect, Tool

Floats = NDArray[np.float32]
Encode = Callable[[str], Floats]
"""The meaning of a sentence, as a vector of length 1."""

BEST, PLAIN, SOME = -0.02, -0.2, -0.4
"""How far below the tool that fits best another may be, for each kind of support."""
_LEVELS = ((Support.BEST, BEST), (Support.PLAIN, PLAIN), (Support.SOME, SOME))
LONGEST_ABOUT = 200
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_CLAUSE = re.compile(r"(?<=[.!?;:])\s+|\n+|,\s+")


class Meaning:
    """Supports, by a sentence encoder, or without one by words that tool and owner share. From any thread."""

    def __init__(self, encode: Encode | None = None) -> None:
        self._encode = lru_cache(1024)(encode) if encode else None
        self._terms = Analyzer("en")

    def __call__(self, said: Sequence[str], tool: Tool, tools: Sequence[Tool]) -> Support:
        if tool.effect is Effect.ACT and not _wants_acts(said[-1]):
            return Support.NONE
        distance = self.distance(said, tool, tools)
        reached = (level for level, least in _LEVELS if distance >= least)
        return next(reached, Support.NONE)

    def distance(self, said: Sequence[str], tool: Tool, tools: Sequence[Tool]) -> float:
        """How much worse a tool fits the owner's last words than the one that fits best: 0 or less."""
        every = [tool, *(one for one in tools if one.name != tool.name)]
        clauses = list(dict.fromkeys(part for part in (said[-1], *_CLAUSE.split(said[-1])) if part.strip()))
        fits = self._by_meaning if self._encode else self._by_words
        scores = fits(clauses, every)
        return float(scores[0] - scores.max())

    def _by_meaning(self, clauses: Sequence[str], tools: Sequence[Tool]) -> Floats:
        words = np.stack([self._vector(clause) for clause in clauses])
        named = np.stack([self._vector(spoken(tool.name)) for tool in tools])
        told = np.stack([self._vector(f"{spoken(tool.name)}: {_about(tool)}") for tool in tools])
        return ((words @ named.T).max(axis=0) + (words @ told.T).max(axis=0)) / 2

    def _vector(self, text: str) -> Floats:
        assert self._encode
        return self._encode(text)

    def _by_words(self, clauses: Sequence[str], tools: Sequence[Tool]) -> Floats:
        said = set(self._terms(" ".join(clauses)))
        names = [set(self._terms(spoken(tool.name))) for tool in tools]
        return np.array([len(said & name) / max(1, len(name)) for name in names], np.float32)


def _wants_acts(said: str) -> bool:
    """Whether any sentence does more than ask what is the case."""
    question = pattern("en", "permission", "question")
    return any(not question.fullmatch(one.strip()) for one in _SENTENCE.split(said) if one.strip())


def _about(tool: Tool) -> str:
    """The first sentence of what a server says of its tool."""
    return re.split(r"(?<=\.)\s|\n", tool.about.strip()[:LONGEST_ABOUT])[0]
