"""What is due rings over anybody until it is ended, and what is only told waits until nobody speaks."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import anyio
import numpy as np
import pytest

from voiceos.clock import Clocks
from voiceos.config.settings import Config
from voiceos.core import FRAME_BYTES, Action, NoticeKind, Part, Turn
from voiceos.dialogue.ringing import Bell, Chime
from voiceos.engines.fake import FakeTextToSpeech
from voiceos.errors import EngineError
from voiceos.mind.router import Router
from voiceos.protocols import Audio, TextToSpeech
from voiceos.skills.schedule import alarms, reminders, timers
from voiceos.skills.skill import Workshop
from voiceos.store import schedule
from voiceos.store.database import Connection, open_database
from voiceos.store.schedule import Entry, add_entry, due_after, entries
from voiceos.timekeeper import Timekeeper

pytestmark = pytest.mark.anyio
T = TypeVar("T")
START = datetime(2027, 1, 4, 18, tzinfo=ZoneInfo("Europe/Berlin"))
PASTA = "Your pasta timer is done."


class Here(Workshop):
    """Without threads, for which a virtual clock does not wait."""

    async def stored(self, work: Callable[[Connection], T]) -> T:
        return self.work(work)


@dataclass
class House:
    """A schedule, and who keeps it."""

    workshop: Workshop
    router: Router
    told: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.keeper = Timekeeper(self.workshop, self.told.append)
        self.name = "house"

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        async with aclosing(self.router.reply(turn, self._think)) as parts:
            async for part in parts:
                yield part

    async def _think(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        yield Part(f"You said: {turn.words}")

    def due_in(self, seconds: float, entry: Entry) -> None:
        assert self.workshop.db
        add_entry(self.workshop.db, due_after(entry, seconds, self.workshop.clocks()))

    def bell(self, audio: Audio, voice: TextToSpeech, chime: Chime) -> Bell:
        return Bell(self.keeper, audio, voice, self.router.ends_ringing, chime)

    @property
    def left(self) -> list[Entry]:
        assert self.workshop.db
        return entries(self.workshop.db)

    @asynccontextmanager
    async def kept(self) -> AsyncGenerator[None]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self.keeper.run)
            yield
            tasks.cancel_scope.cancel()


def house() -> House:
    began = anyio.current_time()

    def clocks() -> Clocks:
        passed = anyio.current_time() - began
        return Clocks(
            (START.astimezone(ZoneInfo("UTC")) + timedelta(seconds=passed)).astimezone(START.tzinfo), passed, "a"
        )

    workshop = Here(Config(), open_database(Path(":memory:")), now=lambda: clocks().now, clocks=clocks)
    made = [skill.make(workshop) for skill in (timers, alarms, reminders)]
    router = Router(made, workshop, now=workshop.now)
    return House(workshop, router)


def rings(scene: Any) -> list[tuple[float, float]]:
    """When each round of ringing began, and how loud it was."""
    rounds: list[list[tuple[float, bytes]]] = []
    for at, pcm in scene.audio.sounded:
        if len(pcm) != FRAME_BYTES and len(pcm) > 100:
            if not rounds or at - rounds[-1][-1][0] > 0.5:
                rounds.append([])
            rounds[-1].append((at, pcm))
    loud = [np.frombuffer(b"".join(pcm for _, pcm in one), "<i2").astype(float).std() for one in rounds]
    return [(one[0][0], float(level)) for one, level in zip(rounds, loud, strict=True)]


async def test_a_timer_rings_until_somebody_says_stop_without_the_wake_word(hold: Any) -> None:
    home = house()
    home.due_in(3, Entry("timer", "pasta", length=3))
    async with home.kept():
        scene = await hold({9.0: "stop."}, mind=home, bell=home.bell)
    first, *others = rings(scene)
    assert 3.0 <= first[0] <= 4.0
    assert others
    assert all(at < 9.5 for at, _ in others)
    assert scene.sounded.startswith(PASTA)
    assert home.left == []
    assert scene.states[-1] == "asleep"
    assert home.told == [PASTA]


async def test_it_gets_louder_until_it_is_ended(hold: Any) -> None:
    home = house()
    home.due_in(1, Entry("alarm", wall=None))
    async with home.kept():
        scene = await hold({}, seconds=60, mind=home, bell=home.bell)
    levels = [level for _, level in rings(scene)]
    assert levels == sorted(levels)
    assert levels[-1] > levels[0] * 4


async def test_talk_that_is_not_about_it_neither_stops_it_nor_is_answered_or_kept(hold: Any) -> None:
    home = house()
    home.due_in(1, Entry("timer", "pasta", length=1))
    async with home.kept():
        scene = await hold({4.0: "did you see the game last night?"}, mind=home, bell=home.bell)
    assert max(at for at, _ in rings(scene)) > 10
    assert "You said" not in scene.sounded
    assert scene.turns == []


async def test_a_question_while_it_rings_is_answered_and_it_rings_on_until_cancel(hold: Any) -> None:
    home = house()
    home.due_in(1, Entry("timer", "pasta", length=1))
    async with home.kept():
        scene = await hold(
            {4.0: "computer", 5.2: "who was Ada Lovelace?", 26.0: "cancel."}, seconds=40, mind=home, bell=home.bell
        )
    assert "You said: Who was Ada Lovelace?" in scene.sounded
    after = [at for at, _ in rings(scene) if at > 11]
    assert after
    assert max(after) < 27
    assert home.left == []


@pytest.mark.parametrize("words", ["snooze for one minute.", "one more minute."])
async def test_put_off_it_rings_again(hold: Any, words: str) -> None:
    home = house()
    home.due_in(1, Entry("timer", "pasta", length=1))
    async with home.kept():
        scene = await hold({5.0: words}, seconds=75, mind=home, bell=home.bell)
    assert "Okay again in 1 minute." in scene.sounded
    pause = [at for at, _ in rings(scene) if at > 10]
    assert 65 <= pause[0] <= 69


async def test_it_rings_over_somebody_who_is_speaking(hold: Any) -> None:
    home = house()
    home.due_in(4, Entry("timer", "pasta", length=4))
    long = "computer tell me a very long story about a hare and a tortoise, who had a race on a hot day in summer."
    async with home.kept():
        scene = await hold({1.0: long}, mind=home, bell=home.bell)
    assert 4.0 <= rings(scene)[0][0] <= 5.0
    assert "You said: tell me a very long story about a hare" in scene.sounded.replace("Tell", "tell")


async def test_a_reply_waits_for_the_first_ring_and_goes_on(hold: Any) -> None:
    home = house()
    home.due_in(6, Entry("timer", "pasta", length=6))
    async with home.kept():
        scene = await hold(
            {1.0: "computer say one two three four five six seven eight nine ten."}, mind=home, bell=home.bell
        )
    assert 6.0 <= rings(scene)[0][0] <= 7.0
    heard = scene.sounded
    assert PASTA in heard
    assert heard.index(PASTA) > 0
    assert "nine ten." in heard[heard.index(PASTA) :]


async def test_a_reminder_never_talks_over_anybody(hold: Any) -> None:
    home = house()
    home.due_in(2, Entry("reminder", "call Clara"))
    async with home.kept():
        scene = await hold({1.0: "computer what is the longest river of all?"}, mind=home, bell=home.bell)
    reply, reminder = "You said: What is the longest river of all?", "Here's your reminder: call Clara."
    assert scene.sounded == f"{reply} {reminder}"
    assert [name for _, name in scene.chimes] == ["wake", "due"]
    assert home.left == []


async def test_a_reminder_that_somebody_talks_over_is_told_again(hold: Any) -> None:
    home = house()
    home.due_in(1, Entry("reminder", "call Clara"))
    async with home.kept():
        scene = await hold({4.0: "computer hello."}, seconds=30, mind=home, bell=home.bell)
    assert scene.sounded.endswith("Here's your reminder: call Clara.")
    assert "You said: Hello." in scene.sounded
    assert home.left == []


async def test_what_was_missed_is_told_and_not_rung(hold: Any) -> None:
    home = house()
    home.due_in(-90, Entry("timer", "pasta", length=60))
    async with home.kept():
        scene = await hold({}, mind=home, bell=home.bell)
    assert scene.sounded == "Your pasta timer ended at five fifty-eight PM"
    assert rings(scene) == []
    assert home.left == []


async def test_what_the_voice_fails_to_tell_is_told_later(hold: Any) -> None:
    home, broken = house(), FakeTextToSpeech(failure=EngineError("no voice"))
    home.due_in(1, Entry("reminder", "call Clara"))
    async with home.kept():
        scene = await hold({}, seconds=30, mind=home, bell=home.bell, voice=broken)
        assert scene.sounded == ""
        assert len(home.left) == 1
        scene = await hold({}, seconds=10, mind=home, bell=home.bell)
    assert scene.sounded == "Here's your reminder: call Clara."


async def test_without_a_voice_it_rings_all_the_same(hold: Any) -> None:
    home, broken = house(), FakeTextToSpeech(failure=EngineError("no voice"))
    home.due_in(1, Entry("timer", "pasta", length=1))
    async with home.kept():
        scene = await hold({8.0: "stop."}, mind=home, bell=home.bell, voice=broken)
    assert len(rings(scene)) > 2
    assert home.left == []


async def test_a_reply_that_is_ready_while_it_rings_waits_for_the_round(hold: Any) -> None:
    home = house()
    home.due_in(2.5, Entry("timer", "pasta", length=2))
    async with home.kept():
        scene = await hold({1.0: "computer how are you?"}, mind=home, bell=home.bell)
    assert 2.4 <= rings(scene)[0][0] <= 3.5
    assert scene.sounded.startswith(f"{PASTA} You said: How are you?")


async def test_it_rings_for_a_while_and_is_told_after_that(hold: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "LONGEST", timedelta(seconds=15))
    home = house()
    home.due_in(1, Entry("timer", "pasta", length=60))
    async with home.kept():
        scene = await hold({}, seconds=30, mind=home, bell=home.bell)
    assert max(at for at, _ in rings(scene)) < 17
    assert scene.sounded.endswith("Your pasta timer ended at 6 PM")


async def test_it_rings_on_when_the_sound_card_is_back(hold: Any) -> None:
    home = house()
    home.due_in(5, Entry("timer", "pasta", length=5))
    async with home.kept():
        await hold({}, seconds=4, mind=home, bell=home.bell)  # the card is lost
        await anyio.sleep(3)
        scene = await hold({3.0: "stop."}, seconds=10, mind=home, bell=home.bell)
    assert rings(scene)[0][0] < 0.5
    assert scene.sounded.startswith(PASTA)
    assert home.left == []


async def test_two_ring_together_and_stop_ends_both(hold: Any) -> None:
    home = house()
    home.due_in(1, Entry("timer", "pasta", length=1))
    home.due_in(2, Entry("timer", "egg", length=2))
    async with home.kept():
        scene = await hold({12.0: "stop."}, mind=home, bell=home.bell)
    assert "Your egg timer is done." in scene.sounded
    assert home.left == []


async def test_set_by_voice_it_rings(hold: Any) -> None:
    home = house()
    async with home.kept():
        scene = await hold(
            {1.0: "computer set a tea timer for ten seconds.", 24.0: "stop."}, seconds=30, mind=home, bell=home.bell
        )
    assert scene.sounded.startswith("Tea timer set for 10 seconds.")
    assert "Your tea timer is done." in scene.sounded
    assert any(n.kind is NoticeKind.TURN and n.turn.receipts == ["timers.set"] for n in scene.notices)
    assert home.left == []


async def test_it_listens_for_stop_though_the_time_to_go_on_lapses_while_it_rings(hold: Any) -> None:
    home = house()
    home.due_in(9, Entry("timer", "pasta", length=9))
    async with home.kept():
        scene = await hold({1.0: "computer who was Ada?", 24.0: "stop."}, seconds=30, mind=home, bell=home.bell)
    while_it_rings = scene.states[scene.states.index("ringing") : -1]
    assert "asleep" not in while_it_rings
    assert scene.states[-1] == "asleep"
    assert home.left == []
