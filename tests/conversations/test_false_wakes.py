"""False wakes: called by mistake, or by a television, it soon leaves the room alone."""

from collections import deque
from collections.abc import Callable
from typing import Any

import pytest

from voiceos.core import Frame, NoticeKind, Outcome, Turn, Wake
from voiceos.dialogue.manners import Manners
from voiceos.engines.fake import FakeMind, FakeWakeWord

pytestmark = pytest.mark.anyio

NOISE = "\x01" * 8
"""Taken for speech by the fake voice detector; the fake recogniser finds no words in it."""
OPEN = Manners(always_open=True)
TALK = "and now to something completely different."


async def test_a_television_is_not_answered_for_ever(hold: Any) -> None:
    """It said the wake word, and goes on talking; it talks over every reply. Its name, said again, still wakes it."""
    line = len(TALK) * 0.06 + 1.2
    script = {1.0: "computer"} | {2.5 + line * i: TALK for i in range(20)}
    over = 2.5 + line * 20
    chatty = FakeMind(otherwise=lambda _: "How interesting that is, and how much there is to say about it. " * 2)
    scene = await hold(script | {over + 1: "computer", over + 2.5: "hello."}, seconds=over + 30, mind=chatty)
    *of_the_television, last = scene.turns
    assert len(of_the_television) <= 5
    assert last.transcript.text == "hello."
    woken = [n.at - scene.began for n in scene.notices if n.kind is NoticeKind.WAKE]
    assert len(woken) == 2
    assert not [at for at, _ in scene.audio.sounded if 40 < at < over]


class SlowWakeWord(FakeWakeWord):
    """Says some frames late what it has found, as a second stage does."""

    late = 10

    def __init__(self) -> None:
        super().__init__()
        self._found: deque[Wake | None] = deque([None] * self.late)

    def __call__(self, frame: Frame) -> Wake | None:
        self._found.append(super().__call__(frame))
        return self._found.popleft()


async def test_a_name_that_is_noticed_only_in_the_pause_after_it_is_no_question(hold: Any) -> None:
    """Called a second time, while it is listening already."""
    scene = await hold({1.0: "computer", 4.0: "computer"}, seconds=20, wake_word=SlowWakeWord())
    assert scene.sounded == ""
    assert scene.turns == []
    assert [name for _, name in scene.chimes] == ["wake", "wake", "end"]


async def test_silence_after_the_wake_word_ends_with_a_chime(hold: Any) -> None:
    scene = await hold({1.0: "computer"}, seconds=15)
    assert [name for _, name in scene.chimes] == ["wake", "end"]
    assert scene.turns == []
    assert scene.states[-1] == "asleep"


async def test_no_words_after_the_wake_word_is_asked_about_once(hold: Any) -> None:
    scene = await hold({1.0: "computer", 2.5: NOISE, 6.0: NOISE, 9.0: NOISE})
    assert scene.sounded == "Sorry?"
    assert scene.turns[0].outcome is Outcome.NOTHING_HEARD
    assert scene.states[-1] == "asleep"


async def test_noise_in_the_follow_up_does_not_keep_it_open(hold: Any) -> None:
    noise = {8.0 + 3 * i: NOISE for i in range(20)}
    scene = await hold({1.0: "computer", 2.5: "hello."} | noise, seconds=80)
    assert scene.sounded == "You said: hello."
    assert scene.states[-1] == "asleep"


async def test_a_cough_after_a_question_in_one_breath_is_no_call(hold: Any) -> None:
    said = "computer what time is it?"
    mind = FakeMind(first_token_seconds=2.0)
    scene = await hold({1.0: said, 1.0 + len(said) * 0.06 + 0.8: NOISE}, mind=mind)
    assert scene.sounded == "You said: What time is it?"
    assert [turn.outcome for turn in scene.turns] == [Outcome.ANSWERED]


async def test_a_television_does_not_make_one_endless_utterance(hold: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voiceos.dialogue.manners.LONGEST_SECONDS", 24.0)
    talk = "and now to something completely different, folks. "
    line = len(talk) * 0.06 + 0.55
    slow = FakeMind(first_token_seconds=5.0, otherwise=lambda _: "Well.")
    scene = await hold({1.0 + line * i: talk.strip() for i in range(24)}, seconds=85, manners=OPEN, mind=slow)
    assert max(turn.speech.seconds for turn in scene.turns) < 40


HOMEWARD = "and then we went home. computer, what time is it?"


def _never(turn: Turn) -> bool:
    return False


def _always(turn: Turn) -> bool:
    return True


async def test_what_no_skill_takes_is_answered_in_the_follow_up(hold: Any) -> None:
    script = {1.0: "computer", 2.5: "hello.", 6.0: "no, they are in the drawer."}
    scene = await hold(script, is_request=_never)
    assert [turn.heard for turn in scene.turns] == ["hello.", "no, they are in the drawer."]


@pytest.mark.parametrize(
    ("script", "is_request", "heard"),
    [
        ({1.0: "computer", 2.5: "hello.", 6.0: HOMEWARD}, _never, "and then we went home. What time is it?"),
        ({1.0: "computer", 2.5: "hello.", 6.0: HOMEWARD}, _always, "and then we went home. What time is it?"),
        ({1.0: "computer", 2.5: "hello.", 16.5: HOMEWARD}, _never, "What time is it?"),  # the follow-up was over
        ({1.0: "computer", 2.5: HOMEWARD}, _never, "and then we went home. What time is it?"),  # said to it
        ({1.0: HOMEWARD}, _never, "What time is it?"),  # it was asleep
    ],
)
async def test_what_was_said_to_somebody_else_before_the_wake_word_is_not_asked(
    hold: Any, script: dict[float, str], is_request: Callable[[Turn], bool], heard: str
) -> None:
    scene = await hold(script, is_request=is_request)
    assert scene.turns[-1].heard.lower() == heard.lower()
