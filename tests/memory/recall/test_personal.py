"""Which questions are of the owner's life, and which anybody may answer."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from voiceos.core import Transcript, Turn
from voiceos.memory.memory import Memory
from voiceos.memory.recall.personal import is_of_life
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
