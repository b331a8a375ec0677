"""Reminders: what to say, and when; told, and cancelled."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from voiceos.errors import StoreError
from voiceos.language.data import pattern, table
from voiceos.language.questions import opens
from voiceos.language.sentences import capital, joined
from voiceos.language.sentences import skill_says as says
from voiceos.language.times import Found, Period
from voiceos.skills.calendar.said import taken_by, topic
from voiceos.skills.grammar import plain
from voiceos.skills.schedule import once_more
from voiceos.skills.schedule.ahead import Ahead, ahead_of, before_that, earlier, is_ahead, is_before
from voiceos.skills.schedule.appointed import appointed
from voiceos.skills.schedule.cancelling import cancel
from voiceos.skills.schedule.left_out import beside, leaves_out
from voiceos.skills.schedule.once_more import Once, in_order
from voiceos.skills.schedule.planner import TOLD, Planner
from voiceos.skills.schedule.reminded import Reminded
from voiceos.skills.schedule.renaming import Renaming
from voiceos.skills.schedule.said import said_when
from voiceos.skills.schedule.words import (
    answered,
    answers_time,
    at,
    day_kept,
    may_name,
    names,
    settled,
    tells_no_day,
    tells_time,
    times_in,
    turned,
    without,
)
from voiceos.skills.skill import Asked, Intent, Question, Said, Skill, Workshop
from voiceos.store.appointments import named
from voiceos.store.schedule import Entry

FILE = "skills/reminders"


def make(workshop: Workshop) -> Skill:
    return Reminders(workshop).skill


class Reminders:
    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._country = workshop.config.locale.country
        self._planner = Planner(workshop, "reminder")

    @property
    def skill(self) -> Skill:
        is_which, renaming = self._planner.is_which, Renaming(self._planner, content)
        sets = {
            "when": answers_time,
            "ahead": is_ahead,
            "span_before": is_before,
            "but": leaves_out,
            "content": _is_content,
            "what": may_name,
        }
        return Skill(
            "reminders",
            [
                Intent("reminders.set", self._set, True, sets, _is_order, _is_order, rings=True),
                Reminded(self._workshop, self._planner).intent,
                Intent(
                    "reminders.list",
                    self._list,
                    slots={"when": tells_time, "due": self._is_due, "itself": self._is_itself},
                    mine=_asks_for_them,
                    suits=self._is_no_appointment,
                ),
                Intent("reminders.cancel", self._cancel, acts=True, slots={"which": is_which}, mine=_asks_for_them),
                renaming.intent,
            ],
            reads=renaming.reads,
        )

    def _is_due(self, words: str, now: datetime) -> bool:
        """Whether all that is named is in a reminder: "put the recycling out"."""
        return bool(self._naming(words))

    def _is_itself(self, words: str, now: datetime) -> bool:
        """Whether it is named in a reminder of itself: "the recycling". Who is to call the dentist isn't there then."""
        about = pattern("en", FILE, "said.about")
        return any(not about.fullmatch(one.name) for one in self._naming(words))

    def _naming(self, words: str) -> list[Entry]:
        """The reminders in which all is that is named."""
        wanted = names(words)
        try:
            return [one for one in self._planner.waiting() if wanted <= names(one.name)] if wanted else []
        except StoreError:
            return []

    def _is_no_appointment(self, asked: Asked) -> bool:
        """What is in the calendar, too, is asked of that."""
        if not (due := asked.slots.get("due") or asked.slots.get("itself")):
            return True
        matches, now = taken_by(topic(due, asked.now)), asked.now
        return not any(one.at > now for one in self._workshop.work(lambda db: named(db, now, matches)))

    async def _set(self, asked: Asked) -> Said:
        first, answer = asked.slots.get("text", ""), asked.slots.get("when", "")
        text = beside(settled(first or asked.text, asked.now), asked.now)
        if first and not answer and (whole := _whole(text, asked)):
            return await self._set(replace(asked, text=whole, slots={}))
        if event := asked.slots.get("event", ""):
            return await self._set(replace(asked, text=f"{first} {event}", slots={}))
        if not first and (breath := before_that(text, asked.now)):
            if breath[0]:
                return await self._before_told(asked, *breath)
            return Said(says("reminders.before_what"), Question(asked.intent, "event", {"text": text}))
        if not first and (led := ahead_of(text, asked.now)):
            return await self._before(asked, led)
        if first and answer:
            answer = settled(answered(answer), asked.now)
            text = f"{text} {answer if times_in(answer, asked.now) else at(answer)}"
        if not first and (twice := once_more.apart(text, content, asked.now)):
            return await self._once_more(asked, twice)
        if not first and (each := _each(text, asked.now)):
            return await self._several(asked, each)
        found = appointed(text, self._planner.clocks(), "reminder", self._country)
        told = _bare(asked.slots.get("content", ""))
        what = content(told) or told or content(_to_do(text, found.used))
        if not what:
            return Said(says("reminders.what"), Question(asked.intent, "content", {"text": text}))
        if found.problem:
            known = found.problem in ("past", "often")
            said = says(f"reminders.{found.problem}" if known else "reminders.when")
            text = without(text, found.used) if known else text
            return Said(said, Question(asked.intent, "when", {"text": text, "content": what}))
        new = [replace(entry, name=turned(what)) for entry in found.entries]
        return await self._kept(asked, new, found.words)

    async def _kept(self, asked: Asked, new: Sequence[Entry], words: str = "") -> Said:
        """Keeps what is to be said at one time or more. `words`: those that told of a recurrence."""
        kept = await self._planner.add(asked, new)
        whens = [said_when(entry, self._planner.clocks(), words) for entry in kept]
        said = says("reminders.set", when=joined(whens), what=kept[0].name)
        return Said(said, done=self._planner.record(kept), undo=self._planner.unset(kept))

    async def _once_more(self, asked: Asked, twice: Sequence[Once]) -> Said:
        """Reminds of one thing at times that come one after the other."""
        new = list[Entry]()
        for told in twice:
            text = told.text
            found = appointed(text, self._planner.clocks(), "reminder", self._country)
            if found.problem:
                return await self._set(replace(asked, text=text))
            what = turned(content(_to_do(text, found.used)))
            each = [replace(entry, name=what) for entry in found.entries]
            new += [in_order(entry, new[-1], told, asked.now) for entry in each] if new else each
        return await self._kept(asked, new)

    async def _several(self, asked: Asked, texts: Sequence[str]) -> Said:
        """Things to remind of that have each its time, kept together or not at all."""
        clocks = self._planner.clocks()
        new, bad = list[Entry](), ""
        for text in texts:
            found = appointed(text, clocks, "reminder", self._country)
            new += [replace(entry, name=turned(content(_to_do(text, found.used)))) for entry in found.entries]
            bad = bad or (text if found.problem else "")
        if bad:
            return await self._set(replace(asked, text=bad))
        kept = await self._planner.add(asked, new)
        said = joined([says("reminders.one", what=entry.name, when=said_when(entry, clocks)) for entry in kept])
        return Said(says("reminders.all", list=said), done=self._planner.record(kept), undo=self._planner.unset(kept))

    async def _before(self, asked: Asked, led: Ahead) -> Said:
        """Reminds some time before an appointment, and follows it when it is moved."""
        matches, now = taken_by(topic(led.event, asked.now)), asked.now
        found = await self._workshop.stored(lambda db: named(db, now, matches))
        event = next((one for one in found if one.at > now), None)
        what = turned(led.what) or (event.title if event else turned(led.event))
        if not event:
            kept = {"text": says("reminders.to", what=what), "content": what}
            return Said(says("reminders.no_event", event=turned(led.event)), Question(asked.intent, "when", kept))
        wall = led.wall(event.at.replace(tzinfo=None))
        if wall <= now.replace(tzinfo=None):
            kept = {"text": says("reminders.to", what=what), "content": what}
            return Said(says("reminders.past"), Question(asked.intent, "when", kept))
        return await self._kept(asked, [Entry("reminder", what, wall=wall, first=wall, event=event.key)])

    async def _before_told(self, asked: Asked, told: str, length: timedelta) -> Said:
        """Reminds some time before what is told in the same breath: "a call at six, remind me an hour before"."""
        clocks = self._planner.clocks()
        found = appointed(told, clocks, "reminder", self._country)
        what = turned(without(told, found.used))
        new = [replace(one, name=what) for entry in found.entries if (one := earlier(entry, length))]
        late = any((one.at(clocks) or 0.0) <= clocks.now.timestamp() for one in new)
        if late or not new:
            kept = {"text": says("reminders.to", what=what), "content": what}
            return Said(says(f"reminders.{'past' if late else 'when'}"), Question(asked.intent, "when", kept))
        return await self._kept(asked, new)

    async def _list(self, asked: Asked) -> Said:
        reminders = self._planner.waiting()
        if not reminders:
            return Said(says("reminders.none"))
        text = settled(asked.text, asked.now)
        about = self._planner.named(turned(text), reminders)
        if times_in(text, asked.now):
            reminders = self._planner.within(text, asked.now, reminders)
        elif about or asked.slots.get("rest"):
            if not about:
                return Said(says("reminders.none_about", list=self._planner.listed(reminders)))
            reminders = about
        if not reminders:
            return Said(says("reminders.none_then"))
        clocks = self._planner.clocks()
        whens = [(one.name, said_when(one, clocks)) for one in reminders[:TOLD]]
        items = [says("reminders.item", what=name, when=capital(when)) for name, when in whens]
        if more := len(reminders) - TOLD:
            items += [says("schedule.more", count=more)] * (more > 0)
        key = "have" if len(reminders) == 1 else "have_several"
        text = " ".join([says(f"reminders.{key}", count=len(reminders)), *items])
        return Said(text, after=lambda: self._planner.spoken(asked, reminders))

    async def _cancel(self, asked: Asked) -> Said:
        return await cancel(self._planner, asked, "reminders")


