"""The questions that wait for an answer: who was asked, in which room, what an answer asks for, and until when."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from voiceos.clock import local_time
from voiceos.core import Outcome, Turn
from voiceos.skills.skill import Question
from voiceos.store.permissions import PATIENCE

YES = "yes"
"""What the language model's side wants that asks whether it may; a skill has slots of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """One question."""

    question: Question
    turn: Turn
    """In which it was asked: whoever began it may answer, on its device."""
    until: datetime


class OpenQuestions:
    """What is said next on a device answers what was asked there last, and nothing else."""

    def __init__(self, now: Callable[[], datetime] = local_time) -> None:
        self._now = now
        self._waiting: dict[str, list[Waiting]] = {}
        """By device, the last asked at the end."""

    def ask(self, question: Question, turn: Turn, until: datetime | None = None) -> None:
        """It waits from now on, in place of what was asked there before, unless that lasts."""
        self._drop(turn.device, lambda one: not one.question.lasts)
        waiting = Waiting(question, turn, until or self._now() + PATIENCE)
        self._waiting.setdefault(turn.device, []).append(waiting)

    def put_to(self, turn: Turn) -> Waiting | None:
        """The question that a turn may answer: asked last on its device, of this person, in time."""
        one = next(reversed(self._waiting.get(turn.device, ())), None)
        theirs = one is not None and one.turn is not turn and one.turn.who == turn.who and self._now() <= one.until
        return one if theirs else None

    def ended(self, turn: Turn) -> None:
        """A turn has ended: what it asked waits from now on, and what an earlier one asked no longer."""
        now, there = self._now(), self._waiting.get(turn.device, [])
        there[:] = [replace(one, until=now + PATIENCE) if one.turn is turn else one for one in there]
        for device in [*self._waiting]:  # also where nobody speaks any more
            self._drop(device, lambda one: now > one.until)
        if turn.outcome is not Outcome.NOTHING_HEARD:
            self._drop(
                turn.device,
                lambda one: one.turn is not turn and one.turn.who == turn.who and not one.question.lasts,
            )

    def forget(self) -> None:
        """Something was erased, which a question may be about."""
        for device in [*self._waiting]:
            self._drop(device, lambda one: not one.question.lasts)

    def _drop(self, device: str, is_over: Callable[[Waiting], bool]) -> None:
        there = self._waiting.pop(device, [])
        over = [one for one in there if is_over(one)]
        if left := [one for one in there if one not in over]:
            self._waiting[device] = left
        for one in over:
            if one.question.over:
                one.question.over()
