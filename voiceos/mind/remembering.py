"""A mind with a memory: recalls what bears on a question, and does what is asked of the memory itself."""

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from anyio import to_thread

from voiceos.clock import local_time
from voiceos.core import Action, Mind, Outcome, Part, Recalled, Turn
from voiceos.errors import StoreError
from voiceos.language.questions import asks, content
from voiceos.language.replies import say
from voiceos.memory.memory import Memory
from voiceos.mind.quoting import named, origin, shortened, spoken
from voiceos.mind.requests import (
    About,
    ForgetAbout,
    ForgetThat,
    Remember,
    Request,
    Said,
    Talked,
    Why,
    Wrong,
    is_yes,
    request_in,
)

log = logging.getLogger(__name__)

MOST_SPOKEN = 3
"""Memories that are told at once; more than a person would listen to."""
MOST_NEAR = 2
"""And of those that only come near to a question."""
SURE = 0.8
"""How likely the memory must answer a question of the owner's life for a guessing mind to be asked (ADR 21)."""
T = TypeVar("T")
LAST_TURNS = 8


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is about to be forgotten, once the owner says yes."""

    asked_in: Turn
    records: Sequence[int]
    what: str


class RememberingMind:
    """A `Mind` around another: the memory's own requests are answered from the memory, the rest by the other mind.

    `forgotten` is told when something was erased, so that the conversation at hand lets go of it too.
    """

    def __init__(
        self,
        mind: Mind,
        memory: Memory,
        *,
        stays_local: bool = False,
        guesses: bool = False,
        now: Callable[[], datetime] = local_time,
        forgotten: Callable[[], None] = lambda: None,
    ) -> None:
        """`stays_local`: the other mind is not given what was recalled.

        `guesses`: it is so small that it makes up what it was not told of the owner's life. So it is not asked what the
        memory hardly answers.
        """
        self._mind = mind
        self._memory = memory
        self._stays_local = stays_local
        self._guesses = guesses
        self._now = now
        self._forgotten = forgotten
        self._turns: list[Turn] = []
        self._erasures: dict[str, Erasure] = {}
        """What is about to be forgotten, by the device on which it was asked for."""

    @property
    def name(self) -> str:
        return self._mind.name

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        """Streams the reply. `turn.recalled` tells what it rests on, and what was left out."""
        text = turn.transcript.text if turn.transcript else ""
        erasure = self._erasure_confirmed(turn, text)
        request = None if erasure else request_in(text)
        before = self._last(turn)
        self._turns = [*(kept for kept in self._turns if kept is not turn), turn][-LAST_TURNS:]
        if erasure:
            yield Action(lambda: self._erase(turn, erasure))
        elif request:
            async with aclosing(self._answer(request, turn, before)) as parts:
                async for part in parts:
                    yield part
        elif await self._recall(turn, text):
            async with aclosing(self._mind.reply(turn)) as parts:
                async for part in parts:
                    yield part
        else:
            yield Part(not_known(turn, self._now()))

    async def _recall(self, turn: Turn, text: str) -> bool:
        """Sets what comes to mind; whether to ask the other mind: not when it could only guess, and would."""
        earlier = [exchange.user for exchange in turn.history[-2:]]
        try:
            found = await to_thread.run_sync(lambda: self._memory.recall(text, self._now(), earlier=earlier))
        except StoreError as error:
            log.warning("turn %s: nothing recalled: %s", turn.id, error)
            return True
        turn.recalled = [withheld(memory) for memory in found.memories] if self._stays_local else found.memories
        guess = self._guesses and found.of_life and found.answerable < SURE
        return not guess or was_told(text, [exchange.user for exchange in turn.history])

    async def _answer(self, request: Request, turn: Turn, before: Turn | None) -> AsyncGenerator[Part | Action, None]:
        """What is asked of the memory itself."""
        match request:
            case Remember():
                yield Action(lambda: self._remember(turn, request))
            case Wrong():
                yield Action(lambda: self._correct(turn, request, before))
            case ForgetThat():
                yield Action(lambda: self._ask_to_forget_that(turn, before))
            case ForgetAbout():
                yield Action(lambda: self._ask_to_forget_about(turn, request.topic))
            case Why():
                yield Part(self._why(before))
            case About() | Said() | Talked():
                yield Part(await self._look_up(request, turn))

    # What is kept

    async def _remember(self, turn: Turn, request: Remember) -> str:
        await self._in_thread(lambda: self._memory.remember(turn, self._now()))
        return say("memory.kept_task" if request.is_task else "memory.kept")

    async def _correct(self, turn: Turn, request: Wrong, before: Turn | None) -> str:
        if not before or not request.correction:
            return say("memory.what_is_right")
        wrong = used(before)
        asked = before.transcript.text if before.transcript else ""
        changed = await self._in_thread(
            lambda: self._memory.correct(turn, request.correction, wrong, asked, self._now())
        )
        key = "memory.corrected" if changed else "memory.kept_correction"
        return say(key, words=shortened(request.correction, 120))

    # What is looked up

    async def _look_up(self, request: About | Said | Talked, turn: Turn) -> str:
        now = self._now()
        memory = self._memory
        try:
            if isinstance(request, Talked):
                label, found = await to_thread.run_sync(lambda: memory.talked(request.when, now))
            else:
                label = request.topic
                ask = memory.about if isinstance(request, About) else memory.said
                found = await to_thread.run_sync(lambda: ask(request.topic, now))
        except StoreError as error:
            log.warning("turn %s: %s", turn.id, error)
            return say("memory.cannot_recall")
        turn.recalled = found
        told = used(turn)
        if not told:
            return nothing_found(request, label)
        rest = len(told) - MOST_SPOKEN
        more = say("memory.more", count=rest) if rest > 0 else ""
        return " ".join(spoken(memory, now) for memory in told[:MOST_SPOKEN]) + more

    def _why(self, before: Turn | None) -> str:
        if not before:
            return say("memory.said_nothing")
        reasons = [origin(memory, self._now()) for memory in used(before)[:MOST_SPOKEN]]
        if not reasons:
            return say("memory.not_told")
        words = shortened(used(before)[0].text, 160)
        return say("memory.origin", sources=say("quoted.and").join(reasons), words=words)

    # What is erased

    async def _ask_to_forget_that(self, turn: Turn, before: Turn | None) -> str:
        _off_the_record(turn)
        if not before:
            return say("memory.nothing_yet")
        records = await self._in_thread(lambda: self._memory.of_turn(before.id))
        memories = used(before)
        cited = await self._in_thread(lambda: self._memory.records_of(memories))
        if not cited:
            gone = await self._in_thread(lambda: self._memory.forget(records, turns=[before.id]))
            self._let_go()
            return say("memory.forgotten" if gone.finished else "memory.erased_but_traces")
        self._erasures[turn.device] = Erasure(turn, [*records, *cited], "that")
        _off_the_record(before)
        return say("memory.confirm_that", memory=spoken(memories[0], self._now()))

    async def _ask_to_forget_about(self, turn: Turn, topic: str) -> str:
        _off_the_record(turn)
        found, places = await self._in_thread(lambda: self._memory.mentions(topic, self._now()))
        if not found:
            return say("memory.nothing_about" if topic else "memory.nothing", topic=topic)
        self._erasures[turn.device] = Erasure(turn, found, topic or "everything")
        where = say("sources.from", places=named(places)) if places != [say("sources.said")] else ""
        return say(
            "memory.confirm_about" if topic else "memory.confirm_all", count=len(found), topic=topic, places=where
        )

    def _erasure_confirmed(self, turn: Turn, text: str) -> Erasure | None:
        """The erasure that the last turn on this device asked about, if this is a yes to it."""
        erasure = self._erasures.get(turn.device)
        if erasure and erasure.asked_in.outcome is not None and is_yes(text):
            return erasure if self._last(turn) is erasure.asked_in else None
        return None

    async def _erase(self, turn: Turn, erasure: Erasure) -> str:
        del self._erasures[turn.device]
        _off_the_record(turn)
        gone = await self._in_thread(lambda: self._memory.forget(erasure.records, turns=[erasure.asked_in.id]))
        self._let_go()
        if not gone.records:
            return say("memory.nothing_left")
        return say("memory.erased" if gone.finished else "memory.erased_but_traces")

    def _let_go(self) -> None:
        self._turns = []
        self._forgotten()

    def _last(self, turn: Turn) -> Turn | None:
        """The last turn on the same device that was answered."""
        answered = (Outcome.ANSWERED, Outcome.INTERRUPTED, Outcome.STOPPED)
        past = [one for one in self._turns if one is not turn and one.device == turn.device and one.outcome in answered]
        return past[-1] if past else None

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await to_thread.run_sync(work)


def used(turn: Turn) -> list[Recalled]:
    """The memories that a reply rests on."""
    return [memory for memory in turn.recalled if not memory.left_out]


def not_known(turn: Turn, now: datetime) -> str:
    """Plainly; with what comes nearest, in its own words."""
    near = used(turn)[:MOST_NEAR]
    if not near:
        return say("memory.not_known")
    return " ".join([say("memory.not_sure"), *(spoken(memory, now) for memory in near)])


def was_told(question: str, earlier: Sequence[str]) -> bool:
    """Whether something told earlier in the conversation has a word of the question: the mind may know from there."""
    told = content(" ".join(words for words in earlier if not asks(words)))
    return not set(told).isdisjoint(content(question))


def withheld(memory: Recalled) -> Recalled:
    """A copy withheld from a remote model."""
    return memory if memory.left_out else replace(memory, left_out="memory stays on this device")


def nothing_found(request: About | Said | Talked, label: str) -> str:
    """Plainly."""
    if isinstance(request, Talked):
        return say("memory.nothing_from" if label else "memory.no_conversation", time=label)
    return say("memory.nothing_found", topic=label)


def _off_the_record(turn: Turn) -> None:
    """Its words are not kept: they name what is to be forgotten."""
    turn.off_record = True
