"""The only place that asks the wall clock. Others get a function, so that tests can replace it."""

import os
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

BUILT = datetime(2026, 11, 1, tzinfo=UTC)
"""An earlier time means the clock was never set: a board without a battery starts in 1970. Raised at releases."""
JUMP = timedelta(minutes=1)
"""A larger step is more than a correction of drift."""


def local_time() -> datetime:
    """Now, with this machine's time zone, which knows when the clocks change."""
    return datetime.now().astimezone(local_zone(os.environ.get("TZ", ""), Path("/etc/localtime")))


@cache
def local_zone(name: str, link: Path) -> ZoneInfo | None:
    """The zone of this name, or the one that a link leads to; None, for today's offset, if neither tells."""
    try:
        return ZoneInfo(name.lstrip(":") or str(link.resolve()).partition("/zoneinfo/")[2])
    except (ValueError, OSError, KeyError):
        return None


def is_set() -> bool:
    """Whether the wall clock can be right: before that, nothing can be dated."""
    return local_time() >= BUILT


def _uptime() -> timedelta:
    """Since this machine started, sleep included. Nobody can set it."""
    return timedelta(seconds=time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)))


class ClockWatch:
    """Notices that the wall clock was put right."""

    def __init__(self) -> None:
        self._started = local_time() - _uptime()

    def jumped(self) -> timedelta:
        """By how much, since the last call: times noted before are wrong by as much."""
        started = local_time() - _uptime()
        jump = started - self._started
        self._started = started
        return jump if abs(jump) >= JUMP else timedelta()
