"""Finds the passages that may answer a question: candidates by words, meaning and neighbourhood, then ranked."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from voiceos.language.terms import Analyzer
from voiceos.memory.index.lexical import LexicalIndex
from voiceos.memory.index.occurrences import Occurrences
from voiceos.memory.index.postings import code_of
from voiceos.memory.index.vectors import Similarities
from voiceos.memory.recall.anchors import dated
from voiceos.memory.recall.features import Candidates, vocabulary
from voiceos.memory.recall.hours import same_hours
from voiceos.memory.recall.question import Question, ask
from voiceos.memory.recall.ranking import copies, in_place, rank
from voiceos.store.database import Connection, Row
from voiceos.store.records import OWNER

Ids = NDArray[np.uint32]

BY_WORDS = 60
WORDS_ALONE = 100
BY_MEANING = 100
IN_PERIOD = 40
"""Passages from each way of searching, and from words without the others."""
SPARSE_WEIGHT, DENSE_WEIGHT = 1.0, 1.0
"""Weights of their standard scores; that of the words is 1."""
CANDIDATES = 90
"""What is looked at closely."""
WITH_NEIGHBOURS = 30
"""The best of them bring the passages before and after along: an answer often follows the words of the question."""
WITH_HOURS = 10
"""The very best bring along what was written in other places at the same hours."""
ALIKE = 0.2
"""Cosine from which two texts mean something alike, whatever their words."""
AKIN = 6.5
"""The sum of learnt word weights from which two texts mean something alike."""
HOLDS_ALL, SURE_OF = 0.6, 2
"""The least probability of a passage among the best two, of copies one, that holds all words of a question's topic."""
MOST_WITHIN = 8_000
"""Passages of a period that are searched by themselves; a longer one is only weighed."""


class Semantic(Protocol):
    """Search by meaning: an encoder with its index."""

    def search(self, db: Connection, question: str, limit: int) -> Ids: ...

    def similarities(self, db: Connection, question: str, ids: Ids) -> Similarities: ...

    def meaning(self, text: str) -> NDArray[np.float32]: ...

    def watermark(self, db: Connection) -> int: ...

    def alike(self, db: Connection, question: str, lines: Collection[tuple[int, str]]) -> dict[str, float]: ...

    def odds(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32] | None: ...


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that may answer."""

    passage_id: int
    record_id: int
    score: float
    probability: float
    """That it bears on the question, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Findings:
    """The passages found for a question, best first."""

    question: Question
    found: Sequence[Found]
    answerable: float
    """How likely it is, 0 to 1, that any of it answers the question."""
    rarity: Mapping[str, float]
    """Of the question's terms: the inverse document frequency of each in the memory."""


