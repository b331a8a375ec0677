"""The daemon reloads its settings, and says how that went."""

import logging
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import pytest

from voiceos import daemon
from voiceos.config.load import Loaded
from voiceos.config.settings import Config, MindSettings
from voiceos.errors import ModelError


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
        if config.mind.name == "Missing":
            raise ModelError("It is missing.")
        yield SimpleNamespace(converse=converse)

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
            for config in (Config(), Config(mind=MindSettings(name="Ada"))):  # also one that changes nothing
                assert await reload(config) == ["reloading the settings", "The new settings are in force."]
            told = await reload(Config(mind=MindSettings(name="Missing")))
            assert "The new settings do not work. Going back to the last valid ones." in told[-1]
            assert begun[-1] == "Ada"
            os.kill(os.getpid(), signal.SIGTERM)
