"""What the calendars of the store have: whether words name an appointment of them, and which."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from anyio import to_thread

from voiceos.core import Recalled
from voiceos.errors import StoreError
from voiceos.language.data import pattern
from voiceos.language.sentences import say
from voiceos.language.sentences import skill_says as says
from voiceos.language.times import find
from voiceos.skills.calendar.named import Encode, Named, named_in
from voiceos.skills.calendar.said import (
    FAR,
    heads,
    is_meeting,
    is_past,
    is_time_only,
    loosely,
    names_calendar,
    said_when,
    span_in,
    taken_by,
    topic,
    whole_topic,
)
from voiceos.skills.calendar.said import titled as named_with_place
from voiceos.skills.grammar import plain
from voiceos.skills.skill import Asked, Pass, Said, Workshop
from voiceos.skills.tagger import Tagger
from voiceos.store.appointments import Appointment, between, is_empty, is_known, named, things, titled

TITLES = "titles"
"""The slot with the titles of what is asked about, where they are known: one a line."""
ALIKE = "alike"
"""The slot with what it is called, where only the meaning of the title is similar."""


def has_time(words: str, now: datetime) -> bool:
    return span_in(words, now) is not None


def speaks_of(words: str) -> bool:
    return pattern("en", "skills/calendar", "appointment").search(words) is not None


def nearest(found: Sequence[Appointment], asked: Asked) -> Appointment:
    """The next one, or the last one if there is none, or if it is asked for; or the first of all."""
    if pattern("en", "skills/calendar", "very_first").search(asked.text.lower()):
        return min(found, key=lambda one: one.at)
    coming = [one for one in found if one.end >= asked.now]
    past = [one for one in found if one.end < asked.now]
    return past[-1] if past and (is_past(asked.text) or not coming) else coming[0]


def slots_of(named: Named) -> dict[str, str]:
    """What a sentence names, for who answers it."""
    return {TITLES: "\n".join(named.titles)} | ({ALIKE: named.alike} if named.alike else {})


def cite(asked: Asked, some: Sequence[Appointment]) -> None:
    """Notes that the answer is from these, for who asks why."""
    asked.turn.recalled = [cited(one, asked.now) for one in some]


def cited(one: Appointment, now: datetime) -> Recalled:
    """An appointment as a memory."""
    noted = says("calendar.noted", what=named_with_place(one), when=said_when(one, now))
    return Recalled(f"record:{one.id}", noted, one.id, say("sources.calendar"))


@dataclass(frozen=True, slots=True)
class Book:
    """The calendars of the store."""

    workshop: Workshop
    encode: Encode | None = None
    """Compares the meaning of names."""
    tagger: Tagger = field(default_factory=Tagger)

    @classmethod
    def of(cls, workshop: Workshop) -> "Book":
        memory = workshop.memory
        return cls(workshop, lru_cache(512)(memory.meaning.meaning) if memory and memory.meaning else None)

    def knows(self, words: str, now: datetime) -> bool:
        """Whether the words name something in it, by its title, people or place, or speak of an appointment."""
        wanted = topic(words, now)
        return speaks_of(words) or self._known(wanted, places=True) or self._known(loosely(wanted), places=False)

    def knows_title(self, words: str, now: datetime) -> bool:
        """The same, but not by its place."""
        return speaks_of(words) or self._known(topic(words, now), places=False)

    def knows_at(self, words: str, now: datetime) -> bool:
        """Whether the words name something in it, and a time."""
        return has_time(words, now) and self._known(topic(words, now), places=False)

    def _known(self, wanted: set[str], *, places: bool) -> bool:
        """At once, on the loop: a few milliseconds for a large calendar."""
        if self.workshop.db is None or not wanted:
            return False
        try:
            with self.workshop.lock:
                return is_known(self.workshop.db, taken_by(wanted, places=places))
        except StoreError:
            return False

    async def within(self, asked: Asked, begin: datetime, end: datetime) -> Sequence[Appointment]:
        """What is in it in a time; only meetings, if it is asked for these and there are any."""
        found = await self.workshop.stored(lambda db: between(db, begin, end))
        meetings = pattern("en", "skills/calendar", "meetings").search(asked.text)
        return (meetings and [one for one in found if is_meeting(one)]) or found

    async def nothing(self, asked: Asked, when: str, key: str = "nothing") -> Said:
        """Raises Pass where there is no calendar, and only its judge took this for a question about one."""
        empty, text = await self.workshop.stored(is_empty), plain(asked.text)
        surely = asked.template or names_calendar(text) or speaks_of(text) or is_time_only(text, asked.now)
        if empty and not surely:
            raise Pass
        return Said(says("calendar.no_calendar" if empty else f"calendar.{key}", when=when))

    async def meant(self, asked: Asked, *, places: bool = True) -> Appointment | None:
        """The appointment that is asked about: at the time that is told, or else the next one."""
        if asked.slots.get(TITLES):
            found = await self.called(asked)
            return nearest(found, asked) if found else None
        said = [asked.slots[name] for name in ("event", "called", "tail") if name in asked.slots]
        words = " ".join(said) or asked.text
        wanted = topic(words, asked.now)
        exactly, matches = (taken_by(terms, places=places) for terms in (whole_topic(words), wanted))
        if found := await self.workshop.stored(lambda db: named(db, asked.now, exactly)):
            found = [one for one in found if exactly(one.title, "")] or found
            return nearest([one for one in found if not wanted.isdisjoint(heads(one.title))] or found, asked)
        found = await self.workshop.stored(lambda db: named(db, asked.now, matches))
        if not found and (loose := loosely(wanted)):
            found = await self.workshop.stored(lambda db: named(db, asked.now, taken_by(loose, places=places)))
        found = [one for one in found if matches(one.title, "")] or found
        found = [one for one in found if not wanted.isdisjoint(heads(one.title))] or found
        if not wanted:  # "the meeting"
            found = await self.within(asked, asked.now - FAR, asked.now + FAR)
        if span := span_in(words, asked.now):
            inside = [one for one in found if one.at < span.end and max(one.end, one.at) >= span.start]
            found = inside or found
        return nearest(found, asked) if found else None

    async def called(self, asked: Asked) -> Sequence[Appointment]:
        """Those with the titles that are known to be meant: at the time that is told, if any is."""
        titles = asked.slots[TITLES].split("\n")
        found = await self.workshop.stored(lambda db: titled(db, asked.now, titles))
        span = span_in(asked.text, asked.now)
        return (span and [one for one in found if one.at < span.end and max(one.end, one.at) >= span.start]) or found

    def named(self, text: str, now: datetime) -> Named:
        """What a sentence names of what the calendars have. Blocks some milliseconds."""
        times = [(one.start, one.end) for one in find(text, now, lean="past" if is_past(text) else "future")]
        try:
            known = self.workshop.work(things)
        except StoreError:
            return Named()
        return named_in(text, times, self.tagger(text, times), known, self.encode)

    async def looked_up(self, asked: Asked) -> Asked:
        """What was asked with the titles that it names in other words."""
        text = plain(asked.text)
        named = await to_thread.run_sync(self.named, text, asked.now)
        if not named.titles:
            return asked
        slots = {**asked.slots, **slots_of(named)}
        return replace(asked, text=named.with_stand_in(text), slots=slots)

    async def sought(self, asked: Asked) -> Appointment | None:
        """The appointment that an order is about, by the words of its title, people or place alone."""
        if (one := await self.meant(asked)) or TITLES in asked.slots:
            return one
        other = await self.looked_up(asked)
        return None if other is asked or ALIKE in other.slots else await self.meant(other)
