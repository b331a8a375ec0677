"""A server as a process of our own: its messages are lines on its standard output, and it ends when we do."""

import logging
import os
import shutil
import signal
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import ByteReceiveStream, Process
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from voiceos.clock import local_time
from voiceos.errors import ToolError
from voiceos.tools.mcp.journal import log_of, note
from voiceos.tools.mcp.link import Ended
from voiceos.tools.mcp.words import visible

log = logging.getLogger(__name__)

LONGEST_BYTES = 8_000_000
"""Of a message: a large photograph. What sends more would fill the memory of a small board."""
ALLOWANCE = 4_000.0
"""Messages that may come at once; a long one counts as one for each 4 KiB."""
ALLOWANCE_A_SECOND = 200.0
INHERITED = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""Of our environment: the rest may hold keys."""
GRACE_SECONDS = 1.5
"""For ending by itself once its standard input is closed, and again once it is asked by a signal."""
KILL_SECONDS = 5.0
"""For a process that the kernel ends to be seen to have ended, on a machine that is busy."""
POLL_SECONDS = 0.01
GONE = (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError, OSError)
LOGGED = 200
"""Lines of its standard error that are kept, of one run."""


@asynccontextmanager
async def started(
    name: str, command: list[str], environment: Mapping[str, str], folder: Path, ended: Ended
) -> AsyncGenerator[tuple[Any, Any]]:
    """Streams of messages from and to it. `ended` is told when it is over, and why. Raises ToolError."""
    process = await _spawned(command, environment, folder)
    heard, received = anyio.create_memory_object_stream[Any](0)
    sent, to_send = anyio.create_memory_object_stream[Any](64)
    pipe = _Pipe(name, process, ended, log_of(folder))
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(pipe.read, heard)
            tasks.start_soon(pipe.write, to_send)
            tasks.start_soon(pipe.log)
            try:
                yield received, sent
            finally:
                pipe.wanted = False
                received.close()  # so that the reader passes nothing on any more
                with anyio.CancelScope(shield=True):  # every wait inside is bounded
                    await pipe.end()
                tasks.cancel_scope.cancel()
    finally:
        for stream in (heard, received, sent, to_send):
            stream.close()


async def _spawned(command: list[str], environment: Mapping[str, str], folder: Path) -> Process:
    """In a session of its own, without our open files; the kernel ends it when we are gone, however we went."""
    inherited = {key: os.environ[key] for key in INHERITED if key in os.environ}
    find(command[0], environment)
    guard = [guard, "--pdeathsig", "KILL", "--"] if (guard := shutil.which("setpriv")) else []
    try:
        await anyio.Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        return await anyio.open_process(
            [*guard, *command], env={**inherited, **environment}, cwd=folder, start_new_session=True
        )
    except (OSError, ValueError) as error:
        raise ToolError(f"it cannot be started: {error}.") from error


def find(program: str, environment: Mapping[str, str]) -> str:
    """Where the program is. Raises ToolError."""
    if found := shutil.which(program, path=environment.get("PATH", os.environ.get("PATH"))):
        return found
    raise ToolError(f"the program {program} was not found. Install it, or give its full path.")


class _Pipe:
    def __init__(self, name: str, process: Process, ended: Ended, file: Path) -> None:
        self._name = name
        self._file = file
        self._process = process
        self._ended = ended
        self._last = deque[str](maxlen=3)
        self._allowance = ALLOWANCE
        self._at = anyio.current_time()
        self._read = anyio.Event()
        self._logged = anyio.Event()
        self._silent = anyio.Event()
        self.wanted = True
        """That it ends is a failure."""

    async def read(self, heard: MemoryObjectSendStream[Any]) -> None:
        """Passes its messages on until it ends, or sends what no server may; then reads on, so that it can end."""
        assert self._process.stdout
        try:
            with suppress(*GONE):
                async with heard:
                    why = await self._pass_on(self._process.stdout, heard)
                    if self.wanted:  # else it was ended, by whoever knows why
                        self._ended.because(why)
        finally:
            await _drain(self._process.stdout)
            self._read.set()

    async def _pass_on(self, out: ByteReceiveStream, heard: MemoryObjectSendStream[Any]) -> str:
        """Returns why it is over."""
        buffer = bytearray()
        async for chunk in out:
            first, *others = chunk.split(b"\n")
            buffer += first
            for following in others:
                if not self._affords(len(buffer)):
                    return f"{self._name} sends more than anybody could read"
                if (message := _parsed(self._name, bytes(buffer))) is not None:
                    await heard.send(message)
                buffer = bytearray(following)
            if len(buffer) > LONGEST_BYTES:
                return f"{self._name} sent a message of more than {LONGEST_BYTES // 10**6} MB"
        if self.wanted:
            with anyio.move_on_after(GRACE_SECONDS):
                await self._logged.wait()  # its last words say why
        words = f": {' '.join(self._last)[-300:]}" if self._last else ""
        return f"{self._name} has ended{words}"

    def _affords(self, size: int) -> bool:
        now = anyio.current_time()
        self._allowance = min(ALLOWANCE, self._allowance + (now - self._at) * ALLOWANCE_A_SECOND)
        self._at = now
        self._allowance -= 1 + size // 4096
        return self._allowance > 0

    async def write(self, to_send: MemoryObjectReceiveStream[Any]) -> None:
        assert self._process.stdin
        with suppress(*GONE):
            async with to_send:
                async for one in to_send:
                    text = one.message.model_dump_json(by_alias=True, exclude_unset=True)
                    await self._process.stdin.send(text.encode() + b"\n")

    async def log(self) -> None:
        """What it writes on its standard error goes to the log."""
        assert self._process.stderr
        buffer, count = b"", 0
        try:
            with suppress(*GONE):
                async for chunk in self._process.stderr:
                    *lines, buffer = (buffer + chunk)[-65_536:].split(b"\n")
                    for line in lines:
                        if text := visible(line.decode("utf-8", "replace"), 300):
                            count += 1
                            self._last.append(text)
                            if count <= LOGGED:
                                log.debug("%s: %s", self._name, text)
                                note(self._file, local_time(), text)
        finally:
            self._logged.set()
            await _drain(self._process.stderr)
            self._silent.set()

    async def end(self) -> None:
        """Closes its input, then asks it and all it has started, then ends them."""
        process = self._process
        assert process.stdin
        with suppress(*GONE):
            await process.stdin.aclose()
        if not await _is_over(process):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGTERM)
            await _is_over(process)
        with suppress(ProcessLookupError, PermissionError):  # those it has left behind, too
            os.killpg(process.pid, signal.SIGKILL)
        await _is_over(process, KILL_SECONDS)
        with anyio.move_on_after(GRACE_SECONDS):  # what it has started and does not end may hold them
            await self._read.wait()
            await self._silent.wait()
        for stream in (process.stdout, process.stderr):
            assert stream
            with suppress(*GONE):
                await stream.aclose()


def _parsed(name: str, line: bytes) -> Any:
    """The message in a line; None where there is none: many servers also print what they please."""
    import mcp_types
    from mcp.shared.message import SessionMessage

    if line.lstrip()[:1] == b"{":
        with suppress(ValueError):
            return SessionMessage(mcp_types.jsonrpc_message_adapter.validate_json(line, by_name=False))
    log.debug("%s: no message: %r", name, line[:300])
    return None


async def _drain(stream: ByteReceiveStream) -> None:
    """Reads on until it is closed, so that a process whose output nobody wants can end."""
    with anyio.CancelScope(shield=True), suppress(*GONE):
        while True:
            await stream.receive()


async def _is_over(process: Process, seconds: float | None = None) -> bool:
    """Whether it ends soon. Its `wait` would also wait for whatever else holds its pipes."""
    with anyio.move_on_after(GRACE_SECONDS if seconds is None else seconds):
        while process.returncode is None:  # noqa: ASYNC110 - nothing else tells
            await anyio.sleep(POLL_SECONDS)
    return process.returncode is not None
