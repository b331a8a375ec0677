"""The memories for a question: all that was found is read line by line, and the lines that answer are chosen."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from voiceos.core import Recalled
from voiceos.language.sentences import say
from voiceos.memory.facts.apart import Apart
from voiceos.memory.recall import outdated
from voiceos.memory.recall.ages import asks_age, born
from voiceos.memory.recall.choice import ANY, FEW, FULL, PRIVATE_LIKELY, SMALL_ROOM, choose, listed, of_each
from voiceos.memory.recall.closer import READ, own_lines
from voiceos.memory.recall.lines import Line, lines
from voiceos.memory.recall.memories import of_calendar, of_facts, of_passages
from voiceos.memory.recall.pairs import pairs
from voiceos.memory.recall.personal import Floats, Found, is_of_known, is_of_life, may_be_of_life, seems_of_life
from voiceos.memory.recall.reading import COMES_NEAR, SURE, Compared, Odds, Reading, is_doubted, meaning_of, read
from voiceos.memory.recall.recall import Findings, Recall
from voiceos.memory.recall.wanted import wants_several
from voiceos.store.database import Connection
from voiceos.store.records import Kind

CANDIDATES = 12
"""Passages of a question that are chosen from."""
MOST_LINES = 4
"""Lines, the likeliest, that a model answers from where none surely answers."""
LIKELY = 0.2
"""How likely a line is to answer a question of the owner's life that a model gets whatever its words; or from which an
age is worked out, where it tells when somebody was born."""
DOUBTFUL = 0.3
"""How likely a model may take a line to be at most that the cross-encoder doubts."""
SURELY_MEANT = 0.45
"""How likely a line must be to answer for a question to be about the owner's life that does not say so."""


class Recollection(NamedTuple):
    """The memories for a question."""

    memories: list[Recalled]
    """Best first, each with the reason why it is left out of the prompt, if it is."""
    answerable: float
    """How likely it is, 0 to 1, that the best of them answers the question."""
    of_life: bool
    """Whether it is about the owner's life, so that a model without the memory can only guess."""
    sure: bool = False
    """Whether the best of them surely answers, so that it may be said as it is."""
    near: Sequence[Recalled] = ()
    """A few lines that may answer, where none surely does and the question may be about the owner's life."""
    around: Mapping[str, str] = {}
    """Of each of them, by its text: all that it is part of, who said it, and what was said before it."""


class Evidence(NamedTuple):
    """What there is for a question, before anything is chosen."""

    findings: Findings
    memories: list[Recalled]
    compared: Compared
    """Their lines."""
    alike: Mapping[str, float]
    """Of each line, and of what was said before it: how much it means what the question means; empty: unknown."""
    odds: Odds
    """Of the likeliest lines the log odds that they answer, as the cross-encoder reads them; empty: unknown."""
    meaning: Floats | None = None
    """The sentence encoder's vector of the question, if there is one."""

    @property
    def lines(self) -> Sequence[Line]:
        return self.compared.lines


def gathered(
    db: Connection,
    recall: Recall,
    text: str,
    now: datetime,
    *,
    owner: Collection[str],
    earlier: Sequence[str],
    closely: bool = False,
) -> Evidence:
    """Passages, facts and appointments that come near. `earlier`: what was asked before.

    `closely`: there is time to read more of them, for a model that is to word an answer.
    """
    most = READ if closely else CANDIDATES
    findings = recall(db, text, now, owner=owner, limit=most)
    if not findings.question.topic and earlier:
        findings = recall(db, f"{earlier[-1]} {text}", now, owner=owner, limit=most)
    question = findings.question
    known = of_facts(db, question, now) + of_calendar(db, question, now)
    memories = outdated.marked(db, [*known, *of_passages(db, findings.found)], question)
    compared = Compared.of(question, lines(db, memories, most), findings.rarity, findings.answerable)
    meaning = recall.meaning(question.text)
    own = own_lines(compared) if closely else []
    worth = [*compared.likeliest(), *own] if meaning is not None else []
    alike = recall.alike(db, question.text, {one for line in worth for one in meaning_of(line)})
    near = compared.near(alike, 0.0 if may_be_of_life(question.text) else COMES_NEAR) if alike else []
    if near:
        near += [line for line in own if line not in near]
    found = recall.odds(pairs(question, near, owner))
    odds = {} if found is None else dict(zip([line.key for line in near], found.tolist(), strict=True))
    return Evidence(findings, memories, compared, alike, odds, meaning)


def found_in(evidence: Evidence, readings: Sequence[Reading]) -> Found:
    """What there is for the question, for the judgement whether it is about the owner's life."""
    findings = evidence.findings
    return Found(
        readings[0].probability if readings else 0.0,
        findings.answerable,
        findings.found[0].probability if findings.found else 0.0,
        {memory.author for memory in evidence.memories} - {"", "you"},
    )


