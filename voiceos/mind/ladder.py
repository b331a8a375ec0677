"""Several language models in order: where one does not answer, the next does, and it is told once.

A rung that failed twice rests for a while, and then gets one try. One whose budget is used up is passed over.
"""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import anyio

from voiceos.core import Action, Part, Turn
from voiceos.errors import MindError, VoiceosError
from voiceos.language.sentences import say
from voiceos.protocols import Mind

log = logging.getLogger(__name__)

OPENS_AFTER = 2
"""Failures in a row."""
REST_SECONDS = 30.0
"""Doubled with each failure after that."""
LONGEST_REST_SECONDS = 600.0


@dataclass(slots=True)
class Breaker:
    """Keeps what fails from being asked at every turn. Times are seconds on the loop's clock."""

    failures: int = 0
    rests_until: float = 0.0

    def allows(self, now: float) -> bool:
        """Whether it may be asked: it works, or has rested and may try once."""
        return now >= self.rests_until

    def failed(self, now: float) -> None:
        self.failures += 1
        if self.failures >= OPENS_AFTER:
            rest = REST_SECONDS * 2 ** (self.failures - OPENS_AFTER)
            self.rests_until = now + min(rest, LONGEST_REST_SECONDS)

    def worked(self) -> None:
        self.failures, self.rests_until = 0, 0.0


async def _unlimited() -> bool:
    return True


@dataclass(slots=True)
class Rung:
    """One language model."""

    mind: Mind
    place: str
    """Where it is, as it is spoken: "api.example.com", "this device"."""
    within_budget: Callable[[], Awaitable[bool]] = _unlimited
    breaker: Breaker = field(default_factory=Breaker)


class Ladder:
    """A `Mind` of several."""

    def __init__(self, rungs: Sequence[Rung]) -> None:
        """`rungs`: the best first."""
        self._rungs = rungs
        self._told = rungs[0]
        """The rung that the owner believes to answer."""

    @property
    def name(self) -> str:
        return self._told.mind.name

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        """Streams the reply of the first rung that gives one. Raises MindError where none does."""
        engine, problem = turn.engines.get("mind", ""), None
        for rung in self._rungs:
            if not rung.breaker.allows(anyio.current_time()) or not await rung.within_budget():
                continue
            begun = False
            if "mind" in turn.engines:
                turn.engines["mind"] = rung.mind.name
            try:
                async with aclosing(rung.mind.reply(turn)) as parts:
                    async for part in parts:
                        begun = True
                        yield part
            except VoiceosError as error:
                rung.breaker.failed(anyio.current_time())
                if begun:
                    raise
                log.warning("turn %s: %s", turn.id, error)
                problem = problem or error
                continue
            rung.breaker.worked()
            if rung is not self._told:
                yield Action(lambda rung=rung: self._tell(rung))
            return
        turn.engines["mind"] = engine
        raise MindError(str(problem or "No language model may be asked now."), spoken=say("ladder.none")) from problem

    async def _tell(self, rung: Rung) -> str:
        """Once for each change."""
        if rung is self._told:
            return ""
        key = "up" if self._rungs.index(rung) < self._rungs.index(self._told) else "down"
        sentence = say(f"ladder.{key}", before=self._told.place, now=rung.place)
        self._told = rung
        return f" {sentence}"
