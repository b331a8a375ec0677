"""What a time in a text can mean: a moment, a period, a duration, or something that recurs."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of the clock on a day."""

    at: datetime

    def __str__(self) -> str:
        return _written(self.at)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` up to `end`, which is outside it; None where it is open ("since Tuesday", "before Christmas")."""

    start: datetime | None
    end: datetime | None

    def __str__(self) -> str:
        return "/".join(_written(at, day=True) if at else ".." for at in (self.start, self.end))


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time. Months and days are kept apart from seconds: a day of the calendar may have 23 hours."""

    months: float = 0
    days: float = 0
    seconds: float = 0

    @property
    def length(self) -> timedelta:
        """How long it is, with months of 30.4375 days."""
        return timedelta(days=self.months * 30.4375 + self.days, seconds=self.seconds)

    def __str__(self) -> str:
        date = "".join(f"{value:g}{unit}" for value, unit in ((self.months, "M"), (self.days, "D")) if value)
        return f"P{date}" + (f"T{self.seconds:g}S" if self.seconds or not date else "")


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A recurrence, as an iCalendar rule (RFC 5545) that starts with `first`."""

    rule: str
    first: Moment | Period | None
    """The first from now on, if the words say when in its week or month it is."""
    times: int = 1
    """How often in each: "twice a day"."""

    def __str__(self) -> str:
        first = self.first.start if isinstance(self.first, Period) else self.first and self.first.at
        return (
            f"R {self.rule}"
            + (f" x{self.times}" * (self.times > 1))
            + (f" @{_written(first, day=True)}" if first else "")
        )


Meaning = Moment | Period | Duration | Recurrence


@dataclass(frozen=True, slots=True)
class Found:
    """A time in a text."""

    start: int
    end: int
    """Which characters tell it, with the preposition before it."""
    meaning: Meaning
    others: tuple[Moment | Period, ...] = ()
    """What it may mean as well, most likely first: "in March" of the other years."""
    every: str = ""
    """The day, week, month or year in which it comes again, where the words do not say in which one they mean it."""
    bound: str = ""
    """since, from, until, by, before or after, where it opens a period; between, where it tells both ends of one."""
    slack: timedelta = timedelta(0)
    """How far off it may be: "two weeks ago" rarely means the exact day."""


def _written(at: datetime, *, day: bool = False) -> str:
    return at.strftime("%Y-%m-%d" if day and at == at.replace(hour=0, minute=0, second=0, microsecond=0) else
                       "%Y-%m-%dT%H:%M:%S" if at.second else "%Y-%m-%dT%H:%M")  # fmt: skip
