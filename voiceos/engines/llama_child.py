"""The process of the local language model as its owner sees it: one that it starts itself, or a service's."""

import logging
import re
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE
from typing import Protocol

import anyio
from anyio.abc import ByteReceiveStream, Process, SocketStream

from voiceos.engines import llama_process
from voiceos.errors import EngineError

log = logging.getLogger(__name__)

SOCKET = "VOICEOS_MODEL_SOCKET"
"""Names the socket of a service that runs the model in a cage of its own: see systemd/voiceos-llm.service."""
STOP_SECONDS = 1.5
"""How long the child may take to end when asked, before it is killed."""


class Child(Protocol):
    """A process that takes its orders as a line, and answers with a line."""

    pid: int
    """0: not ours to know."""
    last_words: deque[str]

    async def send(self, orders: bytes) -> None: ...

    @property
    def answers(self) -> ByteReceiveStream: ...

    async def listen(self) -> None:
        """Passes what it prints on to our log, until it ends."""
        ...

    async def ended(self) -> str:
        """Waits for its end. How it ended, as a verb phrase."""
        ...

    async def stop(self) -> None:
        """Ends it. It is gone when this returns, or, in a cage, on its way."""
        ...


class Spawned:
    """A child process of ours: asked to end first, then killed."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.pid = process.pid
        self.last_words = deque[str](maxlen=20)

    async def send(self, orders: bytes) -> None:
        assert self._process.stdin
        await self._process.stdin.send(orders)

    @property
    def answers(self) -> ByteReceiveStream:
        assert self._process.stdout
        return self._process.stdout

    async def listen(self) -> None:
        assert self._process.stderr
        await listen_to(self._process.stderr, self.last_words)

    async def ended(self) -> str:
        return status(await self._process.wait())

    async def stop(self) -> None:
        process = self._process
        with anyio.CancelScope(shield=True):
            with suppress(ProcessLookupError):
                process.terminate()
            with anyio.move_on_after(STOP_SECONDS):
                await process.wait()
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
            await process.aclose()


class Caged:
    """A process of a service, at the other end of a connection, with which it ends. systemd logs for it."""

    pid = 0

    def __init__(self, stream: SocketStream) -> None:
        self._stream = stream
        self.last_words = deque[str](maxlen=20)

    async def send(self, orders: bytes) -> None:
        await self._stream.send(orders)

    @property
    def answers(self) -> ByteReceiveStream:
        return self._stream

    async def listen(self) -> None:
        pass

    async def ended(self) -> str:
        with suppress(anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
            while True:
                await self._stream.receive()
        return "ended (see `journalctl -u voiceos-llm`)"

    async def stop(self) -> None:
        with anyio.CancelScope(shield=True):
            await self._stream.aclose()


async def spawned() -> Child:
    """Its own session: we handle Ctrl-C in a terminal, and then stop it."""
    command = [sys.executable, "-m", llama_process.__name__]
    return Spawned(await anyio.open_process(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True))


async def caged(socket: Path) -> Child:
    """Has systemd start the service. Raises EngineError."""
    try:
        return Caged(await anyio.connect_unix(socket))
    except OSError as error:
        raise EngineError(
            f"The service of the language model does not answer at {socket} ({error.strerror}). "
            "Start it with `sudo systemctl start voiceos-llm.socket`."
        ) from error


async def listen_to(stream: ByteReceiveStream, last_words: deque[str]) -> None:
    """Passes the child's standard error on to our log, and keeps its last lines."""
    rest = b""
    try:
        async for piece in stream:
            *lines, rest = (rest + piece)[-65_536:].split(b"\n")
            for line in lines:
                last_words.append(line.decode(errors="replace").strip())
                log.debug("llama.cpp: %s", last_words[-1])
    except (anyio.BrokenResourceError, anyio.ClosedResourceError):
        pass  # it is being stopped


def reason(last_words: deque[str]) -> str:
    """The child's last line about an error, else its last line, without time stamps."""
    errors = [line for line in last_words if re.search(r" E |[Ee]rror", line)] or list(last_words)
    return re.sub(r"^[\d.]+ [A-Z] +\S+ +", "", errors[-1]).removeprefix("init: ").rstrip(".") if errors else ""


def status(code: int | None) -> str:
    """What an exit status means, as a verb phrase."""
    if code is None:
        return "hangs"
    return f"was killed by signal {-code}" if code < 0 else f"ended with status {code}"
