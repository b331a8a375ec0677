"""Gives what was set a name, or another: "call it laundry"."""

from dataclasses import replace
from datetime import datetime

from voiceos.language.data import pattern
from voiceos.language.sentences import skill_says as says
from voiceos.skills.schedule.planner import Planner
from voiceos.skills.schedule.said import title
from voiceos.skills.schedule.timer_names import FILE, name_in
from voiceos.skills.schedule.which import ALL
from voiceos.skills.schedule.words import may_name, times_in
from voiceos.skills.skill import Asked, Check, Intent, Said


class Calling:
    def __init__(self, planner: Planner, is_named: Check) -> None:
        """`is_named`: whether some words are the name of one of those there are."""
        self._planner = planner
        self._is_named = is_named

    @property
    def intent(self) -> Intent:
        there = self._planner.when_any(None, "timer", "alarm")
        place = self._planner.when_any(self._planner.is_which)
        slots = {"it": there, "place": place, "named": self._is_named, "name": may_name, "called": _is_name}
        return Intent("timers.call", self._call, acts=True, slots=slots, mine=lambda asked: False)

    async def _call(self, asked: Asked) -> Said:
        name = name_in(asked.slots["called"])
        which = replace(asked, text=asked.text.replace(asked.slots["called"], ""))
        there = [one for one in self._planner.waiting(*ALL) if one.kind != "reminder"]
        kinds = self._planner.spoken_kinds(which) if "name" not in asked.slots else ("timer",)
        chosen = self._planner.chosen(which, "timers", [one for one in there if one.kind in kinds])
        if isinstance(chosen, Said):
            return replace(chosen, question=None)
        if len(chosen) != 1:
            return Said(says("timers.which", list=self._planner.listed(chosen)))
        (after,) = await self._planner.change(chosen, lambda entry: replace(entry, name=name)) or chosen
        self._planner.spoken(asked, [after])
        text = says("schedule.renamed", title=title(after, self._planner.clocks()))
        return Said(text, done=self._planner.record([after]), undo=self._planner.as_before(chosen))


def _is_name(words: str, now: datetime) -> bool:
    idle = pattern("en", FILE, "said.not_called").fullmatch(words)
    return not idle and may_name(words, now) and bool(name_in(words)) and not times_in(words, now)
