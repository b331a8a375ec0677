"""Pauses: nobody is spoken to, or half answered, in mid-sentence; and who has finished is answered at once."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import anyio
import pytest

from voiceos.core import Action, NoticeKind, Outcome, Part, Speech, Stage, Transcript, Turn
from voiceos.dialogue.manners import DOUBTFUL_SECONDS, Manners
from voiceos.engines.fake import FakeMind, FakeSpeechToText

pytestmark = pytest.mark.anyio

OPEN = Manners(always_open=True)


def _with_pauses(parts: list[str], gap: float) -> tuple[dict[float, str], float]:
    """The script of someone who falls silent between `parts`, and when they have finished."""
    at, script = 1.0, dict[float, str]()
    for part in parts:
        script[round(at, 2)] = part
        at += len(part) * 0.06 + gap
    return script, at - gap


@pytest.mark.parametrize("gap", [0.7, 1.0, 1.2])
@pytest.mark.parametrize("parts", [["set a timer", "for ten minutes."], ["set a", "timer for", "ten minutes."]])
async def test_a_pause_in_mid_sentence_is_left_alone(hold: Any, parts: list[str], gap: float) -> None:
    """One turn for all of it; and no sound, no record and no memory of it before it is over."""
    script, finished = _with_pauses(parts, gap)
    scene = await hold(script, manners=OPEN, mind=FakeMind(first_token_seconds=0.02))
    (turn,) = scene.turns
    assert turn.outcome is Outcome.ANSWERED
    assert turn.transcript.text == "set a timer for ten minutes."
    assert scene.sounded == "You said: set a timer for ten minutes."
    assert scene.first_sound() >= finished
    early = [n for n in scene.notices if n.at - scene.began < finished and n.kind is not NoticeKind.STATE]
    assert early == []
    assert turn.history == ()


async def test_the_answer_is_ready_when_the_turn_ends(hold: Any) -> None:
    """It is prepared in the pause, so that only the wait for the end of the turn is heard, not the work."""
    quick = FakeMind(first_token_seconds=0.02, token_seconds=0)
    scene = await hold({1.0: "what time is it?"}, manners=OPEN, recognition=FakeSpeechToText(0.1), mind=quick)
    marks = scene.turns[0].marks
    assert marks[Stage.FIRST_CLAUSE] < marks[Stage.TURN_END]
    assert marks[Stage.FIRST_SOUND] == pytest.approx(marks[Stage.TURN_END], abs=0.03)
    assert list(marks) == sorted(marks, key=lambda stage: marks[stage])


async def test_words_are_shown_once_the_turn_has_ended(hold: Any) -> None:
    """What was recognised at a pause that was none is not what they said."""
    said = "set a timer"
    scene = await hold({1.0: said, 1.0 + len(said) * 0.06 + 0.7: "for ten minutes."}, manners=OPEN)
    assert [n.text for n in scene.notices if n.kind is NoticeKind.TRANSCRIPT] == ["set a timer for ten minutes."]


async def test_an_unfinished_sentence_gets_time(hold: Any) -> None:
    said = "set a timer for"
    scene = await hold({1.0: said, 1.0 + len(said) * 0.06 + 1.0: "ten minutes."}, manners=OPEN)
    (turn,) = scene.turns
    assert turn.transcript.text == "set a timer for ten minutes."
    assert scene.first_sound() > turn.marks[Stage.SPEECH_END] - scene.began


async def test_words_that_break_off_are_waited_for(hold: Any) -> None:
    """The turn-end model takes "Set a timer for." for a whole sentence; the words say otherwise."""
    said = "set a timer for."
    scene = await hold({1.0: said, 1.0 + len(said) * 0.06 + 1.2: "ten minutes."}, manners=OPEN)
    assert scene.turns[-1].transcript.text == "set a timer for. ten minutes."
    assert scene.sounded == "You said: set a timer for. ten minutes."


async def test_words_that_break_off_for_good_are_answered(hold: Any) -> None:
    said = "set a timer for."
    scene = await hold({1.0: said}, manners=OPEN)
    assert scene.first_sound() == pytest.approx(1.0 + len(said) * 0.06 + 1.6, abs=0.2)


@dataclass
class Doubting(FakeSpeechToText):
    """Doubts that a sentence ends where it says "timer"."""

    async def transcribe(self, speech: Speech, hotwords: Sequence[str] = ()) -> Transcript:
        heard = await super().transcribe(speech, hotwords)
        return replace(heard, finality=0.6 if heard.text.endswith("timer?") else 0.9)


class Doer:
    """Does whatever it is told."""

    name = "doer"

    def __init__(self) -> None:
        self.done: list[tuple[float, str]] = []

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        async def do() -> str:
            self.done.append((anyio.current_time(), turn.words))
            return "Done."

        yield Action(do)


async def test_in_a_pause_where_the_end_is_doubtful_nothing_sounds_or_is_done(hold: Any) -> None:
    """The recogniser makes a whole question of half a sentence, but is not sure of it."""
    said, doer = "is that a timer?", Doer()
    scene = await hold(
        {1.0: said, 1.0 + len(said) * 0.06 + 1.2: "of ten minutes?"},
        manners=OPEN,
        recognition=Doubting(),
        mind=doer,
    )
    assert [words for _, words in doer.done] == ["is that a timer? of ten minutes?"]
    assert scene.sounded == "Done."


async def test_a_cry_for_help_waits_for_no_more_words(hold: Any) -> None:
    said, doer = "is that a fire?", Doer()
    scene = await hold({1.0: said}, manners=OPEN, recognition=Doubting(), mind=doer, is_urgent=said.__eq__)
    assert doer.done[0][0] - scene.began < 1.0 + len(said) * 0.06 + DOUBTFUL_SECONDS - 0.3


async def test_what_ends_in_doubt_is_answered_a_little_later(hold: Any) -> None:
    said, doer = "is that a timer?", Doer()
    scene = await hold({1.0: said}, manners=OPEN, recognition=Doubting(), mind=doer)
    assert doer.done[0][0] - scene.began == pytest.approx(1.0 + len(said) * 0.06 + DOUBTFUL_SECONDS, abs=0.1)
    assert scene.sounded == "Done."


@pytest.mark.parametrize(("finality", "silence"), [(0.9, 0.3), (1.0, 0.4)])  # 1: who heard it cannot tell
async def test_a_sentence_that_is_surely_over_is_answered_sooner(hold: Any, finality: float, silence: float) -> None:
    class Sure(FakeSpeechToText):
        async def transcribe(self, speech: Speech, hotwords: Sequence[str] = ()) -> Transcript:
            return replace(await super().transcribe(speech, hotwords), finality=finality)

    said, doer = "what time is it?", Doer()
    scene = await hold({1.0: said}, manners=OPEN, recognition=Sure(), mind=doer)
    assert doer.done[0][0] - scene.began == pytest.approx(1.0 + len(said) * 0.06 + silence, abs=0.05)
