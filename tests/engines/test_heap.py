"""Threads share few heaps of the C library."""

import threading
from pathlib import Path

import anyio
import pytest

from voiceos.app import open_host
from voiceos.config.settings import Config, StoreSettings
from voiceos.engines import heap


def test_it_is_said_before_the_first_thread(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The C library gives each thread that allocates before a heap of its own."""
    before, then = {*threading.enumerate()}, list[threading.Thread]()
    monkeypatch.setattr(heap, "share_arenas", lambda: then.extend(threading.enumerate()))

    async def open_it() -> None:
        async with open_host(Config(store=StoreSettings(folder=tmp_path)), "a test", upkeep=False):
            pass

    anyio.run(open_it)
    assert {*then} == before
