"""Timers: several at once, with a name or without, which can be lengthened, paused and cancelled."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from voiceos.errors import StoreError
from voiceos.language.data import pattern, table
from voiceos.language.numerals import digits
from voiceos.language.sentences import skill_says as says
from voiceos.language.times import Duration, Found, Moment
from voiceos.skills.schedule.all_but import kinds_told
from voiceos.skills.schedule.planner import ALL, MOST_WORDS, Planner
from voiceos.skills.schedule.words import (
    asks_no_more,
    is_name,
    joined,
    matches,
    may_name,
    said_length,
    settled,
    timer_length,
    times_in,
    turned,
    without,
)
from voiceos.skills.skill import Asked, Intent, Question, Said, Skill, Workshop
from voiceos.store.schedule import Entry, due_after

FILE = "skills/timers"
LONGEST = 7 * 86_400.0
"""Seconds; whoever wants more wants a reminder."""


def make(workshop: Workshop) -> Skill:
    return Timers(workshop).skill


class Timers:
    def __init__(self, workshop: Workshop) -> None:
        self._planner = Planner(workshop, "timer")

    @property
    def skill(self) -> Skill:
        there, is_which = self._planner.when_any(), self._planner.is_which
        named, place = self._is_named, self._planner.when_any(is_which)
        spoken = {"which": is_which, "it": there, "them": there, "named": named, "place": place}
        its = {"place": self._planner.when_any(is_which, *ALL)}
        its["name"] = may_name
        its |= dict.fromkeys(("it", "them"), self._planner.when_any(None, *ALL)) | {"all_but": self._planner.is_all_but}
        more = {
            "more": self._is_more,
            "its_more": self._is_its_more,
            "extra": self._planner.when_any(_is_length),
            "length": _tells_length,
        }
        sets = {
            "length": _tells_length,
            "in_length": _is_after,
            "what": may_name,
            "cooking": _is_aside,
            "rest": asks_no_more,
            "each": _is_each,
        }
        return Skill(
            "timers",
            [
                Intent("timers.set", self._set, acts=True, slots=sets, rings=True),
                Intent(
                    "timers.left",
                    self._left,
                    slots={"named": self._is_named, "place": there, "first": there, "it": there},
                ),
                Intent("timers.more", self._more, acts=True, slots=spoken | more, mine=self._is_mine),
                Intent("timers.pause", self._pause, acts=True, slots=spoken, mine=self._is_mine),
                Intent("timers.resume", self._resume, acts=True, slots=spoken, mine=self._is_mine),
                Intent(
                    "timers.cancel",
                    self._cancel,
                    True,
                    spoken | its,
                    self._is_mine,
                    self._is_of_these,
                    ends_ringing=True,
                ),
            ],
        )

    def _is_mine(self, asked: Asked) -> bool:
        named = pattern("en", FILE, "said.kind").search(asked.text) is not None
        return named or bool(self._planner.waiting())

    def _is_of_these(self, asked: Asked) -> bool:
        """Not "remove everything but the milk", of a list."""
        device, told = asked.turn.device, kinds_told(asked.text)
        return "all_but" not in asked.slots or bool(told) or self._planner.acted_last(device) is not False

    def _is_named(self, words: str, now: datetime) -> bool:
        try:
            there = [one for one in self._planner.waiting(*ALL) if not one.event]  # "cancel the dentist"
            return len(words.split()) < MOST_WORDS and bool(self._planner.named(words, there))
        except StoreError:
            return False

    def _is_more(self, words: str, now: datetime) -> bool:
        """ "Five more minutes" is about a timer that runs, unless something rings."""
        more = pattern("en", FILE, "said.more").search(words) is not None
        return more and _is_length(words, now) and bool(self._planner.waiting()) and not self._planner.rings()

    def _is_its_more(self, words: str, now: datetime) -> bool:
        """ "The pasta two more minutes"."""
        words = settled(words, now)
        found = times_in(words, now)
        return len(found) == 1 and self._planner.is_which(without(words, found), now)

    # Setting

    async def _set(self, asked: Asked) -> Said:
        first, answer = asked.slots.get("text", asked.text), asked.slots.get("length", "")
        text = settled(first, asked.now)
        if asked.slots.get("text"):
            text = f"{text} {timer_length(answer)}"
        text = _with_units(text)
        found = times_in(text, asked.now)
        lengths = [seconds for one in found if (seconds := _seconds(one, asked.now)) is not None]
        if problem := _problem(text, found, lengths):
            kept = pattern("en", "skills/schedule", "said.negative").sub("", without(text, found))
            return Said(says(f"timers.{problem}"), Question(asked.intent, "length", {"text": kept}))
        clocks, name = self._planner.clocks(), _name(without(text, found))
        new = [due_after(Entry("timer", name, length=seconds), seconds, clocks) for seconds in lengths]
        before = sum(entry.name == name for entry in self._planner.waiting()) if name else 0
        kept = await self._planner.add(asked, new)
        said = " ".join(
            [self._said_set(kept), *([says("timers.another", count=before + len(kept), name=name)] * (before > 0))]
        )
        about = says("timers.about")
        return Said(said, done=self._planner.record(kept), undo=self._planner.unset(kept), about=about)

    def _said_set(self, kept: Sequence[Entry]) -> str:
        lengths = [said_length(entry.length) for entry in kept]
        if len(kept) > 1:
            return says("timers.set_several", lengths=says("schedule.and").join(lengths))
        if name := kept[0].name:
            return says("timers.set_named", name=name[:1].upper() + name[1:], length=lengths[0])
        return says("timers.set", length=lengths[0])

    # What is left

    async def _left(self, asked: Asked) -> Said:
        timers = self._planner.waiting()
        if not timers:
            return Said(says("timers.done" if self._planner.rings() else "timers.none"))
        if self._planner.is_unknown(asked, timers):
            return Said(says("timers.unknown", name=asked.slots["name"], list=self._planner.listed(timers)))
        narrowed = {"name", "named", "place"} & asked.slots.keys()
        if "first" in asked.slots:
            meant = timers[:1]
            return Said(self._told(meant[0]), after=lambda: self._planner.spoken(asked, meant))
        meant = self._planner.meant(asked, timers) if narrowed or len(timers) == 1 else timers
        told = [self._told(entry) for entry in meant]
        text = " ".join([says("timers.how_many", count=len(meant))] * (len(meant) > 1) + told)
        return Said(text, after=lambda: self._planner.spoken(asked, meant))

    def _told(self, entry: Entry) -> str:
        key = ("left" if entry.remaining is None else "paused") + ("_named" if entry.name else "")
        called = entry.name or said_length(entry.length)
        then = says("timers.then", steps=joined([*map(turned, entry.afterwards)])) if entry.afterwards else ""
        return says(f"timers.{key}", title=called, length=said_length(self._planner.left(entry))) + then

    # Changing

    async def _more(self, asked: Asked) -> Said:
        first = asked.slots.get("text", "")
        text = settled(f"{first} {asked.text}".strip(), asked.now)
        found = [one for one in times_in(text, asked.now) if isinstance(one.meaning, Duration)]
        amount = _amount(found, text, asked)
        rest = replace(asked, text=without(text, [amount] if amount else []), slots=_but_text(asked))
        chosen = self._several(rest)
        if isinstance(chosen, Said):
            asks = chosen.question
            return replace(chosen, question=asks and replace(asks, slots={**asks.slots, "text": text}))
        if not amount:
            return Said(says("timers.how_much"), Question(asked.intent, "length", {"text": asked.text}))
        meant, seconds = chosen[0], _seconds(amount, asked.now) or 0.0
        seconds = -seconds if matches("shorter", text) else seconds
        if pattern("en", FILE, "said.instead").search(text):
            seconds -= self._planner.left(meant)
        return await self._planner.lengthen(asked, meant, seconds)

    async def _pause(self, asked: Asked) -> Said:
        meant = self._timers(asked)
        if isinstance(meant, Said):
            return meant
        if running := [entry for entry in meant if entry.remaining is None]:
            paused = await self._planner.change(running, self._paused)
            return self._changed(asked, paused, running, "now_paused", "several_paused")
        return Said(says("timers.not_running", length=said_length(self._planner.left(meant[0]))))

    def _paused(self, entry: Entry) -> Entry:
        if entry.due is None:
            return entry
        return replace(entry, due=None, remaining=self._planner.left(entry))

    async def _resume(self, asked: Asked) -> Said:
        paused = [entry for entry in self._planner.waiting() if entry.remaining is not None]
        meant = self._timers(asked, paused)
        if isinstance(meant, Said):
            return meant
        if still := [entry for entry in meant if entry.remaining is not None]:
            going = await self._planner.change(still, self._going)
            return self._changed(asked, going, still, "going", "several_going")
        return Said(says("timers.is_running", length=said_length(self._planner.left(meant[0]))))

    def _going(self, entry: Entry) -> Entry:
        return entry if entry.remaining is None else due_after(entry, entry.remaining, self._planner.clocks())

    def _changed(self, asked: Asked, after: Sequence[Entry], before: Sequence[Entry], one: str, several: str) -> Said:
        self._planner.spoken(asked, after)
        left = said_length(self._planner.left(after[0])) if after else ""
        key = one if len(after) == 1 else several
        said = says(f"timers.{key}", length=left, list=self._planner.listed(after or before))
        return Said(said, done=self._planner.record(after), undo=self._planner.as_before(before))

    async def _cancel(self, asked: Asked) -> Said:
        return await self._planner.cancel(asked, "timers")

    def _several(self, asked: Asked, among: Sequence[Entry] = ()) -> list[Entry] | Said:
        return self._planner.chosen(asked, "timers", among)

    def _timers(self, asked: Asked, among: Sequence[Entry] = ()) -> list[Entry] | Said:
        """Those that are meant of timers alone: nothing else can be paused."""
        there = among or self._planner.waiting()
        return self._several(asked, there) if there else Said(says("timers.none"))


def _tells_length(words: str, now: datetime) -> bool:
    """Whether some words are a length of time, or times, with a correction at most."""
    text = settled(words, now)
    found = times_in(text, now)
    if not found:
        return re.fullmatch(r"\d{1,3}", digits(text).strip(" .,!?")) is not None and text.strip() == words.strip(
            " .,!?"
        )
    left = pattern("en", FILE, "said.nameless").sub("", without(text, found))
    return all(_seconds(one, now) is not None for one in found) and not left.strip(" ,-.")


def _is_length(words: str, now: datetime) -> bool:
    words = settled(words, now)
    found = times_in(words, now)
    return len(found) == 1 and isinstance(found[0].meaning, Duration) and not without(words, found)


def _amount(found: Sequence[Found], text: str, asked: Asked) -> Found | None:
    """Which of the lengths is how much more or less: "add two minutes to the ten minute timer"."""
    words = [asked.slots[name] for name in ("length", "more", "extra", "its_more") if name in asked.slots]
    told = [one for one in found if any(text[one.start : one.end] in settled(word, asked.now) for word in words)]
    return next(iter([*told, *found]), None)


def _but_text(asked: Asked) -> dict[str, str]:
    return {name: words for name, words in asked.slots.items() if name != "text"}


def _is_aside(words: str, now: datetime) -> bool:
    """ "I'm cooking an egg", in a sentence about a timer."""
    return words.endswith(",")


def _is_after(words: str, now: datetime) -> bool:
    """ "In ten minutes"."""
    found = times_in(words, now)
    return len(found) == 1 and isinstance(found[0].meaning, Moment) and not without(words, found)


def _with_units(text: str) -> str:
    """Of several lengths, each with its unit, though it was said only once."""
    plain = digits(text)
    units = list(pattern("en", FILE, "said.unit").finditer(plain))

    def with_unit(number: re.Match[str]) -> str:
        near = min(units, key=lambda one: (one.start() < number.start(), abs(one.start() - number.start())))
        return f"{number[0]} {near['unit']}s"

    return pattern("en", FILE, "said.unitless").sub(with_unit, plain) if units else text


def _is_each(words: str, now: datetime) -> bool:
    """ "One for five minutes and one for ten"."""
    return pattern("en", FILE, "said.each").fullmatch(words) is not None and bool(times_in(words, now))


def _seconds(found: Found, now: datetime) -> float | None:
    """How long a timer is that a time tells."""
    if isinstance(found.meaning, Duration):
        return found.meaning.length.total_seconds()
    if isinstance(found.meaning, Moment) and found.meaning.at > now:
        return round(found.meaning.at.timestamp() - now.timestamp())
    return None


def _problem(text: str, found: Sequence[Found], lengths: Sequence[float]) -> str:
    """What is wrong with the lengths that were told."""
    if any(matches("negative", text[: one.start]) for one in found) or any(seconds < 0 for seconds in lengths):
        return "negative"
    if any(seconds < 1 for seconds in lengths) or (not lengths and matches("zero", text)):
        return "zero"
    if any(seconds > LONGEST for seconds in lengths) or (not lengths and matches("huge", text)):
        return "too_long"
    if not lengths:
        return "half" if matches("half", text) else "for_how_long"
    return ""


def _name(text: str) -> str:
    """What a timer is called, in a request without its times."""
    data = table("en", FILE)["said"]
    for one in data["names"]:
        if found := re.search(one, text, re.IGNORECASE):
            name = " ".join(pattern("en", FILE, "said.nameless").sub("", found["name"]).split())
            name = pattern("en", FILE, "said.joint").sub("", name).strip(" '-")
            if name and is_name(name):
                return name
    return ""
