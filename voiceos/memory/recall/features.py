"""What can be told of a candidate passage, for a question: one row of numbers for each, that the ranker weighs."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from voiceos.memory.recall.candidates import Array, Candidates, Neighbours, neighbours_of
from voiceos.memory.recall.matching import Matching
from voiceos.memory.recall.periods import Period
from voiceos.memory.recall.question import Question, Shape
from voiceos.memory.store.records import OWNER

DAY = 86_400.0
MOST_READ = 800
"""Characters of a passage that are looked at for names and places."""
HOURS = 3 * 3600.0
"""Within what time passages of different threads tell of the same event, in seconds."""


_SIGNALS = ("lexical", "own", "covered", "sparse", "dense")
_WITH_CONTEXT = ("own", "sparse", "dense")
FEATURES = (
    *(f"{signal}_{view}" for signal in _SIGNALS for view in ("z", "ratio", "rank")),
    *(f"{signal}_{where}" for signal in _WITH_CONTEXT for where in ("before", "after", "around", "thread", "hours")),
    "covered", "rarest", "pairs", "span", "dense", "sparse_log", "matched",
    "reply_z", "reply_covered", "around_covered", "thread_covered",
    "content_z", "content_covered", "content_matched", "among_z",
    "by_asked", "by_other", "names_spoken", "owner_asked", "asked_somebody",
    "period", "period_far", "period_asked", "date_written",
    "asks", "follows_question", "length", "first_person", "second_person",
    "when_fit", "number_fit", "place_fit", "name_fit", "why_fit",
    "shape_when", "shape_number", "shape_yes_no", "question_terms", "copies", "monologue",
)  # fmt: skip
"""The columns, in order."""

_FIRST = frozenset("i im ive id ill my mine me we were our us".split())
_SECOND = frozenset("you your yours youre youv".split())
_WHEN = frozenset(
    "yesterday today tonight tomorrow ago last next recent week weekend month year morn sinc januari februari april"
    " june juli august septemb octob novemb decemb monday tuesday wednesday thursday friday saturday sunday summer"
    " winter spring birthday anniversari".split()
)
_NUMBER = frozenset(
    "one two three four five six seven eight nine ten dozen onc twice coupl sever few first second third half".split()
)
_WHY = frozenset("becaus sinc so reason inspir want motiv feel felt love hope help".split())
"""Terms, as the English stemmer leaves them."""
VOCABULARY = frozenset().union(_FIRST, _SECOND, _WHEN, _NUMBER, _WHY)
"""The terms that are looked for besides a question's own."""
_PLACE = re.compile(r"\b(?:in|at|to|from|near|around|visited|visiting) (?:the )?[A-Z]\w")
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]")


def features(question: Question, candidates: Candidates, rarity: Mapping[str, float]) -> Array:
    """A row of `FEATURES` for each candidate; nan where a signal is missing.

    `rarity` is the inverse document frequency of the question's terms; a term that is not in it is in no passage.
    """
    count = len(candidates)
    neighbours = neighbours_of(candidates)
    closeness = _closeness(candidates.at)
    matching = Matching.of(question.topic, candidates.terms, rarity)
    columns = matching.columns(question, candidates, neighbours)
    signals = {
        "lexical": candidates.lexical,
        "own": matching.scores(matching.weights),
        "covered": columns["covered"],
        "sparse": candidates.sparse,
        "dense": candidates.dense,
    }
    for name, signal in signals.items():
        scores = np.full(count, np.nan, np.float32) if signal is None else np.asarray(signal, np.float32)
        standard = _views(name, scores, columns)
        if name in _WITH_CONTEXT:
            _context(name, standard, neighbours, columns)
            columns[f"{name}_hours"] = _same_time(standard, closeness)
    columns["dense"] = np.nan if candidates.dense is None else candidates.dense
    columns["sparse_log"] = np.nan if candidates.sparse is None else np.log1p(np.maximum(candidates.sparse, 0))
    _people(question, candidates, columns)
    _times(question, candidates, columns)
    _manner(question, candidates, neighbours, columns)
    columns["copies"] = _copies(candidates)
    columns["monologue"] = _monologue(candidates, neighbours)
    table = np.empty((count, len(FEATURES)), np.float32)
    for at, name in enumerate(FEATURES):
        table[:, at] = columns[name]
    return table


