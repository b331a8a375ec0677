"""The owner's answers to what tools wait for, as requests: a yes to a call, and what a server wants to know."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

import anyio
from anyio.abc import TaskGroup

from voiceos.clock import local_time
from voiceos.core import Action, Part, Turn
from voiceos.errors import StoreError
from voiceos.language.sentences import say
from voiceos.mind.acting import ended, is_plain
from voiceos.mind.open_questions import OpenQuestions
from voiceos.mind.programs import Programs
from voiceos.mind.using import Used, Using
from voiceos.skills.skill import Asked, Intent, Pass, Question, Said, Skill
from voiceos.store.permissions import Consent
from voiceos.tools.gate import is_yes
from voiceos.tools.mcp.questions import ANSWER_SECONDS, Questions
from voiceos.tools.tool import Done, Refused, Waits

log = logging.getLogger(__name__)

CONSENT = "tools.consent"
TELL = "tools.tell"

Tell = Callable[[str, Callable[[], object]], object]
"""Says a sentence once nobody speaks, and calls back when it was heard."""


class Asks(Protocol):
    """A gate that waits for the owner's answers."""

    async def waiting(self) -> Sequence[Consent]:
        """The calls that wait for a yes, as after a restart."""
        ...

    async def answer(self, words: str, turn: str, asked: str) -> Done | Refused | None:
        """What becomes of the call that a turn asked about; None: nothing. Raises ToolError."""
        ...

    async def drop(self, asked: str) -> None:
        """What a turn asked waits no longer."""
        ...

    async def doubts(self) -> Mapping[int, str]:
        """What was cut off by a crash, by receipt, in a sentence each; until it is told."""
        ...

    async def told(self, receipt: int) -> None:
        """The owner has heard of a doubt."""
        ...


class Consenting:
    """Makes the calls to which the owner says yes, and tells servers what the owner answers."""

    def __init__(
        self,
        gate: Asks,
        using: Using,
        open_questions: OpenQuestions,
        servers: Questions,
        programs: Programs | None = None,
        now: Callable[[], datetime] = local_time,
    ) -> None:
        """`servers`: what they ask within calls; `programs`: which of them wait for a yes, too."""
        self._gate = gate
        self.using = using
        self._questions = open_questions
        self._servers = servers
        self.programs = programs or Programs(using)
        self._now = now
        self._tasks: TaskGroup | None = None
        using.on_wait = self._wait

    @property
    def skill(self) -> Skill:
        """What answers ask for."""
        return Skill(
            "tools",
            [
                Intent(CONSENT, self._consented, acts=True, slots={"answer": _is_answer}),
                Intent(TELL, self._told, acts=True, slots={"answer": lambda words, now: self._servers.takes(words)}),
            ],
        )

    # A yes to a call

    def _wait(self, turn: Turn, until: datetime | None = None) -> None:
        question = Question(CONSENT, "answer", {"asked": turn.id}, over=lambda: self._start(self._gate.drop, turn.id))
        self._questions.ask(question, turn, until)

    async def _consented(self, asked: Asked) -> Said:
        turn, use = asked.turn, Used(asked.turn)

        async def make() -> Done | Waits | Refused | None:
            answered = await self._gate.answer(turn.heard, turn.id, asked.slots["asked"])
            return await self.programs.after(answered, turn)

        said = await self.using.begin(make, say("using.it"), "answer", use)
        if use.passed:
            raise Pass
        use.left = not use.is_over  # until somebody waits for the rest
        return Said(said, more=lambda: self._rest(use))

    async def _rest(self, use: Used) -> AsyncGenerator[Part | Action, None]:
        """What comes of a call that was agreed to."""
        if use.left and use.is_over:
            return  # it has been told
        use.left = False
        try:
            yield Action(lambda: self.using.rest(use))
        finally:
            self.using.leave(use)
        if not use.ended and use.made and use.turn.receipts:
            (result,) = use.made.values()
            told = result.text.strip() if is_plain(result.text) else say("using.done")
            yield Part(f"{ended(told)} {use.note}" if use.note else told)

    # What a server asks

    def _ask_aloud(self, tell: Tell, sentence: str) -> None:
        """The question waits in the room in which it sounds, once it has."""

        def heard() -> None:
            if self._servers.sentence == sentence:
                until = self._now() + timedelta(seconds=ANSWER_SECONDS)
                self._questions.ask(Question(TELL, "answer", lasts=True), Turn("", ""), until)

        tell(sentence, heard)

    async def _told(self, asked: Asked) -> Said:
        if not self._servers.takes(asked.turn.heard):
            raise Pass
        return Said(await self._servers.answer(asked.turn.heard))

    # Its life

    @asynccontextmanager
    async def running(self, tell: Tell, has_voice: Callable[[], bool]) -> AsyncGenerator[None]:
        """While it is entered, calls may take longer than turns, and what waited before goes on waiting."""

        def ask(sentence: str) -> bool:
            if there := has_voice():
                self._ask_aloud(tell, sentence)
            return there

        self.using.on_late, self._servers.on_ask = lambda sentence: tell(sentence, lambda: None), ask
        async with self.using.running(), anyio.create_task_group() as self._tasks:
            try:
                for one in await self._gate.waiting():
                    self._wait(Turn(one.turn, "", who=one.who, device=one.device), one.until)
                for receipt, sentence in (await self._gate.doubts()).items():
                    tell(sentence, partial(self._start, self._gate.told, receipt))
            except StoreError as error:
                log.warning("%s", error)
            try:
                yield
            finally:
                self._tasks.cancel_scope.cancel()
                self._tasks = None

    def _start(self, note: Callable[[Any], Awaitable[None]], what: object) -> None:
        """Notes something in the store, beside the conversation."""

        async def noted() -> None:
            try:
                await note(what)
            except StoreError as error:
                log.warning("%s", error)

        if self._tasks:
            self._tasks.start_soon(noted)


def _is_answer(words: str, now: datetime) -> bool:
    return is_yes(words) is not None
