"""One server: started when it is needed, by a task of its own, watched, and given up on for a while when it fails."""

import importlib
import logging
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import anyio
from anyio import to_thread

from voiceos.errors import ToolError, VoiceosError
from voiceos.tools.mcp.elicit import Ask
from voiceos.tools.mcp.failures import broken, refusal, sentence
from voiceos.tools.mcp.link import Ended
from voiceos.tools.mcp.listed import Listed, listed
from voiceos.tools.mcp.offers import all_of
from voiceos.tools.mcp.words import told, visible
from voiceos.tools.tool import Arguments, Result
from voiceos.tools.valid import Schema

log = logging.getLogger(__name__)
T = TypeVar("T")

IDLE_SECONDS = 600.0
"""After so long without a call it is ended: a small board has better use for its memory."""
LIST_SECONDS = 300.0
"""After so long its tools are looked at again before the next call, should it not have told of a change."""
FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 300.0
STEADY_SECONDS = 60.0
"""Who has worked so long has not failed to start."""

END_SECONDS = 10.0
"""In which the last of a server is over, whatever it does."""

Heed = Callable[[Any], Any]
"""Gets what a server tells without being asked."""
Connect = Callable[[Ended, Heed, Ask | None], AbstractAsyncContextManager[Any]]
"""Opens a client of the SDK on a server, and tells when that ends. It may ask the owner something, if there is how."""


@dataclass(slots=True)
class _Run:
    """One life of the server."""

    ended: Ended = field(default_factory=Ended)
    ready: anyio.Event = field(default_factory=anyio.Event)
    """It works, or has failed."""
    gone: anyio.Event = field(default_factory=anyio.Event)
    client: Any = None
    failure: ToolError | None = None
    tools: Sequence[Listed] = ()
    listed_at: float = 0.0
    stale: bool = False
    """It said that its tools have changed."""
    calls: int = 0
    """At work now."""
    last: float = 0.0


