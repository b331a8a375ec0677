"""A number that the model tells of the owner's life stands in a memory, or it is not said."""

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from voiceos.core import Part, Recalled, Transcript, Turn
from voiceos.memory.memory import Memory
from voiceos.memory.quoting import used
from voiceos.memory.recall.recollection import Recollection
from voiceos.mind.borne_out import LIKELY, is_borne_out, must_be_borne_out, told_by
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


MINE = Recalled("passage:1", "My blood group is A negative.", at=NOW, score=0.5)
CAKE = Recalled(
    "passage:2", "35 minutes at 170 in the old oven, 30 at 160 in the new one", 2, "your note Cake", at=NOW, score=0.3
)
CODE = Recalled("passage:3", "heron-47-lamp", 3, "", "Jonah", NOW, 0.3)
AROUND = {CODE.text: "heron-47-lamp Jonah what is the wifi password"}


@pytest.mark.parametrize(
    ("reply", "question", "told"),
    [
        ("Your blood group is A negative.", "What is my blood group?", [MINE]),
        ("Jonah's blood group is A negative.", "What is Jonah's blood group?", []),
        ("The cake needs 160 degrees.", "What temperature does the cake need?", [CAKE]),
        ("The cake needs 180 degrees.", "What temperature does the cake need?", []),
        ("The password is heron-47-lamp.", "What is the wifi password?", [CODE]),
        ("The password is in Tom's room, behind the lamp.", "What is the wifi password?", []),
        ("I don't know.", "What is my blood group?", []),
    ],
)
def test_what_an_answer_adds_stands_in_a_line_about_the_same(reply: str, question: str, told: list[Recalled]) -> None:
    assert told_by(reply, question, [MINE, CAKE, CODE], AROUND, NOW) == told


@pytest.mark.parametrize(
    ("reply", "question", "borne_out"),
    [
        ("Yes, you took it in the morning.", "Did I take my pill yesterday?", False),
        ("No, you took it this morning.", "Did I take my pill yesterday?", True),
        ("Yes, this morning, you took it.", "Have I had a pill?", True),
        ("Yes, you took ibuprofen this morning.", "Have I had ibuprofen?", False),
    ],
)
def test_a_yes_says_all_that_was_asked(reply: str, question: str, *, borne_out: bool) -> None:
    line = Recalled("passage:5", "I took my pill this morning.", 5, "", "you", NOW, 0.7)
    assert (told_by(reply, question, [line], {}, NOW) == [line]) is borne_out


@pytest.mark.parametrize(
    ("reply", "question", "score", "borne_out"),
    [
        ("3 days are missing.", "How many days are still missing?", 0.7, True),
        ("4 days are missing.", "How many days are still missing?", 0.7, False),
        ("3 days are missing.", "How many days are still missing?", 0.3, False),
        ("You have 3 days.", "How many days do I have?", 0.7, False),  # that is nothing to work out
    ],
)
def test_what_two_numbers_of_a_sure_line_come_to_is_borne_out(
    reply: str, question: str, score: float, *, borne_out: bool
) -> None:
    line = Recalled("passage:4", "The portfolio needs 12 days, I have 9.", 4, "", "you", NOW, score)
    assert (told_by(reply, question, [line], {}, NOW) == [line]) is borne_out


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


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("reply", "said"),
    [("Lena starts in August.", "Lena starts in August."), ("Lena starts in May.", "I'm not sure.")],
)
async def test_a_guessing_mind_answers_from_the_lines_that_come_near(tmp_path: Path, reply: str, said: str) -> None:
    with Memory(tmp_path) as memory:
        told = Record(Kind.SAID, "1", "Lena's new school begins in August, they say.", author=OWNER, at=NOW)
        memory.ledger.add(Source("said", "text"), [told])
        memory.catch_up()
        asked: list[Sequence[Recalled]] = []

        async def from_lines(question: str, memories: Sequence[Recalled], now: datetime) -> str:
            asked.append(memories)
            return reply

        mind = RememberingMind(Guessing(""), memory, guesses=True, from_lines=from_lines, now=lambda: NOW)
        turn = Turn("t", "c", transcript=Transcript("When did we say Lena starts at the old school?"))
        parts = [part.text async for part in mind.reply(turn) if isinstance(part, Part)]
    assert "".join(parts).startswith(said)
    assert [one.text for (lines,) in asked for one in [lines]] == [told.text]


@pytest.mark.anyio
async def test_lines_that_bear_nothing_out_do_not_mislead_the_mind(tmp_path: Path) -> None:
    """It would take a number of theirs for the answer."""
    with Memory(tmp_path) as memory:
        told = Record(Kind.MESSAGE, "1", "A tall tower has 5 bells.", author="Pete", at=NOW)
        memory.ledger.add(Source("chat", "text"), [told])
        memory.catch_up()

        async def from_lines(question: str, memories: Sequence[Recalled], now: datetime) -> str:
            return "The tower is 12 feet tall."

        mind = RememberingMind(Guessing("56 metres."), memory, guesses=True, from_lines=from_lines, now=lambda: NOW)
        turn = Turn("t", "c", transcript=Transcript("How tall is the tower of Pisa?"))
        parts = [part.text async for part in mind.reply(turn) if isinstance(part, Part)]
    assert "".join(parts) == "56 metres."
    assert turn.recalled
    assert used(turn) == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("words", "likely", "said"),
    [
        ("How old is our Tofu?", LIKELY, "Tofu is 4."),
        ("How old is our Tofu?", LIKELY - 0.1, "I'm not sure."),
        ("Our Tofu died yesterday.", LIKELY, "Oh no."),
    ],
)
async def test_lines_are_asked_only_what_they_may_bear_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, likely: float, said: str
) -> None:
    asked: list[str] = []

    async def from_lines(question: str, memories: Sequence[Recalled], now: datetime) -> str:
        asked.append(question)
        return "Tofu is 4."

    one = Recalled("passage:1", "Our Tofu is 4 now.", 1, "", "you", NOW, likely)
    with Memory(tmp_path) as memory:
        found = Recollection([one], likely, of_life=True, near=[one], around={one.text: one.text})
        monkeypatch.setattr(memory, "recall", partial(_given, found))
        mind = RememberingMind(Guessing("Oh no."), memory, guesses=True, from_lines=from_lines, now=lambda: NOW)
        turn = Turn("t", "c", transcript=Transcript(words))
        parts = [part.text async for part in mind.reply(turn) if isinstance(part, Part)]
    assert "".join(parts).startswith(said)
    assert bool(asked) is said.startswith("Tofu")


def _given(found: Recollection, *_: object, **__: object) -> Recollection:
    return found
