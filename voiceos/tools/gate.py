"""The one way to call a tool: permission, consent and receipt are on it."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import anyio

from voiceos.clock import local_time
from voiceos.errors import ToolError
from voiceos.language.answers import yes_or_no
from voiceos.language.data import pattern
from voiceos.language.sentences import apology
from voiceos.store.acts import READING, Progress, Receipt, end, receipts, save_receipt, unended
from voiceos.store.database import Connection, transaction
from voiceos.store.permissions import PATIENCE, Consent, Permission, allow, permissions, take, wait, waiting
from voiceos.tools import permission
from voiceos.tools.origins import Traced, tainted, trace
from voiceos.tools.permission import OWNERS_NO, OWNERS_WORDS, OWNERS_YES, Denied, Doubtful, Support, judge
from voiceos.tools.tool import Call, Done, Effect, Refused, Result, Tool, Toolbox, Trail, Waits, Whence

T = TypeVar("T")
LONGEST_READ = 500
"""Characters of what was read that a receipt keeps."""
REMEMBERED = timedelta(minutes=10)
"""How long a no stands for the same values."""

Supports = Callable[[Sequence[str], Tool, Sequence[Tool]], Support]
"""How far the owner's words, the last said last, ask for a tool among all at hand. Blocks some milliseconds."""


class Store(Protocol):
    """Where receipts and consents are kept."""

    async def stored(self, work: Callable[[Connection], T]) -> T:
        """Works on the store in a thread, one after the other. Raises StoreError."""
        ...


@dataclass(frozen=True, slots=True)
class _No:
    """What the owner has said no to."""

    device: str
    tool: str
    values: frozenset[str]
    at: datetime


