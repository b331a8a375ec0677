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
