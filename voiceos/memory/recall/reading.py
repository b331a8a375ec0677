"""Reads the lines of memories for a question: how likely each is to answer it, and whether one surely does."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from io import BytesIO

import numpy as np

from voiceos.language.data import pattern, table, words_in
from voiceos.language.questions import asks, content
from voiceos.language.terms import Analyzer
from voiceos.memory.recall.candidates import Array
from voiceos.memory.recall.lines import LOOKED_BACK, Line
from voiceos.memory.recall.question import Question
from voiceos.store.records import Kind

SURE = 0.5
"""How likely a line must be to answer for it to be said without the language model: see docs/research/answers.md."""
LOOKED_UP = 0.8
"""How likely a fact or an appointment must be, by its own index, to keep that likelihood."""
RIVAL, RIVAL_NOW = 0.75, 0.3
"""Share of the best line's likelihood from which a newer one is told before it: also, where "now" is asked for."""
UNKNOWN = 7.0
"""The rarity of a term that no passage has."""
ALIKE = 0.4
"""Cosine from which a line means something like the question, whatever its words."""
ALMOST = 0.8
"""Share of the most covered line from which another tells of the same thing."""
HOLDS = ("money", "clock", "number", "who")
"""Kinds of answers that a line surely holds or not."""
SHAPES = ("when", "number", "who", "where", "why")
FEATURES = (
    *("probability", "rank", "behind", "covered", "covered_around", "covered_before", "rarest", "beyond_names"),
    *("names", "missing_names", "has_names", "asks", "replies", "fits", *(f"fits_{shape}" for shape in SHAPES)),
    *("own_by_owner", "own_by_other", "by_asked", "by_other", "length", "new", "before", "next", "later", "newest"),
    *("note", "mail", "event", "answerable", "covered_twice", "covered_fits"),
)
MEANT = ("alike", "alike_behind", "replies_alike", "after_alike", "replies_behind")
"""Features that come after these where there are encoders."""
LOOKED_AT = 10
"""Lines, the likeliest by their words, whose meanings are compared: each takes some milliseconds."""
SECOND = 0.8
"""What a question before the last counts to which a line may be a reply."""
_NAME = re.compile(r"(?<=[^\s.!?:] )[^\W\d_a-z][^\W\d_]+")
_terms = Analyzer("en")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a line is for a question."""

    line: Line
    probability: float
    """That it answers, or a part of it."""
    fits: bool
    """Whether it tells of whom is asked about, and holds an answer of the kind that is wanted."""
    sure: bool
    """Whether it is likely enough, tells of whom is asked about, and holds an answer of the kind that is wanted."""


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


def tells_itself(question: str) -> bool:
    """Whether one line may be the whole answer: neither a sum, nor several things, nor what was before another."""
    low = question.lower().replace("’", "'")
    return not any(pattern("en", "questions", key).search(low) for key in ("computed", "several", "at_first"))


def read(
    question: Question,
    lines: Sequence[Line],
    rarity: Mapping[str, float],
    answerable: float,
    alike: Mapping[str, float],
) -> list[Reading]:
    """The lines, the likeliest first.

    `rarity`: idf of the question's terms; `answerable`: as the ranker has it; `alike`: how much the words of the lines,
    and those before them, mean what the question means, from -1 to 1; of the others their words tell.
    """
    if not lines:
        return []
    asked = Asked.of(question, rarity)
    table = asked.features(lines, answerable)
    likely = weights(by_meaning=False)(table)
    if known := [at for at, line in enumerate(lines) if all(text in alike for text in texts_of(line))]:
        both = np.column_stack([table[known], meant([lines[at] for at in known], alike)])
        likely[known] = weights(by_meaning=True)(both)
    missing = table[:, FEATURES.index("missing_names")] > 0
    missing |= np.array([asks(line.memory.text) for line in lines])
    wanting = (table[:, FEATURES.index("fits")] == 0) & (asked.shape in HOLDS)
    missing |= not tells_itself(question.text)
    unlike = table[:, FEATURES.index("covered")] == 0
    likely[[line.kind is Kind.EVENT and no for line, no in zip(lines, unlike, strict=True)]] = 0.0  # only of that time
    found: list[Reading] = []
    for line, p, ok in zip(lines, likely.tolist(), (~missing & ~wanting).tolist(), strict=True):
        found.append(Reading(line, max(p, _of_index(line)), ok, p >= SURE and ok))
    return _newest_first(sorted(found, key=lambda one: -one.probability), question)


def texts_of(line: Line) -> tuple[str, ...]:
    """What of a line has a meaning that counts: itself, and what it may reply to."""
    return line.memory.text, *line.before[:LOOKED_BACK]


def likeliest(question: Question, lines: Sequence[Line], rarity: Mapping[str, float], answerable: float) -> list[Line]:
    """The few lines whose meanings are worth comparing: the likeliest by their words."""
    if len(lines) <= LOOKED_AT:
        return [*lines]
    likely = weights(by_meaning=False)(Asked.of(question, rarity).features(lines, answerable))
    return [lines[at] for at in np.argsort(-likely, kind="stable")[:LOOKED_AT]]


def _newest_first(found: list[Reading], question: Question) -> list[Reading]:
    """The same; of lines that are about as likely, the newest before the best, unless an older time is asked for."""
    best = found[0]
    now = pattern("en", "questions", "by_now").search(question.text.lower()) is not None
    if not best.sure or question.periods or question.anchor or not best.line.memory.at:
        return found
    least = (RIVAL_NOW if now else RIVAL) * best.probability
    rivals = [one for one in found[1:] if one.fits and one.line.memory.at and one.probability >= least]
    newest = max([best, *rivals], key=lambda one: one.line.memory.at.timestamp() if one.line.memory.at else 0.0)
    if newest is best:
        return found
    first = replace(newest, probability=best.probability, sure=True)
    return [first, *(one for one in found if one is not newest)]


def _of_index(line: Line) -> float:
    """How surely a fact or an appointment was looked up."""
    looked_up = line.distance == 0 and not line.memory.id.startswith("passage:")
    return line.memory.score if looked_up and line.memory.score >= LOOKED_UP else 0.0


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

    @classmethod
    def of(cls, question: Question, rarity: Mapping[str, float]) -> "Asked":
        return cls(
            question,
            {term: rarity.get(term) or UNKNOWN for term in question.topic},
            frozenset(_terms(question.text)),
            names_in(question.text),
            shape_of(question.text),
        )

    def features(self, lines: Sequence[Line], answerable: float) -> Array:
        """A row of `FEATURES` for each line."""
        best = max(line.memory.score for line in lines)
        own = [self._covered(set(_terms(line.memory.text))) for line in lines]
        most = ALMOST * max(own)
        times = [line.memory.at.timestamp() for line, c in zip(lines, own, strict=True) if line.memory.at and c >= most]
        newest = max(times, default=0.0)
        rows = [self._row(line, covered, best, answerable) for line, covered in zip(lines, own, strict=True)]
        found = np.array(rows, np.float32)
        found[:, FEATURES.index("newest")] = [
            line.memory.at is not None and line.memory.at.timestamp() >= newest and covered >= most
            for line, covered in zip(lines, own, strict=True)
        ]
        return found

    def _row(self, line: Line, covered: float, best: float, answerable: float) -> list[float]:
        memory, question = line.memory, self.question
        author = "" if memory.author == "you" else memory.author
        said = _terms(memory.text)
        own, by = set(said), set(author.lower().split())
        whole = own.union(_terms(f"{line.whole} {author}"))
        before = [set(_terms(text)) for text in line.before]
        around = whole.union(*before)
        earlier = max(map(self._covered, before), default=0.0)
        fits = self.fits(memory.text)
        rare = max((weight for term, weight in self.weights.items() if term in own), default=0.0)
        total = max(self.weights.values(), default=1.0)
        score = min(max(memory.score, 0.002), 0.998)
        new = [word for word in content(memory.text) if self.terms.isdisjoint(_terms(word))]
        beyond = {term: weight for term, weight in self.weights.items() if term not in self.names}
        named = len(self.names)
        return [
            float(np.log(score / (1 - score))),
            float(np.log1p(line.rank)),
            best - memory.score,
            covered,
            self._covered(around),
            earlier,
            rare / total,
            sum(w for term, w in beyond.items() if term in around) / (sum(beyond.values()) or 1.0),
            len(self.names & whole) / named if named else 0.0,
            len(self.names - around) / named if named else 0.0,
            float(named > 0),
            float(memory.text.rstrip().endswith("?")),
            earlier if line.before and line.before[0].rstrip().endswith("?") else 0.0,
            float(fits) if self.shape else 0.5,
            *((2.0 * fits - 1.0) if shape == self._kind else 0.0 for shape in SHAPES),
            float(question.about_owner and memory.author == "you"),
            float(question.about_owner and author != ""),
            float(not question.names.isdisjoint(by)),
            float(question.names.isdisjoint(by) and author != "" and named > 0),
            float(np.log1p(len(said))),
            float(np.log1p(len(new))),
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

    def is_about(self, line: Line, alike: Mapping[str, float]) -> bool:
        """Whether it has a word of the question, besides names, or means something like it."""
        shares = not self.terms.isdisjoint(set(_terms(line.around)).intersection(self.weights) - self.names)
        return shares or alike.get(line.memory.text, 0.0) >= ALIKE

    @property
    def _kind(self) -> str:
        return "number" if self.shape in ("money", "clock") else self.shape

    def _covered(self, terms: set[str]) -> float:
        total = sum(self.weights.values()) or 1.0
        return sum(weight for term, weight in self.weights.items() if term in terms) / total

    def fits(self, text: str) -> bool:
        """Whether a text holds something of the kind that is wanted, which the question does not have itself."""
        terms = [term for term in _terms(text) if term not in self.terms]
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


def meant(lines: Sequence[Line], alike: Mapping[str, float]) -> Array:
    """What the lines mean beside the question, and what they reply to: a question like it is answered after it."""
    rows: list[tuple[float, float, float]] = []
    for line in lines:
        before = [(asks(text), alike[text]) for text in texts_of(line)[1:]]
        replied = [near * (SECOND if place else 1.0) for place, (asked, near) in enumerate(before) if asked]
        stated = [near for asked, near in before if not asked]
        is_reply = not asks(line.memory.text)
        rows.append((alike[line.memory.text], is_reply * max([0.0, *replied]), max(stated, default=0.0)))
    own, replied, stated = np.array(rows, np.float32).T
    return np.column_stack([own, own - own.max(), replied, stated, replied - max(own.max(), replied.max())])


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic curve over standardised features."""

    mean: Array
    deviation: Array
    weights: Array
    """The last is an offset."""

    def __call__(self, table: Array) -> Array:
        values = ((table - self.mean) / self.deviation).clip(-4, 4)
        return np.asarray(1 / (1 + np.exp(-(values @ self.weights[:-1] + self.weights[-1]))), np.float32)


@cache
def weights(*, by_meaning: bool) -> Weights:
    """Those that come with the package: for what the lines mean, or for their words alone."""
    stored = np.load(BytesIO(files("voiceos.memory.recall").joinpath("reading.npz").read_bytes()))
    width = len(FEATURES) + (len(MEANT) if by_meaning else 0)
    return Weights(stored["mean"][:width], stored["deviation"][:width], stored["meaning" if by_meaning else "words"])