class OwnersGate:
    """A `Gate`: does what the owner asked for or agrees to, once, with a receipt written before it leaves."""

    def __init__(
        self, store: Store, toolbox: Toolbox, supports: Supports, *, now: Callable[[], datetime] = local_time
    ) -> None:
        self._store = store
        self._toolbox = toolbox
        self._supports = supports
        self._now = now
        self._noes: list[_No] = []
        self._running: set[int] = set()

    async def call(self, call: Call, trail: Trail) -> Done | Waits | Refused:
        """Makes a call, once, if rule or owner allow it. Raises ToolError where it was allowed but did not work."""
        traced, support = await anyio.to_thread.run_sync(self._looked_at, call, trail, await self._toolbox.tools())
        read = tainted(trail)
        verdict = judge(
            *(call.tool, traced),
            support=support,
            read=read.origin if read else None,
            permitted=await self._permitted(call.tool),
            declined=self._declined(call.tool, trail.device),
            words=trail.said[-1:],
        )
        receipt = self._receipt(call, traced, trail)
        if isinstance(verdict, Denied):
            await self._save(replace(receipt, progress=Progress.REFUSED, result=verdict.why, rule=verdict.rule))
            return Refused(verdict.why)
        if isinstance(verdict, Doubtful):
            one = Consent(
                tool=call.tool.name,
                stamp=stamp(call.tool),
                arguments=call.arguments,
                origins=receipt.origins,
                doubtful=[one.named for one in verdict.values],
                key=sorted(permission.key(verdict.values)),
                question=verdict.question,
                turn=trail.turn,
                who=trail.who,
                device=trail.device,
                until=self._now() + PATIENCE,
            )
            await self._store.stored(lambda db: wait(db, one))
            return Waits(verdict.question)
        return await self._make(call, replace(receipt, rule=verdict.rule))

    # The owner's answer

    async def waiting(self) -> Sequence[Consent]:
        """The calls that wait for a yes, as after a restart."""
        now = self._now()
        return [one for one in await self._store.stored(waiting) if now <= one.until <= now + PATIENCE]

    async def answer(self, words: str, turn: str, asked: str) -> Done | Refused | None:
        """What becomes of the call that a turn asked about, by what is said in a later one; None: nothing, for it is no
        answer, or the call no longer waits. Raises ToolError.

        A yes makes the call that was read out, once. It belongs into the part of a turn that is committed. Whether
        this person may answer, here and now, is known to who asks.
        """
        one = next((one for one in await self._store.stored(waiting) if one.turn == asked), None)
        yes = is_yes(words)
        if one is None or yes is None:
            return None
        receipt = Receipt(
            *(one.tool, turn, one.who, one.device, self._now(), Progress.BEGUN, "", one.arguments, one.origins),
            rule=OWNERS_YES if yes else OWNERS_NO,
        )
        tool = next((tool for tool in await self._toolbox.tools() if tool.name == one.tool), None)
        why = _why_not(one, tool) if yes else permission.said("no")
        if why or tool is None:
            if await self._refused(one, replace(receipt, progress=Progress.REFUSED, result=why)) and not yes:
                self._noes.append(_No(one.device, one.tool, frozenset(one.key), self._now()))
            return Refused(why)
        call = Call(tool, one.arguments)
        return await (self._always(call, receipt, one) if _is_for_good(words) else self._make(call, receipt, one))

    async def drop(self, asked: str) -> None:
        """What a turn asked waits no longer."""
        await self._store.stored(lambda db: take(db, asked))

    # What was cut off

    async def doubts(self) -> Mapping[int, str]:
        """What was cut off by a crash, by receipt, in a sentence each; until it is told."""
        found = await self._store.stored(unended)
        return {
            one.id: permission.doubt(one.act, one.arguments.items()) for one in found if one.id not in self._running
        }

    async def told(self, receipt: int) -> None:
        """The owner has heard of a doubt."""
        said = permission.said("unsure")
        await self._store.stored(lambda db: end(db, receipt, Progress.DOUBTED, said, self._now()))

    # Making it

    async def by_hand(self, call: Call, trail: Trail) -> Result:
        """Makes a call that the owner typed, with every value of it. Raises ToolError where it did not work."""
        origins = dict.fromkeys(call.arguments, str(Whence.OWNER))
        rule = OWNERS_WORDS if call.tool.effect is Effect.ACT else READING
        outcome = await self._make(call, replace(self._receipt(call, (), trail), origins=origins, rule=rule))
        if isinstance(outcome, Refused):
            raise ToolError(outcome.why)
        return outcome.result

    async def _make(self, call: Call, receipt: Receipt, consent: Consent | None = None) -> Done | Refused:
        acts = call.tool.effect is Effect.ACT
        try:
            return await (self._act(call, receipt, consent) if acts else self._read(call, receipt))
        except ToolError as error:
            error.unsure &= acts
            error.spoken = error.spoken or permission.said("broken", tool=permission.spoken(call.tool.name))
            raise

    async def _act(self, call: Call, receipt: Receipt, consent: Consent | None) -> Done | Refused:
        with anyio.CancelScope(shield=True):  # what has begun is finished, with its receipt
            begun = await self._store.stored(lambda db: _begin(db, receipt, consent))
            if not isinstance(begun, int):
                return begun
            self._running.add(begun)
            try:
                result = await call.tool.run(call.arguments)
            except ToolError as error:
                await self._end(
                    begun, Progress.DOUBTED if error.unsure else Progress.FAILED, error.spoken or str(error)
                )
                raise
            await self._end(begun, Progress.FAILED if result.failed else Progress.DONE, result.text)
            return Done(result)
        raise AssertionError  # for the type checker: the scope swallows nothing

    async def _always(self, call: Call, receipt: Receipt, one: Consent) -> Done | Refused:
        """Makes a call that is to be allowed for good. What the model made up, or what did not work, counts once."""
        try:
            made = await self._make(call, receipt, one)
        except ToolError as error:
            spoken = f"{apology(error)} {permission.said('once')}"
            raise ToolError(str(error), spoken=spoken, unsure=error.unsure) from error
        if isinstance(made, Refused):
            return made
        if made.result.failed:
            return replace(made, note=permission.said("once"))
        if any(origin.partition(":")[0] == Whence.MODEL for origin in one.origins.values()):
            return replace(made, note=permission.said("once_unsaid"))
        await self._store.stored(lambda db: allow(db, self._for_good(one)))
        return made

    async def _read(self, call: Call, receipt: Receipt) -> Done:
        """A call that changes nothing may be cut off, and made again."""
        try:
            result = await call.tool.run(call.arguments)
        except ToolError as error:
            await self._save(replace(receipt, progress=Progress.FAILED, result=error.spoken or str(error)))
            raise
        progress = Progress.FAILED if result.failed else Progress.DONE
        await self._save(replace(receipt, progress=progress, result=result.text[:LONGEST_READ]))
        return Done(result)

    async def _end(self, id: int, progress: Progress, result: str) -> None:
        await self._store.stored(lambda db: end(db, id, progress, result, self._now()))
        self._running.discard(id)

    async def _save(self, receipt: Receipt) -> None:
        await self._store.stored(lambda db: save_receipt(db, receipt))

    async def _refused(self, one: Consent, receipt: Receipt) -> bool:
        def work(db: Connection) -> bool:
            with transaction(db):
                taken = take(db, one.turn)
                if taken:
                    save_receipt(db, receipt)
            return taken

        return await self._store.stored(work)

    # Looking at it

    def _looked_at(self, call: Call, trail: Trail, tools: Sequence[Tool]) -> tuple[list[Traced], Support]:
        traced = trace(call, trail, self._now())
        free = call.tool.effect is Effect.READ
        return traced, Support.PLAIN if free else self._supports(trail.said, call.tool, tools)

    def _receipt(self, call: Call, traced: Sequence[Traced], trail: Trail) -> Receipt:
        origins = {one.value.path: _named(one) for one in traced if not one.part}
        return Receipt(
            *(call.tool.name, trail.turn, trail.who, trail.device, self._now(), Progress.BEGUN, ""),
            *(call.arguments, origins),
        )

    async def _permitted(self, tool: Tool) -> Mapping[int, Sequence[str]]:
        """The values of the standing permissions for a tool as it is now."""
        if tool.effect is Effect.READ:
            return {}
        found = await self._store.stored(lambda db: permissions(db, tool.name))
        return {one.id: one.doubtful for one in found if one.stamp == stamp(tool)}

    def _for_good(self, one: Consent) -> Permission:
        return Permission(one.tool, one.stamp, one.doubtful, one.who, self._now())

    def _declined(self, tool: Tool, device: str) -> list[frozenset[str]]:
        self._noes = [no for no in self._noes if self._now() - no.at <= REMEMBERED]
        return [no.values for no in self._noes if no.tool == tool.name and no.device == device]


