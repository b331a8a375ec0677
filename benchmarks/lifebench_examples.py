"""Questions of LifeBench with the lines that the product compares with each, and which of them answer.

Its evidence names whole records, and several for each question: the right line of a record is the one that has what is
new in the answer. Other lines of these records, and lines elsewhere that have it, are arguable.
"""

import tempfile
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from lives import Asked, lifebench
from public_answers import FEW_WORDS, fill, month_end, of_lifebench, pieces
from reading_examples import OF_PUBLIC, Example, Judge, example
from scoring import Wanted, holds

from voiceos.language.own_name import in_first_person
from voiceos.language.terms import Analyzer
from voiceos.memory.memory import Memory
from voiceos.memory.recall.lines import Line
from voiceos.memory.semantic import SemanticIndex

MOST, SOME = 0.6, 0.3
"""Share of the new words of a long answer from which on a line tells it, or a part of it."""
PART, ALL = 1, 2
_terms = Analyzer("en")


def examples(folder: Path, meaning: SemanticIndex) -> Iterator[Example]:
    """`folder`: the people of LifeBench."""
    for person in lifebench(folder):
        owner = (person.owner,)
        with tempfile.TemporaryDirectory() as place, Memory(Path(place), meaning=meaning, owner=owner) as memory:
            fill(memory.ledger, of_lifebench(person))
            memory.catch_up()
            with memory.reading() as db:
                ids = {row["key"]: row["id"] for row in db.execute("SELECT id, key FROM record").fetchall()}
            for one in person.questions:
                if one.evidence and not one.options:
                    at, text = month_end(one.at), in_first_person(one.text, owner)
                    judge = _by_answer(one, {ids[key] for key in one.evidence if key in ids}, at)
                    yield example(memory, OF_PUBLIC, person.name, text, at, owner, judge, answered=True)


def _by_answer(one: Asked, evidence: Collection[int], at: datetime) -> Judge:
    short = len(one.answer.split()) <= FEW_WORDS

    def judge(lines: Sequence[Line]) -> tuple[list[bool], list[bool]]:
        right, arguable = list[bool](), list[bool]()
        for line in lines:
            told, there = _told(line.memory.text, one, at), line.memory.record_id in evidence
            right.append(there and told == ALL)
            later = line.memory.at is not None and line.memory.at > at
            doubtful = told > 0 or not short if there else told == ALL
            arguable.append(later or (doubtful and not right[-1]))
        return right, arguable

    return judge


def _told(text: str, one: Asked, at: datetime) -> int:
    """Whether a text has all or some of what an answer adds to its question, or nothing: 0."""
    if len(one.answer.split()) <= FEW_WORDS:
        gold = list(pieces(one.answer, one.text, at.replace(tzinfo=None)))
        found = [holds(text, Wanted(one.category, [piece], question=one.text), at) for piece in gold]
        return PART * any(found) + (ALL - PART) * (bool(found) and all(found))
    new = set(_terms(one.answer)) - set(_terms(one.text))
    share = len(new.intersection(_terms(text))) / max(len(new), 1)
    return PART * (share >= SOME) + (ALL - PART) * (share >= MOST)