class Server:
    """`run` it in a task group, for as long as it may be called."""

    def __init__(
        self,
        name: str,
        connect: Connect,
        *,
        start_seconds: float,
        call_seconds: float,
        is_elsewhere: bool = False,
        ask: Ask | None = None,
    ) -> None:
        """`is_elsewhere`: a new connection costs little, so one that broke is replaced at once."""
        self.name = name
        self._connect = connect
        self._start_seconds = start_seconds
        self._call_seconds = call_seconds
        self._is_elsewhere = is_elsewhere
        self._ask = ask
        self._limits: set[anyio.CancelScope] = set()
        self._run: _Run | None = None
        self._wanted = anyio.Event()
        self._failures = 0
        self._not_before = 0.0
        self._why = ""
        self._listing = anyio.Lock()
        self.last_listed: Sequence[Listed] | None = None
        """Its tools when they were last looked at, perhaps in an earlier life; None: not yet."""

    @property
    def state(self) -> str:
        """In a word or two, for people."""
        if self._run:
            return "running" if self._run.ready.is_set() else "starting"
        return f"failed: {self._why}" if self._why else "not started"

    async def run(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted = anyio.Event()
            if self._run:
                began = anyio.current_time()
                try:
                    await self._live(self._run)
                finally:
                    run, self._run = self._run, None
                    if not run.ready.is_set():
                        run.failure = run.failure or self._away("it was stopped")
                    run.ready.set()
                    run.gone.set()
                self._note(run, anyio.current_time() - began)

    async def _live(self, run: _Run) -> None:
        def heed(message: Any) -> None:
            run.stale |= getattr(message, "method", "") == "notifications/tools/list_changed"

        await to_thread.run_sync(importlib.import_module, "mcp")  # a second, or five on a small board
        with anyio.CancelScope(deadline=anyio.current_time() + self._start_seconds) as scope:
            try:
                async with self._connect(run.ended, heed, self._asked if self._ask else None) as client:
                    run.client = client
                    await self._look(run)
                    scope.deadline = float("inf")
                    run.last = anyio.current_time()
                    run.ready.set()
                    await self._watch(run)
            except Exception as error:  # a stranger's program, and the library raises what it likes on its answers
                run.failure = self._away(run.ended.why or broken(error))
                log.debug("%s: %s", self.name, run.failure, exc_info=error)
        if scope.cancelled_caught:
            run.failure = self._away(f"it did not start within {self._start_seconds:.0f} seconds")
        if run.ended.over and not run.failure:
            run.failure = self._away(run.ended.why)

    def _away(self, why: str) -> ToolError:
        return ToolError(f"The tools of {self.name} cannot be used: {why}.")

    async def _watch(self, run: _Run) -> None:
        """Until it ends, or nobody has needed it for long."""
        while not run.ended.over:
            with anyio.CancelScope(deadline=run.last + IDLE_SECONDS):
                await run.ended.wait()
            if not run.calls and anyio.current_time() >= run.last + IDLE_SECONDS:
                return
            if run.calls:
                run.last = anyio.current_time()

    def _note(self, run: _Run, lived: float) -> None:
        self._why = str(run.failure).partition(": ")[2] if run.failure else ""
        if not run.failure or (self._is_elsewhere and run.listed_at):
            self._failures = 0
            return
        log.info("%s", run.failure)  # whoever needs it gets it
        self._failures = 1 if lived > STEADY_SECONDS else self._failures + 1
        wait = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (self._failures - 1))
        self._not_before = anyio.current_time() + wait

    async def tools(self) -> Sequence[Listed]:
        """What it has now. Starts it if need be. Raises ToolError."""
        run = await self._running()
        await self._fresh(run)
        return run.tools

    async def call(self, name: str, arguments: Arguments) -> Result:
        """Raises ToolError, `unsure` where the call had been sent and nothing came back."""

        async def called(client: Any) -> Result:
            try:
                answer = await client.call_tool(name, dict(arguments))
            except Exception as error:
                if answered := refusal(error):
                    return Result(visible(answered, 500), failed=True)
                raise
            return Result(told(answer.content, answer.structured_content), bool(answer.is_error))

        return await self.do(called, name)

    async def do(self, work: Callable[[Any], Awaitable[T]], what: str) -> T:
        """What some work with its client brings, which ends in time. Raises ToolError, like `call`."""
        run = await self._running()
        run.calls += 1
        try:
            with self._limited():
                return await self._done(run, work, what)
            if run.calls == 1:  # it hangs
                run.ended.because(f"it did not answer within {self._call_seconds:.0f} seconds")
            slow = f"{self.name} did not answer within {self._call_seconds:.0f} seconds."
            raise ToolError(slow, unsure=True)
        finally:
            run.calls -= 1
            run.last = anyio.current_time()

    @contextmanager
    def _limited(self) -> Generator[None]:
        """So long a call may take."""
        with anyio.move_on_after(self._call_seconds) as scope:
            self._limits.add(scope)
            try:
                yield
            finally:
                self._limits.discard(scope)

    async def _asked(self, question: str, schema: Schema) -> Mapping[str, object] | None:
        """While the owner thinks, no call's time runs."""
        assert self._ask
        for scope in self._limits:
            scope.deadline = float("inf")
        try:
            return await self._ask(question, schema)
        finally:
            for scope in self._limits:
                scope.deadline = anyio.current_time() + self._call_seconds

    async def _done(self, run: _Run, work: Callable[[Any], Awaitable[T]], what: str) -> T:
        try:
            return await work(run.client)
        except VoiceosError:
            raise
        except Exception as error:
            if run.ended.over:
                raise ToolError(f"{self.name} did not answer: {run.ended.why}.", unsure=True) from error
            if refused := refusal(error):
                raise ToolError(f"{self.name} refused {what}: {visible(refused, 500).rstrip('. ')}.") from error
            why = broken(error)
            log.info("%s, %s: %s", self.name, what, why)
            run.ended.because(why)
            raise ToolError(f"{self.name} did not answer properly: {why}.", unsure=True) from error

    async def _running(self) -> _Run:
        if self._run and self._run.ended.over:
            with anyio.move_on_after(END_SECONDS):
                await self._run.gone.wait()
        if self._run is None:
            if anyio.current_time() < self._not_before:
                wait = self._not_before - anyio.current_time()
                raise self._away(f"{self._why.rstrip('.')}. They may be tried again in {wait:.0f} s")
            self._run = _Run()
            self._wanted.set()
        run = self._run
        with anyio.move_on_after(self._start_seconds + END_SECONDS):  # its own task has nearly the same limit
            await run.ready.wait()
        if run.failure or not run.ready.is_set():
            raise ToolError(str(run.failure or self._away("it is still starting")))
        return run

    async def _fresh(self, run: _Run) -> None:
        async with self._listing:
            if run.stale or anyio.current_time() > run.listed_at + LIST_SECONDS:
                with anyio.move_on_after(self._call_seconds):
                    try:
                        await self._look(run)
                    except Exception as error:
                        raise ToolError(f"{self.name} does not say what it can do: {sentence(error)}.") from error
                    return
                raise ToolError(f"{self.name} does not say what it can do.")

    async def _look(self, run: _Run) -> None:
        run.stale = False
        has_tools = run.client.server_capabilities.tools is not None
        run.tools = listed(await all_of(run.client.list_tools, "tools") if has_tools else [])
        run.listed_at = anyio.current_time()
        self.last_listed = run.tools
