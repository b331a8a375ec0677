"""Asks for what is due by itself, with nobody there, and tells what came of it."""

import logging
from collections.abc import AsyncGenerator, Callable

import anyio
from anyio.abc import TaskStatus

from voiceos.core import Part, Turn
from voiceos.errors import StoreError, VoiceosError
from voiceos.language.sentences import apology, say
from voiceos.skills.routines import told_steps
from voiceos.skills.skill import Workshop
from voiceos.store.under_way import UnderWay, end, under_way
from voiceos.timekeeper import Timekeeper

log = logging.getLogger(__name__)

AskByItself = Callable[[str, str], AsyncGenerator[Part | Turn, None]]
"""The parts of a reply to a sentence, for a person."""


class Unattended:
    """Routines at their time, and what follows a timer. Each is done at most once, and none is lost in silence."""

    def __init__(self, workshop: Workshop, keeper: Timekeeper, ask: AskByItself) -> None:
        self._workshop = workshop
        self._keeper = keeper
        self._ask = ask

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Until cancelled. Started once it knows what an earlier life of this process has left."""
        async with anyio.create_task_group() as tasks:
            await self._tell_unfinished()
            self._keeper.on_due.append(lambda one: tasks.start_soon(self._do, one))
            task_status.started()
            await anyio.sleep_forever()

    async def _tell_unfinished(self) -> None:
        """Tells of what was under way when this process was last killed: nobody knows how far it came."""
        try:
            left = await self._workshop.stored(under_way)
        except StoreError as error:
            log.warning("It is not known what was under way: %s", error)
            return
        for one in left:
            key = "unfinished_timer" if one.kind == "timer" else "unfinished_routine"
            sentence = say(key, name=one.name, steps=told_steps(one.steps))
            self._keeper.remark(sentence, lambda id=one.id: self._over(id))

    async def _do(self, one: UnderWay) -> None:
        """One step after the other, to the end."""
        told = ""
        try:
            for step in one.steps:
                async for part in self._ask(step, one.who):
                    told += part.text if isinstance(part, Part) else " "
        except VoiceosError as error:
            told += apology(error)
        if told := " ".join(told.split()):
            self._keeper.remark(
                say("ended_timer" if one.kind == "timer" else "ended_routine", name=one.name, told=told)
            )
        self._over(one.id)

    def _over(self, id: int) -> None:
        try:
            self._workshop.work(lambda db: end(db, id))
        except StoreError as error:
            log.warning("It cannot be kept that something has ended: %s", error)
