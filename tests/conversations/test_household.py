"""A day of one household, `household.txt`: what is said, what sounds unasked, and what the store holds after.

A line is `@ 07:05` (the clock goes on to then), `Anna: …` or `Anna in the bedroom: …` (what somebody says), indented
(what is answered, with `…` for any words), `* …` (what sounds unasked), `= WHAT: …` (what is kept), or `! power cut`.
"""

import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import anyio
import pytest

from voiceos.clock import Clocks
from voiceos.config.settings import Config, LocaleSettings
from voiceos.core import Action, Notice, NoticeKind, Part, Turn
from voiceos.host import Host
from voiceos.language.items import key_of, said_item
from voiceos.memory.memory import Memory
from voiceos.mind.router import Router
from voiceos.mind.thinking import Thinking
from voiceos.skills.registry import skills
from voiceos.skills.schedule.said import said_when
from voiceos.skills.skill import Workshop
from voiceos.store import appointments, lists
from voiceos.store.database import NAME, open_database
from voiceos.store.records import OWNER
from voiceos.store.schedule import LONGEST, entries
from voiceos.store.turns import TurnStore

pytestmark = pytest.mark.anyio
DAY = Path(__file__).with_name("household.txt")
ZONE = ZoneInfo("Europe/London")
SAYS = re.compile(r"(\w+)(?: in the (\w+))?: (.+)")
LAPSE = timedelta(minutes=1)
MODEL = "I don't know that."


class Model:
    """Knows nothing."""

    name = "scripted"

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        yield Part(MODEL)


@dataclass
class Household:
    """The assistant with all its skills and a store, and a clock that is set by hand."""

    folder: Path
    now: datetime = datetime(2027, 3, 26, 6, 30, tzinfo=ZONE)
    boots: int = 0
    started: datetime = datetime(2027, 3, 26, 6, 30, tzinfo=ZONE)
    sounded: list[str] = field(default_factory=list[str])

    def clocks(self) -> Clocks:
        uptime = self.now.astimezone(UTC) - self.started.astimezone(UTC)
        return Clocks(self.now, uptime.total_seconds(), f"boot {self.boots}")

    @asynccontextmanager
    async def _running(self) -> AsyncGenerator[None]:
        self.boots, self.started = self.boots + 1, self.now
        config, now = Config(locale=LocaleSettings(country="GB")), lambda: self.now
        with Memory(self.folder, now=now) as memory:
            self.db = open_database(self.folder / NAME, derived=memory.derived)
            self.workshop = shop = Workshop(config, self.db, now=now, memory=memory, clocks=self.clocks)
            self.host = host = Host(
                config,
                _model,
                memory,
                lambda: TurnStore(self.folder, derived=memory.derived),
                router=Router(skills(shop), shop, now=now),
                workshop=shop,
                observers=[self._note],
                now=now,
            )
            try:
                async with host.running(upkeep=False):
                    host._lasts = True  # pyright: ignore[reportPrivateUsage] - it is the device, not one command
                    assert host.timekeeper
                    self.keeper = host.timekeeper
                    await self._settle()
                    with self.keeper.attended():
                        yield
            finally:
                self.db.close()

    @asynccontextmanager
    async def living(self) -> AsyncGenerator[None]:
        async with AsyncExitStack() as self._stack:
            await self._stack.enter_async_context(self._running())
            yield

    async def power_cut(self) -> None:
        await self._stack.aclose()
        await self._stack.enter_async_context(self._running())

    def _note(self, notice: Notice) -> None:
        if notice.kind is NoticeKind.DUE:
            self.sounded.append(notice.text)

    async def _settle(self) -> None:
        """Lets the timekeeper look at the clock, and hears what it tells."""
        with anyio.fail_after(5):
            changed = self.keeper.changed
            self.workshop.rescheduled()
            await changed.wait()
        await self.keeper.heard(self.keeper.untold)

    async def until(self, then: datetime) -> None:
        """The clock goes on, and stops at what is due on the way."""
        if then - self.now > LAPSE:
            self.host.forget()
        while due := sorted(at for at in self._due() if at <= then.timestamp()):
            self.now = datetime.fromtimestamp(due[0], ZONE)
            await self._settle()
        self.now = then
        await self._settle()

    def _due(self) -> Iterator[float]:
        for entry in entries(self.db):
            at = entry.at(self.clocks())
            if at is not None and at > self.now.timestamp():
                yield at
            if entry.ringing is not None:
                yield entry.ringing + LONGEST.total_seconds() + 1

    async def says(self, who: str, device: str, text: str) -> str:
        who = OWNER if who == "Anna" else who.lower()
        async with aclosing(self.host.ask(text, who=who, device=device)) as parts:
            said = [part.text async for part in parts if isinstance(part, Part)]
        await self.host.turns(lambda turns: None)  # it is kept
        self.now += timedelta(seconds=5)
        return "".join(said)

    def holds(self, what: str) -> str:
        """What is kept of a kind: a list by its name, timers, alarms, reminders or the calendar."""
        if what == "calendar":
            return "; ".join(f"{one.title}, {one.at:%a %d %b %H:%M}" for one in appointments.own(self.db, ZONE))
        if what in ("timers", "alarms", "reminders"):
            found = [one for one in entries(self.db) if f"{one.kind}s" == what]
            return "; ".join(f"{one.name}, {said_when(one, self.clocks())}".strip(", ") for one in found)
        if what.endswith(" list"):
            one = lists.listing(self.db, key_of(what.removesuffix(" list")))
            return ", ".join(said_item(entry.item) for entry in lists.entries(self.db, one.id)) if one else "-"
        words = what.removeprefix("files with ").encode()
        return str(sum(words in file.read_bytes() for file in self.folder.rglob("*") if file.is_file()))


