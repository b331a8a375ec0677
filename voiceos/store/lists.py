"""Lists of things: to buy, to do, or any other. Each change can be taken back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from voiceos.language.items import Item, key_of, together
from voiceos.store.database import Connection, Row, file_of, told, transaction
from voiceos.store.rows import clean, moment, seconds


@dataclass(frozen=True, slots=True)
class Listing:
    """A list, without what is on it."""

    id: int
    key: str
    """What its names have in common, as in "to do"."""
    name: str
    """As it was first called."""
    count: int
    """How much is on it that is not ticked."""
    ticked: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing on a list."""

    id: int
    list_id: int
    key: str
    item: Item
    who: str
    """Who put it there."""
    added_at: datetime
    ticked_at: datetime | None


@dataclass(slots=True)
class Change:
    """What was changed, and what is needed to take it back."""

    entries: list[Entry] = field(default_factory=list[Entry])
    """What was put on the list, ticked or taken off, as it is now or was."""
    already: list[Entry] = field(default_factory=list[Entry])
    """What was asked for and was so already."""
    made: list[int] = field(default_factory=list[int])
    changed: list[Row] = field(default_factory=list[Row])
    """Rows as they were before they were changed."""
    gone: list[Row] = field(default_factory=list[Row])
    """Rows that were deleted."""
    made_list: int = 0
    list_before: Row | None = None


def listings(db: Connection, key: str = "") -> list[Listing]:
    """All lists, the oldest first, or the one of that key. Raises StoreError, as all of these do."""
    query = (
        "SELECT l.id, l.key, l.name, count(i.id) - count(i.ticked_at) AS count, count(i.ticked_at) AS ticked"
        " FROM list l LEFT JOIN list_item i ON i.list_id = l.id WHERE ? IN ('', l.key) GROUP BY l.id ORDER BY l.id"
    )
    with told(file_of(db)):
        return [Listing(*row) for row in db.execute(query, (key,))]


def listing(db: Connection, key: str) -> Listing | None:
    """The list of that key."""
    return next(iter(listings(db, key)), None)


def entries(db: Connection, list_id: int, *, ticked: bool = False, after: int = 0, count: int = -1) -> list[Entry]:
    """What is on a list, in the order of adding, or what was `ticked`; after the entry of this id."""
    where = f"list_id = ? AND id > ? AND ticked_at IS {'NOT ' if ticked else ''}NULL ORDER BY id LIMIT ?"
    return _entries(db, where, list_id, after, count)


def holding(db: Connection, name: str) -> list[Entry]:
    """The entries of this name on any list that are not ticked."""
    return _entries(db, "key = ? AND ticked_at IS NULL ORDER BY list_id", key_of(name))


def make_list(db: Connection, key: str, name: str, now: datetime) -> Change:
    """Makes a list, unless there is one of that key."""
    change = Change()
    with told(file_of(db)), transaction(db):
        _list_id(db, key, name, now, change)
    return change


def add(db: Connection, key: str, name: str, items: Iterable[Item], now: datetime, who: str) -> Change:
    """Puts things on a list, which is made if there is none. Amounts of the same thing are added up."""
    change = Change()
    with told(file_of(db)), transaction(db):
        list_id = _list_id(db, key, name, now, change)
        ids: list[int] = []
        for item in items:
            same = _entries(db, "list_id = ? AND key = ?", list_id, key_of(item.name))
            _delete(db, change, [entry for entry in same if entry.ticked_at])
            there = ((entry, together(entry.item, item)) for entry in same if not entry.ticked_at)
            entry, both = next((match for match in there if match[1]), (None, None))
            if entry and both and (both.amount, both.unit) == (entry.item.amount, entry.item.unit):
                change.already.append(entry)
            elif entry and both:
                _remember(db, change, [entry])
                values = (clean(both.name), both.amount, both.unit, entry.id)
                db.execute("UPDATE list_item SET name = ?, amount = ?, unit = ? WHERE id = ?", values)
                ids.append(entry.id)
            else:
                name = clean(item.name)
                values = (list_id, key_of(name), name, item.amount, item.unit, who, seconds(now))
                insert = "INSERT INTO list_item (list_id, key, name, amount, unit, who, added_at)"
                ids.append(db.execute(f"{insert} VALUES (?, ?, ?, ?, ?, ?, ?)", values).lastrowid or 0)
                change.made.append(ids[-1])
        change.entries = [entry for id in dict.fromkeys(ids) for entry in _entries(db, "id = ?", id)]
    return change


