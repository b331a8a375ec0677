"""The whole assistant on real engines in a room, and what it did there."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskStatus
from room import Room
from speculation import Meter

from voiceos.app import open_host
from voiceos.assistant import Assistant, Engines
from voiceos.config.settings import Config
from voiceos.core import Notice, NoticeKind, Turn
from voiceos.host import Host
from voiceos.senses import real_engines

QUIET_STATES = ("asleep", "listening")
QUIET_SECONDS = 1.0
"""Nothing may have sounded for so long before the next trial."""
LONGEST_SECONDS = 60.0


@dataclass
class Session:
    """Use `say`, then `settle`; what came of it is in `turns` and `notices`."""

    room: Room
    host: Host
    assistant: Assistant
    engines: Engines
    meter: Meter
    notices: list[Notice] = field(default_factory=list[Notice])
    state: str = ""

    def observe(self, notice: Notice) -> None:
        if notice.kind is NoticeKind.STATE:
            self.state = notice.text
        if notice.kind is not NoticeKind.LEVEL:
            self.notices.append(notice)

    def since(self, kind: NoticeKind, at: float) -> list[Notice]:
        return [notice for notice in self.notices if notice.kind is kind and notice.at >= at]

    def turns(self, after: float = 0.0) -> list[Turn]:
        """Those that ended after that time."""
        return [notice.turn for notice in self.since(NoticeKind.TURN, after) if notice.turn]

    async def settle(self, after: float) -> bool:
        """Waits until that time, and until nothing is said or thought any more; False if that takes too long."""
        await anyio.sleep_until(after)
        with anyio.move_on_after(LONGEST_SECONDS):
            while self._busy:  # noqa: ASYNC110 - it is the speaker's clock that tells
                await anyio.sleep(0.05)
            return True
        return False

    @property
    def _busy(self) -> bool:
        silent_seconds = anyio.current_time() - self.room.quiet_since
        return self.state not in QUIET_STATES or silent_seconds < QUIET_SECONDS

    async def reply_to_sound(self, after: float, seconds: float = 20.0) -> float | None:
        """Waits for the first sound after that time."""
        with anyio.move_on_after(seconds):
            while (sound := self.room.first_sound(after)) is None:  # noqa: ASYNC110 - it is the speaker's clock that tells
                await anyio.sleep(0.02)
            return sound
        return None


@asynccontextmanager
async def session(config: Config) -> AsyncGenerator[Session]:
    """An assistant that is warm and listens, until the block is left."""
    meter = Meter()
    async with (
        open_host(config, "a benchmark") as host,
        real_engines(config, host.warm) as engines,
        anyio.create_task_group() as tasks,
    ):
        room = Room()
        assistant = Assistant(host, meter.on(engines), room, meter.on_mind(host))
        here = Session(room, host, assistant, engines, meter)
        await tasks.start(_observe, host, here)
        tasks.start_soon(assistant.run)
        await here.settle(anyio.current_time() + QUIET_SECONDS)
        yield here
        room.close()
        tasks.cancel_scope.cancel()


async def _observe(host: Host, here: Session, *, task_status: TaskStatus[None]) -> None:
    async with host.happenings.observed(here.observe):
        task_status.started()
        await anyio.sleep_forever()


def words(turns: Sequence[Turn]) -> list[str]:
    return [turn.transcript.text for turn in turns if turn.transcript]
