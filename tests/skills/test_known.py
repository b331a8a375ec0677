"""What is answered by rule about one's own calendar, facts and notes (`known/`), without any model.

What is known to fail is marked with an "x", and must fail: what begins to be right loses its mark. Tables of what is
understood by meaning need the memory's encoders.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.skills.household import KNOWN, asked
from voiceos.memory.semantic import SemanticIndex
from voiceos.models.catalogue import MEMORY, READER
from voiceos.models.shelf import Shelf
from voiceos.skills.judge import Judge

pytestmark = pytest.mark.anyio
BY_MEANING = ("notes_4", "persons_4")
"""The freshest; `benchmarks/known.py` asks them all."""
EVERY = {"notes": 3, "notes_2": 3}
"""Rows of which one is asked here, since each needs a house of its own; the benchmark asks all."""
NEED_MEANING = ("notes_3", "persons_3", *BY_MEANING, *(path.stem for path in KNOWN.glob("*_names.tsv")))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("name", sorted({path.stem for path in KNOWN.glob("*.tsv")} - {*NEED_MEANING}))
async def test_a_table(name: str, tmp_path: Path) -> None:
    surprising = [
        f"{verdict}: {' > '.join(row.said)}: {said}"
        async for row, verdict, said in asked(tmp_path, name, EVERY.get(name, 1))
        if (verdict == "right") is row.fails
    ]
    assert surprising == []


@pytest.mark.engines
@pytest.mark.parametrize("name", BY_MEANING)
async def test_a_table_by_meaning(name: str, tmp_path: Path, models: Callable[[Sequence[str]], Path]) -> None:
    shelf = Shelf(models((MEMORY, READER)))
    meaning = SemanticIndex(shelf.path(MEMORY), shelf.path(READER))
    found = [verdict async for _, verdict, _ in asked(tmp_path, name, meaning=meaning, judge=Judge(meaning.meaning))]
    assert found.count("right") >= 0.65 * len(found)
    assert found.count("wrong") <= 0.15 * len(found)
