"""The worlds that the reader of lines learns from: they can be read, and have enough that nothing answers."""

import importlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from voiceos.store.records import OWNER, Kind

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SMALL = """# Dana | 2024-06-12 18:40
2 | 2024-05-01 20:10 | said | The boiler man came, a hundred and ten quid.
3 | 2024-05-03 19:02 | Priya | Where does the stopcock live?
4 | 2024-05-03 19:03 | Dana | under the stairs      < 3
1 | 2024-03-02 09:15 | mail Harlow Heating | Due on 9 March 2025.
6 | 2024-01-07 | note garden | Bulbs in: 40 tulips
? Where do I turn the water off? | 4, ~3
? What did the dentist charge me? |
"""


@pytest.fixture
def worlds(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(BENCHMARKS)  # its files import each other as scripts do
    return importlib.import_module("worlds").worlds


def test_a_world_is_read(worlds: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(SMALL, encoding="utf-8")
    (found,) = worlds(tmp_path)
    assert (found.name, found.owner) == ("a1", "Dana")
    kinds = {record.key: (record.kind, record.author, record.title) for record in found.records}
    assert kinds == {
        "1": (Kind.MAIL, "Harlow Heating", ""),
        "2": (Kind.SAID, OWNER, ""),
        "3": (Kind.MESSAGE, "Priya", ""),
        "4": (Kind.MESSAGE, "Dana", ""),
        "6": (Kind.NOTE, "", "garden"),
    }
    by_key = {record.key: record for record in found.records}
    assert by_key["4"].text == "under the stairs"
    assert by_key["4"].thread == by_key["3"].thread != by_key["2"].thread
    first, second = found.questions
    assert (first.evidence, first.arguable) == (["4"], ["3"])
    assert (second.evidence, second.at) == ([], datetime(2024, 6, 12, 18, 40, tzinfo=UTC))


@pytest.mark.parametrize("row", ["? Who? | 9", "7 | yesterday | said | No.", "No line."])
def test_what_is_wrong_is_named(worlds: Any, tmp_path: Path, row: str) -> None:
    (tmp_path / "a.txt").write_text(f"{SMALL}{row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="world 1"):
        worlds(tmp_path)


def test_ours_have_enough_that_nothing_answers(worlds: Any) -> None:
    questions = [one for world in worlds(BENCHMARKS / "reading") for one in world.questions]
    assert len(questions) > 200
    assert sum(not one.evidence for one in questions) > len(questions) / 8
