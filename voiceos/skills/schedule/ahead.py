"""Reminders that are due some time before an appointment: "an hour before the dentist"."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from voiceos.language.data import pattern, table
from voiceos.language.times import Duration
from voiceos.skills.schedule.words import times_in
from voiceos.store.schedule import Entry

FILE = "skills/reminders"


@dataclass(frozen=True, slots=True)
class Ahead:
    """What was asked for."""

    event: str
    what: str
    """What to say; empty: only the appointment."""
    length: timedelta
    hour: int | None
    """The hour of the day before."""

    def wall(self, at: datetime) -> datetime:
        """When, for an appointment at that time of the wall clock."""
        if self.hour is None:
            return at - self.length
        return datetime.combine(at.date() - timedelta(days=1), at.time().replace(hour=self.hour, minute=0))


def is_ahead(words: str, now: datetime) -> bool:
    """ "An hour before the dentist"."""
    return ahead_of(words, now) is not None


def is_before(words: str, now: datetime) -> bool:
    """ "An hour before"."""
    return before_that(table("en", FILE)["said"]["again"].format(rest=words), now) is not None


def before_that(text: str, now: datetime) -> tuple[str, timedelta] | None:
    """What is told, with its time, and how long before that somebody wants to be reminded of it."""
    if not (found := pattern("en", FILE, "said.before_that").match(text)):
        return None
    lengths = [one.meaning.length for one in times_in(found["span"], now) if isinstance(one.meaning, Duration)]
    return (found["told"] or "", lengths[0]) if len(lengths) == 1 else None


def earlier(entry: Entry, length: timedelta) -> Entry | None:
    """The same so much earlier; None where it would come again on other days."""
    if entry.wall is None:
        return replace(entry, due=entry.due and entry.due - length.total_seconds())
    wall = entry.wall - length
    return None if entry.rule and wall.date() != entry.wall.date() else replace(entry, wall=wall, first=wall)


def ahead_of(text: str, now: datetime) -> Ahead | None:
    """The appointment before which somebody wants to be reminded, and how long."""
    tried = (pattern("en", FILE, f"said.{key}").search(text) for key in ("ahead", "ahead_too"))
    found = next(filter(None, tried), None)
    if not found:
        return None
    if found["day"]:
        hour = table("en", FILE)["said"]["hours_before"][found["day"].lower()]
        return Ahead(found["event"], found["what"] or "", timedelta(), hour)
    lengths = [one.meaning.length for one in times_in(found["span"], now) if isinstance(one.meaning, Duration)]
    return Ahead(found["event"], found["what"] or "", lengths[0], None) if len(lengths) == 1 else None
