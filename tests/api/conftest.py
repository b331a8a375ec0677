"""A host with a mind that needs no model, served on a socket."""

import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest

from voiceos.api.client import Remote
from voiceos.api.desk import Desk
from voiceos.api.server import serving
from voiceos.config.settings import Config, StoreSettings
from voiceos.core import Exchange
from voiceos.engines.fake import FakeMind
from voiceos.errors import MindError
from voiceos.host import Host
from voiceos.memory.memory import Memory
from voiceos.mind.remembering import RememberingMind
from voiceos.mind.router import Router
from voiceos.mind.thinking import Thinking
from voiceos.skills.notes import notes
from voiceos.skills.skill import Workshop
from voiceos.store.ownership import own
from voiceos.store.turns import TurnStore


@dataclass
class Served:
    """A host that answers on a socket, in a thread of its own."""

    folder: Path
    socket: Path
    desk: Desk
    call: Callable[..., None]
    """Calls a function on the host's loop."""

    @property
    def client(self) -> Remote:
        return Remote(self.socket)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    ready, found = threading.Event(), list[Served]()
    stop: list[Callable[[], None]] = []

    async def main() -> None:
        from anyio.from_thread import BlockingPortal

        async with BlockingPortal() as portal, _desk(tmp_path) as desk:
            over = anyio.Event()
            stop.append(lambda: portal.call(over.set))
            socket = tmp_path / "run" / "voiceos.sock"
            async with serving(desk, socket):
                found.append(Served(tmp_path, socket, desk, portal.call))
                ready.set()
                await over.wait()

    thread = threading.Thread(target=anyio.run, args=(main,))
    thread.start()
    assert ready.wait(20)
    yield found[0]
    stop[0]()
    thread.join(20)
    assert not thread.is_alive()


@asynccontextmanager
async def _desk(folder: Path) -> AsyncGenerator[Desk]:
    config = Config(store=StoreSettings(folder=folder))
    with own(folder, "voiceos run"), Memory(folder) as memory:

        @asynccontextmanager
        async def mind() -> AsyncGenerator[Thinking]:
            async def warm(history: Sequence[Exchange]) -> None:
                pass

            fake = FakeMind({"fail.": MindError("It broke.", spoken="Sorry.")}, 0.0, 0.0)
            yield Thinking(RememberingMind(fake, memory), warm)

        workshop = Workshop(config, memory=memory)
        router = Router([notes.make(workshop)], workshop)
        host = Host(config, mind, memory, lambda: TurnStore(folder, None, memory.derived), router=router)
        workshop.when_forgotten.append(host.forget)
        async with host.running(upkeep=False):
            yield Desk(host, "voiceos run")


@pytest.fixture
def open_desk() -> Callable[[Path], AbstractAsyncContextManager[Desk]]:
    """Opens a host in a folder."""
    return _desk
