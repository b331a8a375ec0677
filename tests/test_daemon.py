"""The daemon reloads its settings, and says how that went."""

import logging
import os
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from voiceos import daemon
from voiceos.api import desk
from voiceos.api.client import Remote
from voiceos.config.load import Loaded
from voiceos.config.settings import Config, MindSettings, StoreSettings
from voiceos.errors import DeviceError, ModelError
from voiceos.store.database import NAME
from voiceos.store.whole import suspicion


async def nothing_to_load(warm: Callable[[], Awaitable[None]]) -> None:
    await anyio.lowlevel.checkpoint()


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_every_reload_says_how_it_went(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    begun: list[str] = []
    changed = anyio.Event()

    async def converse(audio: object) -> None:
        nonlocal changed
        changed.set()
        changed = anyio.Event()
        await anyio.sleep_forever()

    @asynccontextmanager
    async def spoken(config: Config, *_: object, **__: object) -> AsyncGenerator[Any]:
        begun.append(config.mind.name)

        async def load_mind() -> None:
            if config.mind.name != "Ada":
                raise ModelError("It is missing.")

        async def load_voice(warm: Callable[[], Awaitable[None]]) -> None:
            await warm()

        host = SimpleNamespace(happenings=SimpleNamespace(report=begun.append), load=load_mind)
        yield SimpleNamespace(converse=converse, load_voice=load_voice, config=config, host=host)

    @asynccontextmanager
    async def sound_card(*_: object, **__: object) -> AsyncGenerator[None]:
        yield

    settings = [Config()]

    def load() -> Loaded:
        return Loaded(settings[-1], {}, Path("config.toml"))

    async def reload(config: Config) -> list[str]:
        caplog.clear()
        settings.append(config)
        os.kill(os.getpid(), signal.SIGHUP)
        await changed.wait()
        return [record.message for record in caplog.records]

    monkeypatch.setattr(daemon, "spoken", spoken)
    monkeypatch.setattr(daemon, "sound_card", sound_card)
    monkeypatch.setattr(daemon.portaudio, "rescan", lambda: None)
    caplog.set_level(logging.INFO, "voiceos")
    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(daemon.Daemon(load, Path("voiceos.sock")).run)
            await changed.wait()
            assert begun[-1] == "It is missing.", "the rest works without a language model"
            for config in (Config(), Config(mind=MindSettings(name="Ada"))):  # also one that changes nothing
                assert await reload(config) == ["reloading the settings", "The new settings are in force."]
            told = await reload(Config(mind=MindSettings(name="Missing")))
            assert "The new settings do not work. Going back to the last valid ones." in told[-1]
            assert begun[-1] == "Ada"
            os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_missing_microphone_is_told_once_before_the_voice_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    tries = 0
    path = tmp_path / "run" / "voiceos.sock"

    @asynccontextmanager
    async def sound_card(*_: object, **__: object) -> AsyncGenerator[None]:
        nonlocal tries
        tries += 1
        raise DeviceError("No microphone found.")
        yield

    @asynccontextmanager
    async def real_engines(*_: object) -> AsyncGenerator[None]:
        for name in ("status", "doctor"):
            told.append(await anyio.to_thread.run_sync(Remote(path).call, name))
        os.kill(os.getpid(), signal.SIGTERM)
        await anyio.sleep_forever()
        yield

    monkeypatch.setattr(daemon, "sound_card", sound_card)
    monkeypatch.setattr(desk, "real_engines", real_engines)
    monkeypatch.setattr(daemon.portaudio, "rescan", lambda: None)
    config = Config(store=StoreSettings(folder=tmp_path))
    with anyio.fail_after(20):
        await daemon.Daemon(lambda: Loaded(config, {}, Path("config.toml")), path).run()
    status, findings = told
    assert tries == 1
    assert [fault["text"] for fault in status["faults"]] == ["No microphone found."]
    assert status["voice"] == "loading"
    assert {"name": "microphone", "health": "missing", "text": "No microphone found.", "needed": True} in findings


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_store_that_was_found_damaged_is_opened_again_once_nobody_speaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    happenings = SimpleNamespace(state="speaking")

    async def converse(audio: object) -> None:
        if len(begun) == 2:
            os.kill(os.getpid(), signal.SIGTERM)
            await anyio.sleep_forever()
        suspicion(tmp_path / NAME).touch()
        await anyio.sleep(0.1)
        assert len(begun) == 1, "it was opened again in mid-reply"
        happenings.state = "asleep"
        await anyio.sleep_forever()

    @asynccontextmanager
    async def spoken(config: Config, *_: object, **__: object) -> AsyncGenerator[Any]:
        begun.append("")
        host = SimpleNamespace(happenings=happenings)
        yield SimpleNamespace(converse=converse, load_voice=nothing_to_load, config=config, host=host)

    @asynccontextmanager
    async def sound_card(*_: object, **__: object) -> AsyncGenerator[None]:
        yield

    monkeypatch.setattr(daemon, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(daemon, "spoken", spoken)
    monkeypatch.setattr(daemon, "sound_card", sound_card)
    monkeypatch.setattr(daemon.portaudio, "rescan", lambda: None)
    happenings.report = begun.append
    config = Config(store=StoreSettings(folder=tmp_path))
    with anyio.fail_after(10):
        await daemon.Daemon(lambda: Loaded(config, {}, Path("config.toml")), tmp_path / "socket").run()
    assert len(begun) == 2
