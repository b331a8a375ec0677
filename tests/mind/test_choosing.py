"""Where no line is sure, the model says by a number which one answers, and that line is told as it stands."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from voiceos.core import Part, Recalled, Transcript, Turn
from voiceos.memory.memory import Memory
from voiceos.memory.quoting import used
from voiceos.memory.recall.recollection import Recollection
from voiceos.mind.borne_out import chosen, tells_of, worth_choosing
from voiceos.mind.choosing import UNLIKELY, messages, odds
from voiceos.mind.remembering import RememberingMind

NOW = datetime(2026, 12, 5, 18, tzinfo=UTC)
LEAK = Recalled("passage:1", "we've got a leak under the sink", 1, "", "you", NOW, 0.35)
TOM = Recalled("passage:2", "Tom Okafor came and mended the sink", 2, "", "Jonah", NOW, 0.3)


def answer(**tokens: float) -> dict[str, Any]:
    """What a server tells of the first token."""
    told = [{"token": token.removeprefix("_"), "logprob": likely} for token, likely in tokens.items()]
    return {"choices": [{"logprobs": {"content": [{"top_logprobs": told}]}}]}


@pytest.mark.parametrize(
    ("told", "of_each"),
    [
        (answer(_1=-0.5, _0=-1.5, _2=-2.5, The=-3.0), [1.0, -1.0]),
        (answer(_2=-0.1, _0=-2.0), [UNLIKELY + 2.0, 1.9]),
        ({"choices": [{"message": {"content": "1"}}]}, []),
        ({}, []),
    ],
)
def test_numbers_are_weighed_against_none(told: dict[str, Any], of_each: list[float]) -> None:
    assert odds(told, 2) == pytest.approx(of_each)


def test_lines_are_numbered_and_the_question_is_last() -> None:
    *_, last = messages("Who mended the sink?", [LEAK, TOM], NOW)
    assert str(last["content"]).splitlines() == [
        "1. 5 December, you: we've got a leak under the sink.",
        "2. 5 December, Jonah: Tom Okafor came and mended the sink.",
        "Question: Who mended the sink?",
    ]


@pytest.mark.parametrize(
    ("weighed", "best"),
    [([-1.0, 2.0], TOM), ([1.5, 0.0], LEAK), ([1.0, 0.0], None), ([-3.0, -4.0], None)],
)
def test_a_line_is_sure_by_what_reader_and_model_know(weighed: Sequence[float], best: Recalled | None) -> None:
    assert [one.id for one in chosen([LEAK, TOM], weighed)][:1] == ([best.id] if best else [])


@pytest.mark.parametrize(("third", "count"), [(0.2, 3), (0.1, 2)])
def test_a_third_line_is_read_only_if_it_may_be_the_one(third: float, count: int) -> None:
    lines = [LEAK, TOM, replace(TOM, score=third), replace(TOM, score=0.05)]
    assert worth_choosing(lines) == lines[:count]
    assert worth_choosing([LEAK]) == [LEAK]


@pytest.mark.parametrize(
    ("question", "around", "of_them"),
    [("Who mended Jonah's sink?", "", False), ("Who mended Jonah's sink?", "Jonah: help!", True), ("Who?", "", True)],
)
def test_a_line_tells_of_whom_the_question_names(question: str, around: str, of_them: bool) -> None:
    assert tells_of(question, LEAK, {LEAK.text: around}, NOW) is of_them


def test_a_question_tells_of_nobody() -> None:
    assert not tells_of("Who mended the sink?", replace(LEAK, text="who mends a sink?"), {}, NOW)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("weighed", "said", "by"),
    [
        ([-1.0, 2.0], "Today Jonah said: Tom Okafor came and mended the sink.", "guessing"),
        ([-2.0, -2.0], "I'm not sure. Today you said: we've got a leak", "rule"),
        ([], "Tom Okafor mended the sink.", "guessing"),
    ],
)
async def test_the_line_that_the_model_chooses_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weighed: list[float], said: str, by: str
) -> None:
    class Guessing:
        name = "guessing"

    async def from_lines(question: str, memories: Sequence[Recalled], now: datetime) -> str:
        return "Tom Okafor mended the sink."

    async def choose(question: str, memories: Sequence[Recalled], now: datetime) -> list[float]:
        return weighed

    def recall(*_: object, **__: object) -> Recollection:
        return Recollection([LEAK, TOM], 0.35, of_life=True, near=[LEAK, TOM])

    with Memory(tmp_path) as memory:
        monkeypatch.setattr(memory, "recall", recall)
        mind: Any = Guessing()
        mind = RememberingMind(mind, memory, guesses=True, from_lines=from_lines, choose=choose, now=lambda: NOW)
        turn = Turn("t", "c", transcript=Transcript("Who mended the sink?"))
        reply = "".join([part.text async for part in mind.reply(turn) if isinstance(part, Part)])
    assert reply.startswith(said)
    assert turn.engines["mind"] == by
    assert used(turn)
