"""The local language model: llama.cpp's server in a separate process, started, watched and restarted."""

import json
import logging
import os
import re
import secrets
import sys
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import anyio
from anyio.abc import ByteReceiveStream, Process, TaskGroup, TaskStatus
from anyio.streams.buffered import BufferedByteReceiveStream
from sniffio import current_async_library

from voiceos.engines import llama_process
from voiceos.errors import EngineError, ModelError

log = logging.getLogger(__name__)

STOP_SECONDS = 1.5
"""How long the child may take to end when asked, before it is killed."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an OpenAI-compatible server answers, and which model to ask for."""

    base_url: str
    model: str
    api_key: str = field(repr=False)
    local: bool = False
    """Whether it is our own llama.cpp: its cache can be warmed, and its extra parameters used."""


@dataclass(frozen=True, slots=True)
class Watch:
    """How the child is watched. All in seconds."""

    ready: float = 90.0
    """The longest time that loading may take: a large model from a slow card."""
    every: float = 10.0
    """Between two health checks."""
    answer: float = 5.0
    """How long a health check may take. The third in a row without an answer ends the child."""
    back_off: float = 0.2
    """Before the first restart. Doubled after each failure, up to `longest_back_off`."""
    longest_back_off: float = 30.0
    settled: float = 60.0
    """A child that lived this long was well, so back-off starts over."""


def suitable_threads(cpus: int) -> int:
    """Threads for a machine with this many cores.

    One core stays free for hearing and speaking: llama.cpp's threads wait for each other at every step, so one that
    must share its core slows all of them. Beyond four, memory is the limit.
    """
    return max(1, min(4, cpus - 1))


