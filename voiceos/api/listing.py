"""Operations on lists."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated

from anyio import to_thread
from pydantic import BaseModel, Field

from voiceos.api.desk import Desk
from voiceos.api.operations import Text, operation
from voiceos.clock import local_time
from voiceos.core import OWNER
from voiceos.errors import UsageError
from voiceos.language.items import items_in, key_of, said_item
from voiceos.skills.lists.words import Named, named_in, task_lists
from voiceos.store import lists as store
from voiceos.store.database import Connection
from voiceos.store.lists import Change, Entry, Listing

Things = Annotated[tuple[Text, ...], Field(min_length=1)]


class Thing(BaseModel):
    """A thing on a list."""

    text: str
    """With its amount, as in "2 litres of milk"."""
    name: str
    amount: float | None
    unit: str
    who: str
    added_at: datetime
    ticked_at: datetime | None


class List(BaseModel):
    """A list, with what is on it."""

    name: str
    things: list[Thing]
    ticked: list[Thing]


class Changed(BaseModel):
    """What was changed on a list."""

    name: str
    changed: list[str]
    already: list[str] = []
    """What was on it already."""


@operation("lists.all")
async def all_(desk: Desk) -> list[List]:
    """Every list, with what is on it."""
    return await desk.reading(lambda db: [_whole(db, one) for one in store.listings(db)])


@operation("lists.show")
async def show(desk: Desk, name: Text) -> List:
    """One list, by a name as it may be spoken: shopping, groceries, to-do."""
    return await desk.reading(lambda db: _whole(db, _found(db, name)))


@operation("lists.add")
async def add(desk: Desk, name: Text, things: Things) -> Changed:
    """Puts things on a list, which is made if there is none. Amounts of the same thing are added up."""

    def work(db: Connection) -> Changed:
        named = named_in(name, store.listings(db))
        items = [item for text in things for item in items_in(text, tasks=named.key in task_lists())]
        if not items:
            raise UsageError("There is nothing to add in that. For example: voiceos lists add shopping milk '2 eggs'")
        return _changed(named, store.add(db, named.key, named.name, items, local_time(), OWNER))

    return await _writing(desk, work)


@operation("lists.tick")
async def tick(desk: Desk, name: Text, things: Things) -> Changed:
    """Ticks things off, which are done or bought."""
    return await _writing(desk, lambda db: _each(db, name, things, lambda them: store.tick(db, them, local_time())))


@operation("lists.remove")
async def remove(desk: Desk, name: Text, things: Things) -> Changed:
    """Takes things off a list."""
    return await _writing(desk, lambda db: _each(db, name, things, lambda them: store.remove(db, them)))


@operation("lists.clear")
async def clear(desk: Desk, name: Text, whole: bool = False) -> Changed:
    """Takes everything off a list. `whole`: the list goes as well."""

    def work(db: Connection) -> Changed:
        found = _found(db, name)
        return _changed(Named(found.key, found.name), store.clear(db, found.id, whole=whole))

    return await _writing(desk, work)


async def _writing(desk: Desk, work: Callable[[Connection], Changed]) -> Changed:
    async with desk.host.memory.another() as db:
        return await to_thread.run_sync(lambda: work(db))


def _each(db: Connection, name: str, things: Sequence[str], do: Callable[[Sequence[Entry]], Change]) -> Changed:
    """Does it with all these things, or with none."""
    found = _found(db, name)
    there = {entry.key: entry for entry in store.entries(db, found.id)}
    keys = [key_of(item.name) for text in things for item in items_in(text, tasks=found.key in task_lists())]
    wanting = [thing for thing in things if not items_in(thing)] or [key for key in keys if key not in there]
    if wanting:
        raise UsageError(f"'{wanting[0]}' is not on the list {found.name}. Nothing was changed.")
    them = [entry for entry in store.entries(db, found.id) if entry.key in keys]
    return _changed(Named(found.key, found.name), do(them))


def _found(db: Connection, name: str) -> Listing:
    listings = store.listings(db)
    key = named_in(name, listings).key
    if found := next((one for one in listings if one.key == key), None):
        return found
    raise UsageError(f"There is no list '{name}'. `voiceos lists` shows them all.")


def _whole(db: Connection, listing: Listing) -> List:
    things, ticked = ([_thing(one) for one in store.entries(db, listing.id, ticked=past)] for past in (False, True))
    return List(name=listing.name, things=things, ticked=ticked)


def _thing(entry: Entry) -> Thing:
    item = entry.item
    return Thing(
        text=said_item(item),
        name=item.name,
        amount=item.amount,
        unit=item.unit,
        who=entry.who,
        added_at=entry.added_at,
        ticked_at=entry.ticked_at,
    )


def _changed(named: Named, change: Change) -> Changed:
    changed, already = ([said_item(one.item) for one in entries] for entries in (change.entries, change.already))
    return Changed(name=named.name, changed=changed, already=already)
