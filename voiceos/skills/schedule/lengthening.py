"""Gives timers more time, or less."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from voiceos.language.sentences import skill_says as says
from voiceos.skills.schedule.planner import Planner
from voiceos.skills.schedule.said import said_length, title
from voiceos.skills.skill import Asked, Said
from voiceos.store.schedule import Entry, lengthened


async def set_anew(planner: Planner, asked: Asked, timers: Sequence[Entry], seconds: float) -> Said:
    """Lets each timer run so many seconds from now, which is its length from then on; says what is left."""
    return await lengthen(planner, asked, timers, [seconds - planner.left(one) for one in timers], length=seconds)


async def lengthen(
    planner: Planner, asked: Asked, timers: Sequence[Entry], by: Sequence[float], *, length: float | None = None
) -> Said:
    """Gives each timer so many seconds more, or less, and says what is left; none, if one would be over.

    `length`: seconds that each is for from then on; None: what it was for, with what is added.
    """
    if any(planner.left(one) + more < 1 for one, more in zip(timers, by, strict=True)):
        return Said(says("timers.too_short" if len(timers) == 1 else "timers.one_too_short"))
    more: Mapping[int, float] = {one.id: seconds for one, seconds in zip(timers, by, strict=True)}

    def changed(entry: Entry) -> Entry:
        longer = lengthened(entry, more[entry.id])
        return longer if length is None else replace(longer, length=length)

    after = await planner.change(timers, changed) or timers
    planner.spoken(asked, after)
    names = {one.id: title(one, planner.clocks()) for one in timers}
    told = [says("timers.changed", title=names[one.id], length=said_length(planner.left(one))) for one in after]
    return Said(" ".join(told), done=planner.record(after), undo=planner.as_before(timers))
