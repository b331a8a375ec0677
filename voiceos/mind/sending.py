"""Asks before what is remembered leaves this machine, once in a conversation."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from voiceos.core import Action, Part, Transcript, Turn
from voiceos.language.answers import yes_or_no
from voiceos.language.sentences import say
from voiceos.mind.open_questions import YES, OpenQuestions
from voiceos.mind.remembering import RememberingMind
from voiceos.protocols import Mind
from voiceos.skills.skill import Question

MOST_CONVERSATIONS = 8
MAY_SEND = "mind.may_send"


class SendingMind:
    """A `Mind` of two: one that gets the recalled memories, and one that does not, until the owner has said yes."""

    def __init__(self, sending: RememberingMind, keeping: Mind, place: str, questions: OpenQuestions) -> None:
        """`place`: where memories would go, as it is spoken. `questions`: where the yes is waited for."""
        self._sending = sending
        self._keeping = keeping
        self._place = place
        self._questions = questions
        self._allowed = dict[str, bool]()
        """By conversation."""

    @property
    def name(self) -> str:
        return self._sending.name

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        """Streams the reply; or asks, and then replies to what was asked before."""
        waiting = self._questions.put_to(turn)
        mine = waiting and waiting.question.intent == MAY_SEND and waiting.turn.conversation == turn.conversation
        yes, asked = yes_or_no(turn.heard) if mine else None, turn
        if waiting and yes is not None:
            yield Action(lambda: self._answered(turn, yes))
            asked = replace(turn, transcript=Transcript(waiting.turn.words), stands_for="")
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
        self._questions.ask(Question(MAY_SEND, YES), turn)
        return ""

    async def _answered(self, turn: Turn, yes: bool) -> str:
        self._allowed[turn.conversation] = yes
        while len(self._allowed) > MOST_CONVERSATIONS:
            del self._allowed[next(iter(self._allowed))]
        return "" if yes else f"{say('ladder.withheld')} "
