"""Whether somebody was reminded of something: what is only set has not come yet."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from voiceos.language.data import words_in
from voiceos.language.sentences import skill_says as says
from voiceos.skills.schedule.planner import Planner
from voiceos.skills.schedule.said import moment, said_day
from voiceos.skills.schedule.words import names, settled, times_in, without
from voiceos.skills.skill import Asked, Intent, Said, Workshop
from voiceos.store.acts import Receipt, receipts
from voiceos.store.schedule import Entry, entries

LOOKED_AT = 2_000
"""The last receipts, among which something is looked for."""


class Reminded:
    """Tells it from the schedule, and of what is over from the receipts."""

    def __init__(self, workshop: Workshop, planner: Planner) -> None:
        self._workshop = workshop
        self._planner = planner

    @property
    def intent(self) -> Intent:
        return Intent("reminders.did", self._did, mine=lambda asked: False)

    async def _did(self, asked: Asked) -> Said:
        rest = settled(asked.slots.get("rest", ""), asked.now)
        wanted = names(without(rest, times_in(rest, asked.now)))
        there = [one for one in await self._workshop.stored(entries) if one.kind == "reminder"]
        done = await self._workshop.stored(lambda db: receipts(db, count=LOOKED_AT))
        name, over = self._over(wanted, done, {one.id for one in there})
        about = [one for one in there if wanted <= names(one.name)]
        if not about:
            return Said(over or says("reminders.never"))
        clocks = self._planner.clocks()
        first = min(about, key=lambda one: one.missed or one.at(clocks) or 0.0)
        told = self._told(first, over if name == first.name else "")
        return Said(
            told if name == first.name else f"{over} {told}".strip(), after=lambda: self._planner.spoken(asked, [first])
        )

    def _told(self, entry: Entry, over: str) -> str:
        """What the schedule knows: whether it has come, and when it will. `over`: of an earlier one that has come."""
        clocks, now = self._planner.clocks(), self._planner.clocks().now
        if entry.missed is not None:
            return says("reminders.untold", when=said_day(moment(entry.missed, clocks), now), what=entry.name)
        at = entry.at(clocks)
        due = said_day(moment(at, clocks), now) if at is not None else ""
        if entry.last:
            last = said_day(entry.last.replace(tzinfo=now.tzinfo), now)
            over = says("reminders.yes", when=last, what=entry.name)
        return over + says("reminders.and_again" if over else "reminders.not_yet", when=due, what=entry.name)

    def _over(self, wanted: set[str], some: Sequence[Receipt], there: set[int]) -> tuple[str, str]:
        """What has come that is no longer in the schedule, and when; empty: nothing has."""
        clocks, gone = self._planner.clocks(), {*there}
        for receipt, one in _reminders(some):
            if receipt.act.rpartition(".")[2] in words_in("en", "skills/acts", "away_acts"):
                gone.add(one["id"])
            due = one.get("due")
            if one["id"] in gone or due is None or not wanted <= names(one["name"]):
                continue
            gone.add(one["id"])  # only what was done to it last counts
            if due <= clocks.now.timestamp():
                when = said_day(moment(due, clocks), clocks.now)
                return one["name"], says("reminders.yes", when=when, what=one["name"])
        return "", ""


def _reminders(some: Sequence[Receipt]) -> Iterator[tuple[Receipt, Mapping[str, Any]]]:
    """What was done to which reminder, the latest first."""
    for receipt in some:
        listed = receipt.arguments.get("entries") if receipt.done else None
        for one in cast("list[dict[str, Any]]", listed if isinstance(listed, list) else []):
            if one.get("kind") == "reminder":
                yield receipt, one
