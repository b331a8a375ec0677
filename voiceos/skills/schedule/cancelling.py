"""Cancels timers, alarms and reminders: those that are meant, all, or all but some."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from voiceos.errors import StoreError
from voiceos.language.sentences import skill_says as says
from voiceos.language.times import Found, Moment, Period
from voiceos.skills.schedule.all_but import AllBut, all_but
from voiceos.skills.schedule.appointed import following
from voiceos.skills.schedule.planner import Planner
from voiceos.skills.schedule.said import moment, said_day, said_days
from voiceos.skills.schedule.which import ALL, times_within
from voiceos.skills.schedule.words import matches, settled, tells_no_day, times_in
from voiceos.skills.skill import Asked, Check, Said
from voiceos.store.schedule import Entry

FEW = 3
WEEK = timedelta(days=7)


def is_all_but(planner: Planner) -> Check:
    """Whether words are "all timers except the first", of what there is."""

    def checked(words: str, now: datetime) -> bool:
        try:
            return all_but(words, now, planner, planner.waiting(*ALL)) is not None
        except StoreError:
            return False

    return checked


async def cancel(planner: Planner, asked: Asked, skill: str) -> Said:
    """Cancels those that are meant; with nothing to come, it silences what rings."""
    if but := all_but(asked.text, asked.now, planner, planner.waiting(*ALL)):
        return await _cancel_others(planner, but)
    if "it" in asked.slots and (elsewhere := planner.before.done_elsewhere(asked.turn.device)):
        receipt, undo = elsewhere
        return Said(await undo(), done={"undone": receipt})
    if ringing := [entry for entry in planner.ringing() if entry.kind in planner.kinds or "it" in asked.slots]:
        await planner.silence()
        return Said(says("schedule.quiet"), done=planner.record(ringing))
    there = planner.waiting(*planner.spoken_kinds(asked))
    if planner.at_other_times(asked.text, asked.now, there) and "which" not in asked.slots:
        return Said(says("schedule.none_then", list=planner.listed(there)))
    meant = planner.chosen(asked, skill)
    if isinstance(meant, Said):
        return meant
    later = {one.id: after for one in meant if (after := without_one(asked, one))}
    return await _cancelled(planner, [one for one in meant if one.id not in later], later)


def without_one(asked: Asked, entry: Entry) -> Entry | None:
    """What comes again without its next time, where that alone is meant: "skip tomorrow's alarm"."""
    if not entry.wall or not (then := next(entry.later(entry.wall), None)):
        return None
    text = settled(asked.text, asked.now)
    found = times_in(text, asked.now)
    days = [one for one in found if isinstance(one.meaning, Period)]
    on_one_day = any(one.every != "week" or then - entry.wall < WEEK for one in days)  # the Monday one is all Mondays
    on_one_day |= any(_is_on_day(one, entry.wall) for one in found)
    if not matches("once", text) and not on_one_day:
        return None
    left_out = sorted({at for one in days for at in _within(entry, one, asked.now)})
    if left_out and left_out != [entry.wall]:
        less = replace(entry, left_out=(*entry.left_out, *(f"{at:%Y-%m-%d}" for at in left_out)))
        return replace(less, wall=next(less.later(entry.wall), None)) if entry.wall in left_out else less
    return replace(entry, wall=then)


def _within(entry: Entry, found: Found, now: datetime) -> list[datetime]:
    """Its times in a period, or in the one after that which has begun."""
    meaning = found.meaning
    if not isinstance(meaning, Period):
        return []
    return times_within(entry, meaning) or times_within(entry, following(found, meaning, now))


def newly_left_out(before: Entry, after: Entry) -> list[datetime]:
    """The times of what comes again that are left out since."""
    if not before.wall or after.wall is None or after.left_out == before.left_out:
        return [before.wall] if before.wall else []
    days = [datetime.fromisoformat(day) for day in after.left_out if day not in before.left_out]
    return [datetime.combine(day, before.wall.time()) for day in days]


def _is_on_day(found: Found, wall: datetime) -> bool:
    """ "At six tomorrow"."""
    told = isinstance(found.meaning, Moment) and not found.every and found.meaning.at.date() == wall.date()
    return told and not tells_no_day(found)


async def _cancel_others(planner: Planner, but: AllBut) -> Said:
    if but.spared and but.others:
        return await _cancelled(planner, but.others)
    there = but.spared or but.others
    key = "no_others" if but.spared else "no_such_one"
    return Said(says(f"schedule.{key}", list=planner.listed(there)))


async def _cancelled(planner: Planner, gone: Sequence[Entry], later: Mapping[int, Entry] | None = None) -> Said:
    """Cancels some. `later`: what others become of which only the next time is cancelled, by their ids."""
    later, clocks, said = later or {}, planner.clocks(), list[str]()
    left_out = [one for one in planner.waiting(*ALL) if one.id in later]
    if gone:
        await planner.remove(gone)
        key = "cancelled" if len(gone) == 1 else "several_cancelled"
        key = "all_cancelled" if len(gone) > FEW else key
        said.append(says(f"schedule.{key}", title=planner.listed(gone), count=len(gone)))
        said += [says("schedule.and_what_follows")] * any(one.afterwards for one in gone)
    if left_out:
        await planner.change(left_out, lambda entry: later[entry.id])
    for one in left_out:
        when = said_days(newly_left_out(one, later[one.id]), clocks.now)
        then = said_day(moment(later[one.id].at(clocks) or 0.0, clocks), clocks.now)
        said.append(says("schedule.skipped", title=planner.listed([one]), when=when, next=then))

    async def undo() -> str:
        told = [await planner.set_again(gone)()] if gone else []
        return " ".join([*told, *([await planner.as_before(left_out)()] if left_out else [])])

    return Said(" ".join(said), done=planner.record([*gone, *later.values()]), undo=undo)
