"""What a turn asks for that makes sense only after the turn before it: what goes on with it, or puts it right."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from voiceos.core import Turn
from voiceos.language import joined
from voiceos.language.questions import asks
from voiceos.mind.open_questions import OpenQuestions
from voiceos.skills import following
from voiceos.skills.by_device import ByDevice
from voiceos.skills.corrected import meant_instead
from voiceos.skills.following import Answered
from voiceos.skills.skill import Asked, Intent


class Match(Protocol):
    """The one request that a text makes; `whole`: of what it is a part."""

    def __call__(self, text: str, turn: Turn, now: datetime, whole: str = "") -> Asked | None: ...


class GoingOn:
    """Knows what a skill answered in the turn before, and what was done in it."""

    def __init__(
        self,
        intents: Mapping[str, Intent],
        otherwise: Sequence[str],
        reads: Sequence[Callable[[Asked], Sequence[Asked]]],
        questions: OpenQuestions,
        just_done: Callable[[str], Sequence[Asked]],
        match: Match,
        requests: Callable[[str, Turn, datetime, str], list[Asked]],
    ) -> None:
        """`otherwise`, `just_done`: see `Understanding`; `reads`: what reads without a template."""
        self.answered = ByDevice[Answered]()
        """What each device asked in the turn before, that a skill answered."""
        self._intents = intents
        self._otherwise = otherwise
        self._reads = reads
        self._questions = questions
        self._just_done = just_done
        self._match = match
        self._requests = requests

    def meant(self, turn: Turn, now: datetime) -> Asked | None:
        """What a turn says that it asks for, and not what was understood: "no, I meant what is on my calendar?"."""
        other, before = following.meant(turn.words), self.before(turn, now)
        acted = before is not None and self._intents[before.asked.intent].acts
        whole = asks(other) or (not acted and joined.is_own_order(other))
        return self._match(other, turn, now) if whole else None

    def followed(self, turn: Turn, now: datetime) -> Asked | None:
        """What a turn asks for that makes sense only after the question before."""
        before = self.before(turn, now)
        if not before or self._intents[before.asked.intent].acts:
            return None
        if following.once_more(turn.words):
            return replace(before.asked, turn=turn, now=now)
        checks = self._intents[before.asked.intent].slots
        if before.about and len(following.akin(before.skill)) > 1 and (found := self._spelt_out(before, turn, now)):
            return found
        if following.meant(turn.words) and self._match(turn.words, turn, now):
            return None  # it corrects what was told
        if again := following.with_another(turn.words, before.asked, checks, now):
            return replace(again, turn=turn, now=now)
        return self._spelt_out(before, turn, now)

    def offered(self, turn: Turn, now: datetime) -> list[Asked]:
        """The same, for a skill that takes what no template has."""
        before = self.before(turn, now)
        if not before:
            return []
        offers = [name for name in self._otherwise if name.startswith(f"{before.skill}.")]
        sentences = [one for one in following.spelt_out(turn.words, before) if asks(one)]
        return [Asked(offers[0], sentences[0], now, turn)] if offers and sentences else []

    def corrected(self, turn: Turn, now: datetime) -> list[Asked]:
        """What was done just now, or is only asked back about, as a turn corrects it."""
        done, waiting = self._just_done(turn.device), self._questions.put_to(turn)
        read = [one.intent for reads in self._reads for one in reads(Asked("", turn.words, now, turn))]
        if any(_skill(one) == _skill(other.intent) and one != other.intent for one in read for other in done):
            return []  # the skill puts it right itself
        if not done and waiting and waiting.question.intent in self._intents:
            for sentence in meant_instead(waiting.turn.words, turn.words, now):
                found = self._requests(sentence, turn, now, sentence)
                if found and found[0].intent == waiting.question.intent:
                    return found
        for place in reversed(range(len(done))):
            one = done[place]
            for sentence in meant_instead(one.text, turn.words, now):
                meant = self._match(sentence, turn, now, sentence)
                if meant and meant.intent == one.intent:
                    anew = [replace(other, turn=turn, now=now) for other in done]
                    anew[place] = meant
                    return [replace(anew[0], instead=True), *anew[1:]]
        return []

    def too(self, turn: Turn, now: datetime) -> list[Asked]:
        """What was set to ring just now, for another time as well."""
        for one in self._just_done(turn.device)[-1:]:
            if self._intents[one.intent].rings and (sentence := following.too(one.text, turn.words, now)):
                found = self._match(sentence, turn, now, sentence)
                return [found] if found and found.intent == one.intent else []
        return []

    def gone_on_with(self, turn: Turn, now: datetime) -> list[Asked]:
        """What a turn asks for that makes sense only after the act before."""
        before = self.before(turn, now)
        if not before or not self._intents[before.asked.intent].acts or joined.is_order(turn.words):
            return []
        return [found] if (found := self._spelt_out(before, turn, now)) else []

    def before(self, turn: Turn, now: datetime) -> Answered | None:
        before = self.answered.get(turn.device)
        return before if before and now - before.asked.now <= following.PATIENCE else None

    def _spelt_out(self, before: Answered, turn: Turn, now: datetime) -> Asked | None:
        for sentence in following.spelt_out(turn.words, before):
            asked = self._match(sentence, turn, now)
            if asked and asked.intent.partition(".")[0] in following.akin(before.skill):
                return asked
        return None


def _skill(intent: str) -> str:
    return intent.partition(".")[0]
