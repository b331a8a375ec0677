"""Answers what is in the calendars at a time: all of it, the first and the last, and whether somebody is free."""

from dataclasses import dataclass
from datetime import timedelta

from voiceos.language.data import pattern, table
from voiceos.language.said_times import said_clock
from voiceos.language.sentences import capital, joined
from voiceos.language.sentences import skill_says as says
from voiceos.skills.calendar import tells
from voiceos.skills.calendar.book import TITLES, Book, cite, speaks_of
from voiceos.skills.calendar.said import (
    DAY,
    FAR,
    is_on_something,
    is_over,
    is_past,
    named_by,
    said_day,
    said_list,
    said_span,
    span_in,
    taken_by,
    topic,
)
from voiceos.skills.skill import Asked, Pass, Question, Said

AT_ONCE = 5
"""Appointments spoken at once; more would be too much to listen to."""
SOON, MOST_DAYS = timedelta(days=21), 3
"""Where free days are looked for, and how many are told."""
AHEAD = timedelta(days=7)
"""What is looked through for "what is on my calendar"."""


@dataclass(frozen=True, slots=True)
class Days:
    """Answers about days and hours."""

    book: Book

    async def list(self, asked: Asked) -> Said:
        if asked.reworded and is_on_something(asked.turn.words, asked.now):
            raise Pass  # the language model has made a day of a menu
        return await self._told(asked, 0)

    async def more(self, asked: Asked) -> Said:
        slots = asked.slots
        return await self._told(Asked(asked.intent, slots["asked"], asked.now, asked.turn), int(slots["told"]))

    async def _told(self, asked: Asked, skip: int) -> Said:
        now = asked.now
        span = span_in(asked.text, now)
        start, end = (span.start, span.end) if span else (now, now + AHEAD)
        found = await self.book.within(asked, start, end)
        over = span and span.whole and span.start.date() == now.date() and not is_past(asked.text)
        left = [one for one in found if one.end > now or one.at >= now] if over else found
        when = said_span(span, now) if span else says("calendar.soon")
        if not left:
            return await self.book.nothing(asked, when, "nothing_more" if found else "nothing")
        some = left[skip : skip + AT_ONCE]
        cite(asked, some)
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
        found = await self.book.within(asked, span.start, span.end)
        taken = [one for one in found if one.days != 1]
        cite(asked, found)
        when, items = said_span(span, asked.now), said_list(found, asked.now)
        state = "taken" if taken else "noted" if found else "clear"
        return Said(says(f"calendar.{wanted}.{state}", when=when, items=items))

    async def gaps(self, asked: Asked) -> Said:
        """When somebody is free within a time, or which evenings or days are."""
        if part := pattern("en", "skills/calendar", "free_part").search(asked.text):
            return await self._free_parts(asked, part[1].lower())
        span = span_in(asked.text, asked.now)
        if not span:
            raise Pass
        found = await self.book.within(asked, span.start, span.end)
        taken = [one for one in found if not one.days]
        if not taken or span.end - span.start > 2 * DAY:
            return await self._freedom(asked, "free")
        cite(asked, taken)
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

    async def _free_parts(self, asked: Asked, part: str) -> Said:
        """The next days of which a part has nothing in it."""
        now, span = asked.now, span_in(asked.text, asked.now)
        hours = table("en", "skills/calendar")["parts"][part]
        long = span is not None and span.end - span.start > DAY
        start, end = (span.start, span.end) if span and long else (now, now + SOON)
        found = [one for one in await self.book.within(asked, start, end) if one.days != 1]
        days = [
            (day.replace(hour=hours[0], minute=0, second=0, microsecond=0), day.replace(hour=hours[1], minute=0))
            for day in (start + number * DAY for number in range((end - start).days + 1))
            if day.weekday() in hours[2]
        ]
        free = [
            said_day(begin, now)
            for begin, over in days
            if begin >= now and begin < end and not any(one.at < over and one.end > begin for one in found)
        ]
        when = said_span(span, now) if span and long else says("calendar.coming")
        key = "free_parts" if free else "no_free_part"
        return Said(says(f"calendar.{key}", part=part, days=joined(free[:MOST_DAYS]), when=when))

    async def next(self, asked: Asked) -> Said:
        return await self._one(asked, 0)

    async def last(self, asked: Asked) -> Said:
        return await self._one(asked, -1)

    async def _one(self, asked: Asked, which: int) -> Said:
        """The first, or the last, of a time, or from now on."""
        now, span = asked.now, span_in(asked.text, asked.now)
        start, end = (span.start, span.end) if span else (now, now + FAR)
        found = [one for one in await self.book.within(asked, start, end) if one.at >= start]
        timed = [one for one in found if not one.days] if which or (span and span.whole) else found
        if not found:
            return await self.book.nothing(asked, said_span(span, now) if span else says("calendar.coming"))
        one = (timed or found)[which]
        cite(asked, [one])
        tell = tells.ends if which and pattern("en", "skills/calendar", "finish").search(asked.text) else tells.what
        return Said(capital(tell(one, now)), about=named_by(one, now))

    async def count(self, asked: Asked) -> Said:
        span, ahead = span_in(asked.text, asked.now), FAR if asked.slots.keys() & {"event", TITLES} else AHEAD
        start, end = (span.start, span.end) if span else (asked.now, asked.now + ahead)
        found = await self.book.within(asked, start, end)
        over, named = is_over(asked.turn.words), bool(asked.slots.keys() & {"event", TITLES})
        if over:
            earliest = start if span else asked.now - FAR
            found = [one for one in await self.book.within(asked, earliest, min(end, asked.now)) if one.at < asked.now]
        if titles := asked.slots.get(TITLES):
            found = [one for one in found if one.title in titles.split("\n")]
        elif wanted := topic(asked.slots.get("event", ""), asked.now):
            matches = taken_by(wanted)
            found = [one for one in found if matches(one.title, "")]
        elif not asked.template and (wanted := _counted(asked)):
            matches = taken_by(wanted)
            if not (found := [one for one in found if matches(one.title, "")]):
                raise Pass  # it may count what no calendar has: "how many times did I go running?"
        when = said_span(span, asked.now) if span else says("calendar.soon" if ahead == AHEAD else "calendar.coming")
        when = says("calendar.so_far", when=said_span(span, asked.now) if span else "").strip() if over else when
        if over and not found and named:
            raise Pass  # it may have been told
        if not found:
            return await self.book.nothing(asked, when)
        cite(asked, found[:AT_ONCE])
        items = f" {said_list(found, asked.now)}" if len(found) <= AT_ONCE else ""
        return Said(says("calendar.count", count=len(found), when=when) + items)


def _counted(asked: Asked) -> set[str]:
    """The words of what is counted, if it is not all that a calendar has."""
    text = asked.text
    counts = pattern("en", "skills/calendar", "counts").search(text) and not speaks_of(text)
    return topic(text, asked.now) if counts else set()