class Recall:
    """Finds passages. Use one per process, because it caches the indexes."""

    def __init__(self, lexical: LexicalIndex, analyze: Analyzer, meaning: Semantic | None = None) -> None:
        self._lexical = lexical
        self._analyze = analyze
        self._meaning = meaning
        self._length = lru_cache(maxsize=4096)(self._count)

    def __call__(
        self,
        db: Connection,
        text: str,
        now: datetime,
        *,
        owner: Collection[str] = (),
        limit: int = 10,
        only: Ids | None = None,
    ) -> Findings:
        """The best `limit` passages for a question; of `only` these, ascending, if given. Any text will do."""
        question = self.read(db, text, now, owner=owner)
        hits = self._lexical.search(db, question.terms, WORDS_ALONE, only)
        if self._meaning and hits.ids.max(initial=0) <= self._meaning.watermark(db):  # else it is still being read
            hits = hits.first(BY_WORDS)
        rarity = {term: hits.rarity.get(code_of(term), 0.0) for term in (*question.terms, *question.topic)}
        pool = self._pool(db, question, hits.ids, only)
        if not len(pool):
            return Findings(question, (), 0.0, rarity)
        lexical = dict(zip(hits.ids.tolist(), hits.scores.tolist(), strict=True))
        ids, near = self._chosen(db, question, pool, lexical, only)
        candidates, records = self._described(db, question, ids, lexical, near)
        ranked = rank(question, candidates, rarity)
        best = ranked.best(limit)
        likely = np.where(has_common(question, candidates), ranked.probabilities, 0.0)
        if len(question.topic) > 1:
            held = candidates.terms.counts(set(question.topic))
            foremost: dict[int, int] = {}  # of copies the first
            for group, i in zip(copies([candidates.texts[i] for i in best]).tolist(), best, strict=True):
                foremost.setdefault(group, i)
            for i in list(foremost.values())[:SURE_OF]:
                if held[i].all():
                    likely[i] = max(likely[i], HOLDS_ALL)
        found = [Found(int(candidates.ids[i]), records[i], float(ranked.scores[i]), float(likely[i])) for i in best]
        return Findings(question, found, float(ranked.answerable), rarity)

    def read(self, db: Connection, text: str, now: datetime, *, owner: Collection[str] = ()) -> Question:
        """What a question asks; "before the move" is looked up."""
        question = ask(text, self._analyze, now, owner=owner)
        return dated(db, question, self._analyze, lambda terms, most: self._lexical.search(db, terms, most).ids, now)

    def meaning(self, text: str) -> NDArray[np.float32] | None:
        """The vector of a question, if there is an encoder; at once if it was just asked."""
        return self._meaning.meaning(text) if self._meaning else None

    def alike(self, db: Connection, question: str, lines: Collection[tuple[int, str]]) -> dict[str, float]:
        """How much each line (record, text) means what a question means, from -1 to 1; empty without an encoder."""
        return self._meaning.alike(db, question, lines) if self._meaning and lines else {}

    def odds(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32] | None:
        """The log odds that each line answers its question, as the two read together; None without an encoder."""
        return self._meaning.odds(pairs) if self._meaning and pairs else None

    def _pool(self, db: Connection, question: Question, by_words: Ids, only: Ids | None) -> Ids:
        """Candidates by words, by the times mentioned, and by meaning; ascending."""
        ways = [by_words]
        if question.periods and question.topic:
            inside = within_periods(db, question)
            if inside is not None and only is not None:
                inside = np.intersect1d(inside, only)
            if inside is not None and len(inside):
                ways.append(self._lexical.search(db, question.topic, IN_PERIOD, inside).ids)
        if self._meaning:
            near = self._meaning.search(db, question.text, BY_MEANING)
            ways.append(near if only is None else near[np.isin(near, only)])
        return np.unique(np.concatenate(ways)).astype(np.uint32)

    def _chosen(
        self, db: Connection, question: Question, pool: Ids, lexical: dict[int, float], only: Ids | None
    ) -> tuple[Ids, Similarities | None]:
        """Candidates for a closer look: the best by all signals together, and the neighbours of the very best."""
        scores = _standard(np.array([lexical.get(int(key), 0.0) for key in pool]))
        near = self._meaning.similarities(db, question.text, pool) if self._meaning else None
        all_signals = scores
        if near:
            all_signals = scores + SPARSE_WEIGHT * _standard(near.sparse) + DENSE_WEIGHT * _standard(near.dense)
            scores = in_place(scores, all_signals, ~np.isnan(near.dense))
        order = np.lexsort((-all_signals, -scores))
        best = pool[order[:WITH_NEIGHBOURS]]
        around = np.unique(np.concatenate([best + 1, best - 1, same_hours(db, best[:WITH_HOURS])]))
        at = np.minimum(np.searchsorted(pool, around), len(pool) - 1)
        there = pool[at] == around
        beside = around[~there]
        beside = beside if only is None else beside[np.isin(beside, only)]
        best = np.unique(np.concatenate([order[:CANDIDATES], at[there]]))
        ids = np.concatenate([pool[best], beside])
        ascending = np.argsort(ids)
        if not self._meaning or not near:
            return ids[ascending], None
        more = self._meaning.similarities(db, question.text, beside)
        return ids[ascending], near.at(best).and_of(more).at(ascending)

    def _described(
        self, db: Connection, question: Question, ids: Ids, lexical: dict[int, float], near: Similarities | None
    ) -> tuple[Candidates, list[int]]:
        rows = passage_rows(db, ids)
        there = np.array([row["id"] for row in rows], np.uint32)
        near = near and near.at(np.searchsorted(ids, there))  # a neighbouring id may not exist
        threads: dict[str, int] = {}
        texts = [row["words"] for row in rows]
        candidates = Candidates(
            ids=there.astype(np.int64),
            texts=texts,
            terms=self._terms(db, question, rows, there),
            authors=[row["author"] for row in rows],
            at=np.array([np.nan if row["at"] is None else row["at"] for row in rows], np.float64),
            threads=np.array([threads.setdefault(thread_of(row), len(threads)) for row in rows], np.int64),
            positions=there.astype(np.int64),
            lexical=np.array([lexical.get(row["id"], 0.0) for row in rows], np.float32),
            sparse=near.sparse if near else None,
            dense=near.dense if near else None,
            words=near.words if near else None,
            asked=near.asked if near else None,
        )
        return candidates, [row["record_id"] for row in rows]

    def _terms(self, db: Connection, question: Question, rows: Sequence[Row], ids: Ids) -> Occurrences:
        """The terms of each passage's title and text, without date and author, which the index includes."""
        wanted = vocabulary().union(question.terms, question.topic)
        skip = [(3 if row["at"] is not None else 0) + self._length(row["author"]) for row in rows]
        return self._lexical.occurrences(db, ids, wanted, skip)

    def _count(self, author: str) -> int:
        return 0 if author == OWNER else len(self._analyze(author))


