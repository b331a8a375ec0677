"""Features of candidate passages for a question: a row of numbers each, for the ranker."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from voiceos.language.data import pattern, words_in
from voiceos.memory.recall.candidates import Array, Candidates, Neighbours, at_rows, neighbours_of
from voiceos.memory.recall.learnt import COLUMNS, learnt_columns
from voiceos.memory.recall.matching import Matching
from voiceos.memory.recall.periods import Period
from voiceos.memory.recall.question import Question, Shape
from voiceos.store.records import OWNER

DAY = 86_400.0
MOST_READ = 800
"""Characters of a passage that are looked at for names and places."""
HOURS = 3 * 3600.0
"""Passages of different threads within this many seconds are about the same event."""


LOW = -1.0
"""What counts as the standard score of a passage that is not there."""
_SIGNALS = ("lexical", "own", "covered", "sparse", "dense")
_WITH_CONTEXT = ("own", "sparse", "dense")
FEATURES = (
    *(f"{signal}_{view}" for signal in _SIGNALS for view in ("z", "ratio", "rank")),
    *(f"{signal}_{where}" for signal in _WITH_CONTEXT for where in ("before", "after", "around", "thread", "hours")),
    *COLUMNS,
    "covered", "rarest", "pairs", "span", "dense", "sparse_log", "matched",
    "reply_z", "reply_covered", "around_covered", "thread_covered",
    "by_asked", "by_other", "names_spoken", "asked_somebody", "period", "period_far", "date_written",
    "asks", "follows_question", "length", "first_person", "second_person",
    "when_fit", "number_fit", "place_fit", "name_fit", "why_fit",
    "question_terms", "monologue",
)  # fmt: skip
"""The columns, in order."""

_KINDS = ("first_person", "second_person", "when", "number", "why")


def vocabulary() -> frozenset[str]:
    """The terms that are looked for besides a question's own."""
    return frozenset().union(*map(_terms_of, _KINDS))


def _terms_of(kind: str) -> frozenset[str]:
    return words_in("en", "evidence", kind)


_DIGITS = re.compile(r"\b\d")
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]")


def features(question: Question, candidates: Candidates, rarity: Mapping[str, float]) -> Array:
    """A row of `FEATURES` for each candidate; nan where a signal is missing.

    `rarity` is the inverse document frequency of the question's terms; a term that is not in it is in no passage.
    """
    count = len(candidates)
    neighbours = neighbours_of(candidates)
    matching = Matching.of(question.topic, candidates.terms, rarity)
    columns = matching.columns(neighbours)
    missing = np.full(count, np.nan, np.float32)
    sparse = missing if candidates.sparse is None else candidates.sparse
    dense = missing if candidates.dense is None else candidates.dense
    own = matching.scores(matching.weights)
    signals = np.column_stack([candidates.lexical, own, columns["covered"], sparse, dense]).astype(np.float32)
    standard = _views(signals, columns)
    around = standard[:, [_SIGNALS.index(name) for name in _WITH_CONTEXT]]
    _context(around, neighbours, columns)
    _same_time(around, candidates.at, columns)
    columns["dense"] = np.nan if candidates.dense is None else candidates.dense
    columns["sparse_log"] = np.nan if candidates.sparse is None else np.log1p(np.maximum(candidates.sparse, 0))
    if candidates.words is None or candidates.asked is None:
        columns |= dict.fromkeys(COLUMNS, np.nan)
    else:
        columns |= learnt_columns(candidates.words, candidates.asked, neighbours)
    _people(question, candidates, columns)
    _times(question, candidates, columns)
    _manner(question, candidates, neighbours, columns)
    columns["question_terms"] = float(len(question.topic))
    columns["monologue"] = _monologue(candidates, neighbours)
    table = np.empty((count, len(FEATURES)), np.float32)
    for at, name in enumerate(FEATURES):
        table[:, at] = columns[name]
    return table


def _views(signals: Array, columns: dict[str, Array | float]) -> Array:
    """Each signal as standard scores among the candidates, as a share of the best, and by rank."""
    known = ~np.isnan(signals)
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, signals, 0).sum(axis=0) / counts
    off = np.where(known, signals - mean, 0)
    standard = np.where(known, off / (np.sqrt((off**2).sum(axis=0) / counts) + 1e-6), np.nan).astype(np.float32)
    ordered = np.where(known, signals, -np.inf)
    best = ordered.max(axis=0)
    ratio = np.where(best > 0, signals / np.where(best > 0, best, 1), 0)
    ranks = np.empty(signals.shape, np.float32)
    places = np.arange(len(signals), dtype=np.float32)[:, None]
    np.put_along_axis(ranks, np.argsort(-ordered, axis=0, kind="stable"), np.log1p(places), axis=0)
    ratio[:, ~known.any(axis=0)] = ranks[:, ~known.any(axis=0)] = np.nan
    for view, table in (("z", standard), ("ratio", ratio), ("rank", ranks)):
        columns |= {f"{name}_{view}": table[:, at] for at, name in enumerate(_SIGNALS)}
    return standard


