"""What is quoted where nobody is sure."""

from datetime import UTC, datetime

import pytest

from voiceos.core import Recalled, Transcript, Turn
from voiceos.mind.unsure import not_known

NOW = datetime(2027, 2, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("question", "line", "author", "quoted"),
    [
        ("Who is Inga's dentist?", "My dentist is Dr Boe.", "you", False),
        ("Who is Inga's dentist?", "Inga went to Dr Boe.", "you", True),
        ("Who is Inga's dentist?", "I went to Dr Boe.", "Inga", True),
        ("Who is my dentist?", "I went to Dr Boe.", "you", True),
        ("Who is the dentist of Mum?", "She went to Dr Boe.", "you", True),  # who may be meant
    ],
)
def test_nothing_of_another_is_quoted(question: str, line: str, author: str, quoted: bool) -> None:
    turn = Turn("t", "c", transcript=Transcript(question))
    turn.recalled = [Recalled("1", line, author=author, at=NOW, score=0.3)]
    assert ("Dr Boe" in not_known(turn, NOW)) is quoted
