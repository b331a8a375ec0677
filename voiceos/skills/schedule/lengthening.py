"""Gives timers more time, or less."""

from collections.abc import Mapping, Sequence

from voiceos.language.sentences import skill_says as says
from voiceos.skills.schedule.planner import Planner
from voiceos.skills.schedule.words import said_length, title
from voiceos.skills.skill import Asked, Said
from voiceos.store.schedule import Entry, lengthened


async def lengthen(planner: Planner, asked: Asked, timers: Sequence[Entry], by: Sequence[float]) -> Said:
    """Gives each timer so many seconds more, or less, and says what is left; none, if one would be over."""
    if any(planner.left(one) + more < 1 for one, more in zip(timers, by, strict=True)):
        return Said(says("timers.too_short" if len(timers) == 1 else "timers.one_too_short"))
    more: Mapping[int, float] = {one.id: seconds for one, seconds in zip(timers, by, strict=True)}
    after = await planner.change(timers, lambda entry: lengthened(entry, more[entry.id])) or timers
    planner.spoken(asked, after)
    names = {one.id: title(one, planner.clocks()) for one in timers}
    told = [says("timers.changed", title=names[one.id], length=said_length(planner.left(one))) for one in after]
    return Said(" ".join(told), done=planner.record(after), undo=planner.as_before(timers))
