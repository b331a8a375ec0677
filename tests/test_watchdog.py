"""What systemd is told: ready when warm, alive while the audio loop is, and how a reload and a stop went."""

import os
import signal
import socket
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import pytest
from trio.testing import MockClock

from voiceos import daemon
from voiceos.api import desk
from voiceos.app import rehearsal_host
from voiceos.assistant import Engines
from voiceos.audio.scripted import ScriptedAudio
from voiceos.config.load import Loaded
from voiceos.config.settings import Config, MindSettings
from voiceos.core import Frame
from voiceos.errors import ConfigError, DeviceError
from voiceos.senses import fake_engines
from voiceos.watchdog import LOADING_SECONDS, STALL_SECONDS, Watchdog, tell_systemd

WATCH = 60
WARMING = 95.0
pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return ("trio", {"clock": MockClock(autojump_threshold=0)})


class Systemd:
    """The end of the notify socket that systemd reads."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(path))

    async def told(self, seconds: float) -> list[str]:
        """What it is told in so many seconds, and was before."""
        messages: list[str] = []
        while seconds > 0:
            await anyio.sleep(min(seconds, WATCH))
            seconds -= WATCH  # the kernel holds no more than ten
            with suppress(BlockingIOError):
                while True:
                    messages.append(self._socket.recv(4096).decode().partition("\n")[0])
        return messages

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Systemd]:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", str(WATCH * 1_000_000))
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    with closing(Systemd(tmp_path / "notify")) as one:
        yield one


@dataclass
class Board:
    """A sound card that can hang, be lost or be absent, and engines that take a while to get warm."""

    settings: list[Config] = field(default_factory=lambda: [Config()])
    wrong: bool = False
    hangs: anyio.Event | None = None
    """Until it is set, no frame comes."""
    absent: bool = False
    warming: float = WARMING

    def load(self) -> Loaded:
        if self.wrong:
            raise ConfigError("Half of it is missing.")
        return Loaded(self.settings[-1], {}, Path("config.toml"))

    @asynccontextmanager
    async def spoken(self, config: Config, *given: Any, **_: Any) -> AsyncGenerator[Any]:
        async with rehearsal_host(config, given[2]) as host:
            table = desk.Desk(host, "voiceos run", expects_voice=True)
            async with table.holding:
                yield table

    @asynccontextmanager
    async def engines(self, *_: object) -> AsyncGenerator[Engines]:
        await anyio.sleep(self.warming)
        yield fake_engines()

    @asynccontextmanager
    async def sound_card(self, *_: Any, **__: Any) -> AsyncGenerator[Any]:
        if self.absent:
            raise DeviceError("No microphone found.")
        audio = ScriptedAudio([], seconds=10_000)
        whole = audio.frames

        async def frames() -> AsyncGenerator[Frame, None]:
            async with aclosing(whole()) as them:
                async for frame in them:
                    if self.hangs:
                        await self.hangs.wait()
                    yield frame

        audio.frames = frames
        yield audio


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Board:
    one = Board()
    monkeypatch.setattr(desk, "real_engines", one.engines)
    monkeypatch.setattr(daemon, "spoken", one.spoken)
    monkeypatch.setattr(daemon, "sound_card", one.sound_card)
    monkeypatch.setattr(daemon, "portaudio", SimpleNamespace(rescan=lambda: None))
    return one


async def test_a_life(board: Board, systemd: Systemd) -> None:
    ended = anyio.Event()

    async def live() -> None:
        await daemon.Daemon(board.load, Path("voiceos.sock")).run()
        ended.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(live)
        assert set(await systemd.told(WARMING - 1)) == {"WATCHDOG=1"}, "it is not ready before it is warm"
        assert await systemd.told(2) == ["READY=1"]
        assert await systemd.told(2 * WATCH) == ["WATCHDOG=1"] * 6

        board.wrong = True
        os.kill(os.getpid(), signal.SIGHUP)
        assert await systemd.told(1) == ["RELOADING=1", "READY=1"]
        board.wrong = False
        board.settings.append(Config(mind=MindSettings(name="Ada")))
        os.kill(os.getpid(), signal.SIGHUP)
        assert [one for one in await systemd.told(WARMING + 2) if one != "WATCHDOG=1"] == ["RELOADING=1", "READY=1"]

        os.kill(os.getpid(), signal.SIGTERM)
        with anyio.fail_after(1):
            await ended.wait()
        assert "STOPPING=1" in await systemd.told(1)


@pytest.mark.parametrize(("hangs", "warming"), [(True, 0.0), (False, 10 * LOADING_SECONDS)])
async def test_what_hangs_is_not_alive(board: Board, systemd: Systemd, hangs: bool, warming: float) -> None:
    """Frames that stop though nothing is lost, and models that never end loading: the loop itself goes on."""
    board.warming = warming
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(daemon.Daemon(board.load, Path("voiceos.sock")).run)
        await anyio.sleep(10)
        board.hangs = anyio.Event() if hangs else None
        assert "WATCHDOG=1" in await systemd.told((STALL_SECONDS if hangs else LOADING_SECONDS) + 1)
        assert await systemd.told(5 * WATCH) == []
        if board.hangs:  # it was only slow
            board.hangs.set()
            assert await systemd.told(WATCH) == ["WATCHDOG=1"] * 3
        tasks.cancel_scope.cancel()


async def test_waiting_for_a_sound_card_is_alive(board: Board, systemd: Systemd) -> None:
    board.absent, board.warming = True, 0.0
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(daemon.Daemon(board.load, Path("voiceos.sock")).run)
        messages = await systemd.told(10 * WATCH)
        assert messages.count("WATCHDOG=1") >= 30
        assert messages.count("READY=1") >= 5
        tasks.cancel_scope.cancel()


async def test_nobody_watches_a_child(systemd: Systemd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_PID", "1")
    await Watchdog().run()
    assert await systemd.told(1) == []


async def test_systemd_that_does_not_read_stops_nobody(systemd: Systemd) -> None:
    for _ in range(1000):
        tell_systemd("WATCHDOG=1")
    assert await systemd.told(1)
