"""Moves what is to come to another time: an alarm, a reminder, or a timer that was set just now."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from voiceos.language.data import pattern
from voiceos.language.sentences import skill_says as says
from voiceos.language.times import Duration, Found, Moment, Period
from voiceos.language.times.hours import in_its_hour
from voiceos.skills.schedule.appointed import following, in_period
from voiceos.skills.schedule.cancelling import newly_left_out, without_one
from voiceos.skills.schedule.lengthening import lengthen, set_anew
from voiceos.skills.schedule.planner import Planner
from voiceos.skills.schedule.said import moment, said_when, title
from voiceos.skills.schedule.which import ALL
from voiceos.skills.schedule.words import at, is_length, length_of, settled, tells_time, timer_length, times_in
from voiceos.skills.skill import Asked, Intent, Pass, Question, Said
from voiceos.store.schedule import Entry, due_after

FILE = "skills/alarms"


class Moving:
    def __init__(self, planner: Planner) -> None:
        self._planner = planner

    @property
    def intent(self) -> Intent:
        there = self._planner.when_any(None, "alarm", "reminder")
        is_span = self._planner.when_any(is_length, *ALL)
        to, anew = self._planner.when_any(tells_time, "alarm", "reminder"), self._planner.when_any(tells_time, *ALL)
        return Intent(
            "alarms.move",
            self._move,
            acts=True,
            slots={
                "which": self._planner.is_which,
                "it": there,
                "to": to,
                "when": to,
                "anew": anew,
                "fixed": self._planner.when_any(_tells_new, *ALL),
                "span": is_span,
                "by": is_span,
            },
            suits=self._is_of_last,
            mine=self._may_be_moved,
        )

    def _may_be_moved(self, asked: Asked) -> bool:
        named = pattern("en", FILE, "said.kind").search(asked.text) is not None
        return named or bool(self._planner.waiting(*ALL))

    def _is_of_last(self, asked: Asked) -> bool:
        """Whether "no, half six" is about what was set or changed just now, and "make it nine" about nothing else."""
        before, device = self._planner.before, asked.turn.device
        if {"it", "anew", "which"} & asked.slots.keys() and before.is_of_calendar(device):
            return False
        if {"it", "anew"} & asked.slots.keys() and before.is_of_sound(device):
            return False
        if "by" in asked.slots:  # "an hour earlier", and nothing else
            return before.is_of_ours(device)
        last = before.acted_on_ours(device)
        if fixed := asked.slots.get("fixed"):
            return last is True and (tells_time(fixed, asked.now) or self._is_timer(asked))
        return last is not False or "anew" not in asked.slots

    def _is_timer(self, asked: Asked) -> bool:
        return self._planner.last_kind(asked.turn.device) == "timer"

    async def _move(self, asked: Asked) -> Said:
        if anew := asked.slots.get("anew") or asked.slots.get("fixed"):
            asked = replace(asked, text=anew, slots={"to": anew})
            if self._is_timer(asked):
                return await self._lengthen(asked)
        if "by" in asked.slots:
            asked = replace(asked, slots={"it": "it"})
        said = f"{asked.slots.get('text', '')} {asked.text}".strip()
        text = settled(said, asked.now)
        one, to = _apart(text, asked)
        found = times_in(to, asked.now)
        if not found:
            return Said(says("alarms.to_when"), Question(asked.intent, "to", {"text": text}))
        target, before = found[-1], f"{one} {to[: found[-1].start]}"
        of_reminder = pattern("en", FILE, "said.of_reminder").search(text)
        slots = {key: value for key, value in asked.slots.items() if key in ("which", "it")}
        of_none = replace(asked, slots={key: value for key, value in asked.slots.items() if key != "which"})
        kinds = ("reminder",) if of_reminder else self._planner.spoken_kinds(of_none)
        meant = self._planner.chosen(replace(asked, text=before, slots=slots), "alarms", self._planner.waiting(*kinds))
        if isinstance(meant, Said):
            return replace(meant, question=None) if meant.question else meant
        if len(meant) > 1:
            return Said(says("alarms.cannot_move", list=self._planner.listed(meant)))
        if meant[0].kind == "timer" and isinstance(target.meaning, Duration):
            return await lengthen(self._planner, asked, meant, [_signed(target.meaning, text).total_seconds()])
        named = replace(asked, text=f"{asked.slots.get('which', '')} {before}")
        others = without_one(named, meant[0])
        when = newly_left_out(meant[0], others) if others else []
        if len(when) > 1:
            return Said(says("alarms.to_when"))
        moved = self._moved(replace(meant[0], wall=when[0]) if when else meant[0], target, text)
        if isinstance(moved, str):
            return Said(
                says(moved), Question(asked.intent, "to", {"text": text}) if moved == "alarms.to_when" else None
            )
        if moved.wall and others:
            return await self._once(
                asked, meant, others, replace(moved, first=moved.wall, rule="", country="", left_out=())
            )
        (after,) = await self._planner.change(meant, lambda entry: moved) or [moved]
        self._planner.spoken(asked, [after])
        clocks = self._planner.clocks()
        said = says("alarms.moved", title=title(after, clocks, "kind"), when=said_when(after, clocks))
        return Said(said, done=self._planner.record([after]), undo=self._planner.as_before(meant))

    async def _once(self, asked: Asked, meant: Sequence[Entry], others: Entry, moved: Entry) -> Said:
        """Only the next time of what comes again, at another time."""
        await self._planner.change(meant, lambda entry: others)
        (new,) = kept = await self._planner.add(asked, [moved])
        clocks = self._planner.clocks()

        async def undo() -> str:
            await self._planner.remove(kept)
            return await self._planner.as_before(meant)()

        said = says("alarms.moved_once", title=title(new, clocks, "kind"), when=said_when(new, clocks))
        return Said(said, done=self._planner.record([*kept, others]), undo=undo)

    async def _lengthen(self, asked: Asked) -> Said:
        """The timer that was spoken of, at another length."""
        chosen = self._planner.chosen(asked, "timers", self._planner.waiting("timer"))
        if isinstance(chosen, Said):
            return replace(chosen, question=None)
        words = timer_length(settled(asked.text, asked.now), self._planner.before.words(asked.turn.device))
        lengths = [length_of(one, asked.now) for one in times_in(words, asked.now)]
        if len(lengths) != 1 or len(chosen) != 1:
            raise Pass
        return await set_anew(self._planner, asked, chosen, lengths[0])

    def _moved(self, entry: Entry, target: Found, text: str) -> Entry | str:
        """The same at another time, or the sentence that tells what is wrong.

        It is of the same day, if none is told; at the same hour, if only a day is; or by so much later or earlier.
        """
        clocks = self._planner.clocks()
        past = "reminders.past" if entry.kind == "reminder" else "alarms.past"
        now, wall, meaning = clocks.now.replace(tzinfo=None), entry.wall, target.meaning
        if isinstance(meaning, Duration):
            by = _signed(meaning, text)
            if wall is None:
                rest = self._planner.left(entry) + by.total_seconds()
                return due_after(entry, rest, clocks) if rest >= 1 else past
            to = wall + by
        elif isinstance(meaning, Moment):
            to = meaning.at.replace(tzinfo=None)
            if wall and target.every == "hour":
                to = in_its_hour(wall, to.minute)
            elif wall and (entry.rule or target.every in ("half", "day")):
                hour = to.hour % 12 + wall.hour // 12 * 12 if target.every == "half" else to.hour
                to = datetime.combine(wall.date(), to.time().replace(hour=hour))
        elif isinstance(meaning, Period) and not entry.rule and (day := self._on_day(entry, target, meaning)):
            to = day
        else:
            return "alarms.to_when"
        first = entry.first and datetime.combine(entry.first.date(), to.time()) if entry.rule else to
        return replace(entry, wall=to, first=first, due=None) if to > now else past

    def _on_day(self, entry: Entry, target: Found, meaning: Period) -> datetime | None:
        """The same hour of another day, or of a part of it the hour that is usual; None: no one day is told."""
        clocks = self._planner.clocks()
        period = following(target, meaning, clocks.now)
        if not period.start or not period.end or period.end - period.start > timedelta(hours=25):
            return None
        hour = entry.wall or moment(entry.at(clocks) or 0.0, clocks)
        same = datetime.combine(period.start.date(), hour.time(), clocks.now.tzinfo)
        to = same if period.start <= same < period.end else in_period(period, clocks.now)
        return to and to.replace(tzinfo=None)


def _apart(text: str, asked: Asked) -> tuple[str, str]:
    """Which is moved, and to when: "the Saturday one", "Friday". Together they are a Saturday at one."""
    to = settled(asked.slots.get("to") or asked.slots.get("rest") or asked.slots.get("span") or "", asked.now)
    place = re.search(rf"\b{re.escape(to)}(?!\w)", text) if to else None
    if not place:
        return "", text
    return f"{text[: place.start()]} {text[place.end() :]}", to if times_in(to, asked.now) else at(to)


def _signed(by: Duration, text: str) -> timedelta:
    """By how much later; less than nothing: earlier."""
    return by.length * (-1 if pattern("en", FILE, "said.earlier").search(text) else 1)


def _tells_new(words: str, now: datetime) -> bool:
    """Whether some words are a time, or a bare number, which may be a timer's new length."""
    return tells_time(words, now) or timer_length(words) != words
