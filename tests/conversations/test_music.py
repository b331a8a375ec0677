"""Music in a conversation: softer under speech, ended by "stop", and no voice of anybody."""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import anyio
import numpy as np
import pytest

from tests.conversations.conftest import Scene
from voiceos.assistant import Assistant
from voiceos.audio.media.jukebox import Jukebox
from voiceos.audio.mixer import STEP_BYTES
from voiceos.audio.scripted import Line, ScriptedAudio
from voiceos.clock import Clocks
from voiceos.config.settings import Config, MediaSettings
from voiceos.core import FRAME_SECONDS, OWNER, Action, Outcome, Part, Turn
from voiceos.dialogue.ringing import Bell, Chime
from voiceos.engines.fake import FakeMind, speak
from voiceos.errors import MediaError, StoreError
from voiceos.host import Host
from voiceos.mind.router import Router
from voiceos.mind.thinking import Thinking
from voiceos.protocols import Audio, TextToSpeech
from voiceos.senses import fake_engines
from voiceos.skills.media import media
from voiceos.skills.schedule import timers
from voiceos.skills.skill import Workshop
from voiceos.store.database import Connection, open_database
from voiceos.store.schedule import Entry, add_entry, due_after, entries
from voiceos.store.turns import TurnStore
from voiceos.timekeeper import Timekeeper

pytestmark = pytest.mark.anyio
T = TypeVar("T")
START = datetime(2027, 1, 4, 18, tzinfo=ZoneInfo("Europe/Berlin"))
LOUD = 8_000
CLARA = "http://clara.example/live"


