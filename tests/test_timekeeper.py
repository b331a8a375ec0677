"""The timekeeper: on time by a clock that may be set, after kills, without a store, and where no voice tells."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import anyio
import pytest
from trio.testing import MockClock

from voiceos.api.conversing import silence
from voiceos.api.desk import Desk
from voiceos.clock import Clocks
from voiceos.config.settings import Config
from voiceos.core import OWNER, Notice, NoticeKind, Turn
from voiceos.engines.fake import FakeMind
from voiceos.errors import StoreError
from voiceos.host import Host
from voiceos.mind.router import Router
from voiceos.mind.thinking import Thinking
from voiceos.protocols import Mind
from voiceos.skills.schedule import afterwards, alarms, reminders, timers
from voiceos.skills.skill import Workshop
from voiceos.store.acts import receipts
from voiceos.store.database import Connection, open_database
from voiceos.store.schedule import Entry, add_entry, advance, due_after, entries, taken
from voiceos.store.turns import TurnStore
from voiceos.timekeeper import Timekeeper

pytestmark = pytest.mark.anyio
T = TypeVar("T")
BERLIN = ZoneInfo("Europe/Berlin")
SEVEN = datetime(2027, 1, 4, 7)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return ("trio", {"clock": MockClock(autojump_threshold=0)})


class Bench(Workshop):
    """Without threads, for which a virtual clock does not wait. It may fail to keep anything."""

    async def stored(self, work: Callable[[Connection], T]) -> T:
        return self.work(work)


class Wall:
    """A wall clock that can be set."""

    def __init__(self, at: str) -> None:
        self._began = anyio.current_time()
        self.set(at)

    def set(self, at: str, zone: ZoneInfo = BERLIN) -> None:
        self.zone = zone
        self._ahead = datetime.fromisoformat(at).replace(tzinfo=zone).timestamp() - anyio.current_time()

    def __call__(self) -> Clocks:
        now = datetime.fromtimestamp(anyio.current_time() + self._ahead, self.zone)
        return Clocks(now, anyio.current_time() - self._began + 50, "a")


class Watch:
    """A timekeeper at work, and what it told."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self.told: list[tuple[str, str]] = []
        self.keeper = Timekeeper(workshop, self._note)

    def _note(self, sentence: str) -> None:
        self.told.append((f"{self.workshop.clocks().now:%H:%M:%S}", sentence))

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["Watch"]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self.keeper.run)
            yield self
            tasks.cancel_scope.cancel()


def workshop(wall: Wall) -> Workshop:
    return Bench(Config(), open_database(Path(":memory:")), now=lambda: wall().now, clocks=wall)


def add(workshop: Workshop, entry: Entry) -> None:
    assert workshop.db
    add_entry(workshop.db, entry)
    workshop.rescheduled()


async def test_an_alarm_rings_within_a_second_when_the_clock_is_set_while_it_waits() -> None:
    wall = Wall("2027-01-04T03:00")
    async with Watch(workshop(wall)).running() as watch:
        add(watch.workshop, Entry("alarm", wall=SEVEN, first=SEVEN))
        await anyio.sleep(100)
        wall.set("2027-01-04T06:59:58")
        await anyio.sleep(10)
    assert [sentence for _, sentence in watch.told] == ["It's 7:00 AM. This is your alarm."]
    assert watch.told[0][0] in ("07:00:00", "07:00:01")


async def test_in_another_time_zone_seven_is_seven_there() -> None:
    wall = Wall("2027-01-04T06:00")
    async with Watch(workshop(wall)).running() as watch:
        add(watch.workshop, Entry("alarm", wall=SEVEN, first=SEVEN))
        await anyio.sleep(10)
        wall.set("2027-01-04T06:58", ZoneInfo("America/New_York"))
        await anyio.sleep(110)
        assert watch.told == []
        await anyio.sleep(20)
    assert watch.told[0][0] in ("07:00:00", "07:00:01")


