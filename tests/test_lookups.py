"""A name of the network that is not resolved holds nobody up."""

import socket
import threading
from collections.abc import Iterator

import anyio
import pytest
from anyio import to_thread

from voiceos import lookups
from voiceos.lookups import abandon_at_end


class Mute:
    """A resolver that does not answer."""

    def __init__(self) -> None:
        self.asked, self.over, self.ended = threading.Semaphore(0), threading.Event(), threading.Event()

    def __call__(self, *_: object, **__: object) -> list[object]:
        self.asked.release()
        self.over.wait(30)
        self.ended.set()
        raise socket.gaierror(socket.EAI_AGAIN, "no answer")


@pytest.fixture
def mute(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mute]:
    mute = Mute()
    monkeypatch.setattr(socket, "getaddrinfo", mute)
    yield mute
    mute.over.set()


def test_who_ends_waits_for_no_name(mute: Mute) -> None:
    async def ask() -> None:
        abandon_at_end()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.connect_tcp, "model.example", 80)
            await to_thread.run_sync(mute.asked.acquire)
            tasks.cancel_scope.cancel()

    anyio.run(ask)
    assert not mute.ended.is_set()


def test_when_too_many_are_looked_up_the_next_is_told_so_at_once(mute: Mute, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "MOST", 1)

    async def ask() -> None:
        abandon_at_end()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.getaddrinfo, "model.example", 80)
            await to_thread.run_sync(mute.asked.acquire)
            with pytest.raises(socket.gaierror, match="too many"):
                await anyio.getaddrinfo("home.example", 80)
            tasks.cancel_scope.cancel()

    anyio.run(ask)


@pytest.mark.anyio
async def test_names_are_looked_up_one_after_another() -> None:
    abandon_at_end()
    for _ in range(lookups.MOST + 1):
        assert (await anyio.getaddrinfo("127.0.0.1", 80))[0][4] == ("127.0.0.1", 80)
