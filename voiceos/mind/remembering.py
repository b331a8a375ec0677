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
from voiceos.language.questions import asks, content
from voiceos.language.sentences import say
from voiceos.memory.facts.rules import find
from voiceos.memory.memory import Memory
from voiceos.memory.quoting import used
from voiceos.memory.recall.recollection import Recollection
from voiceos.mind.borne_out import is_borne_out, must_be_borne_out
from voiceos.mind.honest import RULE
from voiceos.mind.telling import told
from voiceos.mind.unsure import not_known
from voiceos.protocols import Mind

log = logging.getLogger(__name__)

LONGEST_TOLD = 200
"""Characters of what is told; more is a story."""


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
        now: Callable[[], datetime] = local_time,
    ) -> None:
        """`keeps`: what is said is remembered. `stays_local`: the other mind does not get the recalled memories.

        `guesses`: it is so small that it makes up what it was not told of the owner's life. So it is not asked what the
        memory hardly answers.
        """
        self._mind = mind
        self._memory = memory
        self._keeps = keeps
        self._stays_local = stays_local
        self._guesses = guesses
        self._now = now

    @property
    def name(self) -> str:
        return self._mind.name

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        """Streams the reply. `turn.recalled` holds the memories it is based on, and those left out."""
        if is_told(turn.words, self._now()):
            turn.engines["mind"] = RULE
            yield Part(say("memory.told" if self._keeps and not turn.off_record else "memory.heard"))
        elif self._guesses and pattern("en", "questions", "grave").search(turn.words):
            turn.engines["mind"] = RULE
            yield Part(say("memory.grave"))
        elif found := await self._recall(turn, turn.words):
            turn.engines["mind"] = RULE
            yield Part(told(turn, self._now()) if found.sure else not_known(turn, self._now()))
        else:
            checked = self._guesses and must_be_borne_out(turn.words, used(turn))
            async with aclosing(self._checked(turn) if checked else self._mind.reply(turn)) as parts:
                async for part in parts:
                    yield part

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
        try:
            found = await to_thread.run_sync(lambda: self._memory.recall(text, self._now(), earlier=earlier))
        except StoreError as error:
            log.warning("turn %s: nothing recalled: %s", turn.id, error)
            return None
        turn.recalled = [withheld(memory) for memory in found.memories] if self._stays_local else found.memories
        if not self._guesses or was_told(text, [exchange.user for exchange in turn.history]):
            return None
        return found if found.sure or found.of_life else None


def is_told(text: str, now: datetime) -> bool:
    """Whether somebody only tells a fact, which the memory keeps and no model need talk about."""
    if len(text) > LONGEST_TOLD or asks(text) or text.rstrip().endswith("?"):
        return False
    return bool(pattern("en", "questions", "told").search(text)) or bool(find(text, now))


def was_told(question: str, earlier: Sequence[str]) -> bool:
    """Whether something told earlier in the conversation has a word of the question, or was told just now: the mind may
    know from there.
    """
    if earlier and not asks(earlier[-1]) and pattern("en", "questions", "of_owner").search(earlier[-1]):
        return True
    told = content(" ".join(words for words in earlier if not asks(words)))
    return not set(told).isdisjoint(content(question))


def withheld(memory: Recalled) -> Recalled:
    """A copy withheld from a remote model."""
    return memory if memory.left_out else replace(memory, left_out="memory stays on this device")