def _views(name: str, scores: Array, columns: dict[str, Array | float]) -> Array:
    """A signal as standard scores among the candidates, as a share of the best, and by rank."""
    known = ~np.isnan(scores)
    if not known.any():
        missing = np.full(len(scores), np.nan, np.float32)
        columns[f"{name}_z"] = columns[f"{name}_ratio"] = columns[f"{name}_rank"] = missing
        return missing
    mean, deviation, best = scores[known].mean(), scores[known].std() + 1e-6, scores[known].max()
    standard = (scores - mean) / deviation
    order = np.argsort(np.where(known, -scores, np.inf), kind="stable")
    ranks = np.empty(len(scores), np.float32)
    ranks[order] = np.arange(len(scores), dtype=np.float32)
    columns[f"{name}_z"] = standard
    columns[f"{name}_ratio"] = scores / best if best > 0 else np.zeros_like(scores)
    columns[f"{name}_rank"] = np.log1p(ranks)
    return standard


def _context(name: str, standard: Array, neighbours: Neighbours, columns: dict[str, Array | float]) -> None:
    """A signal of the passages around: an answer often follows the passage that holds the words."""
    low = np.float32(-1.0)
    scores = np.nan_to_num(standard, nan=-1.0)
    before = np.where(neighbours.before >= 0, scores[neighbours.before], low)
    after = np.where(neighbours.after >= 0, scores[neighbours.after], low)
    further = np.where(neighbours.before >= 0, before[neighbours.before], low)
    beyond = np.where(neighbours.after >= 0, after[neighbours.after], low)
    best = np.full(int(neighbours.groups.max()) + 1 if len(scores) else 1, low, np.float32)
    np.maximum.at(best, neighbours.groups, scores)
    missing = bool(np.isnan(standard).all())
    values = (before, after, (before + after + 0.5 * (further + beyond)) / 3, best[neighbours.groups])
    for where, value in zip(("before", "after", "around", "thread"), values, strict=True):
        columns[f"{name}_{where}"] = np.full(len(scores), np.nan, np.float32) if missing else value.astype(np.float32)


def _closeness(at: NDArray[np.float64]) -> Array:
    """How near in time each two candidates are, 1 to 0 within hours; a passage is not near itself."""
    moments = (at / HOURS).astype(np.float32)
    near = np.exp(-np.abs(moments[:, None] - moments[None, :]), dtype=np.float32)
    np.fill_diagonal(near, 0.0)
    return np.nan_to_num(near, nan=0.0)


def _same_time(standard: Array, closeness: Array) -> Array:
    """The best signal of the same hours: a call, a message and a note of one evening belong together."""
    if np.isnan(standard).all():
        return standard
    above = np.maximum(np.nan_to_num(standard, nan=0.0), 0.0)
    return np.asarray((closeness * above[None, :]).max(axis=1), np.float32)


def _people(question: Question, candidates: Candidates, columns: dict[str, Array | float]) -> None:
    """Who speaks, compared with who is asked about."""
    asked: dict[str, bool] = {}
    for author in set(candidates.authors):
        owner = author == OWNER
        asked[author] = question.about_owner if owner else bool(question.names.intersection(author.lower().split()))
    by_asked = np.array([asked[author] for author in candidates.authors], np.float32)
    somebody = float(by_asked.any())
    others = np.array([bool(author) and author != OWNER for author in candidates.authors], np.float32)
    columns["by_asked"] = by_asked
    columns["by_other"] = (1 - by_asked) * somebody * others  # the owner tells of anybody
    columns["asked_somebody"] = somebody
    columns["owner_asked"] = float(question.about_owner)
    names = {name for author in asked if asked[author] and author != OWNER for name in author.lower().split()}
    spoken = [any(name in text.lower() for name in names) for text in candidates.texts] if names else 0.0
    columns["names_spoken"] = np.asarray(spoken, np.float32)


