"""The tools of all servers that the owner has allowed, and what there is to decide on."""

import functools
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

import anyio
from anyio.abc import TaskGroup

from voiceos.clock import local_time
from voiceos.config.settings import McpSettings
from voiceos.errors import ToolError, UsageError
from voiceos.language.sentences import say
from voiceos.store.database import Connection
from voiceos.store.tools import Decision, decide, decisions, undecide
from voiceos.tools.mcp import offers
from voiceos.tools.mcp.connection import connected, origin_of
from voiceos.tools.mcp.failures import failing
from voiceos.tools.mcp.journal import log_of
from voiceos.tools.mcp.link import Ended
from voiceos.tools.mcp.listed import Listed, public_names
from voiceos.tools.mcp.login import Pending
from voiceos.tools.mcp.offers import Prompt, Resource
from voiceos.tools.mcp.questions import Questions
from voiceos.tools.mcp.server import Connect, Server
from voiceos.tools.permission import spoken
from voiceos.tools.tool import Arguments, Effect, Result, Tool
from voiceos.tools.valid import check_arguments

T = TypeVar("T")
LOGIN_SECONDS = 600.0


class Stored(Protocol):
    async def __call__(self, work: Callable[[Connection], T]) -> T:
        """Works on the store, outside the loop. Raises StoreError."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """A tool as its server has it now, and what the owner has decided of it."""

    server: str
    name: str
    """SERVER.TOOL, as it is called."""
    tool: Listed
    effect: Effect | None
    """What it was allowed to do, perhaps before it changed; None where it never was."""
    why_not: str
    """In words: new, changed, denied, gone, or what is wrong with it; "" where it is allowed."""


class McpToolbox:
    """A `Toolbox`. Nothing is started before it is needed, and no tool is offered that the owner has not allowed."""

    def __init__(
        self,
        servers: Mapping[str, McpSettings],
        stored: Stored,
        folder: Path,
        *,
        connect: Callable[[str], Connect] | None = None,
        now: Callable[[], datetime] = local_time,
    ) -> None:
        """`folder`: in which each server gets a folder to work in. `connect`: opens a server by its name."""
        self.settings: Mapping[str, McpSettings] = {}
        self.servers: dict[str, Server] = {}
        self.questions = Questions()
        self.stored = stored
        self._folder = folder
        self._connect = connect
        self._now = now
        self._tasks: TaskGroup | None = None
        self._logins: dict[str, Pending] = {}
        self._scopes: dict[str, anyio.CancelScope] = {}
        self.adopt(servers)

    def adopt(self, servers: Mapping[str, McpSettings]) -> None:
        """New settings. What they leave alone goes on; what they change or do not have any more ends."""
        for name in [name for name, one in self.settings.items() if servers.get(name) != one]:
            del self.servers[name]
            if scope := self._scopes.pop(name, None):
                scope.cancel()
        self.settings = servers
        for name, one in servers.items():
            if name not in self.servers:
                self.servers[name] = self._server(name, one)
                if self._tasks:
                    self._tasks.start_soon(self._run, name)

    def _server(self, name: str, one: McpSettings) -> Server:
        opening = self._connect(name) if self._connect else functools.partial(connected, name, one, self._folder / name)
        limits = {"start_seconds": one.start_seconds, "call_seconds": one.call_seconds}
        ask = functools.partial(self.questions.ask, name)
        return Server(name, opening, **limits, is_elsewhere=bool(one.url), ask=ask)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """While it is entered, servers are started when they are needed; then they end."""
        async with anyio.create_task_group() as self._tasks:
            for name in self.servers:
                self._tasks.start_soon(self._run, name)
            try:
                yield
            finally:
                self._tasks.cancel_scope.cancel()
                self._tasks = None

    async def _run(self, name: str) -> None:
        with anyio.CancelScope() as self._scopes[name]:
            await self.servers[name].run()

    def log(self, server: str) -> Path:
        """The file with what a server has written on its standard error."""
        self._must_be(server)
        return log_of(self._folder / server)

    # To call

    async def tools(self) -> Sequence[Tool]:
        """All that the owner has allowed, as they were then, and are as far as is known. Starts nothing."""
        found: list[Tool] = []
        for name, server in self.servers.items():
            made = await self._decisions(name)
            names = public_names([*made])
            there = server.last_listed
            same = [one for one in made.values() if there is None or _is_among(one, there)]
            found += (self._tool(one, names[one.name]) for one in same if one.effect)
        return found

    def _tool(self, made: Decision, public: str) -> Tool:
        listed = Listed(made.name, made.listed)
        name = f"{made.server}.{public}"
        run = functools.partial(self._call, name, made)
        return Tool(name, listed.about, listed.schema, Effect(made.effect), run)

    async def _call(self, name: str, made: Decision, arguments: Arguments) -> Result:
        check_arguments(name, Listed(made.name, made.listed).schema, arguments)
        server = self.servers[made.server]
        now = next((one for one in await server.tools() if one.name == made.name), None)
        if now is None:
            raise ToolError(f"{made.server} has no tool {made.name} any more. See `voiceos tools list {made.server}`.")
        if now.fingerprint != made.fingerprint:
            raise ToolError(
                f"{name} is not what was allowed: its description has changed. "
                f"Look at it with `voiceos tools list {made.server}`, then `voiceos tools allow {name}`.",
                spoken=say("tools.changed", server=spoken(made.server), tool=spoken(name)),
            )
        return await server.call(made.name, arguments)

    # What else a server has

    async def prompts(self, server: str) -> Sequence[Prompt]:
        """The prompts of a server, which is started. Raises ToolError, UsageError."""
        self._must_be(server)
        return await self.servers[server].do(offers.prompts, "its prompts")

    async def prompt(self, server: str, name: str, arguments: Mapping[str, str]) -> str:
        """What a prompt says: data of that server, whoever asked for it. Raises ToolError, UsageError."""
        self._must_be(server)
        return await self.servers[server].do(lambda client: offers.prompt(client, name, arguments), name)

    async def resources(self, server: str) -> Sequence[Resource]:
        """The resources that a server lists. Raises ToolError, UsageError."""
        self._must_be(server)
        return await self.servers[server].do(offers.resources, "its resources")

    async def resource(self, server: str, uri: str) -> Resource:
        """A resource, with its text. Raises ToolError, UsageError."""
        self._must_be(server)
        return await self.servers[server].do(lambda client: offers.resource(client, uri), uri)

    # To log in

    async def login(self, server: str, show: Callable[[str], Awaitable[None]]) -> int:
        """Logs in to a server: `show` gets the address that the owner opens, `redirected` where that led.

        Returns how many tools it has. Raises ToolError, UsageError.
        """
        self._must_be(server)
        one = self.settings[server]
        if not one.url:
            raise UsageError(f"{server} is a program on this machine; there is nothing to log in to.")

        async def browse(address: str) -> str:
            self._logins[server] = pending = Pending()
            await show(address)
            try:
                return await pending.wait(LOGIN_SECONDS)
            finally:
                del self._logins[server]

        with failing(server):
            async with connected(server, one, self._folder / server, Ended(), _heedless, browse=browse) as client:
                tools = len((await client.list_tools()).tools)
        self.adopt({name: other for name, other in self.settings.items() if name != server})  # one that failed is over
        self.adopt({**self.settings, server: one})
        return tools

    def redirected(self, server: str, address: str) -> None:
        """Where the owner's browser was sent in the end. Raises UsageError when nobody logs in to that server."""
        if server not in self._logins:
            raise UsageError(f"Nobody is logging in to {server}. Start with `voiceos tools login {server}`.")
        self._logins[server].back(address)

    # To decide

    async def known(self, server: str) -> Sequence[Known]:
        """What a server has now, and what has become of what was decided. Starts it. Raises ToolError, UsageError."""
        self._must_be(server)
        made = await self._decisions(server)
        there = {one.name: one for one in await self.servers[server].tools()}
        gone = [Listed(one.name, one.listed) for one in made.values() if one.name not in there]
        names = public_names([*there, *(one.name for one in gone)])
        found = [self._known(server, names[one.name], one, made.get(one.name)) for one in there.values()]
        return [*found, *(Known(server, f"{server}.{names[one.name]}", one, None, "gone") for one in gone)]

    def _known(self, server: str, public: str, tool: Listed, made: Decision | None) -> Known:
        changed = made is not None and made.fingerprint != tool.fingerprint
        why_not = tool.fault or (
            "new" if made is None else "denied" if not made.effect else "changed" if changed else ""
        )
        effect = Effect(made.effect) if made and made.effect else None
        return Known(server, f"{server}.{public}", tool, effect, why_not)

    async def allow(self, known: Sequence[Known], effect: Effect | None = None) -> Sequence[Known]:
        """Allows these as they are; `effect`: what they may do, instead of what was proposed or allowed before."""
        return await self._decide(known, lambda one: effect or one.effect or one.tool.proposed)

    async def deny(self, known: Sequence[Known]) -> Sequence[Known]:
        return await self._decide(known, lambda one: "")

    async def _decide(self, known: Sequence[Known], effect: Callable[[Known], str]) -> Sequence[Known]:
        usable = [one for one in known if not one.tool.fault and one.why_not != "gone"]
        made = [
            Decision(
                one.server,
                one.tool.name,
                origin_of(self.settings[one.server]),
                one.tool.fingerprint,
                one.tool.said,
                effect(one),
                self._now(),
            )
            for one in usable
        ]
        await self.stored(lambda db: decide(db, made))
        return usable

    async def forget(self, server: str) -> int:
        """Drops what was decided of a server. Returns of how many tools."""
        return await self.stored(lambda db: undecide(db, server))

    async def _decisions(self, server: str) -> dict[str, Decision]:
        """Those that hold: another program under the same name inherits none."""
        origin = origin_of(self.settings[server])
        found = await self.stored(lambda db: decisions(db, server))
        return {one.name: one for one in found if one.origin == origin}

    def _must_be(self, server: str) -> None:
        if server not in self.servers:
            has = f"there are {', '.join(self.servers)}" if self.servers else "there are none yet"
            raise UsageError(
                f"No server of tools is called {server}; {has}. Add one with `voiceos tools add NAME COMMAND`."
            )


def _is_among(made: Decision, there: Sequence[Listed]) -> bool:
    """Whether a tool is still there, as it was decided on."""
    return any((one.name, one.fingerprint) == (made.name, made.fingerprint) for one in there)


def _heedless(message: object) -> None:
    """Whoever only logs in needs no news."""
