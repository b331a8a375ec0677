"""What on lists, of what is due, and of the receipts of acts, mentions a topic."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from voiceos.language.items import said_item
from voiceos.language.terms import Analyzer
from voiceos.store.acts import receipts
from voiceos.store.database import Connection
from voiceos.store.lists import Entry, Listing, entries, listings
from voiceos.store.schedule import Entry as Due
from voiceos.store.schedule import entries as all_due


@dataclass(frozen=True, slots=True)
class Things:
    """What there is beside memories."""

    lists: Sequence[Listing] = ()
    """Whole lists, which are called so."""
    items: Sequence[tuple[Listing, Entry]] = ()
    """Things on other lists."""
    due: Sequence[Due] = ()
    receipts: Sequence[int] = ()

    @property
    def count(self) -> int:
        """How many a person would speak of."""
        return len(self.lists) + len(self.items) + len(self.due)

    @property
    def rows(self) -> Mapping[str, Sequence[int]]:
        """What they are in the store, by table."""
        return {
            "list": [one.id for one in self.lists],
            "list_item": [entry.id for _, entry in self.items],
            "schedule": [one.id for one in self.due],
            "act": self.receipts,
        }


def about(db: Connection, wanted: Collection[str], analyze: Analyzer) -> Things:
    """Those that hold each of these terms; of none, nothing. Raises StoreError."""
    if not wanted:
        return Things()

    def holds(text: str) -> bool:
        return set(wanted) <= set(analyze(text))

    every = listings(db)
    called = [one for one in every if holds(one.name)]
    items = [
        (one, entry)
        for one in every
        if one not in called
        for entry in _entries(db, one)
        if holds(said_item(entry.item))
    ]
    due = [one for one in all_due(db) if one.name and holds(one.name)]
    signed = [
        one.id for one in receipts(db, count=-1, reads=True) if holds(f"{one.result} {json.dumps(one.arguments)}")
    ]
    return Things(called, items, due, signed)


def _entries(db: Connection, one: Listing) -> Iterator[Entry]:
    yield from entries(db, one.id)
    yield from entries(db, one.id, ticked=True)
