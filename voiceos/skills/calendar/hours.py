"""At what hours appointments are."""

from dataclasses import replace
from datetime import datetime, time, timedelta

from voiceos.language.times import Period
from voiceos.skills.calendar.said import DAY, matches
from voiceos.store.appointments import Appointment

NOON = 12


def is_day(period: Period) -> bool:
    return bool(period.start and period.end and period.end - period.start <= DAY and period.start.time() == time.min)


def evening(at: datetime, text: str) -> datetime:
    """Dinner at seven is in the evening."""
    late = at.hour < NOON and at.hour >= 5 and matches("evenings", text) and not matches("half", text)
    return at + timedelta(hours=NOON) if late else at


def at_time(one: Appointment, at: datetime) -> Appointment:
    return replace(one, at=at, until=at + (one.until - one.at) if one.until else None)