async def test_before_the_time_is_known_nothing_dated_rings_and_then_it_is_told() -> None:
    wall = Wall("1970-01-01T01:00")
    async with Watch(workshop(wall)).running() as watch:
        add(watch.workshop, Entry("alarm", wall=SEVEN, first=SEVEN))
        await anyio.sleep(600)
        assert watch.told == []
        wall.set("2027-01-04T07:02")
        await anyio.sleep(1)
    assert [sentence for _, sentence in watch.told] == ["You missed your alarm today at 7:00 AM."]


async def test_killed_while_it_rings_it_rings_on_and_is_not_told_twice() -> None:
    wall = Wall("2027-01-04T06:59:50")
    shop = workshop(wall)
    async with Watch(shop).running() as watch:
        add(shop, Entry("alarm", wall=SEVEN, first=SEVEN))
        await anyio.sleep(15)
        assert len(watch.keeper.ringing) == 1
    await anyio.sleep(20)
    async with Watch(shop).running() as watch:
        await anyio.sleep(1)
        assert len(watch.keeper.ringing) == 1
        await watch.keeper.silence()
    async with Watch(shop).running() as watch:
        await anyio.sleep(100)
        assert (watch.keeper.ringing, watch.keeper.untold, watch.told) == ([], [], [])


async def test_nothing_to_come_wakes_nobody() -> None:
    wall = Wall("2027-01-04T06:59:50")
    looks = 0

    def clocks() -> Clocks:
        nonlocal looks
        looks += 1
        return wall()

    shop = replace(workshop(wall), clocks=clocks)
    async with Watch(shop).running():
        await anyio.sleep(3600)
    assert looks < 10


async def test_with_a_store_that_fails_it_rings_all_the_same_and_once() -> None:
    wall = Wall("2027-01-04T06:59:50")
    shop = workshop(wall)
    async with Watch(shop).running() as watch:
        add(shop, Entry("alarm", wall=SEVEN, first=SEVEN))
        await anyio.sleep(1)
        assert shop.db
        shop.db.execute("CREATE TRIGGER full BEFORE UPDATE ON schedule BEGIN SELECT RAISE(ABORT, 'full'); END")
        await anyio.sleep(10)
        assert len(watch.keeper.ringing) == 1
        await watch.keeper.silence()
        await anyio.sleep(30)
        shop.db.execute("DROP TRIGGER full")
        shop.rescheduled()
        await anyio.sleep(100)
        assert (watch.keeper.ringing, watch.keeper.untold, entries(shop.db)) == ([], [], [])
    assert len(watch.told) == 1


# Where no voice tells


@asynccontextmanager
async def _fake_mind() -> AsyncGenerator[Thinking]:
    async def warm(history: object) -> None:
        pass

    mind: Mind = FakeMind(first_token_seconds=0, token_seconds=0)
    yield Thinking(mind, warm)


def no_turns() -> TurnStore:
    raise StoreError("None.")


@asynccontextmanager
async def typed(shop: Workshop, notices: list[Notice], *, lasts: bool = True) -> AsyncGenerator[Host]:
    router = Router([one.make(shop) for one in (timers, alarms, reminders, afterwards)], shop, now=shop.now)
    config = Config.model_validate({"store": {"keep_turns": False}})
    seen = [notices.append]
    host = Host(config, _fake_mind, None, no_turns, router=router, workshop=shop, observers=seen)
    async with host.running(upkeep=lasts):
        yield host


async def ask(host: Host, text: str) -> str:
    parts = [part async for part in host.ask(text, who=OWNER) if not isinstance(part, Turn)]
    return "".join(part.text for part in parts).strip()


async def test_an_event_goes_out_and_the_next_reply_mentions_it_once() -> None:
    shop, notices = workshop(Wall("2027-01-04T06:00")), list[Notice]()
    async with typed(shop, notices) as host:
        assert await ask(host, "remind me in ten minutes to call Clara") == "Okay, today at 6:10 AM: call Clara."
        await anyio.sleep(700)
        assert [n.text for n in notices if n.kind is NoticeKind.DUE] == ["Here's your reminder: call Clara."]
        assert await ask(host, "hello") == "You said: hello  You missed a reminder today at 6:10 AM: call Clara."
        await anyio.sleep(1)
        assert await ask(host, "hello") == "You said: hello"


