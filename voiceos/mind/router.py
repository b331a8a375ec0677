"""Decides who answers: a question that waits, a skill, or the language model."""

import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime

from anyio import to_thread

from voiceos.clock import local_time
from voiceos.core import Action, Outcome, Part, Turn
from voiceos.language.sentences import say
from voiceos.memory.recall.compared import shape_of
from voiceos.mind.deeds import Deeds
from voiceos.mind.open_questions import OpenQuestions
from voiceos.mind.rewording import Reword
from voiceos.mind.understanding import Judge, Understanding
from voiceos.skills.grammar import TEMPLATE
from voiceos.skills.schedule.words import turned
from voiceos.skills.skill import BY_SKILL, Asked, Pass, Question, Said, Skill, Workshop

log = logging.getLogger(__name__)

ANSWERED = (Outcome.ANSWERED, Outcome.INTERRUPTED, Outcome.STOPPED)

Reply = Callable[[Turn], AsyncGenerator[Part | Action, None]]
Likely = Callable[[str], Mapping[str, float]]
"""How likely a sentence is each kind of request. Blocks a few milliseconds."""
YES_OR_NO = "yes"
"""The shape of a question that is answered so."""
PROMPT = "prompt"
"""The name of the saved prompt that a turn says, in `Turn.engines`."""
REWORDED = "reworded"
"""The sentence that the language model made of a request, in `Turn.engines`."""


