"""Acknowledges what is only told: it is kept at once, so nobody waits long for words about it, or hears a refusal."""

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import datetime

import anyio

from voiceos.core import Action, Part, Turn
from voiceos.errors import MindError
from voiceos.language.data import pattern
from voiceos.language.joined import is_order
from voiceos.language.questions import asks
from voiceos.language.sentences import say
from voiceos.language.tenses import states
from voiceos.memory.facts.rules import find
from voiceos.mind.claims import Judge
from voiceos.mind.honest import RULE
from voiceos.mind.reply_stream import SENTENCE_ENDS
from voiceos.mind.rewording import Reword

log = logging.getLogger(__name__)

LONGEST_TOLD = 200
"""Characters of what is told; more is a story."""
FIRST_SECONDS = 2.0
"""How long what is told waits for first words of the model."""
SENTENCE_SECONDS = 5.0
"""How long it waits for what can be said, if the model has begun."""

Words = AsyncGenerator[Part | Action, None]


async def in_time(turn: Turn, parts: Words, instead: str) -> Words:
    """The reply to what is only told; `instead`, and the mind is stopped, where it comes late or fails.

    An empty part says that the mind has begun. What has been said, or may be done, is not taken back.
    """
    started, wait = anyio.current_time(), FIRST_SECONDS
    async with aclosing(parts):
        while True:
            part = None
            try:
                with anyio.CancelScope(deadline=started + wait):
                    part = await anext(parts, None)
            except MindError as error:
                log.warning("turn %s: the model said nothing to what was told: %s", turn.id, error)
            if part is None:
                turn.engines["mind"] = RULE
                yield Part(instead)
                return
            yield part
            if isinstance(part, Action) or part.text:
                break
            wait = SENTENCE_SECONDS
        async for part in parts:
            yield part


def soon(reword: Reword) -> Reword:
    """Rewords, if that comes as soon as the model's first words must."""

    async def reworded(text: str, likely: Mapping[str, float], now: datetime) -> str:
        with anyio.move_on_after(FIRST_SECONDS):
            return await reword(text, likely, now)
        return ""

    return reworded


async def unless_declined(turn: Turn, parts: Words, instead: str) -> Words:
    """The reply to what is only told; `instead`, where the mind takes that for a request, or fails.

    Its first sentence is held back until it has ended; an empty part says that it has begun.
    """
    held, passed = "", False
    try:
        async with aclosing(parts):
            async for part in parts:
                if passed or isinstance(part, Action):
                    yield part
                    continue
                if part.text and not held:
                    yield Part("")
                held += part.text
                if passed := held.rstrip().endswith(SENTENCE_ENDS) and not declines(held):
                    yield Part(held)
    except MindError as error:
        if passed:
            raise
        log.warning("turn %s: the model said nothing to what was told: %s", turn.id, error)
        held = ""
    if not passed:
        if not held.strip() or declines(held):
            turn.engines["mind"] = RULE
            held = instead
        yield Part(held)


def acknowledgement(turn: Turn, *, kept: bool) -> str:
    """`kept`: what is said is remembered, unless the turn is off the record."""
    return say("memory.told" if kept and not turn.off_record else "memory.heard")


def is_told(text: str, now: datetime) -> bool:
    """Whether somebody only tells a fact, which the memory keeps and no model need talk about."""
    if len(text) > LONGEST_TOLD or asks(text) or text.rstrip().endswith("?"):
        return False
    return bool(pattern("en", "questions", "told").search(text)) or bool(find(text, now))


def only_tells(text: str) -> bool:
    """Whether words tell something and wish for nothing, so that there is nothing to decline."""
    return states(text) and not pattern("en", "tenses", "wishes").search(text.lower()) and not Judge(text).invited


def is_statement(text: str, now: datetime) -> bool:
    """Whether words tell something, in whatever form, so that nobody waits for what is said of it.

    How somebody is, of which no fact is kept, wants an answer: "I'm so sad".
    """
    if asks(text) or is_order(text) or text.rstrip().endswith("?"):
        return False
    of_others = pattern("en", "tenses", "of_others").search(text.lower())
    is_mood = pattern("en", "tenses", "being").search(text.lower().replace("’", "'")) is not None
    return bool(of_others) or is_told(text, now) or (only_tells(text) and not is_mood)


def declines(reply: str) -> bool:
    """Whether a reply takes what was told for a request that it cannot fulfil."""
    return pattern("en", "claims", "passes.declines").search(reply.lower().replace("’", "'")) is not None
