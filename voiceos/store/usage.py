"""What was sent to language models elsewhere: by day and endpoint, how much of what, never the words themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

from voiceos.store.database import Connection, Row, file_of, told, transaction


@dataclass(frozen=True, slots=True)
class Usage:
    """What an endpoint got and gave."""

    requests: int = 0
    read: int = 0
    """Tokens that it read."""
    made: int = 0
    """Tokens that it made."""
    memories: int = 0
    """Recalled memories that were in the prompts."""
    results: int = 0
    """Results of tools that were in the prompts."""
    cost: float = 0.0
    """In the currency in which its prices are set."""

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def tokens(self) -> int:
        return self.read + self.made


@dataclass(frozen=True, slots=True)
class Day:
    """What one endpoint got and gave on one day."""

    day: date
    endpoint: str
    """Its machine."""
    model: str
    usage: Usage


_COLUMNS = ", ".join(one.name for one in fields(Usage))
_SUMS = ", ".join(f"sum({one.name}) AS {one.name}" for one in fields(Usage))
_ADDS = ", ".join(f"{one.name} = {one.name} + excluded.{one.name}" for one in fields(Usage))


def add_usage(db: Connection, day: Day) -> None:
    """Adds to a day. Raises StoreError, as all of these do."""
    values = (day.day.isoformat(), day.endpoint, day.model, *(getattr(day.usage, one.name) for one in fields(Usage)))
    places, end = ", ".join("?" * len(values)), f"ON CONFLICT (day, endpoint, model) DO UPDATE SET {_ADDS}"
    query = f"INSERT INTO usage (day, endpoint, model, {_COLUMNS}) VALUES ({places}) {end}"  # noqa: S608 - all ours
    with told(file_of(db)), transaction(db):
        db.execute(query, values)


def usage_since(db: Connection, first: date, endpoint: str = "", model: str = "") -> Usage:
    """The sum from a day on, of an endpoint and model or of all."""
    query = f"SELECT {_SUMS} FROM usage WHERE day >= ? AND ? IN ('', endpoint) AND ? IN ('', model)"  # noqa: S608
    with told(file_of(db)):
        return _usage(db.execute(query, (first.isoformat(), endpoint, model)).fetchone())


def days_since(db: Connection, first: date) -> Sequence[Day]:
    """Day by day, the oldest first."""
    query = f"SELECT day, endpoint, model, {_COLUMNS} FROM usage WHERE day >= ? ORDER BY day, id"  # noqa: S608
    with told(file_of(db)):
        rows = db.execute(query, (first.isoformat(),)).fetchall()
    return [Day(date.fromisoformat(row["day"]), row["endpoint"], row["model"], _usage(row)) for row in rows]


def _usage(row: Row) -> Usage:
    return Usage(*(row[one.name] or 0 for one in fields(Usage)))
