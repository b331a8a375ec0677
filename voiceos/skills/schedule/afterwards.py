"""What is asked for when a timer ends: agreed to when it is made, kept with the timer, and gone with it.

It is sentences, as in a routine: each is asked for when the timer rings, so whatever it may do, and leaves behind,
holds here.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from voiceos.core import Turn
from voiceos.language.answers import yes_or_no
from voiceos.language.data import pattern, table
from voiceos.language.sentences import capital
from voiceos.language.sentences import skill_says as says
from voiceos.skills.grammar import plain
from voiceos.skills.routines import steps_of, told_steps
from voiceos.skills.schedule.planner import Planner
from voiceos.skills.schedule.said import title
from voiceos.skills.skill import BY_ITSELF, Asked, AsksFor, Intent, Question, Said, Skill, Workshop, never
from voiceos.skills.slots import is_answer
from voiceos.store.schedule import Entry

FILE = "skills/afterwards"


def make(workshop: Workshop) -> Skill:
    return Afterwards(workshop).skill


class Afterwards:
    """The skill."""

    def __init__(self, workshop: Workshop) -> None:
        self._planner = Planner(workshop, "timer")
        self._asks_for: AsksFor = lambda sentence, turn: ()

    @property
    def skill(self) -> Skill:
        timer = {"timer": _is_timer}
        makes = {**timer, "which": self._planner.is_which, "sure": is_answer}
        return Skill(
            "afterwards",
            [
                Intent("afterwards.make", self._make, True, makes, never, self._has_steps, takes_all=True),
                Intent("afterwards.what", self._what, slots=timer, mine=never),
                Intent("afterwards.drop", self._drop, acts=True, slots=timer, mine=never),
                Intent("afterwards.say", _say, mine=never, suits=lambda asked: asked.turn.device == BY_ITSELF),
            ],
            stands_for=self.stands_for,
            among=self._among,
        )

    def _among(self, asks_for: AsksFor) -> None:
        self._asks_for = asks_for

    def stands_for(self, text: str) -> Sequence[str]:
        """ "Set a timer for ten minutes and then turn off the stove": the timer, and what follows it."""
        for one in table("en", FILE)["said"]["follows"]:
            found = re.fullmatch(one, plain(text), re.IGNORECASE)
            sets = [*self._asks_for(found["set"], Turn("", ""))] if found else []
            if found and sets == ["timers.set"] and self._knows(found["steps"]):
                return found["set"], table("en", FILE)["said"]["then"].format(steps=found["steps"])
        return ()

    def _knows(self, steps: str) -> bool:
        """Whether every step will be understood when nobody is there who could say it in other words."""
        each = steps_of(steps)
        return bool(each) and all(self._asks_for(step, Turn("", "", device=BY_ITSELF)) for step in each)

    def _has_steps(self, asked: Asked) -> bool:
        return self._knows(asked.slots.get("steps", ""))

    async def _make(self, asked: Asked) -> Said:
        timer = self._meant(asked)
        if isinstance(timer, Said):
            return timer
        words = asked.slots["steps"]
        steps = tuple(dict.fromkeys([*timer.afterwards, *steps_of(words[:1].lower() + words[1:])]))
        called = title(timer, self._planner.clocks())
        if "sure" not in asked.slots:  # what is done later is agreed to now, with all that it does
            question = Question(asked.intent, "sure", {**asked.slots, "id": str(timer.id)})
            return Said(says("afterwards.sure", timer=called, steps=told_steps(steps)), question)
        if not yes_or_no(asked.slots["sure"]):
            return Said(says("afterwards.not_made"))
        return await self._changed(timer, steps, says("afterwards.made", timer=called))

    async def _drop(self, asked: Asked) -> Said:
        timer = self._meant(asked)
        if isinstance(timer, Said):
            return timer
        called = title(timer, self._planner.clocks())
        return await self._changed(timer, (), says("afterwards.dropped", timer=called))

    async def _changed(self, timer: Entry, steps: tuple[str, ...], said: str) -> Said:
        changed = await self._planner.change([timer], lambda one: replace(one, afterwards=steps) if one.waits else one)
        if not any(one.waits for one in changed):
            return Said(says("afterwards.over"))
        done = {**self._planner.record(changed), "afterwards": [*steps]}
        return Said(said, done=done, undo=self._planner.as_before([timer]))

    async def _what(self, asked: Asked) -> Said:
        timer = self._meant(asked)
        if isinstance(timer, Said):
            return replace(timer, question=None)
        if not timer.afterwards:
            return Said(says("afterwards.nothing"))
        called = title(timer, self._planner.clocks())
        return Said(says("afterwards.what", timer=called, steps=told_steps(timer.afterwards)))

    def _meant(self, asked: Asked) -> Entry | Said:
        """The timer, or what is said because it is none or not clear which."""
        there, id = self._planner.waiting(), asked.slots.get("id", "")
        if id:
            return next((one for one in there if str(one.id) == id), Said(says("afterwards.over")))
        if not there:
            return Said(says("afterwards.no_timer"))
        words, name = asked.slots.get("which", ""), ""
        if not words:
            words = asked.slots["timer"]
            name = " ".join(pattern("en", FILE, "said.unnamed").sub("", words).split())
        about = replace(asked, text=words, slots={"name": name} if name else {})
        found = self._planner.chosen(about, "timers", there)
        if isinstance(found, Said):
            question = Question(asked.intent, "which", dict(asked.slots)) if found.question else None
            return replace(found, question=question)
        return found[0]


async def _say(asked: Asked) -> Said:
    """As one of the steps."""
    words = asked.slots["words"]
    return Said(f"{capital(words)}.")


def _is_timer(words: str, now: datetime) -> bool:
    return pattern("en", FILE, "said.timer").fullmatch(words) is not None
