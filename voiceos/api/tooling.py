"""Operations on the tools of others: what there is, what they may do, and calling one."""

import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Literal

import anyio
from anyio import to_thread
from pydantic import BaseModel, Field

from voiceos.api.desk import Desk
from voiceos.api.jobs import Teller, job
from voiceos.api.operations import Count, Text, operation
from voiceos.core import OWNER
from voiceos.errors import StoreError, UsageError
from voiceos.tools.gate import OwnersGate
from voiceos.tools.mcp.journal import last
from voiceos.tools.mcp.listed import note_of
from voiceos.tools.mcp.toolbox import Known, McpToolbox
from voiceos.tools.permission import Support
from voiceos.tools.tool import BY_HAND, Call, Effect, Trail

Names = Annotated[tuple[Text, ...], Field(min_length=1)]
May = Literal["read", "ask", "act"]


class Tool(BaseModel):
    """A tool of a server."""

    name: str
    about: str
    may: May | None
    """What it was allowed to do, perhaps before it changed."""
    proposed: May
    """What its server says that it may do."""
    why_not: str
    """Why it is not offered: new, changed, denied, gone, or what is wrong with it."""
    note: str
    """What else there is to know: that no form can be made of its arguments, or that it is listed more than once."""
    arguments: dict[str, object]
    """JSON Schema."""


class Server(BaseModel):
    """A server of tools."""

    name: str
    where: str
    """Its command or address."""
    state: str
    tools: list[Tool]


class Answer(BaseModel):
    """What a call brought."""

    text: str
    failed: bool
    seconds: float


@operation("tools.list")
async def all_(desk: Desk) -> list[Server]:
    """Every server of tools, with the tools that were allowed. Starts none."""
    box = box_of(desk)
    allowed = await box.tools()
    return [
        Server(
            name=name,
            where=one.url or " ".join([one.command, *one.args]),
            state=box.servers[name].state,
            tools=[
                Tool(
                    name=tool.name,
                    about=tool.about,
                    may=tool.effect.value,
                    proposed=tool.effect.value,
                    why_not="",
                    note=note_of(tool.schema),
                    arguments=dict(tool.schema),
                )
                for tool in allowed
                if tool.server == name
            ],
        )
        for name, one in box.settings.items()
    ]


@operation("tools.look")
async def look(desk: Desk, server: Text) -> list[Tool]:
    """What a server has now, and what was decided about it. Starts it."""
    return [_tool(one) for one in await box_of(desk).known(server)]


@operation("tools.allow")
async def allow(desk: Desk, names: Names, may: May | None = None) -> list[Tool]:
    """Allows tools (SERVER.TOOL), or all of a server, as they are now. `may`: what, instead of what was proposed."""
    box = box_of(desk)
    known = await _known(box, names)
    return [_tool(one) for one in await box.allow(known, Effect(may) if may else None)]


@operation("tools.deny")
async def deny(desk: Desk, names: Names) -> list[Tool]:
    """Denies tools (SERVER.TOOL), or all of a server. They are not offered."""
    box = box_of(desk)
    return [_tool(one) for one in await box.deny(await _known(box, names))]


@operation("tools.call")
async def call(desk: Desk, name: Text, arguments: dict[str, object]) -> Answer:
    """Calls a tool that was allowed, in the owner's own words, with a receipt."""
    box = box_of(desk)
    tool = next((one for one in await box.tools() if one.name == name), None)
    if tool is None:
        server = name.partition(".")[0]
        there = {one.name: one.why_not for one in await box.known(server)}
        if name in there:
            raise UsageError(f"{name} is not allowed ({there[name]}). See `voiceos tools allow {name}`.")
        raise UsageError(f"{server} has no tool {name}. See `voiceos tools list {server}`.")
    began = anyio.current_time()
    trail = Trail(uuid.uuid4().hex[:12], OWNER, BY_HAND, [name])
    result = await OwnersGate(box, box, _asked_for).by_hand(Call(tool, arguments), trail)
    return Answer(text=result.text, failed=result.failed, seconds=round(anyio.current_time() - began, 3))


@operation("tools.log")
async def log(desk: Desk, server: Text, count: Count = 50) -> list[str]:
    """The last lines that a server has written on its standard error."""
    file = box_of(desk).log(server)
    return await to_thread.run_sync(lambda: last(file, count))


@operation("tools.forget")
async def forget(desk: Desk, server: Text) -> int:
    """Drops what was decided about a server's tools, and says for how many."""
    return await box_of(desk).forget(server)


class Login(BaseModel):
    """A step of a login: the address to open, then how many tools there are."""

    address: str = ""
    tools: int | None = None


@operation("tools.login")
def login(desk: Desk, server: Text) -> AsyncIterator[Login]:
    """Logs in to a server: the address that the owner opens in a browser, then the number of its tools."""

    async def work(teller: Teller) -> None:
        tools = await box_of(desk).login(server, lambda address: teller.send(Login(address=address)))
        await teller.send(Login(tools=tools))

    return job(desk, f"logging in to {server}", work)


@operation("tools.redirected")
async def redirected(desk: Desk, server: Text, address: Text) -> bool:
    """Where the browser was sent at the end of a login."""
    box_of(desk).redirected(server, address)
    return True


@operation("tools.reload")
async def reload(desk: Desk) -> list[str]:
    """Reads the servers of tools from the settings again. Returns their names."""
    box = box_of(desk)
    if desk.load is None:
        raise UsageError(f"Start `{desk.by}` again: it keeps the settings that it began with.")
    box.adopt((await to_thread.run_sync(desk.load)).tools.mcp)
    return list(box.servers)


def _asked_for(*call: object) -> Support:
    """What is typed is asked for."""
    return Support.PLAIN


def box_of(desk: Desk) -> McpToolbox:
    """The servers of tools. Raises StoreError."""
    if desk.host.tools is None:
        raise StoreError("There is no store to keep what is allowed in. See `voiceos doctor`.")
    return desk.host.tools


async def _known(box: McpToolbox, names: Sequence[str]) -> list[Known]:
    """The tools that are named, or whose server is."""
    found: list[Known] = []
    for server in dict.fromkeys(name.partition(".")[0] for name in names):
        known = {one.name: one for one in await box.known(server)}
        asked = [*known] if server in names else [name for name in names if name.startswith(f"{server}.")]
        for name in asked:
            if name not in known:
                raise UsageError(f"{server} has no tool {name}. See `voiceos tools list {server}`.")
            if server not in names and (fault := known[name].tool.fault):
                raise UsageError(f"{name} cannot be used: {fault}.")
            found.append(known[name])
    return found


def _tool(one: Known) -> Tool:
    return Tool(
        name=one.name,
        about=one.tool.about,
        may=one.effect.value if one.effect else None,
        proposed=one.tool.proposed.value,
        why_not=one.why_not,
        note="" if one.tool.fault else note_of(one.tool.schema, twice=one.tool.twice),
        arguments=dict(one.tool.schema),
    )
