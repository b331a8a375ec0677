"""Operations on what was done: receipts, their chain, standing permissions, and reasons."""

from datetime import datetime

from anyio import to_thread
from pydantic import BaseModel

from voiceos.api.desk import Desk
from voiceos.api.operations import Count, operation
from voiceos.api.reviewing import no_turn
from voiceos.errors import UsageError
from voiceos.skills import why as whys
from voiceos.store import permissions as store
from voiceos.store.acts import receipts, verify_acts


class Act(BaseModel):
    """A receipt of something that was done, failed or refused."""

    act: str
    at: datetime
    done: bool
    progress: str
    """begun, done, failed, refused, or doubted: cut off, so that nobody knows."""
    result: str
    """What was said of it."""
    arguments: dict[str, object]
    origins: dict[str, str]
    """Where each argument comes from."""
    rule: str
    """Who allowed or refused it, and by which rule."""
    who: str
    device: str
    turn: str


@operation("acts.list")
async def acts(desk: Desk, count: Count = 20, since: datetime | None = None, reads: bool = False) -> list[Act]:
    """The last acts, newest first, from their receipts: what was done, when, with which arguments and result.

    `reads`: also what was only read.
    """
    found = await desk.reading(lambda db: receipts(db, since=since, count=count, reads=reads))
    return [
        Act(
            act=one.act,
            at=one.at,
            done=one.done,
            progress=one.progress,
            result=one.result,
            arguments=dict(one.arguments),
            origins=dict(one.origins),
            rule=one.rule,
            who=one.who,
            device=one.device,
            turn=one.turn,
        )
        for one in found
    ]


class ActsVerified(BaseModel):
    links: int
    """Steps in the chain."""
    acts: int
    """Receipts whose words are there."""
    forgotten: int
    wrong: list[str]
    """What does not fit, a sentence each."""


@operation("acts.verify")
async def verify(desk: Desk) -> ActsVerified:
    """Whether every receipt is what it was when it was written, and none is missing."""
    found = await desk.reading(verify_acts)
    return ActsVerified(links=found.links, acts=found.acts, forgotten=found.forgotten, wrong=found.wrong)


class Standing(BaseModel):
    """Something that is done without a question until it is taken back."""

    id: int
    tool: str
    values: list[str]
    """The values that were allowed, each after its name."""
    who: str
    at: datetime


@operation("permissions.list")
async def permissions(desk: Desk) -> list[Standing]:
    """What was allowed for good, the oldest first."""
    found = await desk.reading(store.permissions)
    return [Standing(id=one.id, tool=one.tool, values=list(one.doubtful), who=one.who, at=one.at) for one in found]


class TakenBack(BaseModel):
    taken_back: int


@operation("permissions.take_back")
async def take_back(desk: Desk, id: int) -> TakenBack:
    """Takes back what was allowed for good; it is asked about again."""
    async with desk.host.memory.another() as db:
        if not await to_thread.run_sync(lambda: store.take_back(db, id)):
            raise UsageError(f"There is no permission {id}. `voiceos permissions` lists them.")
    return TakenBack(taken_back=id)


class Cause(BaseModel):
    """One cause of what was said or done in a turn."""

    kind: str
    """words, skill, reworded, rule, memory, read, act or model."""
    text: str
    about: str
    """What it points to: the id of the turn, record or receipt, the name of the skill or model."""


@operation("why")
async def why(desk: Desk, turn: str) -> list[Cause]:
    """Why a turn ended as it did, from its record. `turn`: its id, the beginning of it, or `last`."""
    found = await desk.host.turns(
        lambda turns: next(iter(turns.recent(1)), None) if turn == "last" else turns.get(turn)
    )
    if found is None:
        raise no_turn(turn)
    told = await desk.reading(lambda db: whys.reasons(db, found.id))
    return [Cause(kind=one.kind, text=one.text, about=one.about) for one in told]
