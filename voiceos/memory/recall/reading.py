"""Reads the lines of memories for a question: how likely each is to answer it, and whether one surely does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from io import BytesIO
from types import MappingProxyType
from typing import Literal

import numpy as np

from voiceos.language.data import pattern
from voiceos.language.joined import is_order
from voiceos.language.questions import asks, only_asks
from voiceos.language.sentences import say
from voiceos.language.terms import words
from voiceos.memory.recall.applicable import Applicable
from voiceos.memory.recall.beside import Beside
from voiceos.memory.recall.candidates import Array
from voiceos.memory.recall.compared import FEATURES, Asked
from voiceos.memory.recall.lines import LOOKED_BACK, Line
from voiceos.memory.recall.opposite import Opposite
from voiceos.memory.recall.outdated import looks_back
from voiceos.memory.recall.question import Question
from voiceos.memory.recall.spans import can_reckon
from voiceos.memory.recall.wanted import tells_itself
from voiceos.store.records import Kind

SURE = 0.55
"""How likely a line must be to answer for it to be said without the language model: see docs/research/answers.md."""
LOOKED_UP = 0.8
"""How likely a fact or an appointment must be, by its own index, to keep that likelihood."""
PLAIN = 0.85
"""How likely a line must be for it to count without what stands beside the thing in the question: of six lives seven
of the likeliest lines lacked it, five of them right."""
RIVAL, RIVAL_NOW = 0.75, 0.2
"""Share of the best line's likelihood from which a newer one is told before it: also, where "now" is asked for."""
COUNTS = RIVAL_NOW * SURE
"""How likely a line must be for it to matter whether it fits: one that is less is neither sure nor a rival."""
ALIKE = 0.4
"""Cosine from which a line means something like the question, whatever its words."""
HALF = 0.5
"""How much of the question an appointment must have to be sure: one that shares a name with it is no answer."""
HOLDS = ("money", "clock", "number", "who")
"""Kinds of answers that a line surely holds or not."""
MEANT = ("alike", "alike_behind", "replies_alike", "after_alike", "replies_behind")
"""Features that come after these where there are encoders."""
CROSS = ("odds", "odds_behind")
"""Features that come after these where the cross-encoder has read a line."""
LOOKED_AT = 16
"""Lines, the likeliest by their words, whose meanings are compared: each takes some milliseconds."""
NEAR = 0.02
"""How likely a line must be by its words and meaning for the cross-encoder to read it, which takes milliseconds."""
LEAST = 1e-6
"""The least likely that a line is, where log odds are taken."""
COMES_NEAR = 0.3
"""How likely the best must be where a question does not seem to be about the owner's life: of 190 that were, one did
not and had none."""
SAME, ANSWERED = 0.6, 0.7
"""How much a question that was asked before must mean what this one means for the reply to it to be as likely as this,
whatever its words: 11 of 16 such replies in the talks are right."""
LONG = 14
"""Words from which on a question has so many that a line with most of them may well lack what is asked."""
DOUBTED = -1.0
"""Log odds, as the cross-encoder reads them, below which a line does not surely answer such a question."""
Odds = Mapping[tuple[int, str], float]
"""By the keys of lines."""
SECOND = 0.8
"""What a question before the last counts to which a line may be a reply."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a line is for a question."""

    line: Line
    probability: float
    """That it answers, or a part of it."""
    fits: bool
    """Whether it counts, tells of whom is asked about, and holds an answer of the kind that is wanted."""
    sure: bool
    """Whether it is likely enough, tells of whom is asked about, and holds an answer of the kind that is wanted."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Lines beside a question, before their meanings are known."""

    asked: Asked
    lines: Sequence[Line]
    table: Array
    """A row of `FEATURES` for each line."""
    likely: Array
    """That each answers, by its words."""

    @classmethod
    def of(
        cls, question: Question, lines: Sequence[Line], rarity: Mapping[str, float], answerable: float
    ) -> "Compared":
        """`rarity`: idf of the question's terms; `answerable`: as the ranker has it."""
        asked = Asked(question, rarity)
        table = asked.features(lines, answerable)
        return cls(asked, lines, table, weights("words")(table))

    def likeliest(self) -> list[Line]:
        """The few lines whose meanings are worth comparing, and what was said in reply to such a question."""
        first, *rest = np.split(np.argsort(-self.likely, kind="stable"), [LOOKED_AT])
        few = [self.lines[at] for at in first]
        asked = {(one.memory.record_id, one.memory.text) for one in few if asks(one.memory.text)}
        others = (self.lines[at] for at in np.concatenate(rest))
        return [*few, *(one for one in others if not asked.isdisjoint(one.said_before[:LOOKED_BACK]))]

    def near(self, alike: Mapping[str, float], best: float) -> list[Line]:
        """Those of the likeliest that are worth reading with the question; none if all are less likely than `best`."""
        likely = likelihoods(self, alike, {}).tolist()
        if not likely or max(likely) < best:
            return []
        there = {line.key for line, one in zip(self.lines, likely, strict=True) if one >= NEAR}
        return [line for line in self.likeliest() if line.key in there]

    def is_about(self, line: Line, alike: Mapping[str, float]) -> bool:
        """Whether a line has a word of the question, besides names, or means something like it."""
        around = (line.whole, line.memory.author, *line.before[:LOOKED_BACK])
        return self.asked.shares(around) or alike.get(line.memory.text, 0.0) >= ALIKE


