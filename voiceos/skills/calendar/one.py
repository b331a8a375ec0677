"""Answers what is asked about one appointment: whether there is one, when, where, with whom, and what is around it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from anyio import to_thread

from voiceos.language.data import pattern
from voiceos.language.sentences import capital
from voiceos.language.sentences import skill_says as says
from voiceos.memory.telling import told
from voiceos.skills.calendar import tells
from voiceos.skills.calendar.book import ALIKE, TITLES, Book, cite, nearest
from voiceos.skills.calendar.days import AT_ONCE, Days
from voiceos.skills.calendar.fitting import fits
from voiceos.skills.calendar.new_day import moved_since
from voiceos.skills.calendar.said import (
    FAR,
    is_going_on,
    is_over,
    named_by,
    said_list,
    said_span,
    said_when,
    span_in,
    taken_by,
    topic,
)
from voiceos.skills.person.counted import last_told
from voiceos.skills.person.told import answers_to
from voiceos.skills.skill import Asked, Pass, Said
from voiceos.store.appointments import Appointment, between, named, titled

Tell = Callable[[Appointment, datetime], str]
"""What is said about an appointment."""


@dataclass(frozen=True, slots=True)
class One:
    """Answers about an appointment."""

    book: Book
    days: Days

    async def after(self, asked: Asked) -> Said:
        """What comes after an appointment on the same day, or at all."""
        one = await self.book.meant(asked)
        if not one:
            return Said(says("calendar.unknown"))
        later = await self.book.workshop.stored(lambda db: between(db, one.end, one.end + FAR))
        following = [other for other in later if not other.days and other.at >= one.end and other.key != one.key]
        if not following:
            return await self.book.nothing(asked, says("calendar.coming"))
        cite(asked, following[:1])
        return Said(capital(tells.what(following[0], asked.now)), about=named_by(following[0], asked.now))

    async def before(self, asked: Asked) -> Said:
        """What comes before an appointment on its day, or else the last thing before it that is still to come."""
        one = await self.book.meant(asked)
        if not one:
            return Said(says("calendar.unknown"))
        coming, day = one.at > asked.now, one.at.replace(hour=0, minute=0)
        start = asked.now if coming else day
        earlier = await self.book.workshop.stored(lambda db: between(db, start, one.at))
        earlier = [other for other in earlier if not other.days and other.key != one.key]
        found = [other for other in earlier if other.end >= day] or earlier[-1:]
        if not found:
            return await self.book.nothing(asked, says("calendar.before", title=one.title))
        cite(asked, found)
        return Said(said_list(found, asked.now), about=named_by(found[-1], asked.now))

    async def has(self, asked: Asked) -> Said:
        """Whether there is one."""
        if TITLES not in asked.slots and await self._of_name(asked) == []:
            asked = await self.book.looked_up(asked)
        span, found = span_in(asked.text, asked.now), await self._of_name(asked)
        if found is None:
            return await self.days.list(asked)
        start, end = (span.start, span.end) if span else (asked.now, asked.now + FAR)
        inside = [one for one in found if one.at < end and one.end >= start]
        if inside:
            cite(asked, inside[:AT_ONCE])
            items = said_list(inside[:AT_ONCE], asked.now)
            return _said(asked, says("calendar.yes", items=items), named_by(inside[0], asked.now))
        if is_over(asked.turn.words) and await self._is_told(asked):
            raise Pass  # it was done, and stood in no calendar
        no = says("calendar.no", when=said_span(span, asked.now) if span else says("calendar.coming"))
        if not found and span and (others := await self.book.within(asked, start, end)):
            cite(asked, others[:AT_ONCE])
            return Said(f"{no} {says('calendar.but', items=said_list(others[:AT_ONCE], asked.now))}")
        if not found or not span:
            return Said(no)
        one = nearest(found, asked)
        cite(asked, [one])
        return Said(f"{no} {capital(tells.what(one, asked.now))}", about=named_by(one, asked.now))

    async def _of_name(self, asked: Asked) -> Sequence[Appointment] | None:
        """What is called so; None: nothing was named."""
        if titles := asked.slots.get(TITLES):
            return await self.book.workshop.stored(lambda db: titled(db, asked.now, titles.split("\n")))
        said = (asked.slots[name] for name in ("event", "thing", "called", "timed") if name in asked.slots)
        if not (wanted := topic(next(said, asked.text), asked.now)):
            return None
        return await self.book.workshop.stored(lambda db: named(db, asked.now, taken_by(wanted)))

    async def until(self, asked: Asked) -> Said:
        """How far away an appointment is, in weeks if these are asked for."""
        weeks = pattern("en", "skills/calendar", "in_weeks").search(asked.turn.words) is not None
        return await self.about(partial(tells.until, weeks=weeks), of_day=True)(asked)

    async def often(self, asked: Asked) -> Said:
        """How often an appointment is; of a single one what was told of it, if anything was."""
        one = await self.book.meant(asked, places=False)
        if one and not one.often and await self._is_told(asked):
            raise Pass
        return await self.about(tells.how_often, places=False)(asked)

    async def _is_told(self, asked: Asked, *, since: datetime | None = None) -> bool:
        """Whether what was told or written surely answers; `since`: after that time, if it is one."""
        workshop = self.book.workshop
        if workshop.memory is None:
            return False
        _, found = await to_thread.run_sync(answers_to, workshop, workshop.memory, asked.text, asked.now)
        last = await workshop.stored(lambda db: last_told(db, asked.turn.words, {}, asked.now))
        return any(not since or (one.at and one.at > since) for one in [*found, *last])

    def about(
        self, tell: Tell, *, places: bool = True, closely: bool = False, of_day: bool = False
    ) -> Callable[[Asked], Awaitable[Said]]:
        """Tells something of the appointment that is asked about. `closely`: other things have that, too, such as an
        end, and only share a name with it. `of_day`: it is wrong if the appointment was put off elsewhere.
        """

        async def handle(asked: Asked) -> Said:
            words = asked.turn.words.lower()
            if pattern("en", "questions", "at_first").search(words) or is_going_on(words):
                raise Pass  # a calendar has only what holds now, and nothing of how long it has done so
            one, meant = await self.book.meant(asked, places=places), asked
            if not one and TITLES not in asked.slots:
                meant = await self.book.looked_up(asked)
                one = await self.book.meant(meant, places=places) if meant is not asked else None
            if not one:
                if await self._is_told(asked):
                    raise Pass  # the memory has what the calendar has not
                return Said(says("calendar.unknown"))
            text = capital(tell(one, asked.now))
            if (closely or ALIKE not in meant.slots) and not await fits(self.book, asked, one, text, closely=closely):
                raise Pass
            if is_over(words) and await self._is_told(asked, since=one.end if one.end < asked.now else None):
                raise Pass
            if is_over(words) and one.at > asked.now:
                text = says("calendar.none_over", sentence=capital(tells.what(one, asked.now)))
            cite(asked, [one])
            if of_day and (moved := await to_thread.run_sync(moved_since, self.book.workshop, asked, one)):
                asked.turn.recalled = [moved, *asked.turn.recalled]
                still = says("calendar.still", title=one.title, when=said_when(one, asked.now))
                text = f"{told(asked.text, [moved], asked.now)} {still}"
            return _said(meant, text, named_by(one, asked.now))

        return handle


def _said(asked: Asked, text: str, about: str) -> Said:
    """What is said; of what is only similar, that it is only that."""
    called = asked.slots.get(ALIKE)
    return Said(f"{says('calendar.alike', called=called)} {text}" if called else text, about=about)