def tick(db: Connection, doomed: Sequence[Entry], now: datetime) -> Change:
    """Ticks things off: they are done or bought."""
    change = Change()
    with told(file_of(db)), transaction(db):
        _remember(db, change, doomed)
        db.executemany("UPDATE list_item SET ticked_at = ? WHERE id = ?", [(seconds(now), one.id) for one in doomed])
        change.entries = list(doomed)
    return change


def remove(db: Connection, doomed: Sequence[Entry]) -> Change:
    """Takes things off their list."""
    change = Change()
    with told(file_of(db)), transaction(db):
        _delete(db, change, doomed)
        change.entries = list(doomed)
    return change


def clear(db: Connection, list_id: int, *, whole: bool = False) -> Change:
    """Takes everything off a list, what is ticked too. `whole`: the list goes as well."""
    change = Change()
    with told(file_of(db)), transaction(db):
        change.entries = _entries(db, "list_id = ? AND ticked_at IS NULL ORDER BY id", list_id)
        change.gone = db.execute("SELECT * FROM list_item WHERE list_id = ?", (list_id,)).fetchall()
        db.execute("DELETE FROM list_item WHERE list_id = ?", (list_id,))
        if whole:
            change.list_before = db.execute("SELECT * FROM list WHERE id = ?", (list_id,)).fetchone()
            db.execute("DELETE FROM list WHERE id = ?", (list_id,))
    return change


def take_back(db: Connection, change: Change) -> None:
    """Makes everything as it was before a change, but for what changed since then."""
    with told(file_of(db)), transaction(db):
        if change.list_before:
            db.execute("INSERT OR IGNORE INTO list VALUES (?, ?, ?, ?)", tuple(change.list_before))
        db.executemany("DELETE FROM list_item WHERE id = ?", [(id,) for id in change.made])
        for row in change.changed:
            values = (row["name"], row["amount"], row["unit"], row["ticked_at"], row["id"])
            db.execute("UPDATE list_item SET name = ?, amount = ?, unit = ?, ticked_at = ? WHERE id = ?", values)
        for row in change.gone:
            if db.execute("SELECT 1 FROM list WHERE id = ?", (row["list_id"],)).fetchone():
                marks = ", ".join("?" * len(tuple(row)))
                db.execute(f"INSERT OR IGNORE INTO list_item VALUES ({marks})", tuple(row))  # noqa: S608
        if change.made_list:
            empty = "NOT EXISTS (SELECT 1 FROM list_item WHERE list_id = list.id)"
            db.execute(f"DELETE FROM list WHERE id = ? AND {empty}", (change.made_list,))  # noqa: S608


def _list_id(db: Connection, key: str, name: str, now: datetime, change: Change) -> int:
    found = db.execute("SELECT id FROM list WHERE key = ?", (key,)).fetchone()
    if found:
        return found["id"]
    made = db.execute("INSERT INTO list (key, name, made_at) VALUES (?, ?, ?)", (key, clean(name), seconds(now)))
    change.made_list = made.lastrowid or 0
    return change.made_list


def _remember(db: Connection, change: Change, doomed: Iterable[Entry]) -> None:
    """Notes how these are now, unless this change has made or noted them before."""
    noted = {row["id"] for row in change.changed}.union(change.made)
    for entry in doomed:
        if entry.id not in noted:
            change.changed += db.execute("SELECT * FROM list_item WHERE id = ?", (entry.id,)).fetchall()


def _delete(db: Connection, change: Change, doomed: Iterable[Entry]) -> None:
    for entry in doomed:
        change.gone += db.execute("SELECT * FROM list_item WHERE id = ?", (entry.id,)).fetchall()
        db.execute("DELETE FROM list_item WHERE id = ?", (entry.id,))


def _entries(db: Connection, where: str, *values: object) -> list[Entry]:
    with told(file_of(db)):
        return [_entry(row) for row in db.execute(f"SELECT * FROM list_item WHERE {where}", values)]  # noqa: S608


def _entry(row: Row) -> Entry:
    ticked = None if row["ticked_at"] is None else moment(row["ticked_at"])
    item = Item(row["name"], row["amount"], row["unit"])
    return Entry(row["id"], row["list_id"], row["key"], item, row["who"], moment(row["added_at"]), ticked)
