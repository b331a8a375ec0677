"""Decides who answers: a question that waits, a skill, or the language model."""

import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import anyio
from anyio import to_thread

from voiceos.clock import local_time
from voiceos.core import Action, Outcome, Part, Turn
from voiceos.errors import StoreError, VoiceosError
from voiceos.language import joined
from voiceos.language.answers import yes_or_no
from voiceos.language.questions import asks
from voiceos.language.sentences import apology, say
from voiceos.mind.rewording import Reword
from voiceos.skills import following
from voiceos.skills.following import Answered
from voiceos.skills.grammar import LONGEST, Grammar
from voiceos.skills.schedule_words import turned
from voiceos.skills.skill import BY_SKILL, Asked, Intent, Pass, Question, Said, Skill, Undo, Workshop
from voiceos.store.acts import Receipt, save_receipt

log = logging.getLogger(__name__)

ANSWERED = (Outcome.ANSWERED, Outcome.INTERRUPTED, Outcome.STOPPED)
PATIENCE = timedelta(seconds=60)
"""How long a question waits for its answer."""

Reply = Callable[[Turn], AsyncGenerator[Part | Action, None]]
Likely = Callable[[str], Mapping[str, float]]
"""How likely a sentence is each kind of request. Blocks a few milliseconds."""
REWORDED = "reworded"
"""The sentence that the language model made of a request, in `Turn.engines`."""
Judge = Callable[[str], Sequence[str]]
"""The intents that a sentence may have, of which the first that is installed and does not refuse it is taken.
Blocks a few milliseconds.
"""


