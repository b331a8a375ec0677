"""What is due: timers, alarms and reminders, kept before they are confirmed.

A timer is due when its time has passed, whatever happens to the wall clock. An alarm is due at a time of the wall
clock, wherever that is: seven o'clock stays seven when the clocks change, and in another time zone.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Literal

from voiceos.clock import Clocks
from voiceos.store.database import Connection, Row, file_of, told, transaction
from voiceos.store.under_way import UnderWay, begin

if TYPE_CHECKING:  # it takes a while
    from holidays import HolidayBase

Kind = Literal["timer", "alarm", "reminder", "sleep", "routine"]
"""`sleep` ends what plays, and rings and tells nothing; a `routine` is asked for as if its name were said."""

LATE = timedelta(minutes=1)
"""What is later than this is told, not rung."""
LONGEST = timedelta(minutes=10)
"""How long something rings."""
MOST_TIMES = 1_000
"""That are looked through for those of a day."""
_WRONG = timedelta(hours=3)
"""Further ahead than the clocks change in autumn: it came by a clock that was wrong, or in another time zone."""
_OF_DAYS = tuple(f"FREQ={often}" for often in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"))
"""What comes more often would take long to go through."""
_DRIFT = 1.0
"""Seconds; a smaller step of the wall clock changes no timer."""
_COLUMNS = (
    *(
        "kind",
        "name",
        "due",
        "wall",
        "first",
        "rule",
        "country",
        "length",
        "remaining",
        "ringing",
        "missed",
        "times",
        "last",
    ),
    *("boot", "booted", "who", "device", "turn", "made_at", "event", "afterwards", "left_out"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that will ring or be told."""

    kind: Kind
    name: str = ""
    """What it is called, or what is to be said."""
    due: float | None = None
    """When, in seconds since 1970, for what is due after a while."""
    wall: datetime | None = None
    """When on the wall clock, without a zone, for the rest: the next time of those that recur."""
    first: datetime | None = None
    rule: str = ""
    """When it comes again, from `first` on, as an iCalendar rule of the wall clock."""
    country: str = ""
    """The country on whose public holidays it does not come."""
    length: float = 0.0
    """Seconds of a timer as it was asked for last, with what was added."""
    remaining: float | None = None
    """Seconds left of a timer that is paused."""
    ringing: float | None = None
    """When that was due which rings now, in seconds since 1970."""
    missed: float | None = None
    """When that was due which is to be told, the last time if there are several ..."""
    times: int = 0
    """... and how many."""
    last: datetime | None = None
    """When it came last, on the wall clock."""
    boot: str = ""
    booted: float = 0.0
    """The start of the machine, by the wall clock, when `due` was reckoned."""
    who: str = ""
    device: str = ""
    turn: str = ""
    made_at: float = 0.0
    event: str = ""
    """The key of the appointment that a reminder follows."""
    afterwards: tuple[str, ...] = ()
    """What is asked for when a timer ends, sentence by sentence."""
    left_out: tuple[str, ...] = ()
    """Dates on which it does not come, as in "2026-12-24"."""
    id: int = 0

    @property
    def waits(self) -> bool:
        """Whether it is still to come."""
        return self.due is not None or self.wall is not None or self.remaining is not None

    def at(self, clocks: Clocks) -> float | None:
        """When it is due, in seconds since 1970 by the wall clock as it is set now; None if nobody can know."""
        if self.due is not None:
            if self.boot == clocks.boot:
                return self.due + (clocks.booted - self.booted)
            return self.due if clocks.known else None
        if self.wall is None or not clocks.known:
            return None
        return clocks.stamp(self.wall)

    def later(self, wall: datetime) -> Iterator[datetime]:
        """When it comes after that, on the wall clock."""
        if self.rule and self.first:
            from dateutil.rrule import rrulestr

            days = _holidays(self.country) if self.country else ()
            near = wall == self.wall and "COUNT" not in self.rule  # years of the past need not be gone through
            rule = rrulestr(self.rule, dtstart=wall if near else self.first)
            yield from (
                at for at in rule.xafter(wall) if at.date() not in days and f"{at:%Y-%m-%d}" not in self.left_out
            )

    def times_in(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """When it comes from one time on to another, on the wall clock."""
        for at in chain([self.wall], islice(self.later(self.wall), MOST_TIMES)) if self.wall else ():
            if at >= end:
                return
            if at >= start:
                yield at

    def skips(self, now: datetime) -> bool:
        """Whether a time of it that is still to come is left out. `now`: of the wall clock, without a zone."""
        if not self.wall or not self.rule.startswith(_OF_DAYS):
            return False
        return next(self.later(now), self.wall) < self.wall


@lru_cache(4)
def _holidays(country: str) -> "HolidayBase":
    """They know every year when it is asked for."""
    from holidays import country_holidays

    return country_holidays(country)


def add_entry(db: Connection, entry: Entry) -> Entry:
    """Raises StoreError."""
    columns = ", ".join(f'"{name}"' for name in _COLUMNS)
    marks = ", ".join("?" * len(_COLUMNS))
    with told(file_of(db)), transaction(db):
        added = db.execute(f"INSERT INTO schedule ({columns}) VALUES ({marks})", _values(entry))  # noqa: S608
        return replace(entry, id=added.lastrowid or 0)


def save_entry(db: Connection, entry: Entry) -> None:
    """Keeps what changed; one that neither waits, rings nor is to be told is gone. Raises StoreError."""
    with told(file_of(db)), transaction(db):
        if not entry.waits and entry.ringing is None and entry.missed is None:
            db.execute("DELETE FROM schedule WHERE id = ?", (entry.id,))
            return
        changes = ", ".join(f'"{name}" = ?' for name in _COLUMNS)
        db.execute(f"UPDATE schedule SET {changes} WHERE id = ?", (*_values(entry), entry.id))  # noqa: S608


def remove_entries(db: Connection, ids: Sequence[int]) -> None:
    """Raises StoreError."""
    with told(file_of(db)), transaction(db):
        db.executemany("DELETE FROM schedule WHERE id = ?", [(id,) for id in ids])


def entries(db: Connection) -> list[Entry]:
    """Everything, oldest first. Raises StoreError."""
    with told(file_of(db)):
        return [_entry(row) for row in db.execute("SELECT * FROM schedule ORDER BY id").fetchall()]


def following(db: Connection, events: Collection[str]) -> list[Entry]:
    """The reminders of these appointments. Raises StoreError."""
    return [entry for entry in entries(db) if entry.event and entry.event in events]


def advance(db: Connection, clocks: Clocks, *, resumed: bool = False) -> list[Entry]:
    """Notes what has come due by now, and returns everything. Raises StoreError.

    `resumed`: after a start; what rang before rings on only if that was a moment ago.
    """
    with told(file_of(db)), transaction(db):
        for entry in entries(db):
            if (new := come(entry, clocks, resumed=resumed)) != entry:
                save_entry(db, new)
        return entries(db)


def come(entry: Entry, clocks: Clocks, *, resumed: bool = False) -> Entry:
    """What becomes of an entry by now: it begins to ring, or it is too late for that; and its next time is known."""
    entry, now = _reckoned(entry, clocks), clocks.now.timestamp()
    if entry.kind == "sleep":
        at = entry.at(clocks)
        return replace(entry, due=None) if at is not None and at <= now else entry
    longest = LATE if resumed else LONGEST
    if entry.ringing is not None and (now - entry.ringing > longest.total_seconds() or (resumed and not clocks.known)):
        entry = replace(entry, ringing=None, missed=entry.ringing, times=entry.times + 1)  # nobody heard it
    while (at := entry.at(clocks)) is not None and at <= now:
        last, times, ahead = entry.wall, 1, entry.later(entry.wall) if entry.wall else iter(())
        wall = next(ahead, None)
        late = now - LATE.total_seconds()
        while wall and at < late and (then := clocks.stamp(wall)) < late:  # of many, the last is told of
            last, at, times, wall = wall, then, times + 1, next(ahead, None)
        entry = replace(entry, due=None, wall=wall, last=last)
        if at < late or entry.kind in ("reminder", "routine"):
            entry = replace(entry, missed=at, times=entry.times + times)
        else:
            entry = replace(entry, ringing=at, boot=clocks.boot, booted=clocks.booted)
    return entry


def taken(db: Connection, clocks: Clocks) -> list[UnderWay]:
    """The routines that are due now, and what follows the timers that ring. They are taken out before they are done, so
    that none is done twice, and are under way; those that are late stay, to be told. Raises StoreError.
    """
    soon = clocks.now.timestamp() - LATE.total_seconds()
    with told(file_of(db)), transaction(db):
        there = entries(db)
        due = [one for one in there if one.kind == "routine" and one.missed is not None and one.missed >= soon]
        over = [one for one in there if one.afterwards and one.ringing is not None and one.ringing >= soon]
        for one in due:
            save_entry(db, replace(one, missed=None, times=0))
        for one in over:
            save_entry(db, replace(one, afterwards=()))
        return [
            begin(db, UnderWay(one.kind, one.name, one.afterwards or (one.name,), one.who, one.turn), clocks.now)
            for one in (*due, *over)
        ]


def _reckoned(entry: Entry, clocks: Clocks) -> Entry:
    """The same after the clock was set: a timer takes as long as before, and an alarm comes by the new clock."""
    step = clocks.booted - entry.booted
    if entry.boot == clocks.boot and abs(step) >= _DRIFT:
        due, ringing = (at if at is None else at + step for at in (entry.due, entry.ringing))
        entry = replace(entry, due=due, ringing=ringing, booted=clocks.booted)
    wall = clocks.now.replace(tzinfo=None)
    if entry.rule and entry.last and clocks.known and entry.last > wall + _WRONG:
        return replace(entry, wall=next(entry.later(wall), None), last=None)
    return entry


def due_after(entry: Entry, seconds: float, clocks: Clocks) -> Entry:
    """The same, due when so many seconds have passed."""
    due = clocks.now.timestamp() + seconds
    return replace(entry, due=due, remaining=None, boot=clocks.boot, booted=clocks.booted)


def snoozed(entry: Entry, seconds: float, clocks: Clocks) -> Entry:
    """What rings this much later in place of one that rings now."""
    length = seconds if entry.kind == "timer" else 0.0
    later = Entry(entry.kind, entry.name, length=length, who=entry.who, device=entry.device, turn=entry.turn)
    return due_after(replace(later, made_at=clocks.now.timestamp()), seconds, clocks)


def _values(entry: Entry) -> list[object]:
    values = (getattr(entry, name) for name in _COLUMNS)
    return [
        value.isoformat() if isinstance(value, datetime) else json.dumps(value) if isinstance(value, tuple) else value
        for value in values
    ]


def _entry(row: Row) -> Entry:
    values: dict[str, Any] = {name: row[name] for name in (*_COLUMNS, "id")}
    for name in ("wall", "first", "last"):
        values[name] = values[name] and datetime.fromisoformat(values[name])
    for name in ("afterwards", "left_out"):
        values[name] = tuple(json.loads(values[name]))
    return Entry(**values)


def lengthened(entry: Entry, seconds: float) -> Entry:
    """A timer with so much more, or less."""
    entry = replace(entry, length=entry.length + seconds)
    if entry.remaining is not None:
        return replace(entry, remaining=entry.remaining + seconds)
    return replace(entry, due=None if entry.due is None else entry.due + seconds)
