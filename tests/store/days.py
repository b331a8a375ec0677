"""A simulated household, whose machine is killed, rebooted and set to other times.

Every ring and every telling is counted against what should have been heard, which is worked out from the calendar
without the code under test.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from voiceos.clock import Clocks
from voiceos.store.database import open_database
from voiceos.store.schedule import LONGEST, Entry, add_entry, advance, come, entries, save_entry
from voiceos.store.whole import IN_MEMORY

TICK = 0.5
"""Seconds between two looks at the clock."""
DAY = 86_400.0
LATE = 60.0
BACK = timedelta(hours=3)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Antarctica/Troll")
ALARMS = {
    "seven": (time(7), range(7), "FREQ=DAILY"),
    "work": (time(6, 45), range(5), "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
    "night": (time(2, 30), range(7), "FREQ=DAILY"),
    "bins": (time(23, 59), (2,), "FREQ=WEEKLY;BYDAY=WE"),
}


@dataclass
class _Awaited:
    """What should be heard of one alarm."""

    name: str
    mark: datetime
    """Its last time that the wall clock has passed."""
    count: int = 0

    def passes(self, now: datetime, since: datetime) -> Iterator[datetime]:
        """Its times that the wall clock has passed now. `since`: when it was set."""
        at, days, _ = ALARMS[self.name]
        wall = now.replace(tzinfo=None)
        if self.mark > wall + BACK:
            self.mark = wall
        day = self.mark.date()
        while day <= wall.date():
            then = datetime.combine(day, at)
            if (
                day.weekday() in days
                and max(self.mark, since) < then
                and then.replace(tzinfo=now.tzinfo).timestamp() <= now.timestamp()
            ):
                self.mark = then
                yield then
            day += timedelta(days=1)


@dataclass
class _Process:
    """What a process knows, which is lost when it is killed."""

    seen: list[Entry]
    answers: dict[tuple[int, float], float] = field(default_factory=dict[tuple[int, float], float])
    """Entry and ring to when it is answered, in real seconds."""
    telling: tuple[int, float] | None = None
    """The entry that is being told, and until when."""


class Days:
    """`_real` is the true time, in seconds since 1970; the wall clock shows `_error` more."""

    def __init__(self, seed: int, events: float = 3.0) -> None:
        """`events`: how many happen a day."""
        self._random = random.Random(seed)
        self._rest = DAY / events
        self._db = open_database(Path(IN_MEMORY))
        self._real = datetime(2026, 12, 1, 12, tzinfo=UTC).timestamp()
        self._error = 0.0
        self._booted = self._real - 1000
        self._boot = 0
        self._unknown_until = 0.0
        self._zone = ZoneInfo(ZONES[0])
        self._since = self._clocks().now.replace(tzinfo=None)
        self._alarms = {name: _Awaited(name, self._since) for name in ALARMS}
        self._timers: dict[str, tuple[float, int]] = {}
        """When each should ring, in real seconds, and the start of the machine in which it was set."""
        self._done = Counter[str]()
        self.problems: list[str] = []
        self.rung = self.told = self.kills = 0
        self.latest = 0.0
        for name, (at, _, rule) in ALARMS.items():
            first = datetime.combine(self._since.date(), at)
            first += timedelta(days=first <= self._since)
            while first.weekday() not in ALARMS[name][1]:
                first += timedelta(days=1)
            add_entry(self._db, Entry("alarm", name, wall=first, first=first, rule=rule))
        self._process = self._start()

    def live(self, days: int) -> None:
        end = self._real + days * DAY
        while self._real < end:
            self._run_until(self._real + self._random.expovariate(1 / self._rest))
            self._random.choices(
                [self._kill, self._reboot, self._set_clock, self._travel, self._set_timer], [3, 2, 2, 0.3, 8]
            )[0]()
        self._error, self._unknown_until = 0.0, 0.0
        self._run_until(self._real + 2 * DAY)
        while any(entry.ringing is not None or entry.missed is not None for entry in self._process.seen):
            self._run_until(self._real + LATE)
        self._judge()

    # What happens

    def _kill(self) -> None:
        """At the worst moment, if something rings or is being told."""
        clocks = self._clocks()
        ahead = [at - clocks.now.timestamp() for entry in entries(self._db) if (at := entry.at(clocks)) is not None]
        if soon := [seconds for seconds in ahead if 0 < seconds < DAY]:
            self._run_until(self._real + self._random.choice(soon))
        self._run_until(self._real + self._random.uniform(0, 5))
        self.kills += 1
        self._real += self._random.choice([0.5, 5, 30, 90])
        self._process = self._start()

    def _reboot(self) -> None:
        self._real += self._random.choice([20, 45, 300, 3600, 0.5 * DAY, 3 * DAY])
        self._boot += 1
        self._booted = self._real - self._random.uniform(5, 20)
        self._error = 0.0
        if self._random.random() < 0.4:  # no battery: it learns the time later
            self._unknown_until = self._real + self._random.choice([3, 30, 600])
        self._process = self._start()
        if self._unknown_until > self._real:
            if self._random.random() < 0.5:
                self._set_timer()
            self._run_until(self._unknown_until)

    def _set_clock(self) -> None:
        self._error = self._random.choice([0.0, 0.0, -3, 40, 300, -900, 3600, -3600, 7000])

    def _travel(self) -> None:
        self._zone = ZoneInfo(self._random.choice(ZONES))

    def _set_timer(self) -> None:
        clocks, name = self._clocks(), f"timer {len(self._timers)}"
        seconds = self._random.choice([1, 30, 600, 5400, 40_000])
        due = clocks.now.timestamp() + seconds
        add_entry(self._db, Entry("timer", name, due, length=seconds, boot=clocks.boot, booted=clocks.booted))
        self._timers[name] = (self._real + seconds, self._boot)
        self._process.seen = entries(self._db)

    # Time passes

    def _clocks(self) -> Clocks:
        wall = self._real - self._booted if self._real < self._unknown_until else self._real + self._error
        return Clocks(datetime.fromtimestamp(wall, self._zone), self._real - self._booted, str(self._boot))

    def _start(self) -> _Process:
        process = _Process(advance(self._db, self._clocks(), resumed=True))
        self._await(process, started=True)
        return process

    def _run_until(self, end: float) -> None:
        while self._real < end:
            self._real = min(self._next(), end)
            self._look()

    def _next(self) -> float:
        """The next look at the clock that can see anything, or the next thing that somebody does."""
        clocks, moments = self._clocks(), list[float]()
        now = clocks.now.timestamp()
        for entry in self._process.seen:
            if (at := entry.at(clocks)) is not None:
                moments.append(self._ticked(self._real + at - now))
            if entry.ringing is not None:
                moments.append(self._ticked(self._real + entry.ringing + LONGEST.total_seconds() + 0.01 - now))
        moments += self._process.answers.values()
        moments += [self._process.telling[1]] if self._process.telling else []
        moments += [self._unknown_until] if self._unknown_until > self._real else []
        return max(self._real + TICK, min(moments, default=self._real + DAY))

    def _ticked(self, at: float) -> float:
        return self._real + -(-(at - self._real) // TICK) * TICK

    def _look(self) -> None:
        process, clocks = self._process, self._clocks()
        if any(come(entry, clocks) != entry for entry in process.seen):
            process.seen = advance(self._db, clocks)
        for id, since in [key for key, at in process.answers.items() if at <= self._real]:
            del process.answers[id, since]
            entry = next((one for one in process.seen if one.id == id and one.ringing == since), None)
            if entry:
                self._finish(entry, 1, replace(entry, ringing=None))
                self.rung += 1
        if process.telling and process.telling[1] <= self._real:
            entry = next(one for one in process.seen if one.id == process.telling[0])
            process.telling = None
            self._finish(entry, entry.times, replace(entry, missed=None, times=0))
            self.told += entry.times
        self._await(process)

    def _finish(self, entry: Entry, times: int, then: Entry) -> None:
        self._done[entry.name] += times
        save_entry(self._db, then)
        self._process.seen = [then if one is entry else one for one in self._process.seen]

    def _await(self, process: _Process, *, started: bool = False) -> None:
        """Notes what rings and what is told now, and what should."""
        clocks = self._clocks()
        passed = dict[str, datetime]()
        if clocks.known:
            for name, alarm in self._alarms.items():
                for then in alarm.passes(clocks.now, self._since):
                    alarm.count += 1
                    passed[name] = then
        ringing = [entry for entry in process.seen if entry.ringing is not None]
        for name, then in passed.items():
            late = clocks.now.timestamp() - then.replace(tzinfo=self._zone).timestamp()
            rings = any(entry.name == name for entry in ringing)
            if late < LATE - TICK and not rings:
                self.problems.append(f"{name} of {then} does not ring")
            if late > LATE + TICK and rings:
                self.problems.append(f"{name} of {then} rings {late:.0f} s late")
        for entry in ringing:
            if entry.ringing is None or (entry.id, entry.ringing) in process.answers:
                continue
            fresh = all(id != entry.id for id, _ in process.answers)  # else the clock was set while it rings
            answer = self._random.choices([self._random.uniform(2, 50), 5000], [9, 1])[0]
            process.answers[entry.id, entry.ringing] = self._real + answer
            if not started and entry.name in passed:
                self.latest = max(self.latest, clocks.now.timestamp() - entry.ringing)
            due, boot = self._timers.get(entry.name, (0.0, -1))
            if fresh and boot == self._boot and not -TICK <= self._real - due <= LATE + TICK:
                self.problems.append(f"{entry.name} rings {self._real - due:.0f} s late")
        if process.telling is None:
            untold = next((entry for entry in process.seen if entry.missed is not None), None)
            process.telling = (untold.id, self._real + 3) if untold else None

    def _judge(self) -> None:
        expected = {name: alarm.count for name, alarm in self._alarms.items()} | dict.fromkeys(self._timers, 1)
        for name, count in expected.items():
            if self._done[name] != count:
                self.problems.append(f"{name}: {self._done[name]} heard of {count}")
