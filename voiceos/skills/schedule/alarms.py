"""Alarms: set, told, moved and cancelled; what rings is silenced or put off."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from voiceos.errors import StoreError
from voiceos.language.data import pattern, table
from voiceos.language.questions import content
from voiceos.language.sentences import joined
from voiceos.language.sentences import skill_says as says
from voiceos.language.times import Period
from voiceos.skills.schedule.appointed import appointed
from voiceos.skills.schedule.cancelling import cancel
from voiceos.skills.schedule.left_out import beside, leaves_out
from voiceos.skills.schedule.moving import Moving
from voiceos.skills.schedule.one import named_out
from voiceos.skills.schedule.planner import Planner
from voiceos.skills.schedule.said import said_length, said_when
from voiceos.skills.schedule.which import ALL
from voiceos.skills.schedule.words import (
    asks_no_more,
    at,
    calls,
    is_explained,
    is_length,
    is_moment,
    is_name,
    length_of,
    matches,
    may_name,
    settled,
    tells_no_day,
    tells_time,
    times_in,
    unread,
    without,
    without_now,
)
from voiceos.skills.skill import Asked, Check, Intent, Question, Said, Skill, Workshop
from voiceos.skills.slots import whole_time
from voiceos.store.schedule import Entry, snoozed

FILE = "skills/alarms"


def make(workshop: Workshop) -> Skill:
    return Alarms(workshop).skill


class Alarms:
    def __init__(self, workshop: Workshop) -> None:
        self._country = workshop.config.locale.country
        self._planner = Planner(workshop, "alarm")

    @property
    def skill(self) -> Skill:
        rings, is_which = self._while_ringing, self._planner.is_which
        sets = {"when": tells_time, "at_when": is_moment, "but": leaves_out, "what": may_name, "rest": asks_no_more}
        putting_off = {
            "snooze": rings(),
            "length": rings(is_length),
            "more": rings(is_length),
            "in_length": rings(is_moment),
        }
        return Skill(
            "alarms",
            [
                Intent("alarms.set", self._set, acts=True, slots=sets, rings=True, suits=self._is_new),
                Intent("alarms.list", self._list, slots={"what": calls, "rest": _is_of_alarms}, mine=self._is_mine),
                Intent(
                    "alarms.cancel",
                    self._cancel,
                    acts=True,
                    slots={
                        "which": self._planner.when_any(is_which, "alarm"),
                        "when": tells_time,
                        "left_out": self._comes,
                    },
                    suits=self._is_of_last,
                    ends_ringing=True,
                ),
                Moving(self._planner).intent,
                Intent(
                    "alarms.snooze",
                    self._snooze,
                    acts=True,
                    slots=putting_off,
                    mine=lambda asked: self._planner.rings(),
                    ends_ringing=True,
                ),
                Intent(
                    "alarms.stop",
                    self._stop,
                    acts=True,
                    slots={"off": rings()},
                    mine=lambda asked: self._planner.rings(),
                    ends_ringing=True,
                ),
            ],
            stands_for=self.stands_for,
        )

    def stands_for(self, text: str) -> Sequence[str]:
        """ "An alarm for seven and an alarm for eight tomorrow": both in one request, since they have one day."""
        now, joint = self._planner.clocks().now, table("en", FILE)["said"]["each_at"]
        if named := named_out(text, now):
            return self.stands_for(named) or (named,)
        one, *others = pattern("en", FILE, "said.another").split(text)
        first = times_in(settled(one, now), now)
        alike = bool(first) and all(map(tells_no_day, first)) and not _name(without(settled(one, now), first))
        both = alike and bool(others) and all(tells_time(other, now) for other in others)
        return (joint.join([one, *others]),) if both else ()

    def _is_new(self, asked: Asked) -> bool:
        """ "Make the alarm half an hour later" sets none where one is there."""
        return not (pattern("en", FILE, "said.shifts").search(asked.text) and self._ours())

    def _comes(self, words: str, now: datetime) -> bool:
        """Whether words are a time in which something of ours comes again."""
        meaning = whole_time(words, now)
        return isinstance(meaning, Period) and any(one.rule for one in self._planner.within(words, now, self._ours()))

    def _ours(self) -> list[Entry]:
        try:
            return self._planner.waiting(*ALL)
        except StoreError:
            return []

    def _is_of_last(self, asked: Asked) -> bool:
        """ "Not on Friday", after what was set or asked just now."""
        return "left_out" not in asked.slots or self._planner.before.is_of_ours(asked.turn.device)

    def _while_ringing(self, check: Check | None = None) -> Check:
        return lambda words, now: self._planner.rings() and (check is None or check(words, now))

    async def _set(self, asked: Asked) -> Said:
        first, answer = asked.slots.get("text", ""), asked.slots.get("when", "")
        text = f"{first} {_as_clock(answer, asked.now)}" if first else asked.text
        text = pattern("en", FILE, "said.each").sub(
            table("en", FILE)["said"]["each_at"], beside(settled(text, asked.now), asked.now)
        )
        if not first and unread(asked.text, asked.now):
            kept = without(text, times_in(text, asked.now))
            return Said(says("alarms.when"), Question(asked.intent, "when", {"text": kept}))
        clocks = self._planner.clocks()
        rises = pattern("en", FILE, "said.rises").search(text) is not None
        found = appointed(text, clocks, "alarm", self._country, rises=rises)
        if found.problem:
            key = found.problem if found.used or not re.search(r"\d", text) else "no_such_time"
            day = " ".join(text[one.start : one.end] for one in found.used).strip()
            kept = without(text, []) if found.problem == "day" else without(text, found.used)
            return Said(says(f"alarms.{key}", day=day), Question(asked.intent, "when", {"text": kept}))
        name = _name(without(text, found.used))
        new = [replace(entry, name=name) for entry in found.entries]
        same = [entry for entry in self._planner.waiting() if any(_alike(entry, one) for one in new)]
        if len(same) >= len(new):
            self._planner.spoken(asked, same)
            return Said(says("alarms.already", when=said_when(same[0], clocks, found.words)))
        kept = await self._planner.add(asked, new)
        whens = joined([said_when(entry, clocks, found.words) for entry in kept])
        key = "set_several" if len(kept) > 1 else "set_named" if name else "set"
        said = says(f"alarms.{key}", when=whens, name=name)
        return Said(said, done=self._planner.record(kept), undo=self._planner.unset(kept))

    def _is_mine(self, asked: Asked) -> bool:
        """Whether there are any, or all that is asked is what is asked of alarms: no code of one in a shop."""
        return bool(self._planner.waiting()) or is_explained(FILE, asked.text, asked.now)

    async def _list(self, asked: Asked) -> Said:
        alarms = self._planner.waiting()
        if not alarms:
            return Said(says("alarms.none"))
        if matches("next", asked.text):
            alarms = alarms[:1]
        elif without_now(times_in(settled(asked.text, asked.now), asked.now), asked.now):
            alarms = self._planner.within(settled(asked.text, asked.now), asked.now, alarms)
        elif named := self._planner.named(asked.text, alarms):
            alarms = named
        if not alarms:
            return Said(says("alarms.none_then"))
        clocks = self._planner.clocks()

        def spoken() -> None:
            self._planner.spoken(asked, alarms)

        if len(alarms) == 1:
            (one,) = alarms
            key = "alarms.have_named" if one.name else "alarms.have"
            return Said(says(key, when=said_when(one, clocks), name=one.name), after=spoken)
        items = [
            says("alarms.item_named" if one.name else "alarms.item", when=said_when(one, clocks), name=one.name)
            for one in alarms
        ]
        return Said(says("alarms.have_several", count=len(alarms), list=joined(items)), after=spoken)

    async def _cancel(self, asked: Asked) -> Said:
        if "left_out" in asked.slots:
            asked = replace(asked, slots={"it": "it"})
        return await cancel(self._planner, asked, "alarms")

    async def _snooze(self, asked: Asked) -> Said:
        ringing = self._planner.ringing()
        if not ringing:
            return Said(says("alarms.nothing_rings"))
        text, clocks = settled(asked.text, asked.now), self._planner.clocks()
        lengths = [length_of(one, asked.now) for one in times_in(text, asked.now)]
        seconds = next((one for one in lengths if one), table("en", FILE)["said"]["snooze_seconds"])
        await self._planner.silence()
        later = await self._planner.add(asked, [snoozed(entry, seconds, clocks) for entry in ringing])
        said = says("alarms.snoozing", length=said_length(seconds))
        return Said(said, done=self._planner.record(later), undo=self._planner.unset(later))

    async def _stop(self, asked: Asked) -> Said:
        ringing = self._planner.ringing()
        if not ringing:
            return Said(says("alarms.nothing_rings"))
        await self._planner.silence()
        return Said(says("schedule.quiet"), done=self._planner.record(ringing))


def _as_clock(words: str, now: datetime) -> str:
    """A bare number as a time of the clock."""
    text = settled(words, now)
    return text if times_in(text, now) else at(text)


def _is_of_alarms(words: str, now: datetime) -> bool:
    """Whether what follows "the alarm" tells when or what for. "The alarm code" is not about when it rings."""
    told = bool(times_in(words, now)) or not content(words.partition(" ")[0])
    return told and not (pattern("en", "questions", "at_place").match(words.lower()) and not times_in(words, now))


def _alike(one: Entry, other: Entry) -> bool:
    return one.wall is not None and (one.wall, one.rule, one.name) == (other.wall, other.rule, other.name)


def _name(text: str) -> str:
    """What an alarm is called, in a request without its times."""
    for one in table("en", FILE)["said"]["names"]:
        if found := re.search(one, text, re.IGNORECASE):
            name = pattern("en", FILE, "said.nameless").sub("", found["name"])
            name = " ".join(name.split()).strip(" '-")
            if name and is_name(name):
                return name
    return ""
