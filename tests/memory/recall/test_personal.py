"""Which questions are of the owner's life, and which anybody may answer."""

from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from tests.memory.made_up import MadeUp
from voiceos.core import Transcript, Turn
from voiceos.language.terms import Analyzer
from voiceos.memory.memory import Memory
from voiceos.memory.recall import personal
from voiceos.memory.recall.personal import (
    SIGNS,
    Found,
    Weights,
    defines,
    is_definite,
    is_of_known,
    is_of_life,
    seems_of_life,
    signs,
    weights,
)
from voiceos.memory.recall.question import ask
from voiceos.memory.semantic import SemanticIndex
from voiceos.store.database import Connection
from voiceos.store.records import OWNER, Kind, Record, Source

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "question",
    [
        "What is my wife called?",
        "How old is our cat?",
        "Who's my dentist?",
        "Did I pay Tomas back?",
        "How much rent do we pay?",
        "What was the name of my first teacher?",
        "Which hospital was Grandad in?",
        "What's on my calendar tomorrow?",
        "am I allergic to nuts",
        "What did Theo write about the roof?",
    ],
)
def test_of_the_owners_life(db: Connection, question: str) -> None:
    assert is_of_life(db, question, {"Theo Marsh"})


@pytest.mark.parametrize(
    ("question", "definite"),
    [
        ("When do the builders finish?", True),
        ("Who comes along with me?", True),
        ("Who was on the throne before Queen Victoria?", False),
        ("How do I get the stain out?", False),
        ("What can a camel carry?", False),
    ],
)
def test_what_is_definite_and_names_nobody(question: str, definite: bool) -> None:
    assert is_definite(question) is definite


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "How do I boil an egg?",
        "How long should I boil my pasta?",
        "Can I give my dog chocolate?",
        "What's good for my headache?",
        "Do I need to register a bicycle in Norway?",
        "Who wrote Romeo and Juliet?",
        "Tell me about my horoscope.",
        "I love my cat.",
        "How are you?",
        "",
    ],
)
def test_what_others_know(db: Connection, question: str) -> None:
    assert not is_of_life(db, question, {"Theo Marsh"})


@pytest.mark.parametrize(
    ("question", "defining"),
    [
        *(("What is a beagle?", True), ("So what does a joiner do?", True), ("What does a rain check mean?", True)),
        *(("What does Greg do?", False), ("What does the joiner do?", False), ("What does a joiner owe me?", False)),
    ],
)
def test_what_asks_for_the_meaning_of_a_word(question: str, defining: bool) -> None:
    assert defines(question) is defining


@pytest.mark.parametrize(
    ("question", "known"),
    [
        *(("How tall is Theo?", True), ("What is Theo's blood group?", True), ("When did Theo move out?", True)),
        *(("How tall is Theo James?", False), ("How old is Maren?", False), ("Is it far for Theo?", False)),
        *(("Should I call Theo's boss?", False), ("I met Theo's boss.", False)),
    ],
)
def test_who_writes_to_the_owner_is_known(tmp_path: Path, question: str, known: bool) -> None:
    with Memory(tmp_path, now=lambda: NOON) as memory:
        memory.ledger.add(Source("chat", "text"), [Record(Kind.MESSAGE, "1", "Hi!", author="Theo Marsh", at=NOON)])
        with memory.reading() as db:
            assert is_of_known(db, question) is known
        assert not known or memory.recall(question, NOON).of_life


def test_who_is_near_is_known_from_the_facts(tmp_path: Path) -> None:
    with Memory(tmp_path, now=lambda: NOON) as memory:
        assert not memory.recall("How old is Maren?", NOON).of_life
        memory.remember(Turn("t", "c", transcript=Transcript("My daughter Maren was born in Ghent.")), NOON)
        assert memory.recall("How old is Maren?", NOON).of_life
        assert not memory.recall("How old is Ghent?", NOON).of_life


def test_somebody_of_whom_the_memory_tells_is_of_the_owners_life(tmp_path: Path) -> None:
    with Memory(tmp_path) as memory:
        said = "Wilf next door fell off his ladder, and we flew with Air Canada."
        memory.ledger.add(Source("said", "text"), [Record(Kind.SAID, "1", said, author=OWNER, at=NOON)])
        memory.catch_up()
        assert memory.recall("What's the name of Wilf's dog next door?", NOON).of_life
        assert memory.recall("Which ladder did Wilf fall off?", NOON).of_life
        assert not memory.recall("Which ladder did Napoleon fall off?", NOON).of_life
        assert not memory.recall("What is the capital of Canada?", NOON).of_life


NOTHING, MUCH = Found(0.01, 0.1, 0.01, ()), Found(0.9, 0.95, 0.8, {"Wilf Marsh"})


@pytest.mark.parametrize(
    ("question", "found", "of_life"),
    [
        ("What did my brother ask me?", MUCH, True),
        ("When did Wilf fall off the ladder?", MUCH, True),
        ("How do I boil an egg?", NOTHING, False),
        ("What is the tallest mountain?", NOTHING, False),
        ("I asked my brother.", MUCH, False),
    ],
)
def test_by_what_there_is_for_it(question: str, found: Found, of_life: bool) -> None:
    asked = ask(question, Analyzer("en"), NOON)
    means_nothing = np.zeros_like(weights().meaning)
    assert seems_of_life(asked, means_nothing, found, by_words=False) == of_life


@pytest.mark.parametrize(
    ("question", "likely", "by_words", "of_life"),
    [
        *(("Where does Dmitri live?", 0.55, False, True), ("Where does Dmitri live?", 0.3, False, False)),
        *(("Where does Dmitri Mendeleev live?", 0.55, False, False), ("Where is the river?", 0.55, False, False)),
        *(("Where do I work?", 0.05, True, True), ("Where do I start?", 0.05, True, False)),
        *(("Am I allergic to walnuts?", 0.3, True, True), ("Is my sister ill?", 0.3, True, True)),
        ("Where do I put the comma in a long sentence?", 0.05, True, False),
    ],
)
def test_a_name_or_the_owner_alone_needs_less(
    question: str, likely: float, by_words: bool, of_life: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personal, "weights", lambda: lambda *_: likely)  # pyright: ignore[reportUnknownLambdaType]
    asked = ask(question, Analyzer("en"), NOON)
    assert seems_of_life(asked, np.zeros(3, np.float32), NOTHING, by_words=by_words) == of_life


def test_the_more_there_is_the_likelier() -> None:
    asked = ask("Where is the ladder?", Analyzer("en"), NOON)
    little, much = (signs(asked, found) for found in (NOTHING, MUCH))
    assert len(little) == len(SIGNS)
    assert weights()(np.zeros_like(weights().meaning), much) > weights()(np.zeros_like(weights().meaning), little)


def test_with_an_encoder_its_vector_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nearest = 100 * MadeUp().meaning("Where is the blue ladder?")
    none = np.zeros(len(SIGNS), np.float32)
    learnt = Weights(nearest, none, none, none + 1, np.array([-50], np.float32))
    monkeypatch.setattr(personal, "weights", lambda: learnt)
    with Memory(tmp_path, meaning=cast(SemanticIndex, MadeUp())) as memory:
        assert memory.recall("Where is the blue ladder?", NOON).of_life
        assert not memory.recall("Who discovered penicillin?", NOON).of_life