@asynccontextmanager
async def _model() -> AsyncGenerator[Thinking]:
    async def warm(history: object = ()) -> None:
        pass

    yield Thinking(Model(), warm)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _fits(expected: str, said: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, expected.split("…"))), said) is not None


def _later(now: datetime, words: str) -> datetime:
    """`07:05`, the next time that it is; or with a date before it."""
    if " " in words:
        return datetime.fromisoformat(words).replace(tzinfo=ZONE)
    then = datetime.combine(now.date(), time.fromisoformat(words), ZONE)
    return then if then > now else then + timedelta(days=1)


async def test_a_day_of_one_household(tmp_path: Path) -> None:
    wrong, home = list[str](), Household(tmp_path)
    said = asked = ""
    async with home.living():
        for number, line in enumerate(DAY.read_text("utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            if home.sounded and not line.startswith("* "):
                wrong += [f"{number}: unasked: {text}" for text in home.sounded]
                home.sounded.clear()
            if line.startswith("@ "):
                await home.until(_later(home.now, line[2:].strip()))
            elif line.startswith("! power cut"):
                await home.power_cut()
            elif line.startswith("* "):
                heard = home.sounded.pop(0) if home.sounded else "nothing"
                if not _fits(line[2:], heard):
                    wrong.append(f"{number}: {line}\n   {heard}")
            elif line.startswith("= "):
                what, _, expected = line[2:].partition(":")
                if (there := home.holds(what)) != expected.strip():
                    wrong.append(f"{number}: {line}\n   {there}")
            elif line.startswith("  "):
                if not _fits(line.strip(), said):
                    wrong.append(f"{number}: {asked}\n   {line.strip()}\n   {said}")
                said = "nothing more"
            elif found := SAYS.fullmatch(line):
                asked, said = line, await home.says(found[1], found[2] or "kitchen", found[3])
            else:
                wrong.append(f"{number}: what is {line!r}?")
    assert "\n".join(wrong) == ""
