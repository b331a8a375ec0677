"""The wake word's second stage: when it is asked, what its verdict does, and what happens while it has none."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from voiceos.core import FRAME_BYTES, FRAME_SECONDS, Frame, Speech, Wake
from voiceos.engines.second_stage import GAP_SECONDS, LOOK_SECONDS, OVERDUE_SECONDS, Checked, SecondStage
from voiceos.engines.wakewords import REFRACTORY_SECONDS, WakeWords
from voiceos.engines.whisper import Whisper
from voiceos.errors import EngineError

ALEXA = Checked("alexa", 0.9, -7.5)
HAL = Checked("hal", 0.9, -7.5, look_seconds=0.5)
YES, NO = -1.0, -12.0
GAP = round(GAP_SECONDS / FRAME_SECONDS)
OVERDUE = round(OVERDUE_SECONDS / FRAME_SECONDS)


class Later(Executor):
    """Answers when the test says so."""

    def __init__(self) -> None:
        self.asked: list[tuple[Future[Any], bytes]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        self.asked.append((future, args[0]))
        return future

    def answer(self, likely: float | Exception) -> None:
        future, _ = self.asked[-1]
        if isinstance(likely, Exception):
            future.set_exception(likely)
        else:
            future.set_result(likely)


@dataclass
class Listener:
    """A word's first stage, in the test's hands, with the second behind it."""

    later: Later = field(default_factory=Later)
    score: float = 0.0
    word: str = "alexa"
    frames: int = 0

    def __post_init__(self) -> None:
        second = SecondStage(lambda _pcm, _phrase: 0.0, self.later)
        second.add("alexa", ALEXA)
        second.add("hal", HAL)
        self.words = WakeWords([self], second)

    def __call__(self, frame: Frame) -> Wake | None:
        return Wake(self.word, self.score) if self.score else None

    def reset(self) -> None:
        pass

    def hear(self, score: float, frames: int = 1) -> list[Wake]:
        """What was found while the first stage scored so for so long."""
        self.score = score
        found: list[Wake | None] = []
        for _ in range(frames):
            self.frames += 1
            found.append(self.words(Frame(self.frames.to_bytes(2, "little") * (FRAME_BYTES // 2))))
        return [wake for wake in found if wake]


@pytest.fixture
def listener() -> Listener:
    return Listener()


def test_a_doubtful_word_counts_when_the_recogniser_agrees(listener: Listener) -> None:
    assert listener.hear(0.2) == []
    listener.later.answer(YES)
    assert listener.hear(0.0) == [Wake("alexa", 0.2)]
    assert listener.hear(0.99, round(REFRACTORY_SECONDS / FRAME_SECONDS) - 1) == []
    assert len(listener.later.asked) == 1


def test_a_sure_word_counts_for_nothing_when_it_does_not(listener: Listener) -> None:
    listener.hear(0.99)
    listener.later.answer(NO)
    assert listener.hear(0.0, 100) == []


def test_it_looks_again_while_the_first_stage_goes_on_scoring(listener: Listener) -> None:
    listener.hear(0.2)
    listener.later.answer(NO)
    assert listener.hear(0.8, GAP) == []
    assert len(listener.later.asked) == 2
    listener.later.answer(YES)
    assert [wake.word for wake in listener.hear(0.0)] == ["alexa"]


@pytest.mark.parametrize(("word", "seconds"), [("alexa", LOOK_SECONDS), ("hal", 0.5)])
def test_it_sees_the_last_of_what_was_heard(listener: Listener, word: str, seconds: float) -> None:
    listener.hear(0.0, 300)
    listener.word = word
    listener.hear(0.2)
    _, pcm = listener.later.asked[0]
    assert len(pcm) == round(seconds / FRAME_SECONDS) * FRAME_BYTES
    assert pcm[-2:] == (301).to_bytes(2, "little")


@pytest.mark.parametrize(("score", "heard"), [(0.95, [Wake("alexa", 0.95)]), (0.5, [])])
def test_a_busy_recogniser_is_not_waited_for(listener: Listener, score: float, heard: list[Wake]) -> None:
    listener.hear(score)
    assert listener.hear(0.0, OVERDUE - 1) == []
    assert listener.hear(0.0, 10) == heard


def test_a_late_verdict_on_a_doubtful_word_still_counts(listener: Listener) -> None:
    listener.hear(0.5)
    listener.hear(0.0, OVERDUE + 5)
    listener.later.answer(YES)
    assert listener.hear(0.0) == [Wake("alexa", 0.5)]


def test_a_recogniser_that_fails_leaves_it_to_the_first_stage(
    listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    listener.hear(0.95)
    listener.later.answer(EngineError("broken"))
    assert listener.hear(0.0) == [Wake("alexa", 0.95)]
    assert "its own model decides" in caplog.text


def test_a_word_that_it_does_not_know_counts_at_once(listener: Listener) -> None:
    listener.hear(0.2)
    listener.word = "hey_mycroft"
    assert listener.hear(0.97) == [Wake("hey_mycroft", 0.97)]
    listener.word = "alexa"
    assert listener.hear(0.0, 100) == []


def test_reset_forgets_the_question(listener: Listener) -> None:
    listener.hear(0.5)
    listener.words.reset()
    assert listener.later.asked[0][0].cancelled()
    assert listener.hear(0.0, 100) == []


@pytest.mark.engines
def test_whisper_knows_the_word_when_it_hears_it(
    recording: Callable[[str], Speech], model_path: Callable[[str], Path]
) -> None:
    whisper = Whisper(model_path("whisper-base"))

    def likely(name: str, phrase: str = "alexa") -> float:
        sound = recording(name).pcm
        return max(whisper.log_probability(sound[at : at + 44_800], phrase) for at in range(0, len(sound), 9_600))

    assert min(likely(f"alexa_{number}") for number in (1, 2, 3)) > -3
    assert max(likely(f"not_wake_{number}") for number in (1, 2)) < -7.5
    assert likely("alexa_1", "hey jarvis") < -10
