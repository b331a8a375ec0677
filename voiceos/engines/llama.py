"""The local language model: llama.cpp's server in a separate process, started, watched and restarted."""

import json
import logging
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import anyio
from anyio.abc import TaskGroup, TaskStatus
from anyio.streams.buffered import BufferedByteReceiveStream
from sniffio import current_async_library

from voiceos.engines import llama_process, llama_server
from voiceos.engines.llama_child import Child, caged, reason, spawned
from voiceos.errors import EngineError, ModelError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an OpenAI-compatible server answers, and which model to ask for."""

    base_url: str
    model: str
    api_key: str = field(repr=False)
    local: bool = False
    """Whether it is our own llama.cpp: its cache can be warmed, and its extra parameters used."""
    socket: str | None = None
    """The path of the Unix socket on which it answers; None: the network."""


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
        self,
        model: Path,
        *,
        context: int = 4096,
        threads: int = 0,
        name: str = "",
        watch: Watch | None = None,
        service: Path | None = None,
        server: Path | None = None,
    ) -> None:
        """`context` in tokens; `threads` 0: as many as suit this machine; `name`: what the model is called.

        `service`: the socket of a service that runs it in a cage; None: it is a child of this process.
        `server`: a llama-server to use; None: the llama.cpp that comes along.
        """
        self._model = model
        self._name = name or model.stem
        self._context = context
        cpus = len(os.sched_getaffinity(0))
        self._threads = threads or suitable_threads(cpus)
        self._reading_threads = threads or min(4, cpus)
        self._watch = watch or Watch()
        self._service, self._server = service, server
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

    async def renewed(self, after: Endpoint | None) -> Endpoint:
        """Where the model answers, once that is no longer at `after`: it has been started again."""
        while (now := await self.endpoint()) == after:
            assert self._changed
            await self._changed.wait()
        return now

    async def __aenter__(self) -> Self:
        check_gguf(self._model)
        if self._server and (wrong := llama_server.checked(self._server)):
            raise ModelError(wrong)
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
            child = await (caged(self._service) if self._service else spawned())
            assert self._tasks
            self._tasks.start_soon(child.listen)
            try:
                endpoint = await self._ready(child)
                if not started:
                    started = True
                    task_status.started()
                ending = f"The local language model {await self._watch_over(child, endpoint)}."
            except (EngineError, ModelError) as failure:
                if not started:
                    raise
                ending = str(failure)
            finally:
                self._say(None, 0)
                await child.stop()
            if anyio.current_time() - began > self._watch.settled:
                back_off = self._watch.back_off
            log.warning("%s Restarting it in %.1f s.", ending, back_off)
            await anyio.sleep(back_off)
            back_off = min(back_off * 2, self._watch.longest_back_off)

    async def _ready(self, child: Child) -> Endpoint:
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
        if self._server:
            orders["server"] = str(self._server)
        began = anyio.current_time()
        try:
            with anyio.fail_after(self._watch.ready):
                await child.send(json.dumps(orders).encode() + b"\n")
                line = await BufferedByteReceiveStream(child.answers).receive_until(b"\n", 65_536)
                answer: dict[str, str] = json.loads(line)
                if "url" not in answer:
                    raise ModelError(
                        f"llama.cpp cannot load {self._model}: it is damaged, incomplete or of an unknown kind. "
                        "Check it with `voiceos models verify`, or set `mind.model` to another."
                    )
                endpoint = endpoint_at(answer["url"], self._name, key)
                if not await healthy(endpoint, self._watch.answer):
                    raise EngineError("The local language model's server started, but does not answer.")
        except TimeoutError:
            raise EngineError(
                f"The local language model was not ready within {self._watch.ready:.0f} s: {reason(child.last_words)}"
            ) from None
        except (anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError, anyio.ClosedResourceError):
            ending = "hangs"
            with anyio.move_on_after(1):
                ending = await child.ended()
            raise EngineError(
                f"The local language model's process {ending} while it started: "
                f"{reason(child.last_words) or 'it gave no reason'}."
            ) from None
        log.info("Local language model %s ready in %.1f s.", self._name, anyio.current_time() - began)
        self._say(endpoint, child.pid)
        return endpoint

    async def _watch_over(self, child: Child, endpoint: Endpoint) -> str:
        """Returns how it ended: by itself, or because it no longer answered."""
        misses = 0
        while misses < 3:
            with anyio.move_on_after(self._watch.every):
                return await child.ended()
            misses = 0 if await healthy(endpoint, self._watch.answer) else misses + 1
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


def endpoint_at(url: str, name: str, key: str) -> Endpoint:
    """Where a server answers that calls its address `http://host:port` or `unix://path`."""
    address = urlsplit(url)
    if address.scheme == "unix":
        return Endpoint("http://localhost/v1", name, key, local=True, socket=address.path)
    return Endpoint(f"{url}/v1", name, key, local=True)


async def healthy(endpoint: Endpoint, seconds: float) -> bool:
    """Whether the server reports, within this many seconds, that it is well."""
    address = urlsplit(endpoint.base_url)
    try:
        with anyio.fail_after(seconds):
            async with await (
                anyio.connect_unix(endpoint.socket)
                if endpoint.socket
                else anyio.connect_tcp(address.hostname or "", address.port or 0)
            ) as stream:
                await stream.send(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return (await stream.receive(64)).startswith(b"HTTP/1.1 200")
    except (OSError, TimeoutError, anyio.EndOfStream, anyio.BrokenResourceError):
        return False
