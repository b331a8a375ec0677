"""Changes the calendar of its own: puts appointments in, moves them and takes them out."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from voiceos.language.answers import yes_or_no
from voiceos.language.data import pattern
from voiceos.language.said_times import said_clock
from voiceos.language.sentences import skill_says as says
from voiceos.language.times import Duration, Moment, Period
from voiceos.skills.calendar_orders import Wish, moved, times_in, wish_in
from voiceos.skills.calendar_said import (
    FAR,
    capital,
    is_time_only,
    joined,
    names_calendar,
    said_list,
    said_span,
    said_when,
    span_in,
    titled,
    topic,
)
from voiceos.skills.grammar import plain
from voiceos.skills.skill import Asked, Intent, Question, Said, Undo, Workshop
from voiceos.skills.slots import whole_time
from voiceos.store.appointments import Appointment, between, end_series, put, remove
from voiceos.store.appointments import own as own_appointments
from voiceos.store.database import Connection
from voiceos.store.schedule import Entry, add_entry, following, remove_entries

Meant = Callable[[Asked], Awaitable[Appointment | None]]
"""The appointment that is asked about."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What orders do."""

    workshop: Workshop
    meant: Meant

    def intents(self, known: Callable[[str, datetime], bool]) -> Sequence[Intent]:
        """`known`: whether words name an appointment."""

        def is_order(asked: Asked) -> bool:
            return pattern("en", "skills/calendar", "order").match(plain(asked.text)) is not None

        def is_about(asked: Asked) -> bool:
            when = span_in(asked.text, asked.now)
            return is_order(asked) and (when is not None or names_calendar(asked.text) or known(asked.text, asked.now))

        when = {"when": _is_when}
        return [
            Intent(
                "calendar.put",
                self._put,
                acts=True,
                slots={**when, "what": _is_what, "whole": _is_whole},
                mine=is_order,
                suits=_is_for_calendar,
            ),
            Intent(
                "calendar.move",
                self._move,
                acts=True,
                slots={
                    "event": known,
                    "to": _is_new_time,
                    "by": _is_new_time,
                    "day": _is_day,
                    "shifted": lambda words, now: _apart(words, known, now) is not None,
                },
                mine=is_about,
            ),
            Intent("calendar.remove", self._remove, acts=True, slots={"event": known}, mine=is_about),
            Intent("calendar.clear", self._clear, acts=True, slots={"when": is_time_only, "sure": _is_answer}),
        ]

    async def _put(self, asked: Asked) -> Said:
        slots = asked.slots
        said = [slots[name] for name in ("what", "whole", "tail", "when") if name in slots] or [_ordered(asked.text)]
        text = " ".join(said)
        wish = wish_in(text, asked.now)
        if not wish.title:
            return Said(says("calendar.what"), Question("calendar.put", "what", {"tail": times_in(text, asked.now)}))
        question = Question("calendar.put", "when", {"what": text})
        if not wish.times:
            span = span_in(text, asked.now) if wish.day else None
            key = "hour" if wish.day else "which_time"
            when = said_span(span, asked.now) if span else ""
            return Said(capital(says(f"calendar.{key}", title=wish.title, when=when).strip()), question)
        if wish.times[0].at < asked.now and not wish.times[0].days:
            again = Question("calendar.put", "when", {"what": titled(wish.times[0]).replace(",", "")})
            return Said(says("calendar.over", when=said_when(wish.times[0], asked.now)), again)
        return await self._enter(wish, asked.now)

    async def _enter(self, wish: Wish, now: datetime) -> Said:
        first = wish.times[0]
        clashes = [
            one
            for one in await self.workshop.stored(lambda db: between(db, first.at, first.until or first.at))
            if not one.days and not first.days
        ]
        new = await self.workshop.stored(lambda db: put(db, wish.times, now))
        often = first.often[:1].lower() + first.often[1:]
        key = "put_series" if first.often else "put"
        text = says(f"calendar.{key}", what=titled(first), when=_exactly(first, now), often=often)
        if clashes:
            text += f" {says('calendar.clash', items=joined([one.title for one in clashes]))}"
        return Said(text, done=_told(first), undo=self._taking_back(new, []))

    async def _move(self, asked: Asked) -> Said:
        if apart := _apart(asked.slots.get("shifted", ""), lambda words, now: True, asked.now):
            by = isinstance(whole_time(apart[1], asked.now), Duration)
            asked = replace(asked, slots={"event": apart[0], "by" if by else "to": apart[1]})
        one = await self._found(asked)
        if isinstance(one, Said):
            return one
        words = next((asked.slots[name] for name in ("to", "by", "day") if name in asked.slots), "")
        if not words:
            given = {"event": asked.slots.get("event", asked.text)}
            return Said(says("calendar.to_when", title=one.title), Question("calendar.move", "to", given))
        new = moved(one, asked.text if "by" in asked.slots else words, asked.now)
        if not new:
            given = {"event": asked.slots.get("event", asked.text)}
            return Said(says("calendar.to_when", title=one.title), Question("calendar.move", "to", given))
        await self.workshop.stored(lambda db: put(db, [new], asked.now))
        text = says("calendar.moved", title=one.title, old=said_when(one, asked.now), new=_exactly(new, asked.now))
        reminders = await self._reminders([one], new.at - one.at)
        text += says("calendar.reminder_moved", count=len(reminders)) * bool(reminders)
        return Said(text, done=_told(new), undo=self._taking_back([], [one], reminders))

    async def _remove(self, asked: Asked) -> Said:
        if pattern("en", "skills/calendar", "several").search(asked.text) and not topic(asked.text, asked.now):
            return await self._clear(asked)
        one = await self._found(asked)
        if isinstance(one, Said):
            return one
        span = span_in(asked.text, asked.now)
        if span and not (one.at < span.end and max(one.end, one.at) >= span.start) and not one.often:
            return Said(says("calendar.none_then", title=one.title, when=said_when(one, asked.now)))
        gone = [one]
        if one.often and pattern("en", "skills/calendar", "series").search(asked.text):
            gone = [other for other in await self._coming(asked.now) if other.series == one.series]
        await self._taken_out(gone, asked.now)
        key = "removed" if len(gone) == 1 else "removed_series"
        text = says(f"calendar.{key}", title=one.title, when=said_when(one, asked.now), count=len(gone))
        reminders = await self._reminders(gone)
        text += says("calendar.reminder_gone", count=len(reminders)) * bool(reminders)
        return Said(text, done=_told(one) | {"count": len(gone)}, undo=self._taking_back([], gone, reminders))

    async def _clear(self, asked: Asked) -> Said:
        now, slots = asked.now, asked.slots
        span = span_in(slots.get("when", asked.text), now)
        start, end = (span.start, span.end) if span else (now, now + FAR)
        found = await self.workshop.stored(lambda db: between(db, start, end))
        own = [one for one in found if one.own] if span else await self._coming(now)
        when = said_span(span, now) if span else says("calendar.coming")
        if not own:
            return Said(says("calendar.only_read" if found else "calendar.nothing", when=when))
        if "sure" not in slots:
            items = said_list(own, now) if len(own) <= 3 else ""
            question = Question("calendar.clear", "sure", {"when": slots.get("when", asked.text)})
            return Said(says("calendar.sure", count=len(own), when=when, items=items).replace("  ", " "), question)
        if not yes_or_no(slots["sure"]):
            return Said(says("calendar.kept"))
        await self._taken_out(own, asked.now)
        text = says("calendar.cleared", count=len(own), when=when)
        done = {"titles": [one.title for one in own], "when": when}
        reminders = await self._reminders(own)
        text += says("calendar.reminder_gone", count=len(reminders)) * bool(reminders)
        return Said(text, done=done, undo=self._taking_back([], own, reminders))

    async def _coming(self, now: datetime) -> list[Appointment]:
        """All that is to come of its own calendar."""
        return [
            one for one in await self.workshop.stored(lambda db: own_appointments(db, now.tzinfo)) if one.end >= now
        ]

    async def _taken_out(self, gone: Sequence[Appointment], now: datetime) -> None:
        def work(db: Connection) -> None:
            remove(db, gone)
            end_series(db, gone, now)

        await self.workshop.stored(work)

    async def _found(self, asked: Asked) -> Appointment | Said:
        """The appointment of its own calendar that is meant, or why there is none."""
        one = await self.meant(asked)
        if not one:
            named = asked.slots.get("called") or asked.slots.get("event")
            return Said(says("calendar.no_such", title=named) if named else says("calendar.unknown"))
        if not one.own:
            when = said_when(one, asked.now)
            return Said(says("calendar.read_only", title=one.title, when=when))
        return one

    async def _reminders(self, events: Sequence[Appointment], by: timedelta | None = None) -> list[Entry]:
        """Moves the reminders of these, or removes them. Returns them as they were."""
        keys = {one.key for one in events}

        def work(db: Connection) -> list[Entry]:
            there = [one for one in following(db, keys) if one.wall]
            remove_entries(db, [one.id for one in there])
            for one in there:
                if by and one.wall:
                    add_entry(db, replace(one, wall=one.wall + by, first=one.wall + by))
            return there

        there = await self.workshop.stored(work)
        self.workshop.rescheduled()
        return there

    def _taking_back(
        self, new: Sequence[Appointment], old: Sequence[Appointment], reminders: Sequence[Entry] = ()
    ) -> Undo:
        """Takes out what is new, and puts back what was, with its reminders."""

        async def undo() -> str:
            now = self.workshop.now()
            await self._reminders(new or old)
            await self.workshop.stored(lambda db: [add_entry(db, one) for one in reminders])
            self.workshop.rescheduled()
            if new:
                await self._taken_out(new, now)
                return says("calendar.removed", title=new[0].title, when=said_when(new[0], now))
            await self.workshop.stored(lambda db: put(db, old, now))
            return says("calendar.back", what=old[0].title, when=said_when(old[0], now), count=len(old))

        return undo


