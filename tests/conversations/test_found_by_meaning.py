"""The memory with its real encoders: what shares no word with a question is found, and an index of others made anew."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from voiceos.memory.memory import Memory
from voiceos.memory.semantic import SemanticIndex
from voiceos.models.encoder_files import build
from voiceos.models.shelf import Shelf
from voiceos.store.records import Kind, Record, Source

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
NOTES = ("Our tom is called Marzipan; he gets the insulin at seven.", "The shower was mended by Mr. Okafor.")
QUESTION = "What is our pet's name?"
pytestmark = pytest.mark.engines


@pytest.fixture
def opened(tmp_path: Path, models: Callable[[Sequence[str]], Path]) -> Callable[[str], Memory]:
    """A memory with encoders that are ours, or as their makers trained them."""
    shelf = Shelf(models(("memory-en",)))
    encoders = {"ours": shelf.path("memory-en"), "theirs": tmp_path / "theirs"}
    encoders["theirs"].mkdir()
    build(shelf.folder_of("memory-en"), encoders["theirs"], {})
    return lambda whose: Memory(tmp_path, meaning=SemanticIndex(encoders[whose]))


def noted(memory: Memory) -> None:
    records = [Record(Kind.NOTE, str(number), text) for number, text in enumerate(NOTES)]
    memory.ledger.add(Source("/notes.md", "note"), records)
    memory.catch_up_words()


def found(memory: Memory) -> list[str]:
    return [one.text for one in memory.search(QUESTION, NOW, limit=1)]


def test_what_shares_no_word_with_the_question_is_found(opened: Callable[[str], Memory]) -> None:
    with opened("ours") as memory:
        noted(memory)
        assert found(memory) == []
        assert memory.catch_up_meaning() == memory.unread() + 2
        assert found(memory) == [NOTES[0]]


def test_an_index_made_with_other_encoders_is_made_anew(opened: Callable[[str], Memory]) -> None:
    with opened("theirs") as memory:
        noted(memory)
        memory.catch_up_meaning()
        assert memory.to_index() == 0
    with opened("ours") as memory:
        assert memory.to_index() == 2
        assert memory.catch_up_meaning() == 2
        assert found(memory) == [NOTES[0]]
