"""What on lists, of what is due, is allowed or done under a name, and of the receipts of acts, mentions a topic."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from voiceos.language.items import said_item
from voiceos.language.terms import Analyzer
from voiceos.store.acts import receipts
from voiceos.store.database import Connection
from voiceos.store.lists import Entry, Listing, entries, listings
from voiceos.store.permissions import Permission, permissions
from voiceos.store.prompts import Saved, prompts
from voiceos.store.routines import Routine, routines
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
    routines: Sequence[Routine] = ()
    prompts: Sequence[Saved] = ()
    permissions: Sequence[Permission] = ()
    """What the owner has allowed for good."""
    receipts: Sequence[int] = ()

    @property
    def count(self) -> int:
        """How many a person would speak of."""
        return sum(map(len, (self.lists, self.items, self.due, self.routines, self.prompts, self.permissions)))

    @property
    def rows(self) -> Mapping[str, Sequence[int]]:
        """What they are in the store, by table."""
        return {
            "list": [one.id for one in self.lists],
            "list_item": [entry.id for _, entry in self.items],
            "schedule": [one.id for one in self.due],
            "routine": [one.id for one in self.routines],
            "prompt": [one.id for one in self.prompts],
            "permission": [one.id for one in self.permissions],
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
    named = [one for one in routines(db) if holds(f"{one.name} {' '.join(one.sentences)}")]
    gone = {one.name for one in named}
    due = [one for one in all_due(db) if one.name and (holds(one.name) or (one.kind == "routine" and one.name in gone))]
    saved = [one for one in prompts(db) if holds(f"{one.name} {one.text}")]
    allowed = [one for one in permissions(db) if holds(f"{one.tool} {' '.join(one.doubtful)}")]
    signed = [
        one.id for one in receipts(db, count=-1, reads=True) if holds(f"{one.result} {json.dumps(one.arguments)}")
    ]
    return Things(called, items, due, named, saved, allowed, signed)


def _entries(db: Connection, one: Listing) -> Iterator[Entry]:
    yield from entries(db, one.id)
    yield from entries(db, one.id, ticked=True)
