"""A mind that uses tools where a request needs one: a local model chooses, the gate allows, the result is told.

Nothing is called before the turn is committed: what was chosen in a pause may be thrown away.
"""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime

from voiceos.clock import local_time
from voiceos.core import Action, Part, Transcript, Turn
from voiceos.errors import VoiceosError
from voiceos.language.answers import yes_or_no
from voiceos.language.said_times import said_moment
from voiceos.language.sentences import say
from voiceos.mind.borne_out import has_no_other_numbers
from voiceos.mind.calling import Lacks
from voiceos.mind.open_questions import YES, OpenQuestions
from voiceos.mind.supported import Said
from voiceos.mind.telling_data import told, told_plainly
from voiceos.mind.using import Used, Using, ended
from voiceos.protocols import Mind
from voiceos.skills.skill import Question
from voiceos.tools.data_in_words import is_sayable
from voiceos.tools.permission import spoken
from voiceos.tools.tool import Call, Tool

log = logging.getLogger(__name__)

LONGEST_WORDS = 60
"""More is a story."""
LONGEST_ANSWER = 12
"""Words of an answer to what a call lacks."""
LONGEST_PLAIN = 160
LACKS, MAY_USE = "mind.lacks", "mind.may_use"
REQUEST, TOOL = "request", "tool"

Choose = Callable[[str, Sequence[Tool], Sequence[str], bool], Awaitable[Call | Lacks | None]]
"""The call that a text needs, by the tools at hand, what was said before, and whether it was agreed to use one.

Raises VoiceosError.
"""


class ActingMind:
    """A `Mind` around another, which is asked where no tool is needed."""

    def __init__(
        self,
        mind: Mind,
        teller: Mind,
        using: Using,
        choose: Choose,
        questions: OpenQuestions,
        now: Callable[[], datetime] = local_time,
        unused: Callable[[], Tool | None] = lambda: None,
    ) -> None:
        """`teller`: answers from what a tool brought. `questions`: where what a request lacks is waited for.

        `unused`: the tool that was only doubted, if nothing was chosen.
        """
        self._mind = mind
        self._teller = teller
        self._using = using
        self._choose = choose
        self._questions = questions
        self._now = now
        self._unused = unused

    @property
    def name(self) -> str:
        return self._mind.name

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        """Streams the reply."""
        if turn.brought:  # whoever asked named no tool
            async with aclosing(self._teller.reply(turn)) as parts:
                async for part in parts:
                    yield part
            return
        text, agreed = self._asked(turn)
        if agreed is None:
            yield Part(say("using.not_used"))
            return
        wanted = await self._wanted(text, turn, agreed)
        if isinstance(wanted, Lacks):
            yield Part(say("using.lacks", what=wanted.field.name.replace("_", " ")))
            yield Action(lambda: self._wait(Question(LACKS, "answer", {REQUEST: text}), turn))
            return
        if wanted is None and agreed:
            yield Part(say("mind.cannot"))
            return
        if not isinstance(wanted, Call):
            turn.unused = say("using.unused", tool=spoken(wanted.name)) if wanted else ""
            async with aclosing(self._mind.reply(turn)) as parts:
                async for part in parts:
                    yield part
                    if wanted and part == Part(turn.unused):
                        question = Question(MAY_USE, YES, {REQUEST: text, TOOL: wanted.name})
                        yield Action(lambda question=question: self._wait(question, turn))
            return
        use = Used(turn)
        try:
            yield Action(lambda: self._using.call(wanted, use))
            yield Action(lambda: self._using.rest(use))
        finally:
            self._using.leave(use)
        if use.ended or not use.made or not turn.receipts:
            return
        (result,) = use.made.values()
        now = self._now()
        if said := ended(result.text.strip()) if is_plain(result.text) else told(result.text, Said(text, now), now):
            yield Part(said)
        elif result.text.strip():
            asked = replace(turn, transcript=Transcript(text), stands_for="")
            worded = await self._worded(asked)
            yield Part(worded or told_plainly(result.text, Said(text, now), now))

    async def _worded(self, turn: Turn) -> str:
        """What the model makes of what was brought; "" where it has a number that was not."""
        said = ""
        async with aclosing(self._teller.reply(turn)) as parts:
            async for part in parts:
                said += part.text if isinstance(part, Part) else await part.do()
        known = [turn.words, said_moment(self._now()), *turn.results]
        return said if has_no_other_numbers(said, known) else ""

    async def _wait(self, question: Question, turn: Turn) -> str:
        """What is said next may be the answer."""
        self._questions.ask(question, turn)
        return ""

    def _asked(self, turn: Turn) -> tuple[str, str | None]:
        """What is asked for, perhaps by a turn before; and the tool it agrees to, "" for none, None: a no."""
        waiting = self._questions.put_to(turn)
        question = waiting.question if waiting else None
        if question and question.intent == MAY_USE and (yes := yes_or_no(turn.heard)) is not None:
            return question.slots[REQUEST], question.slots[TOOL] if yes else None
        before = f"{question.slots[REQUEST]} " if question and question.intent == LACKS else ""
        return f"{before}{turn.words}" if len(turn.words.split()) <= LONGEST_ANSWER else turn.words, ""

    async def _wanted(self, text: str, turn: Turn, agreed: str) -> Call | Lacks | Tool | None:
        """The call; or the tool that was only doubted. `agreed`: the only one to choose from."""
        if not text.strip() or len(text.split()) > LONGEST_WORDS:
            return None
        tools = [one for one in await self._using.tools() if agreed in ("", one.name)]
        if not tools:
            return None
        try:
            earlier = [exchange.user for exchange in turn.history][-2:]
            return await self._choose(text, tools, earlier, bool(agreed)) or self._unused()
        except VoiceosError as error:
            log.info("turn %s: no tool chosen: %s", turn.id, error)
            return None


def is_plain(text: str) -> bool:
    """Whether a result is a short sentence that can be said as it stands."""
    return len(text) <= LONGEST_PLAIN and "\n" not in text.strip() and is_sayable(text.strip())
