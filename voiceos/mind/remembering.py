"""A mind with a memory: recalls what is relevant to a question, and handles requests to the memory itself."""

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime

from anyio.to_thread import run_sync as in_thread

from voiceos.clock import local_time
from voiceos.core import Action, Mind, Outcome, Part, Recalled, Turn
from voiceos.errors import StoreError
from voiceos.language.questions import asks, content
from voiceos.language.sentences import say
from voiceos.memory.memory import Memory
from voiceos.mind.quoting import named, origin, shortened, spoken
from voiceos.mind.requests import Request, is_yes, request_in

log = logging.getLogger(__name__)

MOST_SPOKEN = 3
"""Memories spoken at once; more would be too much to listen to."""
MOST_NEAR = 2
"""The same for those that only come near a question."""
SURE = 0.8
"""How likely the memory must answer a question of the owner's life for a guessing mind to be asked (ADR 21)."""
LAST_TURNS = 8
ANSWERED = (Outcome.ANSWERED, Outcome.INTERRUPTED, Outcome.STOPPED)


@dataclass(frozen=True, slots=True)
class Erasure:
    """What will be forgotten once the owner says yes."""

    asked_in: Turn
    records: Sequence[int]
    sources: Sequence[str] = ()


class RememberingMind:
    """A `Mind` around another: the memory's own requests are answered from the memory, the rest by the other mind."""

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
        """`stays_local`: the other mind does not get the recalled memories.

        `guesses`: it is so small that it makes up what it was not told of the owner's life. So it is not asked what the
        memory hardly answers. `forgotten` is called when something was erased, so that the conversation drops it too.
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
        """Streams the reply. `turn.recalled` holds the memories it is based on, and those left out."""
        text = turn.words
        before = self._last(turn)
        self._turns = [*(kept for kept in self._turns if kept is not turn), turn][-LAST_TURNS:]
        erasure = self._erasures.get(turn.device)
        if erasure and erasure.asked_in is before and is_yes(text):
            yield Action(lambda: self._erase(turn, erasure))
        elif request := request_in(text):
            yield await self._answer(request, turn, before)
        elif await self._recall(turn, text):
            async with aclosing(self._mind.reply(turn)) as parts:
                async for part in parts:
                    yield part
        else:
            yield Part(not_known(turn, self._now()))

    def _last(self, turn: Turn) -> Turn | None:
        """The last turn on the same device that was answered."""
        past = (one for one in reversed(self._turns) if one is not turn and one.device == turn.device)
        return next((one for one in past if one.outcome in ANSWERED), None)

    async def _recall(self, turn: Turn, text: str) -> bool:
        """Sets the recalled memories. Returns whether to ask the other mind: not when it could only guess."""
        earlier = [exchange.user for exchange in turn.history[-2:]]
        try:
            found = await in_thread(lambda: self._memory.recall(text, self._now(), earlier=earlier))
        except StoreError as error:
            log.warning("turn %s: nothing recalled: %s", turn.id, error)
            return True
        turn.recalled = [withheld(memory) for memory in found.memories] if self._stays_local else found.memories
        guess = self._guesses and found.of_life and found.answerable < SURE
        return not guess or was_told(text, [exchange.user for exchange in turn.history])

    async def _answer(self, request: Request, turn: Turn, before: Turn | None) -> Part | Action:
        """Answers a request to the memory itself."""
        match request.kind:
            case "remember":
                return Action(lambda: self._remember(turn, is_task=request.is_task))
            case "wrong":
                return Action(lambda: self._correct(turn, request.words, before))
            case "forget_that":
                return Action(lambda: self._ask_to_forget_that(turn, before))
            case "forget_about":
                return Action(lambda: self._ask_to_forget_about(turn, request.words))
            case "why":
                return Part(self._why(before))
            case "about" | "said" | "talked":
                return Part(await self._look_up(request, turn))

    # What is kept

    async def _remember(self, turn: Turn, *, is_task: bool) -> str:
        await in_thread(self._memory.remember, turn, self._now())
        return say("memory.kept_task" if is_task else "memory.kept")

    async def _correct(self, turn: Turn, correction: str, before: Turn | None) -> str:
        if not before or not correction:
            return say("memory.what_is_right")
        asked = before.words
        changed = await in_thread(self._memory.correct, turn, correction, used(before), asked, self._now())
        return say("memory.corrected" if changed else "memory.kept_correction", words=shortened(correction, 120))

    # What is looked up

    async def _look_up(self, request: Request, turn: Turn) -> str:
        look = {"about": self._memory.about, "said": self._memory.said, "talked": self._memory.talked}[request.kind]
        now = self._now()
        try:
            turn.recalled = await in_thread(look, request.words, now)
        except StoreError as error:
            log.warning("turn %s: %s", turn.id, error)
            return say("memory.cannot_recall")
        told = used(turn)
        if not told:
            if request.kind == "talked":
                return say("memory.nothing_from" if request.words else "memory.no_conversation", time=request.words)
            return say("memory.nothing_found", topic=request.words)
        rest = len(told) - MOST_SPOKEN
        more = say("memory.more", count=rest) if rest > 0 else ""
        return " ".join(spoken(memory, now) for memory in told[:MOST_SPOKEN]) + more

    def _why(self, before: Turn | None) -> str:
        if not before:
            return say("memory.said_nothing")
        reasons = used(before)
        if not reasons:
            return say("memory.not_told")
        sources = [origin(memory, self._now()) for memory in reasons[:MOST_SPOKEN]]
        return say("memory.origin", sources=say("quoted.and").join(sources), words=shortened(reasons[0].text, 160))

    # Erasing. The words of such turns are not kept, because they name what should be forgotten.

    async def _ask_to_forget_that(self, turn: Turn, before: Turn | None) -> str:
        turn.off_record = True
        if not before:
            return say("memory.nothing_yet")
        records = await in_thread(self._memory.of_turn, before.id)
        memories = used(before)
        cited = self._memory.records_of(memories)
        if not cited:
            return await self._forget(Erasure(before, records), "memory.forgotten")
        self._erasures[turn.device] = Erasure(turn, [*records, *cited])
        before.off_record = True
        return say("memory.confirm_that", memory=spoken(memories[0], self._now()))

    async def _ask_to_forget_about(self, turn: Turn, topic: str) -> str:
        turn.off_record = True
        found, places = await in_thread(self._memory.mentions, topic, self._now())
        count = len(found.records) + len(found.sources)
        if not count:
            return say("memory.nothing_about" if topic else "memory.nothing", topic=topic)
        self._erasures[turn.device] = Erasure(turn, found.records, found.sources)
        where = say("sources.from", places=named(places)) if places not in ([], [say("sources.said")]) else ""
        return say("memory.confirm_about" if topic else "memory.confirm_all", count=count, topic=topic, places=where)

    async def _erase(self, turn: Turn, erasure: Erasure) -> str:
        del self._erasures[turn.device]
        turn.off_record = True
        return await self._forget(erasure, "memory.erased", "memory.nothing_left")

    async def _forget(self, what: Erasure, done: str, nothing: str = "") -> str:
        gone = await in_thread(
            lambda: self._memory.forget(what.records, turns=[what.asked_in.id], sources=what.sources)
        )
        self._turns = []
        self._forgotten()
        if nothing and not gone.records and not gone.names:
            return say(nothing)
        return say(done if gone.finished else "memory.erased_but_traces")


def used(turn: Turn) -> list[Recalled]:
    """The memories that a reply is based on."""
    return [memory for memory in turn.recalled if not memory.left_out]


def not_known(turn: Turn, now: datetime) -> str:
    """Says that it does not know, and quotes what comes nearest."""
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
