"""Manners on real recordings, heard by real engines on the virtual clock; the mind and the voice are fakes."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import pytest
import soundfile

from voiceos.config.settings import Config
from voiceos.core import RATE, NoticeKind, Outcome, Speech, Transcript
from voiceos.dialogue.manners import DOUBTFUL_SECONDS, Manners
from voiceos.engines.fake import FakeMind
from voiceos.engines.second_stage import SecondStage
from voiceos.engines.smart_turn import SmartTurn
from voiceos.engines.wakewords import load_wake_words
from voiceos.engines.whisper import Whisper
from voiceos.models.shelf import Shelf
from voiceos.protocols import VoiceActivity, WakeWord
from voiceos.senses import detector_of_speech

pytestmark = [pytest.mark.anyio, pytest.mark.engines]

RECORDINGS = Path(__file__).parents[1] / "audio" / "recordings"
OPEN = Manners(always_open=True)
LONG = "This is a long answer that goes on. " * 6


class Punctual:
    """Real engines at work while the virtual clock stands still; what they find out comes after exact times."""

    name = "punctual"

    def __init__(self, recognition: Whisper, turn_end: SmartTurn) -> None:
        self._recognition = recognition
        self._turn_end = turn_end
        self._elsewhere = ThreadPoolExecutor(1)  # another loop, with a real clock

    async def transcribe(self, speech: Speech, hotwords: Sequence[str] = ()) -> Transcript:
        words = self._elsewhere.submit(anyio.run, self._recognition.transcribe, speech, hotwords).result()
        await anyio.sleep(0.25)
        return words

    async def completeness(self, speech: Speech) -> float:
        score = self._elsewhere.submit(anyio.run, self._turn_end.completeness, speech).result()
        await anyio.sleep(0.04)
        return score


class AtOnce(Executor):
    """Answers before it returns: the second stage's verdict then comes with the same frame every time."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@pytest.fixture(scope="module")
def shelf(models: Callable[[Sequence[str]], Path]) -> Shelf:
    return Shelf(models(("whisper-base", "smart-turn-v3.2", "alexa")))


@pytest.fixture(scope="module")
def recognition(shelf: Shelf) -> Whisper:
    return Whisper(shelf.resolve("whisper-base"), language="en")


@pytest.fixture(scope="module")
def punctual(shelf: Shelf, recognition: Whisper) -> Punctual:
    return Punctual(recognition, SmartTurn(shelf.resolve("smart-turn-v3.2")))


@pytest.fixture
def ears(shelf: Shelf, punctual: Punctual, recognition: Whisper) -> dict[str, Any]:
    """What `hold` needs to hear with real engines. The detectors carry state: new ones for each conversation."""
    activity: VoiceActivity = detector_of_speech(Config(), shelf)
    second = SecondStage(recognition.log_probability, AtOnce())
    wake: WakeWord = load_wake_words(("alexa",), 0.5, {}, shelf.resolve, second)
    return {"voice_activity": activity, "wake_word": wake, "turn_end": punctual, "recognition": punctual}


def _sound(name: str) -> bytes:
    samples, _ = soundfile.read(RECORDINGS / f"{name}.flac", dtype="int16")
    return samples.tobytes()


def _story() -> FakeMind:
    return FakeMind(otherwise=lambda _: LONG.strip())


async def test_a_pause_of_a_second_in_mid_sentence(hold: Any, ears: Any) -> None:
    """ "Set a timer for", a second of silence, "10 minutes", which ends 2.68 s into the recording.

    No skill is there that takes it, so that the recogniser's doubt makes it wait.
    """
    scene = await hold({1.0: _sound("p_timer10_1000")}, manners=OPEN, **ears)
    assert [turn.outcome for turn in scene.turns if turn.outcome is not Outcome.MERGED] == [Outcome.ANSWERED]
    assert "10 minutes" in scene.turns[-1].transcript.text
    assert scene.sounded.endswith("10 minutes.")
    assert 3.68 <= scene.first_sound() <= 3.68 + DOUBTFUL_SECONDS + 0.2


async def test_going_on_makes_one_utterance(hold: Any, ears: Any) -> None:
    """The answer to the first question was still being thought out when the second came."""
    slow = FakeMind(first_token_seconds=3.0)
    scene = await hold({1.0: _sound("garage"), 3.5: _sound("date")}, manners=OPEN, mind=slow, **ears)
    assert [turn.outcome for turn in scene.turns] == [Outcome.MERGED, Outcome.ANSWERED]
    said = scene.turns[1].transcript.text.lower()
    assert "garage door open" in said
    assert "date today" in said
    assert scene.first_sound() > 3.5 + 1.33


async def test_a_fragment_over_the_reply_completes_the_sentence(hold: Any, ears: Any) -> None:
    """ "Can I have a single shot coffee with a bit of", a second of reply, "sugar and milk"."""
    whole, cut = _sound("coffee0"), round(2.26 * RATE) * 2
    began = (await hold({1.0: whole[:cut]}, seconds=8, manners=OPEN, mind=_story(), **ears)).first_sound()
    script = {1.0: whole[:cut], began + 1.0: whole[cut:]}
    scene = await hold(script, manners=OPEN, mind=_story(), **ears)
    assert [turn.outcome for turn in scene.turns] == [Outcome.MERGED, Outcome.ANSWERED]
    assert "with a bit of sugar and milk" in scene.turns[1].transcript.text


async def test_speaking_silences_the_reply(hold: Any, ears: Any) -> None:
    """The second question's first sound is 0.33 s into its recording."""
    scene = await hold({1.0: _sound("garage"), 6.0: _sound("date")}, manners=OPEN, mind=_story(), **ears)
    assert [turn.outcome for turn in scene.turns] == [Outcome.INTERRUPTED, Outcome.ANSWERED]
    assert 6.33 < scene.last_sound(before=7.5) <= 6.33 + 0.4
    assert "date today" in scene.turns[1].transcript.text.lower()


@pytest.mark.parametrize("noise", ["hold_music", "babble"])
async def test_noise_does_not_end_the_reply(hold: Any, ears: Any, noise: str) -> None:
    script = {1.0: _sound("garage"), 5.0: _sound(noise)}
    scene = await hold(script, seconds=40, manners=OPEN, mind=_story(), **ears)
    assert scene.turns[0].outcome is Outcome.ANSWERED
    assert scene.turns[0].said == LONG.strip()


async def test_called_and_then_nothing_said(hold: Any, ears: Any) -> None:
    scene = await hold({1.0: _sound("alexa_2")}, **ears)
    assert [name for _, name in scene.chimes] == ["wake", "end"]
    assert scene.sounded == ""
    assert scene.states[-1] == "asleep"


async def test_speech_without_the_wake_word_wakes_nothing(hold: Any, ears: Any) -> None:
    names = ("not_wake_1", "not_wake_2", "babble", "iced_coffee")
    scene = await hold({1.0 + 6 * i: _sound(name) for i, name in enumerate(names)}, seconds=26, **ears)
    assert not [n for n in scene.notices if n.kind is NoticeKind.WAKE]
    assert scene.turns == []