def _standard(scores: NDArray[Any]) -> NDArray[np.float64]:
    """Standard scores; of what is unknown: the mean."""
    unknown = np.isnan(scores)
    off = scores.astype(np.float64) - (scores[~unknown].mean(dtype=np.float64) if not unknown.all() else 0.0)
    off[unknown] = 0.0
    return off / (np.sqrt(off @ off / len(off)) or 1.0)


def has_common(question: Question, candidates: Candidates) -> NDArray[np.bool_]:
    """Which passages have anything in common with the question: one of its words, or its meaning.

    The ranker compares passages with each other, so that in a small memory something always comes out on top.
    """
    shares = candidates.terms.any(question.topic)
    if candidates.dense is not None:
        shares |= np.nan_to_num(candidates.dense, nan=0.0) >= ALIKE
    if candidates.sparse is not None:
        shares |= np.nan_to_num(candidates.sparse, nan=0.0) >= AKIN
    return shares


def within_periods(db: Connection, question: Question) -> Ids | None:
    """The passages of records from the times that a question mentions, ascending; None if above `MOST_WITHIN`."""
    found = [np.empty(0, np.uint32)]
    for period in question.periods:
        span = (period.start, period.end, MOST_WITHIN + 1 - sum(map(len, found)))
        (count,) = db.execute(f"SELECT count(*) FROM ({_WITHIN.format('1', '')})", span).fetchone()  # noqa: S608
        if count >= span[-1]:  # too many, as the index of times alone shows
            return None
        passages = _WITHIN.format("p.id", "JOIN passage p ON p.record_id = r.id")
        (ids,) = db.execute(f"SELECT group_concat(id) FROM ({passages})", span).fetchone()  # noqa: S608
        found.append(np.fromstring(ids or "", np.uint32, sep=","))
    inside = np.unique(np.concatenate(found))
    return inside if len(inside) <= MOST_WITHIN else None


_WITHIN = "SELECT {} FROM record r {} WHERE r.at >= ? AND r.at < ? LIMIT ?"


def passage_rows(db: Connection, ids: Ids) -> list[Row]:
    """These passages, those that there are: id, record_id, words, title, author, at, thread, source_id."""
    return db.execute(
        'SELECT p.id, p.record_id, substr(r.text, p.start + 1, p."end" - p.start) AS words, r.title, r.author, r.at,'
        " r.thread, r.source_id FROM json_each(?) one CROSS JOIN passage p ON p.id = one.value"
        " CROSS JOIN record r ON r.id = p.record_id",
        (json.dumps(ids.tolist()),),
    ).fetchall()


def thread_of(row: Row) -> str:
    """What a passage's neighbours share with it: a conversation, or else a file."""
    return row["thread"] or f"\0{row['source_id']}"
