"""Keeps lists: what to buy, what to do, and any others."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from voiceos.language.answers import yes_or_no
from voiceos.language.items import Item, is_task, items_in, key_of, said_item
from voiceos.language.sentences import joined
from voiceos.skills.lists.breath import as_meant, not_wanted
from voiceos.skills.lists.corrections import Correcting, are_items, may_be_instead
from voiceos.skills.lists.meant import Meant, alike
from voiceos.skills.lists.moving import Moving
from voiceos.skills.lists.tells import LISTENED, Telling, said_nothing
from voiceos.skills.lists.words import (
    Named,
    are_bare_goods,
    are_goods,
    called,
    everybodys,
    fits,
    is_addition,
    is_item,
    is_items,
    is_list_answer,
    is_order,
    is_ours,
    list_said,
    may_be_items,
    may_be_list,
    may_be_put,
    put_there,
    says,
    slot,
    task_lists,
    things_in,
    to_buy,
    told,
)
from voiceos.skills.skill import Asked, Intent, Question, Said, Skill, Workshop, never
from voiceos.skills.slots import is_answer, is_begun
from voiceos.store import lists as store
from voiceos.store.database import Connection
from voiceos.store.lists import Change

MOST_ITEMS = 50
"""Things that can be named in one breath."""


def make(workshop: Workshop) -> Skill:
    return Lists(workshop).skill


class Lists:
    """The skill."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._meant = Meant(workshop)
        self._correcting = Correcting(workshop, self._meant, self._add)

    @property
    def skill(self) -> Skill:
        tells = Telling(self._workshop, self._meant)
        answer = {"sure": is_answer, "which": is_list_answer, "list": may_be_list, "what": may_be_items}
        added = answer | {
            "items": is_items,
            "bare": may_be_put,
            "loose": is_items,
            "goods": are_goods,
            "there": self._meant.is_there,
        }
        added |= {"instead": may_be_instead, "old": are_items}
        held = answer | {"item": is_item, "held": self._meant.is_held, "need": tells.may_be_needed}
        some = held | {"but": self._meant.is_held_in_part, "kept": is_item}
        return Skill(
            "lists",
            [
                Intent("lists.add", self._add, acts=True, slots=added, mine=is_addition, suits=self._may_be_put),
                self._correcting.intent,
                self._correcting.intent_for_more,
                Intent(
                    "lists.offer",
                    self._offer,
                    acts=True,
                    slots={"sure": is_answer, "need": are_bare_goods},
                    mine=never,
                ),
                Intent("lists.read", tells.read, slots=answer, mine=is_ours),
                Intent("lists.ask", tells.ask, slots=held, mine=is_ours),
                Intent("lists.count", tells.count, slots=answer, mine=is_ours),
                Intent("lists.history", tells.history, slots=answer | {"when": is_begun}, mine=never),
                Intent("lists.tick", self._tick, acts=True, slots=some, mine=is_order),
                Moving(self._workshop, self._meant).intent,
                Intent("lists.remove", self._remove, acts=True, slots=some, mine=is_order),
                Intent("lists.clear", self._clear, acts=True, slots=answer, mine=never),
                Intent("lists.delete", self._delete, acts=True, slots=answer, mine=never),
                Intent("lists.make", self._make, acts=True, slots=added, mine=never),
                Intent("lists.names", tells.names, mine=is_ours),
            ],
        )

    def _may_be_put(self, asked: Asked) -> bool:
        """Whether what is put "on it" can be meant for a list: one was spoken of, or it is bought."""
        loose = asked.slots.get("loose", "")
        return not loose or self._meant.lately(asked) is not None or may_be_put(loose, asked.now)

    # What changes a list

    async def _add(self, asked: Asked) -> Said:
        words = slot(asked, "items", "bare", "loose", "goods", "what") if asked.slots else things_in(asked)
        words = as_meant(words, asked.slots.get("instead", ""), asked.slots.get("old", ""))
        if fits("those", words):
            spoken = self._meant.lately(asked)
            words = joined(spoken.things) if spoken else ""
        if not words:
            said = list_said(asked, await self._meant.listings())
            return Said(says("what"), Question("lists.add", "what", {"list": said}))
        named = await self._meant.list_to_add_to(asked, words)
        if isinstance(named, Said):
            return named
        tasks = named.key in task_lists() or (named.key not in everybodys() and is_task(words))
        items, unwanted = not_wanted(items_in(words, tasks=tasks))
        if unwanted and not items:
            slots = {"item": joined(item.name for item in unwanted), "list": named.name}
            return await self._remove(replace(asked, slots=slots))
        if not items:
            return Said(says("what"), Question("lists.add", "what", {"list": named.name}))
        if len(items) > MOST_ITEMS:
            return Said(says("too_long"))
        change = await self._changed(lambda db: store.add(db, named.key, named.name, items, asked.now, asked.turn.who))
        self._meant.speak_of(asked, named, [one.item.name for one in change.entries or change.already])
        self._correcting.note(asked, named, items, change)
        said = self._added(named, items, change)
        return await self._without(named, said, unwanted) if unwanted else said

    async def _without(self, named: Named, said: Said, unwanted: Sequence[Item]) -> Said:
        """What was added, and what is not wanted any more taken off."""
        there = await self._meant.entries(await self._meant.listing(named.key))
        gone = [entry for entry in there if any(alike(item, [entry]) for item in unwanted)]
        if not gone:
            return said
        change = await self._changed(lambda db: store.remove(db, gone))

        async def undo() -> str:
            await self._taken_back(change)
            back = says("undone", items=told(gone), list=called(named))
            return f"{await said.undo()} {back}" if said.undo else back

        text = f"{said.text} {says('removed', items=told(gone), list=called(named))}"
        return replace(said, text=text, undo=undo)

    def _added(self, named: Named, items: Sequence[Item], change: Change) -> Said:
        if not change.entries:
            return Said(says("already", items=told(change.already), list=called(named)), about=called(named))
        new = [item for item in items if key_of(item.name) not in {entry.key for entry in change.already}]
        text = says("started" if change.made_list else "added", items=joined(map(said_item, new)), list=called(named))
        if sums := [entry for entry in change.entries if entry.id not in change.made and entry.item not in new]:
            text += says("total", items=told(sums))
        if change.already:
            text += says("also_already", items=told(change.already))

        async def undo() -> str:
            await self._taken_back(change)
            return says("undone_add", items=joined(map(said_item, new)))

        return Said(text, done=put_there(named, new), undo=undo, about=called(named))

    async def _offer(self, asked: Asked) -> Said:
        """What is needed is offered a place on the list: nobody asked for it."""
        words = as_meant(asked.slots["need"])
        sure = yes_or_no(asked.slots.get("sure", ""))
        if sure is None:
            question = Question(asked.intent, "sure", {"need": words})
            return Said(says("offer", items=joined(map(said_item, items_in(words))), list=called(to_buy())), question)
        if not sure:
            return Said(says("left_alone"))
        return await self._add(replace(asked, slots={"items": words, "list": to_buy().name}))

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
            return Said(said_nothing(named, listing))
        if not listing.count and not whole:
            return Said(said_nothing(named, listing))
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

    async def _changed(self, work: Callable[[Connection], Change]) -> Change:
        return await self._workshop.stored(work)

    async def _taken_back(self, change: Change) -> None:
        await self._workshop.stored(lambda db: store.take_back(db, change))
