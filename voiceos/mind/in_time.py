"""What is only told is kept at once, so nobody waits long for words about it."""

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import datetime

import anyio

from voiceos.core import Action, Part, Turn
from voiceos.errors import MindError
from voiceos.mind.honest import RULE
from voiceos.mind.rewording import Reword

log = logging.getLogger(__name__)

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
