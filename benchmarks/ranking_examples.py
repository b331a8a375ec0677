"""What the product's recall gathers for questions whose evidence is known: what the ranker learns from."""

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filled_store import filled
from lives import Life
from numpy.typing import NDArray

from voiceos.memory.recall import recall as recalling
from voiceos.memory.recall.features import Candidates
from voiceos.memory.recall.question import Question
from voiceos.memory.recall.ranking import Ranking
from voiceos.memory.semantic import SemanticIndex


@dataclass(frozen=True, slots=True)
class Example:
    """A question, its candidates, and which of them are right."""

    life: str
    category: str
    question: Question
    candidates: Candidates
    rarity: Mapping[str, float]
    right: NDArray[np.bool_]
    evidence: int
    """How many records answer it, among the candidates or not."""


def kept(
    path: Path | None, lives: Sequence[Life], meaning: SemanticIndex | None, *, together: bool = False
) -> list[Example]:
    """As `examples`, but what was gathered before is read from `path`, if there is one, and else kept there."""
    if path and path.exists():
        return pickle.loads(path.read_bytes())
    found = examples(lives, meaning, together=together)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(found))
    return found


def examples(lives: Sequence[Life], meaning: SemanticIndex | None, *, together: bool = False) -> list[Example]:
    """Every question asked, each in its own life's store, or all in one."""
    return [one for some in ([lives] if together else [[life] for life in lives]) for one in _of_store(some, meaning)]


def _of_store(lives: Sequence[Life], meaning: SemanticIndex | None) -> list[Example]:
    gathered: list[tuple[Question, Candidates, Mapping[str, float]]] = []

    def gather(question: Question, candidates: Candidates, rarity: Mapping[str, float]) -> Ranking:
        gathered.append((question, candidates, rarity))
        return Ranking(np.zeros(len(candidates), np.float32), np.zeros(len(candidates), np.float32), 1.0)

    found: list[Example] = []
    ranked, recalling.rank = recalling.rank, gather
    try:
        with filled(lives, meaning) as store:
            for life in lives:
                for asked in life.questions:
                    gathered.clear()
                    store.recall(store.db, asked.text, asked.at, owner=(life.owner,) if life.owner else ())
                    wanted = {(life.name, key) for key in asked.evidence}
                    for question, candidates, rarity in gathered:
                        right = np.array([store.keys[store.records[id]] in wanted for id in candidates.ids.tolist()])
                        found.append(
                            Example(life.name, asked.category, question, candidates, rarity, right, len(wanted))
                        )
    finally:
        recalling.rank = ranked
    return found
