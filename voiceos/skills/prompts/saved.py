"""Saved prompts: what somebody has asked for, kept under a name, and asked for again by that name.

Saying the name asks for what was saved, in those words: they are the words of whoever saved it, and of nobody else.
"""

import logging
from datetime import datetime

from voiceos.errors import StoreError
from voiceos.language.data import pattern
from voiceos.language.questions import asks
from voiceos.language.sentences import joined
from voiceos.language.sentences import skill_says as says
from voiceos.memory.facts.rules import find
from voiceos.skills.grammar import plain
from voiceos.skills.routines import Routines, key_of
from voiceos.skills.skill import Asked, Intent, Pass, Question, Said, Workshop, never
from voiceos.store.prompts import Saved, prompts, remove_prompt, save_prompt

log = logging.getLogger(__name__)

FILE = "skills/prompts"
LONGEST_NAME = 5
LONGEST_AROUND = 6
"""Words around a name that still only say it."""
MOST_CHARACTERS = 4_000
"""Of a prompt."""


class SavedPrompts:
    """A part of the skill."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._routines = Routines(workshop)
        name = {"name": _is_name}
        self.intents = [
            Intent("prompts.save", self._save, True, name, never, self._has_something, takes_all=True),
            Intent("prompts.make", self._make, True, name, never, takes_all=True, dictated="text"),
            Intent("prompts.list", self._list, mine=never),
            Intent("prompts.what", self._what, slots=name, mine=never, suits=self._is_known),
            Intent("prompts.remove", self._remove, True, name, never, self._is_known),
        ]

    def recites(self, said: str, who: str) -> tuple[str, str]:
        """The name and the text of a person's prompt that a text names, and nothing else; empty: it names none."""
        text = plain(said)
        if not text or len(text.split()) > LONGEST_NAME + LONGEST_AROUND:
            return "", ""
        known = self._all(who)
        if not known or self._routines.stands_for(text):  # a routine of that name was made later
            return "", ""
        found = pattern("en", FILE, "said.run").match(text)
        names = [key_of(text), *([key_of(found["name"])] if found else [])]
        return next(((name, known[name].text) for name in names if name in known), ("", ""))

    def _all(self, who: str) -> dict[str, Saved]:
        if self._workshop.db is None:
            return {}
        try:
            return {one.name: one for one in self._workshop.work(lambda db: prompts(db, who))}
        except StoreError as error:  # every turn comes by here, and most are about something else
            log.warning("No saved prompts: %s", error)
            return {}

    def _is_known(self, asked: Asked) -> bool:
        return name_in(asked.slots.get("name", "")) in self._all(asked.turn.who)

    def _has_something(self, asked: Asked) -> bool:
        """What was only told is no request: "save this as my address"."""
        before = self._workshop.before.get(asked.turn.device)
        return before is None or asks(before.words) or not find(before.words, asked.now)

    async def _save(self, asked: Asked) -> Said:
        """Saves what was asked last."""
        before = self._workshop.before.get(asked.turn.device)
        text = asked.slots.get("text", "") or (
            before.answers or before.words if before and not before.off_record else ""
        )
        if not text:
            return Said(says("prompts.nothing_yet"))
        return await self._kept(asked, text)

    async def _make(self, asked: Asked) -> Said:
        text, whole = asked.slots.get("text", ""), asked.turn.heard
        return await self._kept(asked, whole if text == plain(whole) else text)  # "tell me" is a part of it

    async def _kept(self, asked: Asked, text: str) -> Said:
        """Keeps a text under a name, and asks for either that is missing."""
        name, known = name_in(asked.slots.get("name", "")), {**asked.slots, **({"text": text} if text else {})}
        if not name:
            return Said(says("prompts.which_name"), Question(asked.intent, "name", known))
        if self._routines.stands_for(name):
            return Said(says("prompts.is_routine", name=name), Question(asked.intent, "name", known))
        if not text:
            return Said(says("prompts.which_text", name=name), Question(asked.intent, "text", known))
        if len(text) > MOST_CHARACTERS:
            return Said(says("prompts.too_long"))
        saved = Saved(name, text.strip(), asked.turn.who, asked.turn.id, asked.now)
        before = await self._workshop.stored(lambda db: save_prompt(db, saved))

        async def undo() -> str:
            await self._workshop.stored(
                lambda db: save_prompt(db, before) if before else remove_prompt(db, name, saved.who)
            )
            return says("prompts.again" if before else "prompts.removed", name=name)

        said = says("prompts.replaced" if before else "prompts.saved", name=name, text=_told(saved.text))
        return Said(said, done={"name": name, "text": saved.text}, undo=undo)

    async def _list(self, asked: Asked) -> Said:
        names = [*self._all(asked.turn.who)]
        return Said(says("prompts.list", count=len(names), names=joined(names)) if names else says("prompts.none"))

    async def _what(self, asked: Asked) -> Said:
        saved = self._named(asked)
        return Said(says("prompts.what", name=saved.name, text=_told(saved.text)))

    async def _remove(self, asked: Asked) -> Said:
        saved = self._named(asked)
        await self._workshop.stored(lambda db: remove_prompt(db, saved.name, saved.who))

        async def undo() -> str:
            await self._workshop.stored(lambda db: save_prompt(db, saved))
            return says("prompts.again", name=saved.name)

        return Said(says("prompts.removed", name=saved.name), done={"name": saved.name}, undo=undo)

    def _named(self, asked: Asked) -> Saved:
        saved = self._all(asked.turn.who).get(name_in(asked.slots.get("name", "")))
        if saved is None:
            raise Pass
        return saved


def name_in(words: str) -> str:
    """A name as it is compared: "My morning briefing!" and "the morning briefing prompt" are one."""
    found = pattern("en", FILE, "said.named").match(plain(words))
    return key_of(found["name"]) if found else ""


def _told(text: str) -> str:
    return text.strip(" .?!")


def _is_name(words: str, now: datetime) -> bool:
    return 0 < len(words.split()) <= LONGEST_NAME and bool(name_in(words))
