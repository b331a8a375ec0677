"""Real engines in a room: the assistant's own voice comes back into its microphone, as loud as a person's."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import anyio
import numpy as np
import pytest
import soundfile

from voiceos.audio.echo import EchoFree, TwoPathEcho
from voiceos.audio.resample import ToRate
from voiceos.audio.scripted import Line, ScriptedAudio
from voiceos.audio.volume import add, to_pcm
from voiceos.config.settings import Config, WakeSettings
from voiceos.core import FRAME_BYTES, RATE, Exchange, Frame, Notice, NoticeKind, Outcome, Turn
from voiceos.dialogue.conversation import Conversation
from voiceos.dialogue.converse import Dialogue
from voiceos.dialogue.equipment import Equipment
from voiceos.dialogue.manners import Manners
from voiceos.engines.fake import FakeMind
from voiceos.engines.hibari import Hibari
from voiceos.engines.whisper import Whisper
from voiceos.listen.ears import Ears
from voiceos.models.shelf import Shelf
from voiceos.senses import detector_of_speech, recogniser, synthesiser, wake_words

pytestmark = [pytest.mark.anyio, pytest.mark.engines]

RECORDINGS = Path(__file__).parents[1] / "audio" / "recordings"
STORY = (
    "Once upon a time a fox and a crow lived at the edge of a wide forest. Every morning the crow flew over the fields "
    "to look for bread, and every evening the fox asked her what she had found. One day she found a piece of cheese."
)
LOUDNESS = 0.06
TAIL_SECONDS = 0.25
STARVED_SECONDS = (0.01, 1.0)
"""A gap in a reply: the host was too busy to make sound in time, so that the room was none. Longer ones are pauses."""
TRIES = 3


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Room(ScriptedAudio):
    """What has sounded comes back 60 ms later, with reverberation.

    `over` is said once 3 s of the reply have sounded; the microphone is gone 1 s after `is_over` first says so.
    """

    def __init__(self, script: Sequence[Line], over: Sequence[bytes], is_over: Callable[[], bool]) -> None:
        seconds = 120.0
        super().__init__(script, seconds=seconds)
        self._over, self._is_over = list(over), is_over
        self._air = np.zeros(round((seconds + 5) * RATE))
        self._laid = 0
        self._to_rate = ToRate(RATE)
        size = int(TAIL_SECONDS * RATE)
        tail = np.random.default_rng(2).normal(0, 1, size) * 10 ** (-3 * np.arange(size) / size)
        direct = 0.36  # as loud as the person: voices are near full scale
        self._response = np.concatenate(
            [np.zeros(round(0.06 * RATE)), [direct], 0.6 * direct * tail / np.sqrt(tail @ tail)]
        )

    async def play(self, frame: Frame) -> None:
        pcm = self._to_rate(frame)
        if pcm:
            await super().play(Frame(pcm))

    @property
    def starved(self) -> bool:
        """Whether the speaker had nothing to play in the midst of a reply."""
        parts = [(begins, begins + len(pcm) / 2 / RATE) for begins, pcm in self.sounded]
        least, most = STARVED_SECONDS
        return any(least < begins - ended < most for (_, ended), (begins, _) in pairwise(parts))

    async def frames(self) -> AsyncGenerator[Frame, None]:
        left = 50
        async with aclosing(super().frames()) as frames:
            async for frame in frames:
                said = self._over.pop(0) if self._over and self.played > 3 else bytes(FRAME_BYTES)
                yield Frame(add(add(frame.pcm, said), self._hear(frame.at)), frame.at)
                left -= self._is_over()
                if not left:
                    return

    def _hear(self, at: float) -> bytes:
        for begins, pcm in self.sounded[self._laid :]:
            start = round(begins * RATE)
            samples = np.frombuffer(pcm, "<i2") / 32768
            self._air[start : start + len(samples)] = samples
            self._laid += 1
        end = round((at - self._began) * RATE)
        window = len(self._response) + FRAME_BYTES // 2
        past = np.concatenate([np.zeros(window), self._air])[end : end + window]
        size = 2 * window
        echo = np.fft.irfft(np.fft.rfft(past, size) * np.fft.rfft(self._response, size), size)
        return to_pcm(echo[window - FRAME_BYTES // 2 : window])


@dataclass
class Scene:
    notices: list[Notice] = field(default_factory=list[Notice])

    def keep(self, turn: Turn) -> None:
        self.notices.append(Notice(NoticeKind.TURN, anyio.current_time(), turn=turn))

    @property
    def turns(self) -> list[Turn]:
        return [notice.turn for notice in self.notices if notice.kind is NoticeKind.TURN and notice.turn]

    def count(self, kind: NoticeKind) -> int:
        return sum(notice.kind is kind for notice in self.notices)


def line(at: float, name: str) -> Line:
    """A recording, its loudest half second at `LOUDNESS`."""
    samples, _ = soundfile.read(RECORDINGS / f"{name}.flac")
    energy = np.convolve(samples**2, np.ones(RATE // 2), "valid")
    pcm = to_pcm(samples * LOUDNESS / np.sqrt(energy.max() / (RATE // 2)))
    return Line(at, [pcm[i : i + FRAME_BYTES].ljust(FRAME_BYTES, b"\0") for i in range(0, len(pcm), FRAME_BYTES)])


async def told(folder: Path, over: Sequence[bytes] = ()) -> Scene:
    """A question is answered with a story; somebody says `over` over it. Once more if the host could not keep up."""
    for _ in range(TRIES - 1):
        scene, starved = await one_telling(folder, over)
        if not starved:
            return scene
    return (await one_telling(folder, over))[0]


async def one_telling(folder: Path, over: Sequence[bytes]) -> tuple[Scene, bool]:
    config, shelf, scene = Config(wake=WakeSettings(words=("alexa",))), Shelf(folder), Scene()
    recognition, voice = recogniser(config, shelf), synthesiser(config, shelf)
    ears = Ears(config.listen, detector_of_speech(config, shelf), wake_word=wake_words(config, shelf, recognition))
    assert isinstance(recognition, Whisper)
    assert isinstance(voice, Hibari)
    await recognition.warm()
    await voice.warm()
    room = Room([line(0.6, "alexa_1"), line(3.2, "date")], over, lambda: bool(scene.turns))
    mind = FakeMind(otherwise=lambda turn: STORY)

    async def nothing(_: str | Sequence[Exchange]) -> None:
        pass

    audio = EchoFree(room, TwoPathEcho())
    equipment = Equipment(audio, recognition, mind, voice, scene.notices.append, scene.keep)
    conversation = Conversation(lapse_seconds=300)
    with anyio.fail_after(180):
        await Dialogue(ears, equipment, conversation, Manners(), chime=nothing, warm=nothing).run()
    return scene, room.starved


@pytest.fixture
def folder(models: Callable[[Sequence[str]], Path]) -> Path:
    return models(("whisper-base",))


async def test_it_does_not_interrupt_itself(folder: Path) -> None:
    scene = await told(folder)
    assert [turn.outcome for turn in scene.turns] == [Outcome.ANSWERED]
    assert scene.turns[0].said.endswith("cheese.")
    assert scene.count(NoticeKind.WAKE) == 1
    assert scene.count(NoticeKind.INTERRUPT) == 0


async def test_the_wake_word_is_heard_over_the_reply(folder: Path) -> None:
    scene = await told(folder, line(0, "alexa_2").frames)
    assert scene.turns[0].outcome in (Outcome.INTERRUPTED, Outcome.STOPPED)
    assert not scene.turns[0].said.endswith("cheese.")


async def test_a_question_is_heard_over_the_reply(folder: Path) -> None:
    scene = await told(folder, line(0, "garage").frames)
    assert scene.turns[0].outcome in (Outcome.INTERRUPTED, Outcome.MERGED)
    assert not scene.turns[0].said.endswith("cheese.")
