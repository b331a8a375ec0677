"""What lines show when they are compared with a question: a row of features for each."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from math import log, log1p
from typing import NamedTuple, TypeVar

import numpy as np

from voiceos.language.data import pattern, table, words_in
from voiceos.language.numerals import digits
from voiceos.language.terms import Analyzer, words
from voiceos.language.times import Moment, Period, find
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
NAME = re.compile(r"(?<=[^\s.!?:] )[^\W\d_a-z][^\W\d_]+")
"""A word that is written like a name: a capital one that begins no sentence."""
RUN = re.compile(r"[^\W\d_a-z][^\W\d_]*(?: [^\W\d_a-z][^\W\d_]+)*")
"""Such words one after another, wherever they stand."""
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
    named = [word for word in NAME.findall(question) if word.lower() not in empty]
    return frozenset(term for word in named for term in _terms(word.removesuffix("'s")))


class Weighed(NamedTuple):
    """What the terms are worth that a text has, 0 to 1."""

    covered: float
    """The share of the topic's weight."""
    rarest: float
    """The best one's share of the topic's best."""
    beyond_names: float
    """The share of the weight of what are no names."""


K = TypeVar("K")
V = TypeVar("V")


class Known(dict[K, V]):
    """What a function gives, found out when it is first asked for."""

    def __init__(self, find: Callable[[K], V]) -> None:
        self._find = find

    def __missing__(self, key: K) -> V:
        self[key] = value = self._find(key)
        return value


