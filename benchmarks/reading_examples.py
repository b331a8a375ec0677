"""Questions with the lines that the product compares with each, and which of them answer: its reader learns from them.

From the talks in `benchmarks/talk`, the worlds in `benchmarks/reading` and the lives of `benchmarks/answers` that are
for learning, each through the product's own recall.
"""

import argparse
import pickle
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import anyio
import asked
import life_answers
import life_stores
import numpy as np
from figures import config_of
from lives import Life
from numpy.typing import NDArray
from rich.console import Console
from scoring import Wanted, holds
from talks import swapped, talks
from worlds import worlds

from voiceos.config.paths import models_folder
from voiceos.memory.memory import Memory
from voiceos.memory.recall import reading
from voiceos.memory.recall.compared import FEATURES
from voiceos.memory.recall.lines import Line
from voiceos.memory.recall.pairs import Pair, pairs
from voiceos.memory.recall.reading import MEANT
from voiceos.memory.semantic import SemanticIndex
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.store.records import Source

TALK, WORLDS = (Path(__file__).with_name(name) for name in ("talk", "reading"))
OF_LIVES, OF_TALKS, OF_WORLDS, OF_PUBLIC = "lives", "talks", "worlds", "public"
ASIDE_TALKS = ("b3", "e3", "m2", "o1")
ASIDE_WORLDS = 5
"""From these talks, every fifth world of a file, and the lives the cross-encoder never learns."""


Judge = Callable[[Sequence[Line]], tuple[Sequence[bool], Sequence[bool]]]
"""Which of the lines of a question are right, and of which it is arguable."""


@dataclass(frozen=True, slots=True)
class Example:
    """The lines of a question, and which are right."""

    of: str
    life: str
    answered: bool
    pairs: Sequence[Pair]
    table: NDArray[np.float32]
    """A row of features for each line."""
    right: NDArray[np.bool_]
    arguable: NDArray[np.bool_]
    likely: NDArray[np.float32]
    """That each line answers, by its words."""


def is_aside(one: Example) -> bool:
    """Whether the cross-encoder never learns from it, so that the reader's curve can learn what its odds are worth."""
    if one.of == OF_WORLDS:
        return int("".join(filter(str.isdigit, one.life))) % ASIDE_WORLDS == 0
    return one.of == OF_LIVES or one.life in ASIDE_TALKS


def examples(arguments: argparse.Namespace, console: Console) -> list[Example]:
    """All of them; `arguments.keep` is a folder with those that were gathered before, of each kind."""
    made: list[Example] = []
    meaning = None
    for of in (OF_TALKS, OF_LIVES, OF_WORLDS):
        kept = arguments.keep and arguments.keep / f"{of}.pickle"
        if kept and kept.exists():
            made += pickle.loads(kept.read_bytes())
            continue
        meaning = meaning or SemanticIndex(Shelf(models_folder(config_of(arguments).store)).path(MEMORY))
        if of == OF_LIVES:
            some = list(_of_lives(arguments, meaning, console))
        else:
            folder = talks(TALK) if of == OF_TALKS else worlds(WORLDS)
            some = [one for life in folder for one in _of_records(of, life, meaning)]
        if kept:
            kept.write_bytes(pickle.dumps(some))
        made += some
    return made


def _of_records(of: str, life: Life, meaning: SemanticIndex) -> Iterator[Example]:
    with tempfile.TemporaryDirectory() as folder:
        owner = (life.owner,) if life.owner else ()
        with Memory(Path(folder), meaning=meaning, owner=owner) as memory:
            ids = memory.ledger.add(Source(life.name, "chat"), life.records).ids
            keys = dict(zip((record.key for record in life.records), ids, strict=True))
            memory.catch_up()
            for one in (*life.questions, *(swapped(life).questions if of == OF_TALKS else ())):
                evidence, arguable = ({keys[key] for key in some} for some in (one.evidence, one.arguable))
                judge = _by_record(evidence, arguable, {keys[key]: piece for key, piece in one.pieces.items()})
                yield example(memory, of, life.name, one.text, one.at, owner, judge, answered=bool(evidence))


def _of_lives(arguments: argparse.Namespace, meaning: SemanticIndex, console: Console) -> Iterator[Example]:
    for life in asked.lives(held_out=False):
        with life_stores.clock_of(life):
            place = anyio.run(life_stores.filled, config_of(arguments), life, arguments.stores, console)
            with Memory(place, meaning=meaning, owner=tuple(life.owner)) as memory:
                for one in life.questions:
                    at = one.at.replace(tzinfo=ZoneInfo(life.zone))
                    pieces = life_answers.evidence_of(memory, life, one)
                    evidence = {record for piece in pieces for record in piece}
                    judge = _by_gold(one, evidence, at)
                    yield example(memory, OF_LIVES, life.name, one.text, at, life.owner, judge, answered=bool(evidence))


def example(
    memory: Memory,
    of: str,
    life: str,
    text: str,
    at: datetime,
    owner: Collection[str],
    judge: Judge,
    *,
    answered: bool,
) -> Example:
    """What the product compares with a question that is asked at that time."""
    found = memory.evidence(text, at)
    question = found.findings.question
    table = np.zeros((0, len(FEATURES) + len(MEANT)), np.float32)
    if found.lines and memory.meaning:
        with memory.reading() as db:
            wanted = {one for line in found.lines for one in reading.meaning_of(line)}
            alike = memory.meaning.alike(db, question.text, wanted)
        table = np.column_stack([found.compared.table, reading.meant(found.lines, alike)])
    right, arguable = (np.array(some, bool) for some in judge(found.lines))
    told = pairs(question, found.lines, owner)
    return Example(of, life, answered, told, table, right, arguable, found.compared.likely)


def _by_record(evidence: Collection[int], arguable: Collection[int], pieces: Mapping[int, str]) -> Judge:
    """Of a longer record the sentence answers that has its piece; without one it is not known which."""

    def judge(lines: Sequence[Line]) -> tuple[list[bool], list[bool]]:
        several = Counter(line.memory.record_id for line in lines)
        right = [line.memory.record_id in evidence for line in lines]
        half = [line.memory.record_id in arguable for line in lines]
        for place, line in enumerate(lines):
            record = line.memory.record_id
            if right[place] and several[record] > 1:
                right[place] = record in pieces and _share(line.memory.text, pieces[record])
                half[place] = record not in pieces
        return right, half

    return judge


def _share(text: str, piece: str) -> bool:
    """Whether a line has the words of a piece, or the piece those of the line."""
    one, other = life_answers.plain(text), life_answers.plain(piece)
    return one in other or other in one


def _by_gold(one: asked.Question, evidence: Collection[int], at: datetime) -> Judge:
    """Of a longer record only the line that has the answer."""
    wanted = Wanted(one.kind, one.gold, question=one.text)
    golden = [life_answers.plain(text) for piece in one.evidence for text in piece]

    def answers(line: Line) -> bool:
        text = line.memory.text
        if line.memory.record_id not in evidence or len(text) >= len(line.whole) - len(line.memory.source) - 1:
            return line.memory.record_id in evidence
        return any(piece in life_answers.plain(text) for piece in golden) or holds(text, wanted, at)

    return lambda lines: ([answers(line) for line in lines], [False] * len(lines))
