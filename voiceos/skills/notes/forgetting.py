"""Forgets: says what would be erased, in its own words, and erases exactly that after a yes; everything, after more."""

import re
from dataclasses import dataclass
from datetime import datetime

from anyio import to_thread

from voiceos.clock import Clocks
from voiceos.core import Recalled, Turn
from voiceos.language.data import pattern, table, words_in
from voiceos.language.items import said_item
from voiceos.language.questions import asks, content
from voiceos.language.sentences import joined
from voiceos.language.sentences import skill_says as says
from voiceos.language.terms import words
from voiceos.memory.memory import Memory
from voiceos.memory.quoting import LONGEST_SPOKEN, shortened, spoken, used
from voiceos.memory.recall.erasure import Erasure
from voiceos.memory.recall.memories import of_kind
from voiceos.memory.recall.things import Things
from voiceos.skills.by_device import ByDevice
from voiceos.skills.grammar import plain
from voiceos.skills.lists.words import Named, called
from voiceos.skills.notes.forgetting_all import ForgettingAll, forgotten, memory_of
from voiceos.skills.notes.topic import topic_of
from voiceos.skills.person.told import answers_to
from voiceos.skills.schedule.said import title
from voiceos.skills.skill import Asked, Intent, Pass, Question, Said, Workshop, never
from voiceos.store.passages import sentences
from voiceos.tools.permission import permitted

DATA = "skills/notes"
MOST_SPOKEN = 3
"""Memories spoken at once; more would be too much to listen to."""


def is_answer(text: str, now: datetime) -> bool:
    """To "Should I?" and "Shall I go on?" """
    return any(pattern("en", DATA, f"said.{key}").search(text) for key in ("yes", "no", "more"))


def named_for(text: str, now: datetime) -> bool:
    """Whether a topic names something. "It" does not."""
    said, empty = words(text), words_in("en", "questions", "empty")
    if " ".join(said) in table("en", DATA)["lists"]["me"]:
        return True
    nothing = " ".join(said) in table("en", DATA)["said"]["nothing"]
    return not nothing and any(word.partition("'")[0] not in empty for word in said)


def about(asked: Asked) -> str:
    """What a request is about that no template has."""
    return topic_of(plain(asked.text), asked.intent)


def bare(topic: str) -> str:
    """A topic without words for anything at all: "the deer thing" is about the deer."""
    return " ".join(pattern("en", DATA, "said.husks").sub(" ", topic).split())


def turned(topic: str) -> str:
    """A topic as the other side calls it: "my key" is "your key"."""
    other = table("en", DATA)["turned"]
    return re.sub(r"[\w']+", lambda found: other.get(found[0].lower(), found[0]), topic)


def _is_other(text: str, now: datetime) -> bool:
    """Whether a topic is something else than the owner, whose life is everything."""
    return named_for(text, now) and " ".join(words(text)) not in table("en", DATA)["lists"]["me"]


def _is_remembered(text: str, now: datetime) -> bool:
    """Whether words can only mean something that is remembered: "the gate code", not "the milk"."""
    return pattern("en", DATA, "said.remembered").search(text) is not None


@dataclass(slots=True)
class Plan:
    """What was announced."""

    erasure: Erasure
    told: int = 0
    """How many of its memories were read out."""