class LocalModel:
    """A language model on this machine; an async context manager.

    Entering it loads the model. Raises ModelError when the file is not a complete GGUF model, and EngineError when the
    server cannot be started. From then on it is restarted whenever it ends or stops answering.
    """

    def __init__(
        self, model: Path, *, context: int = 4096, threads: int = 0, name: str = "", watch: Watch | None = None
    ) -> None:
        """`context` in tokens; `threads` 0: as many as suit this machine; `name`: what the model is called."""
        self._model = model
        self._name = name or model.stem
        self._context = context
        cpus = len(os.sched_getaffinity(0))
        self._threads = threads or suitable_threads(cpus)
        self._reading_threads = threads or min(4, cpus)
        self._watch = watch or Watch()
        self._tasks: TaskGroup | None = None
        self._endpoint: Endpoint | None = None
        self._pid = 0
        self._changed: anyio.Event | None = None

    @property
    def pid(self) -> int:
        """The live child's process id; 0 while there is none."""
        return self._pid

    async def endpoint(self) -> Endpoint:
        """Where the model answers now. Waits while it restarts, so the caller must limit the wait."""
        while self._endpoint is None:
            if self._changed is None:
                raise EngineError("The local language model has not been started.")
            await self._changed.wait()
        return self._endpoint

    async def __aenter__(self) -> Self:
        check_gguf(self._model)
        self._changed = anyio.Event()
        self._tasks = await anyio.create_task_group().__aenter__()
        try:
            await self._tasks.start(self._keep_running)
        except BaseException as failure:
            await self.__aexit__(type(failure), failure, failure.__traceback__)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._tasks
        self._tasks.cancel_scope.cancel()
        if isinstance(failure, anyio.get_cancelled_exc_class()):
            await self._tasks.__aexit__(kind, failure, traceback)
        else:  # or the group would wrap an exception that is not its own
            await self._tasks.__aexit__(None, None, None)

    async def _keep_running(self, *, task_status: TaskStatus[None]) -> None:
        started = False
        back_off = self._watch.back_off
        while True:
            began = anyio.current_time()
            command = [sys.executable, "-m", llama_process.__name__]
            # Its own session: we handle Ctrl-C in a terminal, and then stop it.
            process = await anyio.open_process(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True)
            last_words: deque[str] = deque(maxlen=20)
            assert self._tasks
            assert process.stderr
            self._tasks.start_soon(listen_to, process.stderr, last_words)
            try:
                url = await self._ready(process, last_words)
                if not started:
                    started = True
                    task_status.started()
                ending = await self._watch_over(process, url)
            except (EngineError, ModelError) as failure:
                if not started:
                    raise
                ending = str(failure)
            finally:
                self._say(None, 0)
                await stop(process)
            if anyio.current_time() - began > self._watch.settled:
                back_off = self._watch.back_off
            log.warning("The local language model %s. Restarting it in %.1f s.", ending, back_off)
            await anyio.sleep(back_off)
            back_off = min(back_off * 2, self._watch.longest_back_off)

    async def _ready(self, process: Process, last_words: deque[str]) -> str:
        """Sends the child its orders and waits for its address."""
        key = secrets.token_urlsafe(32)
        orders = llama_process.Orders(
            model=str(self._model),
            name=self._name,
            context=self._context,
            threads=self._threads,
            reading_threads=self._reading_threads,
            key=key,
            parent=os.getpid(),
            die_with_spawner=current_async_library() == "asyncio",  # trio spawns from a thread that soon ends
        )
        assert process.stdin
        assert process.stdout
        began = anyio.current_time()
        try:
            with anyio.fail_after(self._watch.ready):
                await process.stdin.send(json.dumps(orders).encode() + b"\n")
                line = await BufferedByteReceiveStream(process.stdout).receive_until(b"\n", 65_536)
                answer: dict[str, str] = json.loads(line)
                if "url" not in answer:
                    raise ModelError(
                        f"llama.cpp cannot load {self._model}: it is damaged, incomplete or of an unknown kind. "
                        "Check it with `voiceos models verify`, or set `mind.model` to another."
                    )
                if not await healthy(answer["url"], self._watch.answer):
                    raise EngineError("The local language model's server started, but does not answer.")
        except TimeoutError:
            raise EngineError(
                f"The local language model was not ready within {self._watch.ready:.0f} s: {reason(last_words)}"
            ) from None
        except (anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError, anyio.ClosedResourceError):
            with anyio.move_on_after(1):
                await process.wait()
            raise EngineError(
                f"The local language model's process {status(process.returncode)} while it started: "
                f"{reason(last_words) or 'it gave no reason'}."
            ) from None
        log.info("Local language model %s ready in %.1f s.", self._name, anyio.current_time() - began)
        self._say(Endpoint(f"{answer['url']}/v1", self._name, key, local=True), process.pid)
        return answer["url"]

    async def _watch_over(self, process: Process, url: str) -> str:
        """Returns how it ended: by itself, or because it no longer answered."""
        misses = 0
        while misses < 3:
            with anyio.move_on_after(self._watch.every):
                return status(await process.wait())
            misses = 0 if await healthy(url, self._watch.answer) else misses + 1
        return "no longer answers"

    def _say(self, endpoint: Endpoint | None, pid: int) -> None:
        assert self._changed
        self._endpoint, self._pid = endpoint, pid
        self._changed.set()
        self._changed = anyio.Event()


def check_gguf(model: Path) -> None:
    """Raises ModelError when the file is missing or clearly something else."""
    try:
        with model.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ModelError(f"Cannot read the language model {model}: {error.strerror}.") from error
    if magic != b"GGUF":
        raise ModelError(f"{model} is not a GGUF model. Set `mind.model` to one, or to a name from the catalogue.")


async def healthy(url: str, seconds: float) -> bool:
    """Whether the server reports, within this many seconds, that it is well."""
    address = urlsplit(url)
    try:
        with anyio.fail_after(seconds):
            async with await anyio.connect_tcp(address.hostname or "", address.port or 0) as stream:
                await stream.send(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return (await stream.receive(64)).startswith(b"HTTP/1.1 200")
    except (OSError, TimeoutError, anyio.EndOfStream, anyio.BrokenResourceError):
        return False


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


async def stop(process: Process) -> None:
    """Ends the child: asked first, then killed. It is gone when this returns."""
    with anyio.CancelScope(shield=True):
        with suppress(ProcessLookupError):
            process.terminate()
        with anyio.move_on_after(STOP_SECONDS):
            await process.wait()
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.aclose()
