"""Operations on the resources of servers: what there is, and taking it into the memory."""

import functools
from collections.abc import Sequence

from anyio import to_thread
from pydantic import BaseModel

from voiceos.api.desk import Desk
from voiceos.api.operations import Text, operation
from voiceos.api.tooling import box_of
from voiceos.errors import ToolError, UsageError
from voiceos.memory.ingest.intake import Intake
from voiceos.memory.ingest.taken import taken_from, taken_source
from voiceos.skills.prompts.of_servers import name_of


class Resource(BaseModel):
    """A resource that a server lists."""

    uri: str
    name: str
    about: str
    type: str
    """As the server says it; empty: it does not say."""
    size: int | None
    """Bytes, if the server says it."""
    taken: bool
    """Whether it is in the memory."""


class Taken(BaseModel):
    """What became of one resource."""

    uri: str
    source: str
    """Its source in the memory: `memory.forget` takes it."""
    new: int = 0
    """Records."""
    changed: int = 0
    vanished: int = 0
    """Records that are gone, because it no longer has them."""
    problem: str = ""
    """Why it was not taken; empty: it was."""


class AllTaken(BaseModel):
    """What became of each."""

    each: list[Taken]
    not_yet_by_meaning: int
    """Passages that are found by their words alone until `memory.read`, or until it has been quiet for a while."""


@operation("tools.resources")
async def resources(desk: Desk, server: Text) -> list[Resource]:
    """The resources that a server lists. Starts it."""
    found = await box_of(desk).resources(server)
    there = set(await desk.reading(lambda db: taken_from(db, server)))
    return [
        Resource(uri=one.uri, name=one.name, about=one.about, type=one.type, size=one.size, taken=one.uri in there)
        for one in found
    ]


@operation("tools.take")
async def take(desk: Desk, server: Text, uris: tuple[Text, ...] = ()) -> AllTaken:
    """Takes resources of a server into the memory, in place of what was taken of them before; without `uris` again all
    that was taken from it. Only texts, of at most 2 MB."""
    box, memory = box_of(desk), desk.host.memory
    wanted: Sequence[str] = uris or await desk.reading(lambda db: taken_from(db, server))
    if not wanted:
        raise UsageError(f"Nothing was taken from {server} yet. See `voiceos tools resources {server}`.")
    each = list[Taken]()
    async with memory.another() as db:
        for uri in wanted:
            one = Taken(uri=uri, source=taken_source(server, uri))
            each.append(one)
            try:
                found = await box.resource(server, uri)
            except ToolError as error:
                one.problem = str(error)
                continue
            what = (one.source, found.name, found.type, found.text, name_of(server))
            report = await to_thread.run_sync(functools.partial(Intake(db).take, *what))
            one.new, one.changed, one.vanished = report.new, report.changed, report.vanished
            one.problem = next((skipped.reason for skipped in report.skipped if skipped.lost), "")
    await to_thread.run_sync(memory.catch_up_words)
    desk.host.upkeep.want()
    return AllTaken(each=each, not_yet_by_meaning=await to_thread.run_sync(memory.unread))
