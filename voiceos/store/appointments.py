"""Appointments: the events of all calendars in the store, and those of a calendar of its own, which can change."""

import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, tzinfo

from voiceos.language.data import table
from voiceos.store.database import Connection, file_of, told, transaction
from voiceos.store.driver import Row
from voiceos.store.ledger import Ledger
from voiceos.store.records import OWNER, Kind, Record, Source
from voiceos.store.rows import moment, seconds

OWN = Source("voiceos:calendar", "calendar", "Calendar")
MOST = 500
"""Appointments looked at for one question."""
AHEAD = timedelta(days=366)
"""How far the times of a series are entered; those of an open one go on from there."""
MOST_TIMES = 400
WEEK = timedelta(days=7)
_COLUMNS = (
    "record.id, record.key, record.title, record.place, record.addressees, record.author, record.text, record.at,"
    " record.until, record.extra ->> 'often' AS often, record.extra ->> 'rule' AS rule,"
    " record.extra ->> 'through' AS through, source.uri, source.id AS source_id"
)
_FROM = "FROM record JOIN source ON source.id = record.source_id WHERE record.kind = 'event' AND record.at IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Appointment:
    """One event, or one time of a series."""

    title: str
    at: datetime
    until: datetime | None = None
    place: str = ""
    people: Sequence[str] = ()
    often: str = ""
    """How often it recurs, in words."""
    id: int = 0
    key: str = ""
    own: bool = True
    """Whether it is in the calendar that can be changed."""
    rule: str = ""
    """Of a series of its own calendar that does not end: its iCalendar rule, by the wall clock."""
    through: str = ""
    """Of such a series: the day through which its times are entered."""

    @property
    def series(self) -> str:
        """The key of its series; empty: it does not recur."""
        return self.key.rpartition("/")[0] if self.own else ""

    @property
    def due(self) -> datetime:
        """When its series has it, on the wall clock, though it may have been moved."""
        return datetime.strptime(self.key.rpartition("/")[2], "%Y%m%dT%H%M")

    @property
    def end(self) -> datetime:
        return self.until or self.at

    @property
    def days(self) -> int:
        """How many whole days it takes; 0: it has its hours."""
        whole = self.until and self.at.time() == self.until.time() == datetime.min.time()
        return (self.until.date() - self.at.date()).days if self.until and whole else 0


def between(db: Connection, begin: datetime, end: datetime) -> list[Appointment]:
    """What is, or goes on, in a time, in order, each once. Raises StoreError."""
    where = "AND record.at < ? AND (record.until > ? OR record.at >= ?) ORDER BY record.at, record.id LIMIT ?"
    return _appointments(db, where, (seconds(end), seconds(begin), seconds(begin), MOST), begin.tzinfo)


def named(db: Connection, now: datetime, matches: Callable[[str, str], bool]) -> list[Appointment]:
    """Those whose title and people, and whose place, `matches` takes, in order: the nearest ones. Raises StoreError."""
    found = titled(db, now, _titles(db, matches))
    return [one for one in found if matches(_who(one), one.place)]


def titled(db: Connection, now: datetime, titles: Sequence[str]) -> list[Appointment]:
    """Those with these titles, in order: the nearest ones. Raises StoreError."""
    inside = "AND record.title IN (SELECT value FROM json_each(?))"
    values, at = (json.dumps(titles), seconds(now)), now.tzinfo
    coming = _appointments(
        db, f"{inside} AND coalesce(record.until, record.at) >= ? ORDER BY record.at LIMIT {MOST}", values, at
    )
    past = _appointments(
        db, f"{inside} AND coalesce(record.until, record.at) < ? ORDER BY record.at DESC LIMIT {MOST}", values, at
    )
    return [*past[::-1], *coming]


def things(db: Connection) -> list[tuple[str, str, str]]:
    """The title, the people and the place of all there are, each once. Raises StoreError."""
    query = f"SELECT DISTINCT record.title, record.place, record.addressees, record.author {_FROM}"
    with told(file_of(db)):
        rows = db.execute(query).fetchall()
    return [(row["title"], ", ".join(_people(row)), row["place"]) for row in rows if row["title"]]


def own(db: Connection, zone: tzinfo | None) -> list[Appointment]:
    """All of its own calendar, in order. Raises StoreError."""
    return _appointments(db, "AND source.uri = ? ORDER BY record.at, record.id", (OWN.uri,), zone)


def is_known(db: Connection, matches: Callable[[str, str], bool]) -> bool:
    """Whether there is one that `matches` takes. Raises StoreError."""
    return bool(_titles(db, matches))


def is_empty(db: Connection) -> bool:
    """Whether there is no calendar at all. Raises StoreError."""
    with told(file_of(db)):
        return db.execute("SELECT 1 FROM record WHERE kind = 'event'").fetchone() is None


def put(db: Connection, appointments: Iterable[Appointment], now: datetime) -> list[Appointment]:
    """Enters these into its own calendar, as one series if there are several. Raises StoreError."""
    new, series = list(appointments), uuid.uuid4().hex
    several = len(new) > 1
    keyed = [replace(one, key=one.key or (f"{series}/{one.at:%Y%m%dT%H%M}" if several else series)) for one in new]
    with told(file_of(db)):
        ids = Ledger(db, lambda: now).add(OWN, map(_record, keyed)).ids
    return [replace(one, id=id) for one, id in zip(keyed, ids, strict=True)]


