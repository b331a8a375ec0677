"""The judge of answers: hand-made replies, each with the verdict that a reader gave it."""

from datetime import datetime
from pathlib import Path

import pytest

from benchmarks.scoring import Wanted, judged

NOW = datetime(2026, 12, 5, 18, 30).astimezone()
ROWS = [
    tuple(line.split("\t"))
    for line in Path(__file__).with_name("replies.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("verdict", "kind", "gold", "avoid", "reply"), ROWS)
def test_a_reply_is_judged_as_a_reader_judges_it(verdict: str, kind: str, gold: str, avoid: str, reply: str) -> None:
    pieces = [piece.split(" / ") for piece in gold.split(" ; ") if piece]
    assert judged(reply, Wanted(kind, pieces, avoid.split(" / ") if avoid else []), NOW) == verdict


@pytest.mark.parametrize(
    ("question", "reply", "verdict"),
    [
        ("What grade is Ingrid in?", "On Monday you said: The combination of the safe is 22, 7, 12 now.", "wrong"),
        (
            "What grade is Ingrid in?",
            "On 2 September Carrie said: 8:00, Ingrid grade 7, Milo grade 2, me: 1 wine.",
            "right",
        ),
        (
            "How many steps are there?",
            "Your note House says: window 118 wide, 96 high, 7 steps, fridge gap 60.5.",
            "right",
        ),
        ("What grade is Ingrid in?", "She is in the seventh grade.", "right"),
    ],
)
def test_a_number_is_not_right_by_chance(question: str, reply: str, verdict: str) -> None:
    assert judged(reply, Wanted("other", [["7"]], question=question), NOW) == verdict
