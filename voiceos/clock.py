"""The only place that asks the wall clock. Others get a function, so that tests can replace it."""

import os
import time
import uuid
from dataclasses import dataclass
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


def local_zone(name: str, link: Path) -> ZoneInfo | None:
    """The zone of this name, or the one that a link leads to now; None, for today's offset, if neither tells."""
    return _zone(name.lstrip(":") or os.path.realpath(link).partition("/zoneinfo/")[2])


@cache
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None


def is_set() -> bool:
    """Whether the wall clock can be right: before that, nothing can be dated."""
    return local_time() >= BUILT


def _uptime() -> timedelta:
    """Since this machine started, sleep included. Nobody can set it."""
    return timedelta(seconds=time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)))


@dataclass(frozen=True, slots=True)
class Clocks:
    """What the clocks show at one moment."""

    now: datetime
    """The wall clock, with the time zone of this machine."""
    uptime: float
    """Seconds since this machine started, which nobody can set."""
    boot: str
    """Which start of the machine that was."""

    @property
    def known(self) -> bool:
        """Whether the wall clock can be right."""
        return self.now >= BUILT

    @property
    def booted(self) -> float:
        """When this machine started, in seconds since 1970 by the wall clock; changed by whoever sets the clock."""
        return self.now.timestamp() - self.uptime

    def stamp(self, wall: datetime) -> float:
        """Seconds since 1970 of a time of this wall clock. What is left out in spring is an hour later."""
        return wall.replace(tzinfo=self.now.tzinfo).timestamp()


def clocks() -> Clocks:
    return Clocks(local_time(), _uptime().total_seconds(), _boot())


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:  # no Linux: each process counts by itself
        return uuid.uuid4().hex


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
