"""Music under what is spoken: one path, softer under speech, and no part of what was said."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

import anyio
import numpy as np
import pytest
from trio.testing import MockClock

from voiceos.audio.echo import EchoFree
from voiceos.audio.loudness import Loudness
from voiceos.audio.mixer import MUSIC_RATE, STEP_BYTES, Mixer
from voiceos.audio.playout import Playout
from voiceos.audio.scripted import ScriptedAudio
from voiceos.core import FRAME_BYTES, FRAME_SECONDS, RATE, Frame
from voiceos.protocols import Audio

pytestmark = pytest.mark.anyio
LOUD = 8_000
SPOKEN = 4_000


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return ("trio", {"clock": MockClock(autojump_threshold=0)})


@dataclass
class Tune:
    """Music: the same loudness all along, or noise."""

    is_on: bool = True
    noise: bool = False
    taken: int = 0
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(3))

    async def ready(self) -> None:
        if not self.is_on:
            await anyio.sleep_forever()

    def take(self) -> bytes:
        self.taken += 1
        if self.noise:
            slow = self.random.integers(-LOUD, LOUD, STEP_BYTES // 60).astype("<i2")
            return np.repeat(slow, 30).tobytes()
        return np.full(STEP_BYTES // 2, LOUD, "<i2").tobytes()

    @property
    def seconds(self) -> float:
        return self.taken * FRAME_SECONDS


class Stage:
    def __init__(self, music: Tune, card: Audio, *, ducked: Callable[[], bool] = lambda: False) -> None:
        self.loudness = Loudness()
        self.mixer = Mixer(card, music, loudness=self.loudness, ducked=ducked)

    @asynccontextmanager
    async def playing(self) -> AsyncGenerator[Mixer]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self.mixer.run)
            yield self.mixer
            tasks.cancel_scope.cancel()


async def speak(mixer: Mixer, seconds: float) -> None:
    for _ in range(round(seconds / FRAME_SECONDS)):
        await mixer.play(Frame(np.full(FRAME_BYTES // 2, SPOKEN, "<i2").tobytes()))


def loudness(card: ScriptedAudio, begin: float, end: float) -> tuple[float, float]:
    """The softest and the loudest that was heard between two moments."""
    heard = [np.frombuffer(pcm, "<i2") for at, pcm in card.sounded if begin <= at < end]
    return float(min(one.min() for one in heard)), float(max(one.max() for one in heard))


async def test_without_music_everything_passes_byte_for_byte() -> None:
    card = ScriptedAudio([])
    async with Stage(Tune(is_on=False), card).playing() as mixer:
        await speak(mixer, 1)
        await mixer.drain()
        assert mixer.played == pytest.approx(1)
    assert {pcm for _, pcm in card.sounded} == {np.full(FRAME_BYTES // 2, SPOKEN, "<i2").tobytes()}


async def test_music_sounds_without_a_gap_and_no_faster_than_it_is_heard() -> None:
    card, tune = ScriptedAudio([]), Tune()
    async with Stage(tune, card).playing():
        await anyio.sleep(10)
    begins = [at for at, _ in card.sounded]
    assert np.diff(begins) == pytest.approx(FRAME_SECONDS)
    assert 10 <= tune.seconds < 10.3


async def test_music_is_soft_while_it_speaks_and_a_moment_after_and_then_as_before() -> None:
    card = ScriptedAudio([])
    async with Stage(Tune(), card).playing() as mixer:
        await anyio.sleep(3)
        await speak(mixer, 2)
        await mixer.drain()
        ended = anyio.current_time()
        await anyio.sleep(5)
    began = ended - 2
    assert loudness(card, 2, began - 0.3) == (LOUD, LOUD)
    low, high = loudness(card, began + 0.5, ended - 0.1)
    assert low > SPOKEN
    assert high < SPOKEN + LOUD * 0.2
    assert loudness(card, ended + 0.2, ended + 1.2)[1] < LOUD * 0.2
    assert loudness(card, ended + 3.5, ended + 4.5) == (LOUD, LOUD)


async def test_music_is_soft_while_somebody_speaks() -> None:
    card, speaks = ScriptedAudio([]), list[bool]()
    async with Stage(Tune(), card, ducked=lambda: bool(speaks)).playing():
        await anyio.sleep(3)
        speaks.append(True)
        await anyio.sleep(3)
        speaks.clear()
        await anyio.sleep(3)
    assert loudness(card, 2, 2.9) == (LOUD, LOUD)
    assert loudness(card, 3.6, 5.9)[1] < LOUD * 0.2
    assert loudness(card, 7.5, 8.5) == (LOUD, LOUD)


async def test_what_was_heard_of_a_reply_does_not_count_the_music_around_it() -> None:
    card = ScriptedAudio([])
    async with Stage(Tune(), card).playing() as mixer:
        await anyio.sleep(2)
        before = mixer.played
        await speak(mixer, 1)
        await mixer.drain()
        assert mixer.played - before == pytest.approx(1, abs=0.05)
        await anyio.sleep(5)
        assert mixer.played - before == pytest.approx(1, abs=0.05)


async def test_a_reply_that_is_cut_off_falls_silent_at_once_and_the_music_goes_on() -> None:
    card, tune = ScriptedAudio([]), Tune()
    async with Stage(tune, card).playing() as mixer:
        await anyio.sleep(2)
        before = mixer.played
        with anyio.move_on_after(1):
            await speak(mixer, 5)
        mixer.stop()
        cut = anyio.current_time()
        heard = mixer.played - before
        await anyio.sleep(4)
        assert mixer.played - before == pytest.approx(heard, abs=0.01)
    assert 0.7 < heard < 1
    assert not [at for at, _ in card.sounded if cut + 0.001 < at < cut + 0.1]
    assert loudness(card, cut + 0.2, cut + 0.3)[1] < SPOKEN
    assert loudness(card, cut + 3, cut + 4) == (LOUD, LOUD)


async def test_music_has_the_volume_of_everything() -> None:
    card = ScriptedAudio([])
    stage = Stage(Tune(), card)
    async with stage.playing():
        await anyio.sleep(2)
        stage.loudness.mute()
        await anyio.sleep(1)
    assert loudness(card, 2.3, 2.9) == (0, 0)


async def test_paused_music_is_silent_and_costs_nothing() -> None:
    card, tune = ScriptedAudio([]), Tune()
    async with Stage(tune, card).playing() as mixer:
        await anyio.sleep(2)
        tune.is_on = False
        taken = tune.taken
        await anyio.sleep(5)
        await speak(mixer, 1)
        await mixer.drain()
    assert tune.taken == taken
    assert len(card.sounded[-1][1]) == FRAME_BYTES


class Lost:
    """An `Audio` that can lose its speaker: then it drops what it gets at once, as a sound card does."""

    def __init__(self) -> None:
        self.is_lost = False
        self._playout = Playout(anyio.current_time)

    async def frames(self) -> AsyncGenerator[Frame, None]:
        yield Frame(b"")

    async def play(self, frame: Frame) -> None:
        await anyio.lowlevel.checkpoint()
        if not self.is_lost:
            self._playout.queue(frame.seconds)
            await self._playout.wait(0.2)

    async def drain(self) -> None:
        await self._playout.wait()

    def stop(self) -> None:
        self._playout.stop()

    @property
    def played(self) -> float:
        return self._playout.played


async def test_while_the_speaker_is_lost_little_of_the_music_is_lost_and_it_comes_back() -> None:
    card, tune = Lost(), Tune()
    async with Stage(tune, card).playing():
        await anyio.sleep(2)
        card.is_lost, before = True, tune.seconds
        await anyio.sleep(10)
        assert tune.seconds - before < 5
        card.is_lost, before = False, card.played
        await anyio.sleep(5)
        assert card.played - before > 4


class Room:
    """An `Audio` whose microphone hears nothing but the speaker."""

    def __init__(self, seconds: float) -> None:
        self._count = round(seconds / FRAME_SECONDS)
        self.air = np.zeros(round((seconds + 10) * MUSIC_RATE), "<i2")
        self._began = anyio.current_time()
        self._playout = Playout(anyio.current_time)

    async def frames(self) -> AsyncGenerator[Frame, None]:
        step = MUSIC_RATE // RATE
        for i in range(self._count):
            at = self._began + (i + 1) * FRAME_SECONDS
            await anyio.sleep_until(at)
            heard = self.air[i * 960 : (i + 1) * 960].reshape(-1, step).mean(axis=1).astype("<i2")
            yield Frame(heard.tobytes(), at)

    async def play(self, frame: Frame) -> None:
        sound = np.frombuffer(frame.pcm, "<i2")
        place = round((self._playout.queue(frame.seconds) - self._began) * MUSIC_RATE)
        sound = np.repeat(sound, MUSIC_RATE // frame.rate) if frame.rate != MUSIC_RATE else sound
        self.air[place : place + len(sound)] = sound
        await self._playout.wait(0.2)

    async def drain(self) -> None:
        await self._playout.wait()

    def stop(self) -> None:
        self._playout.stop()
        self.air[round((anyio.current_time() - self._began) * MUSIC_RATE) :] = 0

    @property
    def played(self) -> float:
        return self._playout.played


class Likeness:
    """A canceller that only notes how well the reference explains what is heard."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, np.ndarray, np.ndarray]] = []

    def process(self, near: Frame, far: bytes) -> Frame:
        self.heard.append((near.at, np.frombuffer(near.pcm, "<i2"), np.frombuffer(far, "<i2")))
        return near

    def within(self, begin: float, end: float) -> float:
        """The correlation of both; 1: they are the same."""
        near, far = (np.concatenate([one[i] for one in self.heard if begin <= one[0] < end]) for i in (1, 2))
        return float(np.corrcoef(near.astype(float), far.astype(float))[0, 1])


async def test_the_echo_canceller_knows_the_music_and_where_it_is_also_after_a_reply_was_cut_off() -> None:
    room, likeness = Room(12), Likeness()
    echo_free = EchoFree(room, likeness, ahead_seconds=0)
    began = anyio.current_time()
    async with Stage(Tune(noise=True), echo_free).playing() as mixer, anyio.create_task_group() as tasks:

        async def listen() -> None:
            async with aclosing(echo_free.frames()) as frames:
                async for _ in frames:
                    pass

        tasks.start_soon(listen)
        await anyio.sleep(3)
        with anyio.move_on_after(1):
            await speak(mixer, 5)
        mixer.stop()
        await anyio.sleep(3)
        await speak(mixer, 1)
        await mixer.drain()
    for begin, end in ((1.0, 2.8), (5.0, 7.0), (9.0, 11.8)):
        assert likeness.within(began + begin, began + end) > 0.97