def _each(text: str, now: datetime) -> list[str]:
    """Each of several things to remind of that have their own times, as a request of its own; none: it is one thing."""
    for joint in pattern("en", FILE, "said.another").finditer(text):
        one = text[: joint.start()]
        rest = table("en", FILE)["said"]["again"].format(rest=text[joint.end() :])
        if _is_whole(one, now) and _is_whole(rest, now):
            if day := day_kept(one, rest, now):
                rest = f"{rest} {day}"
            return [one, *(_each(rest, now) or [rest])]
    return []


def _whole(text: str, asked: Asked) -> str:
    """The request with what was told after it, where that tells the time, too, or a part of it; or that alone, where it
    is a request of its own; empty: it tells no time."""
    told, now = settled(_bare(asked.slots.get("content", "")), asked.now), asked.now
    before, times = times_in(text, now), times_in(told, now)
    what = content(told)
    if not times or (before and not (_add_up(before, times) or _add_up(times, before))):
        return told if times and what else ""
    words = " ".join(text[one.start : one.end].strip() for one in before)
    what = what or told
    return f"{says('reminders.to', what=what)} {words}".strip()


def _add_up(days: Sequence[Found], hours: Sequence[Found]) -> bool:
    """Whether some times tell only days, and others only hours."""
    return all(isinstance(one.meaning, Period) for one in days) and all(map(tells_no_day, hours))


