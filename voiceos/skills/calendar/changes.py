"""Changes the calendar of its own: puts appointments in, moves them and takes them out."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from voiceos.language.answers import yes_or_no
from voiceos.language.data import pattern
from voiceos.language.sentences import capital, joined
from voiceos.language.sentences import skill_says as says
from voiceos.language.times import Duration
from voiceos.skills.calendar.book import TITLES
from voiceos.skills.calendar.keeping import Keeping
from voiceos.skills.calendar.moving import moved
from voiceos.skills.calendar.orders import Wish, times_in, wish_in, wishes_in
from voiceos.skills.calendar.said import (
    FAR,
    exactly,
    is_sure,
    is_time_only,
    named_by,
    names_calendar,
    said_list,
    said_span,
    said_when,
    span_in,
    titled,
    topic,
    whole_topic,
)
from voiceos.skills.calendar.slots import apart, is_day, is_new_time, is_what, is_when, is_whole, tells_time
from voiceos.skills.grammar import plain
from voiceos.skills.skill import Asked, Intent, Question, Said, Workshop, never
from voiceos.skills.slots import is_answer, whole_time, without_times
from voiceos.skills.tagger import Tagger
from voiceos.store.appointments import Appointment, between, put

OF_ONE = ("calendar.put", "calendar.move", "calendar.amend")
Meant = Callable[[Asked], Awaitable[Appointment | None]]
"""The appointment that is asked about."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What orders do."""

    workshop: Workshop
    keeping: Keeping
    meant: Meant
    tagger: Tagger = field(default_factory=Tagger)

    def intents(self, known: Callable[[str, datetime], bool]) -> Sequence[Intent]:
        """`known`: whether words name an appointment."""

        def is_order(asked: Asked) -> bool:
            return pattern("en", "skills/calendar", "order").match(plain(asked.text)) is not None

        def is_about(asked: Asked) -> bool:
            when = span_in(asked.text, asked.now)
            return is_order(asked) and (when is not None or names_calendar(asked.text) or known(asked.text, asked.now))

        when = {"when": is_when}
        return [
            Intent(
                "calendar.put",
                self._put,
                acts=True,
                slots={**when, "what": is_what, "whole": is_whole},
                mine=is_order,
                suits=_is_for_calendar,
            ),
            Intent(
                "calendar.move",
                self._move,
                acts=True,
                slots={
                    "event": known,
                    "to": is_new_time,
                    "by": is_new_time,
                    "day": is_day,
                    "shifted": lambda words, now: apart(words, known, now) is not None,
                },
                mine=is_about,
            ),
            Intent(
                "calendar.amend",
                self._amend,
                acts=True,
                slots={"anew": tells_time},
                mine=never,
                suits=self._is_of_last,
            ),
            Intent("calendar.remove", self._remove, acts=True, slots={"event": known}, mine=is_about, suits=_is_sure),
            Intent("calendar.clear", self._clear, acts=True, slots={"when": is_time_only, "sure": is_answer}),
        ]

    async def _put(self, asked: Asked) -> Said:
        wishes, text = self._wishes(asked)
        if len(wishes) > 1:
            return await self._enter(wishes, asked)
        wish = wishes[0]
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
        return await self._enter(wishes, asked)

    def _wishes(self, asked: Asked) -> tuple[list[Wish], str]:
        """What is to be put in, at least one, and the words that say so."""
        slots, text = asked.slots, _said_in(asked)
        if found := wishes_in(text, asked.now, self.tagger):
            return found, text
        said = [slots[name] for name in ("what", "whole", "tail", "when") if name in slots] or [_ordered(asked.text)]
        return [wish_in(" ".join(said), asked.now)], " ".join(said)

    async def _enter(self, wishes: Sequence[Wish], asked: Asked) -> Said:
        now = asked.now
        text, all_new = list[str](), list[Appointment]()
        for wish in wishes:
            first = wish.times[0]
            there = await self.workshop.stored(lambda db, one=first: between(db, one.at, one.until or one.at))
            clashes = [one for one in there if not one.days and not first.days]
            new = await self.workshop.stored(lambda db, some=wish.times: put(db, some, asked.now))
            self.keeping.last[asked.turn.device], all_new = new[0], [*all_new, *new]
            often = first.often[:1].lower() + first.often[1:]
            key = "put_series" if first.often else "put"
            text.append(says(f"calendar.{key}", what=titled(first), when=exactly(first, now), often=often))
            if clashes:
                text.append(says("calendar.clash", items=joined([one.title for one in clashes])))
        back = self.keeping.taking_back(all_new, [])
        return Said(" ".join(text), done=_told(wishes[0].times[0]), undo=back, about=named_by(all_new[-1], now))

    async def _move(self, asked: Asked) -> Said:
        if parts := apart(asked.slots.get("shifted", ""), lambda words, now: True, asked.now):
            by = isinstance(whole_time(parts[1], asked.now), Duration)
            asked = replace(asked, slots={"event": parts[0], "by" if by else "to": parts[1]})
        one = await self._found(asked)
        if isinstance(one, Said):
            return one
        known = asked.text if TITLES in asked.slots else ""
        words = next((asked.slots[name] for name in ("to", "by", "day") if name in asked.slots), known)
        if not words:
            given = self._again(asked)
            return Said(says("calendar.to_when", title=one.title), Question("calendar.move", "to", given))
        new = moved(one, asked.text if "by" in asked.slots else words, asked.now, asked.text)
        if not new:
            given = self._again(asked)
            return Said(says("calendar.to_when", title=one.title), Question("calendar.move", "to", given))
        return await self._moved(asked, one, new)

    async def _moved(self, asked: Asked, one: Appointment, new: Appointment) -> Said:
        (new,) = await self.workshop.stored(lambda db: put(db, [new], asked.now))
        self.keeping.last[asked.turn.device] = new
        text = says("calendar.moved", title=one.title, old=said_when(one, asked.now), new=exactly(new, asked.now))
        reminders = await self.keeping.move_reminders([one], new.at - one.at)
        text += says("calendar.reminder_moved", count=len(reminders)) * bool(reminders)
        back = self.keeping.taking_back([], [one], reminders)
        return Said(text, done=_told(new), undo=back, about=named_by(new, asked.now))

    def _again(self, asked: Asked) -> dict[str, str]:
        """What is known when it is asked to when something is moved."""
        names = [name for name in ("event", TITLES) if name in asked.slots]
        return {name: asked.slots[name] for name in names} or {"event": asked.text}

    def _is_of_last(self, asked: Asked) -> bool:
        """Whether "no, at two" is about what was put in or moved just now."""
        before, last = self.workshop.before.get(asked.turn.device), self.keeping.last.get(asked.turn.device)
        if not before or not last or not before.receipts or before.receipts[-1] not in OF_ONE:
            return False
        if is_new_time(asked.slots["anew"], asked.now):
            return True
        named = {*topic(last.title, asked.now), *whole_topic(last.title)}
        return whole_topic(without_times(asked.slots["anew"], asked.now)) <= named

    async def _amend(self, asked: Asked) -> Said:
        """What was put in or moved just now, at another time."""
        one = self.keeping.last[asked.turn.device]
        new = moved(one, asked.slots["anew"], asked.now, "")
        return await self._moved(asked, one, new) if new else Said(says("calendar.to_when", title=one.title))

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
            gone = [other for other in await self.keeping.coming(asked.now) if other.series == one.series]
        await self.keeping.take_out(gone, asked.now)
        key = "removed" if len(gone) == 1 else "removed_series"
        text = says(f"calendar.{key}", title=one.title, when=said_when(one, asked.now), count=len(gone))
        reminders = await self.keeping.move_reminders(gone)
        text += says("calendar.reminder_gone", count=len(reminders)) * bool(reminders)
        return Said(text, done=_told(one) | {"count": len(gone)}, undo=self.keeping.taking_back([], gone, reminders))

    async def _clear(self, asked: Asked) -> Said:
        now, slots = asked.now, asked.slots
        span = span_in(slots.get("when", asked.text), now)
        start, end = (span.start, span.end) if span else (now, now + FAR)
        found = await self.workshop.stored(lambda db: between(db, start, end))
        own = [one for one in found if one.own] if span else await self.keeping.coming(now)
        when = said_span(span, now) if span else says("calendar.coming")
        if not own:
            return Said(says("calendar.only_read" if found else "calendar.nothing", when=when))
        if "sure" not in slots:
            items = said_list(own, now) if len(own) <= 3 else ""
            question = Question("calendar.clear", "sure", {"when": slots.get("when", asked.text)})
            return Said(says("calendar.sure", count=len(own), when=when, items=items).replace("  ", " "), question)
        if not yes_or_no(slots["sure"]):
            return Said(says("calendar.kept"))
        await self.keeping.take_out(own, asked.now)
        text = says("calendar.cleared", count=len(own), when=when)
        done = {"titles": [one.title for one in own], "when": when}
        reminders = await self.keeping.move_reminders(own)
        text += says("calendar.reminder_gone", count=len(reminders)) * bool(reminders)
        return Said(text, done=done, undo=self.keeping.taking_back([], own, reminders))

    async def _spoken_of(self, asked: Asked) -> Appointment | None:
        """What the turn before was about: "move it to Friday"."""
        before = self.workshop.before.get(asked.turn.device)
        words = next((asked.slots[name] for name in ("event", "called") if name in asked.slots), "")
        if not before or not words or topic(words, asked.now):
            return None
        if before.receipts and before.receipts[-1] in OF_ONE:
            return self.keeping.last.get(asked.turn.device)
        cited = {one.record_id for one in before.recalled}
        found = [one for one in await self.keeping.coming(asked.now) if one.id in cited]
        return found[0] if len(found) == 1 else None

    async def _found(self, asked: Asked) -> Appointment | Said:
        """The appointment of its own calendar that is meant, or why there is none."""
        one = await self._spoken_of(asked) or await self.meant(asked)
        if not one:
            named = asked.slots.get("called") or asked.slots.get("event")
            return Said(says("calendar.no_such", title=named) if named else says("calendar.unknown"))
        if not one.own:
            when = said_when(one, asked.now)
            return Said(says("calendar.read_only", title=one.title, when=when))
        return one


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


def _is_sure(asked: Asked) -> bool:
    return is_sure(asked.text)


def _said_in(asked: Asked) -> str:
    """All that was said of what is to be put in: also before, where this is only an answer."""
    slots = [asked.slots[name] for name in ("what", "whole", "tail", "when") if name in asked.slots]
    return plain(asked.text) if all(one in asked.text for one in slots) else " ".join(slots)


def _ordered(text: str) -> str:
    """An order without its verb and the calendar."""
    text = pattern("en", "skills/calendar", "order").sub("", plain(text))
    return pattern("en", "skills/calendar", "around_title").sub(" ", f" {text} ").strip()