def read(compared: Compared, alike: Mapping[str, float], odds: Odds = MappingProxyType({})) -> list[Reading]:
    """The lines, the likeliest first.

    `alike`: how much the words of lines, and those before them, mean what the question means, from -1 to 1; of the
    others their words tell. `odds`: the log odds of those that the cross-encoder has read.
    """
    lines, asked, table = compared.lines, compared.asked, compared.table
    if not lines:
        return []
    likely = likelihoods(compared, alike, odds)
    missing = table[:, FEATURES.index("missing_names")] > 0
    missing |= np.array([only_asks(line.memory.text) for line in lines])
    reckons, now = can_reckon(asked.question.text), datetime.fromtimestamp(asked.question.asked).astimezone()
    wanting = (table[:, FEATURES.index("fits")] == 0) & (asked.shape in HOLDS) & (not reckons)
    no_news = (table[:, FEATURES.index("new")] == 0) & (asked.shape != "yes")  # "Ann", or what was asked
    missing |= no_news
    likely[no_news] = 0.0
    whole = tells_itself(asked.question.text)
    can_tell = Applicable(asked.question.text, asked.question.periods, asked.question.asked)
    beside = Beside(asked.question)
    timely = reckons or asked.shape in ("when", "clock")  # who bought it is told by who sold it
    opposite = Opposite(asked.question.text if timely else "")
    covered, event = table[:, FEATURES.index("covered")], np.array([line.kind is Kind.EVENT for line in lines])
    likely[event & (covered == 0)] = 0.0  # only of that time
    likely[[_is_order(line) for line in lines]] = 0.0
    missing |= event & (covered < HALF)
    found: list[Reading] = []
    for line, p, ok in zip(lines, likely.tolist(), (~missing & ~wanting).tolist(), strict=True):
        looked_up = _of_index(line) if ok or line.kind is not Kind.EVENT or asked.only_of_time else 0.0
        probability = max(p, looked_up)
        tells = can_tell(line.memory) and asked.holds(line.memory.text)
        fits = ok and probability >= COUNTS and tells and (probability >= PLAIN or beside(line))
        fits = fits and not opposite(line.memory.text) and (not reckons or reckons(line.memory, now))
        sure = whole and p >= SURE and fits and not is_doubted(asked.question, line, odds)
        found.append(Reading(line, probability, fits, sure))
    return _newest_first(sorted(found, key=lambda one: -one.probability), asked.question)