def _is_whole(text: str, now: datetime) -> bool:
    found = times_in(text, now)
    return bool(found) and bool(content(without(text, found)))


def content(text: str) -> str:
    """What to remind of, in a request without its times; empty where it is not told."""
    for one in table("en", FILE)["said"]["content"]:
        if found := re.search(one, text, re.IGNORECASE):
            what = _bare(found["what"])
            return "" if not what or pattern("en", FILE, "said.nothing").fullmatch(what) else what
    return ""


def _bare(what: str) -> str:
    """Without what holds it together with the rest of a sentence."""
    what, before = what.strip(" ,.!?"), ""
    while what != before:
        before = what
        what = pattern("en", FILE, "said.tail").sub("", what).strip(" ,")
        what = pattern("en", FILE, "said.head").sub("", what).strip(" ,")
    return what


def _to_do(text: str, used: Sequence[Found]) -> str:
    """A request without its times, but with the meal that is to be had at one: "have lunch at one"."""
    left = list[Found]()
    for one in used:
        begin = len(text[one.start : one.end]) - len(text[one.start : one.end].lstrip())
        meal = pattern("en", FILE, "said.meal").match(text, one.start + begin)
        is_had = meal and pattern("en", FILE, "said.had").search(text[: one.start + begin])
        left.append(replace(one, start=meal.end()) if meal and is_had else one)
    return without(text, left)


def _is_order(asked: Asked) -> bool:
    """ "Remind me what we need" asks."""
    return not pattern("en", FILE, "said.question").search(asked.text)


def _asks_for_them(asked: Asked) -> bool:
    """ "Your reminder came too late" asks for nothing."""
    return not pattern("en", FILE, "said.of_one").match(plain(asked.text))


def _is_content(words: str, now: datetime) -> bool:
    """Anything but a question."""
    return not words.rstrip().endswith("?") and not opens(words.split()[0].lower())
