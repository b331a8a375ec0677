"""The lives of the benchmark of answers: enough questions, whose evidence stands in their files."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.asked import KINDS, Life, life, lives
from voiceos.clock import BUILT

LIVES = lives(held_out=True)


def plain(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def test_there_are_enough_questions_of_each_kind() -> None:
    counted = Counter(one.kind for life in LIVES for one in life.questions)
    assert counted.total() >= 200
    assert counted["none"] >= 40
    assert counted["general"] >= 30
    assert all(counted[kind] >= 20 for kind in KINDS)


@pytest.mark.parametrize("one", LIVES, ids=lambda one: one.name)
def test_the_evidence_stands_in_the_files(one: Life) -> None:
    calendar = (one.files / "calendar.ics").read_text(encoding="utf-8").replace("\\,", ",")
    files = [
        path.read_text(encoding="utf-8") for path in one.files.rglob("*.*") if path.is_file() and path.suffix != ".ics"
    ]
    held = plain("\n".join([calendar, *files, *(said.words for said in one.said())]))
    for asked in one.questions:
        lacking = [piece for piece in asked.evidence if not any(plain(text) in held for text in piece)]
        assert not lacking, f"{asked.number}: {lacking}"
        assert bool(asked.evidence) == (asked.kind not in ("none", "general")), asked.number
        assert asked.gold or asked.kind == "none", asked.number
        assert asked.at > BUILT.replace(tzinfo=None), "before that the clock counts as not set"


@pytest.mark.parametrize("one", LIVES, ids=lambda one: one.name)
def test_it_was_all_said_before_it_is_asked(one: Life) -> None:
    said = [turn.at for turn in one.said()]
    assert said == sorted(said)
    assert said[-1] < min(asked.at for asked in one.questions)
    assert said[-1] - said[0] > timedelta(days=300)


def test_a_row_that_is_no_question_is_told(tmp_path: Path) -> None:
    (tmp_path / "questions.txt").write_text("# Me\n# Europe/London\n@ 2026-12-05 18:30\nfact | What? | that\n")
    with pytest.raises(ValueError, match=r"questions\.txt:4"):
        life(tmp_path)


def test_pieces_and_what_stands_for_them(tmp_path: Path) -> None:
    row = "several | What? | one / 1 ; two | three | said one / told one ;; said two"
    (tmp_path / "questions.txt").write_text(f"# Me, me@example.org\n# Europe/London\n@ 2026-12-05 18:30\n{row}\n")
    read = life(tmp_path)
    (asked,) = read.questions
    assert list(read.owner) == ["Me", "me@example.org"]
    assert asked.at == datetime(2026, 12, 5, 18, 30)
    assert asked.gold == [["one", "1"], ["two"]]
    assert asked.avoid == ["three"]
    assert asked.evidence == [["said one", "told one"], ["said two"]]
