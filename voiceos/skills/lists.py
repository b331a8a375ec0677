"""Keeps lists: what to buy, what to do, and any others."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from voiceos.language.answers import yes_or_no
from voiceos.language.items import Item, is_task, items_in, key_of, said_item
from voiceos.language.times import Period
from voiceos.skills.list_meant import Meant, alike
from voiceos.skills.list_words import (
    Named,
    are_bare_goods,
    are_goods,
    called,
    everybodys,
    fits,
    is_addition,
    is_answer,
    is_item,
    is_items,
    is_list_answer,
    is_order,
    is_ours,
    is_past,
    joined,
    list_said,
    may_be_items,
    may_be_list,
    may_be_put,
    says,
    slot,
    task_lists,
    things_in,
    told,
)
from voiceos.skills.skill import Asked, Intent, Pass, Question, Said, Skill, Workshop
from voiceos.skills.slots import whole_time
from voiceos.store import lists as store
from voiceos.store.acts import receipts
from voiceos.store.database import Connection
from voiceos.store.lists import Change, Listing

LISTENED = 7
"""Things that are read at once."""
FIRST = 5
"""Of more than that, how many are read before it asks."""
MOST_RECEIPTS = 5_000
MOST_TOLD = 20
"""Of what was put on a list once."""
MOST_ITEMS = 50
"""Things that can be named in one breath."""


def make(workshop: Workshop) -> Skill:
    return Lists(workshop).skill


class Lists:
    """The skill."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._meant = Meant(workshop)

    @property
    def skill(self) -> Skill:
        answer = {"sure": is_answer, "which": is_list_answer, "list": may_be_list, "what": may_be_items}
        added = answer | {"items": is_items, "bare": may_be_put, "goods": are_goods, "there": self._meant.is_there}
        held = answer | {"item": is_item, "held": self._meant.is_held, "need": self._may_be_needed}
        return Skill(
            "lists",
            [
                Intent("lists.add", self._add, acts=True, slots=added, mine=is_addition),
                Intent("lists.read", self._read, slots=answer, mine=is_ours),
                Intent("lists.ask", self._ask, slots=held, mine=is_ours),
                Intent("lists.count", self._count, slots=answer, mine=is_ours),
                Intent("lists.history", self._history, slots=answer | {"when": is_past}, mine=_never),
                Intent("lists.tick", self._tick, acts=True, slots=held, mine=is_order),
                Intent("lists.remove", self._remove, acts=True, slots=held, mine=is_order),
                Intent("lists.clear", self._clear, acts=True, slots=answer, mine=_never),
                Intent("lists.delete", self._delete, acts=True, slots=answer, mine=_never),
                Intent("lists.make", self._make, acts=True, slots=added, mine=_never),
                Intent("lists.names", self._names, mine=is_ours),
            ],
        )

    # What changes a list

    async def _add(self, asked: Asked) -> Said:
        words = slot(asked, "items", "bare", "goods", "what") if asked.slots else things_in(asked)
        if fits("those", words):
            spoken = self._meant.lately(asked)
            words = joined(spoken.things) if spoken else ""
        if not words:
            said = list_said(asked, await self._meant.listings())
            return Said(says("what"), Question("lists.add", "what", {"list": said}))
        named = await self._meant.list_to_add_to(asked, words)
        if isinstance(named, Said):
            return named
        items = items_in(words, tasks=named.key in task_lists() or (named.key not in everybodys() and is_task(words)))
        if not items:
            return Said(says("what"), Question("lists.add", "what", {"list": named.name}))
        if len(items) > MOST_ITEMS:
            return Said(says("too_long"))
        change = await self._changed(lambda db: store.add(db, named.key, named.name, items, asked.now, asked.turn.who))
        self._meant.speak_of(asked, named, [one.item.name for one in change.entries or change.already])
        return self._added(named, items, change)

    def _added(self, named: Named, items: Sequence[Item], change: Change) -> Said:
        if not change.entries:
            return Said(says("already", items=told(change.already), list=called(named)))
        new = [item for item in items if key_of(item.name) not in {entry.key for entry in change.already}]
        text = says("started" if change.made_list else "added", items=joined(map(said_item, new)), list=called(named))
        if sums := [entry for entry in change.entries if entry.id not in change.made and entry.item not in new]:
            text += says("total", items=told(sums))
        if change.already:
            text += says("also_already", items=told(change.already))

        async def undo() -> str:
            await self._taken_back(change)
            return says("undone_add", items=joined(map(said_item, new)))

        return Said(text, done={"list": named.name, "items": [said_item(item) for item in new]}, undo=undo)

    async def _tick(self, asked: Asked) -> Said:
        found = await self._meant.entries_meant(asked)
        if isinstance(found, Said):
            return found
        named, entries, missing = found
        change = await self._changed(lambda db: store.tick(db, entries, asked.now))
        listing = await self._meant.listing(named.key)
        left = listing.count if listing else 0
        rest = says("left", count=left) if left else says("none_left", list=called(named))
        self._meant.speak_of(asked, named, [entry.item.name for entry in entries])
        return self._undoable(says("ticked", items=told(entries)) + rest + missing, named, change)

    async def _remove(self, asked: Asked) -> Said:
        found = await self._meant.entries_meant(asked)
        if isinstance(found, Said):
            return found
        named, entries, missing = found
        change = await self._changed(lambda db: store.remove(db, entries))
        self._meant.speak_of(asked, named)
        text = says("removed", items=told(entries), list=called(named)) + missing
        return self._undoable(text, named, change)

    async def _clear(self, asked: Asked) -> Said:
        return await self._emptied(asked, whole=False)

    async def _delete(self, asked: Asked) -> Said:
        return await self._emptied(asked, whole=True)

    async def _emptied(self, asked: Asked, *, whole: bool) -> Said:
        """Asks before it takes everything off a list, or the list away."""
        named = await self._meant.list_meant(asked)
        if isinstance(named, Said):
            return named
        listing = await self._meant.listing(named.key)
        if not listing:
            return Said(_nothing(named, listing))
        if not listing.count and not whole:
            return Said(_nothing(named, listing))
        sure = yes_or_no(asked.slots.get("sure", ""))
        if sure is False:
            return Said(says("left_alone"))
        if not sure and (listing.count or listing.ticked):
            things = told(await self._workshop.stored(lambda db: store.entries(db, listing.id, count=1)))
            question = Question(asked.intent, "sure", {"list": named.name})
            key = "sure_delete" if whole and listing.count else "sure_clear"
            return Said(says(key, list=called(named), count=listing.count, items=things), question)
        change = await self._changed(lambda db: store.clear(db, listing.id, whole=whole))
        self._meant.speak_of(asked, named)
        return self._undoable(says("deleted" if whole else "cleared", list=called(named)), named, change)

    async def _make(self, asked: Asked) -> Said:
        words = list_said(asked)
        if not words:
            return Said(says("what_called"), Question("lists.make", "which"))
        if "items" in asked.slots:
            return await self._add(replace(asked, slots={**asked.slots, "list": words, "sure": "no"}))
        named = await self._meant.named(words)
        change = await self._changed(lambda db: store.make_list(db, named.key, named.name, asked.now))
        self._meant.speak_of(asked, named)
        if not change.made_list:
            return Said(says("there_already", list=called(named)))

        async def undo() -> str:
            await self._taken_back(change)
            return says("undone_make", name=named.name)

        return Said(says("made", list=called(named)), done={"list": named.name}, undo=undo)

    def _undoable(self, text: str, named: Named, change: Change) -> Said:
        """Things were ticked or taken off."""
        items = [said_item(entry.item) for entry in change.entries]

        async def undo() -> str:
            await self._taken_back(change)
            key = "undone" if 0 < len(items) <= LISTENED else "undone_clear"
            return says(key, items=joined(items), list=called(named))

        return Said(text, done={"list": named.name, "items": items}, undo=undo)

    # What tells about a list

    async def _read(self, asked: Asked) -> Said:
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
            return Said(_nothing(named, listing), after=spoken)
        return named, listing, spoken

    async def _history(self, asked: Asked) -> Said:
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
        return Said(text[:1].upper() + text[1:], after=spoken)

    async def _ask(self, asked: Asked) -> Said:
        words = slot(asked, "item", "need", "items")
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

    async def _count(self, asked: Asked) -> Said:
        full = await self._full(asked)
        if isinstance(full, Said):
            return full
        named, listing, spoken = full
        return Said(says("count", count=listing.count, list=called(named)), after=spoken)

    async def _names(self, asked: Asked) -> Said:
        listings = await self._meant.listings()
        if not listings:
            return Said(says("no_lists"))
        things = [says("things", count=one.count) if one.count else says("nothing") for one in listings]
        told = [says("listed", name=one.name, items=items) for one, items in zip(listings, things, strict=True)]
        return Said(says("lists", count=len(listings), items=joined(told)))

    async def _changed(self, work: Callable[[Connection], Change]) -> Change:
        return await self._workshop.stored(work)

    async def _taken_back(self, change: Change) -> None:
        await self._workshop.stored(lambda db: store.take_back(db, change))

    def _may_be_needed(self, words: str, now: datetime) -> bool:
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


def _nothing(named: Named, listing: Listing | None) -> str:
    there = listing or named.key in everybodys()
    return says("empty", list=called(named)) if there else says("no_list", name=named.name)


def _never(asked: Asked) -> bool:
    return False