def recollected(
    db: Connection,
    question: str,
    evidence: Evidence,
    *,
    tokens: int,
    owner: Collection[str] = (),
    of_life: bool = False,
) -> Recollection:
    """What of it the mind gets, with room for about so many tokens. `of_life`: it is known to be about the owner's."""
    findings, memories, compared, alike, odds, meaning = evidence
    readings = read(compared, alike, odds)
    likely = [replace(one.line.memory, score=one.probability) for one in readings]
    there = found_in(evidence, readings)
    known, of_life = of_life, is_of_life(db, question, there.authors, [one.memory.text for one in evidence.lines])
    if meaning is not None:
        of_life = seems_of_life(findings.question, meaning, there, by_words=of_life)
    of_life = of_life or is_of_known(db, question)
    definite = may_be_of_life(question)
    private_from = SURE if of_life or definite else PRIVATE_LIKELY
    bar = FEW if tokens <= SMALL_ROOM else FULL
    judged = choose(question, of_each(likely, memories, bar), tokens=tokens, private_from=private_from, bar=bar)
    apart = Apart(db, question)

    def is_of_another(one: Recalled) -> bool:
        """Whether it tells of another, or only of another what is asked for."""
        own, author = _is_own(one), _other(one)
        if apart(one.text, own=own, author=author):
            return True
        rest = apart.rest(one.text, own=own, author=author)
        return bool(rest) and rest != one.text and not compared.asked.still_answers(one.text, rest)

    judged = [_as_you(one, owner) for one in judged]
    judged = [_left_out(one) if is_of_another(one) else one for one in judged]
    best = next((one for one in judged if not one.left_out), None)
    score = best.score if best else 0.0
    of_life = of_life or (definite and (known or score >= SURELY_MEANT))
    meant = next((one for one in readings if not is_of_another(one.line.memory)), None)
    if of_life and best and _is_sure(question, evidence, readings, judged, meant):
        return Recollection(judged, score, of_life, sure=True)
    about = [one for one in readings if (of_life and one.probability >= LIKELY) or compared.is_about(one.line, alike)]
    told = ((one.line, one.line.memory) for one in about)
    asked = [line for line, one in told if not apart(one.text, own=_is_of_owner(line), author=_other(one))]
    related = asked if of_life or definite else []
    few = [memory for memory in likely if any(memory.text == line.memory.text for line in related)][:MOST_LINES]
    near = choose(question, few, tokens=tokens, private_from=private_from, bar=ANY)
    doubted = _doubted(evidence)
    near = [replace(one, score=min(one.score, DOUBTFUL)) if _key(one) in doubted else one for one in near]
    near = [_as_you(one, owner) for one in near if not one.left_out]
    around = {line.memory.text: line.around for line in related}
    return Recollection(judged, score, of_life, near=near, around=around)


def _is_sure(
    question: str,
    evidence: Evidence,
    readings: Sequence[Reading],
    judged: Sequence[Recalled],
    meant: Reading | None,
) -> bool:
    """Whether what was chosen surely answers: its best line, the birth from which an age is worked out, or several.

    `meant`: the likeliest line that tells of nobody else.
    """
    told = [one for one in judged if not one.left_out]
    if meant and meant.sure and _is_best(told[0], meant):
        return True
    tells_birth = told[0].score >= LIKELY and asks_age(question) and born(question, told[0].text)
    if tells_birth and any(one.fits and one.line.memory.id == told[0].id for one in readings):
        return True
    doubted = _doubted(evidence)
    several = [one for one in told if _key(one) not in doubted]
    fits = {one.line.key for one in readings if one.fits}
    return wants_several(question) and bool(listed(several)) and _key(several[0]) in fits


def _doubted(evidence: Evidence) -> set[tuple[int, str]]:
    """The keys of lines that the cross-encoder doubts."""
    return {line.key for line in evidence.lines if is_doubted(evidence.findings.question, line, evidence.odds)}


def _key(memory: Recalled) -> tuple[int, str]:
    return memory.record_id, memory.text


def _is_best(memory: Recalled, reading: Reading) -> bool:
    """Whether it is what was read, and no other line of the same memory."""
    return memory.id == reading.line.memory.id and memory.score >= reading.probability


def _left_out(memory: Recalled) -> Recalled:
    """The same, with a reason for it."""
    return memory if memory.left_out else replace(memory, left_out="about somebody else")


def _is_of_owner(line: Line) -> bool:
    """Whether the owner said or wrote it."""
    return _is_own(line.memory) or line.kind in (Kind.NOTE, Kind.DOCUMENT)


def _is_own(memory: Recalled) -> bool:
    """Whether the owner said it here."""
    return not memory.source and memory.author in ("", say("sources.you"))


def _other(memory: Recalled) -> str:
    """Who else said or wrote it."""
    return "" if memory.author == say("sources.you") else memory.author


def _as_you(memory: Recalled, owner: Collection[str]) -> Recalled:
    """What the owner wrote under a name of theirs is theirs."""
    mine = memory.author.casefold() in {name.casefold() for name in owner}
    return replace(memory, author=say("sources.you")) if mine else memory
