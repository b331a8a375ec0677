"""The new day of an appointment that was moved in talk or in a mail, and not in its calendar."""

from datetime import datetime

from voiceos.core import Recalled
from voiceos.language.terms import Analyzer
from voiceos.memory.quoting import days_undenied
from voiceos.memory.telling import likeliest
from voiceos.skills.calendar.said import matches, topic
from voiceos.skills.person.told import answers_to
from voiceos.skills.skill import Asked, Workshop
from voiceos.store.appointments import Appointment

_terms = Analyzer("en")


def moved_since(workshop: Workshop, asked: Asked, one: Appointment) -> Recalled | None:
    """What surely tells that one to come is on another day to come, and calls it as the question does.

    Blocks; raises StoreError.
    """
    if workshop.memory is None or one.often or one.end < asked.now:
        return None
    _, found = answers_to(workshop, workshop.memory, asked.text, asked.now)
    named = topic(asked.text, asked.now).intersection(_terms(one.title))  # not the foot operation
    others = [memory for memory in found if memory.record_id != one.id and named.issubset(_terms(memory.text))]
    told = [memory for memory in likeliest(others) if memory.at] if others else []
    days = [_only_day(memory, asked.now) for memory in told]
    if not told or one.at.date() in {day.date() for day in days if day}:
        return None
    first = days[0]
    tells_change = matches("is_moved", told[0].text.lower())
    return told[0] if first and first.date() >= asked.now.date() and tells_change else None


def _only_day(memory: Recalled, now: datetime) -> datetime | None:
    """The only day that it tells, and does not deny."""
    days = days_undenied(memory.text, memory.at.astimezone(now.tzinfo), absolute=True) if memory.at else {}
    return next(iter(days.values())) if len(days) == 1 else None
