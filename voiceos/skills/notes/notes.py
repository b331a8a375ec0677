"""Keeps what it is told to remember, corrects it, finds it again, and says where it is from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from anyio import to_thread

from voiceos.core import Recalled, Turn
from voiceos.errors import StoreError
from voiceos.language.data import pattern
from voiceos.language.questions import asks, opens
from voiceos.language.sentences import say
from voiceos.language.sentences import skill_says as says
from voiceos.language.terms import words
from voiceos.language.times import find
from voiceos.memory.facts import lookup
from voiceos.memory.facts.contrast import stands_in
from voiceos.memory.facts.rules import instead
from voiceos.memory.facts.vocabulary import may_replace, shares_words
from voiceos.memory.memory import Memory
from voiceos.memory.quoting import is_unsure, origin, shortened, spoken_together, used
from voiceos.skills import why
from voiceos.skills.grammar import plain
from voiceos.skills.notes.forgetting import (
    DATA,
    MOST_SPOKEN,
    Forgetting,
    about,
    is_answer,
    named_for,
    said_things,
    turned,
)
from voiceos.skills.notes.forgetting_all import memory_of
from voiceos.skills.person.worded import tells
from voiceos.skills.skill import BY_SKILL, Asked, Intent, Pass, Question, Said, Skill, Workshop, never
from voiceos.skills.slots import whole_time
from voiceos.store.forgetting import Unwanted

LONGEST_READ_BACK = 120
"""Characters of a correction that are read back."""


def make(workshop: Workshop) -> Skill:
    notes = Notes(workshop)
    return Skill(
        "notes",
        [
            *Forgetting(workshop).intents,
            Intent(
                "notes.remember", notes.remember, True, {"words": _is_worth_keeping}, _tells, _keeps, dictated="words"
            ),
            Intent("notes.what_note", _what_note, mine=never),
            Intent("notes.task", notes.task, True, {"words": _is_a_task}, never, _keeps),
            Intent("notes.wrong", notes.correct, True, mine=notes.may_correct, suits=notes.corrects),
            Intent("notes.part", notes.correct, True, mine=never, suits=notes.corrects_part),
            Intent("notes.about", notes.look_up, slots={"topic": _is_a_thing}),
            Intent("notes.said", notes.look_up, slots={"topic": named_for}, mine=never),
            Intent("notes.talked", notes.look_up, mine=never),
            Intent("notes.more", notes.more, slots={"answer": is_answer}, mine=never),
            Intent("notes.why", notes.why),
        ],
    )


def _tells(asked: Asked) -> bool:
    """Whether there is something to keep in a sentence, and something that asks for it."""
    kept = about(asked)
    return _is_worth_keeping(kept, asked.now) and len(words(kept)) < len(words(plain(asked.text)))


def _is_worth_keeping(text: str, now: datetime) -> bool:
    said = words(text)
    return len(said) > 1 and not opens(said[0])


def _is_a_thing(text: str, now: datetime) -> bool:
    """Not a time, nor what is the assistant's: "anything on the 26th", "on your mind"."""
    yours = pattern("en", DATA, "said.yours").match(text)
    return named_for(text, now) and not yours and not whole_time(text, now)


def _is_a_task(text: str, now: datetime) -> bool:
    """Something to do, at no time: with a time it is a reminder."""
    return bool(words(text)) and not find(text, now, lean="future")


def _keeps(asked: Asked) -> bool:
    """A question remembers nothing, unless it asks for that: "could you remember …?" """
    return not pattern("en", DATA, "said.nothing_kept").search(asked.text.strip())


async def _what_note(asked: Asked) -> Said:
    return Said(says("notes.what_note"), Question("notes.remember", "words"))


def _told(turn: Turn) -> bool:
    """Whether a turn told something, rather than asked for it."""
    by_skill = turn.engines.get("mind", "").startswith(BY_SKILL) and not turn.noted
    return not (by_skill or asks(turn.words) or pattern("en", DATA, "said.requests").search(turn.words))


@dataclass(frozen=True, slots=True)
class Correction:
    words: str
    says_so: bool
    """ "That's wrong", and not only "no, it's …"."""


