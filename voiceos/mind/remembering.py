"""A mind with a memory: recalls what is relevant to a question."""

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime

from anyio import to_thread

from voiceos.clock import local_time
from voiceos.core import Action, Part, Recalled, Turn
from voiceos.errors import StoreError
from voiceos.language.data import pattern
from voiceos.language.questions import content
from voiceos.language.sentences import say
from voiceos.language.tenses import states
from voiceos.memory.memory import Memory
from voiceos.memory.quoting import used
from voiceos.memory.recall.compared import shape_of
from voiceos.memory.recall.recollection import Recollection
from voiceos.memory.recall.wanted import tells_itself
from voiceos.memory.telling import span_told, told
from voiceos.mind.acknowledging import acknowledgement, is_told, only_tells, unless_declined
from voiceos.mind.borne_out import (
    chosen,
    is_borne_out,
    may_be_borne_out,
    must_be_borne_out,
    tells_of,
    told_by,
    worth_choosing,
)
from voiceos.mind.choosing import Choose
from voiceos.mind.from_lines import FromLines
from voiceos.mind.honest import RULE
from voiceos.mind.unsure import not_known
from voiceos.protocols import Mind

log = logging.getLogger(__name__)


class RememberingMind:
    """A `Mind` around another, which gets the memories that a turn needs."""

    def __init__(
        self,
        mind: Mind,
        memory: Memory,
        *,
        keeps: bool = True,
        stays_local: bool = False,
        guesses: bool = False,
        from_lines: FromLines | None = None,
        choose: Choose | None = None,
        now: Callable[[], datetime] = local_time,
    ) -> None:
        """`keeps`: what is said is remembered. `stays_local`: the other mind does not get the recalled memories.

        `guesses`: it is so small that it makes up what it was not told of the owner's life. So it is not asked what the
        memory hardly answers. `from_lines`: the same, asked to answer from lines of the memory alone; `choose`: asked
        which one of them answers.
        """
        self._mind = mind
        self._memory = memory
        self._keeps = keeps
        self._stays_local = stays_local
        self._guesses = guesses
        self._from_lines = from_lines
        self._choose = choose
        self._now = now

    @property
    def name(self) -> str:
        return self._mind.name

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        """Streams the reply. `turn.recalled` holds the memories it is based on, and those left out."""
        if turn.brought:  # a server's text gets no memories to work with
            async with aclosing(self._mind.reply(turn)) as parts:
                async for part in parts:
                    yield part
        elif is_told(turn.words, self._now()):
            turn.engines["mind"] = RULE
            yield Part(self._heard(turn))
        elif self._guesses and pattern("en", "questions", "grave").search(turn.words):
            turn.engines["mind"] = RULE
            yield Part(say("memory.grave"))
        elif reply := await self._from_memory(turn):
            yield Part(reply)
        else:
            async with aclosing(self._from_mind(turn)) as parts:
                async for part in parts:
                    yield part

    def _from_mind(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        """The other mind's reply, as far as one that guesses is believed."""
        if self._guesses and only_tells(turn.words):
            return unless_declined(turn, self._mind.reply(turn), self._heard(turn))
        checked = self._guesses and not states(turn.words) and must_be_borne_out(turn.words, used(turn))
        return self._checked(turn) if checked else self._mind.reply(turn)

    def _heard(self, turn: Turn) -> str:
        return acknowledgement(turn, kept=self._keeps)

    async def _from_memory(self, turn: Turn) -> str:
        """What the memory has: the line that surely answers, or what the other mind makes of the lines that come near
        and they bear out, or that nobody is sure; empty: the other mind is asked, for it need not guess.
        """
        found, now = await self._recall(turn, turn.words), self._now()
        if not found or states(turn.words):
            return ""
        turn.engines["mind"] = RULE
        if found.sure:
            return told(turn.words, used(turn), now)
        if was_told(turn.words, [exchange.user for exchange in turn.history]):
            del turn.engines["mind"]
            return await self._from_talk(turn) if found.of_life else ""
        if reply := await self._from_near(turn, found, now):
            return reply
        if found.of_life:
            return not_known(turn, now)
        del turn.engines["mind"]
        return ""

    async def _from_talk(self, turn: Turn) -> str:
        """What the other mind makes of a talk in which the answer may have been told, if that bears it out."""
        if shape_of(turn.words) == "yes":  # which is borne out by nothing but what is asked
            return not_known(turn, self._now())
        async with aclosing(self._mind.reply(turn)) as parts:
            said = "".join([part.text async for part in parts if isinstance(part, Part)])
        lines = [*used(turn), *(Recalled("", one.user, score=1.0) for one in turn.history if states(one.user))]
        return said if told_by(said, turn.words, lines, {}, self._now()) else not_known(turn, self._now())

    async def _from_near(self, turn: Turn, found: Recollection, now: datetime) -> str:
        """The line that the other mind finds to answer, or what it makes of several, if they bear it out."""
        if not self._from_lines or not found.near:
            return ""
        if may_be_borne_out(found.near):
            ways = self._one_line if self._choose and tells_itself(turn.words) else self._worded
            if reply := await ways(turn, found, now):
                turn.engines["mind"] = self._mind.name
                return reply
        if not found.of_life:  # or it takes a number of theirs for the answer
            turn.recalled = [unfit(memory) for memory in found.memories]
        return ""

    async def _worded(self, turn: Turn, found: Recollection, now: datetime) -> str:
        assert self._from_lines
        reply = await self._from_lines(turn.words, found.near, now)
        if told_by(reply, turn.words, found.near, found.around, now):
            turn.recalled = found.near
            return " ".join(filter(None, [reply, span_told(turn.words, reply, now)]))
        log.info("turn %s: no memory bears out what the model said; it was not said", turn.id)
        return ""

    async def _one_line(self, turn: Turn, found: Recollection, now: datetime) -> str:
        """The line that is sure enough, now that the other mind has chosen, as it stands."""
        assert self._choose
        of_them = [one for one in found.near if tells_of(turn.words, one, found.around, now)]
        if not (lines := worth_choosing(of_them)):
            return ""
        odds = await self._choose(turn.words, lines, now)
        if not odds:
            return await self._worded(turn, found, now)
        if not (best := chosen(lines, odds)):
            log.info("turn %s: the model finds no line that answers", turn.id)
            return ""
        turn.recalled = best
        return told(turn.words, best, now)

    async def recalls(self, turn: Turn) -> bool:
        """Whether a reply would be based on memories."""
        if turn.brought:
            return False
        found = await to_thread.run_sync(lambda: self._memory.recall(turn.words, self._now()))
        return any(not memory.left_out for memory in found.memories)

    async def _checked(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        """The other mind's reply, held back until it has ended; if no memory bears it out, what the memory has."""
        reply = ""
        async with aclosing(self._mind.reply(turn)) as parts:
            async for part in parts:
                if isinstance(part, Action):
                    yield part
                else:
                    reply += part.text
        if not is_borne_out(reply, turn.words, used(turn), self._now()):
            log.info("turn %s: no memory bears out what the model said; it was not said", turn.id)
            reply = not_known(turn, self._now())
        yield Part(reply)

    async def _recall(self, turn: Turn, text: str) -> Recollection | None:
        """Sets the recalled memories. None: the other mind is asked, for it need not guess."""
        earlier = [exchange.user for exchange in turn.history[-2:]]
        words_it = not self._guesses and not self._stays_local  # and takes seconds for it
        try:
            found = await to_thread.run_sync(
                lambda: self._memory.recall(text, self._now(), earlier=earlier, closely=words_it)
            )
        except StoreError as error:
            log.warning("turn %s: nothing recalled: %s", turn.id, error)
            return None
        turn.recalled = [withheld(memory) for memory in found.memories] if self._stays_local else found.memories
        if not self._guesses:
            return None
        return found if found.sure or found.of_life or found.near else None


def was_told(question: str, earlier: Sequence[str]) -> bool:
    """Whether something told earlier in the conversation has a word of the question, or was told just now: the mind may
    know from there.
    """
    if earlier and states(earlier[-1]) and pattern("en", "questions", "of_owner").search(earlier[-1]):
        return True
    told = content(" ".join(filter(states, earlier)))
    return not set(told).isdisjoint(content(question))


def unfit(memory: Recalled) -> Recalled:
    """A copy of one that does not answer."""
    return memory if memory.left_out else replace(memory, left_out="it does not answer the question")


def withheld(memory: Recalled) -> Recalled:
    """A copy withheld from a remote model."""
    return memory if memory.left_out else replace(memory, left_out="memory stays on this device")