class Tone:
    """A decoder with the same sound for some seconds, and then a fault or its end."""

    seconds = float("inf")
    fault: MediaError | None = None

    def __init__(self, opened: Callable[[], object], **_: object) -> None:
        self.flows, self.is_silent, self.title, self.tags = True, False, "", dict[str, str]()
        self.left = self.seconds
        self.error: MediaError | None = None
        self.is_over = False

    def take(self) -> bytes:
        if self.left <= 0:
            self.error, self.is_over = self.fault, True
            return b""
        self.left -= FRAME_SECONDS
        return np.full(STEP_BYTES // 2, LOUD, "<i2").tobytes()

    def close(self) -> None:
        self.is_over = True


class Here(Workshop):
    """Without threads, for which a virtual clock does not wait."""

    async def stored(self, work: Callable[[Connection], T]) -> T:
        return self.work(work)


@dataclass
class House:
    """Music, a schedule, and who answers."""

    workshop: Workshop
    router: Router

    def __post_init__(self) -> None:
        self.keeper = Timekeeper(self.workshop, lambda _: None)
        self.jukebox.on_trouble.append(self.keeper.remark)
        self.name = "house"

    @property
    def jukebox(self) -> Jukebox:
        return self.workshop.jukebox

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        async with aclosing(self.router.reply(turn, self._think)) as parts:
            async for part in parts:
                yield part

    async def _think(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        yield Part(f"You said: {turn.words}")

    def bell(self, audio: Audio, voice: TextToSpeech, chime: Chime) -> Bell:
        return Bell(self.keeper, audio, voice, lambda _: False, chime)

    def due_in(self, seconds: float, entry: Entry) -> None:
        assert self.workshop.db
        add_entry(self.workshop.db, due_after(entry, seconds, self.workshop.clocks()))

    @asynccontextmanager
    async def kept(self) -> AsyncGenerator[None]:
        async with anyio.create_task_group() as tasks:
            with self.jukebox.attended():
                tasks.start_soon(self.keeper.run)
                yield
                tasks.cancel_scope.cancel()

    async def __call__(self, hold: Any, script: dict[float, str], seconds: float = 20.0, **more: Any) -> Scene:
        async with self.kept():
            return await hold(script, seconds=seconds, mind=self, bell=self.bell, music=self.jukebox, **more)


def house(decoder: type[Tone] = Tone) -> House:
    began = anyio.current_time()

    def clocks() -> Clocks:
        passed = anyio.current_time() - began
        now = (START.astimezone(ZoneInfo("UTC")) + timedelta(seconds=passed)).astimezone(START.tzinfo)
        return Clocks(now, passed, "a")

    workshop = Here(
        Config(media=MediaSettings(stations={"Radio Clara": CLARA})),
        open_database(Path(":memory:")),
        now=lambda: clocks().now,
        clocks=clocks,
        jukebox=Jukebox(decoder=decoder),
    )
    return House(workshop, Router([media.make(workshop), timers.make(workshop)], workshop, now=workshop.now))


def loudest(scene: Scene, begin: float, end: float) -> int:
    heard = [np.frombuffer(pcm, "<i2") for at, pcm in scene.audio.sounded if begin <= at < end]
    return max((int(np.abs(one).max()) for one in heard), default=0)


def said(scene: Scene) -> Iterator[str]:
    return (turn.said for turn in scene.turns)


PLAY = {1.0: "computer play radio clara."}


async def test_a_station_plays_is_named_and_comes_up_when_the_name_was_said(hold: Any) -> None:
    home = house()
    scene = await home(hold, PLAY)
    assert [*said(scene)] == ["Here's Radio Clara."]
    assert home.jukebox.speakers == 0
    assert loudest(scene, 12, 20) == LOUD
    assert scene.states[-1] == "asleep"  # the follow-up would take the singer for somebody


async def test_music_is_soft_from_the_wake_word_to_the_end_of_the_answer(hold: Any) -> None:
    scene = await house()(hold, PLAY | {12.0: "computer", 13.0: "how tall is the tower in paris?"}, seconds=32)
    assert [*said(scene)][1] == "You said: how tall is the tower in paris?"
    assert loudest(scene, 11, 12) == LOUD
    assert loudest(scene, 13.2, 15) < LOUD * 0.2
    assert loudest(scene, 28, 32) == LOUD


async def test_stop_with_the_wake_word_ends_the_music(hold: Any) -> None:
    home = house()
    scene = await home(hold, PLAY | {12.0: "computer", 13.0: "stop."})
    assert scene.outcome(1) is Outcome.STOPPED
    assert home.jukebox.track is None
    assert loudest(scene, 14.5, 20) == 0


@pytest.mark.parametrize("stop", [{17.5: "stop."}, {16.5: "computer", 17.5: "stop."}])
async def test_stop_over_a_reply_ends_the_reply_and_the_music_goes_on(hold: Any, stop: dict[float, str]) -> None:
    long = "computer tell me one two three four five six seven eight nine ten eleven twelve thirteen."
    home = house()
    async with home.kept():
        scene = await hold(PLAY | {8.0: long} | stop, seconds=26, mind=home, bell=home.bell, music=home.jukebox)
        assert home.jukebox.is_on
    assert not [*said(scene)][1].endswith("thirteen.")
    assert Outcome.STOPPED in [turn.outcome for turn in scene.turns]
    assert loudest(scene, 24, 26) == LOUD


async def test_a_question_is_answered_without_the_wake_word_though_music_plays(hold: Any) -> None:
    home = house()
    scene = await home(hold, PLAY | {10.0: "computer set a timer.", 15.5: "ten minutes."}, seconds=24)
    assert [*said(scene)][1:] == ["For how long?", "Timer set for 10 minutes."]


async def test_a_ring_is_heard_over_soft_music_and_stop_ends_the_ring_first(hold: Any) -> None:
    home = house()
    home.due_in(10, Entry("timer", "pasta", length=10))
    async with home.kept():
        scene = await hold(PLAY | {16.0: "stop."}, seconds=28, mind=home, bell=home.bell, music=home.jukebox)
        assert home.jukebox.is_on
        assert home.keeper.ringing == []
    assert loudest(scene, 24, 28) == LOUD


async def test_the_sleep_timer_ends_the_music_and_rings_nothing(hold: Any) -> None:
    home = house()
    scene = await home(hold, PLAY | {8.0: "computer stop the music in ten seconds."}, seconds=40)
    assert [*said(scene)][1] == "I'll stop it in 10 seconds."
    assert home.jukebox.track is None
    assert loudest(scene, 17, 18) == LOUD
    assert loudest(scene, 24, 40) == 0
    assert "ringing" not in scene.states
    assert home.workshop.db
    assert entries(home.workshop.db) == []


async def test_a_sleep_timer_that_was_cancelled_ends_nothing(hold: Any) -> None:
    home = house()
    script = {8.0: "computer stop the music in ten seconds.", 14.0: "computer cancel the sleep timer."}
    scene = await home(hold, PLAY | script, seconds=40)
    assert loudest(scene, 30, 40) == LOUD


async def test_a_station_that_is_lost_is_told_once_nobody_speaks(hold: Any) -> None:
    class Breaks(Tone):
        seconds = 12.0
        fault = MediaError("It broke off.", why="dropped")

    home = house(Breaks)
    scene = await home(hold, PLAY | {12.0: "computer how tall is the tower in paris?"}, seconds=40)
    assert scene.sounded.endswith("I've lost the connection to Radio Clara.")
    assert [name for _, name in scene.chimes].count("due") == 1
    assert home.keeper.remarks == []


async def test_a_station_that_fails_at_first_is_told_in_the_answer(hold: Any) -> None:
    class Down(Tone):
        def __init__(self, opened: Callable[[], object], **more: object) -> None:
            super().__init__(opened, **more)
            self.flows, self.is_over, self.error = False, True, MediaError("It is down.", why="down")

    scene = await house(Down)(hold, PLAY)
    assert scene.sounded == "I can't reach Radio Clara right now."
    assert loudest(scene, 10, 20) == 0


async def test_the_assistant_gives_music_its_speaker_and_what_is_typed_reaches_it() -> None:
    home = house()

    @asynccontextmanager
    async def thinking() -> AsyncGenerator[Thinking]:
        async def warm(history: object) -> None:
            pass

        yield Thinking(FakeMind(), warm)

    def no_turns() -> TurnStore:
        raise StoreError("None.")

    config = Config.model_validate({"store": {"keep_turns": False}, "listen": {"turn_end_model": ""}})
    host = Host(config, thinking, None, no_turns, router=home.router, workshop=home.workshop)
    audio = ScriptedAudio([Line(9.0, speak("computer"))], seconds=25)

    async def asked(text: str) -> str:
        parts = [part async for part in host.ask(text, who=OWNER) if isinstance(part, Part)]
        return "".join(part.text for part in parts)

    async with host.running(upkeep=False), anyio.create_task_group() as tasks:
        assert await asked("play radio clara") == "There's no speaker here, so I can't play anything."
        tasks.start_soon(Assistant(host, fake_engines(), audio).run)
        await anyio.sleep(1)
        assert await asked("play radio clara") == "Here's Radio Clara."
        await anyio.sleep(20)
        assert await asked("what's playing") == "This is Radio Clara."
        assert await asked("stop") == ""
        await anyio.sleep(10)
    scene = Scene(audio)
    assert loudest(scene, 5, 9) == LOUD
    assert loudest(scene, 11, 14) < LOUD * 0.2
    assert loudest(scene, 19, 21) == LOUD
    assert loudest(scene, 23, 25) == 0
    assert host.jukebox.speakers == 0
