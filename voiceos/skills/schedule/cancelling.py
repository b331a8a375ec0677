"""Cancels timers, alarms and reminders: those that are meant, all, or all but some."""

from collections.abc import Sequence
from datetime import datetime

from voiceos.errors import StoreError
from voiceos.language.sentences import skill_says as says
from voiceos.skills.schedule.all_but import AllBut, all_but
from voiceos.skills.schedule.planner import ALL, Planner
from voiceos.skills.skill import Asked, Check, Said
from voiceos.store.schedule import Entry

FEW = 3


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
    if "it" in asked.slots and (elsewhere := planner.done_elsewhere(asked.turn.device)):
        receipt, undo = elsewhere
        return Said(await undo(), done={"undone": receipt})
    if ringing := [entry for entry in planner.ringing() if entry.kind in planner.kinds or "it" in asked.slots]:
        await planner.silence()
        return Said(says("schedule.quiet"), done=planner.record(ringing))
    there = planner.waiting(*planner.spoken_kinds(asked))
    if planner.at_other_times(asked.text, asked.now, there) and "which" not in asked.slots:
        return Said(says("schedule.none_then", list=planner.listed(there)))
    meant = planner.chosen(asked, skill)
    return meant if isinstance(meant, Said) else await _cancelled(planner, meant)


async def _cancel_others(planner: Planner, but: AllBut) -> Said:
    if but.spared and but.others:
        return await _cancelled(planner, but.others)
    there = but.spared or but.others
    key = "no_others" if but.spared else "no_such_one"
    return Said(says(f"schedule.{key}", list=planner.listed(there)))


async def _cancelled(planner: Planner, meant: Sequence[Entry]) -> Said:
    await planner.remove(meant)
    key = "cancelled" if len(meant) == 1 else "several_cancelled"
    key = "all_cancelled" if len(meant) > FEW else key
    said = says(f"schedule.{key}", title=planner.listed(meant), count=len(meant))
    said += says("schedule.and_what_follows") if any(one.afterwards for one in meant) else ""
    return Said(said, done=planner.record(meant), undo=planner.set_again(meant))