def _context(around: Array, neighbours: Neighbours, columns: dict[str, Array | float]) -> None:
    """Signals of the passages around: an answer often follows the passage that holds the words."""
    scores = np.where(np.isnan(around), np.float32(LOW), around)
    before, after = at_rows(scores, neighbours.before, LOW), at_rows(scores, neighbours.after, LOW)
    further, beyond = at_rows(before, neighbours.before, LOW), at_rows(after, neighbours.after, LOW)
    nearby = (before + after + 0.5 * (further + beyond)) / 3
    thread = np.maximum(neighbours.most(scores), LOW)
    missing = np.isnan(around).all(axis=0)
    for where, table in (("before", before), ("after", after), ("around", nearby), ("thread", thread)):
        table[:, missing] = np.nan
        columns |= {f"{name}_{where}": np.asarray(table[:, at], np.float32) for at, name in enumerate(_WITH_CONTEXT)}


def _same_time(around: Array, at: NDArray[np.float64], columns: dict[str, Array | float]) -> None:
    """The best signal of the same hours: a call, a message and a note of one evening belong together.

    The nearness of two candidates in time fades from 1 to 0 within hours; a passage is not near itself.
    """
    moments = (at / HOURS).astype(np.float32)
    near = np.exp(-np.abs(moments[:, None] - moments[None, :]), dtype=np.float32)
    np.fill_diagonal(near, 0.0)
    near[np.isnan(near)] = 0.0
    above = np.maximum(np.where(np.isnan(around), 0, around), 0)
    for place, name in enumerate(_WITH_CONTEXT):
        missing = np.isnan(around[:, place]).all()
        columns[f"{name}_hours"] = np.nan if missing else (near * above[:, place]).max(axis=1)


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
    columns["by_other"] = (1 - by_asked) * somebody * others  # the owner talks about anybody
    columns["asked_somebody"] = somebody
    names = {name for author in asked if asked[author] and author != OWNER for name in author.lower().split()}
    lower = [text.lower() for text in candidates.texts] if names else []
    spoken = [any(name in text for name in names) for text in lower] if names else 0.0
    columns["names_spoken"] = np.asarray(spoken, np.float32)


def _times(question: Question, candidates: Candidates, columns: dict[str, Array | float]) -> None:
    """How well a passage's date fits the times that the question names."""
    if not question.periods:
        columns["period"] = columns["period_far"] = columns["date_written"] = 0.0
        return
    columns["period"] = within(question.periods, candidates.at)
    distances = np.min([_days_off(period, candidates.at) for period in question.periods], axis=0)
    columns["period_far"] = np.log1p(np.nan_to_num(distances, nan=3650.0)).astype(np.float32)
    times = set(question.terms).difference(question.topic)
    columns["date_written"] = (candidates.terms.counts(times) > 0).sum(axis=1).astype(np.float32)


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

    def says(kind: str) -> Array:
        return candidates.terms.any(_terms_of(kind)).astype(np.float32)

    def shows(shape: re.Pattern[str]) -> Array:
        return np.array([shape.search(text[:MOST_READ]) is not None for text in candidates.texts], np.float32)

    asks = np.array(["?" in text for text in candidates.texts], np.float32)
    columns["asks"] = asks
    columns["follows_question"] = np.where(near.before >= 0, asks[near.before], 0.0).astype(np.float32)
    columns["first_person"] = says("first_person")
    columns["second_person"] = says("second_person")
    for name in ("when_fit", "number_fit", "place_fit", "name_fit", "why_fit"):
        columns[name] = 0.0
    if question.shape is Shape.WHEN:
        columns["when_fit"] = says("when")
    elif question.shape is Shape.HOW_MANY:
        columns["number_fit"] = np.maximum(says("number"), shows(_DIGITS))
    elif question.shape is Shape.WHERE:
        columns["place_fit"] = shows(pattern("en", "evidence", "place"))
    elif question.shape is Shape.WHO:
        columns["name_fit"] = shows(_NAME)
    elif question.shape is Shape.WHY:
        columns["why_fit"] = says("why")


def _monologue(candidates: Candidates, near: Neighbours) -> Array:
    """1 for what is not part of a conversation: one author speaks in its thread, as in notes and notifications.

    A passage that is alone of its thread is taken for what most others are.
    """
    numbers: dict[str, int] = {}
    authors = np.array([numbers.setdefault(author, len(numbers)) for author in candidates.authors])
    sizes = near.most(np.bincount(near.groups)[near.groups])
    one_author = (near.most(authors) == -near.most(-authors)).astype(np.float32)
    together = sizes > 1
    if together.any():
        one_author[~together] = float(one_author[together].mean() > 0.5)
    elif not (candidates.threads < 0).all():
        one_author[:] = 0.0
    return one_author