def _times(question: Question, candidates: Candidates, columns: dict[str, Array | float]) -> None:
    """How well a passage's date fits the times that the question names."""
    columns["period_asked"] = float(bool(question.periods))
    if not question.periods:
        columns["period"] = columns["period_far"] = columns["date_written"] = 0.0
        return
    columns["period"] = within(question.periods, candidates.at)
    distances = np.min([_days_off(period, candidates.at) for period in question.periods], axis=0)
    columns["period_far"] = np.log1p(np.nan_to_num(distances, nan=3650.0)).astype(np.float32)
    times = set(question.terms).difference(question.topic)
    columns["date_written"] = np.array([len(times.intersection(passage)) for passage in candidates.terms], np.float32)


def within(periods: Sequence[Period], at: NDArray[np.float64]) -> Array:
    """0 to 1 for each moment: 1 inside a period that is surely meant, fading over half its length (a day at least)."""
    fit = np.zeros(len(at), np.float64)
    for period in periods:
        fade = max(1.0, (period.end - period.start) / DAY / 2)
        fit = np.maximum(fit, period.weight * np.exp(-np.nan_to_num(_days_off(period, at), nan=1e6) / fade))
    return fit.astype(np.float32)


def _days_off(period: Period, at: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(np.maximum(period.start - at, at - period.end), 0.0) / DAY


def _manner(question: Question, candidates: Candidates, near: Neighbours, columns: dict[str, Array | float]) -> None:
    """Statement or question, about whom, and whether there is what the question wants: a date, a number, a place."""

    words = [frozenset(passage) for passage in candidates.terms]

    def says(vocabulary: frozenset[str]) -> Array:
        return np.array([not vocabulary.isdisjoint(passage) for passage in words], np.float32)

    def shows(pattern: re.Pattern[str]) -> Array:
        return np.array([pattern.search(text[:MOST_READ]) is not None for text in candidates.texts], np.float32)

    asks = np.array(["?" in text for text in candidates.texts], np.float32)
    columns["asks"] = asks
    columns["follows_question"] = np.where(near.before >= 0, asks[near.before], 0.0).astype(np.float32)
    columns["first_person"] = says(_FIRST)
    columns["second_person"] = says(_SECOND)
    for name in ("when_fit", "number_fit", "place_fit", "name_fit", "why_fit"):
        columns[name] = 0.0
    if question.shape is Shape.WHEN:
        columns["when_fit"] = says(_WHEN)
    elif question.shape is Shape.HOW_MANY:
        digits = [any(term[0].isdigit() for term in passage) for passage in words]
        columns["number_fit"] = np.maximum(says(_NUMBER), np.array(digits, np.float32))
    elif question.shape is Shape.WHERE:
        columns["place_fit"] = shows(_PLACE)
    elif question.shape is Shape.WHO:
        columns["name_fit"] = shows(_NAME)
    elif question.shape is Shape.WHY:
        columns["why_fit"] = says(_WHY)
    columns["shape_when"] = float(question.shape is Shape.WHEN)
    columns["shape_number"] = float(question.shape is Shape.HOW_MANY)
    columns["shape_yes_no"] = float(question.shape is Shape.YES_NO)


def _copies(candidates: Candidates) -> Array:
    """How many candidates say the very same words."""
    seen: dict[str, int] = {}
    for text in candidates.texts:
        seen[text] = seen.get(text, 0) + 1
    return np.array([seen[text] - 1 for text in candidates.texts], np.float32)


def _monologue(candidates: Candidates, near: Neighbours) -> Array:
    """1 for what is no part of a conversation: in whose thread one author speaks, as in notes and notifications.

    A passage that is alone of its thread is taken for what most others are.
    """
    authors = np.unique(np.array(candidates.authors, dtype=object).astype(str), return_inverse=True)[1]
    groups = int(near.groups.max()) + 1 if len(authors) else 0
    first, last = np.full(groups, len(authors)), np.full(groups, -1)
    np.minimum.at(first, near.groups, authors)
    np.maximum.at(last, near.groups, authors)
    sizes = np.bincount(near.groups, minlength=groups)
    one_author = (first == last)[near.groups].astype(np.float32)
    together = sizes[near.groups] > 1
    if together.any():
        one_author[~together] = float(one_author[together].mean() > 0.5)
    elif not (candidates.threads < 0).all():
        one_author[:] = 0.0
    return one_author
