"""Knows when the next timer, alarm or reminder is due, what rings now, and what is still to be told."""

import logging
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import inf

import anyio

from voiceos.errors import StoreError
from voiceos.skills.schedule.said import moment, rings, said_day, title, told
from voiceos.skills.skill import Workshop
from voiceos.store.database import Connection
from voiceos.store.schedule import LATE, Entry, advance, come, entries, save_entry, taken
from voiceos.store.under_way import UnderWay

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
"""Between two looks at the wall clock, which somebody may set, while something is to come."""


@dataclass(frozen=True, slots=True, eq=False)
class Remark:
    """Something else that is to be told, once nobody speaks."""

    text: str
    heard: Callable[[], object] = field(default=lambda: None)
    """Called when it was."""


class Timekeeper:
    """What is due is kept before anybody hears of it, so nothing is lost or doubled when this process is killed."""

    def __init__(self, workshop: Workshop, notify: Callable[[str], None]) -> None:
        """`notify` gets a sentence about what begins to ring, or is to be told."""
        self._workshop = workshop
        self._notify = notify
        self._entries: list[Entry] = []
        self._unsaved: dict[int, Entry] = {}  # what could not be kept; it rings all the same
        self._stale = anyio.Event()
        self.on_due: list[Callable[[UnderWay], object]] = []
        """Called with what is to be done by itself; it is not due again."""
        self.remarks: list[Remark] = []
        self.changed = anyio.Event()
        """Set when something else rings or is to be told; then there is another."""
        self.voices = 0
        """Spoken conversations, which ring and tell. Where there is none, the next reply tells."""

    @property
    def ringing(self) -> list[Entry]:
        return [entry for entry in self._entries if entry.ringing is not None]

    @property
    def untold(self) -> list[Entry]:
        return [entry for entry in self._entries if entry.missed is not None]

    async def run(self) -> None:
        """Keeps the time until cancelled."""
        self._workshop.on_schedule.append(self._heed)
        try:
            await self._read(resumed=True)
            while True:
                await self._wait()
                clocks = self._workshop.clocks()
                if self._stale.is_set() or any(come(entry, clocks) != entry for entry in self._entries):
                    self._stale = anyio.Event()
                    await self._read()
        finally:
            self._workshop.on_schedule.remove(self._heed)

    def remark(self, sentence: str, heard: Callable[[], object] = lambda: None) -> None:
        """Something is to be told, once nobody speaks. `heard`: called when it was."""
        equal = [one for one in self.remarks if one.text == sentence]
        self.remarks.append(Remark(sentence, heard))
        if equal:
            return  # it has been shown, and is told once
        self._notify(sentence)
        self._tell()

    def _tell(self) -> None:
        self.changed.set()
        self.changed = anyio.Event()

    def _heed(self) -> None:
        self._stale.set()

    async def _wait(self) -> None:
        """Until the next look at the clock."""
        clocks = self._workshop.clocks()
        dues = [at - clocks.now.timestamp() for entry in self._entries if (at := entry.at(clocks)) is not None]
        idle = not any(entry.waits or entry.ringing is not None for entry in self._entries)
        with anyio.move_on_after(inf if idle else max(0.0, min([TICK_SECONDS, *dues]))):
            await self._stale.wait()

    async def _read(self, *, resumed: bool = False) -> None:
        clocks = self._workshop.clocks()

        def work(db: Connection) -> tuple[list[UnderWay], list[Entry]]:
            for entry in self._unsaved.values():
                save_entry(db, entry)
            advance(db, clocks, resumed=resumed)
            return taken(db, clocks), entries(db)

        due: list[UnderWay] = []
        try:
            due, found = await self._workshop.stored(work)
            self._unsaved.clear()
        except StoreError as error:
            log.warning("What is due cannot be kept: %s", error)
            found = [come(entry, clocks) for entry in self._entries]
            self._unsaved |= {new.id: new for new, old in zip(found, self._entries, strict=True) if new != old}
        asleep = {entry.id for entry in found if entry.kind == "sleep" and entry.waits}
        if any(one.kind == "sleep" and one.id not in asleep and not come(one, clocks).waits for one in self._entries):
            self._workshop.jukebox.stop()
        self._show(found)
        for one in due:
            for begin in self.on_due:
                begin(one)

    def _show(self, found: Sequence[Entry]) -> None:
        clocks = self._workshop.clocks()
        known = {(entry.id, entry.ringing, entry.missed) for entry in self._entries}
        self._entries = [*found]
        for entry in found:
            if (entry.id, entry.ringing, entry.missed) not in known:
                if entry.ringing is not None:
                    self._notify(rings(entry, clocks))
                elif entry.missed is not None:
                    self._notify(told(entry, clocks, LATE.total_seconds()))
        self._tell()

    # What is said

    def said_ringing(self) -> str:
        """What rings, in a sentence or two."""
        clocks = self._workshop.clocks()
        return " ".join(rings(entry, clocks) for entry in self.ringing)

    def said(self, entry: Entry | Remark) -> str:
        """What is told of an entry that did not ring, or rings where nobody hears it; or else."""
        if isinstance(entry, Remark):
            return entry.text
        clocks = self._workshop.clocks()
        return rings(entry, clocks) if entry.missed is None else told(entry, clocks, LATE.total_seconds())

    def to_mention(self) -> list[Entry | Remark]:
        """What the next reply must mention, because no voice tells it: as it is now. Blocks for less than a moment."""
        if self.voices:
            return []
        try:
            found = self._workshop.work(entries)
        except StoreError:
            found = []
        return [*(one for one in found if one.missed is not None or one.ringing is not None), *self.remarks]

    def next_due(self) -> str:
        """What comes next, for `status`."""
        clocks = self._workshop.clocks()
        found = [(at, entry) for entry in self._entries if (at := entry.at(clocks)) is not None]
        if not found:
            return ""
        at, entry = min(found, key=lambda one: one[0])
        return f"{title(entry, clocks)}, {said_day(moment(at, clocks), clocks.now)}"

    # What is over

    @contextmanager
    def attended(self) -> Generator[None]:
        """While it is entered, a voice rings and tells."""
        self.voices += 1
        try:
            yield
        finally:
            self.voices -= 1

    async def silence(self) -> None:
        """Ends what rings."""
        await self._change(self.ringing, lambda entry: replace(entry, ringing=None))

    async def heard(self, told: Sequence[Entry | Remark]) -> None:
        """These were told."""
        for one in [one for one in self.remarks if one in told]:
            self.remarks.remove(one)
            one.heard()
        some = [one for one in told if isinstance(one, Entry)]
        missed = {entry.id: (entry.ringing, entry.missed) for entry in some}

        def change(entry: Entry) -> Entry:
            ringing, told = missed[entry.id]
            if entry.missed is not None and entry.missed == told:
                entry = replace(entry, missed=None, times=0)
            return replace(entry, ringing=None) if entry.ringing == ringing else entry

        if some:
            await self._change(some, change)

    async def _change(self, some: Sequence[Entry], change: Callable[[Entry], Entry]) -> None:
        ids = {entry.id for entry in some}

        def work(db: Connection) -> list[Entry]:
            for entry in entries(db):
                if entry.id in ids:
                    save_entry(db, change(entry))
            return entries(db)

        try:
            self._show(await self._workshop.stored(work))
        except StoreError as error:
            log.warning("It cannot be kept what was heard: %s", error)
            found = [change(entry) if entry.id in ids else entry for entry in self._entries]
            self._unsaved |= {entry.id: entry for entry in found if entry.id in ids}
            self._show(found)
