"""Timers: several at once, with a name or without, which can be lengthened, paused and cancelled."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from voiceos.errors import StoreError
from voiceos.language.data import pattern
from voiceos.language.sentences import capital, joined
from voiceos.language.sentences import skill_says as says
from voiceos.language.times import Duration
from voiceos.memory.recall.compared import shape_of
from voiceos.skills.schedule.all_but import kinds_told
from voiceos.skills.schedule.calling import Calling
from voiceos.skills.schedule.cancelling import cancel, is_all_but
from voiceos.skills.schedule.lengthening import lengthen, set_anew
from voiceos.skills.schedule.lengths import (
    FILE,
    amount_of,
    as_many,
    is_each,
    is_length,
    problem_with,
    seconds_of,
    tells_length,
    with_units,
)
from voiceos.skills.schedule.planner import MOST_WORDS, Planner
from voiceos.skills.schedule.said import said_length
from voiceos.skills.schedule.timer_names import names_of
from voiceos.skills.schedule.which import ALL
from voiceos.skills.schedule.words import (
    asks_no_more,
    calls,
    is_explained,
    is_moment,
    matches,
    may_name,
    settled,
    timer_length,
    times_in,
    turned,
    unread,
    without,
)
from voiceos.skills.skill import Asked, Intent, Question, Said, Skill, Workshop
from voiceos.store.schedule import Entry, due_after


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
        its = dict.fromkeys(("it", "them"), self._planner.when_any(None, *ALL))
        its |= {"place": self._planner.when_any(is_which, *ALL), "name": may_name, "all_but": is_all_but(self._planner)}
        more = {
            "more": self._is_more,
            "its_more": self._is_its_more,
            "extra": self._planner.when_any(is_length),
            "length": tells_length,
        }
        sets = {
            "length": tells_length,
            "in_length": is_moment,
            "what": may_name,
            "cooking": _is_aside,
            "rest": asks_no_more,
            "each": is_each,
        }
        return Skill(
            "timers",
            [
                Intent("timers.set", self._set, acts=True, slots=sets, rings=True),
                Intent(
                    "timers.left",
                    self._left,
                    slots={"named": self._is_named, "name": calls, "place": there, "first": there, "it": there},
                    mine=self._may_be_left,
                    suits=self._is_no_thing,
                ),
                Intent("timers.more", self._more, acts=True, slots=spoken | more, mine=self._is_mine),
                Intent("timers.pause", self._pause, acts=True, slots=spoken, mine=self._is_mine),
                Intent("timers.resume", self._resume, True, spoken, self._is_mine, self._may_go_on),
                Calling(self._planner, named).intent,
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

    def _may_be_left(self, asked: Asked) -> bool:
        """Whether there are any, or all that is asked is what is asked of timers: not how that of the boiler is set."""
        return bool(self._planner.waiting()) or is_explained(FILE, asked.text, asked.now)

    def _is_no_thing(self, asked: Asked) -> bool:
        """Whether it runs, or is not looked for as a thing in the kitchen is."""
        return bool(self._planner.waiting(*ALL)) or shape_of(asked.text) != "where"

    def _is_mine(self, asked: Asked) -> bool:
        named = pattern("en", FILE, "said.kind").search(asked.text) is not None
        return named or bool(self._planner.waiting())

    def _may_go_on(self, asked: Asked) -> bool:
        """ "Resume", and nothing else, is of a timer only where timers were spoken of, and one is paused."""
        if asked.slots or pattern("en", FILE, "said.kind").search(asked.text):
            return True
        paused = any(entry.remaining is not None for entry in self._planner.waiting())
        return paused and self._planner.before.is_of_ours(asked.turn.device)

    def _is_of_these(self, asked: Asked) -> bool:
        """Not "remove everything but the milk", of a list."""
        device, told = asked.turn.device, kinds_told(asked.text)
        return "all_but" not in asked.slots or bool(told) or self._planner.before.acted_on_ours(device) is not False

    def _is_named(self, words: str, now: datetime) -> bool:
        try:
            there = [one for one in self._planner.waiting(*ALL) if not one.event]  # "cancel the dentist"
            return len(words.split()) < MOST_WORDS and bool(self._planner.named(words, there))
        except StoreError:
            return False

    def _is_more(self, words: str, now: datetime) -> bool:
        """ "Five more minutes" is about a timer that runs, unless something rings."""
        more = pattern("en", FILE, "said.more").search(words) is not None
        return more and is_length(words, now) and bool(self._planner.waiting()) and not self._planner.rings()

    def _is_its_more(self, words: str, now: datetime) -> bool:
        """ "The pasta two more minutes"."""
        words = settled(words, now)
        found = times_in(words, now)
        return len(found) == 1 and self._planner.is_which(without(words, found), now)

    # Setting

    async def _set(self, asked: Asked) -> Said:
        first, answer = asked.slots.get("text", asked.text), asked.slots.get("length", "")
        text = settled(first, asked.now)
        if not answer and unread(asked.text, asked.now):
            kept = without(text, times_in(text, asked.now))
            return Said(says("timers.for_how_long"), Question(asked.intent, "length", {"text": kept}))
        if asked.slots.get("text"):
            text = f"{text} {with_units(timer_length(answer))}"
        text = with_units(text)
        found = times_in(text, asked.now)
        told = [one for one in found if seconds_of(one, asked.now) is not None]
        lengths = [seconds_of(one, asked.now) or 0.0 for one in told]
        each = as_many(text, lengths)
        if problem := problem_with(text, found, lengths) or ("" if each else "not_as_many"):
            kept = pattern("en", "skills/schedule", "said.negative").sub("", without(text, found))
            return Said(says(f"timers.{problem}"), Question(asked.intent, "length", {"text": kept}))
        clocks, called = self._planner.clocks(), names_of(text, told, first)
        named = zip(called if len(called) > 1 else called * len(each), each, strict=True)
        new = [due_after(Entry("timer", name, length=seconds), seconds, clocks) for name, seconds in named]
        before = {*called} & {entry.name for entry in self._planner.waiting()} - {""}
        kept = await self._planner.add(asked, new)
        counts = Counter(entry.name for entry in self._planner.waiting())
        others = [
            says("timers.another", count=counts[name], name=name) for name in dict.fromkeys(called) if name in before
        ]
        said = " ".join([self._said_set(kept), *others])
        about = says("timers.about")
        return Said(said, done=self._planner.record(kept), undo=self._planner.unset(kept), about=about)

    def _said_set(self, kept: Sequence[Entry]) -> str:
        lengths = [said_length(entry.length) for entry in kept]
        if len({entry.name for entry in kept}) > 1:
            return " ".join(self._said_set([entry]) for entry in kept)
        if len(kept) > 1:
            return says("timers.set_several", lengths=joined(lengths))
        if name := kept[0].name:
            return says("timers.set_named", name=capital(name), length=lengths[0])
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
        amount = amount_of(found, text, asked)
        rest = replace(asked, text=without(text, [amount] if amount else []), slots=_but_text(asked))
        chosen = self._several(rest, self._planner.waiting() if matches("all", rest.text) else ())
        if isinstance(chosen, Said):
            asks = chosen.question
            return replace(chosen, question=asks and replace(asks, slots={**asks.slots, "text": text}))
        if not amount:
            return Said(says("timers.how_much"), Question(asked.intent, "length", {"text": asked.text}))
        seconds = (seconds_of(amount, asked.now) or 0.0) * (-1 if matches("shorter", text) else 1)
        if pattern("en", FILE, "said.instead").search(text):
            return await set_anew(self._planner, asked, chosen, seconds)
        return await lengthen(self._planner, asked, chosen, [seconds] * len(chosen))

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
        return await cancel(self._planner, asked, "timers")

    def _several(self, asked: Asked, among: Sequence[Entry] = ()) -> list[Entry] | Said:
        return self._planner.chosen(asked, "timers", among)

    def _timers(self, asked: Asked, among: Sequence[Entry] = ()) -> list[Entry] | Said:
        """Those that are meant of timers alone: nothing else can be paused."""
        there = among or self._planner.waiting()
        return self._several(asked, there) if there else Said(says("timers.none"))


def _is_aside(words: str, now: datetime) -> bool:
    """ "I'm cooking an egg", in a sentence about a timer."""
    return words.endswith(",")


def _but_text(asked: Asked) -> dict[str, str]:
    return {name: words for name, words in asked.slots.items() if name != "text"}
