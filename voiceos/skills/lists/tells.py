"""Tells what is on the lists, and what was put there."""

from collections.abc import Callable
from datetime import datetime
from typing import cast

from voiceos.language.answers import yes_or_no
from voiceos.language.items import items_in, key_of, said_item
from voiceos.language.sentences import capital, joined
from voiceos.language.times import Period
from voiceos.skills.lists.meant import Meant, alike
from voiceos.skills.lists.words import Named, are_bare_goods, called, everybodys, is_item, says, slot, told
from voiceos.skills.skill import Asked, Pass, Question, Said, Workshop
from voiceos.skills.slots import whole_time
from voiceos.store import lists as store
from voiceos.store.acts import receipts
from voiceos.store.database import Connection
from voiceos.store.lists import Listing

LISTENED = 7
"""Things that are read at once."""
FIRST = 5
"""Of more than that, how many are read before it asks."""
MOST_RECEIPTS = 5_000
MOST_TOLD = 20
"""Of what was put on a list once."""


class Telling:
    def __init__(self, workshop: Workshop, meant: Meant) -> None:
        self._workshop = workshop
        self._meant = meant

    async def read(self, asked: Asked) -> Said:
        """A long list in parts. `after`, in a question's slots, is the entry that was read last."""
        after = int(asked.slots.get("after", 0))
        if after and not yes_or_no(asked.slots.get("sure", "")):
            return Said(says("stopped"))
        full = await self._full(asked)
        if isinstance(full, Said):
            return full
        named, listing, spoken = full
        part = await self._workshop.stored(lambda db: store.entries(db, listing.id, after=after, count=LISTENED + 1))
        if len(part) <= LISTENED:
            if after:
                return Said(says("last_part", items=told(part)), after=spoken)
            return Said(says("read", count=listing.count, items=told(part), list=called(named)), after=spoken)
        part = part[:FIRST]
        more = listing.count - FIRST - int(asked.slots.get("heard", 0))
        items = ", ".join(said_item(entry.item) for entry in part)
        text = says(
            "next_part" if after else "first_part", count=listing.count, items=items, list=called(named), more=more
        )
        slots = {"list": named.name, "after": str(part[-1].id), "heard": str(listing.count - more)}
        return Said(text, Question("lists.read", "sure", slots), after=spoken)

    async def _full(self, asked: Asked) -> tuple[Named, Listing, Callable[[], None]] | Said:
        """The list that is meant, with what notes that it was spoken of; or what is said where nothing is on it."""
        named = await self._meant.list_meant(asked)
        if isinstance(named, Said):
            return named
        spoken = self._meant.speaking(asked, named)
        listing = await self._meant.listing(named.key)
        if not listing or not listing.count:
            return Said(said_nothing(named, listing), after=spoken)
        return named, listing, spoken

    async def history(self, asked: Asked) -> Said:
        """What was put on a list at some time, whether it is still there or not."""
        named = await self._meant.list_meant(asked)
        if isinstance(named, Said):
            return named
        words = asked.slots["when"]
        period = whole_time(words, asked.now, lean="past")
        start, end = (period.start, period.end) if isinstance(period, Period) else (None, None)
        put = await self._workshop.stored(lambda db: put_on(db, named, start, end or asked.now))
        spoken = self._meant.speaking(asked, named)
        if not put:
            return Said(says("put_nothing", list=called(named), period=words), after=spoken)
        items = [*put[:MOST_TOLD], *([says("others", count=len(put) - MOST_TOLD)] * (len(put) > MOST_TOLD))]
        text = says("put", list=called(named), period=words, items=joined(items))
        return Said(capital(text), after=spoken)

    async def ask(self, asked: Asked) -> Said:
        words = slot(asked, "item", "held", "need", "items")
        items = items_in(words)
        if not is_item(words, asked.now):
            raise Pass
        named = await self._meant.list_meant(asked, holding=items)
        if isinstance(named, Said):
            return named
        spoken = self._meant.speaking(asked, named, [item.name for item in items])
        listing = await self._meant.listing(named.key)
        entries = await self._meant.entries(listing)
        there = [found for item in items for found in alike(item, entries)]
        missing = [item.name for item in items if not alike(item, entries)]
        if there:
            text = says("yes", items=told(there), list=called(named))
            return Said(text + (says("but_not", items=joined(missing)) if missing else ""), after=spoken)
        ticked = await self._meant.entries(listing, ticked=True)
        if gone := [found for item in items for found in alike(item, ticked)]:
            return Said(says("no_longer", items=told(gone), list=called(named)), after=spoken)
        key = "no" if "need" not in asked.slots else "not_needed"
        return Said(says(key, items=joined(missing or [words]), list=called(named)), after=spoken)

    async def count(self, asked: Asked) -> Said:
        full = await self._full(asked)
        if isinstance(full, Said):
            return full
        named, listing, spoken = full
        return Said(says("count", count=listing.count, list=called(named)), after=spoken)

    async def names(self, asked: Asked) -> Said:
        listings = await self._meant.listings()
        if not listings:
            return Said(says("no_lists"))
        things = [says("things", count=one.count) if one.count else says("nothing") for one in listings]
        told = [says("listed", name=one.name, items=items) for one, items in zip(listings, things, strict=True)]
        return Said(says("lists", count=len(listings), items=joined(told)))

    def may_be_needed(self, words: str, now: datetime) -> bool:
        return self._meant.is_held(words, now) or are_bare_goods(words, now)


def put_on(db: Connection, named: Named, start: datetime | None, end: datetime) -> list[str]:
    """What was put on a list between two times, the first first, each once: by the receipts, and what is there."""
    items = dict[str, str]()
    for receipt in reversed(receipts(db, since=start, count=MOST_RECEIPTS)):
        if receipt.done and receipt.at < end and receipt.arguments.get("list") == named.name:
            told = {key_of(name): name for name in cast("list[str]", receipt.arguments.get("items", ()))}
            if receipt.act == "lists.add":
                items |= told
            elif receipt.arguments.get("undone") == "lists.add":
                items = {key: name for key, name in items.items() if key not in told}
    if listing := store.listing(db, named.key):
        there = [*store.entries(db, listing.id), *store.entries(db, listing.id, ticked=True)]
        here = [one.item for one in there if (not start or one.added_at >= start) and one.added_at < end]
        items |= {key: name for item in here if (key := key_of(name := said_item(item))) not in items}
    return [*items.values()]


def said_nothing(named: Named, listing: Listing | None) -> str:
    there = listing or named.key in everybodys()
    return says("empty", list=called(named)) if there else says("no_list", name=named.name)
