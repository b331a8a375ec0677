"""Asks before what is remembered leaves this machine, once in a conversation."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from voiceos.core import Action, Part, Transcript, Turn
from voiceos.language.answers import yes_or_no
from voiceos.language.sentences import say
from voiceos.mind.remembering import RememberingMind
from voiceos.protocols import Mind

MOST_CONVERSATIONS = 8


class SendingMind:
    """A `Mind` of two: one that gets the recalled memories, and one that does not, until the owner has said yes."""

    def __init__(self, sending: RememberingMind, keeping: Mind, place: str) -> None:
        """`place`: where memories would go, as it is spoken."""
        self._sending = sending
        self._keeping = keeping
        self._place = place
        self._allowed = dict[str, bool]()
        """By conversation."""
        self._waiting = dict[str, tuple[str, str]]()
        """By device, the conversation and the question that waits for a yes."""

    @property
    def name(self) -> str:
        return self._sending.name

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        """Streams the reply; or asks, and then replies to what was asked before."""
        conversation, question = self._waiting.get(turn.device, ("", ""))
        yes = yes_or_no(turn.heard) if question and conversation == turn.conversation else None
        asked = turn
        if yes is not None:
            yield Action(lambda: self._answered(turn, yes))
            asked = replace(turn, transcript=Transcript(question), stands_for="")
        elif question:
            yield Action(lambda: self._dropped(turn))
        if yes is None and turn.conversation not in self._allowed and await self._sending.recalls(turn):
            yield Part(say("ladder.may", place=self._place))
            yield Action(lambda: self._wait(turn))
            return
        mind = self._sending if self._allowed.get(turn.conversation) else self._keeping
        async with aclosing(mind.reply(asked)) as parts:
            async for part in parts:
                yield part
        turn.recalled = asked.recalled

    async def _wait(self, turn: Turn) -> str:
        self._waiting[turn.device] = turn.conversation, turn.words
        return ""

    async def _dropped(self, turn: Turn) -> str:
        """What was asked waits no longer: a yes to something else is none to it."""
        self._waiting.pop(turn.device, None)
        return ""

    async def _answered(self, turn: Turn, yes: bool) -> str:
        del self._waiting[turn.device]
        self._allowed[turn.conversation] = yes
        while len(self._allowed) > MOST_CONVERSATIONS:
            del self._allowed[next(iter(self._allowed))]
        return "" if yes else f"{say('ladder.withheld')} "
