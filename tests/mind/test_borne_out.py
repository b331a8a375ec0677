"""A number that the model tells of the owner's life stands in a memory, or it is not said."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from voiceos.core import Part, Recalled, Transcript, Turn
from voiceos.memory.memory import Memory
from voiceos.mind.borne_out import is_borne_out, must_be_borne_out
from voiceos.mind.remembering import RememberingMind
from voiceos.store.records import OWNER, Kind, Record, Source

NOW = datetime(2026, 12, 5, 18, tzinfo=UTC)
ALCOVE = Recalled("passage:1", "alcove left of the stove: 84 cm, right one is 79", 1, "", "you", NOW)


@pytest.mark.parametrize(
    ("reply", "question", "text", "borne_out"),
    [
        ("It is eighty-four centimetres.", "How wide is the alcove?", "alcove: 84 cm", True),
        ("It is 175 mm.", "How wide is the alcove?", "alcove: 84 cm", False),
        ("Her number is 01943 496 0117.", "What is the number?", "number, 019434960117.", True),
        ("It was on 5 December 2026.", "When was the move?", "the van is here", True),
        ("It was on 7 December.", "When was the move?", "the van is here", False),
        ("The rent was 1,040 pounds.", "What was the rent?", "from 1040??", True),
        ("It is in the shed.", "How wide is the shed?", "shed", True),
    ],
)
def test_numbers_stand_in_a_memory(reply: str, question: str, text: str, borne_out: bool) -> None:
    assert is_borne_out(reply, question, [Recalled("passage:1", text, at=NOW)], NOW) is borne_out


def test_general_questions_and_other_answers_are_not_checked() -> None:
    assert must_be_borne_out("How wide is the alcove?", [ALCOVE])
    assert not must_be_borne_out("How wide is the alcove?", [])
    for question in ("How long do I boil an egg?", "How far is a half marathon?", "Who built the alcove?"):
        assert not must_be_borne_out(question, [ALCOVE])


class Guessing:
    name = "guessing"

    def __init__(self, reply: str) -> None:
        self.says = reply

    async def reply(self, turn: Turn) -> AsyncGenerator[Part, None]:
        yield Part(self.says[:5])
        yield Part(self.says[5:])


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("reply", "said"),
    [("The Fabia takes 185.", "The Fabia takes 185."), ("The Fabia takes 175.", "I'm not sure.")],
)
async def test_what_no_memory_bears_out_is_not_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reply: str, said: str
) -> None:
    monkeypatch.setattr("voiceos.memory.recall.recollection.SURELY_MEANT", 2.0)  # nothing is said by rule
    with Memory(tmp_path) as memory:
        told = Record(Kind.SAID, "1", "The tyres of the Fabia are size 185.", author=OWNER, at=NOW)
        memory.ledger.add(Source("said", "text"), [told])
        memory.catch_up()
        mind = RememberingMind(Guessing(reply), memory, guesses=True, now=lambda: NOW)
        turn = Turn("t", "c", transcript=Transcript("What size are the tyres of the Fabia?"))
        parts = [part.text async for part in mind.reply(turn) if isinstance(part, Part)]
    assert "".join(parts).startswith(said)
