"""Takes appointments out of the calendar of its own, with their reminders, and puts back what was there."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from voiceos.language.sentences import skill_says as says
from voiceos.skills.by_device import ByDevice
from voiceos.skills.calendar.said import said_when
from voiceos.skills.skill import Undo, Workshop
from voiceos.store.appointments import Appointment, end_series, put, remove
from voiceos.store.appointments import own as own_appointments
from voiceos.store.database import Connection
from voiceos.store.schedule import Entry, add_entry, following, remove_entries


@dataclass(frozen=True, slots=True)
class Keeping:
    """The calendar of its own."""

    workshop: Workshop
    last: dict[str, Appointment] = field(default_factory=ByDevice[Appointment])
    """What each device put in or moved last."""

    async def coming(self, now: datetime) -> list[Appointment]:
        """All that is to come of its own calendar."""
        return [
            one for one in await self.workshop.stored(lambda db: own_appointments(db, now.tzinfo)) if one.end >= now
        ]

    async def take_out(self, gone: Sequence[Appointment], now: datetime) -> None:
        def work(db: Connection) -> None:
            remove(db, gone)
            end_series(db, gone, now)

        await self.workshop.stored(work)

    async def move_reminders(self, events: Sequence[Appointment], by: timedelta | None = None) -> list[Entry]:
        """Moves the reminders of these, or removes them. Returns them as they were."""
        keys = {one.key for one in events}

        def work(db: Connection) -> list[Entry]:
            there = [one for one in following(db, keys) if one.wall]
            remove_entries(db, [one.id for one in there])
            for one in there:
                if by and one.wall:
                    add_entry(db, replace(one, wall=one.wall + by, first=one.wall + by))
            return there

        there = await self.workshop.stored(work)
        self.workshop.rescheduled()
        return there

    def taking_back(
        self, new: Sequence[Appointment], old: Sequence[Appointment], reminders: Sequence[Entry] = ()
    ) -> Undo:
        """Takes out what is new, and puts back what was, with its reminders."""

        async def undo() -> str:
            now = self.workshop.now()
            await self.move_reminders(new or old)
            await self.workshop.stored(lambda db: [add_entry(db, one) for one in reminders])
            self.workshop.rescheduled()
            if new:
                await self.take_out(new, now)
                return says("calendar.removed", title=new[0].title, when=said_when(new[0], now))
            await self.workshop.stored(lambda db: put(db, old, now))
            return says("calendar.back", what=old[0].title, when=said_when(old[0], now), count=len(old))

        return undo
