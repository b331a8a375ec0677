"""Corrects what a reminder is about, just after it was set: "not Ines, Irina", "no, Irina"."""

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from voiceos.language.data import pattern, table
from voiceos.language.questions import content
from voiceos.language.sentences import skill_says as says
from voiceos.skills.schedule.planner import Planner
from voiceos.skills.schedule.said import said_when
from voiceos.skills.skill import Asked, Intent, Pass, Said

FILE = "skills/reminders"
ALIKE = 0.75
"""How alike two words are before one is taken for the other misheard."""
LONGEST = 8
"""Words of what is meant instead."""


class Renaming:
    def __init__(self, planner: Planner, content: Callable[[str], str]) -> None:
        """`content`: what a request without its times wants to be reminded of."""
        self._planner = planner
        self._content = content

    @property
    def intent(self) -> Intent:
        return Intent("reminders.reword", self._reword, acts=True, mine=lambda asked: False)

    def reads(self, asked: Asked) -> Sequence[Asked]:
        """What a text makes of the reminder that was set or changed just now, or whose time was asked for."""
        if self._planner.before.asked_for(asked.turn.device) == "reminders.set":
            name = renamed(self._content(self._planner.before.words(asked.turn.device)), asked.text)
            return [replace(asked, intent="reminders.set", text=says("reminders.to", what=name))] if name else []
        last = self._planner.last_changed(asked.turn.device)
        if not last or last.kind != "reminder" or not (name := renamed(last.name, asked.text)):
            return []
        return [replace(asked, intent="reminders.reword", slots={"name": name})]

    async def _reword(self, asked: Asked) -> Said:
        last, name = self._planner.last_changed(asked.turn.device), asked.slots.get("name")
        if not last or not name:
            raise Pass
        (after,) = await self._planner.change([last], lambda entry: replace(entry, name=name)) or [last]
        said = says("reminders.set", when=said_when(after, self._planner.clocks()), what=after.name)
        return Said(said, done=self._planner.record([after]), undo=self._planner.as_before([last]))


def renamed(name: str, text: str) -> str:
    """What something is about as a text corrects it; empty: the text is no correction of it."""
    if not name:
        return ""
    for one in table("en", "corrections")["rather"]:
        found = re.search(one, text, re.IGNORECASE)
        if found and (old := re.search(rf"\b{re.escape(found['old'])}\b", name, re.IGNORECASE)):
            return _with(name, old.span(), found["new"])
    for one in table("en", "corrections")["instead"]:
        if (found := re.search(one, text, re.IGNORECASE)) and len(found["new"].split()) <= LONGEST:
            return _instead(name, found["new"])
    return ""


def _instead(name: str, new: str) -> str:
    """The same with other words in the place of what they are likest to."""
    verb, *more = new.split()
    if whole := pattern("en", FILE, "said.whole").fullmatch(new):
        return whole["what"]
    if more and verb.lower() == name.split()[0].lower():
        return new
    span = _misheard(name, new) or _of_one_kind(name, new) or _named(name, new)
    return _with(name, span, new) if span else ""


def _misheard(name: str, new: str) -> tuple[int, int] | None:
    """The word that sounds like another: "Irena", "Irina"."""
    likeness = {
        word.span(): difflib.SequenceMatcher(None, word[0].lower(), new.lower()).ratio()
        for word in re.finditer(r"\w+", name)
        if content(word[0])
    }
    span = max(likeness, key=lambda one: likeness[one], default=None)
    return span if span and ALIKE <= likeness[span] < 1 else None


def _of_one_kind(name: str, new: str) -> tuple[int, int] | None:
    """The thing of which another kind is meant: "milk", "oat milk"."""
    article = pattern("en", FILE, "said.article")
    *kind, thing = article.sub("", new, count=1).split() or [""]
    if len(kind) != 1 or not content(thing) or not content(*kind):
        return None
    before = rf"(?:{article.pattern}\s+)?" if article.match(new) else ""
    found = re.search(rf"{before}\b{re.escape(thing)}\b", name, re.IGNORECASE)
    return found.span() if found else None


def _named(name: str, new: str) -> tuple[int, int] | None:
    """The only name, where another is told."""
    names = [one.span() for one in re.finditer(r"(?<=\s)[A-Z]\w+(?:\s[A-Z]\w+)*", name)]
    return names[0] if len(names) == 1 and all(map(str.istitle, new.split())) else None


def _with(name: str, span: tuple[int, int], new: str) -> str:
    return f"{name[: span[0]]}{new}{name[span[1] :]}"