class Asked:
    """What the lines are compared with. What a text has of the terms that matter is one number, a bit for each."""

    def __init__(self, question: Question, rarity: Mapping[str, float]) -> None:
        """`rarity`: idf of the question's terms."""
        self.question = question
        self.terms = frozenset(_terms(question.text))
        self.shape = shape_of(question.text)
        self._counts = pattern("en", "questions", "counts").search(question.text.lower()) is not None
        self._kind = "number" if self.shape in ("money", "clock") else self.shape
        names = names_in(question.text)
        weights = {term: rarity.get(term) or UNKNOWN for term in question.topic}
        self._bits = {term: 1 << at for at, term in enumerate(sorted({*question.topic, *names}))}
        self._names = sum(map(self._bits.__getitem__, names))
        self._full_names = [*self._by_part(names)]
        self._beyond = sum(map(self._bits.__getitem__, (self.terms & weights.keys()) - names))
        self._weights = [(self._bits[term], weight, term not in names) for term, weight in weights.items()]
        self._whole = sum(weights.values()) or 1.0
        self._most = max(weights.values(), default=1.0)
        self._without_names = sum(weight for _, weight, beyond in self._weights if beyond) or 1.0
        only_time = bool(question.periods) and question.topic == question.terms
        self.only_of_time = only_time or words_in("en", "evidence", "calendar").issuperset(question.topic)
        """Whether it names nothing but times, and what stands in calendars."""
        self._empty = words_in("en", "questions", "empty")
        self._said = Known(_terms)
        self._held = Known(self._bits_of)
        self._weighed = Known(self._worth)

    def features(self, lines: Sequence[Line], answerable: float) -> Array:
        """A row of `FEATURES` for each line. `answerable`: as the ranker has it."""
        if not lines:
            return np.zeros((0, len(FEATURES)), np.float32)
        best = max(line.memory.score for line in lines)
        found = np.array([self._row(line, best, answerable) for line in lines], np.float32)
        own = [self._weighed[self._held[line.memory.text]].covered for line in lines]
        most = ALMOST * max(own)
        times = [line.memory.at.timestamp() if line.memory.at else None for line in lines]
        newest = max((at for at, c in zip(times, own, strict=True) if at and c >= most), default=0.0)
        found[:, FEATURES.index("newest")] = [
            at is not None and at >= newest and covered >= most for at, covered in zip(times, own, strict=True)
        ]
        return found

    def _row(self, line: Line, best: float, answerable: float) -> list[float]:
        memory, about_owner, before = line.memory, self.question.about_owner, line.before
        author = "" if memory.author == "you" else memory.author
        by_asked = not self.question.names.isdisjoint(author.lower().split())
        own = self._held[memory.text]
        whole = own | self._held[author] | (self._held[line.whole.strip()])
        around, earlier = whole, 0.0
        for text in before:
            around |= self._held[text]
            earlier = max(earlier, self._weighed[self._held[text]].covered)
        covered, rarest, _ = self._weighed[own]
        covered_around, _, beyond = self._weighed[around]
        fits = self.fits(memory.text)
        score = min(max(memory.score, 0.002), 0.998)
        named = self._names.bit_count()
        return [
            log(score / (1 - score)),
            log1p(line.rank),
            best - memory.score,
            covered,
            covered_around,
            earlier,
            rarest,
            beyond,
            (whole & self._names).bit_count() / named if named else 0.0,
            (self._names & ~around).bit_count() / named if named else 0.0,
            named > 0,
            memory.text.rstrip().endswith("?"),
            earlier if before and before[0].rstrip().endswith("?") else 0.0,
            fits if self.shape else 0.5,
            *((2.0 * fits - 1.0) if shape == self._kind else 0.0 for shape in SHAPES),
            about_owner and memory.author == "you",
            about_owner and author != "",
            by_asked,
            not by_asked and author != "" and named > 0,
            log1p(len(self._said[memory.text])),
            log1p(self._new_words(memory.text)),
            line.distance < 0,
            line.distance == 1,
            line.distance > 1,
            0.0,
            line.kind in (Kind.NOTE, Kind.DOCUMENT),
            line.kind is Kind.MAIL,
            line.kind is Kind.EVENT,
            answerable,
            covered * covered,
            covered * fits,
        ]

    def shares(self, texts: Iterable[str]) -> bool:
        """Whether one of them has a word of the question, besides names."""
        return any(self._held[text] & self._beyond for text in texts)

    def _without_days(self, text: str) -> str:
        """A text without the days and times of the clock that it tells, whose numbers count nothing."""
        for one in reversed(find(text, datetime.fromtimestamp(self.question.asked).astimezone())):
            if isinstance(one.meaning, Moment | Period):
                text = f"{text[: one.start]} {text[one.end :]}"
        return text

    def _bits_of(self, text: str) -> int:
        held = sum(map(self._bits.__getitem__, self._bits.keys() & self._said[text]))
        alone = {run for run in RUN.findall(text) if " " not in run} if self._full_names else set[str]()
        for parts, whole in self._full_names:
            held |= 0 if alone.isdisjoint(parts) else whole
        return held

    def _by_part(self, names: frozenset[str]) -> Iterator[tuple[Collection[str], int]]:
        """Of each name of several words these, of which one by itself stands for all, and the bits of all."""
        for run in RUN.findall(self.question.text):
            parts = [part for part in run.split() if (terms := _terms(part)) and names.issuperset(terms)]
            if len(parts) > 1:
                yield parts, sum(self._bits[term] for term in {term for part in parts for term in _terms(part)})

    def _worth(self, held: int) -> Weighed:
        there = [(weight, beyond) for bit, weight, beyond in self._weights if held & bit]
        return Weighed(
            sum(weight for weight, _ in there) / self._whole,
            max((weight for weight, _ in there), default=0.0) / self._most,
            sum(weight for weight, beyond in there if beyond) / self._without_names,
        )

    def _new_words(self, text: str) -> int:
        """How many words of a text neither the question nor every question has."""
        bare, terms, asked, empty = words(text), self._said[text], self.terms, self._empty
        if "'" in text or "’" in text:
            bare = [word.removesuffix("'s") for word in bare]
        if len(terms) == len(bare):  # one of each
            return len([1 for word, term in zip(bare, terms, strict=True) if term not in asked and word not in empty])
        return len([1 for word in bare if word not in empty and asked.isdisjoint(_terms(word))])

    def holds(self, text: str) -> bool:
        """The same, closer, where somebody or a place is wanted: a month is neither, and "in six months" is nowhere."""
        match self._kind:
            case "who":
                return self._names_another(text)
            case "where":
                told = pattern("en", "evidence", "beside_what").findall(digits(text.lower()))
                times = words_in("en", "evidence", "when")
                place = any(word[0].isalpha() and times.isdisjoint(_terms(word)) for word in told)
                return place or self._names_another(text)
            case _:
                return True

    def still_answers(self, text: str, rest: str) -> bool:
        """Whether what is left of a line has an answer of the kind; for yes or no: all that the line has."""
        kept = self.shape != "yes" or self._held[text] == self._held[rest]
        return kept and self.fits(rest) and self.holds(rest)

    def _names_another(self, text: str) -> bool:
        """Whether a name stands in it that the question does not have."""
        return bool(names_in(text) - self.terms)

    def fits(self, text: str) -> bool:
        """Whether a text holds something of the kind that is wanted, which the question does not have itself."""
        if self._kind in ("", "yes"):
            return True
        terms = [term for term in self._said[text] if term not in self.terms]
        match self._kind:
            case "number" if self.shape == "money":
                return any(term[0].isdigit() for term in terms)
            case "number":
                if self._counts:
                    terms = [term for term in _terms(self._without_days(text)) if term not in self.terms]
                numbers = words_in("en", "evidence", "number")
                return any(term[0].isdigit() or term in numbers for term in terms)
            case "when":
                times = words_in("en", "evidence", "when")
                return any(term[0].isdigit() or term in times for term in terms)
            case "who":
                empty = words_in("en", "questions", "empty")
                return any(
                    word.lower() not in empty and self.terms.isdisjoint(_terms(word)) for word in NAME.findall(text)
                )
            case "where":
                return bool(pattern("en", "evidence", "beside").search(text))
            case "why":
                return not words_in("en", "evidence", "why").isdisjoint(terms)
            case _:
                return True