def times(first: Appointment, rule: str, until: datetime, after: datetime | None = None) -> list[Appointment]:
    """The times of a series from its first one, or after another, until a day; by the wall clock."""
    from dateutil.rrule import rrulestr

    begin, zone = first.at.replace(tzinfo=None), first.at.tzinfo
    walls = rrulestr(rule, dtstart=begin).xafter(after or begin, MOST_TIMES, inc=after is None)
    last = until.replace(tzinfo=None)
    length, ends = first.until and first.until - first.at, "COUNT" in rule or "UNTIL" in rule
    base = replace(first, rule="" if ends else rule, through="" if ends else f"{last:%Y-%m-%d}")
    return [
        replace(base, at=at, until=at + length if length else None)
        for at in (wall.replace(tzinfo=zone) for wall in walls if wall <= last)
    ]


def prolong(db: Connection, now: datetime) -> int:
    """Enters the times of open series that have come within reach. Returns how many. Raises StoreError."""
    entered = 0
    for series in open_series(db, now.tzinfo).values():
        newest, through = max(series, key=lambda one: one.due), max(one.through for one in series)
        done = datetime.combine(datetime.fromisoformat(through), time.max)
        if done.date() >= (now + AHEAD - WEEK).date():
            continue
        first = replace(newest, at=newest.due.replace(tzinfo=now.tzinfo), until=None)
        first = replace(first, until=first.at + (newest.until - newest.at) if newest.until else None)
        more = [
            replace(one, id=0, key=f"{newest.series}/{one.at:%Y%m%dT%H%M}")
            for one in times(first, newest.rule, now + AHEAD, done)
        ]
        entered += len(put(db, more, now))
    return entered


def open_series(db: Connection, zone: tzinfo | None) -> dict[str, list[Appointment]]:
    """The series of its own calendar that do not end, by key. Raises StoreError."""
    found = dict[str, list[Appointment]]()
    for one in own(db, zone):
        if one.rule and one.series:
            found.setdefault(one.series, []).append(one)
    return found


def end_series(db: Connection, gone: Iterable[Appointment], now: datetime) -> None:
    """Series of which nothing is to come any more end. Raises StoreError."""
    series = open_series(db, now.tzinfo)
    for key in {one.series for one in gone if one.series in series}:
        if all(one.at < now for one in series[key]):
            with told(file_of(db)), transaction(db):
                ids = json.dumps([one.id for one in series[key]])
                ends = "json_remove(extra, '$.rule', '$.through')"
                db.execute(f"UPDATE record SET extra = {ends} WHERE id IN (SELECT value FROM json_each(?))", (ids,))  # noqa: S608


def remove(db: Connection, appointments: Sequence[Appointment]) -> None:
    """Takes these out of its own calendar. Raises StoreError."""
    ids = [one.id for one in appointments if one.own]
    with told(file_of(db)), transaction(db):
        Ledger(db).uncut(ids)
        db.execute("DELETE FROM record WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids),))


def _titles(db: Connection, matches: Callable[[str, str], bool]) -> list[str]:
    query = f"SELECT DISTINCT record.title, record.place, record.addressees, record.author {_FROM}"
    with told(file_of(db)):
        rows = db.execute(query).fetchall()
    return sorted({row["title"] for row in rows if matches(" ".join((row["title"], *_people(row))), row["place"])})


def _who(one: Appointment) -> str:
    return " ".join((one.title, *one.people))


def _appointments(db: Connection, where: str, values: Sequence[object], zone: tzinfo | None) -> list[Appointment]:
    with told(file_of(db)):
        rows = db.execute(f"SELECT {_COLUMNS} {_FROM} {where}", values).fetchall()
        often = {key: _often(db, *key) for key in {(row["source_id"], row["key"].rpartition("/")[0]) for row in rows}}
    found: dict[tuple[str, datetime], Appointment] = {}
    for row in rows:
        at, until = (None if row[name] is None else moment(row[name]).astimezone(zone) for name in ("at", "until"))
        assert at
        recurs = row["often"] or often[row["source_id"], row["key"].rpartition("/")[0]]
        one = Appointment(
            *(row["title"] or row["text"].splitlines()[0].rstrip("."), at, until, row["place"], _people(row), recurs),
            *(row["id"], row["key"], row["uri"] == OWN.uri, row["rule"] or "", row["through"] or ""),
        )
        same = one.title.casefold(), at
        if same not in found or one.own:
            found[same] = one
    return list(found.values())


def _people(row: Row) -> tuple[str, ...]:
    """Who else takes part."""
    names = dict.fromkeys([row["author"], *json.loads(row["addressees"])])
    return tuple(name for name in names if name not in ("", OWNER))


def _often(db: Connection, source: int, series: str) -> str:
    query = "SELECT extra ->> 'often' AS often FROM record WHERE source_id = ? AND key = ?"
    row = db.execute(query, (source, series)).fetchone() if series else None
    return (row and row["often"]) or ""


def _record(one: Appointment) -> Record:
    said = table("en", "records")["event"]
    others = [name for name in one.people if name not in one.title]
    sentences = [
        one.title,
        one.often,
        said["place"].format(place=one.place) if one.place else "",
        said["people"].format(people=", ".join(others)) if others else "",
    ]
    text = ". ".join(filter(None, sentences)) + "."
    extra = {key: value for key in ("often", "rule", "through") if (value := getattr(one, key))}
    return Record(Kind.EVENT, one.key, text, one.title, "", tuple(one.people), one.at, one.until, "", one.place, extra)