@dataclass(frozen=True, slots=True)
class _Waiting:
    question: Question
    turn: Turn
    until: datetime


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
    ) -> None:
        """`judge` is asked about what no template has, `likely` whether what nobody takes is worth rewording."""
        self._intents = {intent.name: intent for skill in skills for intent in skill.intents}
        self._heeds = [skill.heeds for skill in skills if skill.heeds]
        self._otherwise = [skill.otherwise for skill in skills if skill.otherwise]
        self._warm = [skill.warm for skill in skills if skill.warm]
        self._grammar = Grammar(skills)
        self._judge = judge
        self._likely = likely
        self._workshop = workshop
        self._now = now
        self._waiting: dict[str, _Waiting] = {}
        self._answering: dict[str, Answered] = {}
        self._answered: dict[str, Answered] = {}
        """What each device asked last, in this turn and in the one before, that a skill answered."""

    def warm(self) -> None:
        """Reads the sentences, and what skills need at hand. Blocks."""
        self._grammar.warm()
        if self._judge:
            self._judge("What time is it?")
        for warm in self._warm:
            warm()

    def asked(self, turn: Turn) -> list[Asked]:
        """What a turn asks the skills for by their sentences; empty: nothing that they know."""
        text, now = turn.words, self._now()
        if urgent := next(filter(None, (heeds(text) for heeds in self._heeds)), ""):
            return [Asked(urgent, text, now, turn)]
        if alone := self._answer(turn, now) or self._followed(turn, now):
            return [alone]
        return self._requests(text, turn, now) or self._offered(turn, now) or self._among_others(text, turn, now)

    def ends_ringing(self, turn: Turn) -> bool:
        """Whether a turn only asks to end or put off what rings."""
        asked = self.asked(turn)
        return bool(asked) and all(self._intents[one.intent].ends_ringing for one in asked)

    def rings_later(self, turn: Turn) -> bool:
        """Whether a turn has set something that rings."""
        return any(self._intents[act].rings for act in turn.receipts)

    def judged(self, turn: Turn) -> list[list[Asked]]:
        """What a turn that no template has may ask for: readings, the likeliest first, each of one request or more."""
        if len(turn.words) > LONGEST:
            return []
        now = self._now()
        for parts in joined.parts(turn.words):
            found = [self._requests(part, turn, now) for part in parts]
            if not any(found):
                continue
            both = [some or self._readings(part, turn, now)[:1] for some, part in zip(found, parts, strict=True)]
            if all(both) and len({one.intent for some in both for one in some}) > 1:
                return [[one for some in both for one in some]]
            if not all(both) and all(some or joined.is_order(part) for some, part in zip(both, parts, strict=True)):
                some = [some or [Asked("", part, now, turn)] for some, part in zip(both, parts, strict=True)]
                return [[one for requests in some for one in requests]]
        return [[one] for one in self._readings(turn.words, turn, now)]

    def _readings(self, text: str, turn: Turn, now: datetime) -> list[Asked]:
        names = self._judge(self._grammar.plain(text)) if self._judge else ()
        readings = [Asked(name, text, now, turn) for name in names if name in self._intents]
        return [one for one in readings if self._intents[one.intent].mine(one)]

    async def reply(
        self, turn: Turn, otherwise: Reply, reword: Reword | None = None
    ) -> AsyncGenerator[Part | Action, None]:
        """Streams the reply of the skills, or of `otherwise`. `reword`: makes a plain sentence of an odd one."""
        turn.pace = self._workshop.paces.get(turn.device, 1.0)
        engines = dict(turn.engines)
        async with aclosing(self._all_readings(turn, reword)) as readings:
            async for requests in readings:
                try:
                    async with aclosing(self._done(requests)) as parts:
                        async for part in parts:
                            yield part
                    return
                except Pass:
                    turn.engines = dict(engines)
        async with aclosing(otherwise(turn)) as parts:
            async for part in parts:
                yield part

    async def _all_readings(self, turn: Turn, reword: Reword | None) -> AsyncGenerator[Sequence[Asked], None]:
        """What a turn may ask for, the surest first; each is worked out only when those before it have passed."""
        asked = self.asked(turn)
        for requests in [asked] if asked else await self._without_template(turn):
            yield requests
        for name in self._otherwise:
            yield [Asked(name, turn.words, self._now(), turn)]
        if reword and self._likely:
            text, now = self._grammar.plain(turn.words), self._now()
            likely = await to_thread.run_sync(self._likely, text)
            if plain := self._match(await reword(text, likely, now), turn, now):
                yield [replace(plain, reworded=True)]

    async def _without_template(self, turn: Turn) -> list[list[Asked]]:
        return await to_thread.run_sync(self.judged, turn) if self._judge else self.judged(turn)

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
            passed: list[Asked] = []
            yield Action(lambda: self._whole(asked, space, passed))
            if passed:
                raise Pass
            return
        said = await intent.handle(asked)
        _answers(asked)
        before = self._answered.get(asked.turn.device)
        kept = before.about if before and asked.intent.endswith(".again") else ""
        self._answering[asked.turn.device] = Answered(asked, said.about or kept)
        yield Part(space + said.text)
        if said.question or said.after:
            yield Action(lambda: self._wait(asked, said))

    def ended(self, turn: Turn) -> None:
        """A turn has ended: its question waits from now on, and one of an earlier turn no longer."""
        if turn.outcome in ANSWERED:
            self._workshop.before[turn.device] = turn
        answering = self._answering.pop(turn.device, None)
        if answering and answering.asked.turn is turn:
            self._answered[turn.device] = answering
        elif turn.outcome is not Outcome.NOTHING_HEARD:
            self._answered.pop(turn.device, None)
        waiting = self._waiting.get(turn.device)
        if waiting and waiting.turn is turn:
            self._waiting[turn.device] = replace(waiting, until=self._now() + PATIENCE)
        elif waiting and waiting.turn.who == turn.who and turn.outcome is not Outcome.NOTHING_HEARD:
            del self._waiting[turn.device]

    def _answer(self, turn: Turn, now: datetime) -> Asked | None:
        waiting = self._waiting.get(turn.device)
        if not waiting or waiting.turn is turn or waiting.turn.who != turn.who or now > waiting.until:
            return None
        question = waiting.question
        if question.sentence:
            return self._match(question.sentence, turn, now) if yes_or_no(turn.words) else None
        words = self._grammar.plain(turn.words)
        check = self._intents[question.intent].slots.get(question.wanted)
        if not words or (check and not check(words, now)) or self._is_other(turn, question, now):
            return None
        return Asked(question.intent, turn.words, now, turn, {**question.slots, question.wanted: words})

    def _is_other(self, turn: Turn, question: Question, now: datetime) -> bool:
        """Whether somebody who was asked for something wants another thing: "set an alarm for nine"."""
        other = self._match(turn.words, turn, now) if joined.is_own_order(turn.words) else None
        return other is not None and other.intent != question.intent

    def _followed(self, turn: Turn, now: datetime) -> Asked | None:
        """What a turn asks for that makes sense only after the one before."""
        before = self._answered.get(turn.device)
        if not before or now - before.asked.now > following.PATIENCE:
            return None
        checks = self._intents[before.asked.intent].slots
        if again := following.with_another(turn.words, before.asked, checks, now):
            return replace(again, turn=turn, now=now)
        for sentence in following.spelt_out(turn.words, before):
            asked = self._match(sentence, turn, now)
            if asked and asked.intent.startswith(f"{before.skill}."):
                return asked
        return None

    def _among_others(self, text: str, turn: Turn, now: datetime) -> list[Asked]:
        """A question about a time that is asked with a long story."""
        if len(text.split()) >= following.LEAST_WORDS and len(text) <= LONGEST:
            for part in following.question_in(text, now):
                asked = self._match(part, turn, now)
                if asked and asked.intent.startswith(following.TOLD_LONG) and not self._intents[asked.intent].acts:
                    return [replace(asked, text=part)]
        return []

    def _offered(self, turn: Turn, now: datetime) -> list[Asked]:
        """The same, for a skill that takes what no template has."""
        before = self._answered.get(turn.device)
        if not before or now - before.asked.now > following.PATIENCE:
            return []
        offers = [name for name in self._otherwise if name.startswith(f"{before.skill}.")]
        sentences = [one for one in following.spelt_out(turn.words, before) if asks(one)]
        return [Asked(offers[0], sentences[0], now, turn)] if offers and sentences else []

    def _match(self, text: str, turn: Turn, now: datetime) -> Asked | None:
        for match in self._grammar.matches(text, now):
            asked = Asked(match.intent, text, now, turn, match.slots)
            if self._intents[asked.intent].suits(asked):
                return asked
        return None

    def _requests(self, text: str, turn: Turn, now: datetime) -> list[Asked]:
        """What a text asks for: several requests in one breath, or one."""
        whole = self._match(text, turn, now)
        for one, rest in joined.parts(text) if len(text) <= LONGEST else ():
            if whole and not joined.is_another(one, rest):
                continue
            if (first := self._match(one, turn, now)) and (others := self._requests(rest, turn, now)):
                return [first, *others]
        return [whole] if whole else []

    async def _whole(self, asked: Asked, space: str, passed: list[Asked]) -> str:
        """An act that has begun is finished, with its receipt, even if somebody speaks over it."""
        said = ""
        with anyio.CancelScope(shield=True):
            said = await self._act(asked, space, passed)
        return said  # noqa: RET504 - for the type checker, a scope may swallow what is returned in it

    async def _act(self, asked: Asked, space: str, passed: list[Asked]) -> str:
        """Does it, and says what was done. A request that is passed on is noted."""
        intent = self._intents[asked.intent]
        try:
            said = await intent.handle(asked)
        except Pass:
            passed.append(asked)
            return ""
        except VoiceosError as error:
            slots = {} if asked.turn.off_record else dict(asked.slots)
            await self._sign(asked, intent, Said(apology(error), done=slots), done=False)
            raise
        if said.done is not None:
            together = self._workshop.undos.pop(asked.turn.device, None) if asked.turn.receipts else None
            await self._sign(asked, intent, said, done=True)
            self._workshop.undos.pop(asked.turn.device, None)  # nothing earlier is taken back instead
            if said.undo:
                self._workshop.undos[asked.turn.device] = _both(said.undo, together) if together else said.undo
        await self._wait(asked, said)
        return space + said.text

    async def _wait(self, asked: Asked, said: Said) -> str:
        if said.after:
            said.after()
        if said.question:
            self._waiting[asked.turn.device] = _Waiting(said.question, asked.turn, self._now() + PATIENCE)
        return ""

    async def _sign(self, asked: Asked, intent: Intent, said: Said, *, done: bool) -> None:
        turn = asked.turn
        receipt = Receipt(intent.name, turn.id, turn.who, turn.device, asked.now, done, said.text, said.done or {})
        turn.receipts = [*turn.receipts, receipt.act]
        try:
            await self._workshop.stored(lambda db: save_receipt(db, receipt))
        except StoreError as error:
            log.warning("turn %s: no receipt of %s: %s", turn.id, intent.name, error)


def _both(last: Undo, first: Undo) -> Undo:
    """What was done in one breath is taken back together."""

    async def undo() -> str:
        said, before = await last(), await first()
        return before if said in before else f"{said} {before}"

    return undo


def _answers(asked: Asked) -> None:
    """Notes that a skill answers, and not the language model."""
    asked.turn.engines["mind"] = f"{BY_SKILL}{asked.intent}"