def stamp(tool: Tool) -> str:
    """What a tool is: another one under its name has another stamp."""
    said = json.dumps([tool.name, tool.about, tool.schema, tool.effect], sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def is_yes(words: str) -> bool | None:
    """Whether some words are a yes to a call, once or for good; None where they are no answer."""
    return _is_for_good(words) or yes_or_no(words)


def _is_for_good(words: str) -> bool:
    return pattern("en", "permission", "always").fullmatch(words.strip()) is not None


def _begin(db: Connection, receipt: Receipt, consent: Consent | None) -> int | Done | Refused:
    """Writes that a call is about to leave, and takes its consent, at once. What its turn did is not done again."""
    with transaction(db):
        for one in receipts(db, turn=receipt.turn):
            if one.act == receipt.act and dict(one.arguments) == dict(receipt.arguments):
                if one.progress is Progress.DONE:
                    return Done(Result(one.result))
                if one.progress in (Progress.BEGUN, Progress.DOUBTED):
                    return Refused(permission.said("unsure"))
        if consent and not take(db, consent.turn):
            return Refused(permission.said("twice"))
        return save_receipt(db, receipt)


def _why_not(one: Consent, tool: Tool | None) -> str:
    if tool is None:
        return permission.said("gone", tool=permission.spoken(one.tool))
    return "" if stamp(tool) == one.stamp else permission.said("changed", tool=permission.spoken(one.tool))


def _named(one: Traced) -> str:
    origin = one.origin
    return f"{origin.whence}: {origin.where}" if origin.where else str(origin.whence)
