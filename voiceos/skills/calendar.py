"""Answers from the calendars: what is when, where, with whom and for how long, and whether somebody is free."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from voiceos.errors import StoreError
from voiceos.language.data import pattern
from voiceos.language.said_times import said_clock
from voiceos.language.sentences import skill_says as says
from voiceos.skills import calendar_tells as tells
from voiceos.skills.calendar_changes import Changes
from voiceos.skills.calendar_said import (
    DAY,
    FAR,
    capital,
    is_meeting,
    is_past,
    is_time_only,
    joined,
    loosely,
    named_by,
    names_calendar,
    said_day,
    said_list,
    said_span,
    span_in,
    taken_by,
    topic,
    whole_topic,
)
from voiceos.skills.grammar import plain
from voiceos.skills.skill import Asked, Intent, Pass, Question, Said, Skill, Workshop
from voiceos.store.appointments import Appointment, between, is_empty, is_known, named

Tell = Callable[[Appointment, datetime], str]
"""What is said about an appointment."""
AT_ONCE = 5
"""Appointments spoken at once; more would be too much to listen to."""
AHEAD = timedelta(days=7)
"""What is looked through for "what is on my calendar"."""


def make(workshop: Workshop) -> Skill:
    calendar = Calendar(workshop)
    when, event, title = {"when": is_time_only}, {"event": calendar.knows}, {"event": calendar.knows_title}

    def about(asked: Asked) -> bool:
        return names_calendar(asked.text) or calendar.knows(asked.text, asked.now)

    def timed(asked: Asked) -> bool:
        return is_time_only(asked.text, asked.now)

    return Skill(
        "calendar",
        [
            Intent("calendar.list", calendar.list, slots=when),
            Intent("calendar.more", calendar.more, slots={"yes": _is_yes}),
            Intent("calendar.free", calendar.free, slots={**when, "activity": _has_time}, mine=timed),
            Intent("calendar.busy", calendar.busy, slots=when, mine=timed),
            Intent("calendar.gaps", calendar.gaps, slots=when, mine=timed),
            Intent("calendar.next", calendar.next, slots=when),
            Intent("calendar.last", calendar.last, slots=when, mine=timed),
            Intent("calendar.after", calendar.after, slots=title),
            Intent("calendar.before", calendar.before, slots=title),
            Intent("calendar.count", calendar.count, slots={**when, **title}),
            Intent(
                "calendar.has",
                calendar.has,
                slots={**event, **when, "thing": _is_dated, "timed": calendar.knows_at, "called": _is_no_order},
                mine=about,
                suits=_asks,
            ),
            Intent("calendar.when", calendar.one(tells.when), slots=event, mine=about),
            Intent("calendar.ends", calendar.one(tells.ends), slots=title, mine=about),
            Intent("calendar.where", calendar.one(tells.where, places=False), slots=title, mine=about),
            Intent("calendar.who", calendar.one(tells.who, places=False), slots=title, mine=about),
            Intent("calendar.length", calendar.one(tells.length), slots=event, mine=about),
            Intent("calendar.until", calendar.one(tells.until), slots=event, mine=about),
            *Changes(workshop, calendar.meant).intents(calendar.knows_title),
            Intent("calendar.often", calendar.one(tells.how_often, places=False), slots=title, mine=about),
        ],
    )


def _is_yes(words: str, now: datetime) -> bool:
    return pattern("en", "skills/calendar", "yes").fullmatch(words) is not None


def _speaks_of(words: str) -> bool:
    return pattern("en", "skills/calendar", "appointment").search(words) is not None


def _is_no_order(words: str, now: datetime) -> bool:
    return pattern("en", "skills/calendar", "told_to").search(words) is None


def _asks(asked: Asked) -> bool:
    return pattern("en", "skills/calendar", "statement").match(plain(asked.text)) is None


def _has_time(words: str, now: datetime) -> bool:
    return span_in(words, now) is not None


def _is_dated(words: str, now: datetime) -> bool:
    """Whether the words name something at a time that may well be in a calendar."""
    other = pattern("en", "skills/calendar", "elsewhere").search(words)
    return span_in(words, now) is not None and not other and 0 < len(topic(words, now)) <= 3


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendars of the store."""

    workshop: Workshop

    # What is in it

    def knows(self, words: str, now: datetime) -> bool:
        """Whether the words name something in it, by its title, people or place, or speak of an appointment."""
        wanted = topic(words, now)
        return _speaks_of(words) or self._known(wanted, places=True) or self._known(loosely(wanted), places=False)

    def knows_title(self, words: str, now: datetime) -> bool:
        """The same, but not by its place."""
        return _speaks_of(words) or self._known(topic(words, now), places=False)

    def knows_at(self, words: str, now: datetime) -> bool:
        """Whether the words name something in it, and a time."""
        return _has_time(words, now) and self._known(topic(words, now), places=False)

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

    async def nothing(self, when: str, key: str = "nothing") -> Said:
        empty = await self.workshop.stored(is_empty)
        return Said(says("calendar.no_calendar" if empty else f"calendar.{key}", when=when))

    async def meant(self, asked: Asked, *, places: bool = True) -> Appointment | None:
        """The appointment that is asked about: at the time that is told, or else the next one."""
        said = [asked.slots[name] for name in ("event", "called", "tail") if name in asked.slots]
        words = " ".join(said) or asked.text
        wanted = topic(words, asked.now)
        exactly, matches = (taken_by(terms, places=places) for terms in (whole_topic(words), wanted))
        if found := await self.workshop.stored(lambda db: named(db, asked.now, exactly)):
            return _nearest([one for one in found if exactly(one.title, "")] or found, asked)
        found = await self.workshop.stored(lambda db: named(db, asked.now, matches))
        if not found and (loose := loosely(wanted)):
            found = await self.workshop.stored(lambda db: named(db, asked.now, taken_by(loose, places=places)))
        found = [one for one in found if matches(one.title, "")] or found
        if not wanted:  # "the meeting"
            found = await self.within(asked, asked.now - FAR, asked.now + FAR)
        if span := span_in(words, asked.now):
            inside = [one for one in found if one.at < span.end and max(one.end, one.at) >= span.start]
            found = inside or found
        return _nearest(found, asked) if found else None

    # Days

    async def list(self, asked: Asked) -> Said:
        return await self._told(asked, 0)

    async def more(self, asked: Asked) -> Said:
        slots = asked.slots
        return await self._told(Asked(asked.intent, slots["asked"], asked.now, asked.turn), int(slots["told"]))

    async def _told(self, asked: Asked, skip: int) -> Said:
        now = asked.now
        span = span_in(asked.text, now)
        start, end = (span.start, span.end) if span else (now, now + AHEAD)
        found = await self.within(asked, start, end)
        over = span and span.whole and span.start.date() == now.date() and not is_past(asked.text)
        left = [one for one in found if one.end > now or one.at >= now] if over else found
        when = said_span(span, now) if span else says("calendar.soon")
        if not left:
            return await self.nothing(when, "nothing_more" if found else "nothing")
        some = left[skip : skip + AT_ONCE]
        day = said_day(left[skip - 1].at, now) if skip else ""
        text, rest = said_list(some, now, day), len(left) - skip - len(some)
        if not rest:
            return Said(text, about=named_by(some[0], now) if len(some) == 1 else "")
        if rest == 1:  # it takes no longer than to ask
            return Said(said_list(left[skip:], now, day))
        question = Question("calendar.more", "yes", {"asked": asked.text, "told": str(skip + len(some))})
        return Said(f"{text} {says('calendar.more', count=rest)}", question)

    async def free(self, asked: Asked) -> Said:
        return await self._freedom(asked, "free")

    async def busy(self, asked: Asked) -> Said:
        return await self._freedom(asked, "busy")

    async def _freedom(self, asked: Asked, wanted: str) -> Said:
        span = span_in(asked.text, asked.now)
        if not span:
            raise Pass
        found = await self.within(asked, span.start, span.end)
        taken = [one for one in found if one.days != 1]
        when, items = said_span(span, asked.now), said_list(found, asked.now)
        state = "taken" if taken else "noted" if found else "clear"
        return Said(says(f"calendar.{wanted}.{state}", when=when, items=items))

    async def gaps(self, asked: Asked) -> Said:
        """When somebody is free within a time."""
        span = span_in(asked.text, asked.now)
        if not span:
            raise Pass
        found = await self.within(asked, span.start, span.end)
        taken = [one for one in found if not one.days]
        if not taken or span.end - span.start > 2 * DAY:
            return await self._freedom(asked, "free")
        parts, free_from = list[str](), span.start
        for one in taken:
            if one.at > free_from:
                key = "until" if free_from == span.start else "between"
                parts.append(says(f"calendar.gap.{key}", begin=said_clock(free_from), end=said_clock(one.at)))
            free_from = max(free_from, one.end)
        if free_from < span.end:
            parts.append(says("calendar.gap.after", begin=said_clock(free_from)))
        if not parts:
            return await self._freedom(asked, "free")
        return Said(says("calendar.gaps", when=said_span(span, asked.now), parts=joined(parts)))

    async def next(self, asked: Asked) -> Said:
        return await self._one(asked, 0)

    async def last(self, asked: Asked) -> Said:
        return await self._one(asked, -1)

    async def _one(self, asked: Asked, which: int) -> Said:
        """The first, or the last, of a time, or from now on."""
        now, span = asked.now, span_in(asked.text, asked.now)
        start, end = (span.start, span.end) if span else (now, now + FAR)
        found = [one for one in await self.within(asked, start, end) if one.at >= start]
        timed = [one for one in found if not one.days] if which or (span and span.whole) else found
        if not found:
            return await self.nothing(said_span(span, now) if span else says("calendar.coming"))
        one = (timed or found)[which]
        tell = tells.ends if which and pattern("en", "skills/calendar", "finish").search(asked.text) else tells.what
        return Said(capital(tell(one, now)), about=named_by(one, now))

    async def after(self, asked: Asked) -> Said:
        """What comes after an appointment on the same day, or at all."""
        one = await self.meant(asked)
        if not one:
            return Said(says("calendar.unknown"))
        later = await self.workshop.stored(lambda db: between(db, one.end, one.end + FAR))
        following = [other for other in later if not other.days and other.at >= one.end and other.key != one.key]
        if not following:
            return await self.nothing(says("calendar.coming"))
        return Said(capital(tells.what(following[0], asked.now)), about=named_by(following[0], asked.now))

    async def before(self, asked: Asked) -> Said:
        """What comes before an appointment on its day."""
        one = await self.meant(asked)
        if not one:
            return Said(says("calendar.unknown"))
        start = (
            max(asked.now, one.at.replace(hour=0, minute=0)) if one.at > asked.now else one.at.replace(hour=0, minute=0)
        )
        found = [other for other in await self.workshop.stored(lambda db: between(db, start, one.at)) if not other.days]
        if not found:
            return await self.nothing(says("calendar.before", title=one.title))
        return Said(said_list(found, asked.now), about=named_by(found[-1], asked.now))

    async def count(self, asked: Asked) -> Said:
        span, ahead = span_in(asked.text, asked.now), FAR if "event" in asked.slots else AHEAD
        start, end = (span.start, span.end) if span else (asked.now, asked.now + ahead)
        found = await self.within(asked, start, end)
        if "event" in asked.slots:
            matches = taken_by(topic(asked.slots["event"], asked.now))
            found = [one for one in found if matches(one.title, "")]
        when = said_span(span, asked.now) if span else says("calendar.soon" if ahead == AHEAD else "calendar.coming")
        if not found:
            return await self.nothing(when)
        items = f" {said_list(found, asked.now)}" if len(found) <= AT_ONCE else ""
        return Said(says("calendar.count", count=len(found), when=when) + items)

    # One appointment

    async def has(self, asked: Asked) -> Said:
        span = span_in(asked.text, asked.now)
        words = next(
            (asked.slots[name] for name in ("event", "thing", "called", "timed") if name in asked.slots), asked.text
        )
        if not (wanted := topic(words, asked.now)):
            return await self._told(asked, 0)
        found = await self.workshop.stored(lambda db: named(db, asked.now, taken_by(wanted)))
        start, end = (span.start, span.end) if span else (asked.now, asked.now + FAR)
        inside = [one for one in found if one.at < end and one.end >= start]
        if inside:
            items = said_list(inside[:AT_ONCE], asked.now)
            return Said(says("calendar.yes", items=items), about=named_by(inside[0], asked.now))
        no = says("calendar.no", when=said_span(span, asked.now) if span else says("calendar.coming"))
        if not found and span and (others := await self.within(asked, start, end)):
            return Said(f"{no} {says('calendar.but', items=said_list(others[:AT_ONCE], asked.now))}")
        if not found or not span:
            return Said(no)
        one = _nearest(found, asked)
        return Said(f"{no} {capital(tells.what(one, asked.now))}", about=named_by(one, asked.now))

    def one(self, tell: Tell, *, places: bool = True) -> Callable[[Asked], Awaitable[Said]]:
        """Tells something of the appointment that is asked about."""

        async def handle(asked: Asked) -> Said:
            one = await self.meant(asked, places=places)
            if not one:
                return Said(says("calendar.unknown"))
            return Said(capital(tell(one, asked.now)), about=named_by(one, asked.now))

        return handle


def _nearest(found: Sequence[Appointment], asked: Asked) -> Appointment:
    """The next one, or the last one if there is none, or if it is asked for."""
    coming = [one for one in found if one.end >= asked.now]
    past = [one for one in found if one.end < asked.now]
    return past[-1] if past and (is_past(asked.text) or not coming) else coming[0]
