"""Which list is meant, and what on it: what is named, what was spoken of last, or the only one that it can be."""

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from voiceos.errors import StoreError
from voiceos.language.answers import yes_or_no
from voiceos.language.items import Item, is_goods, is_task, items_in, key_of
from voiceos.language.sentences import joined
from voiceos.skills.by_device import ByDevice
from voiceos.skills.lists.words import (
    Named,
    called,
    everybodys,
    fits,
    list_said,
    named_in,
    says,
    slot,
    task_lists,
    to_buy,
    told,
)
from voiceos.skills.skill import Asked, Question, Said, Workshop
from voiceos.store import lists as store
from voiceos.store.lists import Entry, Listing

LATELY = timedelta(minutes=5)
"""How long "it" is the list spoken of last."""
ALIKE = 0.8
"""How alike two names are before one is taken for the other misheard."""
MOST_NAMED = 7
"""Things of which it asks which one is meant."""


_OF_ANY = {"bare", "loose"}
"""The slots of what is put somewhere, and no list is named."""


@dataclass(frozen=True, slots=True)
class _Spoken:
    """What was spoken of last on a device."""

    of: Named
    things: Sequence[str]
    at: datetime


class Meant:
    """Knows for each device which list was spoken of last."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._spoken = ByDevice[_Spoken]()

    async def list_to_add_to(self, asked: Asked, words: str) -> Named | Said:
        """The list that is named, the one spoken of last, or the one to buy from; else it asks."""
        if said := list_said(asked, await self.listings()):
            return await self._list_or_new(asked, said, words)
        if not asked.slots and not fits("spoken_of", asked.text):  # it may name a list that is not known
            return Said(says("which"), Question("lists.add", "which", {"items": words}))
        pronoun = asked.slots.get("list", "")
        spoken = self.lately(asked)
        if spoken and (
            pronoun or not _OF_ANY & asked.slots.keys() or (spoken.of.key in task_lists()) == is_task(words)
        ):
            return spoken.of
        if (not _OF_ANY & asked.slots.keys() or is_goods(words)) and not is_task(words) and not fits("spoken", pronoun):
            return to_buy()
        return Said(says("which"), Question("lists.add", "which", {"items": words}))

    async def _list_or_new(self, asked: Asked, said: str, words: str) -> Named | Said:
        """The list of a name. A new one is made, unless it is like another or was only an answer: then it asks."""
        named = await self.named(said)
        names = [listing.name for listing in await self.listings()]
        if named.key in everybodys() or named.key in map(key_of, names):
            return named
        sure = yes_or_no(asked.slots.get("sure", ""))
        near = difflib.get_close_matches(named.name.lower(), {*names, *everybodys().values()}, 1, ALIKE)
        question = Question("lists.add", "sure", {**asked.slots, "items": words, "list": named.name})
        if near and sure is None:
            return Said(says("same", list=called(await self.named(near[0]))), question)
        if near and sure:
            return await self.named(near[0])
        if (answer := asked.slots.get("which")) and not re.search(r"\blist\b", answer):
            if sure is None:
                return Said(says("new", name=named.name), question)
            if not sure:
                return Said(says("left_alone"))
        return named

    async def list_meant(self, asked: Asked, holding: Sequence[Item] = ()) -> Named | Said:
        """The list that is named, the one that holds these, the one spoken of last, or the only one; else it asks."""
        listings = await self.listings()
        if said := list_said(asked, listings):
            named = await self.named(said)
            names = [listing.name for listing in listings]
            if named.key in map(key_of, names):
                return named
            near = difflib.get_close_matches(named.name.lower(), names, 1, ALIKE)
            return await self.named(near[0]) if near else named
        unnamed = bool({"need", "held"}.intersection(asked.slots)) and not asked.slots.get("list")
        if not unnamed and (spoken := self.lately(asked)):
            return spoken.of
        if unnamed:
            held = await self._lists_with(holding)
            return next((_of(one) for one in listings if one.id in held), to_buy())
        full = [listing for listing in listings if listing.count] or listings
        if len(full) > 1:
            names = joined((called(_of(one)) for one in full), "or")
            return Said(says("which_of", lists=names), Question(asked.intent, "which", asked.slots))
        return _of(full[0]) if full else to_buy()

    async def entries_meant(
        self, asked: Asked, *, besides: Named | None = None
    ) -> tuple[Named, list[Entry], str] | Said:
        """What is to be ticked, taken off or moved, and a sentence about what is not there. `besides`: a list that is
        not looked at unless it is named."""
        if kept := asked.slots.get("but") or asked.slots.get("kept"):
            return await self._all_but(asked, items_in(kept))
        words, spoken = slot(asked, "item", "held", "items"), self.lately(asked)
        items = [Item(name) for name in spoken.things] if spoken and fits("that", words) else items_in(words)
        named = await self._holder(asked, items, besides) or await self.list_meant(asked)
        if isinstance(named, Said):
            return named
        entries = await self.entries(await self.listing(named.key))
        if fits("last", words) and entries:
            return named, entries[-1:], ""
        found: list[Entry] = []
        for item in items:
            these = alike(item, entries)
            if len({entry.key for entry in these}) > 1:
                question = Question(asked.intent, "item", {"list": named.name})
                return Said(says("one_of", items=told(these[:MOST_NAMED])), question)
            found += [entry for entry in these if entry not in found]
        missing = joined([item.name for item in items if not alike(item, entries)])
        if not found and not asked.slots:
            return Said(says("what_off"), Question(asked.intent, "item", {"list": named.name}))
        if not found:
            return Said(says("not_there", items=missing or words, list=called(named)))
        return named, found, says("but_not", items=missing) if missing else ""

    async def _all_but(self, asked: Asked, items: Sequence[Item]) -> tuple[Named, list[Entry], str] | Said:
        """All that is on a list but for some, all of which must be there: the rest would be lost."""
        named = await self._holder(asked, items) or await self.list_meant(asked)
        if isinstance(named, Said):
            return named
        entries = await self.entries(await self.listing(named.key))
        kept = [entry for item in items for entry in alike(item, entries)]
        if missing := [item.name for item in items if not alike(item, entries)]:
            return Said(says("but_for_none", items=joined(missing), list=called(named)))
        others = [entry for entry in entries if entry not in kept]
        return (named, others, "") if others else Said(says("no_others", list=called(named)))

    async def _holder(self, asked: Asked, items: Sequence[Item], besides: Named | None = None) -> Named | None:
        """Where no list is named: one that holds some of these, best the one spoken of last."""
        if list_said(asked, await self.listings()):
            return None
        spoken, held = self.lately(asked), await self._lists_with(items)
        holders = [of for one in await self.listings() if one.id in held and (of := _of(one)) != besides]
        return spoken.of if spoken and spoken.of in holders else next(iter(holders), None)

    async def named(self, words: str) -> Named:
        """The list that words name: by its own name, or by one of those that everybody's lists have."""
        return named_in(words, await self.listings())

    async def listings(self) -> list[Listing]:
        return await self._workshop.stored(store.listings)

    async def listing(self, key: str) -> Listing | None:
        return await self._workshop.stored(lambda db: store.listing(db, key))

    async def entries(self, listing: Listing | None, *, ticked: bool = False) -> list[Entry]:
        return await self._workshop.stored(lambda db: store.entries(db, listing.id, ticked=ticked)) if listing else []

    async def _lists_with(self, items: Sequence[Item]) -> set[int]:
        names = [item.name for item in items]
        held = await self._workshop.stored(lambda db: [store.holding(db, name) for name in names])
        return {entry.list_id for entries in held for entry in entries}

    def is_held(self, words: str, now: datetime) -> bool:
        """Whether all of it is on some list."""
        held = self._held(words)
        return bool(held) and all(held)

    def is_held_in_part(self, words: str, now: datetime) -> bool:
        """Whether some of it is."""
        return any(self._held(words))

    def _held(self, words: str) -> list[bool]:
        """Of each thing whether it is on some list."""
        items = items_in(words)
        if self._workshop.db is None or len(items) > MOST_NAMED:
            return []
        try:
            with self._workshop.lock:
                return [bool(store.holding(self._workshop.db, item.name)) for item in items]
        except StoreError:
            return []

    def is_there(self, words: str, now: datetime) -> bool:
        """Whether there is a list of this name."""
        try:
            return any(one.key == key_of(words) for one in self._workshop.work(store.listings))
        except StoreError:
            return False

    def speak_of(self, asked: Asked, named: Named, things: Iterable[str] = ()) -> None:
        """A list, and things on it, are spoken of: "it" and "that" mean them from now on."""
        self._spoken[asked.turn.device] = _Spoken(named, [*things], asked.now)

    def speaking(self, asked: Asked, named: Named, things: Iterable[str] = ()) -> Callable[[], None]:
        """The same once it is said."""
        return lambda: self.speak_of(asked, named, things)

    def lately(self, asked: Asked) -> _Spoken | None:
        """What was spoken of last, unless that is long ago."""
        spoken = self._spoken.get(asked.turn.device)
        return spoken if spoken and asked.now - spoken.at <= LATELY else None


def alike(item: Item, entries: Sequence[Entry]) -> list[Entry]:
    """The entries of that name; if there are none, those whose name has all its words: "eggs", "free-range eggs"."""
    key = key_of(item.name)
    if same := [entry for entry in entries if entry.key == key]:
        return same
    words = set(key.split())
    return [entry for entry in entries if words and words <= set(entry.key.split())]


def _of(listing: Listing) -> Named:
    return Named(listing.key, listing.name)