class Forgetting:
    """The words of such turns are not kept, because they name what should be forgotten."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._all = ForgettingAll(workshop)
        self._plans = ByDevice[Plan]()
        """What waits for a yes, by the device on which it was asked for."""
        workshop.when_forgotten.append(self._plans.clear)
        of_words = self._is_about_words
        self.intents = [
            Intent("notes.forget_that", self._forget_that, True, {}, of_words, of_words, for_good=True),
            Intent("notes.forget", self._forget, True, {"topic": _is_other, "secret": _is_remembered}, for_good=True),
            Intent("notes.erase", self._erase, True, {"answer": is_answer}, never, for_good=True),
            *self._all.intents,
        ]

    @property
    def _memory(self) -> Memory:
        return memory_of(self._workshop)

    def _is_about_words(self, asked: Asked) -> bool:
        """Not about something else that was done: "delete that" after an alarm was set."""
        before = self._workshop.before.get(asked.turn.device)
        return not before or all(act.startswith("notes.") for act in before.receipts)

    async def _forget_that(self, asked: Asked) -> Said:
        """What was just said; after a question, what answered it."""
        asked.turn.off_record = True
        before = self._workshop.before.get(asked.turn.device)
        if not before or before.off_record:
            return Said(says("notes.nothing_yet"))
        told = _told_in(before)
        if told and asks(before.words):
            erasure = await to_thread.run_sync(self._memory.erasure_of, told)
            if erasure.told:
                return self._confirm(asked, erasure, "confirm_that")
        records = await to_thread.run_sync(self._memory.of_turn, before.id)
        return await forgotten(self._workshop, Erasure(records=records, turns=[before.id]), "forgotten")

    async def _forget(self, asked: Asked) -> Said:
        asked.turn.off_record = True
        topic = asked.slots.get("topic") or asked.slots.get("secret") or about(asked)
        if not named_for(topic, asked.now):
            raise Pass
        if not _is_other(topic, asked.now):
            return await self._all.announced(asked)
        for said in filter(None, dict.fromkeys([topic, about(asked), bare(about(asked))])):
            erasure = await to_thread.run_sync(self._memory.erasure, said, asked.now)
            if erasure.told or erasure.sources or erasure.records or erasure.replies or erasure.things.count:
                return self._confirm(asked, erasure, "confirm_from" if erasure.of_time else "confirm_about", said)
            if erasure.of_time:
                return Said(says("notes.nothing_then"))
        if facts := await self._workshop.stored(lambda db: of_kind(db, topic)):
            erasure = await to_thread.run_sync(self._memory.erasure_of, facts)
            return self._confirm(asked, erasure, "confirm_about", topic)
        _, near = await to_thread.run_sync(answers_to, self._workshop, self._memory, topic, asked.now)
        erasure = await to_thread.run_sync(self._memory.erasure_of, near[:1])
        if erasure.told:
            return self._confirm(asked, erasure, "nearest")
        return Said(says("notes.nothing_about", topic=turned(topic)))

    def _confirm(self, asked: Asked, erasure: Erasure, key: str, topic: str = "") -> Said:
        """Announces what would be erased."""
        plan = self._plans[asked.turn.device] = Plan(erasure)
        question = Question("notes.erase", "answer")
        count = len(erasure.told) + len(erasure.sources)
        is_clause = topic and pattern("en", DATA, "said.that").search(asked.text.partition(topic)[0])
        topic = says("notes.clause", clause=turned(topic)) if is_clause else turned(topic)
        if not count and erasure.things.count:
            things = said_things(erasure.things, self._workshop.clocks())
            return Said(says("notes.confirm_things", things=things), question)
        if not count and erasure.questions:
            return Said(says("notes.confirm_asked", count=erasure.questions, topic=topic), question)
        if not count:
            return Said(says("notes.confirm_answers", topic=topic), question)
        told = self._read(plan, asked.now)
        rest = len(erasure.told) - plan.told
        if key in ("confirm_about", "confirm_from"):
            ask = says("notes.say_yes", count=count) if rest else says("notes.should_i")
            more = says("notes.yet", count=rest) if rest else ""
            told = " ".join(part for part in (told, more, *self._beside(erasure), ask) if part)
        return Said(says(f"notes.{key}", count=count, topic=topic, told=told), question)

    def _read(self, plan: Plan, now: datetime) -> str:
        """The next of what would be erased."""
        some = plan.erasure.told[plan.told : plan.told + MOST_SPOKEN]
        plan.told += len(some)
        return " ".join(_in_full(memory, plan.erasure, now) for memory in some)

    def _beside(self, erasure: Erasure) -> list[str]:
        """What else would go, and what would stay."""
        names = [says("notes.file_name", name=uri.rsplit("/", 1)[-1]) for uri in erasure.sources]
        asked = [says("notes.questions", count=erasure.questions)] if erasure.questions else []
        said = [says("notes.answered")] if erasure.replies else []
        file = [says("notes.file_stays")] if any(memory.source for memory in erasure.told) else []
        things = said_things(erasure.things, self._workshop.clocks())
        kept = [says("notes.things", things=things)] if things else []
        rest = " ".join(erasure.rests.values())
        stays = [says("notes.rest_stays", rest=rest)] if rest else []
        return [*names, *kept, *asked, *said, *file, *stays]

    async def _erase(self, asked: Asked) -> Said:
        plan, answer = self._plans.get(asked.turn.device), asked.slots["answer"]
        asked.turn.off_record = True
        if plan is None:
            return Said(says("notes.nothing_left"))
        if pattern("en", DATA, "said.no").search(answer):
            del self._plans[asked.turn.device]
            return Said(says("notes.kept_after_all"))
        if pattern("en", DATA, "said.yes").search(answer):
            del self._plans[asked.turn.device]
            return await forgotten(self._workshop, plan.erasure, "erased", "nothing_left")
        told = self._read(plan, asked.now)
        count, rest = len(plan.erasure.told), len(plan.erasure.told) - plan.told
        if rest > 0:
            yet, ask = says("notes.yet", count=rest), says("notes.say_yes", count=count)
            return Said(f"{told} {yet} {ask}", Question("notes.erase", "answer"))
        return Said(says("notes.rest_then_yes", told=told, count=count), Question("notes.erase", "answer"))


def _told_in(turn: Turn) -> list[Recalled]:
    """The memories that a reply told: those that it quotes, or else the one that it shares most with."""
    memories = used(turn)
    quoted = [memory for memory in memories if memory.text.strip(" .") in turn.reply]
    if quoted or not memories:
        return quoted
    reply = set(content(turn.reply))
    return [max(memories, key=lambda memory: len(reply.intersection(content(memory.text))))]


def _in_full(memory: Recalled, erasure: Erasure, now: datetime) -> str:
    """A memory that would be erased, in its own words."""
    quoted = shortened(memory.text, LONGEST_SPOKEN)
    text = says("notes.in_source", source=memory.source, words=quoted) if memory.source else spoken(memory, now)
    if len(memory.text) > LONGEST_SPOKEN:
        text = says("notes.long", words=text, count=len(memory.text.split()))
    if memory.source and memory.record_id in erasure.records and len(sentences(memory.text)) > 1:
        text = says("notes.whole", told=text)
    return text


def said_things(things: Things, clocks: Clocks) -> str:
    """What is on lists, due, done under a name and allowed for good, in words; empty where there is nothing."""
    lists = [
        says("notes.whole_list", list=called(Named(one.key, one.name)), count=one.count + one.ticked)
        for one in things.lists
    ]
    items = [
        says("notes.on_list", item=said_item(entry.item), list=called(Named(one.key, one.name)))
        for one, entry in things.items
    ]
    whole = [one.name for one in things.routines]
    timers_first = sorted(things.due, key=lambda one: one.kind == "reminder")
    named = [one for one in timers_first if one.kind != "routine" or one.name not in whole]
    due = [says("notes.due", title=title(one, clocks)) for one in named]
    routines = [says("notes.routine", name=name) for name in whole]
    prompts = [says("notes.prompt", name=one.name) for one in things.prompts]
    allowed = [says("notes.allowed", tool=permitted(one.tool, one.doubtful)) for one in things.permissions]
    return joined([*lists, *items, *due, *routines, *prompts, *allowed])
