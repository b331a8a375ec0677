"""A radio full of voices, as loud at the microphone as a person: real ears and the real echo canceller hear over it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import anyio
import numpy as np
import pytest
import soundfile

from tests.conversations.conftest import Scene
from tests.conversations.test_echo import RECORDINGS, Room, line
from tests.conversations.test_real_manners import AtOnce, Punctual
from voiceos.audio.echo import EchoFree, TwoPathEcho
from voiceos.audio.loudness import Loudness
from voiceos.audio.mixer import MUSIC_RATE, STEP_BYTES, Mixer
from voiceos.audio.resample import ToRate
from voiceos.audio.scripted import Line
from voiceos.audio.volume import to_pcm
from voiceos.config.settings import Config
from voiceos.core import Exchange, Frame, NoticeKind
from voiceos.dialogue.converse import Dialogue
from voiceos.dialogue.equipment import Equipment
from voiceos.dialogue.manners import Manners
from voiceos.engines.fake import FakeMind, FakeTextToSpeech
from voiceos.engines.second_stage import SecondStage
from voiceos.engines.smart_turn import SmartTurn
from voiceos.engines.wakewords import load_wake_words
from voiceos.engines.whisper import Whisper
from voiceos.listen.ears import Ears
from voiceos.listen.gate import State
from voiceos.models.shelf import Shelf
from voiceos.senses import detector_of_speech

pytestmark = [pytest.mark.anyio, pytest.mark.engines]


class TalkRadio:
    """Many voices without end: nothing is harder to tell from a person."""

    def __init__(self) -> None:
        self.is_on = True
        samples, _ = soundfile.read(RECORDINGS / "babble.flac")
        to_rate = ToRate(MUSIC_RATE)
        pcm = to_rate(Frame(to_pcm(samples * 0.12 / np.sqrt(np.mean(samples**2))))) + to_rate.flush()
        self._pcm, self._place = pcm[: len(pcm) // STEP_BYTES * STEP_BYTES], 0

    async def ready(self) -> None:
        if not self.is_on:
            await anyio.sleep_forever()

    def take(self) -> bytes:
        chunk = self._pcm[self._place : self._place + STEP_BYTES]
        self._place = (self._place + STEP_BYTES) % len(self._pcm)
        return chunk

    def stop(self) -> None:
        self.is_on = False


async def beside_the_radio(shelf: Shelf, radio: TalkRadio, script: Sequence[Line], seconds: float) -> Scene:
    recognition = Whisper(shelf.resolve("whisper-base"), language="en")
    punctual = Punctual(recognition, SmartTurn(shelf.resolve("smart-turn-v3.2")))
    second = SecondStage(recognition.log_probability, AtOnce())
    ears = Ears(
        Config().listen,
        detector_of_speech(Config(), shelf),
        wake_word=load_wake_words(("alexa",), 0.5, {}, shelf.resolve, second),
        turn_end=punctual,
    )
    room = Room(script, (), lambda: anyio.current_time() - began > seconds)
    scene, began = Scene(room), anyio.current_time()
    mixer = Mixer(
        EchoFree(room, TwoPathEcho()), radio, loudness=Loudness(), ducked=lambda: ears.gate.state is not State.ASLEEP
    )

    async def nothing(_: str | Sequence[Exchange]) -> None:
        pass

    mind = FakeMind(otherwise=lambda turn: "All right.")
    equipment = Equipment(mixer, punctual, mind, FakeTextToSpeech(), scene.notices.append, scene.keep)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(mixer.run)
        await Dialogue(ears, equipment, scene.conversation, Manners(), chime=nothing, warm=nothing, music=radio).run()
        tasks.cancel_scope.cancel()
    return scene


@pytest.fixture
def shelf(models: Callable[[Sequence[str]], Path]) -> Shelf:
    return Shelf(models(("whisper-base", "smart-turn-v3.2", "alexa")))


async def test_the_wake_word_and_a_command_are_heard_over_it_and_it_is_taken_for_nobody(shelf: Shelf) -> None:
    scene = await beside_the_radio(shelf, TalkRadio(), [line(8.0, "alexa_1"), line(10.6, "garage")], 20)
    wakes = [notice.at for notice in scene.notices if notice.kind is NoticeKind.WAKE]
    assert len(wakes) == 1
    assert [turn.words for turn in scene.turns] == ["Is the garage door open?"]
