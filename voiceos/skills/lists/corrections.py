"""Corrects what was put on a list a moment ago: "no, oat milk", "actually two of them", "not eggs"."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from voiceos.language.items import Item, items_in, key_of, said_item
from voiceos.language.sentences import capital, joined
from voiceos.skills.by_device import ByDevice
from voiceos.skills.lists.breath import exchanged, likest, parts_of, put_right
from voiceos.skills.lists.meant import LATELY, Meant
from voiceos.skills.lists.words import Named, called, fits, may_be_items, may_be_put, put_there, says
from voiceos.skills.skill import Asked, Intent, Pass, Question, Said, Workshop, never
from voiceos.store import lists as store
from voiceos.store.lists import Change

ANYTHING = "q"
"""Stands for the name of a thing."""
ADDS = ("lists.add", "lists.offer", "lists.correct", "lists.more")


@dataclass(frozen=True, slots=True)
class _Added:
    """What was put on a list last on a device."""

    to: Named
    items: Sequence[Item]
    change: Change
    at: datetime


class Correcting:
    """Takes what was added back and adds it as it is meant."""

    def __init__(self, workshop: Workshop, meant: Meant, add: Callable[[Asked], Awaitable[Said]]) -> None:
        """`add`: puts things on a list."""
        self._workshop = workshop
        self._meant = meant
        self._add = add
        self._added = ByDevice[_Added]()

    @property
    def intent(self) -> Intent:
        slots = {"instead": may_be_instead, "but": are_items, "old": are_items, "amount": _is_amount}
        return Intent("lists.correct", self._correct, acts=True, slots=slots, suits=self._suits, mine=never)

    @property
    def intent_for_more(self) -> Intent:
        def suits(asked: Asked) -> bool:
            return self._latest(asked) is not None or fits("adds", asked.text)

        slots = {"amount": _is_amount, "what": may_be_items}
        return Intent("lists.more", self._more, acts=True, slots=slots, suits=suits, mine=never)

    def note(self, asked: Asked, to: Named, items: Sequence[Item], change: Change) -> None:
        self._added[asked.turn.device] = _Added(to, items, change, asked.now)

    def _suits(self, asked: Asked) -> bool:
        """Whether something was added just now that this can be about."""
        added = self._latest(asked)
        if not added:
            return False
        return _corrected(added.items, asked) is not None

    def _latest(self, asked: Asked) -> _Added | None:
        added, before = self._added.get(asked.turn.device), self._workshop.before.get(asked.turn.device)
        if not added or not added.items or not before or asked.now - added.at > LATELY:
            return None
        return added if before.receipts and before.receipts[-1] in ADDS else None

    async def _more(self, asked: Asked) -> Said:
        """More of what was added last, or else spoken of."""
        amount = asked.slots["amount"]
        if what := asked.slots.get("what"):
            return await self._add(replace(asked, slots={"items": f"{amount} {what}", "list": asked.slots["list"]}))
        if added := self._latest(asked):
            of, name = added.to, added.items[-1].name
        elif (spoken := self._meant.lately(asked)) and len(spoken.things) == 1:
            of, name = spoken.of, spoken.things[0]
        else:
            slots = {"amount": amount, "list": spoken.of.name if spoken else ""}
            return Said(says("more_of_what", amount=capital(amount)), Question(asked.intent, "what", slots))
        return await self._add(replace(asked, slots={"items": f"{amount} {name}", "list": of.name}))

    async def _correct(self, asked: Asked) -> Said:
        added = self._latest(asked)
        items = _corrected(added.items, asked) if added else None
        if added is None or items is None:
            raise Pass
        change = await self._again(asked, added.change, added.to, items)
        self.note(asked, added.to, items, change)

        async def undo() -> str:
            back = await self._again(asked, change, added.to, added.items)
            self.note(asked, added.to, added.items, back)
            return says("corrected", items=joined(map(said_item, added.items)), list=called(added.to))

        if not items:
            text = says("removed", items=joined(map(said_item, added.items)), list=called(added.to))
        else:
            text = says("corrected", items=joined(map(said_item, items)), list=called(added.to))
        return Said(text, done=put_there(added.to, items), undo=undo, about=called(added.to))

    async def _again(self, asked: Asked, change: Change, to: Named, items: Sequence[Item]) -> Change:
        def work(db: store.Connection) -> Change:
            store.take_back(db, change)
            return store.add(db, to.key, to.name, items, asked.now, asked.turn.who) if items else Change()

        return await self._workshop.stored(work)


def _corrected(items: Sequence[Item], asked: Asked) -> list[Item] | None:
    """The things as they are meant."""
    if words := asked.slots.get("amount"):
        last, said = items[-1], items_in(f"{words} {items[-1].name}")
        is_amount = len(said) == 1 and said[0].amount is not None and key_of(said[0].name) == key_of(last.name)
        return [*items[:-1], said[0]] if is_amount else None
    old, new = parts_of(asked.slots.get("old", ""))
    new = asked.slots.get("but") or asked.slots.get("instead") or new
    instead = items_in(new) if new else []
    return put_right(items, old, instead) if old else exchanged(items, likest(items, instead), instead)


def may_be_instead(words: str, now: datetime) -> bool:
    return may_be_put(words, now) and not fits("not_answers", words)


def are_items(words: str, now: datetime) -> bool:
    old, *_ = parts_of(words)
    return bool(items_in(old))


def _is_amount(words: str, now: datetime) -> bool:
    """Whether it is how much of something."""
    found = items_in(f"{words} {ANYTHING}")
    return len(found) == 1 and found[0].amount is not None and found[0].name == ANYTHING
