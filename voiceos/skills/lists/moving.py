"""Moves things from one list to another."""

from dataclasses import replace

from voiceos.language.items import key_of
from voiceos.skills.lists.meant import Meant
from voiceos.skills.lists.tells import said_nothing
from voiceos.skills.lists.words import Named, called, everybodys, fits, is_item, list_said, may_be_list, says, told
from voiceos.skills.skill import Asked, Intent, Said, Workshop
from voiceos.store import lists as store
from voiceos.store.database import Connection
from voiceos.store.lists import Change, Entry


class Moving:
    def __init__(self, workshop: Workshop, meant: Meant) -> None:
        self._workshop = workshop
        self._meant = meant

    @property
    def intent(self) -> Intent:
        slots = {"item": is_item, "list": may_be_list, "target": may_be_list}
        return Intent("lists.move", self._move, acts=True, slots=slots, mine=lambda asked: False)

    async def _move(self, asked: Asked) -> Said:
        to = await self._meant.named(asked.slots["target"])
        if to.key not in everybodys() and to.key not in {key_of(one.name) for one in await self._meant.listings()}:
            return Said(says("no_list", name=to.name))
        found = await self._found(replace(asked, slots={**asked.slots, "target": ""}), to)
        if isinstance(found, Said):
            return replace(found, question=None)
        of, entries, missing = found
        if of.key == to.key:
            return Said(says("already", items=told(entries), list=called(to)), about=called(to))
        changes = await self._workshop.stored(lambda db: self._moved(db, asked, to, entries))
        names = [entry.item.name for entry in entries]
        self._meant.speak_of(asked, to, names)

        async def undo() -> str:
            await self._workshop.stored(lambda db: [store.take_back(db, one) for one in reversed(changes)])
            return says("undone", items=told(entries), list=called(of))

        text = says("moved", items=told(entries), list=called(of), to=called(to)) + missing
        return Said(text, done={"list": to.name, "items": names}, undo=undo, about=called(to))

    async def _found(self, asked: Asked, to: Named) -> tuple[Named, list[Entry], str] | Said:
        """What is moved, and from where; all that is on a list, where no thing is named."""
        if item := asked.slots.get("item"):
            named = list_said(asked, await self._meant.listings()) or fits("that", item) or fits("last", item)
            if not named and not self._meant.is_held_in_part(item, asked.now):
                return Said(says("not_anywhere", items=item))
            return await self._meant.entries_meant(asked, besides=to)
        of = await self._meant.list_meant(asked)
        if isinstance(of, Said):
            return of
        listing = await self._meant.listing(of.key)
        entries = await self._meant.entries(listing)
        return (of, entries, "") if entries else Said(said_nothing(of, listing))

    def _moved(self, db: Connection, asked: Asked, to: Named, entries: list[Entry]) -> list[Change]:
        gone = store.remove(db, entries)
        items = [entry.item for entry in entries]
        return [gone, store.add(db, to.key, to.name, items, asked.now, asked.turn.who)]
