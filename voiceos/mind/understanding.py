"""What a turn asks the skills for: by their sentences, as what follows the turn before, or by the judge of intent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from voiceos.core import Outcome, Turn
from voiceos.language import joined, wanted
from voiceos.language.answers import yes_or_no
from voiceos.mind.going_on import GoingOn
from voiceos.mind.open_questions import YES, OpenQuestions
from voiceos.skills import following
from voiceos.skills.by_device import ByDevice
from voiceos.skills.corrected import mended
from voiceos.skills.following import Answered
from voiceos.skills.grammar import LONGEST, Grammar
from voiceos.skills.skill import Asked, Intent, Question, Skill

MOST_UNORDERED = 2
"""Joints of a text whose parts are looked at though none begins as an order."""

ALL_RIGHT = "conversation.no"
"""Answers an order that is denied or taken back."""

UNDO = "acts.undo"

Judge = Callable[[str], Sequence[str]]
"""The intents that a sentence may have, of which the first that is installed and does not refuse it is taken.
Blocks a few milliseconds.
"""


class Understanding:
    """Knows for each device which question waits, and what was answered last."""

    def __init__(
        self,
        skills: Sequence[Skill],
        judge: Judge | None,
        now: Callable[[], datetime],
        questions: OpenQuestions,
        just_done: Callable[[str], Sequence[Asked]] = lambda device: (),
    ) -> None:
        """`judge` is asked about what no template has.

        `just_done`: the requests of the turn before on a device that can be done anew, corrected.
        """
        self.intents: Mapping[str, Intent] = {intent.name: intent for skill in skills for intent in skill.intents}
        self.otherwise: Sequence[str] = [skill.otherwise for skill in skills if skill.otherwise]
        """What is offered that no skill takes."""
        self._reads = [skill.reads for skill in skills if skill.reads]
        self._recites = [skill.recites for skill in skills if skill.recites]
        self._stands_for = [skill.stands_for for skill in skills if skill.stands_for]
        self._heeds = [skill.heeds for skill in skills if skill.heeds]
        self._grammar = Grammar(skills)
        self._judge = judge
        self._now = now
        self._questions = questions
        self._just_done = just_done
        self._answering = ByDevice[Answered]()
        """What each device asked in this turn, that a skill answers."""
        self._going_on = GoingOn(
            self.intents, self.otherwise, self._reads, questions, just_done, self.match, self._requests
        )
        for skill in skills:
            if skill.among:
                skill.among(self._asks_for)

    def warm(self) -> None:
        """Reads the sentences. Blocks."""
        self._grammar.warm()
        if self._judge:
            self._judge("What time is it?")

    # What is remembered

    def answers(self, asked: Asked, about: str) -> None:
        """A skill answers this, and what it says is about that."""
        before = self._going_on.answered.get(asked.turn.device)
        kept = before.about if before and asked.intent.endswith(".again") else ""
        self._answering[asked.turn.device] = Answered(asked, about or kept)

    def ended(self, turn: Turn) -> None:
        """A turn has ended: its question waits from now on, and one of an earlier turn no longer."""
        answering = self._answering.pop(turn.device, None)
        if answering and answering.asked.turn is turn:
            self._going_on.answered[turn.device] = answering
        elif turn.outcome is not Outcome.NOTHING_HEARD:
            self._going_on.answered.pop(turn.device, None)
        self._questions.ended(turn)

    # What is asked

    def plain(self, text: str) -> str:
        return self._grammar.plain(text)

    def recited(self, turn: Turn) -> tuple[str, str]:
        """The name of the saved prompt that a turn says, and what it asks; empty: it says none."""
        if self._answer(turn, self._now()) or self.urgent(turn.heard):
            return "", ""
        return self._recited(turn.heard, turn.who)

    def _recited(self, text: str, who: str) -> tuple[str, str]:
        return next((found for recites in self._recites if (found := recites(text, who))[0]), ("", ""))

    def urgent(self, text: str) -> str:
        """The intent of a sentence that tells of danger; empty: of none."""
        return next(filter(None, (heeds(text) for heeds in self._heeds)), "")

    def begun_with(self, turn: Turn) -> str:
        """The request whose question a turn answers; empty: it answers none."""
        waiting = self._questions.put_to(turn)
        return (waiting.turn.answers or waiting.turn.words) if waiting and self._answer(turn, self._now()) else ""

    def asked(self, turn: Turn) -> list[Asked]:
        """What a turn asks the skills for by their sentences; empty: nothing that they know."""
        text, now = turn.words, self._now()
        if urgent := self.urgent(text):
            return [Asked(urgent, text, now, turn)]
        if answer := self._answer(turn, now):
            return [answer]
        if self._tells_the_model(turn):
            return []
        if (order := self._grammar.plain(wanted.taken_back(text))) and self._is_act(order, turn, now):
            return [Asked(ALL_RIGHT, text, now, turn)]
        if (denied := wanted.denied(self._grammar.plain(text))) and self._is_just_done(denied.order, turn):
            return [Asked(UNDO, text, now, turn)]
        return self._anew(text, turn, now) or [one for one in (self._answer(turn, now, lasting=True),) if one]

    def _anew(self, text: str, turn: Turn, now: datetime) -> list[Asked]:
        """The same of what answers no question."""
        if sentences := next(filter(None, (stands_for(text) for stands_for in self._stands_for)), ()):
            spelt = [self._recited(one, turn.who)[1] or one for one in sentences]
            each = [self._requests(one, turn, now) or [Asked("", one, now, turn)] for one in spelt]
            return [one for requests in each for one in requests]
        if (meant := mended(text, now)) and (found := self._requests(meant, turn, now, meant)):
            return found
        if alone := self._going_on.meant(turn, now) or self._going_on.followed(turn, now):
            return [alone]
        if found := self._requests(text, turn, now) or self._going_on.offered(turn, now):
            return found
        if found := self._going_on.corrected(turn, now):
            return found
        return (
            self._going_on.too(turn, now)
            or self._going_on.gone_on_with(turn, now)
            or self._among_others(text, turn, now)
        )

    def judged(self, turn: Turn, now: datetime) -> list[list[Asked]]:
        """What a turn that no template has may ask for: readings, the likeliest first, each of one request or more.

        Blocks some milliseconds, in any thread.
        """
        if len(turn.words) > LONGEST:
            return []
        both_ways = [*joined.parts(turn.words)]
        for parts in both_ways:
            if len(both_ways) > MOST_UNORDERED and not any(map(joined.is_order, parts)):
                continue  # a story
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
        if denied := wanted.denied(self._grammar.plain(text)):
            if denied.instead:
                other = denied.instead
                return self._requests(other, turn, now, other) or self._readings(other, turn, now)
            return [Asked(ALL_RIGHT, text, now, turn)] if self._is_act(denied.order, turn, now) else []
        before = self._going_on.before(turn, now)
        whole = [*following.of_the_last(text, before), text] if before else [text]
        read = [one for words in whole for reads in self._reads for one in reads(Asked("", words, now, turn))]
        names = self._judge(self._grammar.plain(text)) if self._judge else ()
        readings = [Asked(name, text, now, turn) for name in names if name in self.intents]
        if self.only_names(text):
            readings = [one for one in readings if not self.intents[one.intent].acts]
        return [*read, *(one for one in readings if self.intents[one.intent].mine(one))]

    def _is_act(self, order: str, turn: Turn, now: datetime) -> bool:
        """Whether an order is for something that a skill does."""
        asked = self._requests(order, turn, now, order) or self._readings(order, turn, now)
        return any(joined.is_order(order) or self.intents[one.intent].acts for one in asked)

    def _is_just_done(self, order: str, turn: Turn) -> bool:
        """Whether an order for "it" is what was done just now, by its verb: "no, don't cancel it"."""
        done = self._just_done(turn.device)
        said = [words.lower().split()[:1] for words in (order, *(self._grammar.plain(one.text) for one in done))]
        return len(done) == 1 and following.names_last(order) and said[0] == said[1]

    def only_names(self, text: str) -> int:
        """Where the words end after which no order of a text is wanted; 0: it may be."""
        plain = self._grammar.plain(text)
        return denied.end if (denied := wanted.denied(plain)) else wanted.only_named(plain)

    def _swallows(self, asked: Asked) -> bool:
        """Whether a slot holds some of the words after which an order is not wanted: "don't set a" is no timer."""
        if not self.intents[asked.intent].acts or not (end := self.only_names(asked.text)):
            return False
        plain = self._grammar.plain(asked.text).lower()
        return any(0 <= plain.rfind(words.lower()) < end for words in asked.slots.values())

    def _tells_the_model(self, turn: Turn) -> bool:
        """Whether a turn is the yes or no for which the language model waits."""
        waiting = self._questions.put_to(turn)
        asked = waiting is not None and waiting.question.intent not in self.intents and waiting.question.wanted == YES
        return asked and yes_or_no(turn.heard) is not None

    def _answer(self, turn: Turn, now: datetime, *, lasting: bool = False) -> Asked | None:
        """What an answer to the question that waits asks for; `lasting`: as it is taken where nothing else is asked."""
        waiting = self._questions.put_to(turn)
        if not waiting or turn.stands_for or waiting.question.intent not in self.intents:  # or it is the model's
            return None
        question = waiting.question
        if lasting is not (question.lasts and yes_or_no(turn.heard) is None):
            return None
        if question.sentence:
            return self.match(question.sentence, turn, now) if yes_or_no(turn.heard) else None
        words = self._grammar.plain(turn.heard)
        check = self.intents[question.intent].slots.get(question.wanted)
        if not words or (check and not check(words, now)) or self._is_other(turn, question, now):
            return None
        return Asked(question.intent, turn.heard, now, turn, {**question.slots, question.wanted: words})

    def _is_other(self, turn: Turn, question: Question, now: datetime) -> bool:
        """Whether somebody who was asked for something wants another thing: "set an alarm for nine"."""
        other = self.match(turn.heard, turn, now) if joined.is_own_order(turn.heard) else None
        return other is not None and other.intent != question.intent

    def _among_others(self, text: str, turn: Turn, now: datetime) -> list[Asked]:
        """A question about a time that is asked with a long story."""
        if len(text.split()) >= following.LEAST_WORDS and len(text) <= LONGEST:
            for part in following.question_in(text, now):
                asked = self.match(part, turn, now)
                if asked and asked.intent.startswith(following.TOLD_LONG) and not self.intents[asked.intent].acts:
                    return [replace(asked, text=part)]
        return []

    def match(self, text: str, turn: Turn, now: datetime, whole: str = "") -> Asked | None:
        for match in self._grammar.matches(text, now, whole):
            asked = Asked(match.intent, text, now, turn, match.slots, match.template)
            if self.intents[asked.intent].suits(asked) and not self._swallows(asked):
                return asked
        return None

    def _asks_for(self, text: str, turn: Turn) -> list[str]:
        """The intents that a text asks for by the sentences of skills."""
        return [one.intent for one in self._requests(self._recited(text, turn.who)[1] or text, turn, self._now())]

    def _requests(self, text: str, turn: Turn, now: datetime, of: str = "") -> list[Asked]:
        """What a text asks for: several requests in one breath, or one. `of`: of what it is a part between joints."""
        of = of or turn.words
        whole = self.match(text, turn, now, of)
        if whole and self.intents[whole.intent].takes_all:
            return [whole]
        for one, rest in joined.parts(text) if len(text) <= LONGEST else ():
            if whole and not joined.is_another(one, rest):
                continue
            if not (first := self.match(one, turn, now, of)):
                continue
            if others := self._in_the_same_breath(first, rest, turn, now) or self._requests(rest, turn, now, of):
                return [first, *others]
        return [whole] if whole else []

    def _in_the_same_breath(self, first: Asked, rest: str, turn: Turn, now: datetime) -> list[Asked]:
        sentences = following.in_the_same_breath(rest, first.intent.partition(".")[0])
        return [one for sentence in sentences if (one := self.match(sentence, turn, now))][:1]