async def test_typed_stop_ends_what_rings() -> None:
    shop = workshop(Wall("2027-01-04T06:00"))
    async with typed(shop, []) as host:
        await ask(host, "set a pasta timer for ten minutes")
        await anyio.sleep(605)
        assert host.timekeeper
        assert len(host.timekeeper.ringing) == 1
        assert await ask(host, "stop") == ""
        assert host.timekeeper.ringing == []
        assert await ask(host, "hello") == "You said: hello"


async def test_a_command_that_ends_says_that_it_cannot_ring() -> None:
    async with typed(workshop(Wall("2027-01-04T06:00")), [], lasts=False) as host:
        said = await ask(host, "set a pasta timer for ten minutes")
        assert said.startswith("Pasta timer set for 10 minutes. But I only run")
        assert "But" not in await ask(host, "how long on the pasta?")


async def test_status_tells_what_comes_next() -> None:
    shop = workshop(Wall("2027-01-04T06:00"))
    async with typed(shop, []) as host:
        assert host.timekeeper
        assert host.timekeeper.next_due() == ""
        await ask(host, "set a pasta timer for ten minutes")
        await anyio.sleep(1)
        assert host.timekeeper.next_due() == "pasta timer, today at 6:10 AM"
        assert shop.db
        add_entry(shop.db, due_after(Entry("sleep"), 300, shop.clocks()))
        shop.rescheduled()
        await anyio.sleep(1)
        assert host.timekeeper.next_due() == "end of the music, today at 6:05 AM"


def test_a_timer_put_off_is_due_by_time_that_passes() -> None:
    clocks = Clocks(SEVEN.replace(tzinfo=BERLIN), 50, "a")
    later = replace(clocks, now=clocks.now + timedelta(hours=5), uptime=60)
    assert due_after(Entry("timer"), 100, clocks).at(later) == later.now.timestamp() + 90


async def test_what_follows_a_timer_is_done_as_it_rings_and_told() -> None:
    shop = workshop(Wall("2027-01-04T06:00"))
    async with typed(shop, []) as host:
        said = await ask(host, "set a pasta timer for ten minutes and then set an egg timer for an hour")
        assert said.endswith("Shall I do that?")
        await ask(host, "yes")
        await anyio.sleep(605)
        assert shop.db
        assert [one.name for one in entries(shop.db)] == ["pasta", "egg"]
        assert await ask(host, "hello") == (
            "You said: hello  Your pasta timer is done. As your timer ended: Egg timer set for 1 hour."
        )
        assert [(one.act, one.rule) for one in receipts(shop.db)][:1] == [("timers.set", "owner's yes")]


async def test_what_was_under_way_when_killed_is_told_once() -> None:
    shop, ring = workshop(Wall("2027-01-04T06:00")), Clocks(SEVEN.replace(tzinfo=BERLIN), 50, "a")
    assert shop.db
    add_entry(shop.db, Entry("timer", "pasta", due=ring.now.timestamp() - 1, afterwards=("turn off my oven",)))
    add_entry(shop.db, Entry("routine", "good night", wall=SEVEN))
    advance(shop.db, ring)
    assert [one.name for one in taken(shop.db, ring)] == ["good night", "pasta"]  # and here it is killed
    async with typed(shop, []) as host:
        said = await ask(host, "hello")
        assert "I was stopped while I ran good night, so I can't say how much of it was done." in said
        assert "so I can't say whether this was done: turn off your oven." in said
    async with typed(shop, []) as host:
        assert "stopped" not in await ask(host, "hello")


async def test_a_remark_is_made_by_the_next_reply_where_no_voice_makes_it() -> None:
    heard = list[str]()
    async with typed(workshop(Wall("2027-01-04T06:00")), []) as host:
        assert host.timekeeper
        for _ in range(2):
            host.timekeeper.remark("The report is ready.", lambda: heard.append("report"))
        with host.timekeeper.attended():
            assert await ask(host, "hello") == "You said: hello"
        assert await ask(host, "hello") == "You said: hello  The report is ready."
        await anyio.sleep(1)
        assert heard == ["report", "report"]
        assert await ask(host, "hello") == "You said: hello"
        host.timekeeper.remark("The mail is sent.")
        await silence(Desk(host, "voiceos run"))
        assert await ask(host, "hello") == "You said: hello"
