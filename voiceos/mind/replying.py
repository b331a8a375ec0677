"""The words of a mind's reply: a step that every turn takes, spoken or typed."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import anyio

from voiceos.core import Action, Part, Stage, Turn
from voiceos.errors import MindError
from voiceos.language.sentences import say
from voiceos.protocols import Mind


async def words_of(mind: Mind, turn: Turn, may_act: anyio.Event) -> AsyncGenerator[str, None]:
    """The reply to `turn`, piece by piece; also kept in `turn.reply`.

    Actions run once it `may_act`, when the turn has ended, never before. Raises VoiceosError.
    """
    async with aclosing(mind.reply(turn)) as parts:
        async for part in parts:
            if isinstance(part, Action):
                await may_act.wait()
                text = await part.do()
            else:
                text = part.text
            if not text:
                continue
            turn.mark(Stage.FIRST_TOKEN, anyio.current_time())
            turn.reply += text
            yield text
    if not turn.reply.strip():
        raise MindError("The language model gave an empty reply.", spoken=say("mind.empty"))


@dataclass(frozen=True, slots=True)
class Saying:
    """A mind that says one fixed sentence: "Sorry?", or what went wrong."""

    text: str
    name: str = "fixed"

    async def reply(self, turn: Turn) -> AsyncGenerator[Part, None]:
        yield Part(self.text)