class Router:
    """The skills, and what they wait for. Nothing changes before a turn is committed: a reply may be thrown away."""

    def __init__(
        self,
        skills: Sequence[Skill],
        workshop: Workshop,
        *,
        judge: Judge | None = None,
        likely: Likely | None = None,
        now: Callable[[], datetime] = local_time,
        questions: OpenQuestions | None = None,
    ) -> None:
        """`judge` is asked about what no template has, `likely` whether what nobody takes is worth rewording.

        `questions`: where what is asked waits.
        """
        self._questions = questions or OpenQuestions(now)
        self._understanding = Understanding(skills, judge, now, self._questions, self._just_done)
        self._intents = self._understanding.intents
        workshop.intents.update(self._intents)
        workshop.when_forgotten.append(self._questions.forget)
        self._otherwise = self._understanding.otherwise
        self._warm = {skill.name: skill.warm for skill in skills if skill.warm}
        self._names = [skill.names for skill in skills if skill.names]
        self._likely = likely
        self._workshop = workshop
        self._now = now
        self._deeds = Deeds(self._intents, workshop)

    def _just_done(self, device: str) -> Sequence[Asked]:
        return self._deeds.just_done(device)

    def warm(self) -> None:
        """Reads the sentences, and what skills need at hand. Blocks."""
        self._understanding.warm()
        for name, warm in [*self._warm.items()]:
            try:
                warm()
            except Exception as error:  # a stranger's package
                del self._warm[name]
                log.warning("The skill %s could not get ready. Its first use will take longer: %s", name, error)

    def names(self) -> dict[str, Sequence[str]]:
        """What there is by name that is not in the store, by its kind."""
        return {kind: names for told in self._names for kind, names in told().items()}

    def asked(self, turn: Turn) -> list[Asked]:
        """What a turn asks the skills for by their sentences; empty: nothing that they know."""
        return self._understanding.asked(turn)

    def is_urgent(self, text: str) -> bool:
        return bool(self._understanding.urgent(text))

    def judged(self, turn: Turn) -> list[list[Asked]]:
        """What a turn that no template has may ask for: readings, the likeliest first, each of one request or more."""
        return self._understanding.judged(turn, self._now())

    def ends_ringing(self, turn: Turn) -> bool:
        """Whether a turn only asks to end or put off what rings."""
        asked = self.asked(turn)
        return bool(asked) and all(one.intent and self._intents[one.intent].ends_ringing for one in asked)

    def rings_later(self, turn: Turn) -> bool:
        """Whether a turn has set something that rings."""
        return any(act in self._intents and self._intents[act].rings for act in turn.receipts)  # or it is a tool

    def ended(self, turn: Turn) -> None:
        """A turn has ended: its question waits from now on, and one of an earlier turn no longer."""
        if turn.outcome in ANSWERED:
            self._workshop.before[turn.device] = turn
        self._workshop.turns_since[turn.device] = (
            0 if self._deeds.any_in(turn) else self._workshop.turns_since.get(turn.device, 0) + 1
        )
        self._understanding.ended(turn)

    async def reply(
        self, turn: Turn, otherwise: Reply, reword: Reword | None = None
    ) -> AsyncGenerator[Part | Action, None]:
        """Streams the reply of the skills, or of `otherwise`. `reword`: makes a plain sentence of an odd one."""
        turn.pace = self._workshop.paces.get(turn.device, 1.0)
        name, turn.stands_for = self._understanding.recited(turn)
        memory = self._workshop.memory
        turn.stands_for = turn.stands_for or (memory.as_owner(turn.heard) if memory else "")
        turn.answers = self._understanding.begun_with(turn)
        turn.engines |= {PROMPT: name} if name else {}
        engines = dict(turn.engines)
        async with aclosing(self._all_readings(turn, reword)) as readings:
            async for requests in readings:
                try:
                    async with aclosing(self._done(requests)) as parts:
                        async for part in parts:
                            yield part
                    if not turn.brought:
                        return
                    turn.engines = dict(engines)
                    break  # the mind goes on from there
                except Pass:
                    turn.engines = dict(engines)
        async with aclosing(otherwise(turn)) as parts:
            async for part in parts:
                yield part

    async def _all_readings(self, turn: Turn, reword: Reword | None) -> AsyncGenerator[Sequence[Asked], None]:
        """What a turn may ask for, the surest first; each is worked out only when those before it have passed."""
        if turn.brought:
            return
        asked = self.asked(turn)
        for requests in [asked] if asked else await to_thread.run_sync(self.judged, turn):
            yield requests
        for name in self._otherwise:
            yield [Asked(name, turn.words, self._now(), turn)]
        if reword and self._likely:
            text, now = self._understanding.plain(turn.words), self._now()
            likely = await to_thread.run_sync(self._likely, text)
            plain = self._understanding.match(await reword(text, likely, now), turn, now)
            if plain and self._may_mean(plain, text):
                yield [replace(plain, reworded=True)]

    def _may_mean(self, plain: Asked, text: str) -> bool:
        """Whether what the model made of a text may be what it asks; "Do I still drink …?" is not of a list."""
        intent = self._intents[plain.intent]
        if intent.acts:
            return not self._understanding.only_names(text)
        return shape_of(text) != YES_OR_NO or intent.mine(replace(plain, text=text))

    async def _done(self, requests: Sequence[Asked]) -> AsyncGenerator[Part | Action, None]:
        """Answers one request, or several in one breath; of those it says which nobody understood."""
        for number, asked in enumerate(requests):
            space = " " if number else ""
            for name in [asked.intent] if asked.intent else self._otherwise:
                try:
                    async with aclosing(self._one(replace(asked, intent=name), space)) as parts:
                        async for part in parts:
                            yield part
                    break
                except Pass:
                    if len(requests) == 1:
                        raise
            else:
                yield Part(space + say("left_out", words=asked.text.strip(" .,!?")))

    async def _one(self, asked: Asked, space: str) -> AsyncGenerator[Part | Action, None]:
        intent = self._intents[asked.intent]
        if asked.reworded:
            asked.turn.engines[REWORDED] = asked.text
        if asked.reworded and intent.acts:
            _answers(asked)
            yield Part(say("shall_i", sentence=turned(asked.text)))
            question = Said("", Question(asked.intent, "", sentence=asked.text))
            yield Action(lambda: self._wait(asked, question))
            return
        if intent.acts:
            _answers(asked)
            done: list[Said | None] = []
            yield Action(lambda: self._act(asked, space, done))
            for said in done:
                if said is None:
                    raise Pass
                if said.more:
                    async with aclosing(said.more()) as parts:
                        async for part in parts:
                            yield part
            return
        said = await intent.handle(asked)
        _answers(asked)
        self._understanding.answers(asked, said.about)
        yield Part(space + said.text)
        if said.question or said.after:
            yield Action(lambda: self._wait(asked, said))

    async def _act(self, asked: Asked, space: str, done: list[Said | None]) -> str:
        """Does it, and says what was done, which it notes in `done`; None: the skill passes the request on."""
        said = await self._deeds.do(asked)
        done.append(said)
        if said is None:
            return ""
        if said.about:
            self._understanding.answers(asked, said.about)
        await self._wait(asked, said)
        return space + said.text

    async def _wait(self, asked: Asked, said: Said) -> str:
        if said.after:
            said.after()
        if said.question:
            self._questions.ask(said.question, asked.turn)
        return ""


def _answers(asked: Asked) -> None:
    """Notes that a skill answers, and not the language model."""
    asked.turn.engines["mind"] = f"{BY_SKILL}{asked.intent}"
    asked.turn.engines |= {TEMPLATE: asked.template} if asked.template else {}