def likelihoods(compared: Compared, alike: Mapping[str, float], odds: Odds) -> Array:
    """How likely each line is to answer: by its words, or by its meaning, or if that makes it likelier by what the
    cross-encoder reads. Talk between people comes near so much that is asked that there both must agree.
    """
    lines, likely = compared.lines, compared.likely.copy()
    if not (known := [at for at, line in enumerate(lines) if all(text in alike for text in texts_of(line))]):
        return likely
    features = np.column_stack([compared.table[known], meanings := meant([lines[at] for at in known], alike)])
    likely[known] = weights("meaning")(features)
    replies = meanings[:, MEANT.index("replies_alike")] >= SAME
    likely[known] = np.where(replies, np.maximum(likely[known], ANSWERED), likely[known])
    if both := [(at, row) for row, at in enumerate(known) if lines[at].key in odds]:
        places, rows = map(list, zip(*both, strict=True))
        found = crossed(np.array([odds[lines[at].key] for at in places], np.float32))
        by_cross = weights("cross")(np.column_stack([features[rows], found]))
        chat = np.array([lines[at].kind is Kind.MESSAGE for at in places])
        likely[places] = np.where(chat, _between(likely[places], by_cross), np.maximum(likely[places], by_cross))
    return likely


def _between(likely: Array, by_cross: Array) -> Array:
    """By the mean of the log odds."""
    odds = [np.log(one / (1 - one)) for one in (likely.clip(LEAST, 1 - LEAST), by_cross.clip(LEAST, 1 - LEAST))]
    return np.asarray(1 / (1 + np.exp(-sum(odds) / 2)), np.float32)


def is_doubted(question: Question, line: Line, odds: Odds) -> bool:
    """Whether the cross-encoder finds that a line does not answer a long question, whatever its words."""
    return bool(odds) and odds.get(line.key, DOUBTED - 1) < DOUBTED and len(words(question.text)) > LONG


def crossed(odds: Array) -> Array:
    """What the odds of lines show: of each, and how far it is behind the best of them, or before the second."""
    order = np.argsort(-odds)
    rival = np.full(len(odds), odds[order[0]])
    rival[order[0]] = odds[order[1]] if len(odds) > 1 else 0.0
    return np.column_stack([odds, odds - np.maximum(rival, 0.0)])


def _is_order(line: Line) -> bool:
    """Whether it only says what the assistant was to do: "add eggs to the list"."""
    text = line.memory.text
    ordered = line.kind is Kind.SAID and line.memory.author == say("sources.you") and is_order(text)
    return ordered and not pattern("en", "questions", "to_be_kept").search(text)


def texts_of(line: Line) -> list[str]:
    """What of a line has a meaning that counts: itself, and what it may reply to."""
    return [text for _, text in meaning_of(line)]


def meaning_of(line: Line) -> list[tuple[int, str]]:
    """The same, with the records."""
    return [(line.memory.record_id, line.memory.text), *line.said_before[:LOOKED_BACK]]


def _newest_first(found: list[Reading], question: Question) -> list[Reading]:
    """The same; of lines that are about as likely, the newest before the best, unless an older time is asked for."""
    best = found[0]
    now = pattern("en", "questions", "by_now").search(question.text.lower()) is not None
    if not best.sure or question.periods or question.anchor or not best.line.memory.at:
        return found
    today = not looks_back(question.text)

    def is_rival(one: Reading) -> bool:
        """Whether it may be told instead; from less on if it says itself that it is so now."""
        says_now = now or (today and pattern("en", "questions", "from_now").search(one.line.memory.text.lower()))
        return one.fits and one.probability >= (RIVAL_NOW if says_now else RIVAL) * best.probability

    rivals = [one for one in found[1:] if one.line.memory.at and is_rival(one)]
    newest = max([best, *rivals], key=lambda one: one.line.memory.at.timestamp() if one.line.memory.at else 0.0)
    if newest is best:
        return found
    first = replace(newest, probability=best.probability, sure=True)
    return [first, *(one for one in found if one is not newest)]


def _of_index(line: Line) -> float:
    """How surely a fact or an appointment was looked up."""
    looked_up = line.distance == 0 and not line.memory.id.startswith("passage:")
    return line.memory.score if looked_up and line.memory.score >= LOOKED_UP else 0.0


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
def weights(by: Literal["words", "meaning", "cross"]) -> Weights:
    """Those that come with the package: by the words of lines, by what they mean, too, or by all that is known."""
    stored = np.load(BytesIO(files("voiceos.memory.recall").joinpath("reading.npz").read_bytes()))
    mean, deviation, of_each = stored[by]
    return Weights(mean[:-1], deviation[:-1], of_each)
