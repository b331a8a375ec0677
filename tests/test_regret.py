"""Everything is erased when the time to change one's mind is over, also after a restart, and not before."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from voiceos.clock import Clocks
from voiceos.config.settings import Config
from voiceos.core import Transcript, Turn
from voiceos.memory.memory import Memory
from voiceos.regret import Regret
from voiceos.skills.skill import Workshop
from voiceos.store.database import NAME, open_database
from voiceos.store.doom import doom, set_doom

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


class Home:
    def __init__(self, folder: Path) -> None:
        self.now, self.folder = NOON, folder
        self.memory = Memory(folder, now=lambda: self.now)
        db = open_database(folder / NAME, derived=self.memory.derived)
        self.erased = anyio.Event()
        self.workshop = Workshop(
            Config(),
            db,
            now=lambda: self.now,
            memory=self.memory,
            clocks=lambda: Clocks(self.now, 0.0, "a"),
            when_forgotten=[lambda: self.erased.set()],
        )
        self.regret = Regret(self.workshop, self.memory)
        turn = Turn("t", "c", transcript=Transcript("Remember that Clara likes tulips."))
        self.memory.remember(turn, NOON)
        self.workshop.work(lambda db: set_doom(db, NOON + timedelta(minutes=10)))

    def holds(self, words: str) -> bool:
        return any(words.encode() in file.read_bytes() for file in self.folder.rglob("*") if file.is_file())


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path)
    yield home
    if home.workshop.db:
        home.workshop.db.close()
    home.memory.close()


async def test_it_waits_and_then_erases_everything(home: Home) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(home.regret.run)
        await anyio.wait_all_tasks_blocked()
        assert home.holds("tulips")
        home.now += timedelta(minutes=11)
        home.workshop.rescheduled()
        with anyio.fail_after(5):
            await home.erased.wait()
        tasks.cancel_scope.cancel()
    assert not home.holds("tulips")
    assert home.workshop.work(doom) is None


async def test_what_is_over_when_it_starts_is_erased_at_once(home: Home) -> None:
    home.now += timedelta(days=1)
    assert not await home.regret.look()
    assert not home.holds("tulips")


async def test_a_clock_that_is_not_set_erases_nothing(home: Home) -> None:
    home.workshop.work(lambda db: set_doom(db, datetime(1970, 1, 1, tzinfo=UTC)))
    home.now = datetime(1970, 1, 1, 1, tzinfo=UTC)
    assert await home.regret.look()
    assert home.holds("tulips")


async def test_what_was_spared_stays(home: Home) -> None:
    home.workshop.work(lambda db: set_doom(db, None))
    home.now += timedelta(days=1)
    assert not await home.regret.look()
    assert home.holds("tulips")
