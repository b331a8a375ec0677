"""What the skills of timers, alarms and reminders share: what there is, which is meant, and how it is changed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from voiceos.errors import StoreError, VoiceosError
from voiceos.language.sentences import joined
from voiceos.language.sentences import skill_says as says
from voiceos.skills.schedule.before import Before
from voiceos.skills.schedule.said import said_length, said_when, title
from voiceos.skills.schedule.which import ALL, Which, place_in
from voiceos.skills.schedule.words import matches, names, settled, times_in, without_now, word_set
from voiceos.skills.skill import Asked, Check, Question, Said, Undo, Workshop
from voiceos.store.database import Connection
from voiceos.store.schedule import Entry, Kind, add_entry, entries, remove_entries, save_entry

T = TypeVar("T")

MOST = 100
"""Of one kind; who wants more has been misunderstood."""
MOST_WORDS = 8
"""Of an answer to "Which one?"; more is another request."""
TOLD = 5
"""How many are told of at once."""


class Planner(Which):
    """What a skill does with the schedule."""

    def __init__(self, workshop: Workshop, *kinds: Kind) -> None:
        self._workshop = workshop
        self.kinds = kinds
        self.before = Before(workshop)
        super().__init__(workshop.clocks)

    # What there is

    def waiting(self, *kinds: Kind) -> list[Entry]:
        """What is to come, the next first. Blocks for less than a millisecond."""
        try:
            return self._in_order(self._workshop.work(entries), kinds or self.kinds)
        except StoreError as error:
            raise _spoken(error) from error

    def _in_order(self, found: Sequence[Entry], kinds: Sequence[Kind]) -> list[Entry]:
        clocks, now = self.clocks(), self.clocks().now.timestamp()

        def when(entry: Entry) -> float:
            return now + entry.remaining if entry.remaining is not None else entry.at(clocks) or 0.0

        return sorted((entry for entry in found if entry.kind in kinds and entry.waits), key=when)

    def rings(self) -> bool:
        """Whether anything rings now."""
        return bool(self.ringing())

    def when_any(self, check: Check | None = None, *kinds: Kind) -> Check:
        """A check that also wants that there is something to speak of."""

        def checked(words: str, now: datetime) -> bool:
            try:
                return bool(self.waiting(*kinds)) and (check is None or check(words, now))
            except StoreError:
                return False

        return checked

    # Which is meant

    def meant(self, asked: Asked, among: Sequence[Entry]) -> list[Entry]:
        """Which of some is meant; several, if it is not clear which."""
        last, which = self._workshop.spoken_of.get(asked.turn.device), asked.slots.get("which", "")
        words = settled(f"{which} {asked.text}", asked.now)
        if named := self.named(words, among):
            return self.at_place(word_set(words), named) or named
        if matches("all", words):
            return self.within(words, asked.now, among) or [*among]
        if (
            "among" not in asked.slots
            and matches("other", words)
            and (others := [entry for entry in among if entry.id != last])
        ):
            return others
        spoken, where = word_set(words), settled(which, asked.now)
        if found := self.within(where, asked.now, among) or self.within(words, asked.now, among):
            return found
        if found := self.at_place(spoken, among):
            return found
        return [entry for entry in among if entry.id == last] or [*among]

    def at_other_times(self, text: str, now: datetime, among: Sequence[Entry]) -> bool:
        """Whether a text tells a time that none of these has: "cancel the five o'clock alarm"."""
        words = settled(text, now)
        told = bool(without_now(times_in(words, now), now)) and bool(among)
        return told and not self.named(words, among) and not self.within(words, now, among)

    def is_unknown(self, asked: Asked, among: Sequence[Entry]) -> bool:
        """Whether a name was told that none has."""
        name = names(asked.slots.get("name", ""))
        about_time = times_in(settled(asked.text, asked.now), asked.now) or self.at_place(word_set(asked.text), among)
        return bool(name) and not self.named(asked.slots["name"], among) and not about_time

    def is_which(self, words: str, now: datetime) -> bool:
        """Whether some words name one of those there are, or all."""
        try:
            among = self.waiting(*ALL)
        except StoreError:
            return False
        text = settled(words, now)
        found = self.named(text, among) or self.within(text, now, among) or self.at_place(word_set(text), among)
        return len(words.split()) < MOST_WORDS and bool(matches("all", text) or matches("other", text) or found)

    def listed(self, some: Sequence[Entry]) -> str:
        """Their titles; of those that have one title, each with when it ends."""
        told = [title(entry, self.clocks()) for entry in some[:TOLD]]
        ends = [said_length(self.left(entry)) for entry in some[:TOLD]]
        alike = [told.count(one) > 1 for one in told]
        ending = [says("schedule.ending", title=one, length=end) for one, end in zip(told, ends, strict=True)]
        return joined([long if same else one for one, long, same in zip(told, ending, alike, strict=True)])

    def spoken(self, asked: Asked, some: Sequence[Entry]) -> None:
        """These were spoken of: one is "it" from now on; of several none is."""
        if len(some) == 1:
            self._workshop.spoken_of[asked.turn.device] = some[0].id
        elif some:
            self._workshop.spoken_of.pop(asked.turn.device, None)

    def chosen(self, asked: Asked, skill: str, among: Sequence[Entry] = ()) -> list[Entry] | Said:
        """Those that are meant, or what is said because it is none or not clear."""
        asked = replace(asked, text=f"{asked.slots.get('text', '')} {asked.text}".strip())
        there = among or self.waiting(*self.spoken_kinds(asked))
        if listed := asked.slots.get("among", "").split():
            there = [entry for entry in self.waiting(*ALL) if str(entry.id) in listed] or there
        if not there:
            return Said(says(f"{skill}.none"))
        if self.is_unknown(asked, there):
            return Said(says(f"{skill}.unknown", name=asked.slots.get("name", ""), list=self.listed(there)))
        meant = self.meant(asked, there)
        return meant if len(meant) == 1 or matches("all", asked.text) else self._ask(asked, meant, skill)

    def _ask(self, asked: Asked, among: Sequence[Entry], skill: str) -> Said:
        slots = {key: value for key, value in asked.slots.items() if key != "name"} | {"text": asked.text}
        slots["among"] = " ".join(str(entry.id) for entry in among)
        return Said(says(f"{skill}.which", list=self.listed(among)), Question(asked.intent, "which", slots))

    def spoken_kinds(self, asked: Asked) -> Sequence[Kind]:
        """Those of the skill; of "it", what was spoken of last; of "the first one", what there are several of."""
        slots, place = asked.slots, place_in(asked)
        last = self.last_kind(asked.turn.device) if place or {"it", "them", "to", "named"} & slots.keys() else None
        if matches("by_length", place) and self.waiting("timer"):
            return ("timer",)
        if last and place and not matches("newest", place) and len(self.waiting(last)) == 1:
            several: Sequence[Kind] = [kind for kind in ALL if len(self.waiting(kind)) > 1]
            return several if len(several) == 1 else ALL
        if not last and {"it", "them"} & slots.keys():
            return ALL
        return (last,) if last else self.kinds

    def last_changed(self, device: str) -> Entry | None:
        """What the turn before on a device set or changed, if that was one thing and it is still to come."""
        last = self._workshop.spoken_of.get(device) if self.before.acted_on_ours(device) else None
        if last is None:  # there may be no store either, and every question comes by here
            return None
        return next((entry for entry in self.waiting(*ALL) if entry.id == last), None)

    def ringing(self) -> list[Entry]:
        try:
            return [entry for entry in self._workshop.work(entries) if entry.ringing is not None]
        except StoreError:
            return []

    async def silence(self) -> None:
        await self.change(self.ringing(), lambda entry: replace(entry, ringing=None))

    def last_kind(self, device: str) -> Kind | None:
        """Of what was last spoken of, if it is still there."""
        last = self._workshop.spoken_of.get(device)
        among = self.waiting(*ALL)
        found = [entry for entry in among if entry.id == last] or among
        return found[-1].kind if len({entry.kind for entry in found}) == 1 else None

    # What is changed

    async def add(self, asked: Asked, new: Sequence[Entry]) -> list[Entry]:
        """Keeps them; only then are they confirmed. Raises StoreError, and VoiceosError if there are too many."""
        if len(self.waiting()) + len(new) > MOST:
            raise VoiceosError("Too many.", spoken=says("schedule.full", count=MOST))
        signed = [
            replace(
                entry,
                who=asked.turn.who,
                device=asked.turn.device,
                turn=asked.turn.id,
                made_at=self.clocks().now.timestamp(),
            )
            for entry in new
        ]
        kept = await self._do(lambda db: [add_entry(db, entry) for entry in signed])
        self.spoken(asked, kept)
        return kept

    async def change(self, some: Sequence[Entry], change: Callable[[Entry], Entry]) -> list[Entry]:
        """Changes them as they are now, unless they are over. Raises StoreError."""
        ids = {entry.id for entry in some}

        def work(db: Connection) -> list[Entry]:
            changed = [change(entry) for entry in entries(db) if entry.id in ids]
            for entry in changed:
                save_entry(db, entry)
            return changed

        return await self._do(work)

    def left(self, entry: Entry) -> float:
        """How many seconds a timer has."""
        clocks = self.clocks()
        rest = (entry.at(clocks) or 0.0) - clocks.now.timestamp() if entry.remaining is None else entry.remaining
        return max(0.0, rest)

    async def remove(self, some: Sequence[Entry]) -> None:
        await self._do(lambda db: remove_entries(db, [entry.id for entry in some]))

    def unset(self, some: Sequence[Entry]) -> Undo:
        async def undo() -> str:
            named = self.listed(some)
            await self.remove(some)
            return says("schedule.removed", title=named)

        return undo

    def set_again(self, some: Sequence[Entry]) -> Undo:
        async def undo() -> str:
            await self._do(lambda db: [add_entry(db, entry) for entry in some])
            return says("schedule.restored", title=self.listed(some))

        return undo

    def as_before(self, some: Sequence[Entry]) -> Undo:
        before = {entry.id: entry for entry in some}

        async def undo() -> str:
            await self.change(some, lambda entry: before[entry.id])
            return says("schedule.restored", title=self.listed(some))

        return undo

    async def _do(self, work: Callable[[Connection], T]) -> T:
        try:
            done = await self._workshop.stored(work)
        except StoreError as error:
            raise _spoken(error) from error
        self._workshop.rescheduled()
        return done

    def record(self, some: Sequence[Entry]) -> dict[str, object]:
        """For the receipt; `due` in seconds since 1970."""
        return {
            "entries": [
                {"id": one.id, "kind": one.kind, "name": one.name, "when": self._when(one), "due": self._due(one)}
                for one in some
            ]
        }

    def _due(self, entry: Entry) -> int | None:
        at = entry.at(self.clocks())
        return None if at is None else round(at)

    def _when(self, entry: Entry) -> str:
        return said_when(entry, self.clocks())


def _spoken(error: StoreError) -> StoreError:
    return StoreError(str(error), spoken=says("schedule.no_store"))
