"""What lines show when they are compared with a question: a row of features for each."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log, log1p
from typing import NamedTuple

import numpy as np

from voiceos.language.data import pattern, table, words_in
from voiceos.language.questions import content
from voiceos.language.terms import Analyzer
from voiceos.memory.recall.candidates import Array
from voiceos.memory.recall.lines import Line
from voiceos.memory.recall.question import Question
from voiceos.store.records import Kind

UNKNOWN = 7.0
"""The rarity of a term that no passage has."""
ALMOST = 0.8
"""Share of the most covered line from which another tells of the same thing."""
SHAPES = ("when", "number", "who", "where", "why")
FEATURES = (
    *("probability", "rank", "behind", "covered", "covered_around", "covered_before", "rarest", "beyond_names"),
    *("names", "missing_names", "has_names", "asks", "replies", "fits", *(f"fits_{shape}" for shape in SHAPES)),
    *("own_by_owner", "own_by_other", "by_asked", "by_other", "length", "new", "before", "next", "later", "newest"),
    *("note", "mail", "event", "answerable", "covered_twice", "covered_fits"),
)
_NAME = re.compile(r"(?<=[^\s.!?:] )[^\W\d_a-z][^\W\d_]+")
_terms = Analyzer("en")


def shape_of(question: str) -> str:
    """What kind of answer a question wants: money, clock, when, number, who, where, why, yes or no, or anything."""
    low = question.lower().replace("’", "'").strip()
    shapes: dict[str, str] = table("en", "questions")["wanted"]
    return next((shape for shape in shapes if pattern("en", "questions", f"wanted.{shape}").search(low)), "")


def names_in(question: str) -> frozenset[str]:
    """The terms of the names of people and things in a question."""
    empty = words_in("en", "questions", "empty") | set(table("en", "calendar")["days"].lower().split())
    empty |= set(table("en", "calendar")["months"].lower().split())
    named = [word for word in _NAME.findall(question) if word.lower() not in empty]
    return frozenset(term for word in named for term in _terms(word.removesuffix("'s")))


class Weighed(NamedTuple):
    """What the terms are worth that a text has, 0 to 1."""

    covered: float
    """The share of the topic's weight."""
    rarest: float
    """The best one's share of the topic's best."""
    beyond_names: float
    """The share of the weight of what are no names."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the lines are compared with."""

    question: Question
    weights: Mapping[str, float]
    """Of each term of the topic."""
    terms: frozenset[str]
    names: frozenset[str]
    """Terms of the names of people and things in it."""
    shape: str
    _bits: Mapping[str, int]
    """A bit for each term that matters: which a text has is one number."""
    _terms_of: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    _held: dict[str, int] = field(default_factory=dict[str, int])
    """By text."""
    _weighed: dict[int, "Weighed"] = field(default_factory=dict[int, "Weighed"])
    """By what a text has."""
    _new: dict[str, bool] = field(default_factory=dict[str, bool])
    """By word: whether the question does not have it."""

    @classmethod
    def of(cls, question: Question, rarity: Mapping[str, float]) -> "Asked":
        names = names_in(question.text)
        terms = frozenset(_terms(question.text))
        return cls(
            question,
            {term: rarity.get(term) or UNKNOWN for term in question.topic},
            terms,
            names,
            shape_of(question.text),
            {term: 1 << at for at, term in enumerate(sorted({*question.topic, *names}))},
        )

    def features(self, lines: Sequence[Line], answerable: float) -> Array:
        """A row of `FEATURES` for each line."""
        if not lines:
            return np.zeros((0, len(FEATURES)), np.float32)
        best = max(line.memory.score for line in lines)
        own = [self.covered(self.held(line.memory.text)) for line in lines]
        most = ALMOST * max(own)
        times = [line.memory.at.timestamp() if line.memory.at else None for line in lines]
        newest = max((at for at, c in zip(times, own, strict=True) if at and c >= most), default=0.0)
        found = np.array([self._row(line, best, answerable) for line in lines], np.float32)
        found[:, FEATURES.index("newest")] = [
            at is not None and at >= newest and covered >= most for at, covered in zip(times, own, strict=True)
        ]
        return found

    def _row(self, line: Line, best: float, answerable: float) -> list[float]:
        memory, question = line.memory, self.question
        author = "" if memory.author == "you" else memory.author
        by = set(author.lower().split())
        own = self.held(memory.text)
        whole = own | self.held(line.whole) | self.held(author)
        before = [self.held(text) for text in line.before]
        around = whole
        for held in before:
            around |= held
        covered = self.covered(own)
        earlier = max(map(self.covered, before), default=0.0)
        fits = self.fits(memory.text)
        score = min(max(memory.score, 0.002), 0.998)
        named = len(self.names)
        names = sum(self._bits[name] for name in self.names)
        return [
            log(score / (1 - score)),
            log1p(line.rank),
            best - memory.score,
            covered,
            self.covered(around),
            earlier,
            self.weighed(own).rarest,
            self.weighed(around).beyond_names,
            (whole & names).bit_count() / named if named else 0.0,
            (names & ~around).bit_count() / named if named else 0.0,
            float(named > 0),
            float(memory.text.rstrip().endswith("?")),
            earlier if line.before and line.before[0].rstrip().endswith("?") else 0.0,
            float(fits) if self.shape else 0.5,
            *((2.0 * fits - 1.0) if shape == self._kind else 0.0 for shape in SHAPES),
            float(question.about_owner and memory.author == "you"),
            float(question.about_owner and author != ""),
            float(not question.names.isdisjoint(by)),
            float(question.names.isdisjoint(by) and author != "" and named > 0),
            log1p(len(self._said(memory.text))),
            log1p(sum(map(self._is_new, content(memory.text)))),
            float(line.distance < 0),
            float(line.distance == 1),
            float(line.distance > 1),
            0.0,
            float(line.kind in (Kind.NOTE, Kind.DOCUMENT)),
            float(line.kind is Kind.MAIL),
            float(line.kind is Kind.EVENT),
            answerable,
            covered * covered,
            covered * fits,
        ]

    def held(self, text: str) -> int:
        """Which of the terms that matter a text has, as bits."""
        if text not in self._held:
            self._held[text] = sum(map(self._bits.__getitem__, self._bits.keys() & self._said(text)))
        return self._held[text]

    def covered(self, held: int) -> float:
        return self.weighed(held).covered

    def weighed(self, held: int) -> Weighed:
        if held not in self._weighed:
            weights, beyond = self.weights, {t: w for t, w in self.weights.items() if t not in self.names}
            there = {term: weight for term, weight in weights.items() if held & self._bits[term]}
            self._weighed[held] = Weighed(
                sum(there.values()) / (sum(weights.values()) or 1.0),
                max(there.values(), default=0.0) / max(weights.values(), default=1.0),
                sum(weight for term, weight in there.items() if term in beyond) / (sum(beyond.values()) or 1.0),
            )
        return self._weighed[held]

    def shares(self, texts: Iterable[str]) -> bool:
        """Whether one of them has a word of the question, besides names."""
        counting = (self.terms & self.weights.keys()) - self.names
        return any(self.held(text) & self._bits[term] for text in texts for term in counting)

    def _said(self, text: str) -> list[str]:
        if text not in self._terms_of:
            self._terms_of[text] = _terms(text)
        return self._terms_of[text]

    def _is_new(self, word: str) -> bool:
        if word not in self._new:
            self._new[word] = self.terms.isdisjoint(_terms(word))
        return self._new[word]

    @property
    def _kind(self) -> str:
        return "number" if self.shape in ("money", "clock") else self.shape

    def fits(self, text: str) -> bool:
        """Whether a text holds something of the kind that is wanted, which the question does not have itself."""
        terms = [term for term in self._said(text) if term not in self.terms]
        match self._kind:
            case "number" if self.shape == "money":
                return any(term[0].isdigit() for term in terms)
            case "number":
                numbers = words_in("en", "evidence", "number")
                return any(term[0].isdigit() or term in numbers for term in terms)
            case "when":
                times = words_in("en", "evidence", "when")
                return any(term[0].isdigit() or term in times for term in terms)
            case "who":
                empty = words_in("en", "questions", "empty")
                return any(
                    word.lower() not in empty and self.terms.isdisjoint(_terms(word)) for word in _NAME.findall(text)
                )
            case "where":
                return bool(pattern("en", "evidence", "beside").search(text))
            case "why":
                return not words_in("en", "evidence", "why").isdisjoint(terms)
            case _:
                return True