def _exactly(one: Appointment, now: datetime) -> str:
    """Its time, with its end if that was said."""
    when = said_when(one, now)
    if one.until and not one.days:
        return says("calendar.when.until", when=when, end=said_clock(one.until))
    return says("calendar.when.all_day", day=when) if one.days == 1 else when


def _told(one: Appointment) -> dict[str, object]:
    return {
        "title": one.title,
        "at": one.at.isoformat(),
        "until": one.until and one.until.isoformat(),
        "place": one.place,
    }


def _is_for_calendar(asked: Asked) -> bool:
    """Who wants an appointment made by telephone tells no time."""
    made = pattern("en", "skills/calendar", "to_be_made").search(asked.text)
    return not made or names_calendar(asked.text) or span_in(asked.text, asked.now) is not None


def _ordered(text: str) -> str:
    """An order without its verb and the calendar."""
    text = pattern("en", "skills/calendar", "order").sub("", plain(text))
    return pattern("en", "skills/calendar", "around_title").sub(" ", f" {text} ").strip()


def _is_what(words: str, now: datetime) -> bool:
    return bool(words.strip()) and yes_or_no(words) is None


def _is_whole(words: str, now: datetime) -> bool:
    return pattern("en", "skills/calendar", "whole").fullmatch(words) is not None


def _is_when(words: str, now: datetime) -> bool:
    all_day = pattern("en", "skills/calendar", "all_day").fullmatch(words.strip(" .!"))
    return all_day is not None or whole_time(words, now) is not None or is_time_only(words, now)


def _is_new_time(words: str, now: datetime) -> bool:
    words = pattern("en", "skills/calendar", "toward").sub("", words)
    return any(whole_time(one, now) is not None for one in (words, f"at {words}"))


def _apart(text: str, known: Callable[[str, datetime], bool], now: datetime) -> tuple[str, str] | None:
    """What is moved, and to when: "the lesson five"."""
    words = text.split()
    for at in range(1, len(words)):
        event, to = " ".join(words[:at]), " ".join(words[at:])
        if _is_new_time(to, now) and known(event, now):
            return event, to
    return None


def _is_day(words: str, now: datetime) -> bool:
    return isinstance(whole_time(words, now), Moment | Period)


def _is_answer(words: str, now: datetime) -> bool:
    return yes_or_no(words) is not None
