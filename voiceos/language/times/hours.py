"""A minute that was told without its hour: "half past", of something that has an hour."""

from datetime import datetime, timedelta

HALF_PAST = 30
HOUR = timedelta(hours=1)


def in_its_hour(at: datetime, minute: int) -> datetime:
    """That minute of the hour of `at`; where it is rather to an hour than past one, of the nearest: "quarter to"."""
    same = at.replace(minute=minute)
    return same if minute <= HALF_PAST else min(same, same - HOUR, key=lambda one: abs(one - at))
