"""How far apart two things were, which was first, and how old somebody was then: from when the memory has each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from anyio import to_thread

from voiceos.core import Recalled, Transcript
from voiceos.language.data import pattern
from voiceos.language.sentences import say
from voiceos.language.sentences import skill_says as says
from voiceos.language.tenses import states
from voiceos.memory.quoting import spoken
from voiceos.memory.recall.ages import age, born
from voiceos.memory.recall.spans import Time, apart, times
from voiceos.skills.calendar.book import Book, cited
from voiceos.skills.calendar.fitting import calls
from voiceos.skills.calendar.said import capital, is_past, is_time_only
from voiceos.skills.person.words import named, subject_of
from voiceos.skills.skill import Asked, Intent, Pass, Said
from voiceos.store.records import OWNER


@dataclass(frozen=True, slots=True)
class Dated:
    """Something, and when it was."""

    time: Time
    memory: Recalled
    """What tells it."""


class TwoTimes:
    """The intents that compare two times."""

    def __init__(self, book: Book) -> None:
        self._book = book
        both = {"one": _names_something, "other": _names_something}
        self.intents = [
            Intent("person.old_when", self._old_when, slots={"event": _names_something}),
            Intent("person.apart", self._apart, slots=both),
            Intent("person.order", self._order, slots=both),
            Intent("person.first", self._first, slots=both),
        ]

    async def _old_when(self, asked: Asked) -> Said:
        who = asked.slots["who"]
        birth, event = await self._birth(asked, who), await self._dated(asked, asked.slots["event"])
        day, then = birth.time.at.date(), event.time
        same_month = then.grain == "month" and then.at.month == day.month  # before or after their birthday
        if then.grain == "year" or same_month or then.at.date() < day:
            raise Pass
        before = age(day, then.at.date())
        key = "you_were" if subject_of(who) == OWNER else "was_old"
        text = says(f"person.{key}", who=named(subject_of(who)), count=before)
        return _said(asked, text, [birth, event])

    async def _apart(self, asked: Asked) -> Said:
        one, other = await self._both(asked)
        span = apart(one.time, other.time, next((unit for unit in ("days", "weeks") if unit in asked.text), ""))
        if not span:
            raise Pass
        return _said(asked, says("person.apart", span=capital(span)), [one, other])

    async def _order(self, asked: Asked) -> Said:
        one, other = await self._both(asked)
        first = _is_before(one, other)
        if pattern("en", "skills/person", "either").search(asked.text):
            return _said(asked, says(f"person.{'earlier' if first else 'later'}"), [one, other])
        wants_before = pattern("en", "skills/person", "sooner").search(asked.text) is not None
        return _said(asked, say(f"memory.{'yes' if first == wants_before else 'no'}"), [one, other])

    async def _first(self, asked: Asked) -> Said:
        one, other = await self._both(asked)
        key = "one" if _is_before(one, other) else "other"
        return _said(asked, capital(asked.slots[key].strip(" ,.?")) + ".", [one, other])

    async def _both(self, asked: Asked) -> tuple[Dated, Dated]:
        one, other = await self._dated(asked, asked.slots["one"]), await self._dated(asked, asked.slots["other"])
        if one.memory.record_id == other.memory.record_id and one.time == other.time:
            raise Pass
        return one, other

    async def _birth(self, asked: Asked, who: str) -> Dated:
        """Raises Pass where no line tells the day of it, and its year."""
        question = says("person.born_when", who=who)
        memory = await self._sure(asked, question)
        day = born(question, memory.text) if memory else None
        if not memory or not day:
            raise Pass
        return Dated(Time(_midnight(day, asked.now), "day"), memory)

    async def _dated(self, asked: Asked, words: str) -> Dated:
        """When something was, or will be: by an appointment that is called so, or a line that surely tells one time.

        Raises Pass.
        """
        what = words.strip(" ,.?")
        key = "when_it" if states(what) else "when_was" if is_past(asked.text) else "when_is"
        text = says(f"person.{key}", what=what)
        about = replace(
            asked,
            text=text,
            slots={"event": words},
            turn=replace(asked.turn, transcript=Transcript(text), stands_for=""),
        )
        if (one := await self._book.meant(about)) and calls(text, one, asked.now):
            return Dated(Time(one.at, "day"), cited(one, asked.now))
        memory = await self._sure(asked, text)
        told = times(memory.text, memory.at) if memory and memory.at else []
        if not memory or len(told) != 1 or told[0].bound not in ("", "between"):
            raise Pass
        return Dated(told[0], memory)

    async def _sure(self, asked: Asked, question: str) -> Recalled | None:
        """The line that surely answers a question."""
        memory = self._book.workshop.memory
        if not memory:
            return None
        found = await to_thread.run_sync(lambda: memory.recall(question, asked.now, of_life=True))
        return next((one for one in found.memories if not one.left_out), None) if found.sure else None


def _names_something(words: str, now: datetime) -> bool:
    return not is_time_only(words, now) and pattern("en", "skills/person", "pronoun").fullmatch(words.strip()) is None


def _is_before(one: Dated, other: Dated) -> bool:
    """Raises Pass where it can't be told."""
    if not apart(one.time, other.time):
        raise Pass
    return one.time.at < other.time.at


def _midnight(day: date, now: datetime) -> datetime:
    return datetime.combine(day, datetime.min.time(), now.tzinfo)


def _said(asked: Asked, text: str, both: Sequence[Dated]) -> Said:
    """What comes out, and what it is from."""
    asked.turn.recalled = [one.memory for one in both]
    return Said(" ".join([text, *(spoken(one.memory, asked.now) for one in both)]))
