"""A closer look at what was found, where somebody waits for longer than a spoken answer may take: the cross-encoder
reads the first memories with the question. It takes some 70 to 140 ms of a desktop's core."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from math import log

from voiceos.core import Recalled
from voiceos.memory.recall.lines import Line, lines
from voiceos.memory.recall.pairs import pairs
from voiceos.memory.recall.reading import Compared
from voiceos.memory.recall.recall import Findings, Recall
from voiceos.store.database import Connection

READ = 16
"""Memories that are read: see docs/research/ranking.md."""
WEIGHT = 0.4
"""What the log odds of the cross-encoder count beside the logarithm of the ranker's probability."""
LEAST = 1e-6
"""What is taken for the least likely."""


def reranked(
    db: Connection, recall: Recall, findings: Findings, memories: Sequence[Recalled], owner: Collection[str]
) -> list[Recalled]:
    """What was found, best first, in a better order; without a cross-encoder the same.

    The first memories share out among them the probabilities that they had. `owner`: the owner's names.
    """
    first, rest = memories[:READ], memories[READ:]
    own = [line for line in lines(db, first, READ) if not line.distance]
    best = own_lines(Compared.of(findings.question, own, findings.rarity, findings.answerable))
    found = recall.odds(pairs(findings.question, best, owner))
    if found is None:
        return [*memories]
    odds = dict(zip((line.memory.id for line in best), found.tolist(), strict=True))
    least = min(odds.values())
    order = sorted(first, key=lambda one: -log(max(one.score, LEAST)) - WEIGHT * odds.get(one.id, least))
    scores = sorted((one.score for one in first), reverse=True)
    return [*(replace(one, score=score) for one, score in zip(order, scores, strict=True)), *rest]


def own_lines(compared: Compared) -> list[Line]:
    """Of each memory that was found the line that is likeliest by its words: all of it, if it is short."""
    best: dict[str, Line] = {}
    ordered: Iterable[int] = (-compared.likely).argsort(kind="stable").tolist()
    for line in (compared.lines[at] for at in ordered):
        if not line.distance:
            best.setdefault(line.memory.id, line)
    return [*best.values()]
