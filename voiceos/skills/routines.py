"""Routines: several requests under a name, by voice or in the settings, when it is said or at a time.

A routine is sentences. Saying its name asks for each of them, so whatever each may do, and leaves behind, holds here.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from voiceos.core import Turn
from voiceos.errors import StoreError
from voiceos.language.answers import yes_or_no
from voiceos.language.data import pattern
from voiceos.language.sentences import capital, joined
from voiceos.language.sentences import skill_says as says
from voiceos.skills.grammar import plain
from voiceos.skills.schedule.appointed import appointed
from voiceos.skills.schedule.planner import Planner
from voiceos.skills.schedule.said import said_when
from voiceos.skills.schedule.words import tells_time, turned
from voiceos.skills.skill import Asked, AsksFor, Intent, Pass, Question, Said, Skill, Workshop, never
from voiceos.skills.slots import is_answer
from voiceos.store.routines import Routine, remove_routine, routines, save_routine

log = logging.getLogger(__name__)

FILE = "skills/routines"
LONGEST_NAME = 5
"""Words."""
MOST_STEPS = 12


def make(workshop: Workshop) -> Skill:
    return Routines(workshop).skill


class Routines:
    """The skill."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._country = workshop.config.locale.country
        self._planner = Planner(workshop, "routine")
        self._asks_for: AsksFor = lambda sentence, turn: ()

    @property
    def skill(self) -> Skill:
        name = {"name": _is_name}
        makes = {**name, "steps": _is_steps, "again": self._is_another_try, "sure": is_answer}
        return Skill(
            "routines",
            [
                Intent("routines.make", self._make, True, makes, never, self._has_steps, takes_all=True),
                Intent("routines.list", self._list, mine=never),
                Intent("routines.what", self._what, slots=name, mine=never, suits=self._is_known),
                Intent("routines.remove", self._remove, acts=True, slots=name, mine=never, suits=self._is_known),
                Intent(
                    "routines.at",
                    self._at,
                    acts=True,
                    slots={**name, "rest": self._is_one_with_time, "when": tells_time, "sure": is_answer},
                    mine=never,
                    suits=self._is_timed,
                ),
                Intent("routines.cancel", self._cancel, acts=True, slots=name, mine=never, suits=self._is_known),
            ],
            stands_for=self.stands_for,
            among=self._among,
        )

    def _among(self, asks_for: AsksFor) -> None:
        self._asks_for = asks_for

    def stands_for(self, text: str) -> Sequence[str]:
        """The sentences of the routine that a text names, and nothing else; none: it names none."""
        known = self._all()
        if not known:
            return ()
        found = pattern("en", FILE, "said.start").match(plain(text))
        names = [key_of(text), *([key_of(found["name"])] if found else [])]
        return next((known[name].sentences for name in names if name in known), ())

    def _all(self) -> Mapping[str, Routine]:
        written = self._workshop.config.tools.routines
        ours = {key_of(name): Routine(key_of(name), steps_of(text)) for name, text in written.items()}
        if self._workshop.db is None:
            return ours
        try:
            return {**{one.name: one for one in self._workshop.work(routines)}, **ours}
        except StoreError as error:  # every turn comes by here, and most are about something else
            log.warning("No routines: %s", error)
            return ours

    def _is_known(self, asked: Asked) -> bool:
        """Only what names a routine is about one."""
        return key_of(asked.slots.get("name", "")) in self._all()

    def _has_steps(self, asked: Asked) -> bool:
        """ "When I say cheese, I mean it" makes no routine."""
        return "rest" not in asked.slots or bool(self._parted(asked.slots["rest"], asked.turn)[0])

    def _parted(self, rest: str, turn: Turn) -> tuple[str, str]:
        """The name and the steps in "good night turn off the lights": of all ways to part them the one after which a
        request begins.
        """
        words = rest.split()
        at_commas = [at for at, word in enumerate(words[:LONGEST_NAME], 1) if word.endswith(",")]
        for at in [*at_commas, *range(1, min(LONGEST_NAME, len(words) - 1) + 1)]:
            steps = pattern("en", FILE, "said.then").sub("", " ".join(words[at:]))
            if (each := steps_of(steps)) and self._asks_for(each[0], turn):
                return " ".join(words[:at]).strip(" ,"), steps
        return "", ""

    async def _make(self, asked: Asked) -> Said:
        if "rest" in asked.slots:
            name, steps = self._parted(asked.slots["rest"], asked.turn)
            slots = {key: words for key, words in asked.slots.items() if key != "rest"}
            return await self._make(replace(asked, slots={**slots, "name": name, "steps": steps}))
        if "sure" not in asked.slots and is_answer(asked.text, asked.now):
            return Said(says("routines.not_made"))  # there was nothing to say yes to
        name = key_of(asked.slots.get("name", ""))
        steps = steps_of(asked.slots.get("again", asked.slots.get("steps", "")))
        if not name:
            return Said(says("routines.which_name"), Question(asked.intent, "name", dict(asked.slots)))
        if not steps:
            said = says("routines.which_steps", name=capital(name))
            return Said(said, Question(asked.intent, "steps", dict(asked.slots)))
        if problem := self._problem(name, steps, asked):
            return problem
        if "sure" not in asked.slots:
            key = "sure_instead" if name in self._all() else "sure"
            return Said(says(f"routines.{key}", name=capital(name), steps=told_steps(steps)), _sure(asked))
        if not yes_or_no(asked.slots["sure"]):
            return Said(says("routines.not_made"))
        routine = Routine(name, steps, asked.turn.who, asked.turn.id, asked.now)
        before = await self._workshop.stored(lambda db: save_routine(db, routine))

        async def undo() -> str:
            await self._workshop.stored(lambda db: save_routine(db, before) if before else remove_routine(db, name))
            return says("routines.again" if before else "routines.removed", name=capital(name))

        return Said(says("routines.made", name=capital(name)), done={"name": name, "steps": [*steps]}, undo=undo)

    def _problem(self, name: str, steps: Sequence[str], asked: Asked) -> Said | None:
        """Why there can be no such routine; None: there can."""
        if name in self._written():
            return Said(says("routines.from_file", name=capital(name)))
        again = Question(asked.intent, "again", {"name": name})
        if any(name == key_of(step) or self.stands_for(step) for step in steps):
            return Said(says("routines.loop", name=capital(name)), again)
        if unknown := next((step for step in steps if not self._asks_for(step, asked.turn)), ""):
            return Said(says("routines.not_known", step=unknown), again)
        return None

    def _is_another_try(self, words: str, now: datetime) -> bool:
        """Whether the steps are told once more. What has none that is known is about something else."""
        if is_answer(words, now):
            return True
        return _is_steps(words, now) and any(self._asks_for(step, Turn("", "")) for step in steps_of(words))

    def _written(self) -> set[str]:
        return {key_of(name) for name in self._workshop.config.tools.routines}

    async def _list(self, asked: Asked) -> Said:
        names = [capital(name) for name in self._all()]
        return Said(says("routines.list", count=len(names), names=joined(names)) if names else says("routines.none"))

    async def _what(self, asked: Asked) -> Said:
        routine = self._named(asked)
        return Said(says("routines.what", name=capital(routine.name), steps=told_steps(routine.sentences)))

    async def _remove(self, asked: Asked) -> Said:
        routine = self._named(asked)
        if routine.name in self._written():
            return Said(says("routines.from_file", name=capital(routine.name)))
        await self._workshop.stored(lambda db: remove_routine(db, routine.name))
        waiting = [one for one in self._planner.waiting() if one.name == routine.name]
        again = self._planner.set_again(waiting)
        await self._planner.remove(waiting)

        async def undo() -> str:
            await self._workshop.stored(lambda db: save_routine(db, routine))
            if waiting:
                await again()
            return says("routines.again", name=capital(routine.name))

        said = says("routines.removed", name=capital(routine.name))
        return Said(said, done={"name": routine.name, "steps": [*routine.sentences]}, undo=undo)

    def _is_timed(self, asked: Asked) -> bool:
        return "rest" in asked.slots or self._is_known(asked)

    def _is_one_with_time(self, rest: str, now: datetime) -> bool:
        return bool(self._with_time(rest, now)[0])

    def _with_time(self, rest: str, now: datetime) -> tuple[str, str]:
        """The name and the time in "good night every day at eleven"."""
        words = rest.split()
        for at in range(1, len(words)):
            name, when = key_of(" ".join(words[:at])), " ".join(words[at:])
            if name in self._all() and tells_time(when, now):
                return name, when
        return "", ""

    async def _at(self, asked: Asked) -> Said:
        if "rest" in asked.slots:
            name, when = self._with_time(asked.slots["rest"], asked.now)
            slots = {key: words for key, words in asked.slots.items() if key != "rest"}
            return await self._at(replace(asked, slots={**slots, "name": name, "when": when}))
        routine = self._named(asked)
        found = appointed(asked.slots.get("when", ""), self._planner.clocks(), "routine", self._country)
        if found.problem:
            key = "past" if found.problem == "past" else "when"
            known = {"name": routine.name}
            return Said(says(f"routines.{key}", name=capital(routine.name)), Question(asked.intent, "when", known))
        new = [replace(entry, name=routine.name) for entry in found.entries]
        when = joined([said_when(entry, self._planner.clocks(), found.words) for entry in new])
        if "sure" not in asked.slots:  # what is done later is agreed to now, with all that it does
            said = says("routines.sure_at", name=capital(routine.name), when=when, steps=told_steps(routine.sentences))
            return Said(said, _sure(asked))
        if not yes_or_no(asked.slots["sure"]):
            return Said(says("routines.not_made"))
        kept = await self._planner.add(asked, new)
        said = says("routines.set", name=capital(routine.name), when=when)
        return Said(said, done=self._planner.record(kept), undo=self._planner.unset(kept))

    async def _cancel(self, asked: Asked) -> Said:
        routine = self._named(asked)
        waiting = [one for one in self._planner.waiting() if one.name == routine.name]
        if not waiting:
            return Said(says("routines.no_time", name=capital(routine.name)))
        await self._planner.remove(waiting)
        said = says("routines.unset", name=capital(routine.name))
        return Said(said, done=self._planner.record(waiting), undo=self._planner.set_again(waiting))

    def _named(self, asked: Asked) -> Routine:
        routine = self._all().get(key_of(asked.slots.get("name", "")))
        if routine is None:
            raise Pass
        return routine


def key_of(name: str) -> str:
    """A name as it is compared: "Good night!" and "good night" are one."""
    return " ".join(plain(name).lower().strip(" .,!?'\"").split())


def steps_of(text: str) -> tuple[str, ...]:
    """The steps that a text tells, one after the other."""
    return tuple(step.strip(" .,") for step in pattern("en", FILE, "said.between").split(text) if step.strip(" .,"))


def told_steps(steps: Sequence[str]) -> str:
    """The steps, told to whom they belong."""
    return says("routines.then").join(map(turned, steps))


def _sure(asked: Asked) -> Question:
    return Question(asked.intent, "sure", dict(asked.slots))


def _is_name(words: str, now: datetime) -> bool:
    return 0 < len(words.split()) <= LONGEST_NAME


def _is_steps(words: str, now: datetime) -> bool:
    return 0 < len(steps_of(words)) <= MOST_STEPS