def correction_in(text: str) -> Correction | None:
    """What somebody says is right instead."""
    if found := pattern("en", DATA, "said.correction").fullmatch(text.strip()):
        return Correction(found["words"].strip(), True)
    found = pattern("en", DATA, "said.instead").fullmatch(text.strip())
    return Correction(found["words"].strip(), False) if found else None


def _clause(text: str, part: str) -> str:
    """The whole clause of a text that has these words: what is right needs its subject."""
    at = text.find(part) if part else -1
    begin = max((text.rfind(mark, 0, at) + 1 for mark in ",;:.!?"), default=0)
    return text[begin:].strip(" .!") if at >= 0 else part


class Notes:
    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    @property
    def _memory(self) -> Memory:
        return memory_of(self._workshop)

    # What is kept

    async def remember(self, asked: Asked) -> Said:
        to_do = pattern("en", DATA, "said.to_do").search(asked.slots.get("words", ""))
        return await self._keep(asked, "kept_task" if to_do else "kept")

    async def task(self, asked: Asked) -> Said:
        return await self._keep(asked, "kept_task")

    async def _keep(self, asked: Asked, reply: str) -> Said:
        asked.turn.noted, words = asked.text, asked.slots.get("words") or about(asked)
        await to_thread.run_sync(self._memory.remember, asked.turn, asked.now)

        async def undo() -> str:
            records = await to_thread.run_sync(self._memory.of_turn, asked.turn.id)
            await to_thread.run_sync(lambda: self._memory.forget(Unwanted(records, [asked.turn.id])))
            return says("notes.forgotten_words", words=words.rstrip(" .!")) if words else says("notes.forgotten")

        return Said(says(f"notes.{reply}"), done={"words": words}, undo=undo)

    def corrects(self, asked: Asked) -> bool:
        """Whether there is something to correct: "actually, it's …" is often only talk."""
        found, before = correction_in(asked.text), self._workshop.before.get(asked.turn.device)
        if found is None or not before or any(not act.startswith("notes.") for act in before.receipts):
            return False  # "make it nine", of an alarm
        if asks(found.words):
            return False  # "no, I meant what is on my calendar?"
        states = pattern("en", DATA, "said.tells").search(found.words)
        if found.says_so:
            return bool(not found.words or states or _told(before)) or self._stands_in(found.words, before)
        if before.reply.rstrip().endswith("?"):
            return False
        if states:
            return bool(used(before)) or not asks(before.words)
        return self._stands_in(found.words, before)

    def corrects_part(self, asked: Asked) -> bool:
        """Whether mere words stand for a part of what was just told: "no, level 4"."""
        found, before = correction_in(asked.text), self._workshop.before.get(asked.turn.device)
        if not found or not before or before.receipts or before.reply.rstrip().endswith("?"):
            return False
        told = [one.text for one in used(before)] or ([] if asks(before.words) else [before.words])
        return any(stands_in(found.words, text) for text in told)

    def may_correct(self, asked: Asked) -> bool:
        """The same for what only sounds like a correction: there must be words that it can be about."""
        before = self._workshop.before.get(asked.turn.device)
        if not before or any(not act.startswith("notes.") for act in before.receipts) or asks(asked.text):
            return False
        told = used(before)
        if not (right := about(asked)) or not (told or not asks(before.words)):
            return False
        alike = shares_words if is_unsure(before) else may_replace
        if any(alike(asked.text, one.text) for one in told or self._told_in(before)):
            return True
        return not is_unsure(before) and self._stands_in(_clause(asked.text, right), before)

    def _stands_in(self, words: str, turn: Turn) -> bool:
        """Whether mere words can be the new value of something that was just told: "sorry, Mr Pimm"."""
        if not self._workshop.memory:
            return False
        ids = {memory.record_id for memory in used(turn)} or self._memory.of_turn(turn.id)
        facts = self._workshop.work(lambda db: lookup.of_records(db, sorted(ids)))
        told = used(turn) or self._told_in(turn)
        return any(instead(words, words, fact) for fact in facts) or any(stands_in(words, one.text) for one in told)

    async def correct(self, asked: Asked) -> Said:
        before, found = self._workshop.before.get(asked.turn.device), correction_in(asked.text)
        right = found.words if found else _clause(asked.text, about(asked))
        if not before or not right:
            return Said(says("notes.what_is_right"))
        wrong = used(before)
        changed = await to_thread.run_sync(lambda: self._correct(asked, right, wrong or self._told_in(before), before))
        reply = says(
            "notes.corrected" if changed else "notes.kept_correction", words=shortened(right, LONGEST_READ_BACK)
        )
        return Said(reply, done={"words": right})

    def _correct(self, asked: Asked, right: str, wrong: Sequence[Recalled], before: Turn) -> bool:
        return self._memory.correct(asked.turn, right, wrong, before.words, asked.now, sure=not is_unsure(before))

    def _told_in(self, turn: Turn) -> list[Recalled]:
        """What was said in a turn, as memories."""
        return [Recalled(f"record:{id}", turn.words, id) for id in self._memory.of_turn(turn.id)]

    # What is looked up

    async def look_up(self, asked: Asked) -> Said:
        what = asked.intent.removeprefix("notes.")
        topic = asked.slots.get("time" if what == "talked" else "topic", "")
        if what == "about" and not asked.slots:
            topic = about(asked)
            if not topic and not asked.template:
                raise Pass  # "what did I read?" names nothing of which all could be told
        return await self._look_up(asked, what, topic, 0)

    async def more(self, asked: Asked) -> Said:
        """The rest of what was looked up, if that is wanted."""
        if pattern("en", DATA, "said.no").search(asked.slots["answer"]):
            return Said(says("notes.all_right"))
        return await self._look_up(asked, asked.slots["look"], asked.slots["topic"], int(asked.slots["from"]))

    async def _look_up(self, asked: Asked, what: str, topic: str, first: int) -> Said:
        memory = self._memory
        look = {"about": memory.about, "said": memory.said, "talked": memory.talked}[what]
        try:
            found = await to_thread.run_sync(look, topic, asked.now)
        except StoreError as error:
            raise StoreError(str(error), spoken=says("notes.cannot_recall")) from error
        kept = [one for one in found if not one.left_out]
        parts = [replace(one, text=memory.part_about(topic, one)) for one in kept] if topic else kept
        told = [one for one in parts if one.text and (tells(one) or what == "talked")]
        asked.turn.recalled = told[first:]
        held = await to_thread.run_sync(memory.things, topic, asked.now) if what == "about" and not first else None
        if what == "said" and not told and not first:
            return await self._look_up(asked, "about", topic, 0)
        things = said_things(held, self._workshop.clocks()) if held else ""
        if things and not told:
            return Said(says("notes.only_things", things=things))
        if not told[first:]:
            if what == "talked":
                return Said(says("notes.nothing_from" if topic else "notes.no_conversation", time=topic))
            if pattern("en", DATA, "said.all_of").search(asked.text):
                raise Pass  # the language model knows about black holes
            return Said(says("notes.nothing_found", topic=turned(topic)))
        now, then = told[first : first + MOST_SPOKEN], first + MOST_SPOKEN
        text = " ".join(
            [
                spoken_together(now, asked.now),
                *([says("notes.things_too", things=things)] if things else []),
            ]
        )
        if len(told) <= then:
            return Said(text)
        rest = Question("notes.more", "answer", {"look": what, "topic": topic, "from": str(then)})
        return Said(f"{text} {says('notes.more', count=len(told) - then)}", rest)

    async def why(self, asked: Asked) -> Said:
        """Where the last answer was from."""
        before = self._workshop.before.get(asked.turn.device)
        if not before:
            return Said(says("notes.said_nothing"))
        reasons = why.bearing(used(before), lambda memory: memory.text, before.reply, before.words)
        if not reasons:
            by_skill = before.engines.get("mind", "").startswith(BY_SKILL)
            known = by_skill or before.receipts
            if done := await self._workshop.stored(lambda db: why.reasons(db, before.id)) if known else []:
                read = [one.text for one in done if one.kind == "read"]
                return Said(" ".join(read) or why.aloud(done))
            return Said(says("why.skill" if by_skill else "notes.not_told"))
        asked.turn.recalled = reasons
        sources = [*dict.fromkeys(origin(memory, asked.now) for memory in reasons)][:MOST_SPOKEN]
        return Said(
            says("notes.origin", sources=say("quoted.and").join(sources), words=shortened(reasons[0].text, 160))
        )
