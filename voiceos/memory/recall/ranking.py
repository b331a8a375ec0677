"""The learnt order of candidate passages, with the probability that each is relevant, and that any of them answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from string import digits
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.memory.recall.features import FEATURES, Array, Candidates, features
from voiceos.memory.recall.question import Question


@dataclass(frozen=True, slots=True)
class Ranking:
    """What the ranker says of candidates, in the order in which they were given."""

    scores: Array
    """The higher, the better; comparable within one question."""
    probabilities: Array
    """That a passage is relevant, 0 to 1: its chance to be one of the two that a question has, if it has an answer."""
    answerable: float
    """The probability that any of these passages answers the question; below about a half, say "I found nothing"."""

    def best(self, count: int) -> list[int]:
        """The rows of the best `count` candidates, best first."""
        return np.argsort(-self.scores, kind="stable")[:count].tolist()


@dataclass(frozen=True, slots=True)
class Network:
    """Layers over standardised features, with nothing but a floor at zero between them."""

    mean: Array
    deviation: Array
    layers: tuple[tuple[Array, Array], ...]

    def __call__(self, table: Array) -> Array:
        """Features are clipped, and a missing one counts as average."""
        hidden = ((table - self.mean) / self.deviation).clip(-4, 4)
        hidden[np.isnan(hidden)] = 0.0
        for at, (matrix, offset) in enumerate(self.layers):
            hidden = hidden @ matrix + offset
            if at < len(self.layers) - 1:
                hidden = np.maximum(hidden, 0)
        return np.asarray(hidden[:, 0], np.float32)


@dataclass(frozen=True, slots=True)
class Weights:
    """Two small networks and a logistic curve."""

    talk: Network
    """What counts in a conversation, and everywhere."""
    records: Network
    """What else counts for notes, notifications, appointments and other monologues."""
    answer: Array
    """Weights of `summary`, and an offset."""


def rank(question: Question, candidates: Candidates, rarity: Mapping[str, float]) -> Ranking:
    """Orders candidates for a question.

    Works with any of the signals: without the sparse or dense model their columns are None. `rarity` holds the inverse
    document frequencies ln(1 + (N - n + 0.5) / (n + 0.5)) of `question.terms` and `question.topic`; leave out a term
    that no passage has.
    """
    if not len(candidates):
        empty = np.zeros(0, np.float32)
        return Ranking(empty, empty, 0.0)
    table = features(question, candidates, rarity)
    by_words = table.copy()
    by_words[:, _OF_MEANING] = np.nan
    scores, odds = _judged(load("lexical"), by_words)
    if candidates.dense is not None:  # the words' verdict counts half: see ADR 16
        all_signals, more = _judged(load("all"), table)
        read = ~np.isnan(candidates.dense)
        scores = in_place(scores, all_signals + BY_WORDS * scores, read)
        odds = np.asarray(odds + (more - odds) * read.mean() / 2, np.float32)
    answerable = float(_logistic(odds))
    return Ranking(scores, _relevant(scores, candidates.texts, answerable), answerable)


def in_place(by_words: NDArray[Any], by_all: NDArray[Any], read: NDArray[np.bool_]) -> NDArray[Any]:
    """Scores by all signals, where not all passages are `read` yet and so lack some, which must not count against them.

    What is not read keeps the score that its words give it. The rest share out theirs among them by all signals.
    """
    if read.all():
        return by_all
    scores, rows = by_words.copy(), np.flatnonzero(read)
    scores[rows[np.lexsort((by_words[rows], by_all[rows]))]] = np.sort(by_words[rows])
    return scores


def _judged(weights: Weights, table: Array) -> tuple[Array, Array]:
    """Scores of the passages, and the logarithm of the odds that any of them answers."""
    scores = score(weights, table)
    return scores, np.asarray(summary(table, scores) @ weights.answer[:-1] + weights.answer[-1], np.float32)


def score(weights: Weights, table: Array) -> Array:
    """The higher, the better: one scale for conversations and records."""
    alone = aloneness(table)
    records = alone * weights.records(table) if alone.any() else 0.0
    return np.asarray(weights.talk(table) + records, np.float32)


def aloneness(table: Array) -> Array:
    """How much each passage counts as a record, 0 to 1: as it is one itself, and as the candidates are on the whole."""
    alone = table[:, _MONOLOGUE]
    return np.maximum(alone, alone.mean())


SUMMARY = ("covered", "rarest", "around_covered", "by_asked", "sparse_log", "dense", "names_spoken", "period")
"""The features of the best passages by which a question is judged as a whole."""
ANSWERING = (
    "top", "top3", "drop", "lead", *(f"best_{name}" for name in SUMMARY), *(f"most_{name}" for name in SUMMARY),
    "asked_somebody", "other_covers", "others",
)  # fmt: skip
"""What `summary` tells."""
BY_WORDS = 0.15
"""What the score by words alone counts beside that by all signals: two that err apart put the right one first."""
CLOSEST = 5
COUNTS = 1e-4
"""A passage that is so much less likely than the best may be a copy without anybody noticing."""
_DIGITS = digits.encode()
_MONOLOGUE = FEATURES.index("monologue")
_SUMMARY = [FEATURES.index(name) for name in SUMMARY]
_WHOSE = [FEATURES.index(name) for name in ("by_asked", "by_other", "covered", "own_z", "sparse_z")]
_OF_MEANING = [at for at, name in enumerate(FEATURES) if name.startswith(("sparse", "dense"))]


def summary(table: Array, scores: Array) -> Array:
    """Features that show whether a question can be answered: the best scores, their lead, what the best passages cover.

    And whether somebody else than who is asked about said what is asked, which the order of the passages hides.
    """
    order = np.argsort(-scores, kind="stable")[:10]
    best = np.nan_to_num(table[order[:3, None], _SUMMARY], nan=0.0)
    ladder = scores[order]
    heights = [ladder[0], ladder[:3].mean(), ladder[0] - ladder[-1], ladder[0] - ladder[min(1, len(ladder) - 1)]]
    by_asked, by_other, covered, own, sparse = np.nan_to_num(table[:, _WHOSE].T, nan=0.0)
    asked, other = by_asked > 0, by_other > 0
    both = asked.any() and other.any()
    ahead = float(covered[other].max() - covered[asked].max()) if both else 0.0
    closest = np.argsort(-own - sparse, kind="stable")[:CLOSEST]
    whose = [float(asked.any()), ahead, float(other[closest].mean())]
    return np.concatenate([heights, best[0], best.max(axis=0), whose]).astype(np.float32)


@cache
def load(mode: str) -> Weights:
    """The weights that come with the package: `lexical`, or `all` for those with a model's signals."""
    stored = np.load(BytesIO(files("voiceos.memory.recall").joinpath("ranking.npz").read_bytes()))

    def network(name: str) -> Network:
        count = int(stored[f"{mode}_{name}_depth"])
        layers = tuple((stored[f"{mode}_{name}_matrix{n}"], stored[f"{mode}_{name}_offset{n}"]) for n in range(count))
        return Network(stored[f"{mode}_{name}_mean"], stored[f"{mode}_{name}_deviation"], layers)

    return Weights(network("talk"), network("records"), stored[f"{mode}_answer"])


def copies(texts: Sequence[str]) -> NDArray[np.int64]:
    """A number for each text: the same for those that differ in nothing but numbers, as what comes every week does."""
    numbers: dict[bytes, int] = {}
    bare = (text.lower().encode(errors="surrogatepass").translate(None, _DIGITS) for text in texts)
    return np.array([numbers.setdefault(one, len(numbers)) for one in bare])


def _relevant(scores: Array, texts: Sequence[str], answerable: float) -> Array:
    """The networks are trained so that the softmax of scores is the chance to be the right one of the candidates.

    Copies count once, so that they neither push out what they are not, nor each other.
    """
    weights = np.exp(scores - scores.max())
    counting = np.flatnonzero(weights >= COUNTS)
    most = np.zeros(len(counting), weights.dtype)
    np.maximum.at(most, copies([texts[row] for row in counting.tolist()]), weights[counting])
    share = weights / (most.sum() + weights[weights < COUNTS].sum())
    return np.asarray(answerable * (1 - (1 - share) ** 2), np.float32)


def _logistic(value: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(value, -30, 30))), np.float32)
