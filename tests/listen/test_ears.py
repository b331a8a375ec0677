"""The ears, with engines that hear a modem."""

from dataclasses import dataclass, field

import anyio
import pytest
from trio.testing import MockClock

from voiceos.audio.scripted import Line, ScriptedAudio
from voiceos.config.settings import ListenSettings
from voiceos.core import Cut, Heard, Speech
from voiceos.engines.fake import FakeVoiceActivity, FakeWakeWord, overhear, speak
from voiceos.errors import EngineError
from voiceos.listen.ears import Ears

pytestmark = pytest.mark.anyio
SETTINGS = ListenSettings()
ENDS = 1.0 + len("hello there") * 0.06


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return ("trio", {"clock": MockClock(autojump_threshold=0)})


@dataclass
class Opinions:
    """A turn-end model that changes its mind."""

    scores: list[float | Exception]
    asked: list[Speech] = field(default_factory=list[Speech])

    async def completeness(self, speech: Speech) -> float:
        await anyio.sleep(0.05)
        self.asked.append(speech)
        score = self.scores.pop(0)
        if isinstance(score, Exception):
            raise score
        return score


async def hear(
    turn_end: Opinions | None, said: str = "hello there", *, awake: bool = True
) -> list[tuple[float, Heard]]:
    audio = ScriptedAudio([Line(1.0, speak(said))], seconds=6)
    ears = Ears(SETTINGS, FakeVoiceActivity(), wake_word=FakeWakeWord(), turn_end=turn_end)
    if awake:
        ears.gate.open()
    out, heard = anyio.create_memory_object_stream[Heard](100)
    began = anyio.current_time()
    await ears.listen(audio.frames(), out)
    async with heard:
        return [(event.at - began, event) async for event in heard]


async def end_of(turn_end: Opinions | None) -> float:
    return next(at for at, event in await hear(turn_end) if event.cut is Cut.END) - ENDS


@pytest.mark.parametrize(("pause", "kept"), [(0.2, 0.2), (0.34, 0.3), (1.2, 0.3)])
async def test_of_a_pause_only_a_moment_is_kept(pause: float, kept: float) -> None:
    first, rest = "hello", "there my friend"
    lines = [Line(1.0, speak(first)), Line(1.0 + len(first) * 0.06 + pause, speak(rest))]
    ears = Ears(SETTINGS, FakeVoiceActivity(), turn_end=Opinions([0.1] * 9))
    ears.gate.open()
    out, heard = anyio.create_memory_object_stream[Heard](100)
    began = anyio.current_time()
    await ears.listen(ScriptedAudio(lines, seconds=6).frames(), out)
    async with heard:
        (speech,) = [event.speech async for event in heard if event.cut is Cut.END]
    assert speech
    assert overhear(speech.pcm) == f"{first} {rest}"
    spoken = len(first + rest) * 0.06 + kept
    assert speech.end - began == pytest.approx(1.0 + spoken - kept + pause, abs=0.05)
    tail = SETTINGS.unfinished_seconds
    assert speech.seconds - tail == pytest.approx(spoken + 0.3, abs=0.15)  # and the moment before it


async def test_a_sentence_that_sounds_complete_ends_soon() -> None:
    assert await end_of(Opinions([0.9])) == pytest.approx(SETTINGS.end_seconds, abs=0.05)


async def test_the_model_is_asked_again_when_the_silence_is_longer() -> None:
    model = Opinions([0.2, 0.9])
    assert await end_of(model) == pytest.approx(SETTINGS.end_seconds, abs=0.05)
    first, second = model.asked
    assert second.seconds > first.seconds


async def test_twice_unfinished_is_unfinished() -> None:
    model = Opinions([0.2, 0.3])
    assert await end_of(model) == pytest.approx(SETTINGS.unfinished_seconds, abs=0.05)
    assert len(model.asked) == 2


async def test_a_model_that_fails_leaves_it_to_silence(caplog: pytest.LogCaptureFixture) -> None:
    assert await end_of(Opinions([EngineError("broken")])) == pytest.approx(SETTINGS.silence_seconds, abs=0.05)
    assert "silence alone decides" in caplog.text


async def test_without_a_model_silence_decides() -> None:
    assert await end_of(None) == pytest.approx(SETTINGS.silence_seconds, abs=0.05)


async def test_the_utterance_holds_all_that_was_said_and_says_when() -> None:
    speech = next(event.speech for _, event in await hear(Opinions([0.9])) if event.cut is Cut.END)
    assert speech
    assert overhear(speech.pcm) == "hello there"
    assert speech.wake is None


async def test_a_wake_word_in_the_same_breath_is_told() -> None:
    events = await hear(Opinions([0.9]), "computer hello there", awake=False)
    assert [event.cut for _, event in events][:2] == [Cut.WAKE, Cut.START]
    speech = next(event.speech for _, event in events if event.cut is Cut.END)
    assert speech
    assert speech.wake == "computer"
    assert overhear(speech.pcm) == "computer hello there"


async def test_a_press_just_after_the_end_does_not_begin_anew() -> None:
    """The button is pressed to end what is said; silence may have ended it a moment before."""
    audio = ScriptedAudio([Line(1.0, speak("hello there"))], seconds=6)
    ears = Ears(SETTINGS, FakeVoiceActivity())
    out, heard = anyio.create_memory_object_stream[Heard](100)
    cuts: list[Cut] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ears.listen, audio.frames(), out)
        await anyio.sleep(0.5)
        ears.press()
        async with heard:
            async for event in heard:
                cuts.append(event.cut)
                if event.cut is Cut.END:
                    await anyio.sleep(0.4)
                    ears.press()
    assert cuts == [Cut.WAKE, Cut.START, Cut.PAUSE, Cut.END]
